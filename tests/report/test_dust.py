"""Trades of a record in which little is left of a position, and goes with the next."""

from __future__ import annotations

from decimal import Decimal

from tests.core.ledger_values import BTC, a_fill, after, an_intent, an_order, opened, order_name

from trader247.core.booking import fold
from trader247.domain.events.holdings import DustSetAside, DustTakenBack, LotsSoldByHand
from trader247.domain.events.orders import (
    FillBooked,
    FillsAccepted,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.money import Money, Price, Quantity, total
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause
from trader247.report.round_trips import RoundTrips


class Record:
    """A ledger and the trades that are made out of it."""

    def __init__(self) -> None:
        self.portfolio: Portfolio = opened()
        self.trips = RoundTrips(self.portfolio, None)
        self.at = 0

    def tell(self, *events: AnyEvent) -> None:
        for event in events:
            before = self.portfolio
            recorded = Recorded(before.seq + 1, after(self.at), event, "")
            self.portfolio = fold(before, recorded)
            self.trips.take(recorded, before, self.portfolio)

    def trade(self, number: int, side: Side, quantity: str, price: str, decision: str) -> None:
        """An order of which so much fills, and that ends."""
        self.at += 60
        intent = an_intent(
            number, side=side, price=price, decision=decision, cause=ExitCause.STOP, leg=number
        )
        fill = a_fill(
            number, side=side, price=price, quantity=quantity, order=number, time=after(self.at)
        )
        end = an_order(
            number, state=OrderState.CANCELLED, side=side, price=price, filled=quantity,
            fees="0.5", fill_count=1,
        )  # fmt: skip
        name = intent.client_order_id
        taken = SubmissionSettled(name, Acknowledged(order_name(number)))
        self.tell(IntentRecorded(intent), taken, FillBooked(fill, name), OrderSeen(end))

    def set_aside(self) -> None:
        left = self.portfolio.positions[BTC].quantity
        self.tell(DustSetAside(BTC, left, "too little"))


def test_what_was_sold_is_a_trade_and_what_is_left_is_one_of_the_next() -> None:
    record = Record()
    record.trade(1, Side.BUY, "2", "100", "1:BTC-USD")
    record.trade(2, Side.SELL, "1.99", "90", "1:BTC-USD")
    record.set_aside()
    (first,) = record.trips.closed
    assert (first.quantity, first.entry_price) == (Quantity.of("1.99"), Price.of(100))
    assert (first.exit_cause, first.closed) == ("stop", after(120))
    assert first.pnl == record.portfolio.realised
    record.trade(3, Side.BUY, "1", "50", "5:BTC-USD")
    (going,) = record.trips.still_open(record.portfolio)
    assert (going.quantity, going.entry_price) == (Quantity.of("1.01"), Price.of(50))
    record.trade(4, Side.SELL, "1.01", "60", "5:BTC-USD")
    first, second = record.trips.closed
    assert second.quantity == Quantity.of("1.01")
    assert (second.stop, second.target) == (Price.of(47), Price.of(56))
    assert total([first.pnl, second.pnl]) == record.portfolio.realised
    assert total([first.fees, second.fees]) == record.portfolio.fees_paid


def test_what_was_never_sold_is_no_trade_until_it_is() -> None:
    record = Record()
    record.trade(1, Side.BUY, "0.01", "100", "1:BTC-USD")
    record.set_aside()
    assert record.trips.still_open(record.portfolio) == ()
    record.tell(DustTakenBack(BTC, Quantity.of("0.01"), "enough"))
    record.trade(2, Side.SELL, "0.01", "150", "1:BTC-USD")
    (only,) = record.trips.closed
    assert (only.is_whole, only.pnl.value) == (False, Decimal("-0.5"))
    assert only.fees == record.portfolio.fees_paid


def test_what_a_sale_by_hand_paid_is_no_part_of_what_its_trade_cost() -> None:
    """So is what an order of ours sold by fills that somebody accepted."""
    record = Record()
    record.trade(1, Side.BUY, "2", "100", "1:BTC-USD")
    record.tell(LotsSoldByHand(BTC, Quantity.of(1), Price.of(90), Money.of(3), "accepted"))
    record.trade(2, Side.SELL, "1", "90", "1:BTC-USD")
    (only,) = record.trips.closed
    bought = record.portfolio.fees_paid - Money.of(3) - Money.of("0.5")
    assert only.cost == Money.of(200) + bought
    assert only.fees == record.portfolio.fees_paid
    assert only.pnl == record.portfolio.realised
    assert only.pnl == Money.of(180) - Money.of("3.5") - only.cost


def test_what_an_order_sold_that_was_accepted_left_by_that_orders_cause() -> None:
    """What somebody sold by hand beside it did not."""
    for by_hand in (False, True):
        record = Record()
        record.trade(1, Side.BUY, "2", "100", "1:BTC-USD")
        intent = an_intent(
            2, side=Side.SELL, price="90", decision="1:BTC-USD", cause=ExitCause.STOP, leg=2
        )
        name = intent.client_order_id
        end = an_order(
            2, state=OrderState.FILLED, side=Side.SELL, price="90", filled="1", fees="0.5",
            fill_count=1,
        )  # fmt: skip
        fill = a_fill(2, side=Side.SELL, price="90", quantity="1", order=2, time=after(60))
        taken = SubmissionSettled(name, Acknowledged(order_name(2)))
        record.tell(IntentRecorded(intent), taken, OrderSeen(end))
        sale = LotsSoldByHand(BTC, fill.quantity, fill.price, fill.fee, "so it was")
        if by_hand:
            record.tell(FillsAccepted(name, (fill,), "so it was"), sale, sale)
        else:
            record.tell(sale, FillsAccepted(name, (fill,), "so it was"), sale)
        (only,) = record.trips.closed
        assert only.exit_cause == ("sold by hand" if by_hand else "stop")
