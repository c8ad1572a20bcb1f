"""The simulated exchange of a run: in memory, and all that it writes down is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import apsw

from trader247.domain.time import Instant
from trader247.simex.accounts import Account
from trader247.simex.book import Side
from trader247.simex.changes import Changes
from trader247.simex.connection import connect
from trader247.simex.exact import EXACT, plain
from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import FeedEnded, Listing
from trader247.simex.feeds.synthetic import SyntheticFeed
from trader247.simex.orders.order import USUAL_SOURCE, Fill, Order
from trader247.simex.schema import Identity
from trader247.simex.store import Store
from trader247.simulation.judged.history import Record

START = Instant.parse("2026-01-04T23:30:00Z")
"""A Sunday's last half hour: a day and a week end in the shortest run."""
MEMORY = ":memory:"
_FUNDING = {"USD": Decimal(1_000_000), "USDC": Decimal(0)}
"""What a market begins with. The twin's wallet is there from the start: who sells for it fills it.
"""


class ToldStore(Store):
    """A store that tells what it commits."""

    tell: Callable[[Record], None] | None = None

    def commit(self, changes: Changes) -> None:
        """Write all of `changes`, then tell of it."""
        orders, accounts = list(changes.orders), list(changes.accounts)
        super().commit(replace(changes, orders=orders, accounts=accounts))
        if self.tell is not None and (orders or accounts or changes.fills):
            listings = {each.product_id: each for each in self.identity.listings}
            self.tell(
                {
                    "kind": "exchange",
                    "orders": [order_row(each, listings) for each in orders],
                    "fills": [fill_row(each, listings) for each in changes.fills],
                    "wallets": [wallet_row(each) for each in accounts],
                }
            )


class SimulatedExchange:
    """One market with its account, alone for one run.

    `market` is the seed of its prices; whoever asks for one twice gets it from the beginning twice.
    """

    def __init__(self, market: int, cash: Decimal) -> None:
        feed = SyntheticFeed(market, START.us)
        connection = connect(MEMORY, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        with connection.backup("main", _begun(market), "main") as backup:
            backup.step()
        self._store = ToldStore(connection, Identity.of(feed))
        self.exchange = Exchange(self._store, feed, _FUNDING)
        self.exchange.deposit("USD", cash - _FUNDING["USD"])

    def tell_of_commits(self, tell: Callable[[Record], None]) -> None:
        """Tell of everything that is written down from now on."""
        self._store.tell = tell

    @property
    def now_us(self) -> int:
        """The true time."""
        return self.exchange.now_us

    @property
    def listings(self) -> tuple[Listing, ...]:
        """Every product that it lists."""
        return self._store.identity.listings

    def drift(self, to_us: int) -> None:
        """Let time pass; a market without an end has no end here either."""
        try:
            self.exchange.drift(to_us)
        except FeedEnded as error:  # pragma: no cover - a synthetic market goes on for ever
            raise AssertionError("a synthetic market has ended") from error

    def wallets(self) -> list[Record]:
        """Every wallet as it stands."""
        return [wallet_row(each) for each in self.exchange.desk.accounts]

    def touch(self, product_id: str) -> Record | None:
        """The best bid and ask of a product now; None for one that it has not."""
        market = self.exchange.find(product_id)
        if market is None:
            return None
        bid, ask = (market.matching.best(side) for side in (Side.BUY, Side.SELL))
        tick = market.listing.price_increment
        return {
            "bid": None if bid is None else _figure(bid[0], tick),
            "ask": None if ask is None else _figure(ask[0], tick),
        }

    def fee_rates(self) -> tuple[str, str]:
        """What a maker and a taker pay now, as shares."""
        rates = self.exchange.fees.rates
        return plain(rates.maker), plain(rates.taker)

    def close(self) -> None:
        """Let go of the memory."""
        self._store.close()


@lru_cache(maxsize=1)
def _begun(market: int) -> apsw.Connection:
    """A market that has lived through its history: made once for the runs that share it."""
    feed = SyntheticFeed(market, START.us)
    store = Store.create(MEMORY, Identity.of(feed))
    Exchange(store, feed, _FUNDING)
    return store.handed_on()


def _figure(units: int | None, increment: Decimal) -> str | None:
    return None if units is None else plain(EXACT.multiply(Decimal(units), increment))


def order_row(order: Order, listings: dict[str, Listing]) -> Record:
    """An order as whoever judges is told of it."""
    terms = order.terms
    listing = listings[terms.product_id]
    stop = terms.stop
    kind = "LIMIT" if terms.limit is not None else "OTHER"
    price = terms.limit
    if stop is not None and not stop.is_bracket:
        kind, price = "STOP_LIMIT", stop.limit if stop.limit is not None else terms.limit
    elif stop is not None or terms.is_in_parts:
        kind = "OTHER"
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "product_id": terms.product_id,
        "side": terms.side.value,
        "kind": kind,
        "post_only": terms.is_post_only,
        "price": _figure(price, listing.price_increment),
        "stop_price": None if stop is None else _figure(stop.price, listing.price_increment),
        "size": _figure(terms.lots, listing.base_increment),
        "filled": _figure(order.filled_lots, listing.base_increment),
        "filled_value": plain(order.filled_value),
        "fees": plain(order.fees),
        "status": order.status.value,
        "created_us": order.created_us,
        "updated_us": order.updated_us,
        "end_us": terms.end_us,
        "is_ours": order.source == USUAL_SOURCE and order.client_order_id.startswith("t247-"),
    }


def fill_row(fill: Fill, listings: dict[str, Listing]) -> Record:
    """A fill as whoever judges is told of it."""
    listing = listings[fill.product_id]
    return {
        "number": fill.number,
        "entry_id": fill.entry_id,
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "product_id": fill.product_id,
        "side": fill.side.value,
        "price": _figure(fill.price, listing.price_increment),
        "size": _figure(fill.lots, listing.base_increment),
        "fee": plain(fill.commission),
        "is_maker": fill.is_maker,
        "time_us": fill.time_us,
        "kind": fill.kind.value,
    }


def wallet_row(account: Account) -> Record:
    """A wallet as whoever judges is told of it."""
    return {
        "currency": account.currency,
        "total": plain(account.total),
        "hold": plain(account.hold),
    }


def product_rows(listings: Iterable[Listing]) -> list[Record]:
    """The products as whoever judges is told of them."""
    return [
        {
            "product_id": each.product_id,
            "base": each.base,
            "quote": each.quote,
            "price_increment": plain(each.price_increment),
            "base_increment": plain(each.base_increment),
            "base_min": plain(each.base_min),
            "quote_min": plain(each.quote_min),
        }
        for each in listings
    ]
