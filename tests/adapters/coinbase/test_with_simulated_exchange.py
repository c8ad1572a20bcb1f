"""The adapter against the simulated exchange, through the unmodified SDK and no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from tests.adapters.coinbase.scripted import BTC, ScriptedPermit, approved

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import MINUTES_KEPT, CoinbaseMarket
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.money import Quantity
from trader247.domain.orders import OrderState, OrderType, Side
from trader247.domain.outcomes import Acknowledged, Declined, Outcome
from trader247.domain.time import DAY, MINUTE, Instant
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.synthetic import SyntheticFeed

ETH = ProductId.parse("ETH-USD")


class ExchangeClock:
    """The exchange's own time: waiting is what makes it pass."""

    def __init__(self, exchange: Embedded) -> None:
        self._exchange = exchange

    def now(self) -> Instant:
        return Instant(self._exchange.now_us)

    def monotonic(self) -> timedelta:
        return timedelta(microseconds=self._exchange.now_us)

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        if wake():
            return False
        self._exchange.advance(when.us)
        return True


class Stage:
    def __init__(self) -> None:
        self.exchange = Embedded.open(":memory:", SyntheticFeed(7), {"USD": Decimal(10_000)})
        self.clock = ExchangeClock(self.exchange)
        self.start = self.clock.now()
        self._ids = count(1)
        client = CoinbaseClient(
            self.exchange.adapter(),
            Credentials.simulated(),
            clock=self.clock,
            permit=ScriptedPermit(),
            budget=RateBudget(
                clock=self.clock,
                is_stopped=lambda: False,
                reads_per_second=10_000,
                cancels_per_second=100,
            ),
            nonce=lambda: "00",
        )
        self.venue = CoinbaseVenue(client)
        self.market = CoinbaseMarket(client)

    def order(self, order_type: OrderType, price: str, quantity: str = "0.001") -> Outcome:
        order = approved(side=Side.BUY, order_type=order_type, price=price, quantity=quantity)
        order = replace(order, decided_at=self.clock.now())
        name = ClientOrderId(f"t247-abc123-1-00000000-0000-4000-8000-{next(self._ids):012}")
        body = self.venue.render(order, name, self.clock.now() + 5 * MINUTE)
        return self.venue.submit(order, body)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    built = Stage()
    yield built
    built.exchange.close()


def test_the_whole_market_is_read_and_grows(stage: Stage) -> None:
    first = stage.market.snapshot(cycle=1, products=[BTC, ETH], reference=BTC)
    assert first.unreachable == ""
    assert [view.trouble for view in first.views.values()] == ["", ""]
    before = first.views[ETH].bars
    assert before is not None
    assert len(before) == MINUTES_KEPT
    stage.clock.wait_until(stage.clock.now() + 3 * MINUTE, lambda: False)
    after = stage.market.snapshot(cycle=2, products=[BTC, ETH], reference=BTC).views[ETH].bars
    assert after is not None
    assert after.end == before.end + 3
    assert after.close[-5:-3] == before.close[-2:]


def test_orders_fills_and_balances_come_back_as_they_happened(stage: Stage) -> None:
    quote = stage.market.snapshot(cycle=3, products=[BTC], reference=BTC).views[BTC].quote
    assert quote is not None
    taken = stage.order(OrderType.LIMIT_IOC, str(quote.ask))
    resting = stage.order(OrderType.POST_ONLY_GTD, str(quote.bid))
    crossing = stage.order(OrderType.POST_ONLY_GTD, str(quote.ask))
    too_large = stage.order(OrderType.LIMIT_IOC, str(quote.ask), "100")
    assert isinstance(taken, Acknowledged)
    assert isinstance(resting, Acknowledged)
    assert isinstance(crossing, Declined)
    assert isinstance(too_large, Declined)
    assert crossing.code == "INVALID_LIMIT_PRICE_POST_ONLY"
    assert too_large.code == "INSUFFICIENT_FUND"

    stage.clock.wait_until(stage.clock.now() + timedelta(seconds=5), lambda: False)
    listed = {order.order_id: order for order in stage.venue.orders(stage.start - DAY)}
    assert set(listed) == {taken.order_id, resting.order_id}
    assert listed[taken.order_id].state is OrderState.FILLED
    assert stage.venue.order(taken.order_id) == listed[taken.order_id]
    assert stage.venue.order(OrderId("00000000-0000-0000-0000-000000000000")) is None

    fills = [fill for fill in stage.venue.fills(stage.start) if fill.order_id == taken.order_id]
    bought = sum((fill.quantity.value for fill in fills), Decimal(0))
    spent = sum((fill.notional.value + fill.fee.value for fill in fills), Decimal(0))
    assert Quantity(bought) == listed[taken.order_id].filled
    balances = stage.venue.balances()
    assert balances["BTC"].total == bought
    assert balances["USD"].total == Decimal(10_000) - spent

    results = stage.venue.cancel([taken.order_id, resting.order_id])
    assert [result.is_taken for result in results] == [False, True]


def test_fees_time_and_permissions_are_the_exchanges(stage: Stage) -> None:
    assert stage.venue.time().seconds == stage.clock.now().seconds
    assert stage.venue.fees().maker < stage.venue.fees().taker
    assert not stage.venue.permissions().can_transfer
