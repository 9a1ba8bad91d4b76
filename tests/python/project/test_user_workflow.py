"""The workflow for a user's repository uses existing commands, pinned actions and few
permissions.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import PROJECT

from topheavy.publish.outputs import Outputs

WORKFLOW = PROJECT / "docs" / "user_workflow.yml"
# This replaces the programs that make runs, and prints its arguments.
STUBS = {
    "scripts/environment.sh": "#!/bin/sh\n",
    ".venv/bin/python": "#!/bin/sh\nprintf '%s\\n' \"$*\"\n",
}


@pytest.fixture
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return loaded


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow["jobs"]["build"]["steps"]
    return found


def test_its_commands_reach_the_scripts_that_there_are(
    workflow: dict[str, Any], tmp_path: Path
) -> None:
    """The test runs them as GitHub does: in bash, in the project's folder, with the job's names."""
    (tmp_path / "Makefile").symlink_to(PROJECT / "Makefile")
    for name, text in STUBS.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    said = [
        subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **workflow["env"]},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for step in steps(workflow)
        if "run" in step
    ]
    assert said == [
        "-m topheavy build --mapping=../export/mappings/shop.yml --data=../export/data\n",
        "-m topheavy export --mapping=../export/mappings/shop.yml --format=xlsx\n",
    ]


def test_it_passes_on_the_published_file(workflow: dict[str, Any]) -> None:
    outputs = Outputs(Path("topheavy/warehouse/${{ env.WAREHOUSE }}"))
    (upload,) = [it["with"] for it in steps(workflow) if "upload-artifact" in it.get("uses", "")]
    assert upload["path"].splitlines() == [
        str(path)
        for path in (
            *(outputs.database, outputs.workbook, outputs.report),
            *(outputs.summary, outputs.summary_data, outputs.refused),
        )
    ]
    caches = [it["with"] for it in steps(workflow) if "actions/cache" in it.get("uses", "")]
    assert len({(it["path"], it["key"]) for it in caches}) == 1 < len(caches)
    assert caches[0]["path"] == str(outputs.folder)


def test_its_actions_are_pinned_and_it_may_only_read(workflow: dict[str, Any]) -> None:
    used = [it["uses"] for it in steps(workflow) if "uses" in it]
    assert [it for it in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", it)] == []
    assert workflow["permissions"] == {"contents": "read"}
    # An action that the project also pins must have the same commit.
    ci = (PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    for action, commit in (it.split("@") for it in used):
        assert f"{action}@" not in ci or f"{action}@{commit}" in ci
    # A value goes through the environment, never into a command.
    assert [it["run"] for it in steps(workflow) if "${{" in it.get("run", "")] == []
