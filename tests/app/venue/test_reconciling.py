"""Ledger against venue: alone it books and judges, beside a trader it only looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.app.small_books import SEED, copied, trader_in

from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import opened
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue.reconciling import reconcile
from trader247.app.wiring.simulation import open_exchange
from trader247.domain.errors import StorageError, UsageError
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, TradingState
from trader247.domain.time import MINUTE


def chosen(data: Path) -> Choice:
    return Choice(SHIPPED, data)


def deposit(data: Path, currency: str, amount: str) -> None:
    """What its owner would do on the website."""
    market = Market(SEED, load_settings(SHIPPED).app.sim_start, None)
    places = Places(data, Mode.PAPER, VenueName.SIM)
    exchange = open_exchange(places, market.feed(), {})
    exchange.deposit(currency, Decimal(amount))
    exchange.close()


def ledger(data: Path) -> Portfolio:
    with opened(chosen(data)) as book:
        return book.portfolio()


def kinds(data: Path) -> Sequence[str]:
    with JournalReader.open(data / "paper-sim.db") as journal:
        return [each.row.kind for each in journal.events()]


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


def test_books_that_agree_have_no_break(data: Path) -> None:
    found = reconcile(chosen(data), None)
    assert found.collected.breaks == ()
    assert found.collected.pending == ()
    assert not found.is_read_only
    assert found.seed == SEED
    assert "SIMULATED MARKET" in found.label


def test_doing_it_twice_changes_nothing_but_sessions(data: Path) -> None:
    reconcile(chosen(data), timedelta(days=1))
    before, events = ledger(data), kinds(data)
    reconcile(chosen(data), timedelta(days=1))
    after = ledger(data)
    assert kinds(data)[len(events) :] == ["session_started", "session_ended"]
    assert replace(after, seq=before.seq, epoch=before.epoch) == before
    assert not after.is_session_open


def test_what_filled_while_nothing_ran_is_booked_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trader = trader_in(data)
    trader.startup.recover()
    assert trader.cycle.run().orders_sent == 1
    trader.clock.wait_until(trader.clock.now() + 2 * MINUTE, lambda: False)
    trader.close(is_clean=False)
    found = reconcile(chosen(data), None)
    assert found.collected.fills >= 1
    assert found.collected.fees.value > 0
    assert found.collected.breaks == ()
    assert f"{found.collected.fills} fills" in found.collected.sentence("USD")
    assert reconcile(chosen(data), None).collected.fills == 0


def test_what_nothing_explains_is_a_break_at_once_and_latches(data: Path) -> None:
    deposit(data, "USD", "5")
    found = reconcile(chosen(data), None)
    (difference,) = found.collected.breaks
    assert difference.key == "cash:USD"
    assert Decimal(difference.venue) - Decimal(difference.ledger) == 5
    assert found.trading_state is TradingState.REDUCING
    assert HaltName.RECONCILIATION_BREAK in ledger(data).halts
    again = reconcile(chosen(data), None)
    assert [each.key for each in again.collected.breaks] == ["cash:USD"]


def test_a_halt_outlives_the_difference_that_caused_it(data: Path) -> None:
    deposit(data, "USD", "5")
    reconcile(chosen(data), None)
    deposit(data, "USD", "-5")
    found = reconcile(chosen(data), None)
    assert found.collected.breaks == ()
    assert found.trading_state is TradingState.REDUCING


def test_beside_a_trader_it_only_reads(data: Path) -> None:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    events = kinds(data)
    found = reconcile(chosen(data), None)
    assert found.is_read_only
    assert "since 2026-01-05T00:00:00Z" in found.trader
    assert found.collected.breaks == ()
    assert found.collected.pending == ()
    assert kinds(data) == events
    guard.release()


def test_beside_a_trader_a_young_difference_is_pending(data: Path) -> None:
    deposit(data, "BTC", "0.5")
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    found = reconcile(chosen(data), None)
    assert found.collected.breaks == ()
    assert [each.key for each in found.collected.pending] == ["base:BTC"]
    assert ledger(data).differences == {}
    guard.release()


def test_beside_a_trader_its_own_break_is_told(data: Path) -> None:
    deposit(data, "USD", "5")
    reconcile(chosen(data), None)
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    found = reconcile(chosen(data), None)
    assert [each.key for each in found.collected.breaks] == ["cash:USD"]
    guard.release()


def test_a_trader_in_motion_has_no_break_to_its_onlooker(tmp_path: Path) -> None:
    data = tmp_path / "data"
    guard = InstanceGuard(data)
    trader = trader_in(data)
    guard.take(since="2026-01-05T00:00:00Z")
    trader.startup.recover()
    for _ in range(6):
        trader.loop.run(cycles=1, until=None)
        trader.clock.wait_until(trader.clock.now() + MINUTE, lambda: False)
        assert reconcile(chosen(data), None).collected.breaks == ()
    trader.close(is_clean=True)
    guard.release()


def test_the_guard_is_let_go(data: Path) -> None:
    reconcile(chosen(data), None)
    assert not InstanceGuard(data).is_held()


def test_no_book_is_said_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no paper book"):
        reconcile(chosen(tmp_path), None)
    assert list(tmp_path.iterdir()) == []


def test_a_lost_exchange_is_no_new_one(data: Path) -> None:
    for path in data.glob("paper-sim.exchange.db*"):
        path.unlink()
    with pytest.raises(StorageError, match="nothing left to compare"):
        reconcile(chosen(data), None)
    assert not (data / "paper-sim.exchange.db").exists()
