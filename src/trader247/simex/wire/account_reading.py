"""What a client may ask of its account: wallets, orders, fills, fees. It changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.simex.accounts import Account
from trader247.simex.connection import sound
from trader247.simex.door.entrance import Caller
from trader247.simex.exchange import Exchange
from trader247.simex.orders.order import USUAL_SOURCE, Fill, Lifetime, Order, Status
from trader247.simex.schema import Row, read_order
from trader247.simex.store import Query
from trader247.simex.switches import Switches
from trader247.simex.wire import render
from trader247.simex.wire.fee_summary import fee_summary
from trader247.simex.wire.listed import account_texts, fill_texts, order_texts
from trader247.simex.wire.request import Reply, Request, invalid, not_found

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
_FLAGS = ("false", "true")


class AccountReading:
    """Answers about the account on one exchange."""

    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self._exchange = exchange
        self._switches = switches
        self.user = exchange.name("user", 1)
        self.portfolio = exchange.name("portfolio", 1)
        self._kept_order_text = order_texts(self._settled_body)
        self._fill_text = fill_texts(self.fill_body)
        self._account_text = account_texts(self._account)

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
            f'"has_next":{_FLAGS[has_next]},"cursor":"{cursor}","size":{len(page)}}}'.encode(),
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
            f'{{"orders":{orders},"sequence":"0","has_next":{_FLAGS[has_next]},'
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

    def _account(self, account: Account) -> render.Body:
        body = render.account(account, self.portfolio)
        if self._switches.account_type == "short":
            body["type"] = body["type"].removeprefix("ACCOUNT_TYPE_")
        return body

    def _hide_new(self, query: Query, column: str, lag_ms: int) -> None:
        """What is younger than the lag is not there yet."""
        if lag_ms:
            query.where(f"{column} <= ?", self._exchange.now_us - lag_ms * 1000)


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
