"""Describe the differences between two releases, as text for a terminal or as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from topheavy.markdown import bullets
from topheavy.numbers import count_of, listed, number
from topheavy.publish.differences import (
    Differences,
    EntityChange,
    FileChange,
    FindingChange,
    LimitChange,
    LimitState,
    SetupChange,
    TableChange,
)
from topheavy.visible import LONGEST_NAME, readable

# The number of lines that one part shows before it says how many more there are.
LINES, LINES_IN_SHORT = 40, 8
INDENT = " " * 12
KINDS = ("entered", "left", "moved")


@dataclass(frozen=True)
class Part:
    """One kind of difference: its title, and a line for each difference."""

    name: str
    lines: tuple[str, ...]
    more: str = ""
    """Further differences that have no line."""


def parts(found: Differences, lines: int = LINES) -> list[Part]:
    """Return what differs, causes first, without parts in which nothing differs."""
    moved = [it for it in found.entities if it.kind in KINDS]
    others = len(found.entities) - len(moved)
    by_place = sorted(moved, key=lambda it: (it.dimension, KINDS.index(it.kind), it.rank or 0))
    limits = sorted(found.limits, key=lambda it: status_of(it.before) == status_of(it.now))
    named = "has another value" if others == 1 else "have another value"
    everything = [
        part("files", [file_line(it, found.measure) for it in found.files], lines),
        part("setup", [setup_line(it) for it in found.setup], lines),
        part("findings", [finding_line(it) for it in found.findings], lines),
        part("limits", [limit_line(it) for it in limits], lines),
        part(
            "largest",
            [entity_line(it) for it in by_place],
            lines,
            f"{others:,} of the ten largest in the same place {named}" if others else "",
        ),
        part("tables", [table_line(it) for it in found.tables], lines),
    ]
    return [it for it in everything if it.lines or it.more]


def part(name: str, lines: Sequence[str], longest: int, more: str = "") -> Part:
    rest = len(lines) - longest
    also = [f"and {rest:,} more"] if rest > 0 else []
    return Part(name, (*map(readable, lines[:longest]), *also), more)


def as_text(found: Differences, title: str) -> str:
    """Return the differences as text for a terminal."""
    if found.is_empty:
        return f"{title}\n  nothing   no file, finding, limit, top entity or table differs"
    output = [title]
    for it in parts(found):
        lines = [*it.lines, *([it.more] if it.more else [])]
        output.append(f"  {it.name:<10}{lines[0]}")
        output += [INDENT + line for line in lines[1:]]
    return "\n".join(output)


def as_markdown(found: Differences, lines: int = LINES_IN_SHORT) -> str:
    """Return the differences as Markdown, a list for each kind."""
    if found.is_empty:
        return "No file, finding, limit, top entity or table differs.\n"
    return "\n".join(
        f"**{TITLES[it.name]}**\n\n" + bullets([*it.lines, *([it.more] if it.more else [])])
        for it in parts(found, lines)
    )


TITLES = {
    "files": "Files",
    "setup": "Mapping and versions",
    "findings": "Findings",
    "limits": "Limits",
    "largest": "Top entities",
    "tables": "Tables",
}


def in_short(found: Differences) -> str:
    """Summarize the number of differences in one line."""
    kinds = Counter(it.kind for it in found.findings)
    findings = [count_of(kinds[kind], f"{kind} finding", f"{kind} findings") for kind in kinds]
    states = sum(status_of(it.before) != status_of(it.now) for it in found.limits)
    counts = [
        count_of(len(found.files), "file", "files") if found.files else "",
        *findings,
        count_of(states, "limit with another status", "limits with another status")
        if states
        else "",
        count_of(len(found.tables), "table", "tables") if found.tables else "",
    ]
    return listed([it for it in counts if it]) or "nothing"


# ---- lines -----------------------------------------------------------------------------------


def file_line(it: FileChange, measure: str) -> str:
    rows = change_of(rows_of(it.rows_before), rows_of(it.rows))
    money = change_of(money_of(it.money_before), money_of(it.money))
    text = f"{it.kind}: {name_of(it.name)} ({it.block}), {rows}"
    return f"{text}, {money} of {measure}" if money and measure == "revenue" else text


def setup_line(it: SetupChange) -> str:
    return f"{it.name}: {name_of(it.now)}, before {name_of(it.before)}"


def finding_line(it: FindingChange) -> str:
    money = change_of(at_risk(it.money_before), at_risk(it.money))
    text = f"{it.kind}: {it.headline}" + (f"; {money} a year" if money else "")
    if it.kind == "changed" and it.headline != it.headline_before:
        text += f"; before: {it.headline_before}"
    return text + because_of(it.files)


def limit_line(it: LimitChange) -> str:
    was, now = it.before, it.now
    status = change_of(status_of(was), status_of(now))
    values = change_of(value_of(was, it.indicator), value_of(now, it.indicator))
    text = f"{it.limit_id} ({it.dimension}): {status}"
    text += f"; {it.indicator} {values}" if values else ""
    bounds = change_of(bound_of(was, it.indicator), bound_of(now, it.indicator))
    text += f" against {bounds}" if bounds else ""
    if was and now and was.period_start != now.period_start:
        text += f"; period from {now.period_start}, before from {was.period_start}"
    return text


def entity_line(it: EntityChange) -> str:
    places = change_of(place(it.rank_before), place(it.rank))
    shares = change_of(share_of(it.share_before), share_of(it.share))
    text = f"{it.dimension} {name_of(it.label)} {it.kind}: place {places}"
    return text + (f", {shares}" if shares else "") + because_of(it.files)


def table_line(it: TableChange) -> str:
    if it.rows_before is None or it.rows is None:
        return f"{it.name}: {'new' if it.rows_before is None else 'gone'}"
    rows = change_of(rows_of(it.rows_before), rows_of(it.rows))
    text = f"{it.name}: {rows}" + (", other values" if it.rows_before == it.rows else "")
    text += f"; new columns {', '.join(it.columns_added)}" if it.columns_added else ""
    return text + (f"; without {', '.join(it.columns_removed)}" if it.columns_removed else "")


def because_of(files: Sequence[str]) -> str:
    return f" (rows of {', '.join(map(name_of, files))})" if files else ""


def change_of(before: str, now: str) -> str:
    """Return the current text, and the former one if it differs."""
    if not before or not now or before == now:
        return now or before
    return f"{now}, before {before}"


def name_of(text: str) -> str:
    return readable(text, LONGEST_NAME)


def rows_of(rows: int | None) -> str:
    return "" if rows is None else count_of(rows, "row", "rows") if rows < 2 else f"{rows:,} rows"


def money_of(money: Decimal | None) -> str:
    return "" if money is None else f"{money:,.2f}"


def at_risk(money: float | None) -> str:
    return "" if money is None else number(money, "money")


def place(rank: int | None) -> str:
    return "none" if rank is None else f"{rank:,}"


def share_of(share: float | None) -> str:
    return "" if share is None else number(share, "share")


def status_of(state: LimitState | None) -> str:
    return state.status.replace("_", " ") if state else "no such limit"


def value_of(state: LimitState | None, indicator: str) -> str:
    return "" if not state else of_indicator(state.indicator_value, indicator)


def bound_of(state: LimitState | None, indicator: str) -> str:
    return "" if not state else of_indicator(state.breach_at, indicator)


def of_indicator(value: float | None, indicator: str) -> str:
    """Return a value in the unit of its indicator: a share in percent, an index unchanged."""
    if value is None:
        return ""
    return number(value, "share" if is_share(indicator) else "index")


def is_share(indicator: str) -> bool:
    return indicator.startswith(("cr", "top_")) or indicator.endswith("share")
