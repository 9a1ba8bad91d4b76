"""Detect rows of an export that are not sales: totals, repeated headers, page footers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    CENT,
    CLEAR,
    Rows,
    accepted,
    cell,
    leave_out,
    literals,
    money,
    rows_word,
)
from topheavy.draft.questions import Answer, Question
from topheavy.mapping.name_hints import TOTAL_WORDS, normalized
from topheavy.mapping.sources import literal

# Up to this many values are listed; if there are more, the word that they begin with is.
VALUES_LISTED = 6
# Rows that add up others are fewer than this share of all rows.
FEW_ROWS = 0.34
ANY_TOTAL = "|".join(sorted(TOTAL_WORDS, key=len, reverse=True))
EXACT = re.compile(rf"(?:{ANY_TOTAL})")
TOTAL_START = re.compile(rf"(?:{ANY_TOTAL})\b")
TOTAL_END = re.compile(rf"^(.+?) (?:{ANY_TOTAL})$")


def total_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows that add up others, found by the word that they begin with or by
    their amount.
    """
    found = _by_words(rows) or _by_sums(rows)
    if not found:
        return
    column, values = found
    marked = f"{cell(column)} in {literals(values)}"
    count = rows.count(marked)
    total, rest = rows.total(), rows.total(f"not ({marked})")
    shown = ", ".join(f"'{value}'" if value else "nothing" for value in values[:3])
    more = " ..." if len(values) > 3 else ""
    yield Question(
        f"{rows_word(count)} with {shown}{more} in '{column.name}': are they totals of other rows? "
        f"The total is {money(total)} with them and {money(rest)} without them."
        if abs(total - rest) > CENT
        else f"{rows_word(count)} with {shown}{more} in '{column.name}': "
        "are they totals of other rows?",
        (
            _leave_totals_out(column, values, f"they are totals: {money(rest)}"),
            accepted("total_rows", f"they are sales: {money(total)}"),
        ),
        AT,
        "total_rows",
        count,
    )
    rows.drop(marked)


def _leave_totals_out(column: Column, values: Sequence[str], words: str) -> Answer:
    if len(values) <= VALUES_LISTED:
        return leave_out(column, list(values), "total_row", words)
    begin = [value for value in values if TOTAL_START.match(normalized(value))]
    end = [value for value in values if value not in begin]
    rule: dict[str, object] = {"column": column.name}
    if begin:
        rule["starts_with"] = sorted({value.split()[0] for value in begin})
    if end:
        rule["ends_with"] = sorted({f" {value.split()[-1]}" for value in end})
    return Answer(words, (((*AT, "leave_out"), [rule | {"reason": "total_row"}]),))


def _labels(rows: Rows) -> list[Column]:
    """Return the columns that may label a total, those with a role first."""
    first = [column for role, column in rows.roles.items() if column not in rows.amounts]
    others = [column for column in rows.table.columns if column not in first]
    return [
        column
        for column in (*first, *others)
        if column.name not in rows.used and column not in rows.amounts
    ]


def _by_words(rows: Rows) -> tuple[Column, list[str]] | None:
    labels = _labels(rows)
    like_totals = _texts_like_totals(rows, labels)
    for column in labels:
        texts = like_totals.get(column.place, [])
        names = {normalized(text): text for text, _ in texts}
        others = _names(rows, column) if names else set()
        values = [
            text
            for name, text in sorted(names.items())
            if EXACT.fullmatch(name) or _is_total_of(others, name)
        ]
        count = sum(uses for text, uses in texts if text in values)
        if values and count < FEW_ROWS * rows.table.rows:
            return column, [
                text for text, _ in sorted(texts) if normalized(text) in map(normalized, values)
            ]
    return None


def _texts_like_totals(rows: Rows, columns: Sequence[Column]) -> dict[int, list[tuple[str, int]]]:
    """Return the texts of each column that begin or end with a word for a total, with their rows.

    The texts are collected first, so that one pattern is prepared for all columns.
    """
    if not columns:
        return {}
    texts = " union all ".join(
        f"select {column.place} as place, {cell(column)} as text, count(*) as uses from used_rows"
        " group by text"
        for column in columns
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for place, text, uses in rows.select(
        f"with texts as materialized ({texts}) select place, text, uses from texts where"
        " regexp_matches(lower(strip_accents(text)),"
        f" '^\\W*(?:{_starts()})|(?:{_ends()})\\W*$')"
    ):
        found.setdefault(place, []).append((text, uses))
    return found


def _starts() -> str:
    return "|".join(sorted({word.split()[0] for word in TOTAL_WORDS}))


def _ends() -> str:
    return "|".join(sorted({word.split()[-1] for word in TOTAL_WORDS}))


def _names(rows: Rows, column: Column) -> set[str]:
    """Return all distinct values of a column."""
    texts = rows.select(f"select distinct {cell(column)} from used_rows")
    return {normalized(text) for (text,) in texts}


def _is_total_of(others: set[str], name: str) -> bool:
    """Return whether a label is a total of something else.

    `Total X` and `X Total` are if X is a value of the same column or the label contains `for`:
    shops have such names, too.
    """
    ended = TOTAL_END.match(name)
    if ended and ended[1] in others:
        return True
    begun = EXACT.match(name)
    if not begun or (begun.end() < len(name) and name[begun.end()] != " "):
        return False
    rest = re.sub(
        r"^(?:for|of|fur|pour|de|per|voor|von|du|del|di|do)\s+", "", name[begun.end() :].strip()
    )
    if rest != name[begun.end() :].strip() or re.fullmatch(r"[0-9 ]+", rest):
        return True
    return rest in others


def _by_sums(rows: Rows) -> tuple[Column, list[str]] | None:
    """Ask about rows without customer or product, or the last row, whose amount adds up those
    above.
    """
    for role in ("customer", "product", "order"):
        column = rows.roles.get(role)
        if not column or column.name in rows.used:
            continue
        for value in ["", *_last_value(rows, column)]:
            marked = f"{cell(column)} = {literal(value)}"
            count, summed = rows.select(
                "select count(*), count(*) filter (abs(money - block) < "
                f"{CENT} or abs(money - before) < {CENT}) from (select *,"
                f" sum(case when not ({marked}) then money end) over"
                " (order by place rows between unbounded preceding and 1 preceding) as before,"
                f" sum(case when not ({marked}) then money end) over (partition by part"
                " order by place rows between unbounded preceding and current row) as block from"
                f" (select *, sum(case when {marked} then 1 else 0 end) over (order by place"
                " rows between unbounded preceding and 1 preceding) as part from used_rows"
                f" where money is not null)) where {marked} and money <> 0"
            )[0]
            inside = rows.count("money is not null") - count
            if count and inside >= 2 * count + 1 and summed >= CLEAR * count:
                return column, [value]
    return None


def _last_value(rows: Rows, column: Column) -> list[str]:
    """Return the value of the last row with an amount, if no other row has it."""
    found = rows.select(
        f"select max_by({cell(column)}, place) from used_rows where money is not null"
    )[0][0]
    if not found or rows.count(f"{cell(column)} = {literal(found)}") != 1:
        return []
    return [found]


def repeated_headers(rows: Rows) -> Iterator[Question]:
    """Ask about header lines among the rows, as in joined files."""
    columns = [column for column in rows.table.columns if column.name]
    alike = " + ".join(
        f"(lower({cell(item)}) = lower({literal(item.name)}))::int" for item in columns
    )
    is_header = f"({alike}) * 2 >= {len(columns)} and ({alike}) > 1"
    count = rows.count(is_header)
    column = rows.time or (rows.amounts[0] if rows.amounts else None)
    if not count or not column:
        return
    rows_are = "row is" if count == 1 else "rows are"
    yield Question(
        f"{count:,} {rows_are} a repeated header line, with '{column.name}' in the column of "
        "that name, as if files were joined: should they be left out? They contain no money.",
        (
            leave_out(column, [column.name], "repeated_header", "leave them out"),
            accepted("repeated_headers", "reject them and count them as rejected"),
        ),
        AT,
        "repeated_headers",
        count,
    )
    rows.drop(is_header)


def footer_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows with one text and no amount, such as `Page 1 of 3`."""
    if len(rows.table.columns) < 3 or not rows.time:
        return
    places = range(len(rows.table.layout.header))
    filled = " + ".join(f"(c{place} <> '')::int" for place in places)
    texts = "concat_ws('', " + ", ".join(f"c{place}" for place in places) + ")"
    # A heading has an amount below it; a footer is below the amounts or at the end.
    alone = f"{filled} = 1 and money is null"
    count, example = rows.select(
        f"select count(*), min_by({texts}, place) from (select *, lead(money) over (order by place)"
        f" as following, lag(money) over (order by place) as before from used_rows) where {alone}"
        f" and (following is null or regexp_matches(lower({texts}), '{PAGE}'))"
        f" and not regexp_matches(lower({texts}), '^(?:{_starts()})')"
    )[0]
    if not count or count > FEW_ROWS * rows.table.rows:
        return
    time = rows.time
    column = time
    if not rows.count(f"{alone} and {cell(time)} = ''") and rows.amounts:
        column = rows.amounts[0]
    if column.name in rows.used or rows.count(f"money is not null and {cell(column)} = ''"):
        answers: tuple[Answer, ...] = ()
    else:
        answers = (leave_out(column, [""], "footer_row", "leave them out"),)
    yield Question(
        f"{rows_word(count)} contain one text and nothing else, such as '{example}', like the "
        "footer of a page or file: should they be left out? They contain no money.",
        (*answers, accepted("footer_rows", "reject them and count them as rejected")),
        AT,
        "footer_rows",
        count,
    )


# Return the texts of page footers.
PAGE = "|".join(
    (
        "^[^0-9a-z]*(?:page|seite|pagina|página|pag|p[.]|blad)[^0-9a-z]*[0-9]",
        *("printed", "gedruckt", "imprim", "downloaded", "generated", "erstellt am", "record"),
    )
)
