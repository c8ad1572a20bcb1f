"""One process after another on a simulated machine: of a dead one nothing reaches the disk."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import pytest

from trader247.adapters.holder import LOCK
from trader247.adapters.instance_guard import InstanceGuard
from trader247.domain.errors import StorageError
from trader247.simulation.death import Cause
from trader247.simulation.judged.chronicle import Chronicle
from trader247.simulation.judged.history import Record, Violation
from trader247.simulation.judged.journal_reader import JournalReader
from trader247.simulation.judged.tally import Tally
from trader247.simulation.lives import Lives
from trader247.simulation.mishaps.machine import MachineMishaps
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import NAME, Disk, SimulatedDisk
from trader247.simulation.world.files import Files
from trader247.simulation.world.timeline import Timeline


class Standstill:
    """A market in which no time passes, and a judge that nothing is broken for."""

    now_us = 0

    def drift(self, to_us: int) -> None:
        """Nothing moves."""
        del to_us

    def see(self, record: Record) -> Sequence[Violation]:
        """Nothing is broken."""
        del record
        return ()


def lives_on(disk: Disk, data: Path, *, flips: str = "none.db") -> tuple[Lives, MachineMishaps]:
    """Lives on a machine that flips a bit of the file of that name."""
    still, tally = Standstill(), Tally()
    timeline = Timeline(still)
    chronicle = Chronicle(still, timeline, tally)
    clock = MachineClock(timeline, on_wait=lambda: None)
    machine = MachineMishaps(
        Dice(0, "machine"),
        timeline,
        clock,
        data / flips,
        pass_by=lambda _: None,
        tell=chronicle.tell,
    )
    reader = JournalReader(data / "none.db", chronicle.tell)
    files = Files(data, disk, Dice(0, "files"))
    lives = Lives(
        data, chronicle, reader, tally, disk=disk, files=files, machine=machine, now_us=lambda: 0
    )
    return lives, machine


def opened(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), vfs=NAME)
    connection.execute("PRAGMA journal_mode=wal; PRAGMA synchronous=normal").fetchall()
    return connection


@pytest.mark.parametrize("is_cycle", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_connection_that_a_power_cut_left_in_memory_writes_nothing_and_tells_nobody(
    tmp_path: Path, seed: int, *, is_cycle: bool
) -> None:
    disk = Disk(Dice(seed, "disk"))
    vfs = SimulatedDisk(disk)
    (lives, _), path = lives_on(disk, tmp_path), tmp_path / "book.db"
    with lives.one():
        first = opened(path)
        first.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
        first.close()

    def dying() -> None:
        left = [opened(path)]
        if is_cycle:
            left.append(left)  # type: ignore[arg-type]  # only the collector lets go of it
        with lives.one():
            for number in range(400):
                left[0].execute("INSERT INTO kept (text) VALUES (?)", (f"{number} " * 40,))
            lives.die(Cause.POWER, "among writes that nothing made last")

    dying()
    with lives.one():
        next_one = opened(path)
        assert next_one.pragma("integrity_check") == "ok"
        next_one.close()
    del vfs


@pytest.mark.parametrize("has_file", [False, True])
def test_what_outlives_a_process_is_looked_through_once_unless_some_of_it_holds_a_file(
    tmp_path: Path, *, has_file: bool
) -> None:
    disk = Disk(Dice(0, "disk"))
    vfs = SimulatedDisk(disk)
    lives, _ = lives_on(disk, tmp_path)
    left: list[object] = [opened(tmp_path / "book.db")] if has_file else [{"its": []}]
    with lives.one():
        assert disk.open_files == has_file * 1
        assert any(each is left for each in gc.get_objects()) is has_file
    left.clear()
    assert not disk.open_files
    del vfs


@pytest.mark.parametrize("is_rewritten", [False, True])
def test_a_bit_that_flipped_is_put_right_once_somebody_notices_it(
    tmp_path: Path, *, is_rewritten: bool
) -> None:
    lives, machine = lives_on(Disk(Dice(0, "disk")), tmp_path, flips="bits")
    file = tmp_path / "bits"
    file.write_bytes(bytes(64))
    machine.is_flip_due = True
    with lives.one():
        pass  # after a proper end nobody looks at what is old
    assert file.read_bytes() != bytes(64)
    right = bytes([7] * 64) if is_rewritten else bytes(64)
    if is_rewritten:
        file.write_bytes(right)
    with lives.one():
        raise StorageError("its hash does not hold", hint="look at it")
    assert file.read_bytes() == right


@pytest.mark.parametrize(
    "undone",
    [
        InstanceGuard.release,
        lambda guard: Path(LOCK).unlink(),
        lambda guard: Path(LOCK).rename("elsewhere"),
        lambda guard: Path(LOCK).rename("elsewhere").rename(LOCK) and guard.release(),
        lambda guard: (Path("another").write_bytes(b""), Path("another").replace(LOCK)),
    ],
    ids=["released", "deleted", "renamed", "renamed and back", "replaced"],
)
def test_what_is_changed_while_nobody_holds_the_guard_under_its_name_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undone: Callable[[InstanceGuard], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    lives, _ = lives_on(Disk(Dice(0, "disk")), Path())
    told, guard = lives._chronicle.last, InstanceGuard(tmp_path)  # what a run prints where it broke
    with lives.one():
        lives.touched("write", "book.db")
        assert told.pop()["kind"] == "unguarded"
        for _ in range(2):
            guard.take(since="now")
            for _ in range(3):
                lives.touched("write", "book.db")
            assert told[-1]["kind"] == "process"
            undone(guard)
            lives.touched("write", "book.db")
            assert told.pop()["kind"] == "unguarded"
            guard.release()
    lives.let_go()


def test_of_a_commit_s_writes_the_first_is_asked_for_the_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between them nothing of the trader runs; after them it may have let go of the guard."""
    disk = Disk(Dice(0, "disk"))
    vfs = SimulatedDisk(disk)
    lives, _ = lives_on(disk, tmp_path)
    told, guard, acts = lives._chronicle.last, InstanceGuard(tmp_path), list[str]()
    asked = list[int]()
    was_guarded = lives._is_guarded

    def counted() -> bool:
        asked.append(len(acts))
        return was_guarded()

    def touched(act: str, path: str) -> int:
        acts.append(act)
        lives.touched(act, path)
        return 0

    monkeypatch.setattr(lives, "_is_guarded", counted)  # it still asks the kernel
    with lives.one():
        guard.take(since="now")
        book = opened(tmp_path / "book.db")
        book.pragma("synchronous", "full")
        book.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
        disk.on_touch = touched
        for _ in range(3):
            acts.clear()
            asked.clear()
            book.execute("INSERT INTO kept (text) VALUES (?)", ("x" * 40_000,))
            assert acts.count("write") > 20
            assert acts[-1] == "sync"
            assert asked == [1, len(acts)], "at the first write and at the sync"
        assert told[-1]["kind"] == "process"
        guard.release()
        book.execute("INSERT INTO kept (text) VALUES (?)", ("x" * 40_000,))
        assert [each["act"] for each in told if "act" in each] == ["write", "sync"]
        disk.on_touch = lambda *_: 0
        book.close()
    lives.let_go()
    del vfs
