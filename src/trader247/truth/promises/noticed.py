"""What differs from the exchange's own word is noticed, and stops whoever buys."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import FINAL, UNRESOLVED, Intent
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_BREAK = "reconciliation_break"
Reach = tuple[Fraction, Fraction]
"""How far down and up."""


class Noticed(Promise):
    """What a wallet has more or less than the books know of becomes a break, unless orders explain
    it: each by no more than all that it is of, and one of unknown fate for ten minutes alone.

    Four cycles in which the books were compared may leave one out, and so may those of the 150 s
    after the second: no policy lets it be older than 120 s, a cycle takes its time, and the first
    may have read the wallets just before. A clock that was set back makes what it saw before a
    young one, so that nothing is asked of that.
    """

    id = "I7"

    _CYCLES, _ROUNDED = 4, Fraction(1, 500_000)
    _YOUNG_US, _SET_BACK_US = 150 * SECOND_US, 3 * SECOND_US
    _EXPLAINS_US = 11 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._differs: dict[str, int] = {}
        """For how many cycles each currency has differed."""
        self._seen_us: dict[str, int] = {}
        """When the second of them ended."""
        self._excused: set[str] = set()
        self._read = 0
        self._off_us = self._at_us = 0
        self._recorded_us: dict[str, int] = {}
        """When each order of unknown fate was recorded, by the trader's clock."""
        self._before: dict[str, Reach] = {}

    def event_cycle_decided(self, _: Told, event: Told) -> Wrong:
        self._at_us = instant_us(event["time"])
        off_us = self._at_us - self.world.now_us
        if off_us < self._off_us - self._SET_BACK_US:
            self._excused |= self._differs.keys()
        self._off_us = off_us
        return []

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        self._recorded_us[payload["intent"]["client_order_id"]] = instant_us(event["time"])
        return []

    def event_difference_healed(self, payload: Told, _: Told) -> Wrong:
        """What differs after that is another difference."""
        self._differs.pop(payload["key"].partition(":")[2], None)
        return []

    def on_folded(self, record: Told) -> Wrong:
        world = self.world
        read, self._read = self._read, world.wallets_read
        differing = self._gaps()
        reach = self._reach(record["portfolio"]["working"], differing)
        before, self._before = self._before, reach
        is_compared = read != world.wallets_read and record.get("is_compared", True)
        if not is_compared or record["portfolio"]["cash"] is None:
            return []
        gaps = {
            currency: gap
            for currency, gap in differing.items()
            if not any(_is_within(gap, each.get(currency)) for each in (reach, before))
        }
        self._differs = {key: self._differs.get(key, 0) + 1 for key in gaps}
        self._seen_us = {
            key: self._seen_us[key] if count > 2 else world.now_us
            for key, count in self._differs.items()
        }
        self._excused &= gaps.keys()
        return [
            f"the wallet of {key} has {plain(gaps[key])} more than is known, for {count} cycles, "
            "and no break was told"
            for key, count in self._differs.items()
            if count > self._CYCLES
            and world.now_us - self._seen_us[key] > self._YOUNG_US
            and key not in self._excused
            and not self._is_told(key)
        ]

    def _is_told(self, currency: str) -> bool:
        what = "cash" if currency == self.world.quote else "base"
        return f"{what}:{currency}" in self.world.breaks

    def _gaps(self) -> dict[str, Fraction]:
        world = self.world
        known = dict(world.foreign)
        for product, holding in world.book.holdings.items():
            base = world.bases[product]
            known[base] = known.get(base, NONE) + holding.quantity
        known[world.quote] = world.book.cash
        gaps = {
            currency: total - had
            for currency, (total, _hold) in world.wallets.items()
            if total != (had := known.get(currency, NONE))
        }
        least = {world.quote: self._ROUNDED}
        return {key: gap for key, gap in gaps.items() if abs(gap) > least.get(key, NONE)}

    def _reach(self, working: list[Told], gaps: Mapping[str, Fraction]) -> dict[str, Reach]:
        """How far all that works may move each wallet, down and up: a buy takes money and brings
        coins, a sale the other way, and brings money only where coins are missing.
        """
        world, found = self.world, dict[str, Reach]()
        for each in working:
            intent = world.intents.get(each["client_order_id"])
            if intent is None or self._is_old(intent):
                continue
            base, worth = world.bases[intent.product], 2 * intent.price * intent.size
            moves = [(base, intent.size, NONE)]
            if intent.side == "BUY":
                moves = [(base, NONE, intent.size), (world.quote, worth, NONE)]
            elif gaps.get(base, NONE) < 0:
                moves.append((world.quote, NONE, worth))
            for currency, down, up in moves:
                known = found.get(currency, (NONE, NONE))
                found[currency] = known[0] + down, known[1] + up
        return found

    def _is_old(self, intent: Intent) -> bool:
        """Whether nobody knows of it for so long that it explains nothing any more."""
        since_us = self._recorded_us.get(intent.name, self._at_us)
        return intent.state in UNRESOLVED and self._at_us - since_us > self._EXPLAINS_US


def _is_within(gap: Fraction, reach: Reach | None) -> bool:
    return reach is not None and -reach[0] <= gap <= reach[1]


class Retold(Promise):
    """Who booked a fill that the exchange lists otherwise now stops buying, and says so.

    Within half a dozen cycles that read fills.
    """

    id = "I6"

    _CYCLES = 6

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._unseen: dict[str, int] = {}
        self._read = 0

    def on_retold(self, record: Told) -> Wrong:
        if _BREAK not in self.world.halts:
            for entry in set(record["entries"]) & self.world.booked:
                self._unseen.setdefault(entry, 0)
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == _BREAK:
            self._unseen.clear()
        return []

    def on_folded(self, _: Told) -> Wrong:
        world = self.world
        read, self._read = self._read, world.fills_read
        if read == world.fills_read:
            return []
        self._unseen = {entry: count + 1 for entry, count in self._unseen.items()}
        late = [entry for entry, count in self._unseen.items() if count > self._CYCLES]
        self._unseen = {key: each for key, each in self._unseen.items() if key not in late}
        return [
            f"fill {entry} is listed otherwise than it was booked: nobody said so" for entry in late
        ]


class Corrected(Promise):
    """Who sets aside what the exchange took back of ours, or corrected, stops buying with that.

    In the same breath: the books are not true from there on, and which figures are is a person's
    to see.
    """

    id = "I6"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._set_aside: list[str] = []

    def event_fill_quarantined(self, payload: Told, _: Told) -> Wrong:
        entry = payload["fill"]["entry_id"]
        if entry in self.world.irregular:
            self._set_aside.append(entry)
        return []

    def on_journal(self, _: Told) -> Wrong:
        set_aside, self._set_aside = self._set_aside, []
        if _BREAK in self.world.halts:
            return []
        return [
            f"{self.world.irregular[entry].kind} {entry} of ours was set aside, and buying goes on"
            for entry in set_aside
        ]


class WentBack(Promise):
    """Who begins on a journal that was gone back to buys nothing until somebody has looked at it.

    What was halted and decided since is not in it any more.
    """

    id = "I6"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._has_gone_back = self._begins = False

    def on_restored(self, _: Told) -> Wrong:
        self._has_gone_back = True
        return []

    def event_session_started(self, _: Told, __: Told) -> Wrong:
        self._begins, self._has_gone_back = self._has_gone_back, False
        return []

    def on_journal(self, _: Told) -> Wrong:
        begins, self._begins = self._begins, False
        if not begins or _BREAK in self.world.halts:
            return []
        return ["it begins on a journal that was gone back to, and goes on buying"]


class Owed(Promise):
    """An order that ended with more than is booked of it becomes a break, once it has had its time,
    and so does one that paid other fees than its fills did, where nobody counted those.

    By the exchange's word of its end as the journal has it; five cycles that compared, and four
    minutes, may leave it out.
    """

    id = "I6"

    _CYCLES, _WAIT_US = 5, 240 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ended: dict[str, tuple[Fraction, Fraction | None]] = {}
        """What each order had filled and paid as it ended, until so much is booked; None where its
        fills were counted, and their fees are what it paid."""
        self._late: dict[str, tuple[int, int]] = {}

    def event_order_seen(self, payload: Told, _: Told) -> Wrong:
        order = payload["order"]
        if order["state"] in FINAL and "filled" in order:
            is_counted = order.get("fill_count") is not None or "fees" not in order
            paid = None if is_counted else exact(order["fees"])
            self._ended[order["client_order_id"]] = exact(order["filled"]), paid
        return []

    def on_folded(self, record: Told) -> Wrong:
        world = self.world
        if not record.get("is_compared", True):
            return []
        self._ended = {
            name: (filled, paid)
            for name, (filled, paid) in self._ended.items()
            if (intent := world.intents.get(name)) is not None
            and (intent.booked != filled or paid not in (None, intent.paid))
        }
        before, self._late = self._late, {}
        for name in self._ended.keys() - world.unresolved.keys():
            since_us, count = before.get(name, (world.now_us, 0))
            self._late[name] = since_us, count + 1
        return [
            f"{name} ended with other figures than were booked of it, and no break was told"
            for name, (since_us, count) in self._late.items()
            if count > self._CYCLES
            and world.now_us - since_us > self._WAIT_US
            and f"fills:{name}" not in world.breaks
        ]


class Looping(Promise):
    """Who ends six times in ten minutes, never properly, buys nothing more until somebody looks.

    By the trader's own dates of its starts: `crash_loop` is latched as the sixth begins.
    """

    id = "I2"

    _ENDS_MAX, _WINDOW_US = 5, 595 * SECOND_US
    _HALT = "crash_loop"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ends: list[int] = []
        self._is_due = False

    def event_session_started(self, payload: Told, event: Told) -> Wrong:
        if payload["was_clean"]:
            return []
        at_us = instant_us(event["time"])
        self._ends = [each for each in self._ends if 0 <= at_us - each <= self._WINDOW_US]
        self._ends.append(at_us)
        self._is_due = len(self._ends) > self._ENDS_MAX
        return []

    def on_journal(self, _: Told) -> Wrong:
        is_due, self._is_due = self._is_due, False
        if not is_due or self._HALT in self.world.halts:
            return []
        return [f"it began after {len(self._ends)} unclean ends in ten minutes, and goes on"]
