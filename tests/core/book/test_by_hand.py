"""What people do past the decisions: each figure of it in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import BTC, ETH, NOW, a_position

from trader247.core.book.acceptance import Statement, movements, prices_in, sentence_of
from trader247.core.book.adopting import adoption, sentence_of_adoption
from trader247.core.book.by_hand import flatten_asked, holding_adopted, lots_sold_by_hand
from trader247.core.book.equity import marked
from trader247.core.orders.exits import due
from trader247.core.orders.flattening import is_less, quantity_wanted_sold, wishes
from trader247.domain.balances import Balance
from trader247.domain.errors import LedgerError, NotAllowed
from trader247.domain.events.holdings import FlattenAsked, HoldingAdopted, LotsSoldByHand
from trader247.domain.events.money import CashFlowed, ForeignSeen
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import EntryId, OrderId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Difference, EquityRecord, Halt, Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import HaltName


def position(product: ProductId) -> Position:
    return a_position(product)


def portfolio(positions: tuple[Position, ...] = ()) -> Portfolio:
    cash = Money.of(10_000)
    return Portfolio(
        cash=cash,
        flows=cash,
        positions={each.product: each for each in positions},
        equity=marked(EquityRecord(), cash, NOW),
    )


WORDS = {"product": "ETH-USD", "price": "2000", "stop_pct": "10", "target_pct": "20", "hours": "24"}


def foreign(quantity: str = "2") -> Portfolio:
    return replace(portfolio(), foreign={"ETH": Decimal(quantity)})


def adopted(book: Portfolio, **words: str) -> HoldingAdopted:
    return adoption(book, {**WORDS, **words}, Price.of("2100"))


def test_adopted_coins_cost_what_was_stated_and_are_capital() -> None:
    book = foreign()
    after = holding_adopted(book, adopted(book, quantity="0.5", fee="3"), NOW)
    held = after.positions[ETH]
    assert (held.quantity, held.cost) == (Quantity.of("0.5"), Money.of("1003"))
    assert after.foreign == {"ETH": Decimal("1.5")}
    assert after.flows - book.flows == Money.of("1003")
    assert (after.cash, after.realised) == (book.cash, book.realised)


def test_what_coins_gained_before_is_no_profit_of_the_day() -> None:
    book = foreign()
    after = holding_adopted(book, adopted(book), NOW)
    worth = Price.of("2100") * Quantity.of("2")
    before = book.equity.units * book.equity.going_nav
    assert after.equity.units * after.equity.going_nav == before + worth.value
    assert after.equity.going_nav == book.equity.going_nav


def test_more_than_is_there_cannot_be_adopted() -> None:
    book = foreign("1")
    with pytest.raises(NotAllowed, match="not within the 1"):
        adopted(book, quantity="1.1")
    with pytest.raises(LedgerError):
        holding_adopted(book, replace(adopted(book), quantity=Quantity.of("1.1")), NOW)


def test_coins_that_would_be_sold_at_once_are_not_taken_by_accident() -> None:
    book = foreign()
    with pytest.raises(NotAllowed, match="sold at once"):
        adopted(book, price="2500")
    assert adopted(book, price="2500", may_sell="yes").price == Price.of("2500")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"product": "eth"}, "not a product"),
        ({"product": "ETH-EUR"}, "not traded against"),
        ({"product": "BTC-USD"}, "foreign holdings: 2 ETH"),
        ({"price": "0"}, "is none"),
        ({"price": "1e99"}, "no figure"),
        ({"price": "NaN"}, "no figure"),
        ({"quantity": "-1"}, "no figure"),
        ({"stop_pct": "0.4"}, "may be 0.5 to 25"),
        ({"hours": "721"}, "may be 1 to 720"),
    ],
)
def test_odd_words_are_refused_with_what_was_found(words: dict[str, str], found: str) -> None:
    with pytest.raises(NotAllowed, match=found):
        adopted(foreign(), **words)


def test_without_a_quote_nothing_is_adopted() -> None:
    with pytest.raises(NotAllowed, match="quotes no ETH-USD"):
        adoption(foreign(), WORDS, None)


def test_a_standing_difference_is_settled_first() -> None:
    gap = Difference("base:ETH", "2", "3", NOW)
    with pytest.raises(NotAllowed, match="differ on ETH"):
        adopted(replace(foreign(), differences={gap.key: gap}))


def test_a_wish_to_sell_is_an_exit_until_it_ends() -> None:
    book = portfolio(positions=(position(BTC),))
    until = NOW + timedelta(minutes=15)
    held = flatten_asked(book, FlattenAsked(BTC, until, "", "me")).positions[BTC]
    inside = held.entry_price
    assert due(held, inside, NOW) is ExitCause.FLATTEN
    assert due(held, held.stop, NOW) is ExitCause.STOP
    assert due(held, inside, until) is None


def test_a_wish_for_what_is_gone_changes_nothing() -> None:
    assert flatten_asked(portfolio(), FlattenAsked(BTC, NOW, "", "me")) == portfolio()


def test_wishes_name_products_or_their_bases() -> None:
    book = portfolio(positions=(position(BTC), position(ETH)))
    assert wishes(book, "") == (BTC, ETH)
    assert wishes(book, "eth BTC-USD") == (ETH, BTC)
    with pytest.raises(NotAllowed, match="nothing of DOGE"):
        wishes(book, "DOGE")
    halted = replace(book, halts={HaltName.KEY: Halt(HaltName.KEY, "", NOW)})
    with pytest.raises(NotAllowed, match="HALTED \\(key\\)"):
        wishes(halted, "")


def test_slices_go_on_only_while_something_is_sold() -> None:
    wanted = FlattenAsked(BTC, NOW, "", "me")
    book = flatten_asked(portfolio(positions=(position(BTC),)), wanted)
    before = quantity_wanted_sold(book)
    less = {BTC: before[BTC] - Quantity.of("0.0001")}
    assert is_less(less, before)
    assert not is_less(before, before)
    assert not is_less({}, before)


def broken(book: Portfolio, *keys: str) -> Portfolio:
    return replace(
        book, differences={key: Difference(key, "", "", NOW, is_break=True) for key in keys}
    )


def statement(*fills: Fill, btc: str = "") -> Statement:
    return Statement("by hand", {BTC: Price.of(btc)} if btc else {}, fills)


def hand_fill(quantity: str, price: str, fee: str = "1") -> Fill:
    return Fill(
        entry_id=EntryId(f"e{quantity}{price}"),
        trade_id="t",
        order_id=OrderId("o"),
        product=BTC,
        side=Side.SELL,
        price=Price.of(price),
        quantity=Quantity.of(quantity),
        fee=Money.of(fee),
        liquidity=Liquidity.TAKER,
        time=NOW,
        sequence_time=NOW,
    )


def test_lots_sold_by_hand_are_booked_at_the_venues_own_fills() -> None:
    book = broken(portfolio(positions=(position(BTC),)), "base:BTC", "cash:USD")
    held = book.positions[BTC].quantity
    half = Quantity(held.value / 2)
    assert book.cash is not None
    fill = hand_fill(str(half), "70000")
    there = book.cash + (fill.price * half - fill.fee)
    balances = {
        "USD": Balance(available=there.value, hold=Decimal(0)),
        "BTC": Balance(available=held.value - half.value, hold=Decimal(0)),
    }
    found = movements(book, balances, statement(hand_fill("9", "1"), fill))
    assert found == (LotsSoldByHand(BTC, half, fill.price, fill.fee, "by hand"),)
    (sale,) = found
    assert isinstance(sale, LotsSoldByHand)
    after = lots_sold_by_hand(book, sale, NOW)
    assert after.cash == there
    assert after.positions[BTC].quantity == held - half


def test_coins_sent_away_leave_at_the_stated_price_and_as_capital() -> None:
    book = broken(portfolio(positions=(position(BTC),)), "base:BTC")
    held = book.positions[BTC].quantity
    assert book.cash is not None
    balances = {"USD": Balance(available=book.cash.value, hold=Decimal(0))}
    with pytest.raises(NotAllowed, match="no fill there tells"):
        movements(book, balances, statement())
    sale, flow = movements(book, balances, statement(btc="60000"))
    assert isinstance(sale, LotsSoldByHand)
    assert isinstance(flow, CashFlowed)
    assert flow.amount == -(Price.of("60000") * held)
    assert BTC not in lots_sold_by_hand(book, sale, NOW).positions


def test_foreign_coins_go_before_our_own() -> None:
    held = position(BTC)
    book = broken(replace(portfolio(positions=(held,)), foreign={"BTC": Decimal(1)}), "base:BTC")
    balances = {"BTC": Balance(available=held.quantity.value, hold=Decimal(0))}
    assert movements(book, balances, statement()) == (ForeignSeen("BTC", Decimal(0)),)


def test_more_than_we_hold_cannot_be_sold_by_hand() -> None:
    book = portfolio(positions=(position(BTC),))
    too_much = book.positions[BTC].quantity + Quantity.of("1")
    sale = LotsSoldByHand(BTC, too_much, Price.of("1"), Money.of("0"), "")
    with pytest.raises(LedgerError):
        lots_sold_by_hand(book, sale, NOW)


def test_coins_adopted_beside_a_position_are_one_more_lot_of_it() -> None:
    book = replace(portfolio((position(ETH),)), foreign={"ETH": Decimal(2)})
    after = holding_adopted(book, adopted(book, may_sell="yes"), NOW)
    assert [each.quantity for each in after.positions[ETH].lots] == [
        *(each.quantity for each in book.positions[ETH].lots),
        Quantity.of(2),
    ]
    assert after.positions[ETH].decision_id == book.positions[ETH].decision_id


@pytest.mark.parametrize("book", [portfolio(), replace(portfolio((position(ETH),)), cash=None)])
def test_what_is_not_held_or_not_counted_cannot_be_sold_by_hand(book: Portfolio) -> None:
    sale = LotsSoldByHand(ETH, Quantity.of(1), Price.of(1), Money.of(0), "told")
    with pytest.raises(LedgerError, match="of which we hold nothing"):
        lots_sold_by_hand(book, sale, NOW)


def test_who_adopted_is_told_when_it_leaves() -> None:
    book = foreign()
    event = adopted(book)
    said = sentence_of_adoption(holding_adopted(book, event, NOW), event)
    assert said.startswith("2 ETH-USD is a position now, at 2000: stop 1800, target 2400, until ")


def test_a_word_is_no_figure() -> None:
    with pytest.raises(NotAllowed, match="stop_pct is 'ten', and that is no figure"):
        adopted(foreign(), stop_pct="ten")


def test_prices_are_stated_as_product_and_figure() -> None:
    assert prices_in("btc-usd=64000 ETH-USD=3000") == {
        BTC: Price.of(64_000),
        ETH: Price.of(3_000),
    }
    assert prices_in("BTC-USD=2.5E-7") == {BTC: Price.of("0.00000025")}


@pytest.mark.parametrize(
    "text",
    ["BTC-USD", "BTC=1", "BTC-USD=x", "BTC-USD=-1", "BTC-USD=64_000", "BTC-USD=64,000",
        "BTC-USD=\u0666\u0664", "BTC-USD=1e16", "BTC-USD=1e999999", "BTC-USD=NaN", "BTC-USD=inf"],
)  # fmt: skip
def test_what_is_no_figure_or_one_that_nothing_costs_is_no_price(text: str) -> None:
    with pytest.raises(NotAllowed, match="is no price"):
        prices_in(text)


def test_each_movement_is_told_in_a_sentence() -> None:
    sale = LotsSoldByHand(ETH, Quantity.of(2), Price.of(3_000), Money.of(6), "told")
    assert [
        sentence_of(CashFlowed(Money.of(5), "a gift")),
        sentence_of(CashFlowed(Money.of(-5), "spent")),
        sentence_of(ForeignSeen("ETH", Decimal(2))),
        sentence_of(sale),
    ] == [
        "5 of cash came in, as capital and no profit: a gift",
        "5 of cash went out, as capital and no profit: spent",
        "2 ETH beside our own lots is yours, and sold only once adopted",
        "2 ETH of our own lots count as sold at 3000, fee 6",
    ]


def test_a_fill_that_sold_more_than_is_missing_tells_nothing() -> None:
    book = broken(portfolio((position(BTC), position(ETH))), "base:BTC")
    balances = {"USD": Balance(Decimal(10_000), Decimal(0)), "ETH": Balance(Decimal(1), Decimal(0))}
    missing = {**balances, "BTC": Balance(Decimal("0.5"), Decimal(0))}
    with pytest.raises(NotAllowed, match="no fill there tells at which price"):
        movements(book, missing, statement(hand_fill("0.7", "100")))


def test_only_the_coins_that_are_missing_are_taken_for_sold() -> None:
    book = broken(portfolio((position(BTC), position(ETH))), "base:BTC")
    there = {
        "USD": Balance(Decimal(10_050), Decimal(0)),
        "BTC": Balance(Decimal("0.5"), Decimal(0)),
        "ETH": Balance(Decimal(1), Decimal(0)),
    }
    accepted = movements(book, there, statement(btc="100"))
    sales = [each for each in accepted if isinstance(each, LotsSoldByHand)]
    assert [(each.product, each.quantity) for each in sales] == [(BTC, Quantity.of("0.5"))]
