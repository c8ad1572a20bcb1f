"""What counts as a reading of the books: a listing that is whole, and lost orders that it tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trader247.truth.paths import ACCOUNTS, BOOKS, FILLS, LISTING, ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Whole(Promise):
    """Who is told of orders by a listing that runs in circles, or that has one of ours without its
    side or its fees, does not go on to the fills as if it were whole: the books are compared by
    none such.
    """

    id = "I7"
    of_reads, of_yeses = ("batch", "fills"), ("batch",)

    _OK = 200

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked = -1
        """The request for orders whose answer is awaited."""
        self._told = self._got = ""
        """What is wrong with the answer on its way, and with the latest one that came."""

    def on_process(self, _: Told) -> Wrong:
        self._asked, self._told, self._got = -1, "", ""
        return []

    def on_unwhole(self, record: Told) -> Wrong:
        if self._asked >= 0:
            self._told = record["why"]
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"] == LISTING:
            self._asked, self._told, self._got = record["id"], "", ""
        if record["path"] != FILLS or not self._got:
            return []
        why, self._got = self._got, ""
        return [f"a listing of orders {why}, and fills are read as if it were whole"]

    def on_answer(self, record: Told) -> Wrong:
        if record["id"] == self._asked:
            self._asked, self._got = -1, self._told if record["status"] == self._OK else ""
        return []


class Unsaid(Promise):
    """Who is told of wallets, or of fills, without a figure that each has, buys nothing by them:
    not before the same was answered whole.
    """

    id = "I7"
    of_reads, of_yeses = ("accounts", "fills"), ("accounts", "fills")

    _OK = 200
    _PATH_OF: ClassVar[Mapping[str, str]] = {
        "hold": ACCOUNTS,
        "available_balance": ACCOUNTS,
        "commission": FILLS,
    }

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[int, str] = {}
        """The requests whose answer is awaited, and for what each asks."""
        self._told = ""
        """What the answer on its way lacks."""
        self._lacking: dict[str, str] = {}
        """What the latest answer to each lacked."""

    def on_process(self, _: Told) -> Wrong:
        self._asked, self._told, self._lacking = {}, "", {}
        return []

    def on_unsaid(self, record: Told) -> Wrong:
        self._told = record["what"] if record["what"] in self._PATH_OF else ""
        return []

    def on_request(self, record: Told) -> Wrong:
        path = record["path"]
        if path in (ACCOUNTS, FILLS):
            self._asked[record["id"]], self._told = path, ""
        if path != ORDERS or '"BUY"' not in record["body"]:
            return []
        return [
            f"{path} was answered without {what}, and more is bought"
            for path, what in self._lacking.items()
        ]

    def on_answer(self, record: Told) -> Wrong:
        path = self._asked.pop(record["id"], None)
        if path is None or record["status"] != self._OK:
            return []
        self._lacking.pop(path, None)
        if self._told and self._PATH_OF[self._told] == path:
            self._lacking[path], self._told = self._told, ""
        return []


class Untaken(Promise):
    """A lost order that rests ends once a listing tells of it, whether it can be taken back yet or
    not: its end is asked for within a minute and a half of cycles.

    By orders that are listed otherwise than they stand: of these it is told when they were listed.
    """

    id = "I3"

    _SOON_US = 90 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._listed_us: dict[str, int] = {}

    def on_process(self, _: Told) -> Wrong:
        self._listed_us.clear()
        return []

    def on_otherwise(self, record: Told) -> Wrong:
        for name in self.world.lost.keys() & set(record["orders"]):
            self._listed_us.setdefault(name, self.world.now_us)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        return [
            f"{name} was lost, and rests in cycle {payload['cycle']}: nobody ends it"
            for name, listed_us in self._listed_us.items()
            if name in world.live
            and name not in world.cancel_wishes
            and world.now_us - listed_us > self._SOON_US
        ]


class AskedAgain(Promise):
    """A lost order that rests, and cannot be taken back yet, is asked to end for as long as it
    rests: once a listing told of it, no minute and a half of cycles goes by without.

    Not while the books cannot be read, nor under a switch that keeps sales.
    """

    id = "I3"
    _OK, _SOON_US = 200, 90 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked_us: dict[str, int] = {}
        """When the end of each was asked for last, or a listing told of it first."""
        self._hindered_us = 0
        """When the books could not be read last, or whoever raised the switch kept sales."""

    def on_process(self, _: Told) -> Wrong:
        self._asked_us.clear()
        return []

    def on_otherwise(self, record: Told) -> Wrong:
        for name in self.world.lost.keys() & set(record["orders"]):
            self._asked_us.setdefault(name, self.world.now_us)
        return []

    def event_cancel_requested(self, payload: Told, _: Told) -> Wrong:
        name = payload["client_order_id"]
        if name in self._asked_us:
            self._asked_us[name] = self.world.now_us
        return []

    def on_unsent(self, _: Told) -> Wrong:
        self._hindered_us = self.world.now_us
        return []

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] != self._OK and self.world.path_read in BOOKS:
            self._hindered_us = self.world.now_us
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if world.kill_us is not None and world.keeps_sales:
            self._hindered_us = world.now_us
        late = [
            name
            for name, asked_us in self._asked_us.items()
            if name in world.live
            and name not in world.intents
            and world.now_us - max(asked_us, self._hindered_us) > self._SOON_US
        ]
        for name in late:
            del self._asked_us[name]
        return [
            f"{name} was lost, and rests in cycle {payload['cycle']}: its end is asked for no more"
            for name in late
        ]
