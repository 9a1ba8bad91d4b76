"""Compute every index directly from its definition in numpy, as a reference for the SQL.

The method is that of a textbook and differs from the SQL: list the entities, sort them, take
shares, apply the formula. Long doubles keep the error of the reference well below the tolerance of
the comparison.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[Any]  # integer, floating point or decimal
Vector = NDArray[np.longdouble]
Row = dict[str, Any]

CONCENTRATION_RATIOS = (1, 4, 5, 10, 20)
TOP_PERCENTS = (1, 5, 10, 20)
REACHED_PERCENTS = (50, 80)


def is_near(actual: float | None, expected: float | None) -> bool:
    """Return whether two values agree to a relative 1e-12, or to 1e-14 if terms cancel to zero."""
    if actual is None or expected is None:
        return actual is expected
    return math.isclose(actual, expected, rel_tol=1e-12, abs_tol=1e-14)


def differences(actual: Row, expected: Row) -> list[str]:
    """Return the columns of `expected` that differ in `actual`."""
    return [
        f"{name}: {actual[name]!r}, expected {value!r}"
        for name, value in expected.items()
        if not is_near(actual[name], value)
    ]


def descending(values: Numbers) -> Vector:
    """Return the values as long doubles, the largest first."""
    return np.sort(np.array(values, dtype=float).astype(np.longdouble))[::-1]


def entities_to(values: Numbers, percent: int) -> int:
    """Count the largest entities that reach a percentage of the total, in exact arithmetic."""
    ranked = sorted(map(Fraction, values), reverse=True)
    enough = sum(ranked) * Fraction(percent, 100)
    return 1 + sum(1 for reached in accumulate(ranked) if reached < enough)


def indices(values: Numbers, *, keep_zeros: bool = False) -> Row:
    """Return every index of the values; zeros count in n only if the population is fixed."""
    kept = [value for value in values if value > 0 or (keep_zeros and value == 0)]
    x = descending(kept)
    n = len(x)
    if not x.sum() > 0:
        return {
            "entity_count": n,
            **dict.fromkeys(("cr1", "hhi", "gini", "shannon_entropy", "mld")),
        }
    s = x / x.sum()
    held = s[s > 0]
    rank = np.arange(1, n + 1)
    hhi = (s**2).sum()
    entropy = -(held * np.log(held)).sum()
    gini = 1 + (1 - 2 * (rank * s).sum()) / n
    log_mean = np.log(n * held).sum() / n if len(held) == n else None
    found: Row = {
        "entity_count": n,
        **{f"cr{k}": s[:k].sum() for k in CONCENTRATION_RATIOS},
        **{f"top_{p}pct_share": s[: math.ceil(Fraction(n * p, 100))].sum() for p in TOP_PERCENTS},
        **{f"entities_to_{p}pct": entities_to(kept, p) for p in REACHED_PERCENTS},
        "hhi": hhi,
        "hhi_normalized": (hhi - 1 / np.longdouble(n)) / (1 - 1 / np.longdouble(n))
        if n > 1
        else None,
        "effective_number": 1 / hhi,
        "effective_number_shannon": np.exp(entropy),
        "shannon_entropy": entropy,
        "pielou_evenness": entropy / np.log(np.longdouble(len(held))) if len(held) > 1 else 1,
        "gini": gini,
        "gini_unbiased": gini * n / (n - 1) if n > 1 else None,
        "hall_tideman": 1 / (2 * (rank * s).sum() - 1),
        "theil_t": np.log(np.longdouble(n)) - entropy,
        "mld": -log_mean if log_mean is not None else None,
        "ge2": (n * hhi - 1) / 2,
        "hoover": np.abs(s - 1 / np.longdouble(n)).sum() / 2,
        "atkinson_05": 1 - (np.sqrt(n * s).sum() / n) ** 2,
        "atkinson_1": 1 - np.exp(log_mean) if log_mean is not None else 1,
        "hannah_kay_3": np.sqrt((s**3).sum()),
    }
    return found


def sums_and_squares(transactions: Sequence[Numbers]) -> tuple[Vector, Vector]:
    """Return each entity's value and its sum of squared amounts, the largest entity first."""
    pairs = [(sum(entity), sum(value * value for value in entity)) for entity in transactions]
    x, q = np.array(sorted(pairs, reverse=True), dtype=float).astype(np.longdouble).T
    return x, q


def unbiased_hhi(transactions: Sequence[Numbers]) -> tuple[float, float]:
    """Return the probability that two transactions share an entity, and the weight of
    such pairs.
    """
    x, q = sums_and_squares(transactions)
    alone = q.sum() / x.sum() ** 2
    met = ((x / x.sum()) ** 2).sum() - alone
    return float(met / (1 - alone)) if alone != 1 else math.nan, float(1 - alone)


def standard_errors(transactions: Sequence[Numbers]) -> Row:
    """Return the standard errors, from each entity's transactions."""
    x, q = sums_and_squares(transactions)
    n, total = len(x), x.sum()
    s = x / total
    hhi, entropy = (s**2).sum(), -(s * np.log(s)).sum()
    rank = np.array([(x < value).sum() + ((x == value).sum() + 1) / 2 for value in x])
    return {
        "hhi_se": 2 / total**2 * np.sqrt((q * (x - hhi * total) ** 2).sum()),
        "cr1_se": concentration_ratio_se(x, q, 1),
        "cr10_se": concentration_ratio_se(x, q, 10),
        "gini_se": 2 / (n * total) * np.sqrt((q * (rank - (rank * s).sum()) ** 2).sum()),
        "shannon_se": np.sqrt((q * (np.log(s) + entropy) ** 2).sum()) / total,
    }


def concentration_ratio_se(x: Vector, q: Vector, k: int) -> Any:
    """Return the error of CRk; equal entities that compete for the last ranks take turns."""
    ratio = x[:k].sum() / x.sum()
    last = x[min(k, len(x)) - 1]
    places = (k - (x > last).sum()) / (x == last).sum()
    inside = np.where(x > last, 1.0, np.where(x == last, min(places, 1.0), 0.0))
    return np.sqrt((q * (inside * (1 - ratio) ** 2 + (1 - inside) * ratio**2)).sum()) / x.sum()


def even_chances(amounts: Numbers, population: int) -> tuple[float, float]:
    """Return mean and standard deviation of HHI if each amount were equally likely for every
    entity.
    """
    w = descending(amounts) / np.longdouble(sum(amounts))
    weight, fourth = (w**2).sum(), (w**4).sum()
    chance = 1 / np.longdouble(population)
    return chance + (1 - chance) * weight, np.sqrt(2 * chance * (1 - chance) * (weight**2 - fourth))
