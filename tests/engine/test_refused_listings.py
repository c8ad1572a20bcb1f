"""What is held while the account's listings are refused, and orders are taken and ended as ever."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ACCOUNTS, FILLS, LISTING, LOOKUP, ORDERS, Fault
from tests.engine.stage import BTC, ETH, Stage, kept_at_the_venue, kept_locally
from tests.engine.test_loop import SetBack
from tests.engine.test_selling_on import THIN, fallen, first_sale, sales, sold
from tests.engine.test_set_aside import TWO_ORDERS, adopt, asked, coins_came
from tests.engine.test_venue_stops import UNSUPPORTED, at_venue, only_stops, protected, rise

from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState
from trader247.domain.orders import Side
from trader247.domain.reasons import Reason
from trader247.ports import CommandKind

BOOKS = (LISTING, FILLS, ACCOUNTS)
REFUSALS = {
    "failing": faulty.answered(503, '{"error":"unavailable"}'),
    "rate-limited": faulty.answered(429, '{"error":"rate limit exceeded"}'),
    "garbled": faulty.answered(200, "<html>", "text/html"),
    "without-rows": faulty.answered(200, "{}"),
}


@pytest.fixture
def stage(open_stage: Open) -> Stage:
    return open_stage(kept_at_the_venue)


@pytest.fixture(params=REFUSALS)
def refusal(request: pytest.FixtureRequest) -> Fault:
    return REFUSALS[request.param]


def refused(stage: Stage, *patterns: str, by: Fault = REFUSALS["failing"]) -> None:
    for pattern in patterns:
        stage.wire.on(pattern, by)


@pytest.mark.parametrize("listing", BOOKS)
def test_what_is_due_is_sold_by_what_the_stops_own_answer_tells(
    stage: Stage, refusal: Fault, listing: str
) -> None:
    """Its end is asked for by its id, where no listing tells of it."""
    protected(stage)
    rise(stage)
    refused(stage, listing, by=refusal)
    stage.cycle(3)

    assert at_venue(stage) == ["CANCELLED"]
    assert stage.held("BTC") == 0, "it was sold, once"
    stage.settle()
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_nothing_is_sold_twice_while_no_fill_can_be_booked(stage: Stage) -> None:
    protected(stage)
    rise(stage)
    refused(stage, *BOOKS)
    stage.cycle(10)
    assert len(stage.orders) == 3, "entry, stop and one sale"
    assert stage.working(side=Side.SELL).state is IntentState.FILLS_PENDING
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_of_which_nothing_can_be_read_stays(stage: Stage, refusal: Fault) -> None:
    """A sale could not follow: nobody would learn that the stop has ended."""
    protected(stage)
    rise(stage)
    refused(stage, *BOOKS, LOOKUP, by=refusal)
    for _ in range(6):
        report = stage.cycle()
        assert at_venue(stage) == ["OPEN"]
        assert report.endings[BTC].reason is Reason.ORDER_WORKING
        assert not report.is_pressing
    stage.wire.lift()
    stage.cycle(2)
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_a_stop_that_should_cover_more_stays_while_nothing_of_it_can_be_read(stage: Stage) -> None:
    stage.entry()
    stage.dip(volume=30_000)
    stage.cycle(2)
    assert at_venue(stage) == ["OPEN"]
    stage.dip()
    stage.trader.reconciler.collect()
    refused(stage, *BOOKS, LOOKUP)
    stage.cycle(4)
    assert at_venue(stage) == ["OPEN"]

    stage.settle()
    stage.cycle(2)
    assert at_venue(stage) == ["CANCELLED", "OPEN"]


def test_a_stop_whose_time_is_over_is_renewed(stage: Stage, refusal: Fault) -> None:
    protected(stage)
    refused(stage, *BOOKS, by=refusal)
    stage.wait(16 * 60)
    stage.cycle(3)
    assert at_venue(stage) == ["EXPIRED", "OPEN"]


def test_a_stop_that_sold_is_no_reason_to_sell_again_nor_to_hurry(stage: Stage) -> None:
    protected(stage)
    refused(stage, *BOOKS)
    stage.fall("6.2")
    report = stage.cycle(4)

    assert at_venue(stage) == ["FILLED"]
    assert len(stage.orders) == 2
    assert not report.is_pressing, "only a fill is awaited, and there may be none for hours"
    stage.settle()
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_an_answer_of_another_order_tells_nothing(stage: Stage) -> None:
    protected(stage)
    rise(stage)

    def another(body: faulty.Body) -> None:
        body["order"]["client_order_id"] = "someone-else"

    refused(stage, *BOOKS)
    stage.wire.on(LOOKUP, faulty.edited(another))
    stage.cycle(3)
    assert at_venue(stage) == ["OPEN"]


def part_sold(stage: Stage, *patterns: str) -> Decimal:
    """A sale that filled in part, of which no fill can be read; how much was held before it."""
    fallen(stage)
    refused(stage, *patterns)
    held = first_sale(stage)
    assert 0 < sold(stage) < held
    stage.board.depth = None
    return held


@pytest.mark.parametrize("patterns", [(FILLS,), BOOKS])
def test_what_an_ended_sale_left_is_sold_though_its_fills_cannot_be_read(
    open_stage: Open, patterns: tuple[str, ...]
) -> None:
    stage = open_stage(kept_locally)
    held = part_sold(stage, *patterns)
    stage.cycle(4)
    assert len(sales(stage)) == 2
    assert sold(stage) == held, "the rest of it, and no more"
    assert stage.portfolio.positions[BTC].quantity.value == held, "no fill is booked"
    stage.settle()
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_what_an_ended_sale_left_waits_for_a_minute_for_its_fills(open_stage: Open) -> None:
    """They are told a moment later nearly always: then nothing is sold by one word alone."""
    stage = open_stage(kept_locally)
    part_sold(stage, FILLS)
    stage.wait(50)
    report = stage.trader.cycle.run()
    assert report.endings[BTC].reason is Reason.ORDER_WORKING
    assert len(sales(stage)) == 1


def test_a_clock_that_is_set_back_ends_no_wait_for_an_ended_sales_fills(
    open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By it the sale was yet to come, and what it left was sold by the word of one moment."""
    stage = open_stage(kept_locally)
    held = part_sold(stage, FILLS)
    clock = SetBack(stage.trader.clock)
    clock.by = timedelta(minutes=10)
    monkeypatch.setattr(stage.trader.ledger, "_clock", clock)
    monkeypatch.setattr(stage.trader.cycle._market, "_clock", clock)
    stage.wait(2)
    report = stage.trader.cycle.run()
    assert report.time < stage.now - timedelta(minutes=9)
    assert report.endings[BTC].reason is Reason.ORDER_WORKING
    assert len(sales(stage)) == 1
    clock.by = timedelta(0)
    stage.cycle(3)
    assert sold(stage) == held, "once it was told again a while later"


def test_what_an_ended_sale_left_is_covered_where_it_is_not_due_any_more(stage: Stage) -> None:
    stage.wire.on(ORDERS, only_stops(UNSUPPORTED))
    held = part_sold(stage, FILLS)
    stage.wire.lift()
    refused(stage, FILLS)
    stage.board.move(str(BTC), "9")
    stage.wait(3600)
    stage.cycle(3)
    (stop,) = [each for each in sales(stage) if each["status"] == "OPEN"]
    asked = stop["order_configuration"]["stop_limit_stop_limit_gtd"]["base_size"]  # type: ignore[index]
    assert Decimal(asked) == held - sold(stage)
    stage.settle()
    stage.cycle(2)
    assert len([each for each in sales(stage) if each["status"] == "OPEN"]) == 1


def test_a_sale_that_ended_whole_is_awaited_and_nothing_more_is_sold(open_stage: Open) -> None:
    stage = open_stage(kept_locally)
    fallen(stage)
    stage.board.depth = None
    refused(stage, FILLS)
    held = first_sale(stage)
    for _ in range(5):
        report = stage.cycle()
        assert report.endings[BTC].reason is Reason.ORDER_WORKING
    assert len(sales(stage)) == 1
    assert sold(stage) == held
    stage.settle()
    stage.assert_books_agree()


def test_what_a_stop_left_is_sold_though_its_fills_cannot_be_read(stage: Stage) -> None:
    protected(stage)
    held = stage.portfolio.positions[BTC].quantity.value
    refused(stage, FILLS)
    stage.board.depth = THIN
    stage.fall("6.2")
    stage.wait(45)
    stage.trader.loop._execution.cancel_all("by hand")
    stage.trader.reconciler.collect()
    assert at_venue(stage) == ["CANCELLED"]
    assert 0 < sold(stage) < held
    stage.board.depth = None
    stage.cycle(8)
    assert sold(stage) == held
    assert {each["status"] for each in sales(stage)} <= {"CANCELLED", "FILLED"}
    stage.settle()
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def half_told(body: faulty.Body) -> None:
    """A word that lags: it says that the order has ended, and not all that it filled."""
    body["order"]["filled_size"] = str(Decimal(body["order"]["filled_size"]) / 2)


def sold_beside_others(stage: Stage) -> Decimal:
    """A sale that ended in part, of which half is told, beside coins that are not ours."""
    stage.cycle()
    coins_came(stage, Decimal("0.01"))
    stage.wire.on(LOOKUP, faulty.edited(half_told), times=1)
    return part_sold(stage, *BOOKS)


def test_an_ended_sale_is_asked_for_again_before_more_is_sold_by_its_word(open_stage: Open) -> None:
    """Its first word may lag: what it did not tell would be sold once more, of somebody else's."""
    stage = open_stage(kept_locally)
    held = sold_beside_others(stage)
    stage.cycle(5)
    assert sold(stage) == held
    stage.settle()
    assert BTC not in stage.portfolio.positions
    assert stage.held("BTC") == Decimal("0.01")


def older(body: faulty.Body) -> None:
    """A word from before the order had ended, and before it filled."""
    body["order"] |= {"status": "OPEN", "filled_size": "0", "number_of_fills": "0"}
    body["order"] |= {"filled_value": "0", "total_fees": "0", "completion_percentage": "0"}


def test_a_word_that_goes_back_is_no_word_that_is_told_again(open_stage: Open) -> None:
    """It does not say that what was told first was all."""
    stage = open_stage(kept_locally)
    held = sold_beside_others(stage)
    rule = stage.wire.on(LOOKUP, faulty.edited(older))
    stage.cycle(5)
    assert len(sales(stage)) == 1
    stage.wire.lift(rule)
    stage.cycle(3)
    assert sold(stage) == held


def test_nothing_is_sold_by_the_word_of_a_sale_that_cannot_be_asked_for_again(
    open_stage: Open,
) -> None:
    stage = open_stage(kept_locally)
    held = sold_beside_others(stage)
    rule = stage.wire.on(LOOKUP, REFUSALS["failing"])
    stage.cycle(5)
    assert len(sales(stage)) == 1
    stage.wire.lift(rule)
    stage.cycle(3)
    assert sold(stage) == held


def test_more_than_the_largest_order_is_sold_on_though_no_fill_can_be_read(
    open_stage: Open,
) -> None:
    """A sale that filled in whole was of a part alone: the rest is covered by nothing."""
    stage = open_stage(kept_locally)
    stage.cycle()
    coins_came(stage, TWO_ORDERS)
    adopt(stage, TWO_ORDERS)
    refused(stage, FILLS)
    asked(stage, CommandKind.FLATTEN, products=str(BTC), reason="enough", operator="test")
    stage.cycle(8)
    assert len(sales(stage)) == 2
    assert sold(stage) == TWO_ORDERS
    stage.settle()
    assert BTC not in stage.portfolio.positions
    assert stage.held("BTC") == 0


def test_nothing_is_sold_by_the_first_word_of_an_end_that_nobody_here_asked_for(
    stage: Stage,
) -> None:
    """Somebody cancels a stop that filled in part: since when it has ended is not known."""
    stage.cycle()
    coins_came(stage, Decimal("0.01"))
    protected(stage)
    held = stage.portfolio.positions[BTC].quantity.value
    refused(stage, *BOOKS)
    stage.board.depth = THIN
    stage.fall("6.2")
    stage.wait(45)
    assert 0 < sold(stage) < held
    (stop,) = [each["order_id"] for each in sales(stage)]
    stage.exchange.do({"action": "cancel", "order_ids": [stop]})
    stage.wire.on(LOOKUP, faulty.edited(half_told), times=1)
    stage.board.depth = None
    for _ in range(5):
        stage.begin_minute()
    report = stage.cycle()
    assert at_venue(stage) == ["CANCELLED"]
    assert report.endings[BTC].reason is Reason.ORDER_WORKING
    stage.cycle(3)
    assert sold(stage) == held


def is_of(product: ProductId, fault: Fault) -> Fault:
    """The fault for questions about orders of one product alone."""

    def striking(ask: faulty.Ask, deliver: faulty.Deliver) -> Response:
        answer = deliver()
        is_its = answer.json()["order"]["product_id"] == str(product)
        return fault(ask, lambda: answer) if is_its else answer

    return striking


@pytest.mark.parametrize("answer", [faulty.NOT_FOUND, faulty.edited(lambda body: body.clear())])
def test_a_stop_that_cannot_be_asked_for_keeps_no_other_product_back(
    stage: Stage, answer: Fault
) -> None:
    """The venue tells of the other one's end: what is due there is sold."""
    stage.position(ETH)
    stage.wait(3_600)
    protected_too(stage)
    rise(stage)
    for _ in range(3):
        stage.board.move(str(ETH), "7")
        stage.begin_minute()
    refused(stage, *BOOKS)
    rule = stage.wire.on(LOOKUP, is_of(ETH, answer))
    stage.cycle(4)

    assert stage.held("BTC") == 0, "its stop was told of"
    assert stage.held("ETH") > 0, "nobody would learn that its stop has ended"
    assert stage.ending(ETH).reason is Reason.ORDER_WORKING
    assert [each["product_id"] for each in stage.orders if each["status"] == "OPEN"] == [str(ETH)]
    stage.wire.lift(rule)
    stage.cycle(4)
    assert stage.held("ETH") == 0
    stage.settle()
    stage.assert_books_agree()


def protected_too(stage: Stage) -> None:
    """A position whose stop rests at the venue, beside another one."""
    stage.position()
    stage.cycle()
    assert at_venue(stage)[-2:] == ["OPEN", "OPEN"]
