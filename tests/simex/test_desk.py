"""The books of the account, over any sequence of orders, moves, cancels and expiries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.simex.scripted import listing

from trader247.simex.accounts import Accounts, InsufficientFunds
from trader247.simex.book import Side
from trader247.simex.desk import Desk
from trader247.simex.exact import EXACT, ZERO
from trader247.simex.feeds.feed import MinuteBar
from trader247.simex.market import Market
from trader247.simex.orders.costs import MAKER_RATE, TAKER_RATE
from trader247.simex.orders.order import Fill, Lifetime, Order, Status, Terms
from trader247.simex.wire.refusal import Refused

CASH = Decimal(10_000)
PRICE = 10_000


def desk_at(price: int = PRICE, cash: Decimal = CASH) -> tuple[Desk, Market]:
    """A funded account on one market: ticks of 0.01, lots of 0.001, ten lots a level."""
    market = Market(listing("BTC-USD", "0.01", "0.001"))
    market.begin(MinuteBar(price, price, price, price, 0, 2, 100))
    market.pass_point(0)
    desk = Desk(
        name=lambda kind, number: f"{kind}-{number}",
        markets={"BTC-USD": market},
        accounts=Accounts(),
    )
    desk.ledger.fund("USD", cash, 0)
    return desk, market


def place(desk: Desk, side: Side, lots: int, limit: int | None, **terms: object) -> Order:
    asked = {"lifetime": Lifetime.GTC, **terms}
    return desk.place(
        terms=Terms("BTC-USD", side, limit=limit, lots=lots, **asked),  # type: ignore[arg-type]  # a test's shorthand
        client_order_id=f"client-{desk.orders + 1}",
        configuration="{}",
        now_us=1,
    )


def test_a_buy_holds_what_it_may_cost_with_the_fee_of_its_kind() -> None:
    desk, _ = desk_at()
    order = place(desk, Side.BUY, 1000, 9_000, is_post_only=True)
    assert order.held == Decimal("90.45")
    plain = place(desk, Side.BUY, 1000, 9_000)
    assert plain.held == Decimal("90.81")
    assert desk.accounts.available("USD") == CASH - Decimal("181.26")


def test_a_maker_fill_pays_its_limit_and_the_maker_fee_exactly() -> None:
    desk, market = desk_at()
    order = place(desk, Side.BUY, 1000, 9_000, is_post_only=True)
    desk.book(market.matching.move(price=8_999, spread=2, depth=100, volume=400), 2)
    assert (order.filled_lots, order.status) == (400, Status.OPEN)
    desk.book(market.matching.move(price=8_999, spread=2, depth=100, volume=600), 3)
    assert (order.filled_value, order.fees) == (Decimal(90), Decimal("0.45"))
    assert (order.status, order.held) == (Status.FILLED, ZERO)
    assert desk.accounts.available("USD") == CASH - Decimal("90.45")
    assert desk.accounts.available("BTC") == 1


def test_a_crossing_limit_takes_at_the_levels_prices_and_rests_the_remainder() -> None:
    desk, market = desk_at()
    best = market.matching.crowd.levels(Side.SELL)[0]
    order = place(desk, Side.BUY, best[1] + 5, best[0])
    _, fills = desk.settle()
    assert [(fill.price, fill.lots, fill.is_maker) for fill in fills] == [(*best, False)]
    assert (order.status, order.remaining) == (Status.OPEN, 5)
    assert order.fees == EXACT.multiply(order.filled_value, TAKER_RATE)


def test_what_an_ioc_cannot_take_is_cancelled_and_its_hold_released() -> None:
    desk, market = desk_at()
    best = market.matching.crowd.levels(Side.SELL)[0]
    order = place(desk, Side.BUY, best[1] + 5, best[0], lifetime=Lifetime.IOC)
    assert (order.status, order.filled_lots) == (Status.CANCELLED, best[1])
    assert desk.accounts.available("USD") == CASH - order.filled_value - order.fees


def test_a_fok_takes_all_or_nothing() -> None:
    desk, market = desk_at()
    price, lots = market.matching.crowd.levels(Side.SELL)[0]
    nothing = place(desk, Side.BUY, lots + 1, price, lifetime=Lifetime.FOK)
    assert (nothing.status, nothing.fill_count) == (Status.CANCELLED, 0)
    everything = place(desk, Side.BUY, lots, price, lifetime=Lifetime.FOK)
    assert (everything.status, everything.filled_lots) == (Status.FILLED, lots)


def test_a_market_buy_spends_at_most_its_quote_size_fee_included() -> None:
    desk, _ = desk_at()
    terms = Terms("BTC-USD", Side.BUY, Lifetime.IOC, quote_size=Decimal("5.55"))
    order = desk.place(terms=terms, client_order_id="q", configuration="{}", now_us=1)
    spent = order.filled_value + order.fees
    assert order.status is Status.FILLED
    assert spent <= Decimal("5.55") < spent + Decimal("0.11")
    assert desk.accounts.available("USD") == CASH - spent


def test_a_post_only_order_that_would_cross_is_refused_whole() -> None:
    desk, market = desk_at()
    best = market.matching.crowd.levels(Side.SELL)[0][0]
    with pytest.raises(Refused) as refused:
        place(desk, Side.BUY, 5, best, is_post_only=True)
    assert refused.value.rejection.error == "INVALID_LIMIT_PRICE_POST_ONLY"
    assert desk.accounts.available("USD") == CASH
    assert desk.orders == 0


def test_what_the_wallet_does_not_cover_is_refused_and_changes_nothing() -> None:
    desk, _ = desk_at(cash=Decimal("90.44"))
    with pytest.raises(Refused) as refused:
        place(desk, Side.BUY, 1000, 9_000, is_post_only=True)
    assert refused.value.rejection.error == "INSUFFICIENT_FUND"
    assert desk.accounts.available("USD") == Decimal("90.44")
    with pytest.raises(Refused):
        place(desk, Side.SELL, 1, 20_000)


def test_a_withdrawal_cannot_touch_what_is_held() -> None:
    desk, _ = desk_at()
    place(desk, Side.BUY, 1000, 9_000, is_post_only=True)
    with pytest.raises(InsufficientFunds):
        desk.ledger.fund("USD", -CASH, 1)


def test_an_order_that_meets_the_account_s_own_cancels_it_and_trades_with_the_crowd() -> None:
    desk, market = desk_at()
    desk.ledger.fund("BTC", Decimal(1), 0)
    own = place(desk, Side.BUY, 5, PRICE, is_post_only=True)
    sold = place(desk, Side.SELL, 5, PRICE - 100, lifetime=Lifetime.IOC)
    assert own.status is Status.CANCELLED
    assert own.fill_count == 0
    assert sold.status is Status.FILLED
    assert not market.matching.resting


def test_an_order_lives_until_its_end_and_not_longer() -> None:
    desk, _ = desk_at()
    order = place(desk, Side.BUY, 5, 9_000, lifetime=Lifetime.GTD, end_us=100)
    desk.expire(99)
    assert order.status is Status.OPEN
    desk.expire(150)
    assert (order.status, order.updated_us) == (Status.EXPIRED, 100)
    assert desk.accounts.available("USD") == CASH


def test_the_501st_open_order_of_a_product_fails() -> None:
    desk, _ = desk_at()
    for _ in range(500):
        place(desk, Side.BUY, 1, 9_000)
    order = place(desk, Side.BUY, 1, 9_000)
    assert (order.status, order.reject_reason) == (Status.FAILED, "TOO_MANY_OPEN_ORDERS")


class Books(RuleBasedStateMachine):
    """Whatever happens, the books add up."""

    def __init__(self) -> None:
        super().__init__()
        self.desk, self.market = desk_at()
        self.flows = {"USD": CASH, "BTC": Decimal(3)}
        self.desk.ledger.fund("BTC", Decimal(3), 0)
        self.orders: dict[int, Order] = {}
        self.fills: list[Fill] = []
        self.now = 1

    @rule(
        side=st.sampled_from(Side),
        lots=st.integers(1, 4_000),
        limit=st.one_of(st.none(), st.integers(9_900, 10_100)),
        lifetime=st.sampled_from(Lifetime),
        is_post_only=st.booleans(),
        life=st.integers(1, 5),
    )
    def place(
        self,
        side: Side,
        lots: int,
        limit: int | None,
        lifetime: Lifetime,
        is_post_only: bool,
        life: int,
    ) -> None:
        if limit is None:
            lifetime, is_post_only = Lifetime.IOC, False
        elif lifetime in (Lifetime.IOC, Lifetime.FOK):
            is_post_only = False
        terms = Terms(
            "BTC-USD",
            side,
            lifetime,
            limit=limit,
            lots=lots,
            is_post_only=is_post_only,
            end_us=self.now + life if lifetime is Lifetime.GTD else None,
        )
        self._place(terms)

    @rule(quote=st.integers(1, 5_000))
    def spend(self, quote: int) -> None:
        self._place(Terms("BTC-USD", Side.BUY, Lifetime.IOC, quote_size=Decimal(quote)))

    def _place(self, terms: Terms) -> None:
        try:
            order = self.desk.place(
                terms=terms,
                client_order_id=str(self.desk.orders),
                configuration="{}",
                now_us=self.now,
            )
        except Refused:
            return
        self.orders[order.number] = order

    @rule(price=st.integers(9_850, 10_150), volume=st.integers(0, 3_000))
    def move(self, price: int, volume: int) -> None:
        self.now += 1
        self.desk.expire(self.now)
        matches = self.market.matching.move(price=price, spread=3, depth=500, volume=volume)
        self.desk.book(matches, self.now)

    @precondition(lambda self: self.desk.live)
    @rule(choice=st.integers(0, 10**6))
    def cancel(self, choice: int) -> None:
        live = list(self.desk.live.values())
        self.desk.cancel(live[choice % len(live)], self.now)

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        self.fills += self.desk.settle()[1]
        expected = dict(self.flows)
        for fill in self.fills:
            value = self.market.value(fill.price, fill.lots)
            size = self.market.size.decimal(fill.lots)
            sign = 1 if fill.side is Side.BUY else -1
            expected["USD"] -= sign * value + fill.commission
            expected["BTC"] += sign * size
            assert fill.commission == value * (MAKER_RATE if fill.is_maker else TAKER_RATE)
        for account in self.desk.accounts:
            assert account.total == expected[account.currency]
            assert account.available >= 0
            assert account.hold >= 0

    @invariant()
    def holds_are_those_of_the_live_orders(self) -> None:
        held = {"USD": ZERO, "BTC": ZERO}
        for order in self.desk.live.values():
            held["USD" if order.terms.side is Side.BUY else "BTC"] += order.held
        assert {account.currency: account.hold for account in self.desk.accounts} == held

    @invariant()
    def orders_are_the_sums_of_their_fills(self) -> None:
        for order in self.orders.values():
            mine = [fill for fill in self.fills if fill.order_id == order.order_id]
            assert order.filled_lots == sum(fill.lots for fill in mine)
            assert order.fees == sum((fill.commission for fill in mine), ZERO)
            assert order.fill_count == len(mine)
            limit = order.terms.limit
            if limit is not None:
                sign = 1 if order.terms.side is Side.BUY else -1
                assert all(sign * fill.price <= sign * limit for fill in mine)
            if order.terms.lots is not None:
                assert order.filled_lots <= order.terms.lots
                assert (order.status is Status.FILLED) == (order.remaining == 0)

    @invariant()
    def the_book_holds_exactly_the_live_orders(self) -> None:
        assert self.market.matching.resting.keys() == self.desk.live.keys()


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
