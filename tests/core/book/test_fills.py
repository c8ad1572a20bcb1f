from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_cycle,
    a_fill,
    after,
    an_intent,
    bought,
    folded,
    name_of,
    opened,
    order_name,
    sent,
)

from trader247.core.risk.checks.turnover import bought_today, fees_today
from trader247.domain.errors import LedgerError
from trader247.domain.events.orders import FillBooked, IntentRecorded, SubmissionSettled
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.fills import Fill
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.outcomes import Acknowledged
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause
from trader247.domain.time import DAY, HOUR, MINUTE, SECOND, Instant

PRODUCTS = (BTC, ETH, ProductId("DOGE", "USD"))
FEE_STEP = Fraction(1, 10**16)


@st.composite
def a_history(draw: st.DrawFn) -> list[AnyEvent]:
    """Intents and fills of three products, sold no further than they were bought."""
    events: list[AnyEvent] = []
    held = dict.fromkeys(PRODUCTS, 0)
    for number in range(1, draw(st.integers(1, 12)) + 1):
        product = draw(st.sampled_from(PRODUCTS))
        side = Side.SELL if held[product] and draw(st.booleans()) else Side.BUY
        most = held[product] if side is Side.SELL else 10**9
        units = draw(st.integers(1, most))
        price = draw(st.decimals("0.00000001", "99999", places=8))
        intent = an_intent(
            number,
            side=side,
            product=product,
            price=str(price),
            quantity=str(Decimal(units).scaleb(-8)),
            created=after(number),
            decision=f"{number}:{product}",
            leg=0 if side is Side.BUY else 1,
        )
        name = intent.client_order_id
        events += [
            IntentRecorded(intent),
            SubmissionSettled(name, Acknowledged(order_name(number))),
        ]
        for part in range(1, draw(st.integers(1, 4)) + 1):
            if not units:
                break
            piece = draw(st.integers(1, units))
            units -= piece
            held[product] += piece if side is Side.BUY else -piece
            fill = a_fill(
                number * 10 + part,
                side=side,
                product=product,
                price=str(price),
                quantity=str(Decimal(piece).scaleb(-8)),
                fee=str(draw(st.decimals("0", "20", places=16))),
                order=number,
                time=after(number),
            )
            events.append(FillBooked(fill, name))
    return events


class Naive:
    """The ledger again, from fills alone, in fractions: no lot, no cash, no code in common."""

    def __init__(self, fills: list[Fill]) -> None:
        self.cash = Fraction(10_000)
        self.fees = Fraction(0)
        self.realised = Fraction(0)
        self.lots: dict[ProductId, deque[list[Fraction]]] = {}
        for fill in fills:
            self.take(fill)

    def take(self, fill: Fill) -> None:
        price, quantity = Fraction(fill.price.value), Fraction(fill.quantity.value)
        fee = Fraction(fill.fee.value)
        self.fees += fee
        lots = self.lots.setdefault(fill.product, deque())
        if fill.side is Side.BUY:
            self.cash -= price * quantity + fee
            lots.append([quantity, price, fee])
            return
        self.cash += price * quantity - fee
        self.realised += price * quantity - fee
        while quantity:
            lot = lots[0]
            taken = min(quantity, lot[0])
            if taken == lot[0]:
                share = lot[2]
                lots.popleft()
            else:
                share = min(lot[2], -(-(lot[2] * taken / lot[0]) // FEE_STEP) * FEE_STEP)
                lot[0] -= taken
                lot[2] -= share
            self.realised -= taken * lot[1] + share
            quantity -= taken


def fills_of(events: list[AnyEvent]) -> list[Fill]:
    return [event.fill for event in events if isinstance(event, FillBooked)]


@settings(max_examples=150, deadline=None)
@given(a_history())
def test_cash_fees_lots_and_profit_equal_a_recomputation_from_the_fills(
    events: list[AnyEvent],
) -> None:
    portfolio = folded(opened(), *events)
    naive = Naive(fills_of(events))
    assert portfolio.cash is not None
    assert Fraction(portfolio.cash.value) == naive.cash
    assert Fraction(portfolio.fees_paid.value) == naive.fees
    assert Fraction(portfolio.realised.value) == naive.realised
    lots = {
        product: [
            [Fraction(lot.quantity.value), Fraction(lot.price.value), Fraction(lot.fee.value)]
            for lot in position.lots
        ]
        for product, position in portfolio.positions.items()
    }
    assert lots == {product: list(held) for product, held in naive.lots.items() if held}


@settings(max_examples=100, deadline=None)
@given(a_history())
def test_no_money_is_made_or_lost_in_the_books(events: list[AnyEvent]) -> None:
    portfolio = folded(opened(), *events)
    flow = Fraction(portfolio.flows.value)
    for fill in fills_of(events):
        notional = Fraction(fill.price.value) * Fraction(fill.quantity.value)
        flow += notional if fill.side is Side.SELL else -notional
        flow -= Fraction(fill.fee.value)
    assert portfolio.cash is not None
    assert Fraction(portfolio.cash.value) == flow
    held = sum((Fraction(each.cost.value) for each in portfolio.positions.values()), Fraction(0))
    made = Fraction(portfolio.cash.value) + held - Fraction(portfolio.flows.value)
    assert Fraction(portfolio.realised.value) == made


@settings(max_examples=50, deadline=None)
@given(a_history())
def test_folding_leaves_every_portfolio_before_it_unchanged(events: list[AnyEvent]) -> None:
    portfolio = opened()
    texts: list[tuple[Portfolio, str]] = []
    for event in events:
        texts.append((portfolio, repr(portfolio)))
        portfolio = folded(portfolio, event)
    for before, text in texts:
        assert repr(before) == text


def sold(
    portfolio: Portfolio,
    number: int,
    *,
    price: str = "100",
    quantity: str = "1",
    fee: str = "0.5",
    product: ProductId = BTC,
    time: Instant = START,
    cause: ExitCause | None = None,
) -> Portfolio:
    """An exit of the whole of its fill, recorded, acknowledged and filled."""
    made = a_fill(
        number,
        side=Side.SELL,
        product=product,
        price=price,
        quantity=quantity,
        fee=fee,
        order=number,
        time=time,
    )
    intent = an_intent(
        number,
        side=Side.SELL,
        product=made.product,
        price=str(made.price),
        quantity=str(made.quantity),
        cause=cause,
        created=made.time,
    )
    return folded(sent(portfolio, intent), FillBooked(made, name_of(number)))


def test_a_buy_costs_its_notional_and_its_fee() -> None:
    portfolio = bought(price="100", quantity="2", fee="0.5")
    assert portfolio.cash == Money.of("9799.5")
    assert portfolio.fees_paid == Money.of("0.5")
    assert portfolio.fills_booked == 1
    position = portfolio.positions[BTC]
    assert (position.quantity, position.entry_price) == (Quantity.of(2), Price.of(100))
    assert (position.highest, position.opened) == (Price.of(100), START)
    assert position.rule == "momentum"


def test_a_sale_realises_its_proceeds_less_all_that_its_lots_had_cost() -> None:
    portfolio = sold(bought(), 2, price="110", quantity="2", fee="1")
    assert portfolio.realised == Money.of("18.5")
    assert portfolio.cash == Money.of("10018.5")
    assert not portfolio.positions


def test_a_part_sold_leaves_the_position_with_what_it_has_made() -> None:
    portfolio = sold(bought(), 2, price="110", quantity="1", fee="0.5")
    assert portfolio.positions[BTC].quantity == Quantity.of(1)
    assert portfolio.positions[BTC].realised == Money.of("9.25")
    assert portfolio.losing_streak == 0


def test_a_position_that_lost_in_total_adds_to_the_losing_streak() -> None:
    portfolio = sold(bought(), 2, price="90", quantity="1", fee="0", time=after(60))
    assert portfolio.losing_streak == 0
    portfolio = sold(portfolio, 3, price="101", quantity="1", fee="0", time=after(120))
    assert portfolio.losing_streak == 1
    assert portfolio.last_loss == after(120)
    assert portfolio.history[BTC].last_loss == after(120)
    assert portfolio.history[BTC].last_stop is None


def test_a_position_that_won_in_total_ends_the_losing_streak() -> None:
    portfolio = sold(bought(), 2, price="90", quantity="2")
    assert portfolio.losing_streak == 1
    intent = an_intent(5, decision="5:ETH-USD", product=ETH)
    portfolio = folded(
        sent(portfolio, intent), FillBooked(a_fill(5, product=ETH, order=5), name_of(5))
    )
    portfolio = sold(portfolio, 6, price="120", quantity="1", product=ETH)
    assert portfolio.losing_streak == 0
    assert portfolio.history[ETH].last_loss is None


def test_a_position_that_leaves_in_three_parts_has_made_what_all_of_them_have() -> None:
    """4.25 above its cost, 15.75 below, and 4.25 above."""
    portfolio = sold(bought(), 2, price="105", quantity="1", fee="0.5")
    portfolio = sold(portfolio, 3, price="70", quantity="0.5", fee="0.625")
    assert portfolio.positions[BTC].realised == Money.of("-11.5")
    portfolio = sold(portfolio, 4, price="110", quantity="0.5", fee="0.625")
    assert portfolio.losing_streak == 1


def test_a_sale_that_brings_more_than_it_was_decided_on_is_no_slip() -> None:
    intent = an_intent(2, side=Side.SELL, price="100", quantity="2")
    made = a_fill(2, side=Side.SELL, price="102", quantity="2", order=2)
    portfolio = folded(sent(bought(), intent), FillBooked(made, intent.client_order_id))
    assert [str(each) for each in portfolio.history[BTC].slips][-1] == "-200"


def test_a_stop_that_was_hit_is_remembered_for_its_product() -> None:
    portfolio = sold(bought(), 2, price="94", quantity="2", cause=ExitCause.STOP, time=after(300))
    assert portfolio.history[BTC].last_stop == after(300)
    assert portfolio.history[BTC].last_fill == after(300)


def test_the_stop_before_the_last_one_is_remembered_too() -> None:
    once = sold(bought(), 2, price="94", quantity="2", cause=ExitCause.STOP, time=after(300))
    assert once.history[BTC].previous_stop is None
    intent = an_intent(3, decision="3:BTC-USD")
    fill = a_fill(3, quantity="2", order=3)
    again = folded(sent(once, intent), FillBooked(fill, intent.client_order_id))
    twice = sold(again, 4, price="94", quantity="2", cause=ExitCause.STOP, time=after(900))
    assert twice.history[BTC].last_stop == after(900)
    assert twice.history[BTC].previous_stop == after(300)


def test_an_entry_that_trades_in_parts_is_remembered_once() -> None:
    whole = bought()
    assert len(whole.history[BTC].entries) == 1
    after_sale = sold(whole, 2, quantity="2", time=after(300))
    assert after_sale.history[BTC].entries == whole.history[BTC].entries
    intent = an_intent(9, product=ETH, quantity="2", decision="9:ETH-USD")
    parts = folded(
        sent(opened(), intent),
        FillBooked(a_fill(91, product=ETH, quantity="1", order=9), intent.client_order_id),
        FillBooked(a_fill(92, product=ETH, quantity="1", order=9), intent.client_order_id),
    )
    assert len(parts.history[ETH].entries) == 1


def test_a_day_remembers_what_it_bought_and_paid() -> None:
    portfolio = bought()
    assert portfolio.spent is not None
    assert portfolio.spent.day == START.day_start
    assert portfolio.spent.bought == Money.of(200)
    assert portfolio.spent.fees == portfolio.fees_paid
    sale = sold(portfolio, 2, quantity="2")
    assert sale.spent is not None
    assert sale.spent.bought == Money.of(200)
    assert sale.spent.fees == sale.fees_paid
    assert sale.spent.fees > portfolio.spent.fees


def test_a_clock_that_is_set_back_over_midnight_forgets_nothing_of_the_day() -> None:
    intent = an_intent(9, product=ETH, quantity="2", decision="9:ETH-USD")
    book, name = sent(opened(), intent), intent.client_order_id
    tomorrow = START.day_start + DAY
    for number, at in enumerate((tomorrow, tomorrow - SECOND), start=91):
        fill = a_fill(number, product=ETH, quantity="1", order=9)
        book = folded(book, FillBooked(fill, name), at=at)
    assert book.spent is not None
    assert (book.spent.day, book.spent.bought) == (tomorrow, Money.of(200))


@pytest.mark.parametrize("ahead", [timedelta(hours=13), 2 * DAY, 30 * DAY])
def test_what_a_clock_ahead_books_adds_to_the_day_that_goes_on(ahead: timedelta) -> None:
    """The day's turnover began anew with the one that it told of, and again as it was put right."""
    intent = an_intent(9, product=ETH, quantity="3", decision="9:ETH-USD")
    book, name = sent(opened(), intent), intent.client_order_id
    noon = START.day_start + 12 * HOUR
    for number, at in enumerate((noon, noon + ahead, noon + MINUTE), start=91):
        fill = a_fill(number, product=ETH, quantity="1", order=9)
        book = folded(book, FillBooked(fill, name), at=at)
        assert bought_today(book, noon + MINUTE) == Money.of(100 * (number - 90))
        assert fees_today(book, noon + MINUTE) == book.fees_paid
    assert bought_today(book, START.day_start + 60 * DAY) == Money.of(0), "that day begins anew"


@pytest.mark.parametrize("off", [-2 * DAY, -30 * DAY, 2 * DAY])
def test_a_clock_that_is_off_for_a_while_begins_no_day_anew(off: timedelta) -> None:
    """Days behind, it dated the day's turnover back: as it was put right a new one began."""
    noon = START.day_start + 12 * HOUR
    intents = [
        an_intent(each, product=ETH, quantity="2", decision=f"{each}:ETH-USD") for each in (9, 10)
    ]
    book = folded(opened(), a_cycle(1, at=noon))
    for intent in intents:
        book = sent(book, intent, at=noon)
    at = (noon, noon + off, noon + MINUTE)
    for number, (when, order) in enumerate(zip(at, (9, 10, 10), strict=True), start=91):
        fill = a_fill(number, product=ETH, quantity="1", order=order)
        book = folded(book, FillBooked(fill, intents[order - 9].client_order_id), at=when)
    assert bought_today(book, noon + MINUTE) == Money.of(300)
    assert fees_today(book, noon + MINUTE) == book.fees_paid
    (day,) = book.conduct.values()
    assert (day.day, day.orders, day.traded) == (START.day_start, 2, 2)


def test_a_clock_ahead_that_sees_two_midnights_takes_back_no_morning() -> None:
    """Of the days that it told of, the second took the place of the one that goes on."""
    ten, ahead = START.day_start + 10 * HOUR, 36 * HOUR
    intent = an_intent(9, product=ETH, quantity="4", decision="9:ETH-USD")
    book = sent(folded(opened(), a_cycle(1, at=ten)), intent, at=ten)
    later = ten + 5 * HOUR
    right = (ten, ten + MINUTE, later, later + MINUTE)
    for number, (truly, off) in enumerate(zip(right, (None, ahead, ahead, None), strict=True), 91):
        at = truly if off is None else truly + off
        book = folded(book, replace(a_cycle(number, at=at), skew=None if off is None else -off))
        fill = a_fill(number, product=ETH, quantity="1", order=9)
        book = folded(book, FillBooked(fill, intent.client_order_id), at=at)
    assert bought_today(book, later + MINUTE) == Money.of(400)
    assert fees_today(book, later + MINUTE) == book.fees_paid


def test_selling_more_than_is_held_contradicts_the_ledger() -> None:
    with pytest.raises(LedgerError):
        sold(bought(quantity="2"), 2, quantity="2.1")
    with pytest.raises(LedgerError):
        sold(opened(), 2)


def test_a_buy_that_no_intent_explains_contradicts_the_ledger() -> None:
    with pytest.raises(LedgerError):
        folded(opened(), FillBooked(a_fill(1), name_of(1)))


def test_a_late_buy_of_a_forgotten_intent_joins_the_position_that_it_belongs_to() -> None:
    portfolio = bought()
    late = folded(portfolio, FillBooked(a_fill(9, price="101", order=9), name_of(9)))
    assert late.positions[BTC].quantity == Quantity.of(3)
    assert late.positions[BTC].plan == portfolio.positions[BTC].plan


@pytest.mark.parametrize(
    "fill",
    [
        a_fill(1, product=ETH),
        a_fill(1, side=Side.SELL),
        a_fill(1, quantity="2.00000001"),
        a_fill(1, price="100.01"),
        a_fill(1, quantity="0"),
    ],
    ids=["other product", "other side", "more than ordered", "worse than the limit", "nothing"],
)
def test_a_fill_that_contradicts_its_intent_is_not_booked(fill: Fill) -> None:
    with pytest.raises(LedgerError):
        folded(sent(opened(), an_intent()), FillBooked(fill, name_of(1)))


def test_a_sale_below_its_limit_is_not_booked_and_one_above_is() -> None:
    portfolio = sent(bought(), an_intent(2, side=Side.SELL, price="110"))
    low = a_fill(2, side=Side.SELL, price="109.99", order=2)
    high = a_fill(2, side=Side.SELL, price="110.5", order=2)
    with pytest.raises(LedgerError):
        folded(portfolio, FillBooked(low, name_of(2)))
    assert folded(portfolio, FillBooked(high, name_of(2))).fills_booked == 2


def test_no_fill_is_booked_against_unknown_cash() -> None:
    portfolio = sent(Portfolio(), an_intent())
    with pytest.raises(LedgerError):
        folded(portfolio, FillBooked(a_fill(1), name_of(1)))


def test_fills_are_read_again_from_the_latest_sequence_time_however_late_they_come() -> None:
    intent = an_intent(quantity="3")
    portfolio = folded(
        sent(opened(), intent),
        FillBooked(a_fill(1, time=after(50)), name_of(1)),
        FillBooked(a_fill(2, time=after(20)), name_of(1)),
    )
    assert portfolio.fills_until == after(50)
    assert portfolio.history[BTC].last_fill == after(50)


def test_a_position_that_opens_again_from_a_late_fill_does_not_repeat_its_exit_legs() -> None:
    intent = an_intent(quantity="3")
    portfolio = folded(sent(opened(), intent), FillBooked(a_fill(1, quantity="1"), name_of(1)))
    portfolio = sold(portfolio, 4, quantity="1")
    assert not portfolio.positions
    late = folded(portfolio, FillBooked(a_fill(5, quantity="1"), name_of(1)))
    assert late.positions[BTC].exit_legs == 4
