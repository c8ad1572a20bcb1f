"""Orders that fills end which are set aside: what accepting them moves, whatever was held."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_fill,
    an_intent,
    an_order,
    folded,
    name_of,
    opened,
    sent,
)

from trader247.core.book.acceptance import Statement, foreseen, movements, sentence_of
from trader247.core.book.aside import ending_of, endings
from trader247.core.invariants import ledger_faults
from trader247.domain.balances import Balance
from trader247.domain.errors import LedgerError, NotAllowed
from trader247.domain.events.holdings import LotsSoldByHand
from trader247.domain.events.money import CashFlowed, ForeignSeen
from trader247.domain.events.orders import (
    FillBooked,
    FillQuarantined,
    FillsAccepted,
    IntentRecorded,
    OrderSeen,
)
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.fills import Fill, IrregularFill
from trader247.domain.ids import EntryId, OrderId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import NO_MONEY, Money, Price, Quantity, total
from trader247.domain.orders import OrderState, Side
from trader247.domain.portfolio import Portfolio

NOTHING_HELD: dict[str, Balance] = {}


class Account:
    """A ledger, and what the venue made of our orders meanwhile: booked, or set aside."""

    def __init__(self, *, foreign: Decimal = Decimal(0)) -> None:
        self.portfolio = opened("100000")
        self.aside: list[FillQuarantined] = []
        self.orders = self.fills = 0
        if foreign:
            self.record(ForeignSeen("BTC", foreign))

    def record(self, *events: AnyEvent) -> None:
        self.portfolio = folded(self.portfolio, *events)

    def ended(
        self, side: Side, *parts: tuple[str, str, str], is_told: bool = True, booked: int = 99
    ) -> WorkingIntent | None:
        """An order that has ended, by fills of these quantities, prices and fees: `booked` of them
        at the most are booked as far as the ledger takes them, and the rest is set aside.
        """
        self.orders += 1
        number, whole = self.orders, sum((Decimal(part[0]) for part in parts), Decimal(0))
        worst = max if side is Side.BUY else min
        price = str(worst(Decimal(part[1]) for part in parts))
        intent = an_intent(
            number, side=side, quantity=str(whole), price=price, decision=f"{number}:BTC-USD"
        )
        self.portfolio = sent(self.portfolio, intent)
        for index, (quantity, at, fee) in enumerate(parts):
            self.fills += 1
            fill = a_fill(self.fills, side=side, price=at, quantity=quantity, fee=fee, order=number)
            try:
                if index >= booked:
                    raise LedgerError("it is lost")
                self.record(FillBooked(fill, name_of(number)))
            except LedgerError as error:
                if is_told:
                    aside = FillQuarantined(fill, str(error))
                    self.aside.append(aside)
                    self.record(aside)
        fees = sum((Decimal(part[2]) for part in parts), Decimal(0))
        order = an_order(
            number,
            state=OrderState.FILLED,
            side=side,
            price=price,
            quantity=str(whole),
            filled=str(whole),
            fees=str(fees),
            fill_count=len(parts),
        )
        self.record(OrderSeen(order))
        return self.portfolio.working.get(name_of(number))

    def aside_of(self, order_id: OrderId) -> list[FillQuarantined]:
        return [each for each in self.aside if each.fill.order_id == order_id]

    def endings(self) -> tuple[FillsAccepted, ...]:
        return endings(self.portfolio, self.aside_of, "looked at it")

    def accepted(self) -> Portfolio:
        """The ledger once a person has accepted all that can be."""
        statement = Statement("looked at it", {}, (), self.endings())
        return folded(self.portfolio, *movements(self.portfolio, NOTHING_HELD, statement))


def coins_of(portfolio: Portfolio) -> Decimal:
    held = portfolio.positions.get(BTC)
    own = Decimal(0) if held is None else held.quantity.value
    return own + portfolio.foreign.get("BTC", Decimal(0))


def brought(fills: list[Fill]) -> Money:
    """What these moved in cash."""
    return total(
        [
            each.notional - each.fee if each.side is Side.SELL else -(each.notional + each.fee)
            for each in fills
        ]
    )


amounts = st.decimals("0.0001", "3", places=4).map(str)
prices = st.decimals("1", "900", places=2).map(str)
fees = st.decimals("0", "2", places=8).map(str)
parts = st.lists(st.tuples(amounts, prices, fees), min_size=1, max_size=4)
some_orders = st.lists(
    st.tuples(st.sampled_from([Side.SELL, Side.SELL, Side.BUY]), parts, st.integers(0, 2)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.just([]), parts), st.decimals("0", "4", places=4), some_orders)
def test_what_is_accepted_moves_exactly_what_was_set_aside(
    lots: list[tuple[str, str, str]],
    foreign: Decimal,
    orders: list[tuple[Side, list[tuple[str, str, str]], int]],
) -> None:
    account = Account(foreign=foreign)
    if lots:
        account.ended(Side.BUY, *lots)
    for side, fills, booked in orders:
        account.ended(side, *fills, booked=booked)
    before = account.portfolio
    if not account.aside:
        assert not before.working
        return
    aside = [each.fill for each in account.aside]
    after = account.accepted()

    assert not after.working, "every order has ended"
    assert ledger_faults(after) == ()
    assert before.cash is not None
    assert after.cash == before.cash + brought(aside)
    known = coins_of(before)
    for fill in aside:
        moved = fill.quantity.value if fill.side is Side.BUY else -fill.quantity.value
        known = max(Decimal(0), known + moved)
    assert coins_of(after) == known
    if BTC not in before.positions:
        assert after.realised == before.realised, "what was never bought made no profit"
        assert after.fees_paid == before.fees_paid
        assert after.flows == before.flows + brought(aside)
    for name in before.working:
        done = after.settled[name]
        assert done.state is IntentState.DONE
        assert done.order is not None
        assert (done.filled, done.filled_fees) == (done.order.filled, done.order.fees)


@settings(max_examples=40, deadline=None)
@given(some_orders, st.data())
def test_an_order_of_which_one_fill_is_not_known_ends_by_none_of_the_others(
    orders: list[tuple[Side, list[tuple[str, str, str]], int]], data: st.DataObject
) -> None:
    account = Account()
    for side, fills, _ in orders:
        account.ended(side, *fills, booked=0)
    unknown = data.draw(st.sampled_from(account.aside))
    account.aside.remove(unknown)
    names = {each.client_order_id for each in account.endings()}
    waiting = {
        name
        for name, each in account.portfolio.working.items()
        if each.order_id == unknown.fill.order_id
    }
    assert names == account.portfolio.working.keys() - waiting
    with pytest.raises(NotAllowed):
        movements(account.portfolio, NOTHING_HELD, Statement("", {}, (), account.endings()))


def test_a_sale_of_more_than_is_ours_sells_that_first_and_the_rest_brings_capital() -> None:
    account = Account(foreign=Decimal(2))
    account.ended(Side.BUY, ("1", "100", "0.5"))
    account.ended(Side.SELL, ("3", "120", "0.6"))
    (ended,) = account.endings()
    found = movements(account.portfolio, NOTHING_HELD, Statement("it is so", {}, (), (ended,)))
    assert found == (
        ended,
        LotsSoldByHand(BTC, Quantity.of(1), Price.of(120), Money.of("0.2"), "looked at it"),
        ForeignSeen("BTC", Decimal(0)),
        CashFlowed(Money.of("239.6"), f"{name_of(2)}: looked at it"),
    )
    after = folded(account.portfolio, *found)
    assert after.realised == Money.of("19.3"), "120 - 0.2 - 100.5"
    assert foreseen(account.portfolio, (ended,)) == (
        f"{name_of(2)} sold 3 BTC for 360, fee 0.6, in 1 fill; "
        "1 BTC of our own lots count as sold at 120, fee 0.2; "
        "no BTC is there beside our own lots any more; "
        f"239.6 of cash came in, as capital and no profit: {name_of(2)}: looked at it",
    )
    assert sentence_of(ended).endswith("which lacked here and was set aside: the order has ended")


def test_coins_that_came_and_went_since_the_backup_leave_money_alone() -> None:
    account = Account()
    account.ended(Side.SELL, ("1", "100", "0.5"))
    ended, flow = movements(
        account.portfolio, NOTHING_HELD, Statement("", {}, (), account.endings())
    )
    assert isinstance(ended, FillsAccepted)
    assert flow == CashFlowed(Money.of("99.5"), f"{name_of(1)}: looked at it")


def test_what_would_leave_less_cash_than_none_waits_for_what_differs_in_cash() -> None:
    account = Account()
    account.record(CashFlowed(Money.of(-99_990), "spent elsewhere"))
    account.ended(Side.BUY, ("1", "100", "0.5"), booked=0)
    statement = Statement("", {}, (), account.endings())
    with pytest.raises(NotAllowed, match=r"would leave -90\.5 of cash"):
        movements(account.portfolio, NOTHING_HELD, statement)


def waiting(account: Account, side: Side = Side.SELL) -> WorkingIntent:
    found = account.ended(side, ("1", "100", "0.5"), ("2", "100", "0.7"), booked=0)
    assert found is not None
    assert found.state is IntentState.FILLS_PENDING
    return found


def test_more_or_other_than_what_lacks_ends_no_order() -> None:
    account = Account()
    known = waiting(account)
    first, second = account.aside
    assert ending_of(known, (first, second), "") is not None
    assert ending_of(known, (first,), "") is None
    assert ending_of(known, (first, first), "") is None
    assert ending_of(known, (first, second, replace_fill(second, entry_id="e9")), "") is None
    for words in ({"product": ETH}, {"side": Side.BUY}, {"order_id": OrderId("order-9")}):
        assert ending_of(known, (first, replace_fill(second, **words)), "") is None
    reversal = FillQuarantined(second.fill, IrregularFill("REVERSAL", second.fill).cause)
    assert ending_of(known, (first, reversal), "") is None


def replace_fill(aside: FillQuarantined, **words: object) -> FillQuarantined:
    fill = replace(aside.fill, **words)  # type: ignore[arg-type]
    return FillQuarantined(fill, aside.cause)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_ledger_takes_no_acceptance_of_anything_but_what_lacks(count: int) -> None:
    account = Account()
    waiting(account)
    fills = [*(each.fill for each in account.aside), account.aside[0].fill][:count]
    with pytest.raises(LedgerError, match="is not what lacks"):
        account.record(FillsAccepted(name_of(1), tuple(fills), ""))


def test_the_ledger_takes_no_acceptance_of_an_order_that_works_or_is_over() -> None:
    account = Account()
    waiting(account)
    (ended,) = account.endings()
    account.record(ended)
    with pytest.raises(LedgerError, match="waits for no fills"):
        account.record(ended)
    account.record(IntentRecorded(an_intent(5, decision="5:BTC-USD")))
    with pytest.raises(LedgerError, match="waits for no fills"):
        account.record(FillsAccepted(name_of(5), ended.fills, ""))


def test_what_is_told_of_an_order_later_is_accepted_apart_from_what_was() -> None:
    """A listing that lagged: the order had filled more, and that is set aside too."""
    account = Account(foreign=Decimal(9))
    waiting(account)
    first = account.accepted()
    account.portfolio = first
    known = first.settled[name_of(1)]
    assert known.order is not None
    more = a_fill(9, side=Side.SELL, price="100", quantity="1", fee="0.1", order=1)
    told = replace(
        known.order,
        filled=known.order.filled + more.quantity,
        fees=known.order.fees + more.fee,
        fill_count=3,
    )
    account.record(OrderSeen(told))
    assert account.portfolio.working[name_of(1)].state is IntentState.FILLS_PENDING
    assert account.endings() == ()
    account.aside.append(FillQuarantined(more, "no more is held"))
    (ended,) = account.endings()
    assert [each.entry_id for each in ended.fills] == [EntryId("entry-9")]
    after = account.accepted()
    assert first.cash is not None
    assert after.cash == first.cash + brought([more])
    assert after.realised == NO_MONEY
    assert after.settled[name_of(1)].accepted == tuple(
        EntryId(f"entry-{each}") for each in (1, 2, 9)
    )
    assert more.time == START
