"""Run every check of the project, two at a time, and report which of them pass.

Checks are grouped. The checks of a group run one after another, because one reads what another
wrote; groups run in parallel, each with its own folder in target/checks. A check that passes prints
one line, with pytest's counts so that skipped tests are visible; one that fails also prints its
output.

With --changed, only checks of what a commit would change run, and none that builds an export.

usage: python -m tools.run_checks [GROUP...]
       python -m tools.run_checks --changed [BRANCH]
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from tools.changed_files import GitError, changed_files, existing, linted
from topheavy.numbers import counted
from topheavy.visible import visible

SCRATCH = Path("target/checks")
WORKERS = 2
# One more than there are processors, because tests wait for browsers and for other processes.
PYTEST_WORKERS = min((os.cpu_count() or 1) + 1, 4)

# The sample breaks limits, and the data tests that report this should warn; dbt emits three events
# for each. Every other warning is a failure.
TEST_WARNINGS = '["LogTestResult", "RunResultWarning", "RunResultWarningMessage"]'
WARNINGS = f"""--warn-error-options '{{"error": "all", "warn": {TEST_WARNINGS}}}'"""

LINT = "python -m tools.lint_sql"

# The longest group comes first, so that the others run beside it.
GROUPS: dict[str, tuple[str, ...]] = {
    "pytest": (f"pytest -n {PYTEST_WORKERS} --dist loadfile --durations=12",),
    # The build parses the project, and bouncer reads the result.
    "dbt": (
        f"python -m tools.dbt build --no-partial-parse --show-all-deprecations {WARNINGS}",
        "dbt-bouncer run --show-all-failures",
    ),
    "sqruff": (f"{LINT} .",),
    "spark": ("python -m tools.check_spark",),
    "mypy": ("mypy",),
    "yaml": ("yamllint --strict .", "python -m tools.check_yaml"),
    "ruff": ("ruff check --quiet .", "ruff format --check --quiet ."),
}

# The part of a command that is shown if it names many files.
WIDTH = 100
# The counts in pytest's last line.
COUNTS = re.compile(r"^=+ (\d+ \w+(?:, \d+ \w+)*) in [^\n]*\Z", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """The result of one check."""

    command: str
    holds: bool
    seconds: float
    output: str

    @property
    def title(self) -> str:
        """Return the command on one line of a terminal."""
        return shorten(self.command, WIDTH, placeholder=" ...")

    def __str__(self) -> str:
        verdict = "ok" if self.holds else "failed"
        line = f"{verdict:<6} {self.seconds:6.1f} s  {self.title}"
        counts = COUNTS.search(self.output)
        if not self.holds:
            return f"{line}\n{self.output}"
        return f"{line}: {counts[1]}" if counts else line


def environment(folder: Path) -> dict[str, str]:
    """Return an environment with this Python's tools first, in which dbt writes to `folder`."""
    tools = str(Path(sys.executable).parent)
    written = dict.fromkeys(("DBT_TARGET_PATH", "DBT_LOG_PATH", "TOPHEAVY_BUILD"), str(folder))
    return {
        **os.environ,
        **written,
        "PATH": os.pathsep.join((tools, os.environ.get("PATH", os.defpath))),
        "DBT_PROFILES_DIR": ".",
        "DBT_PROJECT_DIR": ".",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_USE_COLORS": "false",
        # Checks start Python a hundred times; each start would compile the project again.
        "PYTHONDONTWRITEBYTECODE": "",
        "COLUMNS": "160",
        "NO_COLOR": "1",
    }


def run(command: str, folder: Path) -> Outcome:
    """Run one check until it ends."""
    started = time.monotonic()
    result = subprocess.run(
        shlex.split(command),
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - started
    return Outcome(command, result.returncode == 0, seconds, result.stdout.strip())


def run_group(name: str, commands: tuple[str, ...]) -> list[Outcome]:
    """Run the checks of a group until one fails; report each, and keep its output in a file."""
    folder = SCRATCH / name
    folder.mkdir(parents=True, exist_ok=True)
    outcomes: list[Outcome] = []
    for command in commands:
        outcome = run(command, folder)
        print(outcome, flush=True)
        outcomes.append(outcome)
        if not outcome.holds:
            break
    log = "".join(f"$ {outcome.command}\n{outcome.output}\n" for outcome in outcomes)
    (SCRATCH / f"{name}.log").write_text(log, encoding="utf-8")
    return outcomes


def groups_for(paths: list[str], folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the checks of changed files before a commit: all that take only seconds."""
    sql, yaml = linted(paths, folder), existing(paths, folder, (".yml", ".yaml"))
    groups = {
        "unbuilt": (f"pytest -n {WORKERS} -m 'not builds and not slow'",),
        "models": (shlex.join(["python", "-m", "tools.check_models", *paths]),),
        "ruff": GROUPS["ruff"],
    }
    if sql:
        groups["sqruff"] = (shlex.join([*LINT.split(), *sql]),)
    if yaml:
        groups["yaml"] = (shlex.join(["yamllint", "--strict", *yaml]), GROUPS["yaml"][1])
    # A deleted file may be imported elsewhere, and other versions may have other types.
    if any(path.endswith((".py", ".toml", ".txt")) for path in paths):
        groups["mypy"] = GROUPS["mypy"]
    return groups


def main() -> int:
    """Run the named groups, or all; exit with 1 if any check fails."""
    parser = argparse.ArgumentParser(description="Run the project's checks.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"any of {', '.join(GROUPS)}")
    parser.add_argument("--groups", dest="more", default="", help="the same as one text")
    parser.add_argument(
        "--changed",
        nargs="?",
        const="",
        metavar="BRANCH",
        help="check only what is not in BRANCH, or in the upstream branch",
    )
    arguments = parser.parse_args()
    chosen = GROUPS
    if arguments.changed is not None:
        try:
            chosen = groups_for(changed_files(Path(), arguments.changed or None), Path())
        except GitError as error:
            parser.error(f"cannot tell what has changed: {visible(str(error))}")
    names = [*arguments.groups, *arguments.more.split()] or list(chosen)
    unknown = sorted(set(names) - set(chosen))
    if unknown:
        parser.error(f"no check group {unknown[0]!r}; there are {', '.join(chosen)}")
    with ThreadPoolExecutor(WORKERS) as workers:
        done = workers.map(lambda name: run_group(name, chosen[name]), names)
        outcomes = [outcome for group in done for outcome in group]
    failed = [outcome.title for outcome in outcomes if not outcome.holds]
    checks = counted(len(outcomes), "check")
    print(f"{checks}, {len(failed)} failed" + "".join(f"\n  {c}" for c in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
