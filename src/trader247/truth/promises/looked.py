"""What an order stands on was looked at: the books, the market's clock and state, the key."""

from __future__ import annotations

from typing import ClassVar

from trader247.truth.paths import ACCOUNTS, FILLS, LISTING, ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_API = "/api/v3/brokerage"
_OK = 200


class Looked(Promise):
    """Nothing is bought but on books that were read in the same cycle, by a clock that was compared
    within a minute, and of a product whose state was read within one.

    By what the exchange answered to the process that sends: since its cycle before, it has read
    orders, fills and wallets, and the last word on each was an answer; the exchange's time was
    asked for at most a minute before those.
    """

    id = "I14"
    of_reads = of_yeses = ("time", "products", "batch", "fills", "accounts")

    _TIME: ClassVar = f"{_API}/time"
    _PRODUCTS: ClassVar = f"{_API}/products"
    _BOOKS: ClassVar = {LISTING: "orders", FILLS: "fills", ACCOUNTS: "wallets"}
    _ALIKE: ClassVar = {f"{_API}/market/products": _PRODUCTS}
    """The same for whoever reads without a key."""
    _OLD_US = 70 * SECOND_US
    """A minute, and what a reading takes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[int, tuple[str, int]] = {}
        self._read_us: dict[str, int] = {}
        """When what was answered last was asked for, by path."""
        self._unanswered: set[str] = set()
        """Which books could not be read when they were asked for last, by path."""
        self._cycles_us: tuple[int, int] = 0, 0
        """When the latest cycle was decided, and the one before."""

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "started":
            self._asked, self._read_us, self._unanswered = {}, {}, set()
        return []

    def on_unsent(self, record: Told) -> Wrong:
        self._unanswered |= {record["path"]} & self._BOOKS.keys()
        return []

    def on_answer(self, record: Told) -> Wrong:
        path, at_us = self._asked.pop(record["id"], ("", 0))
        if path and record["status"] == _OK:
            self._read_us[path] = at_us
            self._unanswered.discard(path)
        else:
            self._unanswered |= {path} & self._BOOKS.keys()
        return []

    def event_cycle_decided(self, _: Told, __: Told) -> Wrong:
        self._cycles_us = self.world.now_us, self._cycles_us[0]
        return []

    def on_request(self, record: Told) -> Wrong:
        path = self._ALIKE.get(record["path"], record["path"])
        if record["method"] == "GET":
            if path in self._BOOKS or path in (self._TIME, self._PRODUCTS):
                self._asked[record["id"]] = path, record["at_us"]
            return []
        if path != ORDERS or "reads" not in self.world.limits:
            return []
        intent = self.world.intents.get(self.world.requests[record["id"]]["name"])
        if intent is None or intent.purpose != "entry":
            return []
        return [f"{intent.name} buys, and {what}" for what in self._unread(record["at_us"])]

    def _unread(self, now_us: int) -> Wrong:
        read = self._read_us
        found = [
            f"{word} were not read in its cycle"
            for path, word in self._BOOKS.items()
            if read.get(path, 0) < self._cycles_us[1]
            or path not in read
            or path in self._unanswered
        ]
        if now_us - read.get(self._PRODUCTS, 0) > self._OLD_US:
            found.append("the state of its product was not read within a minute")
        if read.get(LISTING, now_us) - read.get(self._TIME, 0) > self._OLD_US:
            found.append("the exchange's time was not asked for within a minute")
        return found


class Reread(Promise):
    """Whoever decides cycles asks again and again what may be done with products: what is known of
    them grows old, and neither buys nor sales are sent on that.

    Three whole cycles and two and a half minutes of one process, by the exchange's clock, do not go
    by without; what could not be sent was asked for. Whoever is refused, for his key or for asking
    too often, asks for less.
    """

    id = "I14"
    of_reads, of_yeses = ("products",), ()

    _PATHS: ClassVar = {f"{_API}/products", f"{_API}/market/products"}
    _REFUSED = (401, 429)
    _CYCLES, _WITHIN_US = 3, 150 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us, self._cycles = 0, 0

    def _begin(self) -> None:
        self._since_us, self._cycles = self.world.now_us, 0

    def on_process(self, _: Told) -> Wrong:
        self._begin()
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._begin()
        return []

    def on_unsent(self, record: Told) -> Wrong:
        if record["path"] in self._PATHS:
            self._begin()
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"] in self._PATHS:
            self._begin()
        return []

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] in self._REFUSED:
            self._begin()
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or "reads" not in self.world.limits:
            return []
        self._cycles += 1
        for_us = self.world.now_us - self._since_us
        if self._cycles <= self._CYCLES or for_us <= self._WITHIN_US:
            return []
        return [f"nobody asked for {for_us // SECOND_US} s what may be done with products"]


class OfNow(Promise):
    """What is judged between two cycles is judged by the time of now, not by that at which the
    market was read before.

    By the trader's own dates of its cycles: no such one has the date of the cycle before it, unless
    it comes at the very same instant.
    """

    id = "I14"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._before = "", 0, 0
        """How the last cycle was dated, which it was, and when it was told of."""

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        at, cycle, told_us = self._before
        self._before = payload["at"], payload["cycle"], self.world.now_us
        is_between = payload.get("regime") == EXITS_ONLY and told_us < self.world.now_us
        if not is_between or at != payload["at"]:
            return []
        return [f"cycle {payload['cycle']} is of {at}, as cycle {cycle} was"]


class KeyRead(Promise):
    """Nothing is sent with a key of which it was read that it may move money out of the account, or
    that it may not trade.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._objection = ""

    def event_key_read(self, payload: Told, _: Told) -> Wrong:
        may = payload["permissions"]
        self._objection = ""
        if may["can_transfer"]:
            self._objection = "may move money out of the account"
        elif not (may["can_trade"] and may["can_view"]):
            self._objection = "may not trade and look"
        return []

    def on_request(self, record: Told) -> Wrong:
        if not self._objection or record["method"] != "POST" or record["path"] != ORDERS:
            return []
        return [
            f"{self.world.requests[record['id']]['name']} was sent with a key that "
            f"{self._objection}"
        ]
