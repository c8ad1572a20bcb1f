"""The venue's books and ours: late, doubled, withheld, raced, and moved by a person's hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ACCOUNTS, CANCELS, FILLS, LISTING, LOOKUP, ORDERS, Body, Rule
from tests.engine.stage import BTC, ETH, SOL, Stage, kept_at_the_venue

from trader247.domain.errors import NotAllowed
from trader247.domain.events.money import CashFlowed, DifferenceFound
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    FillQuarantined,
    ForeignOrdersSeen,
    OrderSeen,
)
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import Money
from trader247.domain.orders import OrderState, Side
from trader247.domain.reasons import BreakerName, HaltName, Reason, Severity, TradingState
from trader247.domain.time import DAY, Instant
from trader247.engine.startup import folded

UNTOLD = "00000000-0000-4000-8000-00000000000{}"


def lag(stage: Stage, seconds: int) -> Rule:
    """Orders are not listed for this long after they were created."""

    def hide(body: Body) -> None:
        newest = stage.now - timedelta(seconds=seconds)
        body["orders"] = [
            each for each in body["orders"] if Instant.parse(each["created_time"]) <= newest
        ]

    return stage.wire.on(LISTING, faulty.edited(hide))


def without_terms(body: Body) -> None:
    for each in body["orders"]:
        each["order_configuration"] = None


def told_unfilled(body: Body) -> None:
    for each in body["orders"]:
        each.update(filled_size="0", total_fees="0", number_of_fills="0")


def no_fills(body: Body) -> None:
    body["fills"] = []


def no_orders(body: Body) -> None:
    body["orders"] = []


def test_an_order_that_is_not_listed_for_two_minutes_is_waited_for(stage: Stage) -> None:
    lag(stage, 120)
    entry = stage.entry()
    stage.cycle()
    assert stage.working().state is IntentState.ACCEPTED
    assert stage.working().order is None, "nothing was seen of it yet"
    assert entry.order_id == stage.working().order_id
    stage.dip()
    stage.cycle(3)

    assert stage.portfolio.fills_booked == 1
    assert not stage.portfolio.working
    assert not stage.portfolio.halts
    stage.assert_books_agree()


def test_an_order_past_its_end_that_no_listing_shows_is_asked_for_by_its_id(stage: Stage) -> None:
    lag(stage, 3_600)
    entry = stage.entry()
    assert entry.intent.end_time - stage.now < timedelta(minutes=8)
    stage.cycle(12)

    assert not stage.portfolio.working, "it expired, and reserves nothing any more"
    assert not stage.portfolio.halts
    stage.assert_books_agree()


def test_fills_that_come_before_their_order_is_listed_are_booked_once(stage: Stage) -> None:
    lag(stage, 240)
    stage.entry()
    stage.dip()
    stage.cycle()
    assert BTC in stage.portfolio.positions
    assert stage.portfolio.fills_booked == 1
    stage.cycle(5)

    assert stage.portfolio.fills_booked == 1
    assert not stage.portfolio.working
    assert not stage.portfolio.halts
    stage.assert_books_agree()


def test_an_order_that_filled_before_its_fills_are_listed_keeps_its_reservation(
    stage: Stage,
) -> None:
    stage.entry()
    withheld = stage.wire.on(FILLS, faulty.edited(no_fills))
    stage.dip()
    stage.cycle()
    waiting = stage.working()
    assert waiting.state is IntentState.FILLS_PENDING
    assert BTC not in stage.portfolio.positions, "a position is its fills, not an order's word"
    stage.wire.lift(withheld)
    stage.cycle()

    assert BTC in stage.portfolio.positions
    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_an_order_that_is_told_as_unfilled_again_keeps_waiting_for_its_fills(stage: Stage) -> None:
    """It was taken for its last word: the order ended, and its reservation with it."""
    stage.entry()
    withheld = stage.wire.on(FILLS, faulty.edited(no_fills))
    stage.dip()
    stage.cycle()
    stage.wire.on(LISTING, faulty.edited(told_unfilled))
    stage.cycle()
    assert stage.working().state is IntentState.FILLS_PENDING
    stage.wire.lift(withheld)
    stage.cycle()

    assert BTC in stage.portfolio.positions
    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_fills_that_do_not_come_for_minutes_are_a_break_and_are_still_booked_when_they_do(
    stage: Stage,
) -> None:
    stage.entry()
    withheld = stage.wire.on(FILLS, faulty.edited(no_fills))
    stage.dip()
    stage.cycle(4)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)
    assert not is_done
    assert "still differ" in text
    stage.wire.lift(withheld)
    stage.cycle()

    assert not stage.portfolio.differences
    stage.assert_books_agree()
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    assert stage.portfolio.trading_state is TradingState.ACTIVE


def test_doubled_fill_rows_are_one_fill(stage: Stage) -> None:
    def doubled(body: Body) -> None:
        body["fills"] = [each for fill in body["fills"] for each in (fill, fill)]

    stage.wire.on(FILLS, faulty.edited(doubled))
    stage.position()

    assert stage.portfolio.fills_booked == 1
    stage.assert_books_agree()


def test_partial_fills_add_up_to_the_order(stage: Stage) -> None:
    quantity = stage.entry().intent.quantity.value
    lots = int(quantity * 10**8)
    for part in (lots // 3, lots // 4, None):
        stage.dip(volume=part)
    stage.cycle()

    assert len(stage.recorded(FillBooked)) > 2
    assert stage.portfolio.positions[BTC].quantity.value == quantity
    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_a_partial_fill_and_the_end_of_its_time_leave_a_smaller_position(stage: Stage) -> None:
    quantity = stage.entry().intent.quantity.value
    stage.dip(volume=int(quantity * 10**8) // 2)
    stage.cycle(6)

    assert not stage.portfolio.working
    assert Decimal(0) < stage.portfolio.positions[BTC].quantity.value < quantity
    stage.assert_books_agree()


def test_a_cancel_that_is_taken_may_still_fill_and_the_fill_wins(stage: Stage) -> None:
    stage.entry()
    # The venue says that it took the cancel; the order fills before that is done.
    words = stage.wire.on(CANCELS, _taken_in_words_only)
    stage.kill.raise_(reason="", operator="", time="")
    stage.cycle()
    stage.wire.lift(words)
    assert stage.recorded(CancelRequested)
    assert stage.working().cancel_requested is not None
    assert stage.working().state is IntentState.ACCEPTED, "asked for is not yet cancelled"
    stage.dip()
    stage.cycle()

    assert BTC in stage.portfolio.positions
    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_a_fill_of_a_cancelled_order_is_booked_when_it_is_seen_late(stage: Stage) -> None:
    quantity = stage.entry().intent.quantity.value
    withheld = stage.wire.on(FILLS, faulty.edited(no_fills))
    listed = stage.wire.on(LISTING, faulty.edited(_unfilled))
    looked_up = stage.wire.on(LOOKUP, faulty.NOT_FOUND)
    stage.dip(volume=int(quantity * 10**8) // 2)
    stage.kill.raise_(reason="", operator="", time="")
    stage.cycle()
    assert not stage.portfolio.working, "by all that was said it ended unfilled"
    assert stage.portfolio.differences, "but the balances say otherwise"
    stage.wire.lift(withheld, listed, looked_up)
    stage.cycle()

    assert BTC in stage.portfolio.positions
    assert not stage.portfolio.working
    assert not stage.portfolio.differences
    stage.assert_books_agree()


def test_answers_to_a_batch_of_cancels_are_paired_by_id(stage: Stage) -> None:
    first = stage.entry(BTC)
    stage.cycle(2)
    second = stage.entry(ETH)
    assert first.order_id is not None
    assert second.order_id is not None

    def jumbled(body: Body) -> None:
        strange = {"success": False, "failure_reason": "UNKNOWN_CANCEL_ORDER", "order_id": "x-1"}
        body["results"] = [body["results"][1], strange]

    stage.wire.on(CANCELS, faulty.edited(jumbled), times=1)
    results = stage.trader.venue.cancel([first.order_id, second.order_id])

    assert [each.order_id for each in results] == [first.order_id, second.order_id]
    assert [each.is_taken for each in results] == [False, True]
    assert results[0].reason == "no_answer"


@pytest.mark.parametrize("line", [LISTING, FILLS, ACCOUNTS], ids=["orders", "fills", "balances"])
@pytest.mark.parametrize(
    "fault", [faulty.BROKEN, faulty.answered(200, "{}"), faulty.truncated, faulty.request_lost]
)
def test_whoever_cannot_read_the_books_buys_nothing_and_still_leaves(
    stage: Stage, line: str, fault: faulty.Fault
) -> None:
    stage.position()
    broken = stage.wire.on(line, fault)
    stage.breakout(ETH)
    stage.cycle()
    assert stage.ending(ETH).reason is Reason.BREAKER_OPEN, stage.ending(ETH)
    stage.fall("7")
    stage.cycle(4)
    assert len([each for each in stage.orders if each["side"] == "SELL"]) == 1

    stage.wire.lift(broken)
    stage.settle()
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_books_that_can_be_read_again_open_entries_after_five_minutes(stage: Stage) -> None:
    stage.wire.on(LISTING, faulty.BROKEN, times=1)
    stage.cycle()
    assert BreakerName.MAINTENANCE in stage.portfolio.breakers
    stage.cycle(4)
    assert BreakerName.MAINTENANCE in stage.portfolio.breakers, "five minutes are not over"
    stage.cycle(2)
    assert not stage.portfolio.breakers
    stage.entry()


def test_a_loop_of_pages_is_no_listing(stage: Stage) -> None:
    def again(body: Body) -> None:
        body["has_next"], body["cursor"] = True, "1"

    stage.wire.on(LISTING, faulty.edited(again))
    report = stage.cycle()
    assert report.collected.error


def by_hand(stage: Stage, quantity: str, name: str = "web-1") -> None:
    """Sell at the market, as a person does on the website."""
    price = str((stage.board.price("BTC-USD") * Decimal("0.99")).quantize(Decimal("0.01")))
    terms = {"base_size": quantity, "limit_price": price}
    placed = stage.exchange.do(
        {
            "action": "place",
            "client_order_id": name,
            "product_id": "BTC-USD",
            "side": "SELL",
            "order_configuration": {"sor_limit_ioc": terms},
        }
    )
    assert placed["order_id"], placed


def test_what_its_owner_has_on_hold_as_the_book_opens_is_there_all_the_same(stage: Stage) -> None:
    """Left out, it would come to light as a gain once an order of theirs is over."""
    stage.exchange.deposit("SOL", Decimal(100))

    def half_on_hold(body: Body) -> None:
        for each in body["accounts"]:
            half = str(Decimal(each["available_balance"]["value"]) / 2)
            each["available_balance"]["value"] = each["hold"]["value"] = half

    stage.go_back({})
    stage.wire.on(ACCOUNTS, faulty.edited(half_on_hold))
    stage.start()
    assert stage.portfolio.cash == Money.of(10_000)
    assert stage.portfolio.foreign == {"SOL": Decimal(100)}


def deposit(stage: Stage) -> None:
    stage.exchange.deposit("USD", Decimal(500))


def withdrawal(stage: Stage) -> None:
    stage.exchange.deposit("USD", Decimal(-500))


def coins(stage: Stage) -> None:
    stage.exchange.deposit("BTC", Decimal("0.5"))


def other_coins(stage: Stage) -> None:
    stage.exchange.deposit("DOGE", Decimal(1000))


def hand_sale(stage: Stage) -> None:
    by_hand(stage, "0.0001")


@pytest.mark.parametrize("moved", [deposit, withdrawal, coins, other_coins, hand_sale])
def test_what_a_person_moved_is_pending_then_a_break_and_exits_still_leave(
    stage: Stage, moved: Callable[[Stage], None]
) -> None:
    stage.position()
    moved(stage)
    stage.cycle()
    differences = stage.portfolio.differences
    assert differences
    assert not any(each.is_break for each in differences.values())
    assert not stage.portfolio.halts
    stage.cycle(2)

    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    assert "reconciliation_break" in stage.told.codes
    assert stage.portfolio.trading_state is TradingState.REDUCING
    stage.breakout(ETH)
    stage.cycle()
    assert stage.ending(ETH).reason is Reason.TRADING_STATE
    assert not stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    stage.fall("7")
    stage.cycle(4)
    sells = [each for each in stage.orders if each["client_order_id"].startswith("t247-")]
    assert [each["side"] for each in sells] == ["BUY", "SELL"]


def test_a_balance_below_zero_is_a_difference_and_no_end_of_the_trader(stage: Stage) -> None:
    """It has fewer coins than none to sell; everything else goes on."""
    stage.position()

    def owe(body: Body) -> None:
        for each in body["accounts"]:
            if each["currency"] == "BTC":
                each["available_balance"]["value"] = "-1"

    rule = stage.wire.on(ACCOUNTS, faulty.edited(owe))
    stage.fall("7")
    stage.cycle(3)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    assert [each["side"] for each in stage.orders] == ["BUY"]
    stage.wire.lift(rule)
    stage.cycle(4)
    assert [each["side"] for each in stage.orders] == ["BUY", "SELL"]


def test_what_is_left_of_a_position_leaves_after_a_sale_by_hand(stage: Stage) -> None:
    stage.position()
    quantity = stage.portfolio.positions[BTC].quantity.value
    hand_sale(stage)
    stage.fall("7")
    stage.cycle(5)

    assert stage.held("BTC") == 0
    left = stage.portfolio.positions[BTC].quantity.value
    assert left == Decimal("0.0001")
    sold = [Decimal(each["size"]) for each in stage.fills if each["side"] == "SELL"]
    assert sorted(sold) == [Decimal("0.0001"), quantity - Decimal("0.0001")]
    assert len([each for each in stage.orders if each["side"] == "SELL"]) == 2


def test_lots_sold_by_hand_are_accepted_at_what_the_venue_says_they_brought(stage: Stage) -> None:
    stage.position()
    stage.cycle(4)
    before = stage.portfolio.positions[BTC].quantity
    hand_sale(stage)
    stage.cycle(3)

    stage.trader.accepting.accept("sold it myself")
    assert stage.portfolio.positions[BTC].quantity < before
    assert not stage.portfolio.differences
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts, "a person clears it"
    assert stage.portfolio.cash == Money(stage.held("USD"))


def test_lots_that_left_without_a_trade_cannot_be_accepted_away(stage: Stage) -> None:
    stage.position()
    stage.cycle(4)
    stage.exchange.deposit("BTC", Decimal("-0.0001"))
    stage.cycle(3)
    before = stage.portfolio

    with pytest.raises(NotAllowed, match="of our own lots is not at the venue"):
        stage.trader.accepting.accept("sent it away")
    assert stage.portfolio.cash == before.cash
    assert stage.portfolio.positions == before.positions
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


def test_coins_that_came_from_elsewhere_are_accepted_as_foreign_and_never_sold(
    stage: Stage,
) -> None:
    stage.position()
    coins(stage)
    stage.cycle(3)
    stage.trader.accepting.accept("mined")
    assert not stage.portfolio.differences
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    stage.fall("7")
    stage.cycle(4)

    assert stage.held("BTC") == Decimal("0.5"), "own lots left, and nothing else"
    assert BTC not in stage.portfolio.positions


def test_nothing_is_accepted_where_nothing_differs(stage: Stage) -> None:
    stage.position()
    with pytest.raises(NotAllowed, match="no break to accept"):
        stage.trader.accepting.accept("just so")


def test_nothing_is_accepted_while_orders_are_under_way(stage: Stage) -> None:
    stage.entry()
    stage.exchange.deposit("USD", Decimal(500))
    with pytest.raises(NotAllowed, match="under way"):
        stage.trader.accepting.accept("savings", is_alone=True)


def test_an_order_under_our_name_cannot_be_accepted_away(stage: Stage) -> None:
    stranger(stage)
    stage.wire.on(CANCELS, faulty.request_lost)
    stage.cycle()
    with pytest.raises(NotAllowed, match="no movement of money"):
        stage.trader.accepting.accept("whatever")


def test_fills_that_are_missing_cannot_be_accepted_away(stage: Stage) -> None:
    stage.entry()
    stage.wire.on(FILLS, faulty.edited(no_fills))
    stage.dip()
    stage.cycle(4)

    with pytest.raises(NotAllowed, match="under way"):
        stage.trader.accepting.accept("no idea")
    assert not stage.recorded(CashFlowed)[1:]


def test_a_sale_by_hand_is_quarantined_and_never_booked(stage: Stage) -> None:
    stage.position()
    hand_sale(stage)
    stage.cycle(3)

    (quarantined,) = stage.recorded(FillQuarantined)
    assert quarantined.fill.side is Side.SELL
    assert stage.portfolio.fills_booked == 1
    assert stage.told.codes.count("fill_quarantined") == 1


def test_a_fill_under_our_name_that_the_journal_never_intended_stops_buying_at_once(
    stage: Stage,
) -> None:
    stage.cycle()
    stage.exchange.do(
        {
            "action": "place",
            "client_order_id": "t247-0ceef1-1-f45163a6-e225-59fd-9b89-bc58f3d662ae",
            "product_id": "BTC-USD",
            "side": "BUY",
            "order_configuration": {"market_market_ioc": {"quote_size": "50"}},
        }
    )
    stage.cycle()

    assert len(stage.recorded(FillQuarantined)) >= 1
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert "does not fit" in stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    assert stage.told.codes.count("reconciliation_break") == 1


def test_a_deposit_is_no_profit_and_a_withdrawal_no_loss_once_accepted(stage: Stage) -> None:
    stage.cycle()
    nav = stage.portfolio.equity.nav
    stage.exchange.deposit("USD", Decimal(-5_000))
    stage.cycle(3)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    stage.trader.accepting.accept("moved to savings")
    assert stage.recorded(CashFlowed)[-1] == CashFlowed(Money.of(-5_000), "moved to savings")
    assert not stage.portfolio.differences
    is_done, text = stage.unlock(HaltName.RECONCILIATION_BREAK)
    assert is_done, text
    stage.cycle()

    assert stage.portfolio.equity.nav == nav
    assert not stage.portfolio.halts
    stage.entry()
    stage.settle()
    stage.assert_books_agree()


def test_an_order_under_our_name_that_nobody_recorded_is_ended_and_latched(stage: Stage) -> None:
    stranger(stage)
    stage.cycle()

    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    (difference,) = [
        each for each in stage.recorded(DifferenceFound) if each.key.startswith("order:")
    ]
    assert difference.is_break
    stage.cycle()
    assert [each["status"] for each in stage.orders] == ["CANCELLED"]
    assert not stage.portfolio.differences, "it rests no more"
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts, "but a person must look"
    assert not stage.recorded(OrderSeen), "it is never taken for ours"


def test_a_stranger_whose_cancel_was_lost_is_asked_to_end_again(stage: Stage) -> None:
    stranger(stage)
    stage.wire.on(CANCELS, faulty.request_lost, times=2)
    stage.cycle(4)

    assert [each["status"] for each in stage.orders] == ["CANCELLED"]


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_stranger_that_a_listing_leaves_out_is_looked_for_as_far_back_as_before(
    stage: Stage, is_answered: bool
) -> None:
    """A page was left out: older than a usual reading goes back, it was out of sight for good."""
    stranger(stage)
    stage.wire.on(CANCELS, faulty.request_lost)
    stage.cycle(10)
    stage.wire.on(LISTING, faulty.edited(no_orders))
    if not is_answered:
        stage.wire.on(LOOKUP, faulty.NOT_FOUND)
    asked = len(stage.wire.lines(CANCELS))
    stage.cycle(2)
    assert len(stage.wire.lines(CANCELS)) > asked, "it is asked to end meanwhile"
    assert stage.portfolio.differences, "it rests as far as anybody knows"
    stage.wire.lift()
    stage.cycle(2)

    assert [each["status"] for each in stage.orders] == ["CANCELLED"]


def test_a_stranger_of_which_nothing_tells_any_more_is_let_go_after_its_time(stage: Stage) -> None:
    """No order of ours rests for longer than a quarter of an hour, and a minute."""
    stranger(stage)
    stage.wire.on(CANCELS, faulty.request_lost)
    stage.cycle()
    stage.wire.on(LISTING, faulty.edited(no_orders))
    stage.wire.on(LOOKUP, faulty.NOT_FOUND)
    stage.cycle(15)
    assert any(each.startswith("order:") for each in stage.portfolio.differences)
    stage.cycle(3)
    assert list(stage.portfolio.differences) == ["hold:USD"], "what it holds is told of for longer"


def test_a_stranger_that_filled_is_not_adopted(stage: Stage) -> None:
    stranger(stage)
    stage.dip()
    stage.cycle(3)

    assert BTC not in stage.portfolio.positions
    assert len(stage.recorded(FillQuarantined)) == 1
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


def test_an_order_of_a_stranger_to_our_name_is_left_alone(stage: Stage) -> None:
    stranger(stage, name="web-0001-by-hand")
    stage.cycle(2)

    assert [each["status"] for each in stage.orders] == ["OPEN"]
    assert not stage.portfolio.halts


def test_orders_that_are_not_ours_are_told_of_once_also_after_a_start(stage: Stage) -> None:
    stranger(stage, name="web-0001-by-hand")
    stage.cycle(2)
    stage.abandon()
    stage.start()
    stage.cycle()
    (seen,) = stage.recorded(ForeignOrdersSeen)
    assert (seen.count, seen.told.split()[0]) == (1, "BUY")
    stranger(stage, name="web-0002-by-hand")
    stage.cycle(2)
    assert [each.count for each in stage.recorded(ForeignOrdersSeen)] == [1, 1]
    told = [each for each in stage.told.alerts if each.code == "foreign_orders"]
    assert [each.severity for each in told] == [Severity.WARNING] * len(told)
    assert "An order that is not ours rests at the venue: BUY" in told[0].text
    assert told[0].text.endswith("Next: trader247 reconcile")


def test_an_order_of_others_that_is_over_is_no_news(stage: Stage) -> None:
    stranger(stage, name="web-0001-by-hand")
    stage.exchange.do({"action": "cancel", "order_ids": [stage.orders[-1]["order_id"]]})
    assert stage.orders[-1]["status"] == "CANCELLED"
    stage.cycle(2)
    assert not stage.recorded(ForeignOrdersSeen)


def test_a_journal_restored_from_yesterday_takes_its_own_orders_back(stage: Stage) -> None:
    """The day's orders are adopted, ended and latched; their fills are booked at their cost."""
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    bought = stage.portfolio.positions[BTC]
    stage.cycle(2)
    resting = stage.entry(ETH)
    stage.restart()
    lost_epoch = stage.portfolio.epoch
    stage.go_back(backup)
    stage.start()

    assert "this journal lost it" in stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    assert stage.cancelled(resting)
    position = stage.portfolio.positions[BTC]
    assert position.lots == bought.lots
    assert position.plan.stop_fraction <= bought.plan.stop_fraction
    assert stage.portfolio.trading_state is TradingState.REDUCING
    stage.cycle(3)
    assert not stage.portfolio.differences
    assert not stage.portfolio.working
    assert stage.portfolio.cash is not None
    assert stage.portfolio.cash.value == stage.held("USD")
    assert stage.portfolio.epoch >= lost_epoch, "no id is ever made twice"
    assert stage.portfolio == folded(stage.trader.journal)

    stage.fall("9")
    stage.cycle(8)
    assert BTC not in stage.portfolio.positions, "what was taken back can leave"
    names = [each["client_order_id"] for each in stage.orders]
    assert len(names) == len(set(names))
    assert stage.portfolio.cash.value == stage.held("USD")


def gone_back(stage: Stage, minutes: int, unread: dict[str, faulty.Fault]) -> WorkingIntent:
    """Go back to a journal that knows neither position nor stop; a start then meets `unread`.

    Answers the stop, which rests for so many minutes by then.
    """
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    stage.cycle(minutes)
    lost = stage.working(side=Side.SELL)
    stage.go_back(backup)
    for line, fault in unread.items():
        stage.wire.on(line, fault)
    stage.start()
    stage.wire.lift()
    assert stage.portfolio.epoch <= lost.intent.epoch, "nobody told of it yet"
    return lost


@pytest.mark.parametrize("unread", [LISTING, FILLS, ACCOUNTS])
def test_a_start_that_could_not_read_the_books_reads_them_as_far_back_later(
    open_stage: Open, unread: str
) -> None:
    """The next reading reached five minutes back: a lost stop rested on, and a second beside it."""
    stage = open_stage(kept_at_the_venue)
    lost = gone_back(stage, 9, {unread: faulty.BROKEN})
    assert stage.now - lost.intent.created > timedelta(minutes=6)
    stage.cycle()

    assert stage.cancelled(lost)
    assert "this journal lost it" in stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    assert BTC in stage.portfolio.positions
    assert stage.portfolio.epoch > lost.intent.epoch, "no id is ever made twice"
    stage.cycle(2)
    assert stage.portfolio == folded(stage.trader.journal)
    names = [each["client_order_id"] for each in stage.orders]
    assert len(names) == len(set(names))


def test_a_lost_order_that_cannot_be_ended_is_read_until_it_is_over(open_stage: Open) -> None:
    """Readings reach five minutes back: what rests longer was out of sight, and nobody asked."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    stage.cycle()
    lost = stage.working(side=Side.SELL)
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(without_terms))
    stage.wire.on(CANCELS, faulty.BROKEN)
    stage.start()
    stage.cycle(7)
    assert not stage.cancelled(lost)
    stage.wire.lift()
    stage.cycle(2)

    assert stage.cancelled(lost)


def test_a_lost_order_that_is_listed_late_leaves_its_epoch_behind(open_stage: Open) -> None:
    """An epoch was left behind at a start alone, and ids may come again that the venue knows."""
    stage = open_stage(kept_at_the_venue)
    hidden = faulty.edited(lambda body: body.update(orders=[]))
    lost = gone_back(stage, 1, {LISTING: hidden, LOOKUP: faulty.BROKEN})
    stage.cycle()

    assert stage.cancelled(lost)
    assert stage.portfolio.epoch > lost.intent.epoch
    assert stage.portfolio == folded(stage.trader.journal)


@pytest.mark.parametrize("lookup", [None, faulty.BROKEN, faulty.NOT_FOUND])
def test_a_lost_order_that_the_listing_left_out_is_taken_back_for_its_fill(
    stage: Stage, lookup: faulty.Fault | None
) -> None:
    """A fill is told of before its order is: it was kept aside, and its order never whole."""
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    bought = stage.portfolio.positions[BTC]
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(lambda body: body.update(orders=[])), times=2)
    if lookup is not None:
        stage.wire.on(LOOKUP, lookup, times=2)
    stage.start()
    stage.cycle(3)

    stage.assert_whole()
    assert stage.portfolio.positions[BTC].lots == bought.lots


def test_a_lost_order_is_taken_back_though_another_one_is_answered_first(stage: Stage) -> None:
    """Its fill was set aside for good, and with it the sale of what it had bought."""
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    stage.cycle(12)
    bought = stage.portfolio.positions[BTC]
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(lambda body: body.update(orders=[])), times=1)

    def another(body: Body) -> None:
        body["order"].update(order_id="of another", client_order_id="web-0001-by-hand")

    stage.wire.on(LOOKUP, faulty.edited(another), times=1)
    stage.start()
    stage.cycle(3)

    assert not stage.recorded(FillQuarantined)
    stage.assert_whole()
    assert stage.portfolio.positions[BTC].lots == bought.lots


@pytest.mark.parametrize("times", [1, 2, None])
def test_a_lost_order_whose_terms_are_not_told_is_taken_back_with_its_fills(
    stage: Stage, times: int | None
) -> None:
    """Its fills were set aside for good, and the order was taken back without them."""
    stage.position(SOL)
    backup = stage.backed_up()
    stage.position(BTC)
    bought = stage.portfolio.positions[BTC]
    stage.fall("9", SOL)
    stage.cycle(3)
    assert SOL not in stage.portfolio.positions
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(without_terms), times=times)
    stage.wire.on(LOOKUP, faulty.BROKEN)
    stage.start()
    stage.cycle(4)

    stage.assert_whole()
    assert stage.portfolio.positions[BTC].lots == bought.lots
    assert SOL not in stage.portfolio.positions
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    assert stage.portfolio == folded(stage.trader.journal)


def test_two_lost_round_trips_of_one_product_are_taken_back_in_their_order(stage: Stage) -> None:
    stage.position(SOL)
    backup = stage.backed_up()
    for _ in range(2):
        while SOL in stage.portfolio.positions:
            stage.fall("1.5", SOL)
            stage.cycle(4)
        stage.wait(26 * 3600)
        stage.position(SOL)
    bought = stage.portfolio.positions[SOL]
    stage.go_back(backup)
    stage.start()
    stage.cycle(4)

    stage.assert_whole()
    assert stage.portfolio.positions[SOL].lots == bought.lots
    assert stage.portfolio == folded(stage.trader.journal)


def test_a_lost_sale_waits_for_one_of_unknown_outcome_and_keeps_its_fill(stage: Stage) -> None:
    """Two of one side cannot be open at once: its fill was set aside, and it was taken back bare.

    What the journal knows of is resolved by evidence first, however long ago it was sent.
    """
    stage.position()
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    while not stage.portfolio.working:
        stage.fall("1.5")
        stage.cycle()
    assert stage.working(side=Side.SELL).state is IntentState.UNKNOWN
    backup = stage.backed_up()
    stage.cycle(9)
    assert BTC not in stage.portfolio.positions
    stage.go_back(backup)
    stage.start()
    assert stage.working(side=Side.SELL).state is IntentState.UNKNOWN
    stage.cycle(5)

    stage.assert_whole()
    assert BTC not in stage.portfolio.positions


def test_a_sale_waits_for_the_fills_of_what_it_sold(stage: Stage) -> None:
    """A listing left out a part of a buy, but had its sale, which was set aside for good."""
    entry = stage.entry()
    backup = stage.backed_up()
    stage.dip(volume=int(entry.intent.quantity.value * 10**8) // 2)
    stage.dip()
    stage.cycle()
    parts = [each["entry_id"] for each in stage.fills]
    assert len(parts) > 1
    while BTC in stage.portfolio.positions:
        stage.fall("1.5")
        stage.cycle(4)
    stage.go_back(backup)

    def without_a_part(body: Body) -> None:
        body["fills"] = [each for each in body["fills"] if each["entry_id"] != parts[-1]]

    rule = stage.wire.on(FILLS, faulty.edited(without_a_part))
    stage.start()
    stage.cycle()
    assert stage.portfolio.fills_booked == len(parts) - 1, "the sale waits"
    stage.wire.lift(rule)
    stage.cycle(3)

    stage.assert_whole()
    assert BTC not in stage.portfolio.positions
    assert stage.portfolio == folded(stage.trader.journal)


def test_a_sale_waits_for_a_lost_buy_that_waits_for_its_terms(stage: Stage) -> None:
    """Neither its terms were told nor all that it bought: its sale was set aside for good."""
    backup = stage.backed_up()
    entry = stage.entry()
    name = entry.intent.client_order_id
    stage.dip(volume=int(entry.intent.quantity.value * 10**8) // 2)
    stage.dip()
    stage.cycle()
    parts = [each["entry_id"] for each in stage.fills]
    assert len(parts) > 1
    while BTC in stage.portfolio.positions:
        stage.fall("1.5")
        stage.cycle(4)
    stage.go_back(backup)

    def without_a_part(body: Body) -> None:
        body["fills"] = [each for each in body["fills"] if each["entry_id"] != parts[-1]]

    def without_its_terms(body: Body) -> None:
        its = [each for each in body["orders"] if each["client_order_id"] == name]
        without_terms({"orders": its})

    rules = [
        stage.wire.on(FILLS, faulty.edited(without_a_part)),
        stage.wire.on(LISTING, faulty.edited(without_its_terms)),
    ]
    stage.start()
    stage.cycle()
    assert not stage.recorded(FillQuarantined), "the sale waits"
    for each in rules:
        stage.wire.lift(each)
    stage.cycle(3)

    stage.assert_whole()
    assert BTC not in stage.portfolio.positions
    assert stage.portfolio == folded(stage.trader.journal)


def test_a_sale_that_contradicts_its_order_waits_for_no_buy(stage: Stage) -> None:
    """Buying stops at once: that a part of the buy is not listed yet explains no other price."""
    entry = stage.entry()
    backup = stage.backed_up()
    stage.dip(volume=int(entry.intent.quantity.value * 10**8) // 2)
    stage.dip()
    stage.cycle()
    last = stage.fills[-1]["entry_id"]
    while BTC in stage.portfolio.positions:
        stage.fall("1.5")
        stage.cycle(4)
    stage.go_back(backup)

    def at_another_price(body: Body) -> None:
        body["fills"] = [each for each in body["fills"] if each["entry_id"] != last]
        for each in body["fills"]:
            if each["side"] == "SELL":
                each["price"] = "1"

    stage.wire.on(FILLS, faulty.edited(at_another_price))
    stage.start()
    (aside,) = stage.recorded(FillQuarantined)
    assert "worse than the limit" in aside.cause
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


def test_nothing_is_bought_while_the_terms_of_a_lost_order_are_not_told(stage: Stage) -> None:
    """It may fill on: what it bought is held against no limit before it is taken back."""
    stage.cycle()
    backup = stage.backed_up()
    resting = stage.entry(ETH)
    stage.dip(ETH, volume=int(resting.intent.quantity.value * 10**8) // 2)
    stage.cycle()
    assert stage.fills
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(without_terms))
    stage.wire.on(CANCELS, faulty.BROKEN)
    stage.start()
    report = stage.cycle()
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert not report.unreachable, "an order of unknown outcome can be settled meanwhile"
    stage.wire.lift()
    stage.cycle(3)

    assert stage.cancelled(resting)
    assert not stage.recorded(FillQuarantined)
    assert stage.portfolio.positions[ETH].quantity.value == stage.held("ETH")
    assert not stage.portfolio.differences


def test_a_fill_that_waits_for_its_order_is_read_until_it_is_told(stage: Stage) -> None:
    """Fills are read again five minutes back: one that waits longer must not be out of sight."""
    stage.position(ETH)
    backup = stage.backed_up()
    stage.position(BTC)
    bought = stage.portfolio.positions[BTC]
    stage.go_back(backup)

    def without_it(body: Body) -> None:
        body["orders"] = [each for each in body["orders"] if each["product_id"] != "BTC-USD"]

    stage.wire.on(LISTING, faulty.edited(without_it))
    stage.wire.on(LOOKUP, faulty.BROKEN)
    stage.start()
    stage.cycle()
    stage.wire.on(FILLS, faulty.edited(no_fills), times=1)
    stage.cycle(9)
    stage.fall("20", ETH)
    stage.cycle(4)
    assert set(stage.portfolio.positions) == set(), "a later fill was booked, the waiting one not"
    stage.wire.lift()
    stage.cycle(3)

    assert not stage.recorded(FillQuarantined)
    assert stage.portfolio.positions[BTC].lots == bought.lots
    assert not stage.portfolio.differences


def test_nothing_is_bought_while_a_fill_waits_for_its_order(stage: Stage) -> None:
    """What it bought is in no book, and held against no limit: it was bought beside."""
    stage.cycle()
    backup = stage.backed_up()
    stage.position(BTC)
    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.edited(lambda body: body.update(orders=[])))
    stage.wire.on(LOOKUP, faulty.NOT_FOUND)
    stage.start()
    report = stage.cycle()
    assert "a fill that the venue has not told whole yet" in report.unreachable
    stage.wire.lift()
    report = stage.cycle()

    assert not report.unreachable
    assert BTC in stage.portfolio.positions


@pytest.mark.parametrize("products", [(BTC, ETH), (ETH, BTC)])
def test_one_waiting_fill_that_nobody_can_explain_is_enough_to_buy_nothing(
    stage: Stage, products: tuple[ProductId, ...]
) -> None:
    """Another one beside it may be of an order of unknown outcome, and is reserved with that."""
    stage.position(SOL)
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout(ETH)
    stage.cycle()
    assert stage.working(ETH).state is IntentState.UNKNOWN

    def two_more(body: Body) -> None:
        known = body["fills"][0]
        for number, product in enumerate(products):
            name = f"of another {number}"
            made = {"entry_id": name, "trade_id": name, "order_id": UNTOLD.format(number)}
            body["fills"].append({**known, **made, "product_id": str(product), "side": "BUY"})

    stage.wire.on(FILLS, faulty.edited(two_more))
    stage.wire.on(LOOKUP, faulty.BROKEN)
    report = stage.cycle()
    assert "a fill that the venue has not told whole yet" in report.unreachable


def test_what_a_lost_journal_did_before_this_one_began_is_not_booked_again(stage: Stage) -> None:
    stage.go_back({})
    stage.build()
    unbegun = stage.backed_up()
    stage.position(BTC)
    stage.go_back(unbegun)
    stage.start()
    stage.cycle(2)

    assert not stage.portfolio.positions
    assert stage.portfolio.fills_booked == 0
    assert stage.portfolio.cash is not None
    assert stage.portfolio.cash.value == stage.held("USD")
    assert stage.portfolio.foreign["BTC"] == stage.held("BTC")


def stranger(
    stage: Stage, name: str = "t247-ffffff-9-00000000-0000-4000-8000-000000000001"
) -> None:
    price = stage.board.price("BTC-USD") - Decimal("0.01")
    placed = stage.exchange.do(
        {
            "action": "place",
            "client_order_id": name,
            "product_id": "BTC-USD",
            "side": "BUY",
            "order_configuration": {
                "limit_limit_gtd": {
                    "base_size": "0.001",
                    "limit_price": str(price),
                    "end_time": str(stage.now + timedelta(hours=1)),
                    "post_only": True,
                }
            },
        }
    )
    assert placed["order_id"], placed


def _taken_in_words_only(ask: faulty.Ask, _: faulty.Deliver) -> Response:
    results = [
        {"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": each}
        for each in ask.body["order_ids"]
    ]
    return faulty.response_of({"results": results})


def _unfilled(body: Body) -> None:
    for order in body["orders"]:
        order |= {
            "filled_size": "0",
            "number_of_fills": "0",
            "filled_value": "0",
            "total_fees": "0",
            "completion_percentage": "0",
        }
        assert order["status"] in ("OPEN", OrderState.CANCELLED.value)


@pytest.mark.parametrize("set_by", [2 * DAY, -2 * DAY])
def test_books_that_were_read_while_somebody_set_the_clock_are_read_once_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, set_by: timedelta
) -> None:
    """A fill that was booked by such a clock counted on a day that never was."""
    stage.entry()
    stage.dip()
    stage.wait(60)
    clock, booked = stage.trader.clock, len(stage.recorded(FillBooked))
    right = clock.now

    def set_it() -> None:
        monkeypatch.setattr(clock, "now", lambda: right() + set_by)

    stage.wire.on(FILLS, faulty.before_answer(set_it), times=1)
    assert "the clock was set" in stage.trader.reconciler.collect().error
    assert len(stage.recorded(FillBooked)) == booked
    monkeypatch.setattr(clock, "now", right)
    assert not stage.trader.reconciler.collect().error
    assert len(stage.recorded(FillBooked)) > booked
