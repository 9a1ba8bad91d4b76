"""Published files are complete at any moment: through kills, full disks and rollbacks.

The steps of publishing are tested on small databases, with a kill before each of them. Then a whole
build is killed in a copy of the project while other processes read its published files. In CI
tools/soak.py kills a build in each phase, or a hundred builds, at random moments.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import duckdb
import pytest
from conftest import PROJECT, SAMPLE, Checkout, Warehouse

from topheavy.build import model_docs as write_docs
from topheavy.build.build_info import checked_out, read_files, refuse_changed
from topheavy.build.dbt_run import BuildError
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import (
    PublishError,
    in_words,
    links,
    only_writer,
    previous_of,
    publish,
    rollback,
)
from topheavy.publish.published import facts_beside, refuse_absent

Finished = subprocess.CompletedProcess[str]

SECONDS_TO_ANSWER = 60


# ---- the steps, on small databases -----------------------------------------------------------


def release(folder: Path, number: int, **config: str) -> Path:
    """Write a database as a build leaves it: its release number follows from two tables
    together.
    """
    path = folder / f"build_{number}.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config={**config}) as database:
        database.execute(f"create table info as select {number} as release")
        database.execute(f"create table facts as select {number} as release from range(9)")
    return path


def put(folder: Path, number: int, outputs: Outputs) -> None:
    """Publish a release whose page, facts and summary also contain its number."""
    build, page, facts = folder / f"build_{number}.duckdb", str(number), {"number": number}
    publish(build, page, facts, outputs, {outputs.summary: page, outputs.summary_data: page})


RELEASE = "select min(release), max(release) from (from info union all from facts)"


@cache
def reader() -> Warehouse:
    """One DuckDB for all looks at releases: starting one takes longer than attaching a file."""
    return duckdb.connect()


def number_of(folder: Path | None) -> int | None:
    """Return the release in all files of a folder; None if there is none."""
    if not folder or not (folder / "topheavy.duckdb").exists():
        return None
    reader().execute(f"attach '{folder / 'topheavy.duckdb'}' as published (read_only)")
    ((first, last),) = reader().execute(f"use published; {RELEASE}").fetchall()
    reader().execute("use memory; detach published")
    page = int((folder / "report.html").read_text())
    facts = json.loads((folder / "published.json").read_text())["number"]
    summaries = {int((folder / name).read_text()) for name in ("summary.md", "summary.json")}
    assert first == last == page == facts and summaries == {page}
    return int(first)


@pytest.fixture(scope="module")
def two_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of `target`, for tests to copy."""
    folder = tmp_path_factory.mktemp("published")
    for number in (1, 2, 3, 4):
        release(folder, number)
    put(folder, 1, Outputs(folder / "warehouse" / "shop"))
    put(folder, 2, Outputs(folder / "warehouse" / "shop"))
    return folder


@pytest.fixture
def target(two_published: Path, tmp_path: Path) -> Outputs:
    """Release 2, published after release 1; releases 3 and 4 are built."""
    shutil.copytree(two_published, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Outputs(tmp_path / "warehouse" / "shop")


def release_numbers(target: Outputs) -> tuple[int | None, int | None]:
    """Return the published release and the previous one."""
    return number_of(target.folder), number_of(previous_of(target))


PUBLISHED = {
    *("topheavy.duckdb", "report.html", "published.json", "summary.md", "summary.json"),
    *("current", "releases"),
}


def names(target: Outputs) -> set[str]:
    """Return everything in the folder, which shows that nothing is left over."""
    assert len([*target.releases.iterdir()]) == 2
    return {path.name for path in target.folder.iterdir()}


def copied(target: Outputs, folder: Path) -> Outputs:
    return Outputs(Path(shutil.copytree(target.folder, folder, symlinks=True)))


def test_the_previous_release_stays_and_comes_back(tmp_path: Path, target: Outputs) -> None:
    assert release_numbers(target) == (2, 1)
    put(tmp_path, 3, target)
    assert release_numbers(target) == (3, 2)
    rollback(target)
    assert release_numbers(target) == (2, 3)
    rollback(target)
    assert release_numbers(target) == (3, 2)
    assert names(target) == PUBLISHED


def test_a_release_without_a_summary_comes_back_without_one(tmp_path: Path) -> None:
    """Releases of earlier versions have none; a link to nothing would look like an error."""
    target = Outputs(tmp_path / "warehouse" / "shop")
    publish(release(tmp_path, 1), "1", {"number": 1}, target)
    release(tmp_path, 2)
    put(tmp_path, 2, target)
    assert number_of(target.folder) == 2
    rollback(target)
    assert names(target) == PUBLISHED - {"summary.md", "summary.json"}
    rollback(target)
    assert number_of(target.folder) == 2 and names(target) == PUBLISHED


# Python announces each step to its audit hooks beforehand: a fork of this process ends there.
DIE_AT = """
import json, os, signal, sys
from pathlib import Path
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import publish, rollback
CHANGES = "open os.mkdir os.link os.symlink os.rename os.remove os.rmdir shutil.rmtree".split()

def run(act, step, folder, target):
    steps = iter(range(1000))

    def die(event, arguments):
        if event in CHANGES and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die)
    if act == "rollback":
        rollback(Outputs(Path(target)))
    else:
        outputs = Outputs(Path(target))
        summary = {outputs.summary: "3", outputs.summary_data: "3"}
        publish(Path(folder) / "build_3.duckdb", "3", {"number": 3}, outputs, summary)

for line in sys.stdin:
    process = os.fork()
    if not process:
        run(*json.loads(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


class KilledAt(Protocol):
    """Publish or roll back, killed before a step; return whether there was such a step."""

    def __call__(self, act: str, step: int, folder: Path, target: Outputs) -> bool: ...


@pytest.fixture(scope="module")
def killed_at() -> Iterator[KilledAt]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, "-c", DIE_AT],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:

        def killed_at(act: str, step: int, folder: Path, target: Outputs) -> bool:
            assert server.stdin and server.stdout
            line = json.dumps([act, step, str(folder), str(target.folder)])
            print(line, file=server.stdin, flush=True)
            code = int(server.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return code != 0

        yield killed_at
        server.communicate()


@pytest.mark.parametrize(
    ("act", "done", "next_time"), [("publish", (3, 2), (4, 3)), ("rollback", (1, 2), (4, 1))]
)
def test_a_kill_before_any_step_leaves_a_whole_release(
    act: str,
    done: tuple[int, int],
    next_time: tuple[int, int],
    tmp_path: Path,
    target: Outputs,
    killed_at: KilledAt,
) -> None:
    """File, page and facts belong together, a rollback brings back the other release, and the
    release is the previous one of the next build.
    """
    start, step, seen = copied(target, tmp_path / "start"), 0, []
    while killed_at(act, step, tmp_path, target):
        now, before = release_numbers(target)
        assert now in (2, done[0]), f"step {step}"
        seen.append(now == done[0])
        restored = copied(target, tmp_path / "restored")
        rollback(restored)
        assert release_numbers(restored) == (before, now), f"step {step}"
        shutil.rmtree(restored.folder)
        put(tmp_path, 4, target)
        assert release_numbers(target) == (next_time if seen[-1] else (4, 2)), f"step {step}"
        assert names(target) == PUBLISHED
        shutil.rmtree(target.folder)
        copied(start, target.folder)
        step += 1
    assert release_numbers(target) == done
    # Steps before and after the one that readers see.
    assert seen == sorted(seen) and {*seen} == {False, True}


def test_a_kill_of_the_first_build_leaves_nothing_or_all(
    tmp_path: Path, killed_at: KilledAt
) -> None:
    release(tmp_path, 3)
    release(tmp_path, 4)
    step, seen = 0, set()
    target = Outputs(tmp_path / "shop")
    while killed_at("publish", step, tmp_path, target):
        seen.add(number_of(target.folder))
        put(tmp_path, 4, target)
        assert number_of(target.folder) == 4
        shutil.rmtree(target.folder)
        step += 1
    assert number_of(target.folder) == 3
    assert seen == {None, 3}


def test_a_disk_without_hard_links_keeps_the_previous_release_too(
    tmp_path: Path, target: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    rollback(target)
    assert release_numbers(target) == (1, 2)
    assert names(target) == PUBLISHED


def test_a_disk_without_links_is_named(
    tmp_path: Path, target: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "symlink", refuse)
    with pytest.raises(
        PublishError, match=r"/current: its disk does not support symbolic links; move"
    ):
        put(tmp_path, 3, target)
    assert release_numbers(target) == (2, 1)


@pytest.mark.parametrize("name", ["report.html", "topheavy.duckdb", "published.json", "current"])
def test_a_folder_in_the_way_keeps_the_published_files(
    name: str, tmp_path: Path, target: Outputs
) -> None:
    """If one of the names cannot be written, none is."""
    (target.folder / name).unlink()
    (target.folder / name / "mine").mkdir(parents=True)
    before = {path: path.read_bytes() for path in target.folder.rglob("*.*") if path.is_file()}
    with pytest.raises(OSError) as caught:
        put(tmp_path, 3, target)
    assert in_words(caught.value) == (
        f"{target.folder / name}: Is a directory; move it away, because its name is needed"
    )
    assert {path: path.read_bytes() for path in before} == before
    (target.folder / name / "mine").rmdir()
    (target.folder / name).rmdir()
    put(tmp_path, 3, target)
    assert number_of(target.folder) == 3


def test_a_file_copied_over_a_link_is_replaced(tmp_path: Path, target: Outputs) -> None:
    target.report.unlink()
    target.report.write_text("somebody's own")
    put(tmp_path, 3, target)
    assert release_numbers(target) == (3, 2)


# Other things that can have a name that a build needs, and the names that they must not have.
IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a file": lambda path: path.symlink_to("mine"),
}
REFUSED = ("build", "build/.lock", "build/files.json", "releases", "releases/3", "releases/.3")
REPLACED = ("published.json", "current", "report.html", "topheavy.duckdb", ".current.new")
LET_BE = ("releases/7", "releases/.DS_Store", "releases/007")


@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_files_in_the_way_are_named_or_replaced(kind: str, tmp_path: Path, target: Outputs) -> None:
    """They are never written to, nor waited for, as a pipe would require."""
    (target.folder / "build").mkdir()
    for number, name in enumerate((*REFUSED, *REPLACED, *LET_BE)):
        copy = copied(target, tmp_path / f"copy-{number}")
        path = copy.folder / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(True)
        mine = path.with_name("mine")
        mine.write_text("of somebody")
        IN_THE_WAY[kind](path)
        try:
            with only_writer(copy.build):
                facts_beside(copy)
                put(tmp_path, 3, copy)
        except OSError as error:
            assert name in REFUSED
            assert re.fullmatch(
                rf"{path}: .*; (move it away, because its name is needed|remove that link)",
                in_words(error),
            ), in_words(error)
        else:
            assert name not in REFUSED and number_of(copy.folder) == 3
        if mine.exists():
            assert mine.read_text() == "of somebody"
            mine.unlink()


@pytest.mark.parametrize("name", ["releases", "build", "."])
def test_a_folder_may_be_a_link_to_another_place(
    name: str, tmp_path: Path, target: Outputs
) -> None:
    target.build.mkdir()
    linked, place = target.folder / name, tmp_path / "another disk"
    shutil.move(linked.resolve(), place)
    Path(os.path.abspath(linked)).symlink_to(place)
    for number in (3, 4):
        with only_writer(target.build):
            put(tmp_path, number, target)
        assert release_numbers(target) == (number, number - 1)
    rollback(target)
    assert release_numbers(target) == (3, 4)


def test_a_release_without_its_file_is_not_put_back(target: Outputs) -> None:
    previous = previous_of(target)
    assert previous
    (previous / target.database.name).unlink()
    os.mkfifo(previous / target.database.name)
    with pytest.raises(PublishError, match=r"no such file, so nothing can be restored; build"):
        rollback(target)
    assert number_of(target.folder) == 2


HOLD = """
import sys, duckdb
database = duckdb.connect(sys.argv[1], read_only=True)
print(database.execute("select max(release) from facts").fetchone()[0], flush=True)
sys.stdin.readline()
print(database.execute("select max(release) from info").fetchone()[0], flush=True)
"""


@contextmanager
def read_elsewhere(database: Path, number: int) -> Iterator[None]:
    """Let another program read this release as long as the context lasts, and to its end."""
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout and reader.stdout.readline() == f"{number}\n"
        yield
        assert reader.communicate("\n")[0] == f"{number}\n"


def test_an_old_release_is_removed_when_nobody_reads_it(tmp_path: Path, target: Outputs) -> None:
    """It is kept until then, even if somebody opened it by its own path."""
    second = target.database.resolve()
    with read_elsewhere(second, 2):
        for number in (3, 4, 3):
            put(tmp_path, number, target)
        assert second.exists() and len([*target.releases.iterdir()]) == 3
    put(tmp_path, 4, target)
    assert not second.exists()
    assert release_numbers(target) == (4, 3) and names(target) == PUBLISHED


def test_a_rollback_removes_a_release_that_is_read_under_its_new_number(
    tmp_path: Path, target: Outputs
) -> None:
    """Its file has a second name then, which keeps it for its readers."""
    first = target.releases / "1" / target.database.name
    with read_elsewhere(first, 1):
        rollback(target)
        assert release_numbers(target) == (1, 2) and names(target) == PUBLISHED
        assert not first.exists()


def test_later_readers_get_the_new_release(tmp_path: Path, target: Outputs) -> None:
    """This includes connections in the same process while others still have the old file open."""
    path = str(target.database)
    with duckdb.connect(path, read_only=True) as old:
        assert old.execute(RELEASE).fetchall() == [(2, 2)]
        put(tmp_path, 3, target)
        with duckdb.connect(path, read_only=True) as new:
            assert new.execute(RELEASE).fetchall() == [(3, 3)]
        with duckdb.connect() as other:
            other.execute(f"attach '{path}' as shop (read_only)")
            assert other.execute("select max(release) from shop.facts").fetchall() == [(3,)]
        assert old.execute(RELEASE).fetchall() == [(2, 2)]


WRITER = """
import os, sys, duckdb
database = duckdb.connect(sys.argv[1])
database.execute("insert into info select 99")
os._exit(0)  # as a crash ends it: what was written stands in the log only
"""


def leave_log(path: Path) -> Path:
    """Write to a database and crash, so that a log stays beside it."""
    subprocess.run([sys.executable, "-c", WRITER, str(path)], check=True)
    log = path.with_name(f"{path.name}.wal")
    assert log.stat().st_size > 0
    return log


def test_a_log_beside_a_release_is_never_replayed_into_another(
    tmp_path: Path, target: Outputs
) -> None:
    leave_log(target.database.resolve())
    # DuckDB 1.4 leaves it here because it does not follow links.
    target.database.with_name("topheavy.duckdb.wal").write_bytes(b"of the old release")
    put(tmp_path, 3, target)
    assert release_numbers(target) == (3, 2)
    leave_log(target.database.resolve())
    previous = previous_of(target)
    assert previous
    leave_log(previous / target.database.name)
    rollback(target)
    assert release_numbers(target) == (2, 3)
    assert names(target) == PUBLISHED


def test_the_log_of_the_build_is_part_of_the_release(tmp_path: Path, target: Outputs) -> None:
    leave_log(tmp_path / "build_3.duckdb")
    put(tmp_path, 3, target)
    with duckdb.connect(str(target.database), read_only=True) as database:
        assert database.execute("select max(release) from info").fetchall() == [(99,)]


READER = """
import json, sys, time
from pathlib import Path
import duckdb
file, query, end = sys.argv[1], sys.argv[2], Path(sys.argv[3])
polls, pause = int(sys.argv[4]), float(sys.argv[5])
seen, is_last = [], False
while not is_last:
    # The last opening comes after the end, so that no reader misses what was published last.
    is_last = end.exists()
    with duckdb.connect(file, read_only=True, config={"threads": 1}) as database:
        for _ in range(1 if is_last else polls):
            row = [str(value) for value in database.execute(query).fetchone()]
            seen += [row] if seen[-1:] != [row] else []
            time.sleep(pause)
print(json.dumps(seen))
"""


@contextmanager
def reading(
    path: Path,
    query: str,
    end: Path,
    polls_per_opening: tuple[int, int],
    pause: float = 0.01,
) -> Iterator[list[list[list[str]]]]:
    """Poll in two processes: one opens the file often, and one keeps it open for a while.

    At the end, `seen` contains what each has seen, with one entry per change.
    """
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(path), query, str(end), str(polls), str(pause)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for polls in polls_per_opening
    ]
    seen: list[list[list[str]]] = []
    try:
        yield seen
    finally:
        end.touch()
        ended = [reader.communicate(timeout=SECONDS_TO_ANSWER) for reader in readers]
    assert [errors for _, errors in ended] == ["", ""]
    seen.extend(json.loads(said) for said, _ in ended)


def wait_for_a_reader(target: Outputs) -> None:
    """Wait for longer than a reader takes to open the file, however busy the machine is.

    Two releases later the file is gone, which a reader may only have begun to open.
    """
    with duckdb.connect(str(target.database), read_only=True):
        time.sleep(0.05)


def test_readers_see_whole_releases_through_forty_of_them(tmp_path: Path, target: Outputs) -> None:
    # There are many releases, so that the slow reader does not meet the same one each time.
    builds = range(5, 15)
    for number in builds:
        release(tmp_path, number)
    with reading(target.database, RELEASE, tmp_path / "end", (1, 10)) as seen:
        for number in range(40):
            put(tmp_path, builds[number % len(builds)], target)
            wait_for_a_reader(target)
            if number % 10 == 0:
                rollback(target)
                wait_for_a_reader(target)
    for releases in seen:
        assert len(releases) > 2
        assert [pair for pair in releases if pair[0] != pair[1]] == []


# ---- what the system refuses -----------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Mount a disk of some bytes over a folder, as root may do."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("a small disk cannot be mounted here: that takes root")
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
    if subprocess.run(["mount", *options, str(folder)], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: root may not do it")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def refusal(folder: Path, target: Outputs, page: str = "3") -> str:
    """Return why a build cannot be published, in the words of the build's message."""
    with pytest.raises(OSError) as caught:
        publish(folder / "build_3.duckdb", page, {"number": 3}, target)
    return in_words(caught.value)


# The second disk has room for the file, but not for its page.
@pytest.mark.parametrize(("room", "page"), [(0.5, "3"), (1.5, "3" * 2_000_000)])
def test_a_full_disk_keeps_the_published_files(
    room: float, page: str, tmp_path: Path, target: Outputs
) -> None:
    size = target.database.stat().st_size
    with small_disk(tmp_path / "disk", int(size * (2 + room)) + (1 << 16)):
        full = copied(target, tmp_path / "disk" / "shop")
        before, message = contents(full.folder), refusal(tmp_path, full, page)
        file = full.releases / ".3" / (full.database if room < 1 else full.report).name
        assert message == f"{file}: No space left on device; free some space on its disk"
        assert contents(full.folder) == before
        assert release_numbers(full) == (2, 1)
        assert names(full) == PUBLISHED


def test_a_limit_of_file_sizes_keeps_the_published_files(tmp_path: Path, target: Outputs) -> None:
    size = (tmp_path / "build_3.duckdb").stat().st_size
    before, (soft, hard) = contents(target.folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, hard))
    try:
        message = refusal(tmp_path, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert message.endswith("File too large; raise the limit of file sizes (ulimit -f)")
    assert contents(target.folder) == before
    assert release_numbers(target) == (2, 1)
    assert names(target) == PUBLISHED


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody can write to; root ignores modes and gets a read-only disk instead."""
    if os.geteuid():
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    kept = shutil.copytree(folder, folder.with_name("kept"), symlinks=True)
    with small_disk(folder, 1 << 26):
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield


def test_a_read_only_folder_keeps_the_published_files(tmp_path: Path, target: Outputs) -> None:
    with read_only(target.folder):
        message = refusal(tmp_path, target)
        assert message.startswith(f"{target.releases}/.3: ") and "; make " in message
        assert release_numbers(target) == (2, 1)


def test_commands_that_need_a_build_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the mapping unless it is that of the sample."""
    monkeypatch.chdir(tmp_path)
    for name, command in (
        ("sample", "make build"),
        ("shop", "make build MAPPING=mappings/shop.yml"),
    ):
        outputs = Outputs(Path("warehouse") / name)
        with pytest.raises(BuildError) as caught:
            write_docs.write(Path("mappings") / f"{name}.yml", outputs)
        assert str(caught.value) == (
            f"warehouse/{name}/build has no build yet; run {command} first"
        )
        with pytest.raises(MappingError, match=f"there is no .*; run {command} first"):
            refuse_absent(outputs)
    assert not [*tmp_path.iterdir()]


# ---- what the build was made from ------------------------------------------------------------


def test_a_file_that_changes_during_the_build_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("a\n1\n")
    file = InputFile("interactions", path, 4, path.stat().st_mtime_ns, ("a",))
    _, read = read_files(SAMPLE, [file])
    path.write_text("a\n2\n")
    os.utime(path, ns=(read.modified, read.modified + 1))
    with pytest.raises(BuildError, match=r"sales\.csv changed during the build; build again"):
        refuse_changed([read])
    path.unlink()
    assert not read.is_unchanged()


def test_the_commit_is_that_of_the_project(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        own = ["-c", "user.name=name", "-c", "user.email=mail", *arguments]
        done = subprocess.run(
            ["git", *own], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert checked_out(tmp_path) == (None, None)
    git("init", "--quiet")
    assert checked_out(tmp_path) == (None, None)
    (tmp_path / "copy").mkdir()
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "--quiet", "--message", "one")
    commit = git("rev-parse", "HEAD")
    (tmp_path / "untracked").touch()
    assert checked_out(tmp_path) == (commit, False)
    (tmp_path / "file").write_text("2")
    assert checked_out(tmp_path) == (commit, True)
    assert checked_out(tmp_path / "copy") == (None, None)


# ---- whole builds ----------------------------------------------------------------------------

SHORTER = "shorter"


@pytest.fixture(scope="module")
def built(checkout: Checkout, first_build: Finished) -> Checkout:
    """The copy of the project, in which the sample is published."""
    return checkout


@pytest.fixture(scope="module")
def shorter(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Prepare a build of another release: the first part of the sample, with a mapping
    of its own.
    """
    folder = tmp_path_factory.mktemp(SHORTER)
    shutil.copytree(PROJECT / "data/sample", folder, dirs_exist_ok=True)
    sales = folder / "sales_data.csv"
    sales.write_bytes(b"".join(sales.read_bytes().splitlines(keepends=True)[:3_000]))
    mapping = built.folder / "mappings/sample.yml"
    text = mapping.read_text(encoding="utf-8").replace("name: sample", f"name: {SHORTER}")
    mapping.write_text(text.replace("data/sample", str(folder)), encoding="utf-8")


def is_free(lock: Path) -> bool:
    """Return whether nobody holds the lock of the build folder."""
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_every_table_and_column_is_described(built: Checkout) -> None:
    with built.open() as warehouse:
        for catalog in ("duckdb_tables()", "duckdb_views()", "duckdb_columns()"):
            blank = warehouse.execute(
                f"select * from {catalog} where not internal and coalesce(trim(comment), '') = ''"
            )
            assert blank.fetchall() == []


def test_the_file_says_what_it_was_made_from(built: Checkout) -> None:
    inputs = {
        "interactions": ["data/sample/sales_data.csv"],
        "customers": ["data/sample/customer_details.csv"],
        "products": ["data/sample/product_details.csv"],
    }
    expected = {
        (block, name, len(content), hashlib.sha256(content).hexdigest())
        for block, names in inputs.items()
        for name in names
        for content in [(PROJECT / name).read_bytes()]
    }
    truth = json.loads((PROJECT / "data/sample/truth.json").read_text(encoding="utf-8"))
    counts = truth["accounting"]
    rejected = sum(counts["rejected_by_reason"].values())
    with built.open() as warehouse:
        files = warehouse.execute(
            "select source_block, source_file, byte_count, sha256 from loaded_files"
        ).fetchall()
        rows = warehouse.execute("from build_info").fetchall()
    mapping = hashlib.sha256((PROJECT / "mappings/sample.yml").read_bytes()).hexdigest()
    assert {*files} == expected
    assert rows == [
        (
            *("sample", "mappings/sample.yml", mapping),
            None,  # The sample's mapping does not name a currency.
            *(counts["raw"], counts["blank"], rejected, counts["valid"]),
            *("1.0.0", version("dbt-core"), duckdb.__version__, None, None),
        )
    ]


OPENED = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as warehouse:
    names = warehouse.execute("select table_name from duckdb_tables()").fetchall()
    rows = [warehouse.execute(f"select count(*) from {name}").fetchone()[0] for name, in names]
print(duckdb.__version__, len(names), sum(rows))
"""


def opened(path: Path, library: Path | None = None) -> list[str]:
    """Return what a version of DuckDB finds in a file: that version, and counts of
    tables and rows.
    """
    environment = {**os.environ, "PYTHONPATH": str(library)} if library else None
    command = [sys.executable, "-c", OPENED, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def other_duckdb(release: str, scratch: Path) -> Path:
    """Another version of DuckDB, installed once into a folder that `make clean` removes."""
    if release == duckdb.__version__:
        return Path(duckdb.__file__).parent.parent
    folder = PROJECT / f"target/checks/duckdb-{release}-{sys.implementation.cache_tag}"
    wanted = ["install", "--quiet", "--only-binary", ":all:", "--target", str(scratch)]
    installers = (["uv", "pip"], [sys.executable, "-m", "pip", "--retries", "0"])
    for installer in installers:
        if not folder.is_dir() and shutil.which(installer[0]):
            python = ["--python", sys.executable] if installer[0] == "uv" else []
            command = [*installer, *wanted, *python, f"duckdb=={release}"]
            if subprocess.run(command, capture_output=True).returncode == 0:
                folder.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(scratch, folder)
    if not folder.is_dir():
        pytest.skip(f"DuckDB {release} cannot be installed here: is a package index reachable?")
    return folder


@pytest.mark.parametrize("release", ["1.4.5", "1.5.6", "2.0.0"])
def test_older_readers_open_the_file(release: str, built: Checkout, tmp_path: Path) -> None:
    mine = opened(built.published)
    library = other_duckdb(release, tmp_path / "library")
    assert opened(built.published, library) == [release, *mine[1:]]


# A server that opens the file for each query, and keeps everything open that it has opened.
SERVER = """
import os, sys, duckdb
path, place = sys.argv[1:]
query = "select max(release) from facts"
held = []
for line in sys.stdin:
    opened = os.path.realpath(path) if place == "behind the links" else path
    held.append(duckdb.connect(opened, read_only=True))
    print(*(database.execute(query).fetchone()[0] for database in held), flush=True)
"""


@pytest.mark.parametrize(
    ("reader", "place"),
    [("1.4.5", "behind the links"), ("1.5.6", "as it stands"), ("2.0.0", "as it stands")],
)
def test_a_server_that_opens_the_file_is_never_stale(
    reader: str, place: str, target: Outputs, tmp_path: Path
) -> None:
    """Test ten releases in each version of DuckDB; files that it keeps open stay unchanged."""
    library = other_duckdb(reader, tmp_path / "library")
    for number in (3, 4):
        release(tmp_path, number, storage_compatibility_version="v1.4.0")
    command = [sys.executable, "-c", SERVER, str(target.database), place]
    environment = {**os.environ, "PYTHONPATH": str(library)}
    seen, expected = [], []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdin and server.stdout
        for number in range(10):
            put(tmp_path, 3 + number % 2, target)
            print("?", file=server.stdin, flush=True)
            seen.append(server.stdout.readline().split())
            expected.append([str(3 + before % 2) for before in range(number + 1)])
        server.stdin.close()
    assert seen == expected
    put(tmp_path, 3, target)
    assert names(target) == PUBLISHED


@pytest.mark.usefixtures("shorter")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_says_so_in_one_line(
    number: signal.Signals, built: Checkout
) -> None:
    before, standing_by = content(built), {*built.results.iterdir()}
    with built.start("topheavy build") as process:
        built.wait_until_made("stg_customers", process)
        process.send_signal(number)
        output, errors = process.communicate(timeout=SECONDS_TO_ANSWER)
    assert (process.returncode, output) == (128 + number, "")
    assert errors == "build stopped; warehouse/sample/topheavy.duckdb is as it was\n"
    assert is_free(built.results / "build/.lock")
    assert content(built) == before
    assert {*built.results.iterdir()} == standing_by


def elsewhere(built: Checkout, folder: Path) -> Checkout:
    """A copy of the built project with its single release and an empty build folder."""
    release, results = built.published.resolve().parent, built.outputs.folder

    def of_results(place: str, names: list[str]) -> set[str]:
        return {"build", "releases"} & {*names} if Path(place) == results else set()

    shutil.copytree(built.folder, folder, symlinks=True, ignore=of_results)
    copy = Checkout(folder)
    shutil.copytree(release, copy.results / release.relative_to(results))
    return copy


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a release in a folder, byte for byte."""
    return {link.name: (folder / link.name).read_bytes() for link in links(Outputs(folder))}


def content(copy: Checkout) -> dict[str, bytes]:
    """Return what is published."""
    return contents(copy.results)


def test_a_disk_that_fills_during_the_build_costs_one_line(built: Checkout, tmp_path: Path) -> None:
    copy = elsewhere(built, tmp_path / "copy")
    before, kept = content(copy), copy.results.rename(tmp_path / "kept")
    with small_disk(copy.results, sum(map(len, before.values())) + (1 << 20)):
        shutil.copytree(kept, copy.results, symlinks=True, dirs_exist_ok=True)
        done = copy.build("--full")
        assert content(copy) == before
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("build failed: ")
    assert "No space left on device" in done.stderr


def test_a_read_only_warehouse_costs_one_line(built: Checkout, tmp_path: Path) -> None:
    copy = elsewhere(built, tmp_path / "copy")
    before = content(copy)
    with read_only(copy.results):
        done = copy.build()
        assert content(copy) == before
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("build failed: warehouse/sample/build")
    assert "; make " in done.stderr


# Figures that agree only within one release: the rows that were read, and those in the tables.
FIGURES = """
    select
        mapping_name,
        valid_count,
        (select count(*) from interactions),
        (select sum(revenue) from interactions),
        (
            select total_value + nonpositive_value
            from concentration_indices
            where period_grain = 'all' and dimension = 'month' and measure = 'revenue'
        )
    from build_info
"""


COUNTS = """
    select (select count(*) from interactions), (select count(*) from entity_concentration)
"""


def leave_everything(folder: Path) -> None:
    """Leave behind everything that kills can leave, all at once."""
    build = folder / "warehouse/sample/build"
    spilled = build / "topheavy.duckdb.tmp"
    spilled.mkdir(exist_ok=True)
    for file in (
        build / "topheavy.duckdb",
        build / "topheavy.duckdb.wal",
        build / "work.duckdb.wal",
        spilled / "duckdb_temp_storage_DEFAULT-0.tmp",
        build / "target/partial_parse.msgpack",
        *(file.with_name(f".{file.name}.1") for file in folder.glob("target/parsed/*/*.pickle")),
    ):
        file.write_bytes(b"half")


@pytest.mark.usefixtures("shorter")
def test_a_build_after_a_kill_needs_no_clean_up(built: Checkout, tmp_path: Path) -> None:
    """The build runs while others read, one of whom never closes the file.

    A mapping that was edited, even the sample's own, is built as edited. tools/soak.py kills builds
    at random moments, and test_parsed_project.py finds what a kill leaves while dbt parses.
    """
    before, held = content(built), built.open()
    counts = held.execute(COUNTS).fetchall()
    with built.start("topheavy build") as process:
        built.wait_until_made("interaction_facts", process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert content(built) == before
    leave_everything(built.folder)
    # Opening takes longer than reading, and the build needs the processor, too.
    with reading(built.published, FIGURES, tmp_path / "end", (5, 20), pause=0.5) as seen:
        done = built.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert held.execute(COUNTS).fetchall() == counts
    held.close()
    with built.open() as warehouse:
        now = warehouse.execute(COUNTS).fetchall()
    assert all(new < old for new, old in zip(now[0], counts[0], strict=True))
    for releases in seen:
        assert [release[0] for release in releases] == ["sample", SHORTER]
        assert [row for row in releases if row[1] != row[2] or row[3] != row[4]] == []
    previous = previous_of(built.outputs)
    assert previous and contents(previous) == before
    assert names(built.outputs) == {*PUBLISHED, "build"}
    assert is_free(built.results / "build/.lock")


@pytest.fixture
def two_releases(built: Checkout, shorter: None) -> Checkout:
    """The copy of the project, with a previous release."""
    if not previous_of(built.outputs):
        assert built.build().returncode == 0
    return built


def test_a_rollback_and_another(two_releases: Checkout) -> None:
    """File, page and facts are restored together, and the page describes its release."""
    previous = previous_of(two_releases.outputs)
    assert previous
    releases = [
        content(two_releases),
        contents(previous),
    ]
    assert releases[0] != releases[1]
    for _ in range(2):
        done = two_releases.run("topheavy rollback")
        releases.reverse()
        when = json.loads(releases[0]["published.json"])["published_at"]
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == (
            "rolled back: warehouse/sample/topheavy.duckdb and its report are those "
            f"published {when}\n"
        )
        assert content(two_releases) == releases[0]
        assert f'datetime="{when}"'.encode() in releases[0]["report.html"]


def refused_rollback(copy: Checkout) -> str:
    """Return the message of a rollback that changes nothing."""
    before = content(copy)
    done = copy.run("topheavy rollback")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert content(copy) == before
    return done.stderr


def test_a_rollback_that_cannot_be_costs_one_line(built: Checkout, tmp_path: Path) -> None:
    copy = elsewhere(built, tmp_path / "copy")
    assert refused_rollback(copy) == (
        "rollback failed: warehouse/sample: there is no previous release; "
        "the second build creates one\n"
    )
    broken = copy.results / "releases/0"
    broken.mkdir()
    (broken / "topheavy.duckdb").write_bytes(b"not a database" * 1_000)
    assert "not a valid DuckDB database file" in refused_rollback(copy)
    copy.outputs.build.mkdir(exist_ok=True)
    with (copy.outputs.build / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another build is writing to warehouse/sample/build" in refused_rollback(copy)
