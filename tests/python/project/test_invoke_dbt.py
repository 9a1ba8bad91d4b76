"""Running dbt without repeated work gives what dbt gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
from conftest import message_of
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note

from topheavy.build import invoke_dbt
from topheavy.build.invoke_dbt import kept_templates, no_debug_messages


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoke_dbt, "templates", {})


def rendered(folder: Path) -> str:
    with kept_templates(folder):
        template = MacroFuzzEnvironment().from_string("{% for n in range(3) %}{{ n }} {% endfor %}")
    return template.render({})


def fail(*_: Any) -> None:
    raise AssertionError("compiled again")


def test_a_later_process_compiles_no_template_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rendered(tmp_path) == "0 1 2 "
    monkeypatch.setattr(invoke_dbt, "templates", {})
    monkeypatch.setattr(jinja2.Environment, "_compile", fail)
    assert rendered(tmp_path) == "0 1 2 "


def test_templates_of_another_version_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(tmp_path)
    monkeypatch.setattr(invoke_dbt, "templates", {})
    monkeypatch.setattr(invoke_dbt, "VERSIONS", "another")
    monkeypatch.setattr(jinja2.Environment, "_compile", fail)
    with pytest.raises(AssertionError, match="compiled again"):
        rendered(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"no templates", "cut"])
def test_a_damaged_file_is_replaced(
    damage: bytes | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(tmp_path)
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] if isinstance(damage, str) else damage)
    monkeypatch.setattr(invoke_dbt, "templates", {})
    assert rendered(tmp_path) == "0 1 2 "
    assert file.read_bytes() == whole


def test_templates_of_earlier_code_are_removed_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoke_dbt, "MOST", 2)
    for text in ("one", "two", "three"):
        with kept_templates(tmp_path):
            MacroFuzzEnvironment().from_string(text)
    [file] = tmp_path.iterdir()
    assert [text for _, text in invoke_dbt.read(file)] == ["three"]


def test_only_messages_for_debugging_are_dropped() -> None:
    manager, messages = EventManager(), list[str]()
    manager.add_callback(lambda event: messages.append(message_of(event)))
    with no_debug_messages():
        manager.fire_event(Note(msg="a note for debugging"), EventLevel.DEBUG)
        manager.fire_event(Note(msg="a warning"), EventLevel.WARN)
    manager.fire_event(Note(msg="a later note"), EventLevel.DEBUG)
    assert messages == ["a warning", "a later note"]
