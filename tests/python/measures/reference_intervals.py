"""Compute the published intervals directly from their definitions in numpy.

They are a reference for the SQL, and serve for simulations in which a build per draw would take too
long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.double]

CRITICAL_SCORE, PAIRS_TO_JUDGE = 1.96, 5
TRANSACTIONS_TO_ESTIMATE = 100
TAIL_ALLOWANCE = 2
RARITY_TO_ESTIMATE = {"gini": 0.3, "shannon": 0.25}
INDICES = ("hhi", "cr1", "cr10", "gini", "shannon")


class Sums(NamedTuple):
    """The entities above zero, smallest first: value, squares, fourth powers of transactions."""

    x: Vector
    q: Vector
    fourth: Vector


def sums(entity: NDArray[Any], order: NDArray[Any], amount: Vector, count: int) -> Sums:
    """Sum each entity's amounts by order, and their powers by entity."""
    pairs, place = np.unique(order * count + entity, return_inverse=True)
    transactions = np.bincount(place, amount)
    owner = pairs % count
    powers = [np.bincount(owner, transactions**power, count) for power in (1, 2, 4)]
    seen = np.argsort(powers[0], kind="stable")
    seen = seen[powers[0][seen] > 0]
    x, q, fourth = (power[seen].astype(np.double) for power in powers)
    return Sums(x, q, fourth)


def even_score(found: Sums, population: int) -> float | None:
    """Return the score of HHI under equal chances; None if there are too few pairs for
    a verdict.
    """
    total = found.x.sum()
    weight = found.q.sum() / total**2
    fourth = min(found.fourth.sum() / found.q.sum() ** 2, 1.0)
    pairs = 1 / (2 * population * weight**2)
    spread = weight * np.sqrt(2 / population * (1 - 1 / population) * (1 - fourth))
    if pairs < PAIRS_TO_JUDGE or not spread:
        return None
    expected = 1 / population + (1 - 1 / population) * weight
    freedom = min(population - 1, 8 * pairs)
    z = ((found.x**2).sum() / total**2 - expected) / spread
    root = np.cbrt(max(1 + z * np.sqrt(2 / freedom), 0))
    return float((root - (1 - 2 / (9 * freedom))) / np.sqrt(2 / (9 * freedom)))


def hhi_error(found: Sums) -> float:
    """Return the standard error of HHI."""
    share, weight = found.x / found.x.sum(), found.q / found.x.sum() ** 2
    return float(2 * np.sqrt((weight * (share - (share**2).sum()) ** 2).sum()))


def unbiased_hhi(found: Sums) -> float:
    """Return HHI less what single transactions add to it."""
    share, weight = found.x / found.x.sum(), (found.q / found.x.sum() ** 2).sum()
    return max(float(((share**2).sum() - weight) / (1 - weight)), 0.0)


def errors_reached(found: Sums) -> float:
    """Return the number of standard errors from an estimate to the ends of its interval."""
    return float(CRITICAL_SCORE * (1 + TAIL_ALLOWANCE * found.fourth.sum() / found.q.sum() ** 2))


def verdict(found: Sums, population: int) -> str:
    """Return the verdict on a period whose population is known."""
    score = even_score(found, population)
    if score is None:
        return "not_measurable"
    if score < -CRITICAL_SCORE:
        return "more_even_than_chance"
    # With many transactions, the interval of HHI must not reach down to equal shares.
    low = unbiased_hhi(found) - errors_reached(found) * hhi_error(found)
    is_many = found.x.sum() ** 2 / found.q.sum() >= TRANSACTIONS_TO_ESTIMATE
    is_unsure = is_many and low <= 1 / population
    is_above = score > CRITICAL_SCORE and not is_unsure
    return "concentrated" if is_above else "indistinguishable_from_even"


def mean_squares(found: Sums) -> Vector:
    """Return the squares of the transactions; entities with equal values get their mean."""
    _, place, counts = np.unique(found.x, return_inverse=True, return_counts=True)
    mean: Vector = (np.bincount(place, found.q) / counts)[place]
    return mean


def entities_above(found: Sums, lacking: Vector) -> NDArray[np.int_]:
    """Count the entities that would stay larger than an entity that lost an amount."""
    without = found.x - lacking - 1e-9 * found.x
    return len(found.x) - np.searchsorted(found.x, without, "left") - 1


def intervals(found: Sums, population: int) -> dict[str, tuple[float, float] | None]:
    """Return the ends of each index's interval, None if none is published."""
    x, q, _ = found
    n, total = len(x), x.sum()
    share, weight = x / total, q / total**2
    w, hhi, unbiased = weight.sum(), (share**2).sum(), unbiased_hhi(found)
    is_even = verdict(found, population) == "indistinguishable_from_even"
    own_q = mean_squares(found)
    above = entities_above(found, own_q / x)
    above_with_error = entities_above(found, np.sqrt(own_q))
    lower = np.searchsorted(x, x, "left")
    rank = (lower + np.searchsorted(x, x, "right") + 1) / 2
    gini = (share * (2 * rank - n - 1)).sum() / n
    entropy = -(share * np.log(share)).sum()
    centres: dict[str, tuple[float, float]] = {"hhi": (unbiased, unbiased)}
    errors = {
        "hhi": hhi_error(found),
        "gini": 2 * np.sqrt((weight * (rank - (rank * share).sum()) ** 2).sum()) / n,
        "shannon": np.sqrt((weight * (np.log(share) + entropy) ** 2).sum()),
    }
    for k in (1, 10):
        ratio = share[-k:].sum()
        last = x[max(n - k, 0)]
        places = min((k - (x > last).sum()) / (x == last).sum(), 1.0)
        inside = np.where(x > last, 1.0, np.where(x == last, places, 0.0))
        spread = weight * (inside * (1 - ratio) ** 2 + (1 - inside) * ratio**2)
        errors[f"cr{k}"] = np.sqrt(spread.sum())
        own_errors = np.sqrt(own_q) / total * inside
        contested = own_errors[above_with_error >= k].sum()
        centres[f"cr{k}"] = min(share[above < k].sum(), ratio - 1.5 * contested), ratio
    spread_left = max((n * unbiased - 1) / (n * hhi - 1), 0.0) if n * hhi > 1 else 0.0
    floor = (share * (n - 1 - 2 * above)).sum() / n
    centres["gini"] = min(floor - (gini - floor) / 2, gini * np.sqrt(spread_left)), gini
    corrections = (n - 1) / 2 * w, ((q / x).sum() / total - w) / 2
    centres["shannon"] = entropy + min(corrections), entropy + max(corrections)
    even = {
        "hhi": 1 / population,
        "cr1": 1 / population,
        "cr10": min(10 / population, 1.0),
        "gini": 0.0,
        "shannon": np.log(population),
    }
    found_ends: dict[str, tuple[float, float] | None] = {}
    rarity = (q / x**2).sum() / n
    reached, hhi_low = errors_reached(found), 0.0
    for name in INDICES:
        low = centres[name][0] - reached * errors[name]
        high = centres[name][1] + reached * errors[name]
        if is_even:
            low, high = min(low, even[name]), max(high, even[name])
        top = np.log(population) if name == "shannon" else 1.0
        bottom = {"hhi": 1 / population, "cr1": hhi_low, "cr10": hhi_low}.get(name, 0.0)
        low, high = min(max(low, bottom), top), min(max(high, bottom), top)
        hhi_low = low if name == "hhi" else hhi_low
        is_rare = rarity > RARITY_TO_ESTIMATE.get(name, 1)
        is_few = 1 / w < TRANSACTIONS_TO_ESTIMATE
        found_ends[name] = None if is_few or is_rare else (low, high)
    return found_ends
