"""The page's words for its questions: dimensions, measures and states by their keys."""

from __future__ import annotations

from topheavy.numbers import capitalized
from topheavy.report.answers import Answers
from topheavy.report.facts import CALENDAR, Facts
from topheavy.report.head import COLOURS, STATES
from topheavy.report.limit_view import CHANGED

FIRST_ASKED = "customer"


def asked(answers: Answers, facts: Facts) -> Answers:
    """Return the answers in the words of the business, with the most important dimensions first."""
    labels = labels_of(facts)
    dimensions = list(answers.data["dimensions"])
    ranks = facts.dimension_ranks()
    order = sorted(
        dimensions,
        key=lambda it: (
            labels.get(it) in CALENDAR or it == "date",
            ranks.get(labels.get(it, ""), len(ranks)),
            it,
        ),
    )
    measures = {it: measure_words(answers, facts, it) for it in measures_of(answers)}
    more = {
        "words": {
            "dimensions": {it: dimension_words(facts, labels, it) for it in dimensions},
            "measures": measures,
            "states": {state: [mark, words] for state, (words, mark) in STATES.items()},
            "colours": COLOURS,
        },
        "order": order,
        "first": FIRST_ASKED if FIRST_ASKED in order else next(iter(order), ""),
        "first_measure": answers.data["main"],
        "changed": CHANGED,
    }
    return Answers({**answers.data, **more})


def measures_of(answers: Answers) -> list[str]:
    found = {it: None for by_measure in answers.data["indices"].values() for it in by_measure}
    return sorted(found)


def labels_of(facts: Facts) -> dict[str, str]:
    """Return the name of each dimension, by the key of its rows."""
    rows = facts.section("concentration")
    return {(row.key or "").split(", ")[0]: row.series for row in rows}


def dimension_words(facts: Facts, labels: dict[str, str], dimension: str) -> dict[str, str]:
    label = labels.get(dimension) or capitalized(dimension.replace("_", " "))
    return {"label": label, "one": facts.nouns(label, 1), "many": facts.nouns(label)}


def measure_words(answers: Answers, facts: Facts, measure: str) -> dict[str, str]:
    unit = "count"
    if measure == "revenue":
        money = [
            row.unit
            for row in facts.rows
            if row.unit == "money" or (len(row.unit) == 3 and row.unit.isupper())
        ]
        unit = money[0] if money else "money"
    return {"words": facts.of_measure(measure), "unit": unit}
