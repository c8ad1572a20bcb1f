"""What stands in the trader's books is what was said, and what is over ends by itself."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.promises.holding import HeldOpen
from trader247.truth.times import MINUTE_US, SECOND_US
from trader247.truth.world import World


class Standing(Promise):
    """Halts, bans, breakers, doubts and a book's arming stand in the trader's books after a cycle
    as its own events said, one by one: neither a restart nor a new day ends one, or begins it.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._breakers: set[str] = set()
        self._bans: set[str] = set()
        self._doubts: set[str] = set()
        self._arming = ""

    def event_breaker_opened(self, payload: Told, _: Told) -> Wrong:
        self._breakers.add(payload["name"])
        return []

    def event_breaker_closed(self, payload: Told, _: Told) -> Wrong:
        self._breakers.discard(payload["name"])
        return []

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._bans.add(f"{payload['control']}:{payload['scope']}")
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        self._bans.discard(f"{payload['control']}:{payload['scope']}")
        return []

    def event_product_doubted(self, payload: Told, _: Told) -> Wrong:
        self._doubts.add(payload["product"])
        return []

    def event_product_trusted(self, payload: Told, _: Told) -> Wrong:
        self._doubts.discard(payload["product"])
        return []

    def event_armed(self, _: Told, __: Told) -> Wrong:
        self._arming = "armed"
        return []

    def event_disarmed(self, _: Told, __: Told) -> Wrong:
        self._arming = "disarmed"
        return []

    def on_folded(self, record: Told) -> Wrong:
        told = record["portfolio"]
        return [
            f"{what} that stand are {_listed(said)}, and {_listed(set(told[what]))} by its books"
            for what, said in (
                ("halts", set(self.world.halts)),
                ("breakers", self._breakers),
                ("bans", self._bans),
                ("doubts", self._doubts),
                ("arming", {self._arming} - {""}),
            )
            if what in told and set(told[what]) != said
        ]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


class Closing(HeldOpen):
    """A breaker closes once its time is over and enough cycles have not tripped it: four whole
    cycles and five minutes more may leave it open, or nothing would ever be bought again.

    Its time runs by the exchange's clock. One that opened as the trader's was set back seems, by
    that, to have stood for as long as it was set back.
    """

    id = "I23"

    _CYCLES, _LATE_US = 4, 5 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._standing: dict[str, int] = {}
        """Since when each stands."""
        self._over: dict[str, tuple[int, int]] = {}
        """Since when each that stands is over, and for how many whole cycles."""

    def event_breaker_opened(self, payload: Told, _: Told) -> Wrong:
        self._standing.setdefault(payload["name"], self.world.now_us)
        return []

    def event_breaker_closed(self, payload: Told, _: Told) -> Wrong:
        self._standing.pop(payload["name"], None)
        self._unclosed.pop(payload["name"], None)
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        super().event_cycle_decided(payload, event)
        if payload.get("regime") == EXITS_ONLY or "breaker_cycles" not in self.world.limits:
            return []
        now_us, before = self.world.now_us, self._over
        self._over = {}
        for name in self._standing.keys() - self._open.keys():
            if now_us - self._standing[name] < self._held_us(name):
                continue
            since_us, count = before.get(name, (now_us, 0))
            self._over[name] = since_us, count + 1
        return [
            f"{name} has been over for {(now_us - since_us) // MINUTE_US} min, and stays open"
            for name, (since_us, count) in sorted(self._over.items())
            if count > self._CYCLES and now_us - since_us > self._LATE_US
        ]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        del payload
        return []


class Withdrawn(Promise):
    """While any halt stands no buy rests whose end nobody asked for; nor does a sale under one that
    ends all, unless that is the switch alone, and somebody wished with it that sales stay.

    By three whole cycles half a minute and more after the halt: the first may have been read before
    it was latched.
    """

    id = "I2"

    _CYCLES, _SOON_US = 2, 30 * SECOND_US
    _SWITCH = "kill_switch"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._rests: dict[str, int] = {}
        self._since_us: int | None = None
        """Since when something is halted, by the exchange's clock."""
        self._all_us: int | None = None
        """Since when something is that ends all."""

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world, before = self.world, self._rests
        if payload.get("regime") == EXITS_ONLY:
            return []
        self._rests = {}
        if not world.halts:
            self._since_us = self._all_us = None
            return []
        self._since_us = self._since_us or world.now_us
        self._all_us = (self._all_us or world.now_us) if self._ends_all() else None
        if world.now_us - self._since_us < self._SOON_US:
            return []
        all_us = world.now_us if self._all_us is None else self._all_us
        ends_all = world.now_us - all_us >= self._SOON_US
        for name in world.live:
            intent = world.intents.get(name)
            if (
                intent is not None
                and intent.state == "ACCEPTED"
                and not intent.is_end_seen
                and (intent.side == "BUY" or ends_all)
                and name not in world.cancel_wishes
                and name not in world.lost
                and name not in world.understated
                and world.now_us - intent.recorded_us >= self._SOON_US
            ):
                self._rests[name] = before.get(name, 0) + 1
        return [
            f"{name} may still fill under {', '.join(sorted(world.halts))}, for {count} cycles: "
            "nobody asked for its end"
            for name, count in self._rests.items()
            if count > self._CYCLES
        ]

    def _ends_all(self) -> bool:
        world = self.world
        halting = HALTING & world.halts.keys()
        may_stay = world.keeps_sales or world.stricter_us is not None
        return bool(halting - {self._SWITCH} if may_stay else halting)


class Mended(Promise):
    """The halt of a difference is cleared once no difference stands, and not while one does.

    By the differences of the journal. A person who asks while one stands is not heard; one who asks
    when none does is, within two whole cycles of one process. A journal that went back to a backup
    differs until the account was read once.
    """

    id = "I7"

    _HALT, _CYCLES, _UNREAD = "reconciliation_break", 2, "restored:"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: int | None = None
        """How many whole cycles ago somebody asked for it, of whom nobody took notice."""
        self._unread: set[str] = set()
        """The backups that were gone back to, while nobody has read what was lost by that."""

    @property
    def _standing(self) -> list[str]:
        return sorted(self.world.breaks | self._unread)

    def on_process(self, _: Told) -> Wrong:
        self._asked = None
        return []

    def on_asked(self, record: Told) -> Wrong:
        if (record["what"], record["arguments"].get("name")) == ("clear_halt", self._HALT):
            self._asked = None if self._standing else 0
        return []

    def event_difference_found(self, payload: Told, _: Told) -> Wrong:
        is_unread = payload["key"].startswith(self._UNREAD)
        if is_unread:
            self._unread.add(payload["key"])
        if payload["is_break"] or is_unread:
            self._asked = None
        return []

    def event_difference_healed(self, payload: Told, _: Told) -> Wrong:
        self._unread.discard(payload["key"])
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] != self._HALT:
            return []
        self._asked = None
        if not self._standing:
            return []
        return [f"{self._HALT} was cleared while {', '.join(self._standing)} stands"]

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or self._asked is None:
            return []
        if self._standing or self._HALT not in self.world.halts:
            self._asked = None
            return []
        self._asked += 1
        if self._asked <= self._CYCLES:
            return []
        self._asked = None
        return [f"{self._HALT} was to be cleared, no difference stands, and it stays"]
