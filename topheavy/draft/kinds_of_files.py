"""Group files with similar headers, and find the layout that each group shares."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from topheavy.draft.layouts import Layout
from topheavy.mapping.containers import (
    is_workbook,
)
from topheavy.mapping.encodings import read_start
from topheavy.mapping.errors import MappingError
from topheavy.mapping.name_hints import normalized

# Files whose headers share at least this part of their names contain rows of the same kind.
SAME_KIND = 0.5
# Headers with this similarity and at least this many letters differ only by a typing error.
MISSPELT = 0.85
LONG_ENOUGH = 5


def files_alike(layouts: dict[Path, Layout]) -> list[list[Path]]:
    """Group files whose headers are alike, in the order of the first file of each group."""
    groups: list[list[Path]] = []
    for path, layout in layouts.items():
        best = max(
            groups,
            key=lambda group: max(_likeness(layout, layouts[other]) for other in group),
            default=None,
        )
        if best and max(_likeness(layout, layouts[other]) for other in best) >= SAME_KIND:
            best.append(path)
        else:
            groups.append([path])
    return groups


def _likeness(one: Layout, other: Layout) -> float:
    """Return the share of the columns of two files that both have, in any spelling."""
    if one.is_parquet != other.is_parquet:
        return 0.0
    return _share_of_same(
        *(tuple(sorted(map(bare, filter(None, item.header)))) for item in (one, other))
    )


@cache
def _share_of_same(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    left = [name for name in theirs if name not in ours]
    same = len(theirs) - len(left)
    for name in (name for name in ours if name not in theirs):
        near = next((item for item in left if is_misspelt(name, item)), None)
        if near is not None:
            left.remove(near)
            same += 1
    return same / max(len(ours) + len(theirs) - same, 1)


def bare(name: str) -> str:
    """Return a header in lower case, without blanks and punctuation."""
    return normalized(name).replace(" ", "") or name.casefold()


def is_misspelt(name: str, other: str) -> bool:
    """Return whether two bare headers differ only by typing errors; different numbers are not
    errors.
    """
    digits = (re.sub("[^0-9]", "", text) for text in (name, other))
    alike = len(set(digits)) == 1 and min(len(name), len(other)) >= LONG_ENOUGH
    if not alike:
        return False
    matcher = difflib.SequenceMatcher(None, name, other)
    # The quick ratio is never lower.
    return matcher.quick_ratio() >= MISSPELT and matcher.ratio() >= MISSPELT


def aliases_of(headers: Sequence[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return spellings that differ in case, blanks, marks or a typing error and never
    share a file.
    """
    uses = Counter(name for header in headers for name in header if name)
    alike: dict[str, list[str]] = {}
    for name, _ in sorted(uses.items(), key=lambda item: (-item[1], item[0])):
        key = bare(name)
        together = {other for header in headers if name in header for other in header}
        near = [
            other
            for other in alike
            if key not in alike and is_misspelt(key, other) and together.isdisjoint(alike[other])
        ]
        alike.setdefault(near[0] if near else key, []).append(name)
    return {
        names[0]: tuple(names[1:])
        for names in alike.values()
        if len(names) > 1 and all(len({*names} & {*header}) < 2 for header in headers)
    }


def common_layout(
    paths: list[Path], layouts: dict[Path, Layout], aliases: dict[str, tuple[str, ...]]
) -> Layout:
    """Return one layout for all files of a kind, because a block of a mapping has only one."""
    first = layouts[paths[0]]
    encodings = sorted({layouts[path].encoding for path in paths} - {"utf-8"})
    for path in paths:
        layout = layouts[path]
        if (layout.delimiter, layout.skip_lines) != (first.delimiter, first.skip_lines):
            raise MappingError(
                f"{path} has the columns of {paths[0].name} but another delimiter or more lines "
                "above its header; save both in one way"
            )
        if layout.sheet != first.sheet:
            raise MappingError(
                f"{path} has the columns of {paths[0].name} but in another sheet; name them alike"
            )
        # Plain ASCII is valid in every encoding except UTF-16.
        ascii_only = layout.encoding == "utf-8" and (
            layout.is_parquet or is_workbook(path) or read_start(path).isascii()
        )
        if encodings and layout.encoding != encodings[-1] and not ascii_only:
            raise MappingError(
                f"{path} is {layout.encoding}, other files with its columns are {encodings[-1]}; "
                "save all in one encoding"
            )
    others = {spelling for spellings in aliases.values() for spelling in spellings}
    names = dict.fromkeys(name for path in paths for name in layouts[path].header)
    header = tuple(name for name in names if name not in others)
    encoding = encodings[-1] if encodings else "utf-8"
    questions = dict.fromkeys(text for path in paths for text in layouts[path].questions)
    return replace(first, header=header, encoding=encoding, questions=tuple(questions))
