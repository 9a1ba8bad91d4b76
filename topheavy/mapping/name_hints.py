"""Typical headers and values in seven languages: data for the draft of a mapping.

Words are in lower case without accents, as `normalized` writes a header. A hint of four or more
letters also counts at the beginning or end of a word, for German and Dutch compounds
(`Rechnungsdatum`). To add a language, add its words.

Usage:
    from topheavy.mapping.name_hints import name_score, normalized
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# en | de | fr | es | pt | it | nl
ROLE_HINTS: dict[str, tuple[str, ...]] = {
    "customer": (
        *("customer", "client", "buyer", "user", "member", "shopper", "account"),
        *("cust", "household", "payee", "payer", "merchant", "supplier", "counterparty", "patient"),
        *("guest", "donor", "lieferant", "auftraggeber", "zahlungsempfanger", "beneficiaire"),
        *("empfanger", "fournisseur", "proveedor", "fornecedor", "fornitore", "leverancier"),
        *("partner", "vendor", "begunstigter", "zahlungsbeteiligter", "name zahlungsbeteiligter"),
        *("kunde", "kunden", "kaufer", "debitor", "acheteur", "utilisateur"),
        *("cliente", "clientes"),
        *("comprador", "usuario", "acquirente", "utente", "klant", "klanten"),
        *("koper", "afnemer"),
    ),
    "product": (
        *("product", "item", "sku", "stockcode", "stock code", "asin", "ean", "upc", "article"),
        *("artikel", "produkt", "material", "produit", "producto", "articulo"),
        *("produto", "artigo"),
        *("prodotto", "articolo"),
    ),
    # The most detailed name of what was sold, for exports without a product.
    "sub_category": (
        *("sub category", "subcategory", "unterkategorie", "untergruppe", "sous categorie"),
        *("subcategoria", "sottocategoria", "subcategorie", "product type"),
    ),
    "product_name": (
        *("product name", "item name", "product title", "description", "product description"),
        *("produktname", "artikelname", "bezeichnung", "artikelbezeichnung", "beschreibung"),
        *("nom du produit", "designation", "libelle", "nombre del producto", "descripcion"),
        *("nome do produto", "descricao", "nome prodotto", "descrizione", "productnaam"),
        "omschrijving",
    ),
    "interaction_type": (
        *("interaction type", "event type", "event", "interaction"),
        *("action", "transaction type"),
        *("activity", "vorgangsart", "vorgang", "ereignis", "type d evenement", "evenement"),
        *("type de transaction", "tipo de evento", "evento"),
        *("tipo de transaccion", "tipo evento"),
        *("tipo de transacao", "tipo transazione", "gebeurtenis", "transactietype", "belegart"),
    ),
    "time": (
        *("date", "time", "timestamp", "time stamp", "datetime", "day", "datum", "zeit", "tag"),
        *("zeitpunkt", "zeitstempel", "heure", "jour", "horodatage", "fecha", "hora", "dia"),
        *("data", "giorno", "ora", "tijd", "tijdstip", "dag", "hour", "clock"),
    ),
    "amount": (
        *("amount", "sales", "total", "revenue", "turnover", "spent", "spend", "value", "net"),
        *("sold for", "subtotal", "proceeds", "gross", "line total", "umsatz", "betrag"),
        *("summe", "gesamt", "gesamtpreis", "netto"),
        *("brutto", "erlos", "warenwert", "montant", "chiffre d affaires", "ventes", "ca ht"),
        *("importe", "monto", "ventas", "ingresos", "valor", "vendas", "receita", "importo"),
        *("totale", "fatturato", "vendite", "ricavo", "bedrag", "totaal", "omzet", "waarde", "amt"),
        *("brut", "avant commission", "bruto", "lordo", "montant brut", "importe bruto"),
    ),
    "quantity": (
        *("quantity", "qty", "units", "unit count", "pieces", "menge", "anzahl", "stuck"),
        *("stuckzahl", "quantite", "qte", "nombre", "cantidad", "unidades"),
        *("quantidade", "qtd"),
        *("quantita", "qta", "pezzi", "aantal", "hoeveelheid", "stuks"),
    ),
    "unit_price": (
        *("unit price", "price", "price per unit", "unitprice", "einzelpreis", "stuckpreis"),
        *("preis", "prix unitaire", "prix", "pu ht", "precio unitario"),
        *("precio", "preco unitario"),
        *("preco", "prezzo unitario", "prezzo", "stukprijs", "eenheidsprijs", "prijs"),
    ),
    "category": (
        *("category", "product category", "department", "product group", "product line"),
        *("kategorie", "warengruppe", "produktgruppe", "artikelgruppe"),
        *("sortiment", "categorie"),
        *("famille", "rayon", "categoria", "familia", "departamento", "famiglia", "reparto"),
        *("productgroep", "afdeling", "groep"),
    ),
    "payment_method": (
        *("payment method", "payment type", "payment", "paid with", "zahlungsart", "zahlart"),
        *("zahlungsmethode", "bezahlart", "zahlung", "mode de paiement", "moyen de paiement"),
        *("paiement", "reglement", "metodo de pago", "forma de pago", "medio de pago", "pago"),
        *("forma de pagamento", "metodo de pagamento", "metodo di pagamento", "pagamento"),
        *("betaalmethode", "betaalwijze", "betaling"),
    ),
    "order": (
        *("order", "invoice", "transaction", "receipt", "basket", "ticket", "document"),
        *("bestellung", "bestell", "auftrag", "rechnung", "beleg", "bon"),
        *("commande", "facture"),
        *("pedido", "factura", "encomenda", "fatura", "nota fiscal", "ordine", "fattura"),
        *("scontrino", "bestelling", "factuur", "invoiceno"),
    ),
    "name": (
        *("name", "title", "bezeichnung", "titel", "nom", "libelle", "nombre"),
        *("titulo", "nome"),
        *("titolo", "naam", "omschrijving", "description"),
    ),
    "age": ("age", "alter", "edad", "idade", "eta", "leeftijd"),
    "gender": (
        *("gender", "sex", "geschlecht", "sexe", "genre", "genero", "sexo", "sesso", "genere"),
        "geslacht",
    ),
    "location": (
        *("location", "city", "state", "region", "country", "town", "ort", "stadt"),
        *("land", "ville"),
        *("pays", "ciudad", "pais", "provincia", "cidade", "estado", "citta"),
        *("paese", "regione"),
        *("plaats", "stad", "woonplaats"),
    ),
    "purchase_frequency": (
        *("purchase frequency", "frequency of purchases", "frequency", "kaufhaufigkeit"),
        *("haufigkeit", "frequence", "frecuencia", "frequencia", "frequenza", "frequentie"),
    ),
    "subscription_status": (
        *("subscription status", "subscription", "subscriber", "abonnement", "abo", "abonne"),
        *("suscripcion", "assinatura", "abbonamento", "newsletter"),
    ),
    "price": (
        *("price", "selling price", "list price", "preis", "listenpreis"),
        *("verkaufspreis", "prix"),
        *("precio", "preco", "prezzo", "prijs", "verkoopprijs"),
    ),
}  # fmt: skip
# A header with one of these words does not have that role, whatever else it contains.
ROLE_VETOES: dict[str, tuple[str, ...]] = {
    "customer": (
        *("age", "segment", "group", "type", "city", "country", "region", "state", "gender"),
        *("alter", "gruppe", "ort", "stadt", "land", "ville", "pays", "ciudad"),
        *("pais", "agent"),
    ),
    "product": (
        *("category", "group", "type", "price", "kategorie", "gruppe", "preis", "prix"),
        "product line",
        *("categorie", "categoria", "precio", "preco", "prezzo", "prijs", "groep", "quantity"),
        *("weight", "menge", "anzahl", "cost", "brand", "total", "subtotal", "amount", "tax"),
        *("discount", "betrag", "summe", "umsatz", "montant", "importe", "valor", "bedrag"),
    ),
    "time": (
        *("ship", "shipping", "shipped", "delivery", "delivered", "due", "birth"),
        *("expiry", "update"),
        *("updated", "modified", "estimated", "approved", "joined", "registered"),
        *("signup", "age"),
        *("versand", "liefer", "fallig", "geburt", "livraison", "expedition"),
        *("echeance", "envio"),
        *("naissance", "entrega", "vencimiento", "nacimiento", "vencimento", "nascimento"),
        *("spedizione", "consegna", "scadenza", "nascita", "verzend", "levering", "verval"),
        *("geboorte", "zone", "lead", "duration", "dauer", "duree", "duracion", "duracao"),
        *("durata", "duur", "arrival", "pickup", "prep", "opening", "closing"),
    ),
    "amount": (
        *("profit", "margin", "discount", "tax", "vat", "cost", "shipping", "freight"),
        *("fee", "rate"),
        *("number", "no", "nr", "count", "code", "refunded", "collected"),
        *("tip", "balance", "id", "unit", "previous", "rating", "gewinn", "marge", "rabatt"),
        *("steuer", "mwst", "ust", "kosten", "versand", "benefice", "remise", "taxe"),
        *("tva", "cout"),
        *("frais", "livraison", "beneficio", "descuento", "impuesto", "iva", "coste", "envio"),
        *("desconto", "imposto", "lucro", "custo", "frete", "sconto", "imposta"),
        *("costo", "utile"),
        *("korting", "btw", "winst", "verzendkosten", "quantity", "menge"),
    ),
    "unit_price": ("total", "gesamt", "totale", "totaal", "cost", "tax", "discount"),
    "category": ("sub", "unter", "sous", "sotto", "customer", "id"),
    "payment_method": ("status", "date", "amount", "datum", "betrag", "id", "value"),
    "order": (
        *("date", "status", "quantity", "datum", "fecha", "type", "priority", "value", "amount"),
        *("total", "auftraggeber", "line", "item"),
    ),
    "interaction_type": ("id", "date", "time"),
    "location": ("store", "id", "code"),
    "purchase_frequency": ("date",),
}  # fmt: skip
# A price with one of these words is usually a purchase price, not one that customers pay.
BUYING_WORDS = (
    *("buying", "purchase", "cost", "wholesale", "einkauf", "ek", "selbstkosten", "achat"),
    *("revient", "compra", "coste", "costo", "custo", "acquisto", "inkoop", "kostprijs"),
)
ID_WORDS = (
    *("id", "no", "nr", "num", "number", "code", "key", "nummer", "numero", "codigo", "codice"),
    *("ref", "reference", "referencia", "matricule", "uniq", "unique", "uuid"),
)
NAME_WORDS = ("name", "nom", "nombre", "nome", "naam", "vorname", "nachname", "title", "titel")
COMPOUND_LETTERS = 4

# A column with this name can have the interaction types if its values say so.
TYPE_HEADERS = ("type", "typ", "art", "tipo", "kind", "soort", "belegart", "vorgang")
TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "purchase": (
        *("purchase", "purchased", "buy", "bought", "sale", "sold", "order", "transaction"),
        *("invoice", "kauf", "verkauf", "rechnung", "achat", "vente", "facture"),
        *("compra", "venta"),
        *("venda", "factura", "acquisto", "vendita", "fattura", "aankoop"),
        *("verkoop", "factuur"),
    ),
    "return": (
        *("return", "returned", "refund", "refunded", "credit note", "credit"),
        *("retoure", "storno"),
        *("gutschrift", "ruckgabe", "erstattung", "retour", "remboursement", "avoir"),
        *("devolucion", "reembolso", "devolucao", "estorno", "reso"),
        *("rimborso", "nota di credito"),
        *("retourzending", "terugbetaling", "creditnota"),
    ),
}
CANCELLED_WORDS = (
    *("cancelled", "canceled", "cancel", "void", "voided", "failed", "declined", "storniert"),
    *("abgebrochen", "annule", "annulee", "cancelado", "cancelada", "anulado", "annullato"),
    *("geannuleerd", "unavailable"),
)
MISSING_TEXTS = (
    *("error", "unknown", "null", "n/a", "#n/a", "#ref!", "#value!", "nan", "(null)"),
    *("none", "?"),
    *("unbekannt", "inconnu", "desconocido", "desconhecido", "sconosciuto", "onbekend"),
)


# ---- what makes a file readable in two ways --------------------------------------------------

# Values of a debit-or-credit column, and headers of separate columns for money in and out.
OUT_WORDS = (
    *("debit", "debits", "debet", "dr", "db", "d", "out", "paid out", "money out", "withdrawal"),
    *("withdrawals", "outflow", "outgoing", "expense", "expenses", "spent", "soll", "s", "af"),
    *("belastung", "lastschrift", "ausgang", "ausgabe", "ausgaben", "auszahlung", "sortie"),
    *("debit eur", "depense", "depenses", "cargo", "cargos", "debe", "salida", "salidas", "gasto"),
    *("gastos", "debito", "saida", "despesa", "addebito", "addebiti", "dare", "uscita", "uscite"),
    *("uitgaven", "uit", "debiteur", "charge", "charges", "payment out", "payments out"),
    *("retrait", "paid", "sent", "egreso", "egresos", "bezahlt", "belastungen", "zahlungsausgang"),
    *("dbit", "debited", "wn", "winien", "obciazenie", "borc", "minus"),
)
IN_WORDS = (
    *("credit", "credits", "cr", "c", "in", "paid in", "money in", "deposit", "deposits"),
    *("inflow", "incoming", "income", "haben", "h", "bij", "gutschrift", "gutschriften", "eingang"),
    *("einnahme", "einnahmen", "einzahlung", "entree", "credito", "recette", "recettes", "abono"),
    *("abonos", "haber", "ingreso", "ingresos", "entrada", "entradas", "receita", "accredito"),
    *("accrediti", "avere", "entrata", "entrate", "inkomsten", "payment in", "payments in"),
    *("receipt", "receipts", "received", "depot", "versement", "zahlungseingang", "k", "kredit"),
    *("crdt", "credited", "ma", "uznanie", "alacak", "plus"),
)
# Rows of these types or statuses take revenue back; a hint at the beginning of a word counts, too.
RETURNED_WORDS = (
    *("return", "returned", "refund", "refunded", "partially refunded", "chargeback", "reversal"),
    *("reversed", "credit memo", "credit note", "creditmemo", "credit", "void", "voided"),
    *("retoure", "retourniert", "ruckgabe", "ruckerstattung", "erstattet", "erstattung", "storno"),
    *("storniert", "stornierung", "gutschrift", "zuruckgegeben", "zuruckgesendet"),
    *("retour", "retourne", "retournee", "rembourse", "remboursee", "remboursement", "avoir"),
    *("note de credit", "devolucion", "devuelto", "devuelta", "reembolso", "reembolsado"),
    *("nota de credito", "abono", "devolucao", "devolvido", "estorno", "estornado", "reembolsada"),
    *("reso", "rimborso", "rimborsato", "nota di credito", "stornato", "retourzending"),
    *("geretourneerd", "terugbetaling", "terugbetaald", "terugbetaalde", "creditnota"),
    *("gecrediteerd", "correction", "korrektur", "correctie"),
)
# Fees and transfers: deductions from sales, or movements of their money.
FEE_WORDS = (
    *("fee", "fees", "commission", "commissions", "tax", "taxes", "vat", "payout", "payouts"),
    *("transfer", "transfers", "withdrawal", "withdrawals", "disbursement", "topup", "reserve"),
    *("gebuhr", "gebuhren", "provision", "auszahlung", "uberweisung", "steuer", "abbuchung"),
    *("frais", "virement", "retrait", "taxe", "reversement", "comision", "tarifa", "transferencia"),
    *("retiro", "retirada", "impuesto", "saque", "imposto", "commissione", "tassa", "bonifico"),
    *("prelievo", "imposta", "commissie", "overboeking", "opname", "uitbetaling", "belasting"),
)
# Interactions without a sale, such as views: their rows may have a price but bring no money.
LOOKING_WORDS = (
    *(
        "view",
        "viewed",
        "click",
        "clicked",
        "cart",
        "add to cart",
        "added to cart",
        "like",
        "liked",
    ),
    *("wishlist", "impression", "search", "remove from cart", "page view", "share", "favorite"),
    *("visit", "download", "install", "open", "scroll", "addtocart", "product view", "rating"),
)
# Words of rows that add up others or carry a balance forward.
TOTAL_WORDS = (
    *("total", "totals", "subtotal", "sub total", "grand total", "sum", "sum total", "overall"),
    *("summe", "gesamt", "gesamtsumme", "zwischensumme", "teilsumme", "endsumme", "gesamtbetrag"),
    *("insgesamt", "totaux", "sous total", "total general", "somme", "suma", "suma total"),
    *(
        "subtotales",
        "totales",
        "total geral",
        "soma",
        "totale",
        "totali",
        "subtotale",
        "totale generale",
    ),
    *("somma", "totaal", "subtotaal", "eindtotaal", "totalen", "balance", "saldo"),
    *("ergebnis", "gesamtergebnis", "total de ventas", "total ventas", "total facture"),
    *("opening balance", "closing balance", "beginning balance", "ending balance", "start balance"),
    *("end balance", "balance forward", "balance brought forward", "balance carried forward"),
    *("brought forward", "carried forward", "previous balance", "new balance", "anfangssaldo"),
    *("anfangsbestand", "endsaldo", "endbestand", "schlusssaldo", "saldovortrag", "ubertrag"),
    *("alter kontostand", "neuer kontostand", "kontostand", "eroffnungssaldo", "abschlusssaldo"),
    *("solde", "solde initial", "solde final", "solde precedent", "ancien solde", "nouveau solde"),
    *("report a nouveau", "saldo inicial", "saldo final", "saldo anterior", "saldo iniziale"),
    *("saldo finale", "saldo precedente", "beginsaldo", "eindsaldo", "openingssaldo", "slotsaldo"),
)
STATE_HEADERS = (
    *("status", "state", "statut", "estado", "stato", "zustand", "situation", "situacao"),
    *("result", "outcome", "auftragsstatus", "bestellstatus", "orderstatus"),
)
# Columns that identify people are not useful as dimensions.
PERSON_WORDS = (
    *("email", "e mail", "mail", "phone", "telephone", "tel", "mobile", "fax", "address", "street"),
    *("addr", "address1", "address2", "address line"),
    *("first name", "firstname", "last name", "lastname", "surname", "full name", "contact"),
    *(
        "birthday",
        "birth date",
        "date of birth",
        "dob",
        "ssn",
        "tax number",
        "tax id",
        "vat number",
    ),
    *("vat id", "tax no", "passport", "iban", "bic", "account number", "card number", "password"),
    *("vorname", "nachname", "familienname", "telefon", "handy", "anschrift", "adresse", "strasse"),
    *("hausnummer", "steuernummer", "ust id"),
    *("ustid", "geburtsdatum", "ansprechpartner", "kontonummer", "prenom", "nom de famille"),
    *("courriel", "rue", "numero de tva", "numero fiscal", "correo", "telefono"),
    *("direccion", "calle", "apellido", "apellidos", "nif", "dni", "cif", "rfc", "cpf", "cnpj"),
    *("endereco", "rua", "telefone", "celular", "sobrenome", "indirizzo", "via", "cognome"),
    *("codice fiscale", "partita iva", "adres", "straat", "voornaam", "achternaam"),
    *("telefoon", "telefoonnummer", "mobiel", "btw nummer", "bsn", "ip", "ip address"),
)


# The words that headers in capitals without blanks are made of.
HEADER_WORDS = frozenset(
    (
        *("order", "ordered", "orders", "line", "item", "product", "customer", "client", "sales"),
        *("sale", "invoice", "date", "time", "stamp", "day", "month", "year", "quarter", "number"),
        *("no", "nr", "num", "id", "code", "key", "name", "first", "last", "full", "contact"),
        *("phone", "mobile", "mail", "address", "street", "city", "state", "country", "region"),
        *("postal", "zip", "territory", "price", "each", "unit", "cost", "amount", "total", "net"),
        *("gross", "tax", "vat", "discount", "quantity", "qty", "count", "status", "type", "kind"),
        *("category", "sub", "group", "class", "segment", "brand", "vendor", "supplier", "store"),
        *("shop", "branch", "channel", "method", "payment", "paid", "ship", "shipped", "shipping"),
        *("delivery", "due", "deal", "size", "color", "value", "revenue", "profit", "margin"),
        *("currency", "rate", "user", "account", "transaction", "purchase", "return", "returned"),
        *("description", "title", "stock", "sku", "department", "division", "rep", "agent"),
        *(
            "employee",
            "manager",
            "birth",
            "gender",
            "age",
            "email",
            "created",
            "updated",
            "posting",
        ),
        *("document", "reference", "ref", "receipt", "card", "cash", "bank", "event", "session"),
    )
)


@lru_cache(maxsize=65_536)
def normalized(header: str) -> str:
    """Return a header as lower-case words without accents: `KundenNr.` becomes `kunden nr`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _in_words(header.strip()))
    plain = unicodedata.normalize("NFKD", apart.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def _in_words(header: str) -> str:
    """Split a header in capitals without blanks into words: `ORDERDATE` becomes `order date`."""
    found = re.fullmatch(r"([A-Z]{6,})([0-9]*)", header)
    words = _split(found[1].lower()) if found else ()
    return f"{' '.join(words)} {found[2]}" if found and len(words) > 1 else header


@cache
def _split(letters: str) -> tuple[str, ...]:
    """Return the fewest known words that spell the letters; empty if there are none."""
    if letters in HEADER_WORDS or not letters:
        return (letters,) if letters else ()
    splits = [
        (letters[:end], *rest)
        for end in range(2, len(letters) - 1)
        if letters[:end] in HEADER_WORDS and (rest := _split(letters[end:]))
    ]
    return min(splits, key=len, default=())


def has_word(name: str, words: tuple[str, ...]) -> bool:
    """Return whether one of the words is a word of the normalized name."""
    return not set(words).isdisjoint(name.split())


@lru_cache(maxsize=10_000)
def name_score(header: str, role: str) -> int:
    """Return how well a header fits a role, from 0 to 5."""
    name = normalized(header)
    score = _hint_score(name, best_hint(header, role))
    if score and role in ("customer", "product", "order"):
        score += has_word(name, ID_WORDS) or name.endswith(("id", "nr", "nummer"))
        score -= has_word(name, NAME_WORDS)
    return score


def sounds_like(header: str, words: tuple[str, ...]) -> bool:
    """Return whether a header matches one of the words in the same way as a hint."""
    return any(_hint_score(normalized(header), word) for word in words)


def best_hint(header: str, role: str) -> str:
    """Return the hint of a role that a header matches best; empty if none does or a
    veto applies.
    """
    name = normalized(header)
    if sounds_like(header, ROLE_VETOES.get(role, ())):
        return ""
    best = max(ROLE_HINTS[role], key=lambda hint: _hint_score(name, hint))
    return best if _hint_score(name, best) else ""


def _hint_score(name: str, hint: str) -> int:
    """Return 4 if the hint is the name, 3 if it is among its words, 2 if it begins or
    ends a word.
    """
    if not hint:
        return 0
    if name == hint:
        return 4
    if f" {hint} " in f" {name} ":
        return 3
    part = len(hint) >= COMPOUND_LETTERS and " " not in hint
    ends = (word.startswith(hint) or word.endswith(hint) for word in name.split())
    return 2 if part and any(ends) else 0
