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


def estimates(found: Sums) -> dict[str, float]:
    """Return the indices as estimates of the business; HHI without what single transactions add."""
    n, share, weight = len(found.x), found.x / found.x.sum(), found.q.sum() / found.x.sum() ** 2
    return {
        "hhi": max(float(((share**2).sum() - weight) / (1 - weight)), 0.0),
        "cr1": float(share[-1]),
        "cr10": float(share[-10:].sum()),
        "gini": float((share * (2 * ranks(found) - n - 1)).sum() / n),
        "shannon": float(-(share * np.log(share)).sum()),
    }


def ranks(found: Sums) -> Vector:
    """Return the ranks of the entities, smallest first; equal values share their mean rank."""
    x = found.x
    mean: Vector = (np.searchsorted(x, x, "left") + np.searchsorted(x, x, "right") + 1) / 2
    return mean


def part_of_largest(found: Sums, k: int) -> Vector:
    """Return how much of each entity is among the k largest; equal values share the places."""
    last = found.x[max(len(found.x) - k, 0)]
    places = min((k - (found.x > last).sum()) / (found.x == last).sum(), 1.0)
    return np.where(found.x > last, 1.0, np.where(found.x == last, places, 0.0))


def standard_errors(found: Sums) -> dict[str, float]:
    """Return the standard error of each index."""
    share, weight = found.x / found.x.sum(), found.q / found.x.sum() ** 2
    estimate, rank = estimates(found), ranks(found)
    influences = {
        "hhi": 2 * (share - (share**2).sum()),
        "gini": 2 * (rank - (rank * share).sum()) / len(share),
        "shannon": np.log(share) + estimate["shannon"],
    }
    errors = {name: float(np.sqrt((weight * it**2).sum())) for name, it in influences.items()}
    for k in (1, 10):
        inside, ratio = part_of_largest(found, k), estimate[f"cr{k}"]
        spread = weight * (inside * (1 - ratio) ** 2 + (1 - inside) * ratio**2)
        errors[f"cr{k}"] = float(np.sqrt(spread.sum()))
    return errors


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
    low = estimates(found)["hhi"] - errors_reached(found) * standard_errors(found)["hhi"]
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


def centres(found: Sums) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest estimate of each index, before errors are added.

    The largest entities of few transactions look larger than they are, and entities more unequal.
    """
    x, q, _ = found
    n, total, estimate = len(x), x.sum(), estimates(found)
    share, w = x / total, q.sum() / total**2
    hhi, unbiased, gini = (share**2).sum(), estimate["hhi"], estimate["gini"]
    own_q = mean_squares(found)
    above = entities_above(found, own_q / x)
    above_with_error = entities_above(found, np.sqrt(own_q))
    between = {"hhi": (unbiased, unbiased)}
    for k in (1, 10):
        ratio = estimate[f"cr{k}"]
        own_errors = np.sqrt(own_q) / total * part_of_largest(found, k)
        contested = own_errors[above_with_error >= k].sum()
        between[f"cr{k}"] = min(share[above < k].sum(), ratio - 1.5 * contested), ratio
    spread_left = max((n * unbiased - 1) / (n * hhi - 1), 0.0) if n * hhi > 1 else 0.0
    floor = (share * (n - 1 - 2 * above)).sum() / n
    between["gini"] = min(floor - (gini - floor) / 2, gini * np.sqrt(spread_left)), gini
    corrections = (n - 1) / 2 * w, ((q / x).sum() / total - w) / 2
    entropy = estimate["shannon"]
    between["shannon"] = entropy + min(corrections), entropy + max(corrections)
    return between


def intervals(found: Sums, population: int) -> dict[str, tuple[float, float] | None]:
    """Return the ends of each index's interval, None if none is published."""
    x, q, _ = found
    even = {
        "hhi": 1 / population,
        "cr1": 1 / population,
        "cr10": min(10 / population, 1.0),
        "gini": 0.0,
        "shannon": np.log(population),
    }
    is_even = verdict(found, population) == "indistinguishable_from_even"
    is_few = x.sum() ** 2 / q.sum() < TRANSACTIONS_TO_ESTIMATE
    rarity = (q / x**2).sum() / len(x)
    between, errors, reached = centres(found), standard_errors(found), errors_reached(found)
    found_ends: dict[str, tuple[float, float] | None] = {}
    hhi_low = 0.0
    for name in INDICES:
        low = between[name][0] - reached * errors[name]
        high = between[name][1] + reached * errors[name]
        if is_even:
            low, high = min(low, even[name]), max(high, even[name])
        top = np.log(population) if name == "shannon" else 1.0
        bottom = {"hhi": 1 / population, "cr1": hhi_low, "cr10": hhi_low}.get(name, 0.0)
        low, high = min(max(low, bottom), top), min(max(high, bottom), top)
        hhi_low = low if name == "hhi" else hhi_low
        is_rare = rarity > RARITY_TO_ESTIMATE.get(name, 1)
        found_ends[name] = None if is_few or is_rare else (low, high)
    return found_ends
