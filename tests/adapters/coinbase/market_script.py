"""A small market behind the scripted transport: candles on every minute, a book, a clock."""

from __future__ import annotations

import json

from tests.adapters.coinbase import bodies
from tests.adapters.coinbase.scripted import API, START, Bench, Handler, Reply, Sent, answer

from trader247.domain.ids import ProductId

TICKS = 6_000_000


def close_at(minute: int) -> int:
    """The close of a minute, in ticks of 0.01."""
    return TICKS + (minute * 7919) % 1000


def candle(start: int, span: int) -> dict[str, str]:
    last = close_at(start // 60 + span // 60 - 1)
    opening = close_at(start // 60 - 1)
    return {
        "start": str(start),
        "low": f"{min(opening, last) / 100:.2f}",
        "high": f"{max(opening, last) / 100:.2f}",
        "open": f"{opening / 100:.2f}",
        "close": f"{last / 100:.2f}",
        "volume": "1.5",
    }


class MarketScript:
    """Answers market data for `products`; `holes` are minutes without a trade."""

    def __init__(self, bench: Bench, products: list[ProductId], *, levels: int = 50) -> None:
        self.bench = bench
        self.products = {
            str(product): bodies.product(product_id=str(product)) for product in products
        }
        self.holes: set[int] = set()
        self.broken: dict[str, Reply] = {}
        self.levels = levels
        self.asked: list[tuple[str, int, int, str]] = []
        bench.transport.handle("/time", self._guard(lambda sent: answer(self._time())))
        for twin in ("", "/market"):
            bench.transport.handle(f"{twin}/products", self._guard(self._listing))
            bench.transport.handle(f"{twin}/product_book", self._guard(self._book))
            for product in self.products:
                bench.transport.handle(
                    f"{twin}/products/{product}/candles", self._guard(self._candles)
                )

    def _guard(self, handler: Handler) -> Handler:
        def handle(sent: Sent) -> Reply:
            path = sent.path.removeprefix(API).removeprefix("/market")
            product = sent.query.get("product_id", [""])[0]
            broken = self.broken.get("*") or self.broken.get(path + product)
            return broken or handler(sent)

        return handle

    def _time(self) -> dict[str, str]:
        return {"epochMillis": str(self.bench.clock.true_now.us // 1000)}

    def _listing(self, sent: Sent) -> Reply:
        wanted = sent.query.get("product_ids", list(self.products))
        return answer({"products": [self.products[p] for p in wanted if p in self.products]})

    def _book(self, sent: Sent) -> Reply:
        last = close_at(self.bench.clock.true_now.minute - 1)
        book = bodies.book(
            [(f"{(last - 1 - n * 40) / 100:.2f}", "0.25") for n in range(self.levels)],
            [(f"{(last + 1 + n * 40) / 100:.2f}", "0.5") for n in range(self.levels)],
            product_id=sent.query["product_id"][0],
            time=str(self.bench.clock.true_now),
        )
        return Reply(json.dumps(book).encode())

    def _candles(self, sent: Sent) -> Reply:
        start, end = int(sent.query["start"][0]), int(sent.query["end"][0])
        span = {"ONE_MINUTE": 60, "ONE_HOUR": 3600}[sent.query["granularity"][0]]
        if (end - start) // span >= 350:
            return answer({"error": "INVALID_ARGUMENT", "message": "too many"}, 400)
        self.asked.append((sent.path.split("/")[-2], start // span, end // span, str(span)))
        now = self.bench.clock.true_now.seconds
        starts = range(start - start % span, min(end, now) + 1, span)
        rows = [
            candle(at, span)
            for at in reversed(starts)
            if at >= start and not (span == 60 and at // 60 in self.holes)
        ]
        return answer({"candles": rows})


def minute(offset: int) -> int:
    """The minute `offset` minutes from the start."""
    return START.minute + offset
