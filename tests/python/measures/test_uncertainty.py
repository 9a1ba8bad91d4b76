"""The intervals and verdicts are as reliable as promised, simulated with one and five lines per
order.

There are two parts. For many draws, the published formulas run in numpy (`reference_intervals`).
One export of many months, with a population in each, shows that the SQL publishes the same.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pytest
from conftest import Build, Warehouse
from numpy.typing import NDArray
from reference_intervals import (
    CRITICAL_SCORE,
    INDICES,
    Sums,
    estimates,
    even_score,
    intervals,
    standard_errors,
    sums,
    verdict,
)
from vector_export import Mapping, Row, mapping, month, months, write_known

pytestmark = pytest.mark.slow

# Rates of the entities: few and many, skewed and even. Pareto rates are quantiles, not drawn.
MANY = np.arange(0.5, 200) / 200
POPULATIONS: dict[str, NDArray[np.double]] = {
    "Pareto, 200": (1 - MANY) ** (-1 / 1.2),
    "Zipf, 50": 1 / np.arange(1, 51),
    "geometric, 8": np.array([0.6**rank for rank in range(8)]),
    "two large, 40 equal": np.array([0.25, 0.15] + 40 * [0.6 / 40]),
    "even, 50": np.ones(50),
    "even, 7": np.ones(7),
}
SIZES = {300: 60, 2_000: 60, 20_000: 12}  # the number of rows, and the number of draws of each
LINES = (1, 5)
# Amounts of an order's lines. Equal amounts are counts; the last two have hardly any variance.
TAILS: dict[str, Callable[[np.random.Generator, int], NDArray[np.double]]] = {
    "of one size": lambda random, count: np.full(count, 20.0),
    "lognormal, sigma 0.8": lambda random, count: np.exp(random.normal(3, 0.8, count)),
    "lognormal, sigma 1.5": lambda random, count: np.exp(random.normal(3, 1.5, count)),
    "lognormal, sigma 2": lambda random, count: np.exp(random.normal(3, 2, count)),
    "Pareto, exponent 1.5": lambda random, count: 10 * (random.pareto(1.5, count) + 1),
}
USUAL_TAILS = ("of one size", "lognormal, sigma 0.8")


class Drawn(NamedTuple):
    """One simulated export: a customer, an order and an amount for each line."""

    entity: NDArray[np.int_]
    order: NDArray[np.int_]
    amount: NDArray[np.double]


@dataclass
class Tally:
    """How often an interval was published and contained the true value."""

    published: int = 0
    held: int = 0

    @property
    def coverage(self) -> float:
        return self.held / self.published if self.published else 1.0


def draw(
    random: np.random.Generator, rates: NDArray[np.double], rows: int, lines: int, tail: str
) -> Drawn:
    """Draw orders: an entity by its rate, and independent amounts for the lines."""
    orders = rows // lines
    entity = random.choice(len(rates), orders, p=rates / rates.sum()).repeat(lines)
    amount = TAILS[tail](random, orders * lines).round(2)
    return Drawn(entity, np.arange(orders).repeat(lines), amount)


def truth(rates: NDArray[np.double]) -> dict[str, float]:
    """Return the indices of the business behind the data."""
    share = np.sort(rates / rates.sum())
    n, rank = len(share), np.arange(1, len(share) + 1)
    return {
        "hhi": (share**2).sum(),
        "cr1": share[-1],
        "cr10": share[-10:].sum(),
        "gini": ((2 * rank - n - 1) * share).sum() / n,
        "shannon": -(share * np.log(share)).sum(),
    }


Case = tuple[str, int, int, str]  # population, rows, lines per order, tail
# The sums of every draw, and the possible number of entities.
Simulated = dict[Case, list[tuple[Sums, int]]]


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    random = np.random.default_rng(1)
    return {
        (name, rows, lines, tail): [
            (sums(*draw(random, rates, rows, lines, tail), len(rates)), len(rates))
            for _ in range(draws)
        ]
        for rows, draws in SIZES.items()
        for name, rates in POPULATIONS.items()
        for lines in LINES
        for tail in TAILS
    }


def tallied(simulated: Simulated) -> Iterator[tuple[Case, str, Tally]]:
    for case, drawn in simulated.items():
        true = truth(POPULATIONS[case[0]])
        ends = [intervals(found, population) for found, population in drawn]
        for index in INDICES:
            published = [end for each in ends if (end := each[index])]
            held = sum(low - 1e-12 <= true[index] <= high + 1e-12 for low, high in published)
            yield case, index, Tally(len(published), held)


@pytest.fixture(scope="module")
def coverage(simulated: Simulated) -> dict[tuple[Case, str], Tally]:
    return {(case, index): tally for case, index, tally in tallied(simulated)}


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("lines", LINES)
def test_published_intervals_hold_the_truth(
    coverage: dict[tuple[Case, str], Tally], index: str, rows: int, lines: int
) -> None:
    """At least 90% of all intervals of a size contain it, and hardly fewer in any population or
    tail.
    """
    found = {
        case: tally
        for (case, name), tally in coverage.items()
        if name == index and case[1:3] == (rows, lines) and tally.published
    }
    published = sum(tally.published for tally in found.values())
    if published:
        assert sum(tally.held for tally in found.values()) / published >= 0.90
    for case, tally in found.items():
        # Three standard errors below 90% for this number of draws.
        slack = 3 * math.sqrt(0.9 * 0.1 / tally.published)
        assert tally.coverage >= 0.90 - slack, (case, tally)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_no_population_or_tail_is_held_less_often(
    coverage: dict[tuple[Case, str], Tally], index: str, population: str, tail: str
) -> None:
    found = [
        tally
        for ((name, _, _, amounts), of_index), tally in coverage.items()
        if (name, amounts, of_index) == (population, tail, index)
    ]
    published = sum(tally.published for tally in found)
    if published:
        slack = 2 * math.sqrt(0.9 * 0.1 / published)
        assert sum(tally.held for tally in found) / published >= 0.90 - slack


@pytest.mark.parametrize("lines", LINES)
def test_intervals_of_hhi_contain_it_as_often_as_stated(
    coverage: dict[tuple[Case, str], Tally], lines: int
) -> None:
    """Skewed entities from 2,000 rows up: 93% to 97%, plus two standard errors of the draws."""
    found = [
        tally
        for ((name, rows, lines_of_order, tail), index), tally in coverage.items()
        if index == "hhi" and rows >= 2000 and lines_of_order == lines
        if not name.startswith("even") and tail in USUAL_TAILS
    ]
    published = sum(tally.published for tally in found)
    share = sum(tally.held for tally in found) / published
    slack = 2 * math.sqrt(0.95 * 0.05 / published)
    assert 0.93 - slack <= share <= 0.97 + slack


def of_usual_size(simulated: Simulated, *, even: bool) -> Simulated:
    """Return the draws of 2,000 rows with usual amounts, of even or of skewed entities."""
    return {
        case: drawn
        for case, drawn in simulated.items()
        if case[1] == 2000 and case[3] in USUAL_TAILS and case[0].startswith("even") == even
    }


@pytest.mark.parametrize("index", INDICES)
def test_intervals_are_hardly_wider_than_the_draws_spread(simulated: Simulated, index: str) -> None:
    """On average, an interval extends as far as 1.96 standard deviations of its own middle, over
    skewed entities. Those of CR10 and Gini also allow for what few orders add to the index.
    """
    widths = []
    for drawn in of_usual_size(simulated, even=False).values():
        published = [end for each in drawn if (end := intervals(*each)[index])]
        if len(published) < len(drawn):
            continue
        low, high = np.array(published).T
        if (spread := ((low + high) / 2).std(ddof=1)) > 1e-9:
            widths.append((high - low).mean() / 2 / CRITICAL_SCORE / spread)
    assert len(widths) >= 8
    assert 0.9 <= np.mean(widths) <= {"cr10": 1.6, "gini": 1.9}.get(index, 1.1), widths


@pytest.mark.parametrize("index", INDICES)
def test_standard_errors_are_the_spread_of_the_draws(simulated: Simulated, index: str) -> None:
    ratios = [
        np.mean([standard_errors(found)[index] for found, _ in drawn])
        / np.std([estimates(found)[index] for found, _ in drawn], ddof=1)
        for (name, *_), drawn in of_usual_size(simulated, even=False).items()
        if name == "Zipf, 50"
    ]
    assert np.mean(ratios) == pytest.approx(1, abs=0.1), ratios


def test_unbiased_hhi_is_neither_too_high_nor_too_low(simulated: Simulated) -> None:
    """Over all skewed populations, its mean is within three standard errors of the truth; that of
    HHI itself is too high.
    """
    scores: dict[str, list[float]] = defaultdict(list)
    for (name, *_), drawn in of_usual_size(simulated, even=False).items():
        found = {
            "unbiased": np.array([estimates(each)["hhi"] for each, _ in drawn]),
            "raw": np.array([((each.x / each.x.sum()) ** 2).sum() for each, _ in drawn]),
        }
        for kind, hhi in found.items():
            difference = hhi.mean() - truth(POPULATIONS[name])["hhi"]
            scores[kind].append(difference / hhi.std(ddof=1) * math.sqrt(len(hhi)))
    pooled = {kind: sum(each) / math.sqrt(len(each)) for kind, each in scores.items()}
    assert abs(pooled["unbiased"]) < 3 < pooled["raw"]


def test_skewed_entities_are_recognised(simulated: Simulated) -> None:
    verdicts = {
        case: {verdict(*each) for each in drawn}
        for case, drawn in of_usual_size(simulated, even=False).items()
    }
    assert {case for case, found in verdicts.items() if found != {"concentrated"}} == set()


def test_even_entities_are_seldom_judged_otherwise(simulated: Simulated) -> None:
    verdicts = [
        verdict(*each) for drawn in of_usual_size(simulated, even=True).values() for each in drawn
    ]
    assert verdicts.count("indistinguishable_from_even") / len(verdicts) >= 0.90


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("lines", LINES)
def test_equal_chances_are_seldom_called_uneven_or_too_even(
    simulated: Simulated, lines: int, side: int
) -> None:
    called = [
        side * (even_score(found, population) or 0) > CRITICAL_SCORE
        for (name, _, lines_of_order, _), drawn in simulated.items()
        if name.startswith("even") and lines_of_order == lines
        for found, population in drawn
    ]
    assert sum(called) / len(called) <= 0.05


def test_lines_taken_for_orders_would_fail() -> None:
    """This is why the unit of chance is the order: with five lines each, single lines prove
    anything.
    """
    random = np.random.default_rng(2)
    rates = POPULATIONS["even, 50"]
    called = 0
    for _ in range(40):
        drawn = draw(random, rates, 2000, 5, "lognormal, sigma 0.8")
        by_line = sums(drawn.entity, np.arange(len(drawn.entity)), drawn.amount, len(rates))
        called += (even_score(by_line, len(rates)) or 0) > CRITICAL_SCORE
    assert called >= 38


# --- the SQL publishes these formulas ---------------------------------------------------------

BUILT = [
    (name, rows, lines, f"lognormal, sigma {sigma}")
    for name in POPULATIONS
    for rows, lines, sigma in ((300, 1, 0.8), (2_000, 1, 0.8), (2_000, 5, 0.8), (2_000, 5, 1.5))
]
KNOWN = 200


def export(folder: Path, drawn: list[Drawn]) -> Mapping:
    """Write each draw as a month of its own, with the lines of an order at different times."""
    names = np.array([str(month(number)) for number in range(len(drawn))])
    number = np.concatenate([np.full(len(each.entity), place) for place, each in enumerate(drawn)])
    written: dict[str, NDArray[Any]] = {
        "customer": np.concatenate([each.entity for each in drawn]),
        "order_number": np.concatenate([each.order for each in drawn]),
        "amount": np.concatenate([each.amount for each in drawn]),
        "first_day": names[number],
    }
    with duckdb.connect() as connection:
        connection.register("written", written)
        connection.execute(
            "copy (select 'c' || customer as customer, '' as product, amount,"
            " cast(first_day as timestamp) + to_hours(order_number % 24) as time,"
            " order_number as 'order' from written)"
            f" to '{folder / 'interactions.csv'}'"
        )
    columns = {name: name for name in ("customer", "time", "amount", "order")}
    return mapping(
        folder,
        interactions={"files": "interactions.csv", "columns": columns},
        customers=write_known(folder, "customers", KNOWN),
    )


class Built(NamedTuple):
    drawn: list[Drawn]
    warehouse: Warehouse


@pytest.fixture(scope="module")
def built(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Built:
    random = np.random.default_rng(3)
    drawn = [
        draw(random, POPULATIONS[name], rows, lines, tail) for name, rows, lines, tail in BUILT
    ]
    exported = export(tmp_path_factory.mktemp("uncertainty"), drawn)
    return Built(drawn, build(exported, tables=["concentration_indices"]))


Ends = tuple[float, float] | None


def ends(row: Row) -> dict[str, Ends]:
    """Return the published intervals of a row."""
    return {
        index: None if row[f"{index}_low"] is None else (row[f"{index}_low"], row[f"{index}_high"])
        for index in INDICES
    }


def same(published: Ends, expected: Ends) -> bool:
    if published is None or expected is None:
        return published is expected
    return published == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
def test_the_sql_publishes_these_intervals(built: Built, measure: str) -> None:
    different = defaultdict(list)
    rows = months(built.warehouse, "customer", measure)
    for case, drawn, row in zip(BUILT, built.drawn, rows, strict=True):
        amount = np.ones(len(drawn.amount)) if measure == "interactions" else drawn.amount
        found = sums(drawn.entity, drawn.order, amount, KNOWN)
        expected = intervals(found, KNOWN)
        for index, published in ends(row).items():
            if not same(published, expected[index]):
                different[case].append((index, published, expected[index]))
        assert row["transaction_count"] == len(np.unique(drawn.order))
        assert row["effective_transactions"] == pytest.approx(
            found.x.sum() ** 2 / found.q.sum(), rel=1e-9
        )
        assert row["verdict"] == verdict(found, KNOWN), case
    assert not different


def test_a_missing_end_of_an_interval_has_a_reason(built: Built) -> None:
    for measure in ("interactions", "revenue"):
        for row in months(built.warehouse, "customer", measure):
            is_left_out = any(published is None for published in ends(row).values())
            assert is_left_out == (row["interval_reason"] is not None)
