"""`/sim/clock`: the exchange's time, to be read, and to be led by one client; and which it is.

From the first time that is asked for, the clock has no pace of its own: it stands still until it
is led on. So a trader whose own time is simulated, and the exchange that it trades on in another
process, keep one time at any speed. Each answer names the market and the book, so that whoever
leads knows that it is still the exchange that it has its orders on.
"""

from __future__ import annotations

import asyncio

from trader247.simex.deeds.admin import Handler
from trader247.simex.pace import Pace
from trader247.simex.wire import times
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import Reply, Request, invalid

_DAYS_MAX = 31
_DAY_US = 86_400_000_000


class ClockDesk:
    """Reads and leads the clock of one exchange.

    `is_in_step` says whether its own pace, where it has one, keeps it at the machine's time.
    `market` is the exact name of its market, `book` tells it from others on the same one.
    """

    def __init__(self, pace: Pace, *, is_in_step: bool, market: str, book: str) -> None:
        self._pace = pace
        self._which = {"market": market, "book": book}
        self._is_in_step = is_in_step
        self._leading = asyncio.Lock()

    def handlers(self) -> dict[tuple[str, str], Handler]:
        return {("GET", "/sim/clock"): self.read, ("POST", "/sim/clock"): self.lead}

    async def read(self, _: Request) -> Reply:
        """What the clock says, and who moves it."""
        self._pace.keep()
        return self._told()

    async def lead(self, request: Request) -> Reply:
        """Bring the exchange to the time asked for; answered when it is there.

        A market that ends before it stays at its end, and the answer says so: `is_over`.
        """
        to_us = self._wanted_us(request)
        async with self._leading:
            self._pace.keep()
            now_us = self._pace.now_us
            if to_us < now_us:
                raise invalid(f"to is before {times.text(now_us)}: time does not run backwards")
            if to_us > now_us + _DAYS_MAX * _DAY_US:
                raise invalid(f"to is more than {_DAYS_MAX} days after {times.text(now_us)}")
            while not self._pace.lead(to_us):
                # Whoever else asks must not wait until days have passed.
                await asyncio.sleep(0)
        return self._told()

    def _wanted_us(self, request: Request) -> int:
        written = request.body.get("to")
        if set(request.body) != {"to"} or not isinstance(written, str):
            raise invalid('the body is {"to": "2026-01-05T00:00:00Z"}')
        try:
            return times.parse(written)
        except (ValueError, OverflowError):
            raise invalid(f"to is no RFC 3339 time: {written[:40]!r}") from None

    def _told(self) -> Reply:
        is_led = self._pace.is_led
        body = {
            "now": times.text(self._pace.now_us),
            "is_led": is_led,
            "is_in_step": self._is_in_step and not is_led,
            "is_over": self._pace.is_over,
            **self._which,
        }
        return Reply(200, dumps(body))
