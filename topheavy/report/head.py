"""The first screen: the subject and date of the page, what matters most, and the state of the
limits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import duckdb

from topheavy.numbers import capitalized, listed, number
from topheavy.report.blocks import limit_anchor
from topheavy.report.facts import Fact, Facts

# The series of the details that accompany a finding's headline.
DETAILS = "details"
# The section with the evidence of a finding, by the model that it comes from.
EVIDENCE = {
    "limit_status": "limits",
    "value_changes": "changes",
    "concentration_changes": "changes",
    "change_contributors": "changes",
    "stress_results": "stress",
    "compound_exposure": "compound",
    "attention_gap": "attention",
    "time_patterns": "timing",
    "data_quality": "quality",
}
# The number of findings on the first screen.
FIRST = 3
STATES = {
    "breach": ("beyond the limit", "■"),
    "warn": ("beyond the warning level", "▲"),
    "ok": ("within limits", "●"),
    "not_measurable": ("not measurable", "○"),
}
# The confidence of a finding, in the page's words.
CONFIDENCE = {
    "beyond noise": "clearly beyond chance",
    "within noise of the limit": "its interval reaches the limit",
    "few orders": "rests on few orders",
    "orders in bursts": "less certain: orders come in bursts",
}
COLOURS = {"breach": "breach", "warn": "warn", "ok": "ok", "not_measurable": "muted"}


@dataclass(frozen=True)
class Edition:
    """How a page was made: version, currency, and the number of entities of each kind."""

    version: str = ""
    currency: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyFigure:
    """A number in the header of the page."""

    label: str
    text: str
    source: str
    note: str
    link: str = ""


@dataclass(frozen=True)
class Finding:
    """A finding of the risk register: headline, confidence, amount if it is money, and action."""

    rank: int
    title: str
    rest: str
    money: str
    source: str
    confidence: str
    advice: str
    evidence: str = ""
    evidence_title: str = ""

    @property
    def is_first(self) -> bool:
        return self.rank <= FIRST


@dataclass(frozen=True)
class LimitState:
    """The number of limits in one state, and their names."""

    words: str
    mark: str
    colour: str
    count: int
    # Limits that need attention, by name and with their anchor on the page.
    names: list[tuple[str, str]]


def read_edition(warehouse: duckdb.DuckDBPyConnection) -> Edition:
    """Read how a warehouse was built."""
    columns = {
        name
        for (name,) in warehouse.execute(
            "select column_name from duckdb_columns() where table_name = 'build_info'"
        ).fetchall()
    }
    wanted = [it for it in ("topheavy_version", "currency") if it in columns]
    found = (
        warehouse.execute(f"select {', '.join(wanted)} from build_info").fetchone()
        if wanted
        else None
    )
    info = dict(zip(wanted, found or (), strict=False))
    seen = warehouse.execute(
        "select dimension, count(distinct entity_id) from entity_concentration"
        " where dimension in ('customer', 'product') group by dimension order by dimension"
    ).fetchall()
    version, currency = (str(info.get(it) or "") for it in ("topheavy_version", "currency"))
    return Edition(version, currency, dict(seen))


def title(facts: Facts) -> str:
    export = facts.overview("Export")
    return (export.detail if export else None) or "Export"


def days(facts: Facts) -> str:
    """Return the first and last day of the data."""
    first, last = (facts.overview(label) for label in ("First day", "Last day"))
    found = [row.detail for row in (first, last) if row and row.detail]
    return " to ".join(found)


def as_of(facts: Facts, edition: Edition, published_at: str) -> list[tuple[str, str, str]]:
    """Return period, publication time, version and currency: name, text, and the machine-readable
    time.
    """
    published = published_at.replace("T", " ").replace("Z", " UTC")
    money = edition.currency or "not named in the mapping"
    has_money = any(row.unit == "money" or row.unit.isupper() for row in facts.section("overview"))
    lines = [
        ("Period", days(facts), ""),
        ("Published", published, published_at),
        ("Currency", money if has_money else "", ""),
        ("Made with", f"Topheavy {edition.version}" if edition.version else "", ""),
    ]
    return [line for line in lines if line[1]]


def running_foot(name: str, published_at: str) -> str:
    """Return the name, date and page number at the foot of each printed page."""
    left = " · ".join(filter(None, [name, published_at[:10] and f"published {published_at[:10]}"]))
    return (
        "\n@page { @bottom-left { content: "
        + css_text(left)
        + '; } @bottom-right { content: "page " counter(page) " of " counter(pages); } }\n'
    )


def css_text(text: str) -> str:
    """Return a text for a style sheet, with codes for characters that could end it."""
    letters = (it if it.isalnum() or it in " .,-·" else f"\\{ord(it):x} " for it in text)
    return json.dumps("")[0] + "".join(letters) + '"'


def key_figures(facts: Facts, edition: Edition) -> list[KeyFigure]:
    shown = [
        key_figure(row, facts, edition)
        for row in facts.by_position("overview")
        if row.value is not None and row.unit not in ("date", "text")
    ]
    links = {"Limits broken": "limits", "Things worth attention": "findings"}
    return [replace(it, link=links.get(it.label, "")) for it in shown]


def key_figure(row: Fact, facts: Facts, edition: Edition) -> KeyFigure:
    """Return a number with what it counts: customers with revenue, out of all in the data."""
    label, note = row.words, row.detail or ""
    dimension = (row.key or "").split(", ")[0]
    if row.column == "entity_count" and dimension in ("customer", "product"):
        label = capitalized(f"{facts.several(dimension)} with {facts.measure}")
        seen = edition.seen.get(dimension)
        note = note or (f"of {number(seen, 'count')} seen" if seen else "")
    elif row.column == "total_value" and not note:
        note = "in the whole period"
    return KeyFigure(label, number(row.value, row.unit), row.source, note)


def findings(facts: Facts, sections: Mapping[str, str] | None = None) -> list[Finding]:
    """Return the entries of the register in order; empty if there are none."""
    found = [row for row in facts.by_position("headline") if row.position > 0]
    details = {row.position: row.words for row in found if row.series == DETAILS}
    shown = [row for row in found if row.series != DETAILS]
    return [finding(row, details.get(row.position, ""), sections or {}) for row in shown]


def finding(row: Fact, details: str, sections: Mapping[str, str]) -> Finding:
    place = EVIDENCE.get((row.key or "").split(":")[0], "")
    return Finding(
        row.position,
        row.words,
        capitalized(details),
        "" if row.value is None else number(row.value, row.unit),
        row.source,
        CONFIDENCE.get(row.state or "", row.state or ""),
        row.detail or "",
        place if place in sections else "",
        sections.get(place, ""),
    )


def calm(facts: Facts) -> str:
    """Describe an empty register."""
    return " ".join(row.words for row in facts.section("headline") if row.position == 0)


def cautions(facts: Facts) -> list[str]:
    """Return what a reader must know before the first figure: limitations that the data themselves
    cause.
    """
    verdicts = facts.section("concentration")
    reasons: dict[str, dict[str, None]] = {}
    for row in verdicts:
        if row.state == "more_even_than_chance":
            reasons.setdefault(row.detail or "", {})[row.series] = None
    return [
        f"{capitalized(listed([name.lower() for name in names]))}: {reason}."
        for reason, names in reasons.items()
    ]


def limit_states(facts: Facts) -> list[LimitState]:
    """Return the limits by state, the broken ones first and by name."""
    rows = facts.by_position("limits")
    states = []
    for state, (words, mark) in STATES.items():
        found = [row for row in rows if state_of(row) == state]
        if found:
            named = found if state in ("breach", "warn") else []
            names = [(row.words, limit_anchor(row)) for row in named]
            states.append(LimitState(words, mark, COLOURS[state], len(found), names))
    return states


def state_of(row: Fact) -> str:
    return row.state if row.state in STATES else "not_measurable"
