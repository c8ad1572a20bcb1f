"""What a raised switch, or another halt that ends all, is answered with: soon, and aloud."""

from __future__ import annotations

import json

from trader247.truth.facts import HALTING, Intent
from trader247.truth.paths import ACCOUNTS, LISTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import CANCELS, EXITS_ONLY
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World

_WISH, _OK = "cancel_requested", 200


class Prompt(Promise):
    """Under a raised switch the end of an order is asked for as soon as the journal wants it.

    What the process waits for in between is seen by the exchange's clock: half a second at the
    most, and no pace of our own. One that made no connection has been tried.
    """

    id = "I2"

    _WAIT_US = 500_000

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._wanted_us: int | None = None

    def on_process(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_unsent(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_journal(self, record: Told) -> Wrong:
        is_wanted = any(each["kind"] == _WISH for each in record["events"])
        self._wanted_us = self.world.now_us if is_wanted else None
        return []

    def on_request(self, record: Told) -> Wrong:
        wanted_us, self._wanted_us = self._wanted_us, None
        kill_us = self.world.kill_us
        if wanted_us is None or kill_us is None or record["path"] != CANCELS:
            return []
        late_us = record["at_us"] - max(wanted_us, kill_us)
        if late_us <= self._WAIT_US:
            return []
        return [f"an end was asked for {late_us / SECOND_US:.1f} s after it was wanted"]


class Lived(Promise):
    """No process ends because somebody raises the switch: it is there to answer that."""

    id = "I2"

    _CUT_SHORT = "ReadAborted"

    def on_process(self, record: Told) -> Wrong:
        is_so = record["what"] == "failed" and record["cause"].startswith(self._CUT_SHORT)
        return [f"a raised switch ended it: {record['cause']}"] if is_so else []


class Standing(Promise):
    """The switch's halt is not cleared while its file is there, whoever wants it."""

    id = "I2"

    _HALT = "kill_switch"

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] != self._HALT or self.world.kill_us is None:
            return []
        return [f"{self._HALT} was cleared while the switch is on"]


class Pressed(Promise):
    """Under a raised switch an order that rests is asked to end again and again, between cycles
    too: a request for its end may be lost, and a yes to it may come to nothing.

    As long as the journal holds it for alive, and nobody wished that it stay: a dozen readings of
    orders and wallets by one process, and twenty seconds, do not go by without one; nor do fifteen
    seconds from such a reading to the next request, where all that was asked for was answered.
    """

    id = "I2"
    of_reads, of_yeses = ("batch", "accounts"), ()

    _READINGS, _WAIT_US, _SOON_US = 12, 20 * SECOND_US, 15 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since: dict[str, tuple[int, int]] = {}
        """Since when nobody asked for the end of each, and for how many readings."""
        self._is_answered = True
        """Whether all was answered that was asked for since an end was asked for."""
        self._is_listed = False

    def on_kill(self, _: Told) -> Wrong:
        self._since.clear()
        return []

    def on_process(self, _: Told) -> Wrong:
        self._since.clear()
        self._is_listed = False
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._since.clear()
        return []

    def on_unsent(self, record: Told) -> Wrong:
        if record["path"] == CANCELS:
            self._since.clear()
        return []

    def on_answer(self, record: Told) -> Wrong:
        self._is_answered = self._is_answered and record["status"] == _OK
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"] == CANCELS:
            return self._asked(record)
        if self.world.kill_us is None:
            return []
        if record["path"] == LISTING:
            self._is_listed = True
        if record["path"] != ACCOUNTS or not self._is_listed:
            return []
        self._is_listed = False
        return self._count()

    def _asked(self, record: Told) -> Wrong:
        was_answered, self._is_answered = self._is_answered, True
        late = []
        for order_id in json.loads(record["body"])["order_ids"]:
            since_us, _ = self._since.pop(order_id, (record["at_us"], 0))
            after_us = record["at_us"] - since_us
            if was_answered and after_us > self._SOON_US and self.world.kill_us is not None:
                late.append(
                    f"{order_id} was asked to end {after_us // SECOND_US} s after a reading"
                )
        return late

    def _count(self) -> Wrong:
        world, before, self._since = self.world, self._since, {}
        may_stay = world.keeps_sales or world.stricter_us is not None
        for name, order in world.live.items():
            intent = world.intents.get(name)
            if (
                intent is not None
                and intent.state == "ACCEPTED"
                and not intent.is_end_seen
                and not (intent.side == "SELL" and may_stay)
                and name not in world.lost
                and name not in world.understated
                and name not in world.listed_otherwise
            ):
                since_us, count = before.get(order.order_id, (world.now_us, 0))
                self._since[order.order_id] = since_us, count + 1
        late = {
            order_id: (world.now_us - since_us) // SECOND_US
            for order_id, (since_us, count) in self._since.items()
            if count > self._READINGS and world.now_us - since_us > self._WAIT_US
        }
        for order_id in late:
            del self._since[order_id]
        return [
            f"{order_id} rests under a raised switch, and for {seconds} s nobody asked for its end"
            for order_id, seconds in late.items()
        ]


class Outlived(Promise):
    """Whoever outlives a halt that ends all is told of, as critical, again and again.

    By the trader's own dates: once an order that may not rest has done so for half a minute, two
    and a half minutes and two whole cycles of one process are enough for an alert of it.
    """

    id = "I18"

    _CODE, _DUE_US, _PATIENCE_US, _CYCLES = "orders_not_ended", 30, 150, 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._told_us = 0
        self._late: tuple[int, int] | None = None
        """Since when one has outlived it, by the exchange's clock, and for how many cycles."""

    def on_process(self, _: Told) -> Wrong:
        self._late = None
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._late = None
        return []

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        if payload["code"] == self._CODE and payload["severity"].upper() == "CRITICAL":
            self._told_us, self._late = instant_us(event["time"]), None
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        world, now_us = self.world, instant_us(event["time"])
        if payload.get("regime") == EXITS_ONLY:
            return []
        since_us = min((world.halts[name] for name in HALTING & world.halts.keys()), default=None)
        left = [] if since_us is None else self._left()
        if since_us is None or not left or now_us - since_us <= self._DUE_US * SECOND_US:
            self._late = None
            return []
        begun_us, count = self._late or (world.now_us, 0)
        self._late = begun_us, count + 1
        silent_us = now_us - max(self._told_us, since_us)
        patience_us = self._PATIENCE_US * SECOND_US
        is_late = min(silent_us, world.now_us - begun_us) > patience_us and count >= self._CYCLES
        if not is_late:
            return []
        self._late = None
        return [f"{', '.join(left)} rests under {', '.join(world.halts)}, and nobody is told of it"]

    def _left(self) -> list[str]:
        """Orders that rest at the exchange, as the trader may know, and that nobody wished to."""
        world = self.world
        known = ((name, world.intents.get(name)) for name in world.live)
        return [name for name, intent in known if intent is not None and self._must_end(intent)]

    def _must_end(self, intent: Intent) -> bool:
        world = self.world
        may_stay = intent.side == "SELL" and (world.keeps_sales or world.stricter_us is not None)
        return not may_stay and not intent.is_end_seen and intent.name not in world.understated
