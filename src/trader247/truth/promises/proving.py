"""What people are told under a raised switch: what is proven was looked at, and the word comes."""

from __future__ import annotations

from trader247.truth.paths import BOOKS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World


class Proven(Promise):
    """Nobody says under a raised switch that nothing rests who has not read orders, fills and
    wallets since it was raised: a ledger that knows of none is no proof.
    """

    id = "I2"

    def on_cleared(self, _: Told) -> Wrong:
        world = self.world
        if world.kill_us is None:
            return []
        unread = [path for path in BOOKS if world.read_us.get(path, -1) < world.kill_us]
        if not unread:
            return []
        after = (world.now_us - world.kill_us) / SECOND_US
        names = ", ".join(path.rpartition("brokerage/")[2] for path in unread)
        return [
            f"{after:.0f} s after the switch was raised nothing is said to rest: unread: {names}"
        ]


class Seen(Promise):
    """Nobody says under a raised switch that nothing rests who has not seen the end of each order,
    by the journal: that the exchange took a request for its end is no end.

    But for the sales that may stay, by the wish of whoever raised it. Of an order that the journal
    lost it has the wish to end it alone: once that was journalled, by its own dates before the word
    was given, the order does not live.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._wished_us: dict[str, int] = {}
        """When the end of each was wished for first, by the journal's dates."""

    def event_cancel_requested(self, payload: Told, event: Told) -> Wrong:
        self._wished_us.setdefault(payload["client_order_id"], instant_us(event["time"]))
        return []

    def on_cleared(self, record: Told) -> Wrong:
        world = self.world
        if world.kill_us is None:
            return []
        may_stay = world.keeps_sales or world.stricter_us is not None
        left = [
            name
            for name, intent in world.intents.items()
            if name in world.unresolved
            or (
                intent.state == "ACCEPTED"
                and not intent.is_end_seen
                and not (intent.side == "SELL" and may_stay)
            )
        ]
        given_us = instant_us(record["given"]) if "given" in record else -1
        left += [
            name
            for name, order in world.live.items()
            if name not in world.intents
            and self._wished_us.get(name, given_us) < given_us
            and not (order.side == "SELL" and may_stay)
            and name not in world.understated
        ]
        return [f"nothing rests, it is said, and nobody saw the end of {name}" for name in left]


class Answered(Promise):
    """Whoever raised the switch is told that nothing rests, once that is so.

    By the trader's own books and by the exchange: three minutes, and half a dozen cycles of one
    process that compared them, are enough, under a switch that nobody touches meanwhile.
    """

    id = "I2"

    _CYCLES, _WAIT_US = 6, 3 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_told = False
        self._since: tuple[int, int] | None = None
        """Since when nothing rests, and for how many cycles."""

    def on_kill(self, record: Told) -> Wrong:
        if not record["is_on"]:
            self._is_told = False
        self._since = None
        return []

    def on_cleared(self, _: Told) -> Wrong:
        self._is_told, self._since = True, None
        return []

    def on_process(self, _: Told) -> Wrong:
        self._since = None
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._since = None
        return []

    def on_folded(self, record: Told) -> Wrong:
        world = self.world
        is_over = not record["portfolio"]["working"] and not world.live
        is_waited_for = world.kill_us is not None and not self._is_told
        if not is_waited_for or not is_over or not record.get("is_compared", True):
            self._since = None
            return []
        since_us, count = self._since or (world.now_us, 0)
        self._since = since_us, count + 1
        if count < self._CYCLES or world.now_us - since_us <= self._WAIT_US:
            return []
        self._since = None
        waited = (world.now_us - since_us) // MINUTE_US
        return [f"nothing has rested for {waited} min under a raised switch, and nobody is told so"]


class Emptied(Promise):
    """What `kill on` proves by listings of its own is so: nothing of ours rests at the exchange
    then, but for sales that whoever raised the switch keeps, and nothing arrives there. Where no
    trader lives that holds until another one begins, beside one until the switch is let go.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_proven = self._is_beside = self._keeps_sales = False

    def on_process(self, record: Told) -> Wrong:
        self._is_proven = self._is_proven and (self._is_beside or record["what"] != "started")
        return []

    def on_kill(self, record: Told) -> Wrong:
        self._is_proven = self._is_proven and (record["is_on"] or not self._is_beside)
        return []

    def on_emptying(self, record: Told) -> Wrong:
        self._keeps_sales = record["keeps_sales"]
        return []

    def on_emptied(self, record: Told) -> Wrong:
        # Whoever let the switch go meanwhile lets the trader go on.
        is_held = not record["is_beside"] or self.world.kill_us is not None
        self._is_proven = record["is_proven"] and is_held
        self._is_beside = record["is_beside"]
        return self._left(set(self.world.live)) if self._is_proven else []

    def on_exchange(self, record: Told) -> Wrong:
        if not self._is_proven:
            return []
        told = {each["client_order_id"] for each in record["orders"] if each["is_ours"]}
        return self._left(told & self.world.live.keys())

    def _left(self, names: set[str]) -> Wrong:
        live = self.world.live
        return [
            f"{name} rests, and it was proven that nothing does"
            for name in sorted(names)
            if not (self._keeps_sales and live[name].side == "SELL")
        ]


class Spared(Promise):
    """`kill on` asks for the end of no sale that whoever raises the switch wants to be kept."""

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._keeps_sales = False

    def on_emptying(self, record: Told) -> Wrong:
        self._keeps_sales = record["keeps_sales"]
        return []

    def on_ending(self, record: Told) -> Wrong:
        if not self._keeps_sales:
            return []
        asked = set(record["order_ids"])
        return [
            f"{name} was to be kept, and its end was asked for"
            for name, order in self.world.live.items()
            if order.order_id in asked and order.side == "SELL"
        ]
