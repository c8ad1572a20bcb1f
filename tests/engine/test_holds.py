"""Coins, or cash, that the venue holds for an order which nobody here knows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ACCOUNTS, LISTING, ORDERS
from tests.engine.stage import BTC, ETH, SOL, Stage, kept_at_the_venue

from trader247.core.holds import OURS_MAX
from trader247.domain.events.people import AlertRaised
from trader247.domain.orders import Side
from trader247.domain.reasons import Reason
from trader247.domain.time import HOUR, MINUTE
from trader247.engine.startup import folded

HELD = "0.001"
"""Less than the position is."""


@pytest.fixture
def stage(open_stage: Open) -> Stage:
    return open_stage(kept_at_the_venue)


def without_its_stop(stage: Stage) -> None:
    """A position whose stop has ended, and that no new one protects yet."""
    stage.position()
    stage.wait(16 * 60)


def holding(stage: Stage, amount: str, currency: str = BTC.base) -> faulty.Rule:
    """The venue says from now on that it holds so much of a currency for something."""

    def change(body: faulty.Body) -> None:
        for wallet in body["accounts"]:
            if wallet["currency"] == currency:
                free, hold = wallet["available_balance"], wallet["hold"]
                free["value"] = str(Decimal(free["value"]) - Decimal(amount))
                hold["value"] = str(Decimal(hold["value"]) + Decimal(amount))

    return stage.wire.on(ACCOUNTS, faulty.edited(change))


def sales(stage: Stage) -> int:
    """How many sales were sent."""
    return len([ask for ask in stage.wire.lines(ORDERS) if ask.body["side"] == "SELL"])


def test_no_stop_is_sent_beside_the_stop_that_a_restored_journal_lost(stage: Stage) -> None:
    """Its listing lags: a second one would be declined, or sell other coins as well."""
    without_its_stop(stage)
    backup = stage.backed_up()
    stage.restart()
    stage.cycle()
    lost = stage.working(side=Side.SELL).intent.client_order_id
    assert sales(stage) == 2
    stage.go_back(backup)

    def lag(body: faulty.Body) -> None:
        body["orders"] = [each for each in body["orders"] if each["client_order_id"] != lost]

    rule = stage.wire.on(LISTING, faulty.edited(lag))
    stage.start()
    stage.cycle(3)
    assert sales(stage) == 2, "none beside the one that rests"
    found = stage.portfolio.differences["hold:BTC"]
    assert not found.is_break
    assert Decimal(found.venue) == stage.portfolio.positions[BTC].quantity.value

    stage.wire.lift(rule)
    stage.cycle(4)
    assert not stage.portfolio.differences
    assert sales(stage) == 3, "it was found, ended, and another one protects"
    assert stage.portfolio == folded(stage.trader.journal)


def test_a_hold_that_is_older_than_any_order_of_ours_is_somebody_elses(stage: Stage) -> None:
    without_its_stop(stage)
    holding(stage, HELD)
    begun = stage.now
    stage.cycle(3)
    assert sales(stage) == 1
    while sales(stage) == 1:
        stage.cycle()
        assert stage.now - begun < OURS_MAX + 5 * MINUTE
    assert stage.now - begun > OURS_MAX
    assert stage.portfolio.differences["hold:BTC"].venue == HELD


def test_a_hold_that_changes_is_a_new_one(stage: Stage) -> None:
    without_its_stop(stage)
    rule = holding(stage, HELD)
    stage.cycle(12)
    stage.wire.lift(rule)
    rule = holding(stage, "0.0011")
    stage.cycle(12)
    assert sales(stage) == 1
    stage.wire.lift(rule)
    stage.cycle(2)
    assert sales(stage) == 2
    assert not stage.portfolio.differences


def test_a_sale_that_is_due_is_not_kept_back_by_a_hold(stage: Stage) -> None:
    """A position under its stop does not wait for whoever holds coins there."""
    without_its_stop(stage)
    holding(stage, HELD)
    stage.cycle(2)
    assert sales(stage) == 1
    stage.fall("7")
    stage.cycle(3)
    assert BTC not in stage.portfolio.positions
    assert "hold:BTC" not in stage.portfolio.differences, "nothing is held that could be sold twice"


def test_our_own_stop_explains_what_it_holds(stage: Stage) -> None:
    stage.position()
    stage.cycle(2)
    assert not stage.portfolio.differences
    assert sales(stage) == 1


def hiding(stage: Stage, name: str) -> faulty.Rule:
    """No listing has an order of this name from now on."""

    def lag(body: faulty.Body) -> None:
        body["orders"] = [each for each in body["orders"] if each["client_order_id"] != name]

    return stage.wire.on(LISTING, faulty.edited(lag))


def buys(stage: Stage) -> int:
    """How many buys were sent."""
    return len([ask for ask in stage.wire.lines(ORDERS) if ask.body["side"] == "BUY"])


def test_nothing_is_bought_beside_the_buy_that_a_restored_journal_lost(stage: Stage) -> None:
    """It counts against no limit: cash that is held for it is all that tells of it."""
    stage.cycle()
    backup = stage.backed_up()
    lost = stage.entry(ETH)
    stage.go_back(backup)
    rule = hiding(stage, lost.intent.client_order_id)
    stage.start()
    stage.breakout(BTC)
    stage.cycle()
    assert buys(stage) == 1, "none beside the one that rests"
    assert stage.ending(BTC).reason is Reason.BUYING_POWER
    assert "no order that is known here" in stage.ending(BTC).detail
    found = stage.portfolio.differences["hold:USD"]
    assert not found.is_break
    assert not stage.portfolio.halts, "nothing is missing"

    stage.cycle(2)
    assert stage.told.codes.count("cash_held") == 1
    stage.wire.lift(rule)
    stage.cycle(2)
    assert "hold:USD" not in stage.portfolio.differences, "it was found, and ended"
    assert stage.portfolio == folded(stage.trader.journal)


def test_buying_goes_on_once_a_hold_on_cash_is_gone(stage: Stage) -> None:
    rule = holding(stage, "60", "USD")
    stage.cycle()
    assert "hold:USD" in stage.portfolio.differences
    stage.wire.lift(rule)
    stage.entry(SOL)
    assert "hold:USD" not in stage.portfolio.differences


def test_a_hold_on_cash_older_than_any_order_of_ours_is_somebody_elses(stage: Stage) -> None:
    """And our own orders beside it, whose fees may be held or not, make it no younger."""
    holding(stage, "60", "USD")
    stage.cycle()
    since = stage.portfolio.differences["hold:USD"].since
    stage.cycle(OURS_MAX // MINUTE - 2)
    stage.breakout(BTC)
    stage.cycle()
    assert stage.now - since <= OURS_MAX
    assert not buys(stage)
    stage.cycle(2)
    stage.entry(ETH)
    stage.cycle(7)
    assert buys(stage), "and it has ended"
    assert stage.portfolio.differences["hold:USD"].since == since
    assert stage.told.codes.count("cash_held") == 1
    stage.entry(SOL)


def test_a_hold_on_cash_that_is_another_one_at_each_reading_is_told_of_once_and_says_so(
    stage: Stage,
) -> None:
    """A person's own robot on the same account: no amount stays for a minute, nothing is bought."""
    begun = stage.now
    for number in range(12):
        rule = holding(stage, f"{60 + number}", "USD")
        stage.cycle()
        stage.wire.lift(rule)
    assert not buys(stage)
    told = [each for each in stage.recorded(AlertRaised) if each.code == "cash_held"]
    assert len(told) == 1
    assert f"since {begun + MINUTE}" in told[0].text
    assert "another amount again and again" in told[0].text
    assert "a portfolio of its own" in told[0].text
    stage.cycle()
    assert "hold:USD" not in stage.portfolio.differences
    for number in range(7):
        rule = holding(stage, f"{90 + number}", "USD")
        stage.cycle()
        stage.wire.lift(rule)
    told = [each for each in stage.recorded(AlertRaised) if each.code == "cash_held"]
    assert len(told) == 2, "it begins anew, and is told anew"


def test_that_holds_come_and_go_is_told_of_though_a_clock_was_set_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted from a time yet to come, an hour would pass in which nothing is bought."""
    clock = stage.trader.clock
    ahead = clock.now
    for number in range(9):
        if number == 2:
            monkeypatch.setattr(clock, "now", lambda: ahead() - HOUR)
        rule = holding(stage, f"{60 + number}", "USD")
        stage.cycle()
        stage.wire.lift(rule)
    assert stage.told.codes.count("cash_held") == 1


def test_an_old_hold_on_cash_below_the_fees_of_our_own_buys_is_no_new_one_after_them(
    stage: Stage,
) -> None:
    """While they rest it may be what the venue holds for their fees: nothing says that it went."""
    holding(stage, "0.5", "USD")
    stage.cycle()
    since = stage.portfolio.differences["hold:USD"].since
    stage.cycle(OURS_MAX // MINUTE + 2)
    stage.entry(ETH)
    stage.cycle(8)
    assert buys(stage) == 1
    assert stage.portfolio.differences["hold:USD"].since == since
    stage.entry(SOL)


def test_a_hold_on_cash_that_is_gone_is_no_matter_of_fees(stage: Stage) -> None:
    """A venue that holds fees, and whose accounts lag behind an order that ended."""
    stage.entry(BTC)
    late = holding(stage, "60.5", "USD")
    stage.cycle()
    assert "hold:USD" in stage.portfolio.differences
    stage.wire.lift(late)
    holding(stage, "0.5", "USD")
    stage.cycle()
    assert stage.working(BTC).order_id is not None, "its fee is held"
    assert "hold:USD" not in stage.portfolio.differences


def test_a_hold_on_cash_that_may_still_be_there_stands(stage: Stage) -> None:
    """Fees that may be held beside it are no word that it went."""
    stage.entry(BTC)
    held = holding(stage, "1.6", "USD")
    stage.cycle()
    found = stage.portfolio.differences["hold:USD"]
    stage.wire.lift(held)
    for amount, is_there in (("1.2", True), (found.venue, True), ("0.000001", False)):
        rule = holding(stage, amount, "USD")
        stage.cycle()
        assert (stage.portfolio.differences.get("hold:USD") == found) is is_there, amount
        stage.wire.lift(rule)


def test_a_hold_on_cash_that_grows_is_a_new_one(stage: Stage) -> None:
    rule = holding(stage, "60", "USD")
    stage.cycle(OURS_MAX // MINUTE + 2)
    stage.wire.lift(rule)
    holding(stage, "75", "USD")
    stage.breakout(BTC)
    stage.cycle()
    assert stage.ending(BTC).reason is Reason.BUYING_POWER


def test_what_is_held_leaves_while_cash_is_held_for_nobody(open_stage: Open) -> None:
    stage = open_stage()
    stage.position()
    holding(stage, "60", "USD")
    stage.cycle()
    assert "hold:USD" in stage.portfolio.differences
    stage.fall("7")
    stage.cycle(3)
    assert BTC not in stage.portfolio.positions


def test_our_own_buys_explain_what_they_hold(stage: Stage) -> None:
    stage.entry(BTC)
    stage.entry(ETH)
    stage.cycle()
    assert not stage.portfolio.differences
