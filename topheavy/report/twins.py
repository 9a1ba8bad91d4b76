"""Find dimensions that contain the same information, such as a category and its short name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Shares that differ by less than this look the same.
HARDLY_SEEN = 0.005
FEWEST = 3

Entities = Sequence[tuple[str, float]]


def twins_among(dimensions: Mapping[str, Entities]) -> dict[str, str]:
    """Return the dimensions that repeat another one; the one with the shorter name is kept."""
    kept: dict[str, Entities] = {}
    twins: dict[str, str] = {}
    for name in sorted(dimensions, key=lambda it: (len(it), it)):
        same = next((it for it in kept if are_twins(dimensions[name], kept[it])), None)
        if same:
            twins[name] = same
        else:
            kept[name] = dimensions[name]
    return twins


def are_twins(ones: Entities, others: Entities) -> bool:
    """Return whether dimensions have equally many entities with similar shares and mostly similar
    names.
    """
    if len(ones) != len(others) or len(ones) < FEWEST:
        return False
    pairs = [
        (one, other)
        for one, other in zip(ranked(ones), ranked(others), strict=True)
        if abs(one[1] - other[1]) < HARDLY_SEEN
    ]
    alike = sum(are_alike(one[0], other[0]) for one, other in pairs)
    return len(pairs) == len(ones) and 2 * alike > len(ones)


def ranked(entities: Entities) -> list[tuple[str, float]]:
    return sorted(entities, key=lambda it: (-it[1], it[0]))


def are_alike(one: str, other: str) -> bool:
    """Return whether two names begin with the same word."""
    words = [name.casefold().split() for name in (one, other)]
    return bool(words[0] and words[1]) and words[0][0] == words[1][0]
