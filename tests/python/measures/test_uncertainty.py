"""The intervals and verdicts hold what they promise, over hundreds of simulated months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from conftest import Build, Warehouse
from numpy.typing import NDArray
from vector_export import Mapping, mapping, month, months, write_known

pytestmark = pytest.mark.slow

# Zipf's rates: the i-th customer buys 1/i as often as the first.
CUSTOMERS, DRAWS, ROWS_PER_DRAW = 40, 500, 2000
RATES = 1 / np.arange(1, CUSTOMERS + 1)
CHANCES = RATES / RATES.sum()
TRUE_HHI = float((CHANCES**2).sum())

# Equal chances: seven weekdays, 24 hours, and as many products and customers as are known.
KNOWN = {"products": 50, "customers": 500}
EVEN_DIMENSIONS = ("weekday", "hour", "product", "customer")
EVEN_DRAWS, EVEN_ROWS = 400, (300, 2000)


def export(folder: Path, known: dict[str, int], columns: dict[str, NDArray[Any]]) -> Mapping:
    """Write one row per transaction, amounts lognormal; return the mapping."""
    names = [str(month(number)) for number in range(columns["draw"].max() + 1)]
    written = {name: column for name, column in columns.items() if name != "draw"}
    written["first_day"] = np.array(names)[columns["draw"]]
    with duckdb.connect() as connection:
        connection.register("written", written)
        connection.execute(
            "copy (select 'c' || customer as customer, 'p' || product as product, round(amount, 2)"
            " as amount, cast(first_day as timestamp) + to_hours(hour) as time from written)"
            f" to '{folder / 'interactions.csv'}'"
        )
    return mapping(folder, **{name: write_known(folder, name, known[name]) for name in known})


@pytest.fixture(scope="module")
def zipf(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Months in which customers buy at their rates: Poisson counts, lognormal amounts."""
    draw = np.random.default_rng(1)
    counts = draw.poisson(CHANCES * ROWS_PER_DRAW, (DRAWS, CUSTOMERS))
    month_number, customer = np.indices(counts.shape).reshape(2, -1).repeat(counts.ravel(), axis=1)
    columns = {
        "draw": month_number,
        "customer": customer,
        "product": np.zeros_like(customer),
        "hour": np.full_like(customer, 12),
        "amount": draw.lognormal(3, 0.8, len(customer)),
    }
    folder = tmp_path_factory.mktemp("zipf")
    return build(
        export(folder, {"customers": CUSTOMERS}, columns), tables=["concentration_indices"]
    )


@pytest.fixture(scope="module")
def even(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Months in which nobody and no hour is preferred: four full weeks each."""
    draw = np.random.default_rng(2)
    month_number = np.repeat(np.arange(EVEN_DRAWS), draw.integers(*EVEN_ROWS, EVEN_DRAWS))
    size = len(month_number)
    columns = {
        "draw": month_number,
        "customer": draw.integers(KNOWN["customers"], size=size),
        "product": draw.integers(KNOWN["products"], size=size),
        "hour": draw.integers(28 * 24, size=size),
        "amount": draw.lognormal(3, 1, size),
    }
    even_export = export(tmp_path_factory.mktemp("even"), KNOWN, columns)
    return build(even_export, tables=["concentration_indices"])


def column(warehouse: Warehouse, measure: str, name: str) -> NDArray[np.double]:
    return np.array([row[name] for row in months(warehouse, "customer", measure)])


def verdict_shares(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    verdicts = [row["verdict"] for row in rows]
    return {verdict: verdicts.count(verdict) / len(rows) for verdict in set(verdicts)}


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
def test_interval_covers_the_true_hhi(zipf: Warehouse, measure: str) -> None:
    estimate = column(zipf, measure, "hhi_unbiased")
    reach = 1.96 * column(zipf, measure, "hhi_se")
    assert len(estimate) == DRAWS
    assert 0.90 <= np.mean(abs(estimate - TRUE_HHI) <= reach) <= 0.98
    assert abs(estimate.mean() - TRUE_HHI) < 3 * estimate.std() / np.sqrt(DRAWS)


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
@pytest.mark.parametrize(
    ("index", "error"),
    [
        ("hhi_unbiased", "hhi_se"),
        ("hhi", "hhi_se"),
        ("cr1", "cr1_se"),
        ("cr10", "cr10_se"),
        ("gini", "gini_se"),
        ("shannon_entropy", "shannon_se"),
    ],
)
def test_standard_error_is_the_spread_of_the_draws(
    zipf: Warehouse, index: str, error: str, measure: str
) -> None:
    spread = column(zipf, measure, index).std()
    assert column(zipf, measure, error).mean() == pytest.approx(spread, rel=0.10)


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
@pytest.mark.parametrize("dimension", EVEN_DIMENSIONS)
def test_equal_chances_are_seldom_called_concentrated(
    even: Warehouse, dimension: str, measure: str
) -> None:
    shares = verdict_shares(months(even, dimension, measure))
    assert shares.get("concentrated", 0) <= 0.06
    assert shares.get("more_even_than_chance", 0) <= 0.06
    assert shares["indistinguishable_from_even"] >= 0.90


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
def test_concentration_is_recognised(zipf: Warehouse, measure: str) -> None:
    assert verdict_shares(months(zipf, "customer", measure)) == {"concentrated": 1}
