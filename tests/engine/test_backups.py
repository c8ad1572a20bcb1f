"""Backups while a trader runs: made by themselves, dying at any step, and taken up after a loss."""

from __future__ import annotations

import errno
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import apsw
import pytest
from tests.engine.stage import BTC, Stage
from tests.engine.test_milestones import World, at_pass, forked, kill_myself

from trader247.adapters.sqlite.backups import hourly, manifest
from trader247.adapters.sqlite.backups.backup import Backup
from trader247.adapters.sqlite.backups.folder import backups_in
from trader247.adapters.sqlite.backups.hourly import HourlyBackups
from trader247.adapters.sqlite.backups.restore import checked
from trader247.app.settings.load import Settings
from trader247.domain.events.people import AlertRaised
from trader247.domain.milestones import Milestone
from trader247.domain.reasons import HaltName, Severity
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import Disk
from trader247.simulation.world.files import Files


@pytest.fixture(autouse=True)
def _as_often_as_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours pass in an instant here: what backups may cost in real time has a test of its own."""
    monkeypatch.setattr(hourly, "SHARE", 1)


def made(stage: Stage) -> tuple[Backup, ...]:
    return backups_in(stage.places.backups)


def an_hour_on(stage: Stage) -> None:
    """Let an hour pass and the loop run on: it has time for a backup between two cycles."""
    stage.wait(3_600)
    stage.trader.loop.run(cycles=2, until=None)


def test_a_running_trader_makes_one_each_hour(stage: Stage) -> None:
    stage.trader.loop.run(cycles=2, until=None)
    assert made(stage) == (), "the book is younger than an hour"
    for number in (1, 2, 3):
        an_hour_on(stage)
        assert len(made(stage)) == number
    hours = [str(each.time)[:13] for each in made(stage)]
    assert len(set(hours)) == 3
    for each in made(stage):
        found = checked(each)
        assert found.head.seq == each.seq
        assert (each.path.stat().st_mode & 0o777, found.book) == (0o600, "paper-sim")
    chunks = manifest.read(made(stage)[-1].path).chunks
    assert len(chunks) == 3, "each adds to the one before"
    assert stage.places.backups.stat().st_mode & 0o777 == 0o700


def test_a_backup_changes_no_event(
    stage: Stage, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With and without backups the same story gives the same chain."""
    an_hour_on(stage)
    with_backup = stage.trader.journal.head_hash
    assert len(made(stage)) == 1
    monkeypatch.setattr(HourlyBackups, "is_due", lambda *_: False)
    other = Stage(stage.places.data.parent / "other", stage.settings, monkeypatch)
    shutil.copytree(template, other.places.data)
    try:
        other.start()
        an_hour_on(other)
        assert other.trader.journal.head_hash == with_backup
    finally:
        other.abandon()


def test_what_it_costs_is_bounded_in_real_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A market whose hours take a second does not spend them on backups."""
    monkeypatch.setattr(hourly, "SHARE", 1_000_000)
    for _ in range(3):
        an_hour_on(stage)
    assert len(made(stage)) == 1


def test_a_stop_and_the_first_cycle_come_before_the_next_step(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.wait(3_600)
    halted: list[bool] = []
    step, before = stage.trader.upkeep.step, len(stage.reports)

    def stepping() -> None:
        assert len(stage.reports) > before, "a backup keeps no first cycle waiting"
        halted.append(HaltName.KILL_SWITCH in stage.portfolio.halts)
        stage.kill.path.touch()
        step()

    monkeypatch.setattr(stage.trader.upkeep, "step", stepping)
    stage.trader.loop.run(cycles=2, until=None)
    assert halted[:2] == [False, True], "the stop came first"


@pytest.fixture
def world(
    tmp_path: Path, template: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> World:
    data = tmp_path / "data"
    shutil.copytree(template, data)
    return World(data, settings, monkeypatch)


def two_hours(world: World, passing: Callable[[Milestone], None]) -> None:
    """A backup in the first hour; in the second, `passing` sees how the next one comes on."""
    stage = world.stage()
    watching: list[Callable[[Milestone], None]] = []

    def at(milestone: Milestone) -> None:
        for look in watching:
            look(milestone)

    stage.passing = at
    stage.start()
    stage.position(BTC)
    an_hour_on(stage)
    watching.append(passing)
    an_hour_on(stage)
    stage.trader.close(is_clean=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "left"),
    [(1, 1), (2, 1), (3, 0)],
    ids=["half written", "not named", "without its manifest"],
)
def test_killed_while_backing_up_the_backups_before_it_count_and_no_half_one(
    world: World, number: int, left: int
) -> None:
    """CP24."""
    passing = at_pass(Milestone.BACKING_UP, number, kill_myself)
    assert forked(partial(two_hours, world, passing)) == -signal.SIGKILL
    stage = world.stage()
    (before,) = made(stage)
    assert checked(before)
    assert len(list(stage.places.backups.rglob("*.writing"))) == left
    try:
        stage.start()
        assert BTC in stage.portfolio.positions
        an_hour_on(stage)
        assert made(stage)[0] == before
        assert len(made(stage)) == 2
        assert not list(stage.places.backups.rglob("*.writing")), "what was left is cleared"
        stage.assert_books_agree()
    finally:
        stage.abandon()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full", "fails"])
def test_where_its_disk_fails_there_is_none_and_trading_goes_on(stage: Stage, number: int) -> None:
    """CP24: said once an hour, and neither the ledger nor what was kept before is touched."""
    an_hour_on(stage)
    before = made(stage)
    assert len(before) == 1
    disk = Disk(Dice(1, "disk"))
    disk.on_touch = lambda act, _: number if act in ("write", "sync") else 0
    with Files(stage.places.backups, disk, Dice(1, "files")).between():
        an_hour_on(stage)
    (alert,) = [each for each in stage.recorded(AlertRaised) if each.code == "backup_failed"]
    assert alert.severity is Severity.WARNING
    assert "Trading goes on" in alert.text
    assert made(stage) == before
    assert checked(before[0])
    assert not list(stage.places.backups.rglob("*.writing"))
    an_hour_on(stage)
    assert len(made(stage)) == 2
    assert not stage.portfolio.halts


def test_a_damaged_ledger_gives_no_backup_and_is_critical(stage: Stage) -> None:
    """What is backed up is followed link by link: a changed past is not taken for the ledger."""
    with closing(apsw.Connection(str(stage.places.journal))) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute(
            "UPDATE events SET ref = ref || '!' WHERE seq = (SELECT max(seq) - 1 FROM events)"
        )
    an_hour_on(stage)
    assert made(stage) == ()
    (alert,) = [each for each in stage.recorded(AlertRaised) if each.code == "backup_failed"]
    assert alert.severity is Severity.CRITICAL


def test_a_backup_that_was_damaged_is_said_and_made_good_by_a_whole_one(stage: Stage) -> None:
    an_hour_on(stage)
    (chunk,) = (stage.places.backups / "chunks").iterdir()
    chunk.unlink()
    an_hour_on(stage)
    (alert,) = [each for each in stage.recorded(AlertRaised) if each.code == "backup_failed"]
    assert alert.severity is Severity.CRITICAL
    assert chunk.name in alert.text
    newest = made(stage)[-1]
    assert newest.name in alert.text
    assert checked(newest)
    assert manifest.read(newest.path).chunks[0].first == 1


def test_what_the_cycles_saw_is_copied_once_and_serves_every_backup(stage: Stage) -> None:
    """Each adds what is new; folders of segments do not multiply."""
    for _ in range(3):
        an_hour_on(stage)
    (market,) = stage.places.backups.glob("market-*")
    (copied,) = market.glob("*.seg")
    (original,) = stage.places.segments.glob("*.seg")
    content = copied.read_bytes()
    assert content
    assert original.read_bytes().startswith(content)
    assert original.read_bytes() != content, "cycles went on since"


def test_without_what_the_cycles_saw_the_ledger_is_still_kept(stage: Stage) -> None:
    an_hour_on(stage)
    an_hour_on(stage)
    stage.cycle()
    (original,) = stage.places.segments.glob("*.seg")
    original.unlink()
    stage.wait(3_600)
    stage.trader.loop.run(cycles=2, until=None)
    assert checked(made(stage)[-1]).market == ""
