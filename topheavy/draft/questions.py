"""The questions of a draft with their answers, and how an answer is written into a mapping.

A question is a comment in the draft. Its answers are keys and values of the mapping, so that they
can be chosen on a terminal as well as written by hand.

Usage:
    from topheavy.draft.questions import Answer, Question, with_answer
"""

from __future__ import annotations

import re
import string
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from topheavy.visible import printable

MARK = "# QUESTION: "
WIDTH = 100
# In an answer, this placeholder is replaced by what a person types.
TYPED = "..."

Path = tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """One answer: its meaning and the keys that it sets; no keys if the draft stays as it is."""

    words: str
    settings: tuple[tuple[Path, Any], ...] = ()
    asks: str = ""
    """What a person has to type to complete the answer."""
    example: str = TYPED

    def in_yaml(self, at: Path = ()) -> list[str]:
        """Return the settings as lines of YAML, with full paths for keys of other blocks."""
        return [
            f"{path[-1] if path[:-1] == at else '.'.join(path)}: "
            f"{flow(_replaced(value, self.example))}"
            for path, value in self.settings
            if value is not None
        ]

    def typed(self, text: str) -> Answer:
        """Return the answer with its placeholder replaced by a typed text."""
        return replace(
            self,
            settings=tuple((path, _replaced(value, text)) for path, value in self.settings),
            asks="",
        )


@dataclass(frozen=True)
class Question:
    """A question about an export, and its possible answers."""

    text: str
    answers: tuple[Answer, ...] = ()
    at: Path = ()
    """The keys above the question's place in the draft."""
    name: str = ""
    """Its name under `accepted` in a mapping, if a build also warns about it."""
    count: int = 0
    """The number of rows that it concerns."""

    def lines(self) -> list[str]:
        """Return the question as comments: its text, and each answer as YAML behind a `#`."""
        indent = "  " * len(self.at)
        lines = textwrap.wrap(
            indent + MARK + printable(self.text),
            WIDTH,
            subsequent_indent=f"{indent}#   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for answer in self.answers:
            *before, last = [*answer.in_yaml(self.at), ""]
            last = before.pop() if before else last
            lines += [f"{indent}# {printable(line)}" for line in before]
            if last:
                lines.append(f"{indent}# {printable(last)}  # {printable(answer.words)}")
        return lines


Line = str | Question


def structured(lines: Iterable[Line], at: Path) -> Iterator[Line]:
    """Parse questions from lines: a marked line, followed by the answers to choose from.

    An answer is a line of YAML behind a `#`; a second `#` precedes its meaning.
    """
    text, answers = "", []
    for line in lines:
        if isinstance(line, Question):
            asked, line = line, ""
        else:
            asked = None
        found = re.fullmatch(r"# ([a-z_]+): (.*?)(?:  # (.*))?", line) if text else None
        if found:
            value = yaml.safe_load(found[2])
            answers.append(
                Answer(found[3] or f"{found[1]}: {found[2]}", (((*at, found[1]), value),))
            )
            continue
        if text:
            yield Question(text, tuple(answers), at)
        text, answers = "", []
        if asked:
            yield asked
        elif line.startswith(MARK):
            text = line.removeprefix(MARK)
        else:
            yield line
    if text:
        yield Question(text, tuple(answers), at)


def _replaced(value: Any, text: str) -> Any:
    if isinstance(value, list):
        texts = [part.strip() for part in text.split(",") if part.strip()]
        return texts if value == [TYPED] else [_replaced(item, text) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, text) for key, item in value.items()}
    return text if value == TYPED else value


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")


# ---- writing an answer -----------------------------------------------------------------------


def with_answer(text: str, question: Question, answer: Answer) -> str:
    """Return the text of a mapping with an answer in place of its question."""
    asked = "\n".join(question.lines()) + "\n"
    text = text.replace(asked, "", 1)
    for path, value in answer.settings:
        text = with_setting(text, path, value)
    return text


def with_setting(text: str, path: Path, value: Any) -> str:
    """Return the text of a mapping with a key set; a list is added to an existing list."""
    lines = text.rstrip("\n").split("\n")
    start, end = 0, len(lines)
    for depth, key in enumerate(path[:-1]):
        place = _line_of(lines, key, depth, start, end)
        if place is None:
            place = _end_of(lines, start, end)
            lines[place:place] = (
                ["", f"{'  ' * depth}{key}:"] if not depth else [f"{'  ' * depth}{key}:"]
            )
            place += not depth
            end += 1 + (not depth)
        start = place + 1
        end = _block_end(lines, start, depth)
    depth = len(path) - 1
    place = _line_of(lines, path[-1], depth, start, end)
    if value is None:
        if place is not None:
            del lines[place : _block_end(lines, place + 1, depth)]
        return "\n".join(lines) + "\n"
    if place is None:
        place = _end_of(lines, start, end) if depth else _after_folder(lines)
        lines.insert(place, "")
    else:
        # A value may continue on the lines below, such as a list of dimensions.
        after = _block_end(lines, place + 1, depth)
        old = yaml.safe_load("\n".join(line[2 * depth :] for line in lines[place:after]))
        del lines[place + 1 : after]
        value = _merged(old[path[-1]], value)
    lines[place] = f"{'  ' * depth}{flow(path[-1])}: {flow(value)}"
    return "\n".join(lines) + "\n"


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, list) and isinstance(new, list):
        return old + [item for item in new if item not in old]
    return new


def _line_of(lines: Sequence[str], key: str, depth: int, start: int, end: int) -> int | None:
    spellings = "|".join(re.escape(text) for text in (key, flow(key), f"'{key}'"))
    pattern = re.compile(rf"^{'  ' * depth}(?:{spellings}):(\s|$)")
    return next((place for place in range(start, end) if pattern.match(lines[place])), None)


def _block_end(lines: Sequence[str], start: int, depth: int) -> int:
    """Return the first line after a key's block: the next one that is not indented more than the
    key.
    """
    for place in range(start, len(lines)):
        line = lines[place]
        indent = len(line) - len(line.lstrip())
        if line.strip() and not line.lstrip().startswith("#") and indent <= 2 * depth:
            # Comments and blank lines above the next key belong to that key.
            while place > start and (
                not lines[place - 1].strip() or re.match(rf"^ {{0,{2 * depth}}}#", lines[place - 1])
            ):
                place -= 1
            return place
    return len(lines)


def _end_of(lines: Sequence[str], start: int, end: int) -> int:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _after_folder(lines: Sequence[str]) -> int:
    places = [place for place, line in enumerate(lines) if re.match("(name|folder):", line)]
    return max(places, default=-1) + 1


# ---- asking ----------------------------------------------------------------------------------


def numbered(questions: Iterable[Question]) -> list[str]:
    """Return the questions and answers for display, numbered, with what each answer writes."""
    lines = []
    for number, question in enumerate(questions, start=1):
        lines.append(f"  question: {number}. {printable(question.text)}")
        for letter, answer in zip(string.ascii_lowercase, question.answers, strict=False):
            lines.append(f"    {letter}) {printable(answer.words)}")
            lines += [f"         write  {printable(line)}" for line in answer.in_yaml()]
    return lines


def answers_of(
    questions: Sequence[Question], ask: Callable[[str], str], say: Callable[[str], None]
) -> Iterator[tuple[Question, Answer]]:
    """Ask each question; one that a person skips stays open."""
    for number, question in enumerate(questions, start=1):
        letters = string.ascii_lowercase[: len(question.answers)]
        for line in numbered([question]):
            say(line.replace("question: 1.", f"question {number} of {len(questions)}:"))
        if not letters:
            say("    (answer it in the mapping)")
            continue
        choice = ask(f"    {letters[0]} to {letters[-1]}, or Enter to leave it open: ").strip()
        while choice and choice.lower() not in letters:
            choice = ask(f"    one letter, {letters[0]} to {letters[-1]}, or Enter: ").strip()
        if not choice:
            continue
        answer = question.answers[letters.index(choice.lower())]
        if answer.asks:
            text = ask(f"    {answer.asks}: ").strip()
            if not text:
                continue
            answer = answer.typed(text)
        yield question, answer
