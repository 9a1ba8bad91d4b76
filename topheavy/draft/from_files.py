"""Draft a mapping from the files of an export: the first step of `make build FILES="..."`.

The command drafts a mapping, asks the draft's questions on the terminal and writes the answers into
the mapping. If there is no terminal, or a question stays open, it ends with the questions, their
possible answers, and where to write them.

Usage:
    from topheavy.draft.from_files import mapping_of_files
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from topheavy.draft.given_files import given_files
from topheavy.draft.propose import (
    default_path,
    draft_of,
    expanded,
    headed,
    next_steps,
    state_of,
    write_draft,
)
from topheavy.draft.questions import Question, answers_of, with_answer
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export
from topheavy.progress import line
from topheavy.project import WORKSPACE, option
from topheavy.visible import visible


def mapping_of_files(named: str, name: str | None) -> Path:
    """Return the mapping for some files, drafted if there is none.

    Raises MappingError if a question stays open.
    """
    line.update("looking at the files")
    given = given_files(named)
    files = expanded(given)
    path = default_path(given[0], name)
    if path.exists():
        _refuse_others(path, files)
        line.stop()
        print(f"{path}: exists and is used as it is; remove it to draft it again")
        return path
    draft = draft_of(files, path.stem, WORKSPACE)
    text, left = draft.text, list(draft.questions)
    line.stop()
    if left and sys.stdin.isatty():
        text, left = answered(text, left, _ask, print)
    text = headed(text, len(left))
    write_draft(text, path)
    state = state_of(text, WORKSPACE)
    if left:
        print(next_steps(path, left, state))
        count = "1 question is" if len(left) == 1 else f"{len(left)} questions are"
        raise MappingError(f"{count} open in {path}; write an answer to each there")
    if state != "it builds":
        raise MappingError(f"{path}: {state}")
    print(f"{path}: written")
    line.start("reading the mapping and its files")
    return path


def answered(
    text: str, questions: Sequence[Question], ask: Callable[[str], str], say: Callable[[str], None]
) -> tuple[str, list[Question]]:
    """Return the draft with the answers that a person gives, and the questions that stay open."""
    left = list(questions)
    for question, answer in answers_of(questions, ask, say):
        text = with_answer(text, question, answer)
        left.remove(question)
    return text, left


def _ask(prompt: str) -> str:
    try:
        return input(visible(prompt))
    except EOFError:
        return ""


def _refuse_others(path: Path, files: Sequence[Path]) -> None:
    """Refuse to use a mapping of the same name that was written for other files."""
    _, known = read_export(path, WORKSPACE, {})
    names = {os.path.abspath(file.path) for file in known}
    for file in files:
        if os.path.abspath(file) not in names:
            raise MappingError(
                f"{path} exists and does not name {file}; remove it, or set "
                f"{option('name', 'another')}"
            )
