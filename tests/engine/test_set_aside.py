"""What an order did by fills that were set aside, once a person has accepted it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import FILLS, Body, Rule
from tests.engine.stage import BTC, ETH, Crash, Stage, kept_at_the_venue

from trader247.app.books.choice import Choice
from trader247.app.books.verifying import verified
from trader247.app.settings.location import SHIPPED
from trader247.core.invariants import ledger_faults
from trader247.core.valuation import pnl_figures
from trader247.domain.errors import NotAllowed
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import FillQuarantined, FillsAccepted
from trader247.domain.fills import IrregularFill
from trader247.domain.ids import ClientOrderId, EntryId, ProductId
from trader247.domain.intents import IntentState
from trader247.domain.money import NO_MONEY, Money, Quantity, total
from trader247.domain.orders import Side
from trader247.domain.reasons import HaltName, TradingState
from trader247.engine.startup import folded
from trader247.ports import Command, CommandKind

COINS = Decimal("0.002")
TWO_ORDERS = Decimal("0.003")
"""More than the largest order: it is sold in two."""


def asked(stage: Stage, kind: CommandKind, **arguments: str) -> str:
    """Ask as a command does of the running trader; what it answers."""
    is_done, text = stage.trader.commands.obey(Command("1", kind, arguments))
    assert is_done, text
    return text


def coins_came(stage: Stage, quantity: Decimal = COINS, product: ProductId = BTC) -> None:
    """Coins from elsewhere, which a person accepted as theirs."""
    stage.exchange.deposit(product.base, quantity)
    stage.cycle(4)
    asked(stage, CommandKind.ACCEPT_MOVEMENT, reason="mined")
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]


def adopt(stage: Stage, quantity: Decimal = COINS, product: ProductId = BTC) -> None:
    asked(
        stage,
        CommandKind.ADOPT,
        product=str(product),
        quantity=str(quantity),
        price=str(stage.board.price(str(product))),
        stop_pct="15",
        target_pct="15",
        hours="24",
        reason="hold it",
        operator="test",
    )


def sell_all(stage: Stage, product: ProductId = BTC) -> None:
    """A person wants it sold; it is."""
    asked(stage, CommandKind.FLATTEN, products=str(product), reason="enough", operator="test")
    stage.cycle(2)
    assert product not in stage.portfolio.positions
    assert not stage.portfolio.working


def went_back(stage: Stage, backup: dict[Path, bytes]) -> None:
    stage.go_back(backup)
    stage.start()
    stage.cycle(5)


def sold_what_was_adopted(
    stage: Stage, quantity: Decimal = COINS, before: Callable[[], object] = object
) -> dict[Path, bytes]:
    """Coins came, were adopted, and sold; the journal goes back to when they were foreign.

    `before` is what happens just before that.
    """
    stage.cycle()
    coins_came(stage, quantity)
    backup = stage.backed_up()
    stage.cycle()
    adopt(stage, quantity)
    sell_all(stage)
    before()
    went_back(stage, backup)
    return backup


def assert_no_fault(stage: Stage) -> None:
    assert ledger_faults(stage.portfolio) == ()


def assert_agrees(stage: Stage) -> None:
    """Nothing is under way nor different, and the books are the exchange's."""
    portfolio = stage.portfolio
    assert_no_fault(stage)
    assert not portfolio.working
    assert not portfolio.differences
    assert portfolio.cash is not None
    assert portfolio.cash.value == stage.held("USD")
    for product in (BTC, ETH):
        held = portfolio.positions.get(product)
        own = Decimal(0) if held is None else held.quantity.value
        assert own + portfolio.foreign.get(product.base, Decimal(0)) == stage.held(product.base)
    assert portfolio == folded(stage.trader.journal)
    assert verified(Choice(SHIPPED, stage.places.data)).is_whole


def shown(stage: Stage) -> list[ClientOrderId]:
    """Those that `reconcile` shows to a person."""
    return [each.client_order_id for each in stage.trader.accepting.offered()]


def accept(stage: Stage, reason: str = "it was sold before I went back") -> str:
    orders = " ".join(shown(stage))
    return asked(stage, CommandKind.ACCEPT_MOVEMENT, reason=reason, orders=orders)


def brought(stage: Stage) -> Money:
    """What the sales that are set aside brought, by the exchange's own word."""
    aside = [each.fill for each in stage.recorded(FillQuarantined)]
    return total([each.notional - each.fee for each in aside])


def test_a_sale_of_coins_whose_adoption_is_lost_is_accepted_and_buying_goes_on(
    stage: Stage,
) -> None:
    sold_what_was_adopted(stage)
    assert stage.working(side=Side.SELL).state is IntentState.FILLS_PENDING
    before = stage.portfolio

    said = accept(stage)
    assert "sold 0.002 BTC for 199.99998" in said
    after = stage.portfolio
    assert_agrees(stage)
    assert before.cash is not None
    assert after.cash == before.cash + brought(stage)
    assert after.flows == before.flows + brought(stage), "capital, and no profit"
    assert pnl_figures(after).realised == before.realised == NO_MONEY
    assert after.fees_paid == before.fees_paid
    assert "BTC" not in after.foreign
    (ended,) = stage.recorded(FillsAccepted)
    done = after.settled[ended.client_order_id]
    assert done.state is IntentState.DONE
    assert done.order is not None
    assert (done.filled, done.filled_fees) == (done.order.filled, done.order.fees)

    assert HaltName.RECONCILIATION_BREAK in after.halts, "a person clears it"
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]
    stage.position(ETH)
    assert_agrees(stage)


def test_what_nobody_was_shown_is_not_accepted(stage: Stage) -> None:
    """Whoever accepts a deposit says nothing of what is set aside at that moment."""
    sold_what_was_adopted(stage, TWO_ORDERS)
    first, second = shown(stage)
    for orders in ([], [first], ["t247-another"]):
        with pytest.raises(NotAllowed, match="under way"):
            stage.trader.accepting.accept("a deposit", orders=[*map(ClientOrderId, orders)])
    assert not stage.recorded(FillsAccepted)
    stage.trader.accepting.accept("both", orders=[first, second])
    assert_agrees(stage)


def test_two_such_orders_are_accepted_together(stage: Stage) -> None:
    sold_what_was_adopted(stage, TWO_ORDERS)
    before = stage.portfolio
    assert len(before.working) == 2
    accept(stage)
    assert_agrees(stage)
    assert stage.portfolio.flows == before.flows + brought(stage)
    assert len(stage.recorded(FillsAccepted)) == 2


def test_no_trader_need_run(stage: Stage) -> None:
    """It needs no age either: what is set aside is never booked, whoever waits."""
    backup = sold_what_was_adopted(stage)
    stage.go_back(backup)
    stage.start()
    stage.trader.accepting.accept("sold", orders=shown(stage), is_alone=True)
    assert_agrees(stage)


def test_an_order_of_which_one_fill_is_merely_late_is_waited_for(stage: Stage) -> None:
    """One fill is set aside; the other one nobody has seen yet, and it could be anything."""

    def hidden(body: Body) -> None:
        body["fills"] = [each for each in body["fills"] if each["size"] != "0.00048744"]

    rules: list[Rule] = []
    sold_what_was_adopted(
        stage, TWO_ORDERS, lambda: rules.append(stage.wire.on(FILLS, faulty.edited(hidden)))
    )
    before = stage.portfolio
    assert len(before.working) == 2
    with pytest.raises(NotAllowed, match="1 orders are under way"):
        stage.trader.accepting.accept("whatever", orders=shown(stage))
    assert not stage.recorded(FillsAccepted)
    assert stage.portfolio.cash == before.cash
    assert stage.portfolio.foreign == before.foreign

    stage.wire.lift(*rules)
    stage.cycle()
    accept(stage)
    assert_agrees(stage)


def test_it_is_accepted_once_more_where_that_is_lost_with_another_backup(stage: Stage) -> None:
    backup = sold_what_was_adopted(stage)
    accept(stage)
    accepted = stage.portfolio
    went_back(stage, backup)
    assert stage.working(side=Side.SELL).state is IntentState.FILLS_PENDING
    accept(stage)
    assert_agrees(stage)
    assert stage.portfolio.cash == accepted.cash
    assert stage.portfolio.flows == accepted.flows


def test_under_a_kill_switch_it_is_accepted_and_the_switch_stays(stage: Stage) -> None:
    sold_what_was_adopted(stage)
    stage.kill.raise_(reason="to be sure", operator="test", time=str(stage.now))
    stage.cycle()
    accept(stage)
    assert_agrees(stage)
    assert stage.portfolio.trading_state is TradingState.HALTED
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


@pytest.mark.parametrize("is_before", [True, False])
def test_a_crash_around_it_leaves_all_of_it_or_nothing(stage: Stage, *, is_before: bool) -> None:
    sold_what_was_adopted(stage, TWO_ORDERS)
    before = stage.portfolio
    stage.crash(FillsAccepted, is_before=is_before)
    with pytest.raises(Crash):
        stage.trader.accepting.accept("sold", orders=shown(stage))
    stage.restart()
    stage.cycle()
    assert len(stage.recorded(FillsAccepted)) == (0 if is_before else 2)
    if is_before:
        assert stage.portfolio.cash == before.cash
        accept(stage)
    assert_agrees(stage)
    assert stage.portfolio.flows == before.flows + brought(stage)


def test_what_is_left_of_the_coins_may_be_adopted_anew_and_the_sale_stays_accepted(
    stage: Stage,
) -> None:
    stage.cycle()
    coins_came(stage, COINS * 2)
    backup = stage.backed_up()
    stage.cycle()
    adopt(stage)
    sell_all(stage)
    went_back(stage, backup)
    with pytest.raises(AssertionError, match="ledger and venue differ"):
        adopt(stage)
    accept(stage)
    assert stage.portfolio.foreign == {"BTC": COINS}
    adopt(stage)
    stage.cycle(2)
    assert_agrees(stage)
    assert stage.portfolio.positions[BTC].quantity.value == COINS
    with pytest.raises(NotAllowed, match="no break to accept"):
        stage.trader.accepting.accept("once more")
    sell_all(stage)
    assert_agrees(stage)


def test_of_a_sale_of_more_than_is_known_our_own_part_makes_profit_and_the_rest_is_capital(
    stage: Stage,
) -> None:
    """A part of what one fill sold was bought here, before the backup."""
    stage.cycle()
    coins_came(stage, Decimal("0.0005"))
    stage.position()
    own = stage.portfolio.positions[BTC]
    backup = stage.backed_up()
    stage.cycle()
    adopt(stage, Decimal("0.0005"))
    stage.cycle()
    with_both = stage.portfolio.positions[BTC].quantity
    asked(stage, CommandKind.FLATTEN, products="BTC-USD", reason="enough", operator="test")
    stage.cycle(3)
    assert BTC not in stage.portfolio.positions
    sales = [each for each in stage.fills if each["side"] == "SELL"]
    went_back(stage, backup)
    accept(stage)
    assert_agrees(stage)

    after = stage.portfolio
    assert BTC not in after.positions
    assert sum(Decimal(each["size"]) for each in sales) == with_both.value
    price = Decimal(sales[0]["price"])
    fees = sum(Decimal(each["commission"]) for each in sales)
    gained = (price * own.quantity.value) - own.cost.value
    assert abs(after.realised.value - gained) <= fees, "what was bought here made that"
    assert_no_fault(stage)


def test_an_order_that_sold_partly_what_is_known_is_accepted_for_the_rest(stage: Stage) -> None:
    """A fill of it is booked as ever; the next is of coins whose adoption is lost."""
    stage.cycle()
    coins_came(stage, Decimal("0.0005"))
    stage.position()
    own = stage.portfolio.positions[BTC]
    backup = stage.backed_up()
    stage.cycle()
    adopt(stage, Decimal("0.0005"))
    stage.cycle()

    def halved(body: Body) -> None:
        """Each sale of all that is held as two entries: of what was bought here, and the rest."""
        told = []
        for each in body["fills"]:
            if each["side"] != "SELL" or Decimal(each["size"]) <= own.quantity.value:
                told.append(each)
                continue
            whole, part = Decimal(each["size"]), own.quantity.value
            fee = Decimal(each["commission"])
            first = {**each, "size": str(part), "commission": str(fee / 2)}
            rest = {**each, "size": str(whole - part), "commission": str(fee - fee / 2)}
            rest["entry_id"] = each["entry_id"] + "-2"
            rest["trade_id"] = each["trade_id"] + "-2"
            told += [rest, first]
        body["fills"] = told

    stage.wire.on(FILLS, faulty.edited(halved))
    asked(stage, CommandKind.FLATTEN, products="BTC-USD", reason="enough", operator="test")
    stage.cycle(3)
    went_back(stage, backup)
    waiting = stage.working(side=Side.SELL)
    assert waiting.filled == own.quantity
    assert waiting.state is IntentState.FILLS_PENDING
    realised, fees = stage.portfolio.realised, stage.portfolio.fees_paid
    accept(stage)
    assert_agrees(stage)
    assert (stage.portfolio.realised, stage.portfolio.fees_paid) == (realised, fees)
    (ended,) = stage.recorded(FillsAccepted)
    assert [each.quantity for each in ended.fills] == [Quantity.of("0.0005")]


def test_what_a_reversal_undid_is_no_execution_to_accept(stage: Stage) -> None:
    """The venue calls an entry of the order something else: what is left of it nobody knows."""
    sold_what_was_adopted(stage)
    order_id = stage.working(side=Side.SELL).order_id
    assert order_id is not None
    (aside,) = stage.recorded(FillQuarantined)
    undone = replace(aside.fill, entry_id=EntryId("undone"))
    stage.trader.ledger.record(FillQuarantined(undone, IrregularFill("REVERSAL", undone).cause))
    with pytest.raises(NotAllowed, match="under way"):
        stage.trader.accepting.accept("whatever", orders=shown(stage))


def test_what_was_bought_and_set_aside_is_foreign_and_capital_paid_for_it(stage: Stage) -> None:
    """The venue tells a worse price than was ordered; what that leaves of cash still differs."""
    stage.entry()

    def dearer(body: Body) -> None:
        for each in body["fills"]:
            each["price"] = str(Decimal(each["price"]) * 2)

    stage.wire.on(FILLS, faulty.edited(dearer))
    stage.dip()
    stage.cycle(5)
    before = stage.portfolio
    assert before.positions == {}
    (aside,) = stage.recorded(FillQuarantined)
    cost = aside.fill.notional + aside.fill.fee
    accept(stage)
    after = stage.portfolio
    assert not after.working
    assert after.foreign == {"BTC": aside.fill.quantity.value}
    assert before.cash is not None
    flows = [each.amount for each in stage.recorded(CashFlowed)][1:]
    assert flows[0] == -cost, "what the fill told, and nothing besides"
    assert after.realised == after.fees_paid == NO_MONEY
    assert_no_fault(stage)


def test_what_is_refused_ends_no_stop(open_stage: Open) -> None:
    """Another order is under way: whoever tried each minute left what is held without its stop."""
    stage = open_stage(kept_at_the_venue)
    stage.cycle()
    stage.position()
    stage.cycle()
    stop = stage.working(side=Side.SELL)
    stage.entry(ETH)
    stage.exchange.deposit("USD", Decimal(500))
    with pytest.raises(NotAllowed, match="under way"):
        stage.trader.accepting.accept("savings", is_alone=True)
    assert stage.working(side=Side.SELL).intent == stop.intent
    assert not stage.cancelled(stop)
