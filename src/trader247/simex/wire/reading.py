"""The wire's questions about the market and the account. Nothing here changes anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from itertools import islice
from operator import is_not

from trader247.simex import charts
from trader247.simex.accounts import Account
from trader247.simex.alias import canonical
from trader247.simex.book import Side
from trader247.simex.connection import sound
from trader247.simex.door.entrance import Caller
from trader247.simex.exact import Grid
from trader247.simex.exchange import Exchange
from trader247.simex.market import Flags, Market
from trader247.simex.orders.order import USUAL_SOURCE, Fill, Lifetime, Order, Status
from trader247.simex.path import Candle
from trader247.simex.schema import Row, read_order
from trader247.simex.store import Query
from trader247.simex.switches import Switches
from trader247.simex.wire import render, times
from trader247.simex.wire.fee_summary import fee_summary
from trader247.simex.wire.listed import account_texts, fill_texts, order_texts
from trader247.simex.wire.request import Reply, Request, invalid, not_found

_STEPS = {
    "ONE_MINUTE": 1,
    "FIVE_MINUTE": 5,
    "FIFTEEN_MINUTE": 15,
    "THIRTY_MINUTE": 30,
    "ONE_HOUR": 60,
    "TWO_HOUR": 120,
    "FOUR_HOUR": 240,
    "SIX_HOUR": 360,
    "ONE_DAY": 1440,
}
EVERY_SOURCE = "UNKNOWN_PLACEMENT_SOURCE"
_TYPE = (
    "CASE WHEN limit_ticks IS NULL THEN 'MARKET' "
    "WHEN json_extract(more, '$.ladder') IS NOT NULL THEN 'SCALED' "
    "WHEN json_extract(more, '$.schedule') IS NOT NULL THEN 'TWAP' "
    "WHEN json_extract(more, '$.stop') IS NULL THEN 'LIMIT' "
    "WHEN json_extract(more, '$.stop[2]') IS NULL THEN 'STOP_LIMIT' "
    "ELSE 'BRACKET' END"
)
_TYPE_OF_FILL = f"(SELECT {_TYPE} FROM orders AS o WHERE o.order_id = fills.order_id)"  # noqa: S608 - our own words
_WORDS = " ".join(f"WHEN '{each.name}' THEN '{each.value}'" for each in Lifetime)
_LIFETIME = f"CASE lifetime {_WORDS} END"
_SOURCE = f"coalesce(json_extract(more, '$.source'), '{USUAL_SOURCE}')"
_ORDERS_BY = {
    "LIMIT_PRICE": "",
    "LAST_FILL_TIME": "last_fill_us",
    "LAST_UPDATE_TIME": "updated_us",
}
_FILLS_BY = {"PRICE": "", "TRADE_TIME": "time_us"}
_SPOT = {"SPOT", "UNKNOWN_PRODUCT_TYPE"}
_NO_PRODUCT = ""
_BUCKETS_MAX = 350
_GRIDS_KEPT = 256
_CANDLES_KEPT = 1 << 12
_LEVELS_MAX = 1000
_PRINTS_MAX = 100


class Reading:
    """Answers from one exchange."""

    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self._exchange = exchange
        self._switches = switches
        self.user = exchange.name("user", 1)
        self.portfolio = exchange.name("portfolio", 1)
        self._kept_order_text = order_texts(self._settled_body)
        self._fill_text = fill_texts(self.fill_body)
        self._account_text = account_texts(self._account)
        self._product_texts: dict[str, tuple[tuple[Market, Flags, bool], str]] = {}
        """The JSON of each product without its figures, and what it is so for: its flags, and
        whether second names are shown."""

    def time(self, _request: Request) -> Reply:
        now_us = self._exchange.now_us
        body = {
            "iso": times.text(now_us),
            "epochSeconds": str(now_us // 1_000_000),
            "epochMillis": str(now_us // 1000),
        }
        return Reply(200, render.dumps(body))

    def products(self, request: Request) -> Reply:
        wanted = set(request.all_of("product_ids"))
        kind = request.one("product_type", "SPOT")
        listed = [
            market
            for product_id, market in self._open.items()
            if (not wanted or product_id in wanted) and kind in ("SPOT", "UNKNOWN_PRODUCT_TYPE")
        ]
        offset = request.whole("offset", 0)
        page = listed[offset : offset + request.limit(default=len(listed) or 1, most=10_000)]
        products = render.joined(map(self._product_text, page))
        return Reply(
            200,
            f'{{"products":{products},"num_products":{len(listed)},"pagination":null}}'.encode(),
        )

    def product(self, _request: Request, product_id: str) -> Reply:
        return Reply(200, render.dumps(self._product(self._market(product_id))))

    def product_book(self, request: Request) -> Reply:
        market = self._market(request.one("product_id"))
        limit = request.limit(default=_LEVELS_MAX, most=_LEVELS_MAX)
        step = _step(market, request.one("aggregation_price_increment"))
        return Reply(200, render.product_book(market, limit, self._exchange.now_us, step))

    def best_bid_ask(self, request: Request) -> Reply:
        wanted = request.all_of("product_ids")
        markets = [self._market(each) for each in wanted] or self._open.values()
        books = [render.pricebook(market, 1, self._exchange.now_us) for market in markets]
        return Reply(200, f'{{"pricebooks":{render.joined(books)}}}'.encode())

    def candles(self, request: Request, product_id: str) -> Reply:
        market = self._market(product_id)
        step = _STEPS.get(request.one("granularity"))
        if step is None:
            raise invalid("granularity argument is invalid")
        start, end = request.whole("start"), request.whole("end")
        if start > end:
            raise invalid("start and end argument is invalid - start is after end")
        buckets = self._switches.candle_buckets_max
        if (end - start) // (60 * step) > buckets:
            raise invalid(
                "start and end argument is invalid - "
                f"number of candles requested should be less than {_BUCKETS_MAX}"
            )
        limit = request.limit(default=_BUCKETS_MAX, most=_BUCKETS_MAX)
        beyond = int(self._switches.candle_end == "included" and end % (60 * step) == 0)
        found = charts.candles(
            self._exchange,
            _book_of(market),
            first=-(-start // 60),
            end=-(-end // 60) + beyond,
            step=step,
        )
        figures = _figures_of(market.listing.price_increment, market.listing.base_increment)
        rows = [
            f'{{"start":"{begin * 60}",{figures(candle)}}}'
            for begin, candle in islice(found, limit)
        ]
        return Reply(200, f'{{"candles":{render.joined(rows)}}}'.encode())

    def ticker(self, request: Request, product_id: str) -> Reply:
        market = self._market(product_id)
        limit = request.limit(default=_PRINTS_MAX, most=_PRINTS_MAX)
        start, end = request.whole("start", 0), request.whole("end", 2**53)
        trades = [
            {
                "trade_id": str(each.number),
                "product_id": product_id,
                "price": market.price.text(each.price),
                "size": market.size.text(each.lots),
                "time": times.text(each.time_us),
                "side": each.maker.value,
                "bid": "",
                "ask": "",
                "exchange": "coinbase",
            }
            for each in charts.prints(self._exchange, _book_of(market), limit=limit)
            if start * 1_000_000 <= each.time_us < end * 1_000_000
        ]
        body = {
            "trades": trades,
            "best_bid": self._best(market, Side.BUY),
            "best_ask": self._best(market, Side.SELL),
        }
        return Reply(200, render.dumps(body))

    def accounts(self, request: Request) -> Reply:
        limit = request.limit(default=49, most=min(250, max(1, self._switches.page_max)))
        offset = _position(request) or 0
        accounts = list(self._exchange.desk.accounts)
        page = accounts[offset : offset + limit]
        has_next = offset + limit < len(accounts)
        cursor = str(offset + limit) if has_next else ""
        return Reply(
            200,
            f'{{"accounts":{render.joined(map(self._account_text, page))},'
            f'"has_next":{json.dumps(has_next)},"cursor":"{cursor}","size":{len(page)}}}'.encode(),
        )

    def account(self, _request: Request, uuid: str) -> Reply:
        for account in self._exchange.desk.accounts:
            if account.uuid == uuid:
                return Reply(200, render.dumps({"account": self._account(account)}))
        raise not_found("account was not found")

    def orders(self, request: Request) -> Reply:
        query = self._sorted(request, _ORDERS_BY, "limit_ticks")
        query.any_of("order_id", request.all_of("order_ids"))
        query.any_of("product_id", request.all_of("product_ids"))
        statuses = request.all_of("order_status")
        is_mixed = "OPEN" in statuses and len(set(statuses)) > 1
        if is_mixed and self._switches.open_with_others == "refused":
            raise invalid("OPEN orders cannot be queried with any other order status")
        self._of_status(query, statuses)
        self._hide_new(query, "created_us", self._switches.order_lag_ms)
        query.any_of("side", request.all_of("order_side"))
        query.any_of(_TYPE, request.all_of("order_types"))
        query.any_of(_LIFETIME, request.all_of("time_in_forces"))
        source = request.one("order_placement_source", USUAL_SOURCE)
        if source != EVERY_SOURCE:
            query.any_of(_SOURCE, [source])
        self._of_assets(request, query)
        _between(request, query, "orders", "created_us", start="start_date", end="end_date")
        limit = request.limit(default=100, most=max(1, self._switches.page_max))
        store = self._exchange.store
        found = store.order_rows(_after(request, query), limit + 1)
        with sound(store.path):
            orders = render.joined(map(self._order_text, found[:limit]))
        has_next = len(found) > limit
        cursor = _next(query, found[limit - 1], limit) if has_next else ""
        return Reply(
            200,
            f'{{"orders":{orders},"sequence":"0","has_next":{json.dumps(has_next)},'
            f'"cursor":"{cursor}"}}'.encode(),
        )

    def order(self, _request: Request, order_id: str) -> Reply:
        order = self._exchange.store.order(order_id)
        visible_us = self._exchange.now_us - self._switches.order_lag_ms * 1000
        if order is None or order.created_us > visible_us:
            raise not_found("order with this orderID was not found")
        return Reply(200, render.dumps({"order": self.order_body(order)}))

    def _sorted(self, request: Request, known: Mapping[str, str], price: str) -> Query:
        """A question whose answers come as asked for; what is not known is by time."""
        wanted = request.one("sort_by")
        if wanted not in known:
            return Query()
        # Prices are kept in ticks, which are of another size in each product.
        ticks = " ".join(
            f"WHEN '{name}' THEN {market.listing.price_increment:f}"
            for name, market in self._exchange.listed.items()
        )
        by = known[wanted] or f"{price} * CASE product_id {ticks} END"
        return Query(first=f"{by} DESC, ", skipped=_position(request) or 0)

    def _of_assets(self, request: Request, query: Query) -> None:
        """Of products of these assets; all of them are spot."""
        if assets := request.all_of("asset_filters"):
            listings = [market.listing for market in self._exchange.listed.values()]
            ids = [each.product_id for each in listings if each.base in assets]
            query.any_of("product_id", ids or [_NO_PRODUCT])
        kinds = request.all_of("product_type") + request.all_of("product_types")
        if kinds and not set(kinds) & _SPOT:
            query.any_of("product_id", [_NO_PRODUCT])

    def _of_status(self, query: Query, statuses: list[str]) -> None:
        """Orders of any of these; one that was cancelled just now may still be shown as open."""
        lag_us = self._switches.cancel_lag_ms * 1000
        if not lag_us or not statuses:
            query.any_of("status", statuses)
            return
        since_us = self._exchange.now_us - lag_us
        shown = (
            f"CASE WHEN status = 'CANCELLED' AND updated_us > {since_us:d} THEN 'OPEN' "
            "ELSE status END"
        )
        query.any_of(shown, statuses)

    def fills(self, request: Request) -> Reply:
        query = self._sorted(request, _FILLS_BY, "price")
        query.any_of("order_id", request.all_of("order_ids"))
        query.any_of("trade_id", request.all_of("trade_ids"))
        query.any_of("product_id", request.all_of("product_ids"))
        query.any_of("side", request.all_of("order_side"))
        self._of_assets(request, query)
        if types := request.all_of("order_types"):
            query.any_of(_TYPE_OF_FILL, types)
        self._hide_new(query, "time_us", self._switches.fill_lag_ms)
        _between(
            request,
            query,
            "fills",
            "time_us",
            start="start_sequence_timestamp",
            end="end_sequence_timestamp",
        )
        limit = request.limit(default=100, most=max(1, self._switches.page_max))
        store = self._exchange.store
        found = store.fill_rows(_after(request, query), limit + 1)
        with sound(store.path):
            fills = render.joined(map(self._fill_text, found[:limit]))
        cursor = _next(query, found[limit - 1], limit) if len(found) > limit else ""
        return Reply(200, f'{{"fills":{fills},"cursor":"{cursor}"}}'.encode())

    def transaction_summary(self, _request: Request) -> Reply:
        has_texts = self._switches.summary_sums == "texts"
        return Reply(200, fee_summary(self._exchange, has_texts=has_texts))

    def key_permissions(self, caller: Caller) -> Reply:
        body = {
            "can_view": caller.can_view,
            "can_trade": caller.can_trade,
            "can_transfer": caller.can_transfer,
            "portfolio_uuid": self.portfolio,
            "portfolio_type": "DEFAULT",
        }
        return Reply(200, render.dumps(body))

    def _order_text(self, row: Row) -> str:
        """A listed order. Where a cancel is shown late, the time is a part of what is told."""
        if self._switches.cancel_lag_ms:
            return render.dumps(self.order_body(read_order(row))).decode()
        return self._kept_order_text(row)

    def _settled_body(self, order: Order) -> render.Body:
        market = self._exchange.listed[order.terms.product_id]
        return render.order(order, market, user=self.user, portfolio=self.portfolio)

    def order_body(self, order: Order) -> render.Body:
        body = self._settled_body(order)
        since_us = self._exchange.now_us - self._switches.cancel_lag_ms * 1000
        if order.status is Status.CANCELLED and order.updated_us > since_us:
            body |= {"status": "OPEN", "settled": False, "cancel_message": ""}
        return body

    def fill_body(self, fill: Fill) -> render.Body:
        market = self._exchange.listed[fill.product_id]
        return render.fill(fill, market, user=self.user, portfolio=self.portfolio)

    @property
    def _open(self) -> Mapping[str, Market]:
        """Every product that clients see."""
        return self._exchange.listed if self._exchange.has_aliases else self._exchange.markets

    def _account(self, account: Account) -> render.Body:
        body = render.account(account, self.portfolio)
        if self._switches.account_type == "short":
            body["type"] = body["type"].removeprefix("ACCOUNT_TYPE_")
        return body

    def _hide_new(self, query: Query, column: str, lag_ms: int) -> None:
        """What is younger than the lag is not there yet."""
        if lag_ms:
            query.where(f"{column} <= ?", self._exchange.now_us - lag_ms * 1000)

    def _market(self, product_id: str) -> Market:
        market = self._exchange.find(product_id)
        if market is None:
            raise not_found(f"Product {product_id} not supported")
        return market

    def _product(self, market: Market) -> render.Body:
        return self._product_with(market, self._moving(market))

    def _moving(self, market: Market) -> dict[str, str]:
        return render.figures(market, charts.day_figures(self._exchange, _book_of(market)))

    def _product_text(self, market: Market) -> str:
        """A product as JSON: all but five figures of it stay as they are from minute to minute."""
        moving, stands = self._moving(market), (market, market.flags, self._exchange.has_aliases)
        known = self._product_texts.get(market.listing.product_id)
        if known is None or any(map(is_not, known[0], stands)):
            holes = self._product_with(market, {name: f"<{name}>" for name in moving})
            text = render.dumps(holes).decode().replace("%", "%%")
            for name in moving:
                text = text.replace(f'"<{name}>"', f'"%({name})s"')
            known = self._product_texts[market.listing.product_id] = stands, text
        return known[1] % moving

    def _product_with(self, market: Market, moving: dict[str, str]) -> render.Body:
        body = render.product(market, moving)
        own, listed = market.listing.product_id, self._open
        body["alias"] = _book_of(market) if _book_of(market) != own else ""
        body["alias_to"] = [
            each for each, other in listed.items() if each != own and canonical(other) is market
        ]
        return body

    def _best(self, market: Market, side: Side) -> str:
        levels = market.matching.levels(side)
        return market.price.text(levels[0][0]) if levels else ""


@lru_cache(maxsize=_GRIDS_KEPT)
def _figures_of(tick: Decimal, step: Decimal) -> Callable[[Candle], str]:
    """What writes candles of one grid: whoever starts asks for a day of them, each time anew."""
    price, size = Grid(tick).text, Grid(step).text
    return lru_cache(maxsize=_CANDLES_KEPT)(partial(_figures, price, size))


def _figures(price: Callable[[int], str], size: Callable[[int], str], candle: Candle) -> str:
    """A candle's figures."""
    return (
        f'"low":"{price(candle.low)}","high":"{price(candle.high)}",'
        f'"open":"{price(candle.open)}","close":"{price(candle.close)}",'
        f'"volume":"{size(candle.volume)}"'
    )


def _book_of(market: Market) -> str:
    """The id of the product whose book and history a product has."""
    return canonical(market).listing.product_id


def _step(market: Market, written: str) -> int:
    """How many ticks are shown as one level. Raises BadRequest."""
    if not written:
        return 1
    try:
        step = market.price.steps(Decimal(written))
    except ArithmeticError:
        step = None
    if not step or step < 0:
        raise invalid("aggregation_price_increment is invalid")
    return step


def _position(request: Request) -> int | None:
    """Where the last page ended."""
    return request.whole("cursor") if request.one("cursor") else None


def _next(query: Query, last: Row, limit: int) -> str:
    """Where the next page goes on: after a number, or in a listing that is sorted after so many."""
    return str(query.skipped + limit if query.first else last[0])


def _after(request: Request, query: Query) -> Query:
    position = _position(request)
    if position is not None and not query.first:
        query.where("number < ?", position)
    return query


def _between(
    request: Request, query: Query, table: str, column: str, *, start: str, end: str
) -> None:
    start_us, end_us = request.time_us(start), request.time_us(end)
    if start_us is not None:
        query.since(table, column, start_us)
    if end_us is not None:
        query.where(f"{column} < ?", end_us)
