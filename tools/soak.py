"""Build repeatedly, killed at random moments and with a full disk, while other processes read.

A copy of the project builds a small export whose files change from round to round. Three processes
poll the published files, as BI tools do: one opens the file each time, one keeps it open, and one
reads file, page and facts of a release together. Each build is killed in one of its phases, runs
into a full disk, or finishes. At the end all published files are compared with a build from
scratch.

No reader may see an error or figures from two releases at once. The seed decides what happens; only
the exact moments depend on the machine.

Usage:
    python -m tools.soak [--rounds 100] [--seed 1] [--light]

With --light builds are short: dbt builds only the tables that the readers use, without tests, and
the page has no charts. A round that is killed after dbt skips dbt if the previous round left
complete tables. Killing, publishing and reading are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import yaml

from topheavy.build.dbt_run import run_dbt
from topheavy.build.invoke_dbt import KEPT, UNFINISHED
from topheavy.process_end import end_process
from topheavy.project import PROJECT
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import current_of, links, previous_of
from topheavy.publish.release_summary import Summary
from topheavy.publish.summary import Facts

# The phases of a build in which it is killed, and the functions that perform them.
PHASES = {
    "ingest": ("build", "read_files"),
    "dbt": ("tables", "run_dbt"),
    "record": ("build", "record"),
    "page": ("report", "report_of"),
    "publish": ("build", "publish"),
}
BEHIND_DBT = ("record", "page", "publish")
# The tables that the readers read, and the files that are published with them.
READ = ("interactions", "concentration_indices", "data_quality", "loaded_files")
FULL_DISK, WHOLE = "full disk", "to the end"
# The shares of rounds with a full disk, and of rounds without any incident.
FULL_SHARE, WHOLE_SHARE = 0.1, 0.1
# How often a changing file is removed. The first file stays, so that there is something to read.
GONE_SHARE = 0.2
FILES, ROWS, DISK = 4, 60, 300_000_000
SECONDS_PER_BUILD = 900
# Variables that only other builds set.
OWN = ("DBT_", "TOPHEAVY_")
# The published files, and those whose text differs in each release.
NAMES = tuple(link.name for link in links(Outputs(Path())))
DIFFERING = ("report.html", "published.json")

# The program of every reader; its arguments are the kind, the folder, and the file that ends it.
READER = '''
import json, re, sys, time
from pathlib import Path
import duckdb
kind, folder, end, pause = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])
FIGURES = """
    select
        valid_count = (select count(*) from interactions),
        (select sum(revenue) from interactions) = (
            select total_value + nonpositive_value from concentration_indices
            where (period_grain, dimension, measure) = ('all', 'month', 'revenue')
        ),
        valid_count
    from build_info
"""
polls, mixed, seen = 0, [], set()
while not end.exists():
    release = (folder / "current").resolve() if kind == "release" else folder
    file = str(release / "topheavy.duckdb")
    with duckdb.connect(file, read_only=True, config={"threads": 1}) as database:
        for _ in range(20 if kind == "keeps" else 1):
            counted, summed, rows = database.execute(FIGURES).fetchone()
            polls += 1
            mixed += [] if counted and summed else [[file, rows]]
            time.sleep(pause)
    if kind == "release":
        facts = json.loads((release / "published.json").read_text())
        page = (release / "report.html").read_text()
        same = facts["row_count"] == rows and f'datetime="{facts["published_at"]}"' in page
        mixed += [] if same else [[str(release), facts]]
        seen.add(release.name)
print(json.dumps({"kind": kind, "polls": polls, "mixed": mixed, "releases": len(seen)}))
'''


class Soak:
    """A copy of the project, its export, and the history of its builds."""

    def __init__(self, folder: Path, chance: random.Random, light: bool) -> None:
        self.light = light
        self.project, self.data, self.chance = folder / "project", folder / "data", chance
        self.results = self.project / "warehouse" / "soak"
        self.outputs = Outputs(self.results)
        self.end = folder / "end"
        self.seconds: dict[str, float] = {}
        self.is_whole = True  # the last result of dbt, so that a build without dbt can publish it
        self.outcomes: Counter[str] = Counter()
        self.mistakes: list[str] = []
        copy_project(self.project)
        self.data.mkdir()
        for number in range(FILES):
            self.change(number)

    def mapping(self, name: str) -> Path:
        """Write a mapping of the export, whose results go to the folder of that name."""
        path = self.project / "mappings" / f"{name}.yml"
        block = {
            "files": "sales-*.csv",
            "columns": {"time": "When", "customer": "Who", "product": "What", "amount": "Total"},
            "time_formats": ["%Y-%m-%d %H:%M"],
        }
        content = {"name": "soak", "folder": str(self.data), "interactions": block}
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path.relative_to(self.project)

    def change(self, number: int) -> None:
        """Rewrite or remove a file of one month; a file that returns must be read again."""
        path = self.data / f"sales-{number}.csv"
        if path.exists() and number and self.chance.random() < GONE_SHARE:
            path.unlink()
            return
        lines = ["When,Who,What,Total"]
        for _ in range(ROWS + self.chance.randrange(ROWS)):
            day, hour = 1 + self.chance.randrange(28), self.chance.randrange(24)
            who, what = self.chance.randrange(30), self.chance.randrange(12)
            total = self.chance.paretovariate(1.5) * 10
            lines.append(f"2024-{number + 1:02}-{day:02} {hour:02}:00,c{who},p{what},{total:.2f}")
        path.write_text("\n".join(lines) + "\n")

    def build(self, name: str, phase: str, *, without_dbt: bool = False, ends: bool = False) -> int:
        """Run a build that is killed in a phase, if one is given; return its exit code."""
        delay = self.chance.random() * self.seconds.get(phase, 0.0)
        command = [sys.executable, "-m", "tools.soak", "--child", phase, f"--delay={delay}"]
        command += [f"--mapping={self.mapping(name)}", *(["--light"] if self.light else [])]
        command += ["--without-dbt"] if without_dbt else []
        done = subprocess.run(
            command,
            cwd=self.project,
            env={key: text for key, text in os.environ.items() if not key.startswith(OWN)},
            capture_output=True,
            text=True,
            timeout=SECONDS_PER_BUILD,
        )
        if "Traceback" in done.stderr or (done.returncode == 1 and done.stderr.count("\n") != 1):
            self.mistakes.append(f"{phase}: {done.stderr.strip()}")
        if ends and done.returncode:
            self.mistakes.append(f"{phase}: a build did not end: {done.stderr.strip()}")
        return done.returncode

    def round(self, what: str) -> None:
        """Run one build, and check what is published after it."""
        before, release = self.published(), current_of(self.outputs)
        skips_dbt = self.light and self.is_whole and what in BEHIND_DBT
        if not skips_dbt:
            self.change(self.chance.randrange(FILES))
        with full_disk(self) if what == FULL_DISK else nothing():
            code = self.build("soak", what, without_dbt=skips_dbt, ends=what == WHOLE)
        self.is_whole = skips_dbt or code == 0 or what in BEHIND_DBT
        after = self.published()
        is_new = before != after
        if is_new and any(before[name] == after[name] for name in DIFFERING):
            self.mistakes.append(f"{what}: file, page and facts are not of one release")
        if is_new == (release == current_of(self.outputs)):
            self.mistakes.append(f"{what}: what is published changed in place, or did not change")
        if is_new and contents(previous_of(self.outputs)) != before:
            self.mistakes.append(f"{what}: the release before is not what was published")
        if not is_new and code == 0:
            self.mistakes.append(f"{what}: a build ended and published nothing")
        outcome = {0: "ended", 1: "failed", -signal.SIGKILL: "killed"}.get(code, f"exit {code}")
        self.outcomes[f"{what}: {outcome}, {'new' if is_new else 'as it was'}"] += 1

    def published(self) -> dict[str, bytes]:
        return contents(self.results)

    def measure(self) -> None:
        """Run a first build, and measure how long each of its phases takes."""
        self.build("soak", "none", ends=True)
        if self.mistakes:
            return
        self.seconds = json.loads((self.project / "phases.json").read_text())

    def compare(self) -> None:
        """Build once more completely, and from scratch into another folder; no table may differ.

        No reader has a file open any more, so that old releases go with the first of the two.
        """
        self.build("soak", "none", ends=True)
        self.build("clean", "none", ends=True)
        differ = unequal_tables(
            self.results / NAMES[0], self.project / "warehouse" / "clean" / NAMES[0]
        )
        if differ:
            self.mistakes.append(f"these tables differ from a clean build: {', '.join(differ)}")
        left = sorted(path.name for path in (self.results / "releases").iterdir())
        if len(left) > 2:
            self.mistakes.append(f"old releases are left over: {', '.join(left)}")
        names = {path.name for path in self.results.iterdir()}
        if names != {*NAMES, "current", "releases", "build"}:
            self.mistakes.append(f"beside what is published stands: {', '.join(sorted(names))}")


def contents(folder: Path | None) -> dict[str, bytes]:
    """Return the published files of a release in a folder, byte for byte."""
    return {name: (folder / name).read_bytes() for name in NAMES} if folder else {}


def copy_project(folder: Path) -> None:
    """Copy the files that git tracks, and the project as parsed by dbt."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    if KEPT.is_dir():
        shutil.copytree(KEPT, folder / KEPT.relative_to(PROJECT), ignore=UNFINISHED)


@contextmanager
def nothing() -> Iterator[None]:
    yield


@contextmanager
def disk_of_its_own(folder: Path) -> Iterator[bool]:
    """Create a small disk for everything that is published and built; root may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    is_mounted = not os.geteuid() and bool(shutil.which("mount"))
    is_mounted = is_mounted and not subprocess.run(mount, capture_output=True).returncode
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full_disk(soak: Soak) -> Iterator[None]:
    """Leave little room on the disk of a build; without a separate disk, limit the size
    of files.
    """
    warehouse = soak.project / "warehouse"
    if not os.path.ismount(warehouse):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = soak.chance.randrange(100_000, 10_000_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return
    ballast = warehouse / "ballast"
    # From a tenth of a megabyte to 20: a short build fills the smaller sizes, a full one the
    # larger.
    room = int(10 ** soak.chance.uniform(5, 7.3))
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(shutil.disk_usage(warehouse).free - room, 1))
    try:
        yield
    finally:
        ballast.unlink()


def unequal_tables(one: Path, other: Path) -> list[str]:
    """Return the tables that differ between two published files."""
    with duckdb.connect() as database:
        for name, path in (("one", one), ("other", other)):
            database.execute(f"attach '{path}' as {name} (read_only)")
        names = database.execute(
            "select distinct table_name from information_schema.tables"
            " where table_catalog in ('one', 'other') and table_name != 'build_info'"
        ).fetchall()
        return [
            name
            for (name,) in sorted(names)
            if any(
                database.execute(
                    f"select 1 from (from {left}.{name} except all from {right}.{name}) limit 1"
                ).fetchall()
                for left, right in (("one", "other"), ("other", "one"))
            )
        ]


def readers(soak: Soak) -> list[subprocess.Popen[str]]:
    # Opening the file takes as long as a part of a short build.
    pause = "0.5" if soak.light else "0.1"
    return [
        subprocess.Popen(
            [sys.executable, "-c", READER, kind, str(soak.results), str(soak.end), pause],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in ("opens", "keeps", "release")
    ]


def planned(rounds: int, chance: random.Random) -> list[str]:
    """Return what happens in each round: all phases in turn, and some full disks and complete
    builds.
    """
    full, whole = (max(1, round(rounds * share)) for share in (FULL_SHARE, WHOLE_SHARE))
    kills = [list(PHASES)[number % len(PHASES)] for number in range(rounds - full - whole)]
    what = [*kills, *[FULL_DISK] * full, *[WHOLE] * whole]
    chance.shuffle(what)
    return what


def run(rounds: int, seed: int, light: bool) -> int:
    """Soak, and print what happened; return 1 if anything was wrong."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        with disk_of_its_own(folder / "project" / "warehouse") as is_own:
            soak = Soak(folder, chance, light)
            print(f"a disk of its own: {'yes' if is_own else 'no, files are limited instead'}")
            soak.measure()
            watching = readers(soak) if not soak.mistakes else []
            try:
                for number, what in enumerate(planned(rounds, chance) if watching else [], 1):
                    soak.round(what)
                    print(f"[{number}/{rounds}] {what}", flush=True)
            finally:
                soak.end.touch()
                outputs = [reader.communicate(timeout=120) for reader in watching]
            soak.mistakes += [errors.strip() for _, errors in outputs if errors]
            found = [json.loads(output) for output, _ in outputs if output]
            soak.mistakes += [f"a mixed state: {mixed}" for it in found for mixed in it["mixed"]]
            if watching:
                soak.compare()
    for outcome, count in sorted(soak.outcomes.items()):
        print(f"  {count:4} {outcome}")
    polls = sum(it["polls"] for it in found)
    print(f"{polls:,} polls of {len(found)} readers, {len(soak.mistakes)} mistakes")
    print("\n".join(soak.mistakes))
    return 1 if soak.mistakes else 0


# ---- the build, killed from within -----------------------------------------------------------


def child(phase: str, delay: float, mapping: str, light: bool, without_dbt: bool) -> int:
    """Build as `topheavy build` does, and end the process during a phase."""
    if light:
        # This replaces the report with its charts, which takes a second to import.
        sys.modules["topheavy.report.page"] = ModuleType("page")
        sys.modules["topheavy.report.page"].__dict__["report_of"] = page_without_charts
    from topheavy.build import build, tables
    from topheavy.report import page as report

    # Each round publishes, even if nothing has changed since an earlier one.
    replaced: list[tuple[ModuleType, str, Any]] = [(build, "unchanged", no_text)]
    if light:
        replaced += [
            (tables, "run_dbt", partial(run_dbt, only=READ)),
            (build, "render", no_text),
            (build, "summary_of", no_summary),
        ]
    for module, function, instead in replaced:
        setattr(module, function, instead)
    modules: dict[str, Any] = {"build": build, "report": report, "tables": tables}
    took: dict[str, float] = {}
    for name, (place, function) in PHASES.items():
        whole = getattr(modules[place], function)
        if without_dbt and name == "dbt":
            whole = no_warnings
        setattr(modules[place], function, timed(name, whole, took, phase, delay))
    sys.argv = ["build", "--mapping", mapping]
    code = build.main()
    Path("phases.json").write_text(json.dumps(took))
    return code


def page_without_charts(_: Path, published_at: str) -> str:
    return f'<time datetime="{published_at}">'


def no_text(*_: object) -> str:
    return ""


def no_summary(*_: object) -> Summary:
    """Return an empty summary for a build without the tables of the summary."""
    rows = dict.fromkeys(("raw", "blank", "rejected", "valid"), 0)
    facts = Facts("soak", "-", "-", rows, [], None, "interactions", None, [])
    return Summary(facts, (), (), (), (), ())


def no_warnings(*_: object, **__: object) -> list[str]:
    return []


def timed(
    name: str, function: Callable[..., Any], took: dict[str, float], phase: str, delay: float
) -> Callable[..., Any]:
    """Wrap a function to record its time, or to end the process during it."""

    def run_it(*arguments: Any, **options: Any) -> Any:
        if name == phase:
            timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()
        started = time.monotonic()
        try:
            return function(*arguments, **options)
        finally:
            took[name] = time.monotonic() - started

    return run_it


def main() -> int:
    parser = argparse.ArgumentParser(description="Build repeatedly while others read.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--light", action="store_true", help="short builds: seconds, not minutes")
    parser.add_argument("--without-dbt", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--delay", type=float, default=0.0, help=argparse.SUPPRESS)
    parser.add_argument("--mapping", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        return child(
            arguments.child,
            arguments.delay,
            arguments.mapping,
            arguments.light,
            arguments.without_dbt,
        )
    return run(arguments.rounds, arguments.seed, arguments.light)


if __name__ == "__main__":
    end_process(main())
