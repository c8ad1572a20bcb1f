"""Market data that lies: prices that stand still, quotes that make no sense, candles with holes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from trader247.simex.faults.places import endpoint_of
from trader247.simex.wire import times
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import Reply, Request
from trader247.simulation.mishaps.faults import Odds
from trader247.simulation.world.dice import Dice

_MINUTE_US = 60_000_000
_BEGIN = re.compile(rb'\{"pricebook":\{"product_id":"([A-Z0-9-]+)","bids":\[\{"price":"([0-9.]+)"')
_ASKS = re.compile(rb'"asks":\[\{"price":"([0-9.]+)"')
_TIME = re.compile(rb'\],"time":"([0-9TZ:.-]+)"\}')
_PARTS = 3
_IN_PART, _OLD = 750_000, 600_000
"""The chances that few stand still, which no breaker sees, and that their times do and not they."""
_WAYS = ("crossed", "zero", "nan", "tenfold", "empty")


class Quotes:
    """What of one exchange's market data is seen otherwise than it is."""

    def __init__(self, dice: Dice, now_us: Callable[[], int], odds: Odds) -> None:
        self._dice = dice
        self._now_us = now_us
        self._odds = odds
        self._frozen: dict[str, dict[str, Any]] = {}
        self._frozen_until_us = 0
        self._frozen_part: int | None = None
        self._is_time_frozen = False
        self._distorted_until_us = 0
        self._muddled_until_us = 0
        self._wider_bps = 0
        self._thinner = 1
        self.are_streams_still = False
        """Whether books that are streamed do not change, though messages of them come."""
        self.lower: Mapping[str, Decimal] = {}
        """By how much the streamed book of each product is said to be lower than it is."""
        self.older_us = 0
        """By so much each book that is asked for says that it is older than it is."""

    def widen(self, bps: int) -> None:
        """Every book is so much wider than it is, until it is mended: half of it on each side."""
        self._wider_bps = bps

    def thin_asks(self, times: int) -> None:
        """So many times less is offered in every book than is, until it is mended; bids stay."""
        self._thinner = times

    def freeze(self, *, is_time: bool | None = None, for_us: int | None = None) -> None:
        """Prices stand still and their times go on, or the reverse: drawn, where nobody says, and
        so is for how long.

        Those of all products, which is noticed at once, or of one in three.
        """
        self._frozen.clear()
        is_part = is_time is None and self._dice.chance(_IN_PART)
        self._frozen_part = self._dice.below(_PARTS) if is_part else None
        self._is_time_frozen = self._dice.chance(_OLD) if is_time is None else is_time
        drawn_us = self._dice.between(1, 20) * _MINUTE_US
        self._frozen_until_us = self._now_us() + (drawn_us if for_us is None else for_us)

    def distort(self) -> None:
        """One quote in three makes no sense for a while."""
        self._distorted_until_us = self._now_us() + self._dice.between(1, 5) * _MINUTE_US

    def muddle_candles(self) -> None:
        """Candles are missing, doubled or wrong for a while, and right later."""
        self._muddled_until_us = self._now_us() + self._dice.between(1, 10) * _MINUTE_US

    def mend(self) -> None:
        """All is shown as it is."""
        self._frozen_until_us = self._distorted_until_us = self._muddled_until_us = 0
        self._wider_bps = 0
        self._thinner = 1
        self.are_streams_still = False
        self.lower = {}
        self.older_us = 0

    def seen(self, request: Request, reply: Reply) -> Reply:
        """An answer as it is seen."""
        now_us = self._now_us()
        until_us = max(self._frozen_until_us, self._distorted_until_us, self._muddled_until_us)
        is_otherwise = bool(self._wider_bps or self.older_us) or self._thinner > 1
        if reply.status != 200 or (now_us >= until_us and not is_otherwise):
            return reply
        place = endpoint_of(request.method, request.path)
        if place == "candles" and now_us < self._muddled_until_us:
            return self._candles(reply)
        if place == "book":
            body = json.loads(reply.body)
            if now_us < self._frozen_until_us:
                self._freeze(request, body["pricebook"])
            if now_us < self._distorted_until_us and self._dice.below(3) == 0:
                self._distort(body["pricebook"])
            if self._wider_bps:
                self._widen(body["pricebook"])
            if self._thinner > 1:
                for each in body["pricebook"]["asks"]:
                    each["size"] = str(Decimal(each["size"]) / self._thinner)
            if self.older_us:
                at_us = times.parse(body["pricebook"]["time"])
                body["pricebook"]["time"] = times.text(at_us - self.older_us)
            return reply._replace(body=dumps(body))
        return reply

    def _freeze(self, request: Request, book: dict[str, Any]) -> None:
        product = request.one("product_id")
        if self._frozen_part is not None and sum(product.encode()) % _PARTS != self._frozen_part:
            return
        known = self._frozen.setdefault(product, dict(book))
        self._odds.count("F35")
        if self._is_time_frozen:
            book["time"] = known["time"]
        else:
            book["bids"], book["asks"] = known["bids"], known["asks"]
            book["time"] = times.text(self._now_us())

    def _widen(self, book: dict[str, Any]) -> None:
        for side, sign in (("bids", -1), ("asks", 1)):
            prices = [Decimal(each["price"]) for each in book[side]]
            if prices:
                by = (prices[0] * self._wider_bps / 20_000).quantize(prices[0])
                for each, price in zip(book[side], prices, strict=True):
                    each["price"] = str(price + sign * by)

    def _distort(self, book: dict[str, Any]) -> None:
        way = self._dice.pick(_WAYS)
        if not book["bids"] or not book["asks"]:
            return
        self._odds.count("F36")
        bid, ask = book["bids"][0], book["asks"][0]
        match way:
            case "crossed":
                bid["price"], ask["price"] = ask["price"], bid["price"]
            case "zero":
                bid["price"] = "0"
            case "nan":
                ask["price"] = "NaN"
            case "tenfold":
                for each in (*book["bids"], *book["asks"]):
                    each["price"] = (
                        f"{each['price']}0"
                        if "." not in each["price"]
                        else (_tenfold(each["price"]))
                    )
            case _:
                book["asks"] = []

    def _candles(self, reply: Reply) -> Reply:
        body = json.loads(reply.body)
        rows = body["candles"]
        if not rows:
            return reply
        self._odds.count("F39")
        at = self._dice.below(len(rows))
        match self._dice.below(3):
            case 0:
                del rows[at]
            case 1:
                rows.insert(at, dict(rows[at]))
            case _:
                rows[at] = {**rows[at], "close": rows[at]["open"]}
        return reply._replace(body=dumps(body))


def shown(request: Request, reply: Reply) -> dict[str, dict[str, Any]] | None:
    """What a book that was answered claims of best prices and their time; None: nothing of use."""
    if reply.status != 200 or endpoint_of(request.method, request.path) != "book":
        return None
    plain = _plainly(reply.body)
    if plain is not None:
        return plain
    try:
        book = json.loads(reply.body)["pricebook"]
        at_us = times.parse(book["time"])
        bid, ask = (book[side][0]["price"] for side in ("bids", "asks"))
    except (ValueError, LookupError, TypeError):
        return None
    if not all(Decimal(each).is_finite() for each in (bid, ask)):
        return None
    return {book["product_id"]: {"bid": bid, "ask": ask, "time_us": at_us}}


def _plainly(body: bytes) -> dict[str, dict[str, Any]] | None:
    """The same of an answer as the exchange writes it, without reading all of its levels."""
    begin, asks, end = _BEGIN.match(body), _ASKS.search(body), _TIME.search(body)
    if begin is None or asks is None or end is None:
        return None
    product, bid = begin[1].decode(), begin[2].decode()
    at_us = times.parse(end[1].decode())
    return {product: {"bid": bid, "ask": asks[1].decode(), "time_us": at_us}}


def _tenfold(text: str) -> str:
    whole, _, part = text.partition(".")
    moved = f"{whole}{part[0]}.{part[1:]}".rstrip(".")
    return moved.lstrip("0") or "0"
