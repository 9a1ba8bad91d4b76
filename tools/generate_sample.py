"""Write a sample export: sales, customers and products, with planted truths and planted defects.

The warehouse is tested against this export because its correct results are known. The generator
records each row that it intends to be valid in integer cents, independently of any SQL, and writes
what it planted to truth.json beside the files.

The rows are generated day by day, with at most 50,000 in memory, so memory is bounded for any size.
All random numbers come from one `random.Random(seed)` and are shaped by additions and
multiplications only, because logarithms and powers differ between platforms: the same arguments
give the same bytes everywhere.

Usage:
    python -m tools.generate_sample
    python -m tools.generate_sample --rows 100000000 --out /tmp/large
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from heapq import nlargest
from math import gcd
from pathlib import Path
from random import Random
from typing import Any

FIRST_DAY = date(2023, 1, 1)
DAY_COUNT, MONTH_COUNT = 731, 24  # two full years, 2023 and 2024
DAY_MINUTES = 24 * 60
PART_ROWS = 50_000  # the largest number of rows in memory
FIRST_CUSTOMER_ID = 1001
MIN_ROWS, MAX_CUSTOMERS, MAX_PRODUCTS = 1_000, 10_000_000, 1_000_000
MIN_CUSTOMERS = MIN_PRODUCTS = 60

KINDS = ("view", "like", "purchase", "return")
VIEW, LIKE, PURCHASE, RETURN, REJECTED = range(len(KINDS) + 1)
# The kind of a row by a random byte: 42% views, 18% likes, 36% purchases, 4% returns.
KIND_BY_BYTE = bytes([VIEW] * 108 + [LIKE] * 46 + [PURCHASE] * 92 + [RETURN] * 10)

# Planted truths. The shares of the key customers in 200 rows: 13, 7, 5, 3.5 and 2.5%.
ROW_PARTS = 200
KEY_CUSTOMER_PARTS = (26, 14, 10, 7, 5)
KEY_PARTS = sum(KEY_CUSTOMER_PARTS)
DOMINANT_CATEGORY = "Home & Kitchen"
DOMINANT_PAYMENT_METHOD = "Credit Card"
PEAK_HOURS = (18, 19, 20, 21)
PEAK_MONTH = 12
# Hours 3 and 4 are empty on purpose: a fixed population keeps empty slots as zeros.
HOUR_WEIGHTS = (1, 1, 1, 0, 0, 1, 1, 2, 3, 4, 4, 4, 5, 4, 3, 3, 4, 6, 10, 12, 13, 10, 5, 3)
OPEN_HOURS = sum(weight > 0 for weight in HOUR_WEIGHTS)
MONTH_WEIGHTS = (9, 8, 9, 9, 9, 10, 9, 9, 10, 11, 14, 26)
WEEKDAY_WEIGHTS = (9, 8, 9, 9, 11, 14, 13)

# Defects: the number of rows in 10,000 with each of them. A row has at most one defect.
REJECTING_FLAWS = {
    "missing_interaction_type": 150,
    "unknown_interaction_type": 50,
    "malformed_timestamp": 50,
    "missing_timestamp": 40,
}
SALES_FLAWS = {
    "blank_row": 500,
    **REJECTING_FLAWS,
    "recased_interaction_type": 150,
    "float_customer_id": 300,
    "padded_ids": 100,
    "missing_customer": 50,
    "unknown_customer": 60,
    "unknown_product": 50,
    "duplicate_row": 50,
}
PRODUCT_FLAWS = {
    "price_with_thousands": 20,
    "price_empty": 200,
    "price_range": 150,
    "price_junk": 100,
    "name_with_quotes": 100,
    "name_with_commas": 100,
    "name_with_accents": 100,
    "name_with_script": 50,
    "missing_category_path": 0,
}
PRICELESS_FLAWS = ("price_empty", "price_range", "price_junk")
FLAW_FLOOR = 3
PRODUCTS_WITHOUT_CATEGORY_PATH = 2

UNKNOWN_KINDS = ("purchse", "wishlist")
MALFORMED_STAMPS = ("31/02/2024 9:15", "2024-13-45", "soon", "12/25/2023 18:30", "07/08/2024 25:10")
JUNK_PRICES = ("Currently unavailable", "See price in cart", "from 3 sellers $", "N/A")

SALES_HEADER = "user id,product id,Interaction type,Time stamp,\r\n"
PRODUCT_HEADER = ("Uniq Id", "Product Name", "Category", "Price")
CATEGORY_PATHS = {
    DOMINANT_CATEGORY: ("Furniture | Chair", "Cookware | Pan", "Bedding | Blanket", "Decor | Lamp"),
    "Electronics": ("Audio | Headphones", "Computer Accessories | Keyboard"),
    "Sports & Outdoors": ("Camping | Tent", "Cycling | Helmet"),
    "Toys & Games": ("Puzzles | Puzzle", "Building Sets | Castle"),
    "Clothing": ("Jackets | Parka", "Knitwear | Cardigan"),
    "Books": ("Fiction | Novel", "Travel | Atlas"),
    "Beauty & Personal Care": ("Skin Care | Balm", "Fragrance | Perfume"),
    "Pet Supplies": ("Dogs | Leash", "Cats | Scratching Post"),
}
CATEGORY_WEIGHTS = (11, 2, 2, 1, 1, 1, 1, 1)
ADJECTIVES = ("Compact", "Classic", "Everyday", "Foldable", "Handmade", "Lightweight", "Modern")
LOOKS = ("Amber", "Charcoal", "Indigo", "Ivory", "Maple", "Oak", "Olive", "Slate", "Teal")

PAYMENT_COLUMN = "Payment Method"
CUSTOMER_COLUMNS: dict[str, Sequence[str]] = {
    "Age": tuple(str(age) for age in range(18, 76)),
    "Gender": ("Female", "Female", "Male", "Male", "Male"),
    "Item Purchased": ("Boots", "Coat", "Dress", "Hat", "Jeans", "Scarf", "Shirt", "Socks"),
    "Category": ("Accessories", "Clothing", "Footwear", "Outerwear"),
    "Purchase Amount (USD)": tuple(str(amount) for amount in range(20, 101)),
    "Location": ("Alaska", "Florida", "Iowa", "Maine", "Ohio", "Oregon", "Texas", "Vermont"),
    "Size": ("S", "M", "M", "L", "L", "XL"),
    "Color": ("Black", "Blue", "Green", "Grey", "Red", "White", "Yellow"),
    "Season": ("Spring", "Summer", "Fall", "Winter"),
    "Review Rating": tuple(f"{tenths // 10}.{tenths % 10}" for tenths in range(25, 51)),
    "Subscription Status": ("Yes", "No", "No"),
    "Shipping Type": ("Standard", "Express", "Free Shipping", "Next Day Air", "Store Pickup"),
    "Discount Applied": ("Yes", "No"),
    "Promo Code Used": ("Yes", "No"),
    "Previous Purchases": tuple(str(count) for count in range(1, 51)),
    PAYMENT_COLUMN: (
        *[DOMINANT_PAYMENT_METHOD] * 5,
        *("Bank Transfer", "Cash", "Debit Card", "PayPal", "Venmo"),
    ),
    "Frequency of Purchases": ("Weekly", "Fortnightly", "Monthly", "Quarterly", "Annually"),
}


@dataclass(frozen=True)
class Size:
    """The number of rows in each file."""

    rows: int
    customers: int
    products: int

    @property
    def strangers(self) -> int:
        """Return the number of customers in the sales that are missing from the customer file."""
        return self.rows // 1_000

    @property
    def people(self) -> int:
        """Return the number of customers with an id: those of the file, then the strangers."""
        return self.customers + self.strangers


@dataclass(frozen=True)
class Customers:
    """What the bookkeeping needs to know about each customer, by index in the file."""

    payment_methods: list[str]
    keys: list[int]
    step: int


@dataclass(frozen=True)
class Products:
    """What the bookkeeping needs to know about each product, by index in the file."""

    codes: list[str]
    cents: list[int]  # 0 if the price text is not a single plain amount
    categories: list[str]
    flaws: dict[str, int]
    step: int


@dataclass
class Block:
    """The rows of one day, as columns; `lines` is the text that is written."""

    customers: list[int]
    products: list[int]
    kinds: bytearray
    moments: list[int]  # minute of the day, after the minutes of one day for each earlier month
    lines: list[str]


class Ledger:
    """Net revenue in cents by entity. The last customer and product collect rows without one."""

    def __init__(self, size: Size) -> None:
        self.by_customer = array("q", bytes(8 * (size.people + 1)))
        self.by_product = array("q", bytes(8 * (size.products + 1)))
        self.by_moment = [0] * (MONTH_COUNT * DAY_MINUTES)
        self.kind_counts = [0] * len(KINDS)
        self.seen = bytearray(size.people + 1)  # 1: the customer has a valid row
        self.moved = bytearray(size.people + 1)  # 1: the customer has a row with revenue

    def enter(self, block: Block, cents: list[int]) -> None:
        """Record rows. `cents` has one price more than there are products: 0, for
        unknown products.
        """
        seen, moved, by_moment = self.seen, self.moved, self.by_moment
        by_customer, by_product = self.by_customer, self.by_product
        for customer, product, kind, moment in zip(
            block.customers, block.products, block.kinds, block.moments, strict=True
        ):
            if kind == REJECTED:
                continue
            seen[customer] = 1
            if kind >= PURCHASE and (value := cents[product]):
                if kind == RETURN:
                    value = -value
                moved[customer] = 1
                by_customer[customer] += value
                by_product[product] += value
                by_moment[moment] += value
        for kind in range(len(KINDS)):
            self.kind_counts[kind] += block.kinds.count(kind)

    def by_hour(self) -> list[int]:
        return [
            sum(sum(self.by_moment[start : start + 60]) for start in self._starts(hour * 60))
            for hour in range(24)
        ]

    def by_month(self) -> list[int]:
        return [sum(self.by_moment[start : start + DAY_MINUTES]) for start in self._starts(0)]

    def _starts(self, minute: int) -> range:
        """Return the positions of that minute of the day in each month."""
        return range(minute, len(self.by_moment), DAY_MINUTES)


class Progress:
    """Print a line to stderr every few seconds; short runs print nothing."""

    def __init__(self, name: str, rows: int, seconds: float = 5.0) -> None:
        self._name, self._rows, self._seconds = name, rows, seconds
        self._start = self._shown = time.monotonic()

    def show(self, written: int) -> None:
        now = time.monotonic()
        if now - self._shown >= self._seconds:
            self._shown = now
            rate = written / (now - self._start)
            print(
                f"{self._name}: {written:,} of {self._rows:,} rows, {rate:,.0f} rows/s",
                file=sys.stderr,
            )


def stride(count: int) -> int:
    """Return a step that visits all of `count` positions, so that popular ids are not
    neighbours.
    """
    return next(step for step in range(count * 5 // 8, count * 2) if gcd(step, count) == 1)


def flaw_counts(total: int, rates: dict[str, int]) -> dict[str, int]:
    return {name: max(FLAW_FLOOR, total * rate // 10_000) for name, rate in rates.items()}


def nth_item(counts: dict[str, int], place: int) -> str:
    """Return the name at `place` if each name is repeated as often as its count."""
    for name, count in counts.items():
        if place < count:
            return name
        place -= count
    raise IndexError("place is beyond the sum of the counts")


def flaw_schedule(rng: Random, total: int, counts: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Yield the positions of all defects in ascending order, in constant memory.

    Each defect has a range of rows to itself and never takes the first row of the range, so that
    the row before a defective one is always valid.
    """
    left = dict(counts)
    flaws = sum(left.values())
    for nth in range(flaws):
        start, end = nth * total // flaws, (nth + 1) * total // flaws
        position = start + 1 + int(rng.random() * (end - start - 1))
        pick = int(rng.random() * (flaws - nth))
        name = nth_item(left, pick)
        left[name] -= 1
        yield position, name


def price_text(rng: Random, cents: int, flaw: str) -> str:
    plain = f"${cents // 100:,}.{cents % 100:02d}"
    if flaw == "price_empty":
        return ""
    if flaw == "price_range":
        return f"{plain} - ${cents // 100 + 3:,}.00"
    if flaw == "price_junk":
        return JUNK_PRICES[int(rng.random() * len(JUNK_PRICES))]
    return plain + " " if rng.random() < 0.5 else plain


def product_name(noun: str, look: str, adjective: str, flaw: str) -> str:
    name = f"{adjective} {look} {noun}"
    changed = {
        "name_with_quotes": f'{name} 12" "Signature"',
        "name_with_commas": f"{name}, boxed, set of 2",
        "name_with_accents": f"{name} Crème Brûlée Größe Ñandú",
        "name_with_script": f"{name} <script>alert('{noun}')</script>",
    }
    return changed.get(flaw, name)


def draw_cents(rng: Random) -> int:
    """Draw prices: many cheap products, few expensive ones."""
    u = rng.random()
    return 499 + int(11_000 * u * u)


def write_products(rng: Random, path: Path, count: int) -> Products:
    flaws = flaw_counts(count, PRODUCT_FLAWS)
    flaws["missing_category_path"] = PRODUCTS_WITHOUT_CATEGORY_PATH
    flaw_at = dict(flaw_schedule(rng, count, flaws))
    tops = [
        top
        for top, weight in zip(CATEGORY_PATHS, CATEGORY_WEIGHTS, strict=True)
        for _ in range(weight)
    ]

    def draw(values: Sequence[str]) -> str:
        return values[int(rng.random() * len(values))]

    products, progress = Products([], [], [], flaws, stride(count)), Progress(path.name, count)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(PRODUCT_HEADER)
        for index in range(count):
            flaw = flaw_at.get(index, "")
            top, code = draw(tops), f"P-{index + 1:06d}"
            cents = draw_cents(rng) + (100_000 if flaw == "price_with_thousands" else 0)
            rest = draw(CATEGORY_PATHS[top])
            name = product_name(rest.split(" | ")[1], draw(LOOKS), draw(ADJECTIVES), flaw)
            has_path = flaw != "missing_category_path"
            writer.writerow(
                (code, name, f"{top} | {rest}" if has_path else "", price_text(rng, cents, flaw))
            )
            products.codes.append(code)
            products.cents.append(0 if flaw in PRICELESS_FLAWS else cents)
            products.categories.append(top if has_path else "")
            if index % PART_ROWS == 0:
                progress.show(index)
    return products


def write_customers(rng: Random, path: Path, count: int) -> Customers:
    keys = [count * part // 16 for part in (5, 13, 2, 9, 11)]
    columns = list(CUSTOMER_COLUMNS.values())
    payment = list(CUSTOMER_COLUMNS).index(PAYMENT_COLUMN)
    customers = Customers([], keys, stride(count))
    draw, progress = rng.random, Progress(path.name, count)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(("Customer ID", *CUSTOMER_COLUMNS)) + "\r\n")
        for index in range(count):
            values = [column[int(draw() * len(column))] for column in columns]
            if index in keys:
                values[payment] = DOMINANT_PAYMENT_METHOD
            customers.payment_methods.append(values[payment])
            file.write(f"{FIRST_CUSTOMER_ID + index},{','.join(values)}\r\n")
            if index % PART_ROWS == 0:
                progress.show(index)
    return customers


class Market:
    """Draw who does what with which product at what time of day."""

    def __init__(self, rng: Random, customers: Customers, products: Products) -> None:
        self._rng = rng
        self._customers = customers
        self._products = products
        self._keys = [
            key
            for key, parts in zip(customers.keys, KEY_CUSTOMER_PARTS, strict=True)
            for _ in range(parts)
        ]
        self._minutes = [
            hour * 60 + minute
            for hour, weight in enumerate(HOUR_WEIGHTS)
            for _ in range(weight)
            for minute in range(60)
        ]
        self._bought = deque(
            zip(self._draw_customers(64), self._draw_products(64), strict=True), maxlen=64
        )
        self._clock = [f"{minute // 60}:{minute % 60:02d}" for minute in range(DAY_MINUTES)]

    def _draw_customers(self, count: int) -> list[int]:
        """Draw key customers by their shares, and the others with a long tail (similar to
        Zipf-Mandelbrot).
        """
        random, keys = self._rng.random, self._keys
        everyone, step = len(self._customers.payment_methods), self._customers.step
        others = ROW_PARTS - KEY_PARTS
        return [
            keys[int(part)]
            if (part := random() * ROW_PARTS) < KEY_PARTS
            else int(everyone * (u := (part - KEY_PARTS) / others) * (0.1 + 0.9 * u))
            * step
            % everyone
            for _ in range(count)
        ]

    def _draw_products(self, count: int) -> list[int]:
        random, everything, step = self._rng.random, len(self._products.codes), self._products.step
        return [
            int(everything * (u := random()) * (0.2 + 0.8 * u)) * step % everything
            for _ in range(count)
        ]

    def trade(self, day: date, count: int) -> Block:
        random, minutes = self._rng.random, self._minutes
        block = Block(
            customers=self._draw_customers(count),
            products=self._draw_products(count),
            kinds=bytearray(self._rng.randbytes(count).translate(KIND_BY_BYTE)),
            moments=sorted([minutes[int(random() * len(minutes))] for _ in range(count)]),
            lines=[],
        )
        self._give_back(block)
        codes, clock, stamp = self._products.codes, self._clock, f"{day.day}/{day:%m/%Y}"
        block.lines = [
            f"{customer + FIRST_CUSTOMER_ID},{codes[product]},{KINDS[kind]},"
            f"{stamp} {clock[minute]},\r\n"
            for customer, product, kind, minute in zip(
                block.customers, block.products, block.kinds, block.moments, strict=True
            )
        ]
        month = (day.year - FIRST_DAY.year) * 12 + day.month - 1
        block.moments = [month * DAY_MINUTES + minute for minute in block.moments]
        return block

    def _give_back(self, block: Block) -> None:
        """A return uses the customer and product of one of the last 64 purchases."""
        random, bought = self._rng.random, self._bought
        for row, kind in enumerate(block.kinds):
            if kind == PURCHASE:
                bought.append((block.customers[row], block.products[row]))
            elif kind == RETURN:
                pair = bought[int(random() * len(bought))]
                block.customers[row], block.products[row] = pair


class Spoiler:
    """Insert the scheduled defects into the rows of each day, and keep the columns equal to the
    text.
    """

    def __init__(self, schedule: Iterator[tuple[int, str]], size: Size) -> None:
        self._schedule = schedule
        self._due = next(schedule, None)
        self._nth = dict.fromkeys(SALES_FLAWS, 0)
        self._size = size
        self._last_row: tuple[int, int, int, int, str] = (0, 0, 0, 0, "")

    def spoil(self, block: Block, first_row: int) -> None:
        rows = len(block.lines)
        while self._due and self._due[0] < first_row + rows:
            position, flaw = self._due
            self._spoil_row(block, position - first_row, flaw)
            self._nth[flaw] += 1
            self._due = next(self._schedule, None)
        self._last_row = self._row(block, rows - 1)

    @staticmethod
    def _row(block: Block, row: int) -> tuple[int, int, int, int, str]:
        return (
            block.customers[row],
            block.products[row],
            block.kinds[row],
            block.moments[row],
            block.lines[row],
        )

    def _spoil_row(self, block: Block, row: int, flaw: str) -> None:
        if flaw == "duplicate_row":
            before = self._row(block, row - 1) if row else self._last_row
            block.customers[row], block.products[row], block.kinds[row] = before[:3]
            block.moments[row], block.lines[row] = before[3:]
            return
        nth, size = self._nth[flaw], self._size
        cells = block.lines[row].split(",")[:4]
        match flaw:
            case "blank_row":
                cells = [""] * 4
            case "missing_interaction_type":
                cells[2] = ""
            case "unknown_interaction_type":
                cells[2] = UNKNOWN_KINDS[nth % len(UNKNOWN_KINDS)]
            case "malformed_timestamp":
                cells[3] = MALFORMED_STAMPS[nth % len(MALFORMED_STAMPS)]
            case "missing_timestamp":
                cells[3] = ""
            case "recased_interaction_type":
                cells[2] = cells[2].upper() if nth % 2 else cells[2].title()
            case "float_customer_id":
                cells[0] += ".0"
            case "padded_ids":
                cells[nth % 2] = f"  {cells[nth % 2]} "
            case "missing_customer":
                block.customers[row], cells[0] = size.people, ""
            case "unknown_customer":
                block.customers[row] = size.customers + nth % size.strangers
                cells[0] = str(block.customers[row] + FIRST_CUSTOMER_ID)
            case "unknown_product":
                block.products[row], cells[1] = size.products, f"X-{nth:06d}"
        if flaw == "blank_row" or flaw in REJECTING_FLAWS:
            block.kinds[row] = REJECTED
        block.lines[row] = ",".join(cells) + ",\r\n"


def day_parts(rng: Random, rows: int) -> Iterator[tuple[date, int]]:
    """Distribute all rows over the days by month, weekday and chance; yield long days in parts."""
    days = [FIRST_DAY + timedelta(days=offset) for offset in range(DAY_COUNT)]
    weights = [
        MONTH_WEIGHTS[day.month - 1]
        * WEEKDAY_WEIGHTS[day.weekday()]
        * (60 + int(rng.random() * 81))
        for day in days
    ]
    whole, before = sum(weights), 0
    for day, weight in zip(days, weights, strict=True):
        count = (before + weight) * rows // whole - before * rows // whole
        before += weight
        for start in range(0, count, PART_ROWS):
            yield day, min(PART_ROWS, count - start)


def write_sales(
    rng: Random, path: Path, size: Size, customers: Customers, products: Products
) -> tuple[Ledger, dict[str, int]]:
    flaws = flaw_counts(size.rows, SALES_FLAWS)
    market = Market(rng, customers, products)
    spoiler = Spoiler(flaw_schedule(rng, size.rows, flaws), size)
    ledger, cents = Ledger(size), [*products.cents, 0]
    progress, written = Progress(path.name, size.rows), 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(SALES_HEADER)
        for day, count in day_parts(rng, size.rows):
            block = market.trade(day, count)
            spoiler.spoil(block, written)
            ledger.enter(block, cents)
            file.writelines(block.lines)
            written += count
            progress.show(written)
    return ledger, flaws


def hhi(values: list[int]) -> float:
    return float(Fraction(sum(value * value for value in values), sum(values) ** 2))


def gini(values: list[int]) -> float:
    """Return the population Gini of values in any order, including zeros of entities in the
    population.
    """
    ranked = sum(rank * value for rank, value in enumerate(sorted(values), start=1))
    count, total = len(values), sum(values)
    return float(Fraction(2 * ranked, count * total) - Fraction(count + 1, count))


def money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def dimension_truth(
    names: Sequence[str] | range, values: Sequence[int], total: int, *, slots: int = 0
) -> dict[str, Any]:
    """Return the largest entity and the indices over entities with positive net revenue.

    Shares refer to their sum. With `slots`, entities without revenue count as zeros.
    """
    positive = [value for value in values if value > 0]
    counted = positive + [0] * (slots - len(positive))
    top, whole = values.index(max(values)), sum(positive)
    return {
        "top": str(names[top]),
        "top_revenue": money(values[top]),
        "top_share": float(Fraction(values[top], whole)),
        "top_10_share": float(Fraction(sum(nlargest(10, positive)), whole)),
        "entity_count": len(counted),
        "positive_revenue": money(whole),
        "unattributed_revenue": money(total - sum(values)),
        "hhi": hhi(counted),
        "gini": gini(counted),
    }


def grouped_truth(keys: Sequence[str], values: Sequence[int], total: int) -> dict[str, Any]:
    """Return the same for values summed by key; an empty key is not an entity."""
    sums: dict[str, int] = {}
    for key, value in zip(keys, values, strict=True):
        if key:
            sums[key] = sums.get(key, 0) + value
    return dimension_truth(list(sums), list(sums.values()), total)


def revenue_truth(ledger: Ledger, customers: Customers, products: Products) -> dict[str, Any]:
    by_customer, by_product = ledger.by_customer[:-1], ledger.by_product[:-1]
    ids = range(FIRST_CUSTOMER_ID, FIRST_CUSTOMER_ID + len(by_customer))
    methods = customers.payment_methods
    by_month = ledger.by_month()
    months = [
        f"{FIRST_DAY.year + index // 12}-{index % 12 + 1:02d}" for index in range(MONTH_COUNT)
    ]
    total = sum(ledger.by_customer)
    return {
        "customer": dimension_truth(ids, by_customer, total),
        "product": dimension_truth(products.codes, by_product, total),
        "category": grouped_truth(products.categories, by_product, total),
        "payment_method": grouped_truth(methods, by_customer[: len(methods)], total),
        "hour": dimension_truth(range(24), ledger.by_hour(), total, slots=OPEN_HOURS),
        "month": dimension_truth(months, by_month, total),
        "month_of_year": grouped_truth(
            [str(index % 12 + 1) for index in range(MONTH_COUNT)], by_month, total
        ),
    }


def customer_counts(ledger: Ledger) -> dict[str, int]:
    """Return the number of customers with an id, by the sign of their net revenue."""
    values, seen, moved = ledger.by_customer[:-1], ledger.seen[:-1], ledger.moved[:-1]
    positive = sum(value > 0 for value in values)
    negative = sum(value < 0 for value in values)
    return {
        "with_valid_rows": sum(seen),
        "positive_net": positive,
        "nonpositive_net": sum(seen) - positive,
        "negative_net": negative,
        "zero_net_after_returns": sum(moved) - positive - negative,
        "without_revenue_rows": sum(seen) - sum(moved),
    }


def truth(
    size: Size,
    seed: int,
    ledger: Ledger,
    flaws: dict[str, int],
    customers: Customers,
    products: Products,
) -> dict[str, Any]:
    rejected = {reason: flaws[reason] for reason in REJECTING_FLAWS}
    kinds = dict(zip(KINDS, ledger.kind_counts, strict=True))
    return {
        "seed": seed,
        "rows": size.rows,
        "customers": size.customers,
        "products": size.products,
        "accounting": {
            "raw": size.rows,
            "blank": flaws["blank_row"],
            "rejected_by_reason": rejected,
            "valid": sum(kinds.values()),
        },
        "interaction_types": kinds,
        "defects": {"sales": flaws, "products": products.flaws},
        "planted": {
            "key_customers": [str(FIRST_CUSTOMER_ID + key) for key in customers.keys],
            "dominant_category": DOMINANT_CATEGORY,
            "dominant_payment_method": DOMINANT_PAYMENT_METHOD,
            "peak_hours": list(PEAK_HOURS),
            "peak_month_of_year": PEAK_MONTH,
        },
        "totals": {
            "interactions": sum(kinds.values()),
            "purchases": kinds["purchase"],
            "revenue": money(sum(ledger.by_customer)),
        },
        "customer_counts": customer_counts(ledger),
        "revenue_by": revenue_truth(ledger, customers, products),
    }


def generate(size: Size, seed: int, out: Path) -> None:
    """Write the three files and truth.json into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    products = write_products(rng, out / "product_details.csv", size.products)
    customers = write_customers(rng, out / "customer_details.csv", size.customers)
    ledger, flaws = write_sales(rng, out / "sales_data.csv", size, customers, products)
    facts = truth(size, seed, ledger, flaws, customers, products)
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    (out / "truth.json").write_text(text, encoding="utf-8", newline="\n")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write a sample export with known answers.")
    parser.add_argument("--rows", type=int, default=12_000, help="rows of sales_data.csv")
    parser.add_argument("--customers", type=int, help="default: rows / 8, at most 10,000,000")
    parser.add_argument("--products", type=int, help="default: rows / 15, at most 1,000,000")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("data/sample"), help="folder to write to")
    return parser.parse_args(arguments)


def sized(rows: int, customers: int | None, products: int | None) -> Size:
    """Return the requested sizes. Raises ValueError with the name of a size that is out
    of bounds.
    """
    size = Size(
        rows,
        min(rows // 8, MAX_CUSTOMERS) if customers is None else customers,
        min(rows // 15, MAX_PRODUCTS) if products is None else products,
    )
    if size.rows < MIN_ROWS:
        raise ValueError(f"--rows {size.rows}: ask for {MIN_ROWS:,} or more")
    if not MIN_CUSTOMERS <= size.customers <= MAX_CUSTOMERS:
        raise ValueError(
            f"--customers {size.customers}: ask for {MIN_CUSTOMERS} to {MAX_CUSTOMERS:,}"
        )
    if not MIN_PRODUCTS <= size.products <= MAX_PRODUCTS:
        raise ValueError(f"--products {size.products}: ask for {MIN_PRODUCTS} to {MAX_PRODUCTS:,}")
    return size


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        size = sized(options.rows, options.customers, options.products)
        generate(size, options.seed, options.out)
    except (OSError, ValueError) as error:
        print(f"generate_sample: {error}", file=sys.stderr)
        return 1
    print(
        f"{options.out}: {size.rows:,} sales rows, {size.customers:,} customers,"
        f" {size.products:,} products, and what is true of them in truth.json"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
