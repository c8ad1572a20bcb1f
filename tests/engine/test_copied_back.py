"""An older journal that somebody copied back by hand: whatever still tells of its end halts it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.engine.stage import Crash, Stage

from trader247.app.books import backing_up
from trader247.app.books.choice import Choice
from trader247.app.settings.location import SHIPPED
from trader247.core.holds import RESTORED, UNREAD
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName, TradingState
from trader247.ports import Command, CommandKind

Files = Mapping[Path, bytes]


def ledger_of(stage: Stage) -> Files:
    """The ledger's files as a person copies them while nothing runs; then it goes on."""
    stage.abandon()
    copy = {path: path.read_bytes() for path in _ledger(stage)}
    stage.start()
    return copy


def copied_back(stage: Stage, copy: Files) -> None:
    """It ends, and the ledger is put back; nothing beside it is touched."""
    stage.abandon()
    for path in _ledger(stage):
        path.unlink()
    for path, content in copy.items():
        path.write_bytes(content)


def _ledger(stage: Stage) -> list[Path]:
    return list(stage.places.data.glob("paper-sim.db*"))


def backed_up(stage: Stage) -> str:
    made, _ = backing_up.back_up(Choice(SHIPPED, stage.places.data))
    return made.backup.name


def restored(stage: Stage, name: str) -> None:
    stage.abandon()
    backing_up.restore(backing_up.plan_of(Choice(SHIPPED, stage.places.data), name))


def latched(stage: Stage) -> list[str]:
    """The causes of each halt for a lost end, as they are recorded."""
    halts = stage.recorded(HaltLatched)
    return [each.cause for each in halts if each.cause.startswith(RESTORED)]


def looked_at(stage: Stage) -> None:
    """The account is read, and a person clears the halt."""
    stage.cycle(2)
    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)
    assert is_done, text
    assert not stage.portfolio.halts


def test_the_cycles_that_were_lost_tell_of_it(stage: Stage) -> None:
    """A pause that a person asked for is lost: without a halt the next start would buy."""
    stage.cycle(2)
    copy = ledger_of(stage)
    stage.cycle(3)
    pause = Command("1", CommandKind.PAUSE, {"reason": "wait", "operator": "me"})
    assert stage.trader.commands.obey(pause)[0]
    copied_back(stage, copy)
    stage.build()
    halt = stage.portfolio.halts[HaltName.RECONCILIATION_BREAK]
    assert halt.cause.startswith(RESTORED)
    assert "later cycles" in halt.cause
    assert any(key.startswith(UNREAD) for key in stage.portfolio.differences)
    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)
    assert not is_done, text
    stage.trader.startup.recover()
    assert stage.portfolio.trading_state is TradingState.REDUCING
    stage.breakout()
    stage.cycle()
    assert not stage.portfolio.working
    code = HaltName.RECONCILIATION_BREAK.value
    assert "copied here" in stage.portfolio.open_alerts[code].text
    looked_at(stage)
    stage.restart()
    stage.cycle(3)
    stage.restart()
    assert len(latched(stage)) == 1
    assert not stage.portfolio.halts


def test_it_is_told_once_though_no_cycle_ran_before_it_was_cleared(stage: Stage) -> None:
    stage.cycle()
    copy = ledger_of(stage)
    stage.cycle(3)
    copied_back(stage, copy)
    for _ in range(3):
        stage.restart()
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    stage.restart()
    assert len(latched(stage)) == 1
    assert not stage.portfolio.halts


def test_a_backup_that_goes_further_tells_of_it(stage: Stage) -> None:
    """Also where what the cycles saw was copied back as well."""
    stage.cycle()
    copy = stage.backed_up()
    stage.cycle(2)
    name = backed_up(stage)
    stage.go_back(copy)
    stage.start()
    (cause,) = latched(stage)
    assert name in cause
    looked_at(stage)
    for _ in range(3):
        stage.restart()
        stage.cycle()
    assert len(latched(stage)) == 1
    again = backed_up(stage)
    stage.go_back(copy)
    stage.start()
    (cause,) = latched(stage)
    assert again in cause or name in cause


def test_what_was_lost_of_later_months_is_told_once(stage: Stage) -> None:
    """It stays there until a cycle is written in that month, however long the book needs to it."""
    stage.cycle()
    copy = ledger_of(stage)
    stage.cycle(3)
    stage.abandon()
    (segment,) = stage.places.segments.glob("*.seg")
    segment.with_name("2026-02.seg").write_bytes(segment.read_bytes())
    copied_back(stage, copy)
    stage.start()
    looked_at(stage)
    for _ in range(2):
        stage.restart()
        stage.cycle()
    assert len(latched(stage)) == 1
    assert not stage.portfolio.halts


def test_the_same_copy_put_back_twice_is_told_each_time(stage: Stage) -> None:
    """The backup of between holds an event as the second loss has it: it is another one."""
    stage.cycle()
    copy = stage.backed_up()
    stage.cycle(9)
    backed_up(stage)
    stage.go_back(copy)
    stage.start()
    looked_at(stage)
    backed_up(stage)
    stage.go_back(copy)
    stage.start()
    assert len(latched(stage)) == 1
    looked_at(stage)
    stage.restart()
    assert len(latched(stage)) == 1
    assert not stage.portfolio.halts


def test_a_copy_of_before_the_first_cycle_is_found_out(stage: Stage) -> None:
    copy = ledger_of(stage)
    stage.cycle(3)
    copied_back(stage, copy)
    stage.start()
    assert len(latched(stage)) == 1


def test_going_back_to_a_backup_halts_once(stage: Stage) -> None:
    """Newer backups stay in the folder, and they go further than the journal for hours."""
    stage.cycle()
    first = backed_up(stage)
    stage.cycle(5)
    backed_up(stage)
    for _ in range(2):
        restored(stage, first)
        stage.restart()
        stage.restart()
        assert len(latched(stage)) == 1
        looked_at(stage)
        stage.restart()
        stage.cycle()
        stage.restart()
        assert len(latched(stage)) == 1
        assert not stage.portfolio.halts
        stage.cycle(3)
        backed_up(stage)


def test_a_copy_of_after_going_back_is_found_out_as_well(stage: Stage) -> None:
    stage.cycle()
    first = backed_up(stage)
    stage.cycle(3)
    restored(stage, first)
    stage.start()
    looked_at(stage)
    copy = stage.backed_up()
    stage.cycle(3)
    name = backed_up(stage)
    stage.go_back(copy)
    stage.start()
    assert len(latched(stage)) == 2
    assert name in latched(stage)[1]


@pytest.mark.parametrize("is_before", [True, False])
def test_no_crash_is_taken_for_it(stage: Stage, is_before: bool) -> None:
    """A frame without its event is what one leaves, however often it comes."""
    stage.cycle()
    backed_up(stage)
    for _ in range(4):
        stage.crash(CycleDecided, is_before=is_before)
        with pytest.raises(Crash):
            stage.cycle()
        stage.restart()
        assert not latched(stage)
    stage.cycle(2)
    assert HaltName.RECONCILIATION_BREAK not in stage.portfolio.halts


def test_what_cannot_be_read_tells_nothing(stage: Stage) -> None:
    stage.cycle()
    copy = stage.backed_up()
    stage.cycle(2)
    name = backed_up(stage)
    stage.go_back(copy)
    (stage.places.backups / f"{name}.json").write_bytes(b"{}")
    shutil.rmtree(stage.places.segments)
    stage.start()
    assert not latched(stage)
