"""What a sale that protects has left is sold a second later, and never on a guess."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import ACCOUNTS, FILLS, LISTING, ORDERS, Body
from tests.engine.stage import BTC, Stage
from tests.engine.test_exit_watch import Streaming
from tests.engine.test_set_aside import TWO_ORDERS, adopt, asked, coins_came

from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import SECOND, Instant
from trader247.engine.selling_on import CYCLES_MAX
from trader247.ports import CommandKind

THIN = 40_000
"""Lots within 20 bps of the mid: what is held takes them all, and what lies behind them."""


def sales(stage: Stage) -> list[dict[str, str]]:
    """What the exchange knows of our sales, oldest first."""
    return [dict(each) for each in stage.orders if each["side"] == "SELL"]


def fallen(stage: Stage) -> None:
    """A position under its stop, of which the median knows, where little is bid."""
    stage.position()
    stage.board.move(str(BTC), "-7")
    stage.board.depth = THIN
    for _ in range(4):
        stage.begin_minute()


def first_sale(stage: Stage) -> Decimal:
    """Let the cycle of the next minute sell; how much of the position it was to be."""
    held = stage.portfolio.positions[BTC].quantity.value
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.EXIT_SENT, report.endings[BTC]
    return held


def sold(stage: Stage) -> Decimal:
    """How much of the position is gone, as the exchange tells it."""
    return sum((Decimal(each["filled_size"]) for each in sales(stage)), Decimal(0))


def test_what_a_stop_left_is_sold_a_second_later(stage: Stage) -> None:
    fallen(stage)
    held = stage.portfolio.positions[BTC].quantity.value
    stage.begin_minute()
    before, reports = stage.now, len(stage.reports)
    stage.trader.loop.run(cycles=2, until=None)
    first, second = stage.reports[reports:]
    assert first.endings[BTC].reason is Reason.EXIT_SENT
    assert first.is_pressing
    assert (first.time, second.time) == (before, before + SECOND)
    assert second.endings[BTC].reason is Reason.EXIT_SENT
    one, two = sales(stage)
    assert 0 < Decimal(one["filled_size"]) < held
    asked = two["order_configuration"]["sor_limit_ioc"]["base_size"]  # type: ignore[index]
    assert Decimal(asked) == held - Decimal(one["filled_size"]), "no more than was left"
    stage.settle()
    stage.assert_books_agree()


def test_it_is_sold_on_for_as_long_as_something_is_left(stage: Stage) -> None:
    """Its own sale has emptied the book: nothing more is bid until others come back."""
    fallen(stage)
    held = first_sale(stage)
    for _ in range(30):
        if not stage.reports[-1].is_pressing:
            break
        stage.wait(1)
        stage.reports.append(stage.trader.cycle.run())
    assert 2 <= len(sales(stage)) <= CYCLES_MAX
    assert sold(stage) < held
    stage.board.depth = None
    stage.cycle(2)
    assert BTC not in stage.portfolio.positions
    assert sold(stage) == held
    stage.settle()
    stage.assert_books_agree()


def test_a_sale_that_nobody_met_is_sent_again_a_second_later_and_not_for_ever(
    stage: Stage,
) -> None:
    """What was bid is gone as it arrives, each time: the pace of every day goes on then."""
    fallen(stage)
    stage.board.depth = None

    def gone(ask: faulty.Ask, deliver: faulty.Deliver) -> Response:
        crowd = stage.exchange._exchange._hall.markets[str(BTC)].matching.crowd
        price, spread, depth = crowd.price, crowd.spread, crowd.depth
        crowd.move(price=price - price // 50, spread=spread, depth=depth)
        try:
            return deliver()
        finally:
            crowd.move(price=price, spread=spread, depth=depth)

    rule = stage.wire.on(ORDERS, gone)
    stage.begin_minute()
    before = len(stage.reports)
    stage.trader.loop.run(cycles=CYCLES_MAX + 2, until=None)
    reports = stage.reports[before:]
    assert {each["filled_size"] for each in sales(stage)} == {"0"}
    seconds = [(each.time - reports[0].time) // SECOND for each in reports]
    assert seconds[:-1] == list(range(CYCLES_MAX + 1))
    assert seconds[-1] >= 60
    stage.wire.lift(rule)


def as_sent(body: Body) -> None:
    """Orders as before anything became of them."""
    for order in body["orders"]:
        if order["side"] == "SELL":
            order |= {"status": "OPEN", "filled_size": "0", "number_of_fills": "0"}


def ended_unfilled(body: Body) -> None:
    """Orders that ended, and no fill of them."""
    for order in body["orders"]:
        if order["side"] == "SELL":
            order |= {"status": "CANCELLED", "filled_size": "0", "number_of_fills": "0"}


def no_sales(body: Body) -> None:
    """A list of fills that lacks those of sales."""
    body["fills"] = [each for each in body["fills"] if each["side"] != "SELL"]


def test_a_sale_whose_end_is_told_late_is_read_again_and_nothing_is_sold_meanwhile(
    stage: Stage,
) -> None:
    fallen(stage)
    held = stage.portfolio.positions[BTC].quantity.value
    late = [
        stage.wire.on(LISTING, faulty.edited(as_sent)),
        stage.wire.on(FILLS, faulty.edited(no_sales)),
    ]
    first_sale(stage)
    for _ in range(3):
        assert stage.reports[-1].is_pressing
        stage.wait(1)
        stage.reports.append(stage.trader.cycle.run())
        assert stage.reports[-1].endings[BTC].reason is Reason.ORDER_WORKING
    assert len(sales(stage)) == 1
    stage.wire.lift(*late)
    stage.wait(1)
    stage.trader.cycle.run()
    assert len(sales(stage)) == 2
    asked = [each["order_configuration"]["sor_limit_ioc"] for each in sales(stage)]  # type: ignore[index]
    left = held - Decimal(sales(stage)[0]["filled_size"])
    assert Decimal(asked[-1]["base_size"]) == left  # type: ignore[index]
    stage.settle()
    stage.assert_books_agree()


def test_what_the_account_says_otherwise_of_is_not_sold_on(stage: Stage) -> None:
    """The order stands as ended with nothing filled, no fill is listed, and less is there."""
    fallen(stage)
    late = [
        stage.wire.on(LISTING, faulty.edited(ended_unfilled)),
        stage.wire.on(FILLS, faulty.edited(no_sales)),
    ]
    held = first_sale(stage)
    assert not any(each.state.is_settled for each in stage.portfolio.working.values())
    assert not stage.reports[-1].is_pressing
    assert stage.trader.cycle.sells_on_in() is None
    stage.wire.lift(*late)
    stage.board.depth = None
    stage.cycle(3)
    assert BTC not in stage.portfolio.positions
    assert sold(stage) == held
    stage.settle()
    stage.assert_books_agree()


@pytest.mark.parametrize(("others", "is_sold_on"), [("0.01", False), ("0.0000001", True)])
def test_where_coins_of_somebody_elses_lie_nothing_is_sold_on_as_no_list_may_be_true(
    stage: Stage, others: str, *, is_sold_on: bool
) -> None:
    """Orders, fills and balances lag alike: the venue would take what is sold from those coins."""
    stage.cycle()
    stage.exchange.deposit("BTC", Decimal(others))
    stage.cycle(4)
    stage.trader.accepting.accept("mine")
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    fallen(stage)
    stage.board.depth = None
    there = stage.held("BTC")

    def stale(body: Body) -> None:
        for account in body["accounts"]:
            if account["currency"] == "BTC":
                account["available_balance"]["value"] = str(there)
                account["hold"]["value"] = "0"

    late = [
        stage.wire.on(LISTING, faulty.edited(ended_unfilled)),
        stage.wire.on(FILLS, faulty.edited(no_sales)),
        stage.wire.on(ACCOUNTS, faulty.edited(stale)),
    ]
    stage.begin_minute()
    held, before = stage.portfolio.positions[BTC].quantity.value, stage.now
    stage.trader.loop.run(cycles=1, until=None)
    assert stage.reports[-1].endings[BTC].reason is Reason.EXIT_SENT
    assert stage.reports[-1].is_pressing is is_sold_on
    stage.trader.loop._wait(before + timedelta(seconds=50))
    assert stage.now - before == timedelta(seconds=1 if is_sold_on else 50)
    stage.wire.lift(*late)
    stage.cycle(3)
    assert BTC not in stage.portfolio.positions
    assert sold(stage) == held
    assert stage.held("BTC") == Decimal(others)


def test_where_coins_of_somebody_elses_lie_it_is_sold_on_after_a_sale_that_is_booked_in_whole(
    stage: Stage,
) -> None:
    """More than the largest order takes leaves in several, of which nothing can be told late."""
    stage.cycle()
    coins_came(stage, TWO_ORDERS * 2)
    adopt(stage, TWO_ORDERS)
    asked(stage, CommandKind.FLATTEN, products="BTC-USD", reason="enough", operator="test")
    first_sale(stage)
    assert BTC in stage.portfolio.positions
    assert stage.portfolio.foreign == {"BTC": TWO_ORDERS}
    assert stage.trader.cycle.sells_on_in() == SECOND
    stage.wait(1)
    stage.trader.cycle.run()
    assert BTC not in stage.portfolio.positions
    assert stage.held("BTC") == TWO_ORDERS


def test_what_a_sale_left_whose_answer_was_lost_is_sold_on_once_it_is_known(stage: Stage) -> None:
    fallen(stage)
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    rule = stage.wire.on(LISTING, faulty.request_lost, times=2)
    stage.begin_minute()
    before = len(stage.reports)
    stage.trader.loop.run(cycles=2, until=None)
    first, second = stage.reports[before:]
    assert first.endings[BTC].reason is Reason.UNKNOWN_OUTCOME
    assert rule.applied == 2
    assert second.endings[BTC].reason is Reason.EXIT_SENT, second.endings[BTC]
    assert second.time - first.time < 10 * SECOND
    stage.settle()
    stage.assert_books_agree()


@pytest.mark.parametrize("cause", [ExitCause.TARGET, ExitCause.LONGEST_HOLD])
def test_what_can_wait_is_sold_at_the_pace_of_every_day(stage: Stage, cause: ExitCause) -> None:
    stage.position()
    stage.board.depth = THIN
    if cause is ExitCause.TARGET:
        for _ in range(3):
            stage.board.move(str(BTC), "7")
    for _ in range(8):
        stage.begin_minute()
    if cause is ExitCause.LONGEST_HOLD:
        position = stage.portfolio.positions[BTC]
        stage.wait((position.leaves_at - stage.now) // SECOND)
    report = stage.cycle()
    assert cause.value in report.endings[BTC].detail
    assert report.endings[BTC].reason is Reason.EXIT_SENT
    assert BTC in stage.portfolio.positions
    assert not report.is_pressing


def test_what_a_sale_between_two_cycles_left_needs_no_stream_that_goes_on(stage: Stage) -> None:
    stage.position()
    streaming = Streaming(stage)
    stage.fall("5.5")
    stage.cycle(6)
    stage.board.depth = THIN
    stage.fall("1")
    stage.wait(61)
    streaming.tell()
    begun = stage.now
    stage.trader.loop._wait(stage.now + timedelta(seconds=50))
    assert len(sales(stage)) == 1
    assert BTC in stage.portfolio.positions
    assert begun + SECOND <= stage.now <= begun + 2 * SECOND, "the next cycle is due"
    stage.trader.cycle.run()
    assert len(sales(stage)) == 2


def test_a_sale_whose_fills_are_never_told_is_not_read_again_each_second_for_ever(
    stage: Stage,
) -> None:
    """Nobody else looks at it ten times a minute for days, until somebody accepts what it did."""
    fallen(stage)
    stage.wire.on(FILLS, faulty.edited(no_sales))
    first_sale(stage)
    before = len(stage.reports)
    stage.trader.loop.run(cycles=CYCLES_MAX + 5, until=None)
    reports = stage.reports[before:]
    assert all(each.endings[BTC].reason is Reason.ORDER_WORKING for each in reports)
    gaps = [(b.time - a.time) // SECOND for a, b in pairwise(reports)]
    assert gaps[:CYCLES_MAX] == [1] * (CYCLES_MAX - 1) + gaps[CYCLES_MAX - 1 : CYCLES_MAX]
    assert min(gaps[CYCLES_MAX - 1 :]) >= 60, gaps


def test_a_backup_does_not_keep_what_a_sale_between_two_cycles_left_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next step waits for the sale, and not the sale for all of its steps."""
    stage.position()
    streaming = Streaming(stage)
    stage.fall("5.5")
    stage.cycle(6)
    stage.board.depth = THIN
    stage.fall("1")
    stage.wait(61)
    streaming.tell()
    steps: list[Instant] = []

    def stepping() -> None:
        steps.append(stage.now)
        stage.wait(1)

    monkeypatch.setattr(stage.trader.upkeep, "is_due", lambda _: len(steps) < 40)
    monkeypatch.setattr(stage.trader.upkeep, "step", stepping)
    stage.trader.loop._has_cycled = True
    stage.trader.loop._wait(stage.now + timedelta(seconds=50))
    last = stage.reports[-1]
    assert last.endings[BTC].reason is Reason.EXIT_SENT
    assert BTC in stage.portfolio.positions
    assert any(each >= last.time for each in steps), "one step at least"
    assert stage.now - last.time <= 2 * SECOND, "the next cycle is due"
