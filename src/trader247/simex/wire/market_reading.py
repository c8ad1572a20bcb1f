"""What a client may ask of the market: products, books, candles, trades. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from itertools import islice
from operator import is_not

from trader247.simex import charts
from trader247.simex.alias import canonical
from trader247.simex.book import Side
from trader247.simex.exact import Grid
from trader247.simex.exchange import Exchange
from trader247.simex.market import Flags, Market
from trader247.simex.path import Candle
from trader247.simex.switches import Switches
from trader247.simex.wire import render, times
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
_BUCKETS_MAX = 350
_PRODUCTS_KEPT = 256
_CANDLES_KEPT = 1 << 12
_LEVELS_MAX = 1000
_PRINTS_MAX = 100


class MarketReading:
    """Answers about the market of one exchange."""

    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self._exchange = exchange
        self._switches = switches
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
        book = _book_of(market)
        found = charts.candles(
            self._exchange,
            book,
            first=-(-start // 60),
            end=-(-end // 60) + beyond,
            step=step,
        )
        listing = market.listing
        figures = _figures_of(book, listing.price_increment, listing.base_increment)
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

    @property
    def _open(self) -> Mapping[str, Market]:
        """Every product that clients see."""
        return self._exchange.listed if self._exchange.has_aliases else self._exchange.markets

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


@lru_cache(maxsize=_PRODUCTS_KEPT)
def _figures_of(book: str, tick: Decimal, step: Decimal) -> Callable[[Candle], str]:
    """What writes the candles of one book: whoever starts asks for a day of them, each time anew.

    Those of each book are kept by themselves: three days of one, and of no other.
    """
    del book
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
