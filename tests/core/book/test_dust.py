from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_cycle,
    a_fill,
    after,
    an_intent,
    an_order,
    bought,
    folded,
    sent,
)
from tests.core.risk.risk_values import a_policy

from trader247.core.book.acceptance import Statement, movements
from trader247.core.booking import fold
from trader247.core.figures.earnings import earned
from trader247.core.figures.tax_lots import disposals
from trader247.core.invariants import ledger_faults
from trader247.core.reconcile import compare
from trader247.domain.balances import Balance
from trader247.domain.changing import replace
from trader247.domain.errors import LedgerError, NotAllowed
from trader247.domain.events.holdings import (
    DustSetAside,
    DustTakenBack,
    HoldingAdopted,
    LotsSoldByHand,
)
from trader247.domain.events.money import CashFlowed, DifferenceFound, ForeignSeen
from trader247.domain.events.orders import FillBooked, OrderSeen
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import DecisionId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderState, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause, ExitPlan

LEFT = Quantity.of("0.002")
ASIDE = DustSetAside(BTC, LEFT, "too little")
BACK = DustTakenBack(BTC, LEFT, "enough")


def sold_but(portfolio: Portfolio, *, price: str, cause: ExitCause, number: int = 2) -> Portfolio:
    """2 bought at 100; all but 0.002 of it sold, and the order of the sale ended."""
    ended = an_order(1, state=OrderState.FILLED, filled="2", fees="0.5", fill_count=1)
    portfolio = folded(portfolio, OrderSeen(ended))
    intent = an_intent(number, side=Side.SELL, price=price, quantity="2", cause=cause, leg=1)
    sale = a_fill(
        number, side=Side.SELL, price=price, quantity="1.998", order=number, time=after(60)
    )
    rest = an_order(
        number,
        state=OrderState.CANCELLED,
        side=Side.SELL,
        price=price,
        filled="1.998",
        fees="0.5",
        fill_count=1,
    )
    portfolio = sent(portfolio, intent, at=after(50))
    return folded(
        portfolio, FillBooked(sale, intent.client_order_id), OrderSeen(rest), at=after(60)
    )


def remnant(*, price: str = "90", cause: ExitCause = ExitCause.STOP) -> Portfolio:
    portfolio = sold_but(bought(), price=price, cause=cause)
    assert not portfolio.working
    return portfolio


def test_dust_is_no_position_and_nothing_of_it_is_lost() -> None:
    before = remnant()
    (lot,) = before.positions[BTC].lots
    now = folded(before, ASIDE, at=after(70))
    assert not now.positions
    assert now.dust[BTC].lots == (lot,)
    assert now.holdings.keys() == {BTC}
    assert (now.cash, now.realised, now.fees_paid) == (
        before.cash,
        before.realised,
        before.fees_paid,
    )
    assert ledger_faults(now) == ()


def test_setting_aside_closes_the_trade_for_streak_and_cooldowns() -> None:
    before = remnant(price="90", cause=ExitCause.STOP)
    assert (before.losing_streak, before.history[BTC].last_stop) == (0, None)
    now = folded(before, ASIDE, at=after(70))
    history = now.history[BTC]
    assert (now.losing_streak, now.last_loss) == (1, after(60))
    assert (history.last_loss, history.last_stop) == (after(60), after(60))
    # Its loss is counted once, also where what is left is sold at another.
    back = folded(now, BACK, at=after(80))
    assert back.positions[BTC].realised == Money.of(0)
    assert back.losing_streak == 1


@pytest.mark.parametrize(("before_it_opened", "streak"), [(False, 1), (True, 0)])
def test_a_sale_that_a_restored_journal_took_back_closes_the_trade_too(
    *, before_it_opened: bool, streak: int
) -> None:
    """It goes by a decision of its own; one of before is of another position."""
    known = remnant(price="90", cause=ExitCause.FLATTEN)
    name, sale = next(
        (key, each) for key, each in known.settled.items() if each.intent.side is Side.SELL
    )
    created = known.positions[BTC].opened if not before_it_opened else after(-1)
    intent = replace(sale.intent, decision_id=DecisionId("adopted:x"), created=created)
    settled = {**known.settled, name: replace(sale, intent=intent)}
    now = folded(replace(known, settled=settled), ASIDE, at=after(70))
    assert now.losing_streak == streak
    assert now.history[BTC].last_loss == (after(60) if streak else None)


def test_a_gain_ends_the_streak_and_what_never_sold_closes_nothing() -> None:
    won = folded(remnant(price="112", cause=ExitCause.TARGET), ASIDE, at=after(70))
    assert (won.losing_streak, won.last_loss, won.history[BTC].last_stop) == (0, None, None)
    ended = an_order(1, state=OrderState.EXPIRED, filled="0.002", fees="0.5", fill_count=1)
    partly = folded(bought(quantity="0.002"), OrderSeen(ended))
    now = folded(partly, ASIDE)
    assert (now.losing_streak, now.history) == (0, partly.history)


@pytest.mark.parametrize(
    "event",
    [
        DustSetAside(BTC, Quantity.of("0.003"), "another quantity"),
        DustSetAside(ETH, LEFT, "nothing is held of it"),
        BACK,
    ],
)
def test_what_is_not_so_is_refused(event: DustSetAside | DustTakenBack) -> None:
    with pytest.raises(LedgerError, match=r"set aside|taken back"):
        folded(remnant(), event)


def test_dust_cannot_be_set_aside_twice_nor_taken_back_in_another_quantity() -> None:
    now = folded(remnant(), ASIDE)
    with pytest.raises(LedgerError):
        folded(now, ASIDE)
    with pytest.raises(LedgerError):
        folded(now, DustTakenBack(BTC, Quantity.of("0.003"), "too much"))


def test_taken_back_it_is_the_position_that_it_was() -> None:
    before = remnant()
    back = folded(before, ASIDE, BACK)
    held, again = before.positions[BTC], back.positions[BTC]
    assert not back.dust
    assert (again.lots, again.plan, again.stop, again.target, again.exit_legs) == (
        held.lots,
        held.plan,
        held.stop,
        held.target,
        held.exit_legs,
    )


def bought_again(portfolio: Portfolio, *, quantity: str = "1", price: str = "50") -> Portfolio:
    intent = an_intent(7, price=price, quantity=quantity, decision="9:BTC-USD", created=after(300))
    fill = a_fill(7, price=price, quantity=quantity, order=7, time=after(310))
    before = sent(portfolio, intent)
    return folded(before, FillBooked(fill, intent.client_order_id), at=after(310))


def test_its_lots_go_with_the_next_entry_and_say_nothing_of_where_that_ends() -> None:
    dust = folded(remnant(), ASIDE).dust[BTC]
    now = bought_again(folded(remnant(), ASIDE))
    held = now.positions[BTC]
    assert not now.dust
    assert held.decision_id == "9:BTC-USD"
    assert held.quantity == Quantity.of("1.002")
    assert held.lots[:1] == dust.lots
    assert held.cost == dust.cost + Money.of("50.5")
    assert held.entry_price == Price.of(50)
    assert held.stop == Price.of(47)
    assert held.opened == after(310)
    assert ledger_faults(now) == ()


def test_first_in_first_out_the_dust_is_sold_first_and_told_as_its_own_lot() -> None:
    now = bought_again(folded(remnant(), ASIDE))
    intent = an_intent(8, side=Side.SELL, price="60", quantity="1.002", decision="9:BTC-USD")
    fill = a_fill(8, side=Side.SELL, price="60", quantity="0.402", order=8, time=after(400))
    now = sent(now, intent, at=after(390))
    event = FillBooked(fill, intent.client_order_id)
    first, second = disposals(now, event, after(400))
    assert (first.quantity, first.bought) == (LEFT, START)
    assert (second.quantity, second.bought) == (Quantity.of("0.4"), after(310))
    rest = folded(now, event, at=after(400)).positions[BTC]
    assert (rest.inherited, len(rest.lots), rest.entry_price) == (0, 1, Price.of(50))


def test_a_sale_within_the_dusts_lot_leaves_it_inherited() -> None:
    now = bought_again(folded(remnant(), ASIDE))
    intent = an_intent(8, side=Side.SELL, price="60", quantity="1.002", decision="9:BTC-USD")
    fill = a_fill(8, side=Side.SELL, price="60", quantity="0.001", order=8, time=after(400))
    now = folded(sent(now, intent), FillBooked(fill, intent.client_order_id))
    assert (now.positions[BTC].inherited, now.positions[BTC].stop) == (1, Price.of(47))


def test_a_late_fill_of_its_own_entry_makes_the_position_whole_again() -> None:
    ended = an_order(1, state=OrderState.EXPIRED, filled="0.002", fees="0.5", fill_count=1)
    before = folded(bought(quantity="0.002"), OrderSeen(ended))
    before = folded(before, ASIDE)
    late = a_fill(2, quantity="0.5", order=1)
    # The order was for no more than 0.002: a larger one of the same name is sent in its place.
    whole = an_intent(5, quantity="0.5")
    now = folded(sent(before, whole), FillBooked(late, whole.client_order_id))
    held = now.positions[BTC]
    assert not now.dust
    assert (held.quantity, held.inherited) == (Quantity.of("0.502"), 0)
    assert held.opened == before.dust[BTC].opened


def test_a_late_sale_is_taken_from_the_dust() -> None:
    before = folded(remnant(), ASIDE)
    intent = an_intent(4, side=Side.SELL, price="90", quantity="0.002", cause=ExitCause.STOP)
    before = sent(before, intent)
    part = a_fill(4, side=Side.SELL, price="90", quantity="0.001", order=4)
    now = folded(before, FillBooked(part, intent.client_order_id))
    assert now.dust[BTC].quantity == Quantity.of("0.001")
    rest = a_fill(5, side=Side.SELL, price="90", quantity="0.001", order=4)
    gone = folded(now, FillBooked(rest, intent.client_order_id))
    assert not gone.holdings
    assert gone.losing_streak == before.losing_streak
    assert ledger_faults(gone) == ()


def test_sold_by_hand_it_is_gone_and_the_sale_is_its_strategys() -> None:
    before = folded(remnant(), ASIDE)
    event = LotsSoldByHand(BTC, LEFT, Price.of(80), Money.of("0.01"), "converted on the website")
    recorded = Recorded(before.seq + 1, after(90), event, "")
    gone = fold(before, recorded)
    assert not gone.holdings
    (piece,) = disposals(before, event, after(90))
    assert (piece.quantity, piece.bought) == (LEFT, START)
    part = earned(before, recorded, gone)
    assert part is not None
    assert (part.strategy, part.rule) == ("standard", "momentum")
    assert ledger_faults(gone) == ()


def test_converted_on_the_website_it_is_accepted_as_sold_at_a_stated_price() -> None:
    gap = DifferenceFound("base:BTC", "0.002", "0", is_break=True)
    before = folded(remnant(), ASIDE, gap)
    assert before.cash is not None
    there = {"USD": Balance(before.cash.value + Decimal("0.18"), Decimal(0))}
    said = Statement("converted", {BTC: Price.of(90)}, ())
    events = movements(before, there, said)
    assert events == (LotsSoldByHand(BTC, LEFT, Price.of(90), Money.of(0), "converted"),)
    gone = folded(before, *events)
    assert not gone.holdings
    assert ledger_faults(gone) == ()


def test_without_a_price_at_the_venue_it_is_handed_over_at_a_stated_one() -> None:
    """A product was delisted: its coins lie there, differ from nothing, and cannot be sold."""
    before = folded(remnant(), ASIDE, ForeignSeen("BTC", Decimal(3)))
    assert before.cash is not None
    there = {
        "USD": Balance(before.cash.value, Decimal(0)),
        "BTC": Balance(Decimal("3.002"), Decimal(0)),
    }
    events = movements(before, there, Statement("delisted", {BTC: Price.of(50)}, ()))
    assert events == (
        LotsSoldByHand(BTC, LEFT, Price.of(50), Money.of(0), "delisted"),
        ForeignSeen("BTC", Decimal("3.002")),
        CashFlowed(Money.of("-0.1"), "delisted"),
    )
    gone = folded(before, *events)
    assert not gone.holdings
    assert gone.cash == before.cash
    assert gone.foreign == {"BTC": Decimal("3.002")}
    assert ledger_faults(gone) == ()
    assert compare(gone, there, (), START, a_policy(), is_alone=True) == ()


def test_nothing_is_handed_over_that_has_a_price_or_is_not_named() -> None:
    there = {"BTC": Balance(Decimal("0.002"), Decimal(0))}
    before = folded(remnant(), ASIDE)
    with pytest.raises(NotAllowed) as named:
        movements(before, there, Statement("mine", {ETH: Price.of(50)}, ()))
    assert named.value.hint == "BTC-USD has no price; to take it over: --price BTC-USD=PRICE"
    priced = folded(before, a_cycle(1, at=after(60), marks={BTC: "90"}))
    with pytest.raises(NotAllowed, match="no break to accept"):
        movements(priced, there, Statement("mine", {BTC: Price.of(50)}, ()))
    young = folded(before, DifferenceFound("base:BTC", "0.002", "0.001", is_break=False))
    with pytest.raises(NotAllowed, match="no break to accept"):
        movements(young, there, Statement("mine", {BTC: Price.of(50)}, ()))


def test_adopted_coins_take_the_dust_with_them() -> None:
    before = folded(remnant(), ASIDE, ForeignSeen("BTC", Decimal(1)))
    event = HoldingAdopted(
        product=BTC,
        quantity=Quantity.of(1),
        price=Price.of(80),
        fee=Money.of(0),
        mark=Price.of(80),
        plan=ExitPlan(Decimal("0.1"), Decimal("0.2"), timedelta(hours=1)),
        decision_id=DecisionId("adopted-1:BTC-USD"),
        reason="mine",
        operator="me",
    )
    now = folded(before, event)
    assert not now.dust
    assert now.positions[BTC].quantity == Quantity.of("1.002")
    assert now.positions[BTC].stop == Price.of(72)
    assert ledger_faults(now) == ()


def test_a_product_that_is_both_is_a_fault() -> None:
    before = remnant()
    now = folded(before, ASIDE)
    broken = replace(now, positions={BTC: now.dust[BTC]})
    assert "BTC-USD is a position, and dust too" in ledger_faults(broken)
    assert ledger_faults(broken, before) != (), "what is new is looked at"
