"""The restore drill: back up, trade on, lose the journal, go back, and agree with the exchange."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.stage import BTC, ETH, SOL, Crash, Stage, kept_at_the_venue

from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sqlite.backups.backup import ADDED, finished, named
from trader247.adapters.sqlite.backups.folder import alone_in, backups_in
from trader247.adapters.sqlite.backups.whole import copying
from trader247.app.books import backing_up
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.books.verifying import verified
from trader247.app.settings.location import SHIPPED
from trader247.domain.errors import AlreadyRunning, ChainBroken, StorageError, UsageError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.ids import ProductId
from trader247.domain.money import NO_MONEY
from trader247.domain.orders import Side
from trader247.domain.reasons import HaltName, TradingState
from trader247.domain.time import DAY
from trader247.engine.commands import Commands
from trader247.engine.startup import folded
from trader247.ports import Command, CommandKind


def choice(stage: Stage) -> Choice:
    return Choice(SHIPPED, stage.places.data)


def backed_up(stage: Stage) -> str:
    """A backup beside the trader, as the command makes it."""
    made, _ = backing_up.back_up(choice(stage))
    return made.backup.name


def back(stage: Stage, name: str | None = None) -> backing_up.Restored:
    return backing_up.restore(backing_up.plan_of(choice(stage), name))


def lost(stage: Stage) -> None:
    """The journal is gone, with all that belongs to it."""
    stage.abandon()
    for end in ("", "-wal", "-shm"):
        stage.places.journal.with_name(stage.places.journal.name + end).unlink(missing_ok=True)
    shutil.rmtree(stage.places.segments)


def assert_whole(stage: Stage) -> None:
    """The journal verifies, and its books are the exchange's to the last digit."""
    assert not stage.portfolio.working
    assert not stage.portfolio.differences
    assert stage.portfolio == folded(stage.trader.journal)
    assert stage.portfolio.cash is not None
    assert stage.portfolio.cash.value == stage.held("USD")
    for product in (BTC, ETH, SOL):
        assert ours(stage, product) == stage.held(product.base)
    found = verified(choice(stage))
    assert found.is_whole, found.problems


def ours(stage: Stage, product: ProductId) -> object:
    position = stage.portfolio.positions.get(product)
    return 0 if position is None else position.quantity.value


def test_the_drill(stage: Stage) -> None:
    """What happened since the backup comes back from the venue; what cannot be known is latched."""
    stage.position(SOL)
    stage.cycle(3)
    backed_up(stage)
    stage.position(BTC)
    bought = stage.portfolio.positions[BTC]
    for _ in range(3):  # slowly: a crash would open a breaker
        stage.fall("3", SOL)
        stage.cycle(6)
    assert SOL not in stage.portfolio.positions, "sold since the backup"
    resting = stage.entry(ETH)
    lost(stage)

    restored = back(stage)
    assert restored.has_market
    assert stage.places.journal.stat().st_mode & 0o777 == 0o600
    assert list(stage.places.data.glob("*.writing*")) == []
    stage.start()
    halt = stage.portfolio.halts[HaltName.RECONCILIATION_BREAK]
    assert halt.cause.startswith("restored from the backup")
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert stage.cancelled(resting)
    assert stage.portfolio.positions[BTC].lots == bought.lots
    stage.cycle(3)
    assert_whole(stage)
    names = [each["client_order_id"] for each in stage.orders]
    assert len(names) == len(set(names)), "no order was sent twice"

    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)
    assert is_done, text
    assert not stage.portfolio.halts


def test_its_halt_is_not_cleared_before_the_account_was_read_once(open_stage: Open) -> None:
    """Cleared before the start, nothing told any more that a lost stop may rest beside a sale."""
    stage = open_stage(kept_at_the_venue)
    stage.position()
    stage.cycle()
    name = backed_up(stage)
    stage.wait(16 * 60)
    stage.cycle(2)
    lost_stop = stage.working(side=Side.SELL)
    stage.abandon()
    back(stage, name)
    stage.build()

    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)

    assert not is_done
    assert "not read since" in text
    stage.abandon()
    stage.wire.on(faulty.LISTING, faulty.request_lost)
    stage.start()
    for _ in range(7):
        stage.fall("0.9")
        stage.cycle()
    assert not stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    assert [each["side"] for each in sent(stage)] == ["BUY", "SELL", "SELL"], "beside a lost stop"
    stage.wire.lift()
    stage.cycle()
    assert stage.cancelled(lost_stop) or not stage.portfolio.positions
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]


def test_a_break_that_stood_in_the_backup_does_not_hide_that_it_went_back(
    open_stage: Open,
) -> None:
    """The halt's first cause stays: by that alone sales left for what lost sales had sold."""
    stage = open_stage(kept_at_the_venue)
    stage.position()
    stage.cycle()
    stage.trader.ledger.record(HaltLatched(HaltName.RECONCILIATION_BREAK, "cash:USD differed"))
    name = backed_up(stage)
    stage.wait(16 * 60)
    stage.cycle(2)
    lost_stop = stage.working(side=Side.SELL)
    stage.abandon()
    back(stage, name)
    stage.wire.on(faulty.LISTING, faulty.request_lost)
    stage.start()
    for _ in range(7):
        stage.fall("0.9")
        stage.cycle()
    assert [each["side"] for each in sent(stage)] == ["BUY", "SELL", "SELL"], "beside a lost stop"
    stage.wire.lift()
    stage.cycle()
    assert stage.cancelled(lost_stop) or not stage.portfolio.positions


def test_what_stood_there_is_in_the_archive_and_the_kill_switch_stays(stage: Stage) -> None:
    stage.cycle()
    name = backed_up(stage)
    stage.position(BTC)
    head = stage.trader.journal.head_hash
    stage.abandon()
    stage.kill.path.touch()
    restored = back(stage, name)
    assert stage.kill.is_raised()
    assert restored.plan.present.seq is not None
    assert restored.plan.present.seq > restored.plan.backup.seq
    # The journal that was replaced is whole where it is now.
    archived = restored.kept / stage.places.journal.name
    archived.rename(stage.places.journal)
    for end in ("-wal",):
        other = archived.with_name(archived.name + end)
        if other.exists():
            other.rename(stage.places.journal.with_name(stage.places.journal.name + end))
    shutil.rmtree(stage.places.segments)
    (restored.kept / stage.places.segments.name).rename(stage.places.segments)
    stage.kill.lower()
    stage.build()
    assert stage.trader.journal.head_hash == head
    assert verified(choice(stage)).is_whole


def test_after_it_new_backups_do_not_mix_with_those_of_what_was_lost(stage: Stage) -> None:
    stage.cycle(2)
    first = backed_up(stage)
    stage.cycle(5)
    second = backed_up(stage)
    stage.abandon()
    back(stage, first)
    stage.start()
    stage.cycle(3)
    third = backed_up(stage)
    assert len(list(stage.places.backups.glob("market-*"))) == 2
    for name in (second, third):
        stage.abandon()
        assert back(stage, name).has_market
        stage.start()
        stage.cycle()
        assert_whole(stage)


def dated_ahead(stage: Stage, name: str) -> None:
    """A backup of a minute in which the clock was two days ahead."""
    path = stage.places.backups / f"{name}{ADDED}"
    seq = int(name.rpartition(".")[2])
    path.rename(named(stage.places.backups, stage.now + 2 * DAY, seq).path)


def test_one_that_a_clock_ahead_has_dated_is_not_the_one_to_go_back_to(stage: Stage) -> None:
    """For two days it was the newest, and going back to it lost all that was done since."""
    stage.cycle(2)
    dated_ahead(stage, backed_up(stage))
    stage.cycle(3)
    before = backed_up(stage)
    stage.wait(3600)
    stage.cycle(3)
    last = backed_up(stage)
    stage.abandon()
    assert backing_up.plan_of(choice(stage), None).backup.name == last
    (stage.places.backups / f"{last}{ADDED}").write_bytes(b"{")
    assert backing_up.plan_of(choice(stage), None).backup.name == before


def test_one_of_a_past_that_was_left_is_not_the_one_to_go_back_to(stage: Stage) -> None:
    stage.cycle(2)
    first = backed_up(stage)
    stage.cycle(40)
    longer = backed_up(stage)
    stage.abandon()
    back(stage, first)
    stage.start()
    stage.cycle()
    last = backed_up(stage)
    stage.abandon()
    assert int(last.rpartition(".")[2]) < int(longer.rpartition(".")[2])
    assert backing_up.plan_of(choice(stage), None).backup.name == last


def test_a_damaged_backup_is_refused_and_nothing_is_touched(stage: Stage) -> None:
    stage.cycle()
    backed_up(stage)
    stage.abandon()
    (backup,) = backups_in(stage.places.backups)
    (chunk,) = backup.chunks.iterdir()
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    before = stage.places.journal.read_bytes()
    with pytest.raises(ChainBroken):
        back(stage)
    assert stage.places.journal.read_bytes() == before
    assert not stage.places.archive.exists()
    assert list(stage.places.data.glob("*.writing*")) == []


def test_a_whole_copy_of_an_earlier_version_is_gone_back_to(stage: Stage) -> None:
    """Backups that were made before there were chunks, and those of before a change of form."""
    stage.cycle(2)
    folder = stage.places.backups
    with alone_in(folder):
        made = finished(copying(stage.places.journal, folder)).backup
    assert made.path.suffix == ".db"
    stage.position(BTC)
    stage.abandon()
    restored = back(stage, made.name)
    assert restored.has_market
    stage.start()
    stage.cycle(3)
    assert_whole(stage)
    backed_up(stage)
    assert [each.is_whole for each in backups_in(folder)] == [True, False]


def test_nobody_restores_under_a_living_trader(stage: Stage) -> None:
    backed_up(stage)
    plan = backing_up.plan_of(choice(stage), None)
    guard = InstanceGuard(stage.places.data)
    guard.take(since="2026-01-05T00:00:00Z")
    try:
        with pytest.raises(AlreadyRunning):
            backing_up.plan_of(choice(stage), None)
    finally:
        guard.release()
    stage.abandon()
    backing_up.restore(plan)


def test_another_books_backup_is_refused(stage: Stage) -> None:
    backed_up(stage)
    stage.abandon()
    foreign = stage.places.data / "dry_run-sim.backups"
    shutil.copytree(stage.places.backups, foreign)
    other = Choice(SHIPPED, stage.places.data, mode=Mode.DRY_RUN)
    with pytest.raises(UsageError, match="is of the book paper-sim"):
        backing_up.plan_of(other, None)


@pytest.mark.parametrize("step", ["link", "unlink", "replace", "rename"])
def test_cut_short_at_any_step_the_old_journal_or_the_new_one_is_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """And started on, either agrees with the exchange."""
    stage.cycle(2)
    backed_up(stage)
    stage.position(BTC)
    stage.abandon()
    plan = backing_up.plan_of(choice(stage), None)
    real: Any = getattr(Path, step) if step != "link" else os.link

    def cut(*arguments: object, **named: object) -> object:
        names = " ".join(map(str, arguments))
        if "paper-sim.segments" in names or (step != "rename" and "paper-sim.db" in names):
            raise OSError(5, "injected")
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "link" else Path, step, cut)
        with pytest.raises(StorageError):
            backing_up.restore(plan)
    assert stage.places.journal.exists()
    stage.start()
    stage.cycle(3)
    assert ours(stage, BTC) == stage.held("BTC") != 0
    assert not stage.portfolio.differences
    assert len(stage.orders) == 1, "nothing was bought again"


def test_no_name_of_a_lost_process_is_given_again_where_the_venue_lists_its_order_late(
    open_stage: Open,
) -> None:
    """The venue would answer with the lost order, which is over: nothing would protect this one."""
    stage = open_stage(kept_at_the_venue)
    stage.position()
    backed_up(stage)
    for _ in range(2):
        stage.restart()
    stage.wait(16 * 60)
    stage.cycle(2)
    _, lost_stop = [each for each in sent(stage) if each["side"] == "SELL"]
    stage.wait(16 * 60)
    lost(stage)
    back(stage)

    def lag(body: faulty.Body) -> None:
        name = lost_stop["client_order_id"]
        body["orders"] = [each for each in body["orders"] if each["client_order_id"] != name]

    stage.wire.on(faulty.LISTING, faulty.edited(lag))
    stage.start()
    stage.cycle(3)
    names = [each["client_order_id"] for each in sent(stage)]
    assert len(names) == 4
    assert len(set(names)) == 4, "each name was sent once"


def test_a_process_that_met_a_lost_epoch_goes_on_after_it(open_stage: Open) -> None:
    """A file that somebody copied back does not know that it went back, and counts on by one."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    kept = stage.backed_up()
    lost_epoch, buy = stage.portfolio.epoch, stage.entry()
    stage.go_back(kept)
    stage.start()
    stage.cycle(2)
    assert buy.intent.client_order_id.split("-")[2] == str(lost_epoch)
    assert stage.portfolio.epoch == lost_epoch + 1


def sent(stage: Stage) -> list[faulty.Body]:
    """Every order that left, as it was sent."""
    return [ask.body for ask in stage.wire.lines(faulty.ORDERS)]


def test_an_order_that_was_taken_back_ends_where_the_process_died_before_it_asked_for_that(
    open_stage: Open,
) -> None:
    """Who begins after it knows the order, and not any more that it had been lost."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    backup = stage.backed_up()
    stage.position()
    stage.cycle()
    lost = stage.working(side=Side.SELL)
    stage.go_back(backup)
    stage.crash(IntentRecorded, is_before=False, skip=1)
    with pytest.raises(Crash):
        stage.start()
    stage.abandon()
    stage.start()
    stage.cycle()
    assert stage.cancelled(lost)


def test_the_stop_of_what_an_order_bought_that_was_taken_back_stays(open_stage: Open) -> None:
    """It is of the same decision, and was sent from here: somebody knows what it is for."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    backup = stage.backed_up()
    stage.position()
    stage.go_back(backup)
    stage.start()
    stage.cycle()
    stop = stage.working(side=Side.SELL)
    stage.cycle(3)
    assert stage.working(side=Side.SELL).intent == stop.intent
    assert not stage.cancelled(stop)


def test_what_was_bought_with_a_deposit_that_was_lost_keeps_its_stop(open_stage: Open) -> None:
    """Cash below nothing is the lost deposit's: a halt to everything would end that stop."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    everything = Decimal(9900)
    moved(stage, -everything)
    name = backed_up(stage)
    moved(stage, everything)
    stage.position()
    stage.abandon()
    back(stage, name)
    stage.start()
    stage.cycle(4)

    cash = stage.portfolio.cash
    assert cash is not None
    assert cash < NO_MONEY
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert not stage.cancelled(stage.working(side=Side.SELL))
    assert stage.trader.accepting.accept("the deposit")
    stage.cycle(2)
    assert HaltName.INVARIANT not in stage.portfolio.halts
    assert stage.portfolio.cash is not None
    assert stage.portfolio.cash.value == stage.held("USD")
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]


def moved(stage: Stage, amount: Decimal) -> None:
    """Cash comes or goes, and a person says so."""
    stage.exchange.deposit("USD", amount)
    stage.cycle(4)
    assert stage.trader.accepting.accept("moved")
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]


def test_a_backup_of_before_the_first_cycle_gets_back_what_was_done_since_however_long_ago(
    stage: Stage,
) -> None:
    name = backed_up(stage)
    stage.position()
    stage.position(ETH)
    stage.wait(30 * 3600)
    lost(stage)
    back(stage, name)
    stage.start()
    stage.cycle(3)
    assert_whole(stage)


def test_a_product_is_left_alone_after_a_stop_of_which_the_journal_lost_the_cause(
    open_stage: Open,
) -> None:
    """Else it would be bought an hour sooner; after a second stop, a day."""
    stage = open_stage(kept_at_the_venue)
    stage.position()
    stage.cycle()
    name = backed_up(stage)
    while BTC in stage.portfolio.positions:
        stage.fall("0.9")
        stage.cycle(3)
    known = stage.portfolio.history[BTC]
    assert known.last_stop is not None
    stage.abandon()
    back(stage, name)
    stage.start()
    stage.cycle()
    assert stage.portfolio.history[BTC].last_stop == known.last_stop
    assert stage.portfolio.losing_streak == 1


def test_a_sale_at_a_loss_counts_as_a_stop_where_its_cause_was_lost(stage: Stage) -> None:
    """Kept here, a stop sells at once: nothing at the venue tells it from any other sale."""
    stage.position()
    stage.cycle()
    name = backed_up(stage)
    while BTC in stage.portfolio.positions:
        stage.fall("0.9")
        stage.cycle(3)
    known = stage.portfolio.history[BTC]
    assert known.last_stop is not None
    lost(stage)
    back(stage, name)
    stage.start()
    stage.cycle()
    assert stage.portfolio.history[BTC].last_stop == known.last_stop


@pytest.mark.parametrize("is_told", [True, False])
def test_a_stop_that_was_lost_is_left_under_a_switch_that_keeps_sales(
    open_stage: Open, *, is_told: bool
) -> None:
    """Also while the venue does not tell what it is for, so that it cannot be taken back yet."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    name = backed_up(stage)
    stage.position()
    stage.cycle()
    stop = stage.working(side=Side.SELL)
    lost(stage)
    back(stage, name)
    stage.kill.raise_(reason="look", operator="t", time="2026-01-05T00:00:00Z", keeps_sales=True)
    if not is_told:
        stage.wire.on(faulty.LISTING, faulty.edited(without_terms))
    stage.start()
    stage.trader.loop.run(cycles=2, until=None)
    assert stage.proofs == [True]
    assert stage.kept == [1], "the word on the switch says that it rests"
    assert not stage.cancelled(stop)

    stage.wire.lift()
    stage.kill.lower()
    commands = Commands(ledger=stage.trader.ledger, stop=stage.kill, policy=stage.policy)
    words = {"reason": "looked", "operator": "test"}
    assert commands.obey(Command("1", CommandKind.RELEASE_KILL, words))[0]
    stage.cycle(2)
    assert stage.cancelled(stop)
    assert not stage.cancelled(stage.working(side=Side.SELL))


def test_nothing_is_proven_to_rest_while_a_lost_buy_does_that_cannot_be_taken_back(
    stage: Stage,
) -> None:
    stage.cycle()
    name = backed_up(stage)
    buy = stage.entry()
    lost(stage)
    back(stage, name)
    stage.kill.path.touch()
    stage.wire.on(faulty.LISTING, faulty.edited(without_terms))
    stage.wire.on(faulty.CANCELS, faulty.request_lost)
    stage.start()
    stage.trader.loop.run(cycles=1, until=None)
    assert stage.proofs
    assert not any(stage.proofs)
    stage.wire.lift()
    stage.trader.loop.run(cycles=1, until=None)
    assert stage.cancelled(buy)
    assert stage.proofs[-1]


def test_a_lost_sale_that_cannot_be_taken_back_ends(open_stage: Open) -> None:
    """Nobody here knows what it rests for, and it would sell lots that nothing keeps for it."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    name = backed_up(stage)
    stage.position()
    stage.cycle()
    stop = stage.working(side=Side.SELL)
    lost(stage)
    back(stage, name)
    stage.wire.on(faulty.LISTING, faulty.edited(without_terms))
    stage.start()
    stage.cycle()
    assert stop.intent.client_order_id not in stage.portfolio.working
    assert stage.cancelled(stop)


def without_terms(body: faulty.Body) -> None:
    """A listing that does not say what its orders are for."""
    for each in body["orders"]:
        each["order_configuration"] = None


def test_whoever_is_told_of_halts_hears_that_the_journal_went_back(stage: Stage) -> None:
    """Else nobody but who restored it knew, and what it lost adds nothing: it halts already."""
    stage.cycle()
    name = backed_up(stage)
    stage.entry()
    lost(stage)
    back(stage, name)
    stage.start()
    code = HaltName.RECONCILIATION_BREAK.value
    assert "restored from the backup" in stage.portfolio.open_alerts[code].text
    stage.cycle(3)
    assert f"{code}:escalated" in stage.told.codes
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    assert not stage.portfolio.open_alerts
