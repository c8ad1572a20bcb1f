"""What is scheduled: maintenance, and prices that jump."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trader247.simex.calendar import KINDS, Calendar, Jump, Window
from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.exchange import Exchange
from trader247.simex.path import MINUTE_US
from trader247.simex.wire import times
from trader247.simex.wire.render import Body

_SECOND_US = 1_000_000
_PERCENT_MAX = 90


class CalendarDeeds:
    """The actions on the calendar of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "maintain": self._maintain,
            "jump": self._jump,
            "clear": self._clear,
        }

    def told(self) -> dict[str, list[Any]]:
        """What is to happen, or goes on."""
        calendar = self._exchange.calendar.without_past(
            self._exchange.now_us, self._exchange.minute
        )
        return {
            "maintenance": [
                {
                    "kind": each.kind,
                    "from": times.text(each.from_us),
                    "to": times.text(each.to_us),
                    "products": ", ".join(each.products) or "all",
                }
                for each in calendar.windows
            ],
            "jumps": [
                {
                    "product": each.product_id,
                    "basis_points": each.bps,
                    "from": times.text(each.from_minute * MINUTE_US),
                    "to": "" if each.to_minute is None else times.text(each.to_minute * MINUTE_US),
                }
                for each in calendar.jumps
            ],
        }

    def _maintain(self, asked: Asked) -> Body:
        kind, now_us = asked.text("kind"), self._exchange.now_us
        if kind not in KINDS:
            raise Undone(f"there is no maintenance {kind!r}; there are {', '.join(KINDS)}")
        products = tuple(self._known(each) for each in asked.texts("products"))
        from_us = asked.time_us("from")
        from_us = now_us if from_us is None else from_us
        to_us = asked.time_us("to")
        if to_us is None:
            to_us = from_us + asked.seconds("for_s") * _SECOND_US
        if not max(from_us, now_us) < to_us:
            raise Undone(f"maintenance ends after it begins, and after {times.text(now_us)}")
        window = Window(from_us, to_us, kind, products)
        self._exchange.schedule(self._exchange.calendar.with_window(window))
        return self.told()

    def _jump(self, asked: Asked) -> Body:
        """From the next minute on: what has been traded in this one has been traded."""
        percent = asked.number("percent")
        points = percent * 100
        if not 0 < abs(percent) <= _PERCENT_MAX or points != int(points):
            raise Undone(
                f"percent is from -{_PERCENT_MAX} to {_PERCENT_MAX}, to the hundredth, not 0"
            )
        first = self._exchange.minute + 1
        last = None
        if asked.has("for_s"):
            last = first + max(1, asked.seconds("for_s") // 60)
        jump = Jump(self._known(asked.text("product_id")), first, last, int(points))
        self._exchange.schedule(self._exchange.calendar.with_jump(jump))
        return self.told()

    def _clear(self, _: Asked) -> Body:
        """Nothing is scheduled any more; what goes on ends."""
        self._exchange.schedule(Calendar())
        return self.told()

    def _known(self, product_id: str) -> str:
        markets = self._exchange.markets
        if product_id not in markets:
            raise Undone(
                f"there is no product {product_id!r}; there are {', '.join(markets)}",
                is_refused=True,
            )
        return product_id
