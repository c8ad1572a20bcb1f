"""What keeps a buy back besides its size: losses in a row, what is held, what a day has bought, and
a clock that is off.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import Intent
from trader247.truth.promise import EACH, Promise, Told, Wrong
from trader247.truth.promises.cancels import CANCELS, EXITS_ONLY
from trader247.truth.promises.gate import verdicts_of
from trader247.truth.times import MINUTE_US, SECOND_US, day_of, instant_us
from trader247.truth.world import World

_TOO_OFTEN = 429


class Restrained(Promise):
    """An entry of which too many losses in a row, what is held, or the day's turnover forbid it.

    Losing closes and bought money are counted from the fills that the journal has booked; the
    gate's own count, in the cycle's verdicts, is never below it. Nothing is bought that is held,
    nor within the pause after as many losing closes in a row as there may be; nor what may bring
    the day's fees, those of a taker for all that rests and for itself, over their share of equity.
    """

    id = "I15"

    _CENT = Fraction(1, 100)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._streak = 0
        self._lost_us = 0
        """When the latest of them was sold, as the exchange dates it."""
        self._made: dict[str, Fraction] = {}
        self._realised = NONE
        self._day, self._bought, self._paid = -1, NONE, NONE
        self._sold: dict[str, tuple[int, int]] = {}
        """When an exit of each position was booked last, and how many intents there were then."""

    _LATELY_US, _INTENTS = 30 * MINUTE_US, 30
    """What so lately ended is surely remembered: with dust left, its position closes by it."""

    def event_fill_booked(self, payload: Told, event: Told) -> Wrong:
        fill, book = payload["fill"], self.world.book
        product, day = fill["product"], day_of(self.world.told_us(event["time"]))
        self._begin(day)
        self._paid += exact(fill["fee"])
        if fill["side"] == "BUY":
            self._bought += exact(fill["price"]) * exact(fill["quantity"])
        made = book.realised - self._realised + self._made.pop(product, NONE)
        self._realised = book.realised
        intent = self.world.intents.get(payload["client_order_id"])
        is_own = intent is not None and intent.decision == self.world.openers.get(product)
        if fill["side"] == "SELL" and is_own:
            self._sold[product] = self.world.now_us, len(self.world.intents)
        else:
            self._sold.pop(product, None)
        if product in book.holdings:
            self._made[product] = made
        elif fill["side"] == "SELL":
            self._streak = self._streak + 1 if made < 0 else 0
            if made < 0:
                self._lost_us = max(self._lost_us, instant_us(fill["time"]))
        return []

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        # What that closed, and whether it lost, is for whoever explained it to say.
        self._sold.pop(payload["product"], None)
        self._realised, self._streak = self.world.book.realised, 0
        return []

    def event_dust_set_aside(self, payload: Told, _: Told) -> Wrong:
        # A close as well, maybe with a profit; what is made with the rest is another one's.
        product, world = payload["product"], self.world
        made = self._made.pop(product, NONE)
        at_us, count = self._sold.pop(product, (0, 0))
        is_known = (
            world.now_us - at_us < self._LATELY_US and len(world.intents) - count < self._INTENTS
        )
        self._streak = self._streak + 1 if is_known and made < 0 else 0
        return []

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        if intent.purpose != "entry" or intent.name in world.by_name:
            return []
        found = []
        is_held = intent.product in world.book.holdings and intent.product not in world.dust
        if is_held and "positions_max" in world.limits:
            found.append(f"{intent.name} buys {intent.product}, which is held")
        found += self._after_losses(intent)
        verdicts = verdicts_of(world, payload)
        if not verdicts:
            return found
        day = day_of(world.told_us(event["time"]))
        self._begin(day)
        taken = self._open(intent) + intent.price * intent.size
        bought = self._bought + taken
        found += self._over_fees(intent, self._paid + taken * intent.fee - self._CENT)
        for check, least in (("losing_streak", self._streak), ("turnover", bought - self._CENT)):
            claimed = verdicts[check]["value"] if check in verdicts else None
            if claimed is not None and exact(claimed) < least:
                found.append(f"{check} counted {claimed} for {intent.name}, it is {float(least)}")
        return found

    def _begin(self, day: int) -> None:
        if day > self._day:
            self._day, self._bought, self._paid = day, NONE, NONE

    def _over_fees(self, intent: Intent, least: Fraction) -> Wrong:
        limits, equity = self.world.limits, self.world.cycle.get("equity")
        if "fees_pct" not in limits or equity is None:
            return []
        most: Fraction = exact(equity) * limits["fees_pct"] / 100
        if least <= most:
            return []
        reach = f"{float(least):.2f}, over {float(most):.2f}"
        return [f"{intent.name} may bring the fees of its day to {reach}"]

    def _after_losses(self, intent: Intent) -> Wrong:
        world = self.world
        most = world.limits.get("closes_max")
        if most is None or self._streak < most or intent.cycle != world.cycle.get("cycle"):
            return []
        early_us = self._lost_us + world.seconds("streak_pause_s") - instant_us(world.cycle["at"])
        if early_us <= 0:
            return []
        early = early_us / SECOND_US
        return [f"{intent.name} buys {early:.0f} s too early after {self._streak} losing closes"]

    def _open(self, intent: Intent) -> Fraction:
        """What other buys may still take, at the exchange."""
        return sum(
            (
                each.remaining * each.price
                for name, each in self.world.live.items()
                if each.side == "BUY" and each.price is not None and name != intent.name
            ),
            NONE,
        )


class Backing(Promise):
    """Whom the exchange refused for asking too often asks for nothing more for a second, but for
    the end of orders; nor for as long as it said, up to a quarter of a minute.

    By its answers to one process, by the exchange's clock.
    """

    id = "I15"
    of_reads, of_yeses = EACH, ()

    _PAUSE_US, _NEAR_US, _MOST_US = SECOND_US, 100_000, 15 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us = self._until_us = 0

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] == _TOO_OFTEN:
            told_us = min(record.get("wait_s", 0) * SECOND_US, self._MOST_US)
            pause_us = max(self._PAUSE_US, told_us) - self._NEAR_US
            self._since_us = self.world.now_us
            self._until_us = max(self._until_us, self._since_us + pause_us)
        return []

    def on_process(self, _: Told) -> Wrong:
        self._until_us = 0
        return []

    def on_request(self, record: Told) -> Wrong:
        early_us = self._until_us - record["at_us"]
        if early_us <= 0 or record["path"] == CANCELS:
            return []
        self._until_us = 0
        after = (record["at_us"] - self._since_us) / SECOND_US
        return [f"{record['path']} was asked for {after:.3f} s after a 429"]


class HeldOff(Promise):
    """Whom the exchange refused three times, for asking too often, buys nothing for five minutes.

    By its own answers to one process, under one clock: from the second whole cycle after them on.
    """

    id = "I15"
    of_yeses = ()

    _HELD_US, _JUMP_US = 285 * SECOND_US, 3 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._refused: deque[tuple[int, int]] = deque(maxlen=64)
        """When, and after how many cycles."""
        self._cycles = 0
        self._off_us = 0

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] == _TOO_OFTEN:
            self._refused.append((self.world.now_us, self._cycles))
        return []

    def on_process(self, _: Told) -> Wrong:
        self._refused.clear()
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        self._cycles += payload.get("regime") != EXITS_ONLY
        off_us = instant_us(event["time"]) - self.world.now_us
        if abs(off_us - self._off_us) > self._JUMP_US:
            self._refused.clear()
        self._off_us = off_us
        return []

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        most = world.limits.get("refusals_max")
        if most is None or intent.purpose != "entry" or intent.name in world.by_name:
            return []
        since_us = world.now_us - self._HELD_US
        lately = [at_us for at_us, cycle in self._refused if self._cycles - cycle >= 2]
        count = sum(1 for at_us in lately if at_us > since_us)
        if count < most:
            return []
        return [f"{intent.name} buys, and {count} requests were refused within five minutes"]


class Timed(Promise):
    """Nothing is bought by a clock that is off by more than five seconds, and what measuring takes.

    What the trader dates its record with is compared with the true time, when that is told. A clock
    that is behind looks like a process that was stopped for as long: it has to be so for the cycle
    and for its order.
    """

    id = "I14"

    _OFF_US, _SAME_US = 16 * SECOND_US, 3 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycle_off_us = 0

    def event_cycle_decided(self, _: Told, event: Told) -> Wrong:
        self._cycle_off_us = instant_us(event["time"]) - self.world.now_us
        return []

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        is_left = world.holder != world.incarnation
        if intent.purpose != "entry" or intent.name in world.by_name or is_left:
            return []
        off_us = instant_us(event["time"]) - world.now_us
        is_behind = off_us < -self._OFF_US and abs(off_us - self._cycle_off_us) < self._SAME_US
        if off_us <= self._OFF_US and not is_behind:
            return []
        return [f"{intent.name} was decided by a clock {plain(Fraction(off_us, 10**6))} s off"]


class Ended(Promise):
    """An order that was lost and is taken back ends: nobody knows any more what it is for.

    Its end is asked for within a minute and a half of cycles. A sale may stay under a switch that
    keeps sales, and until as long after it.
    """

    id = "I3"

    _SOON_US = 90 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._kept_us = 0
        """When sales were kept last."""

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if world.kill_us is not None and world.keeps_sales:
            self._kept_us = world.now_us
        return [
            f"{name} was taken back, and rests in cycle {payload['cycle']}: nobody ends it"
            for name in world.lost.keys() & world.live.keys()
            if (intent := world.intents.get(name)) is not None
            and intent.state == "ACCEPTED"
            and name not in world.cancel_wishes
            and world.now_us - self._since_us(intent) > self._SOON_US
        ]

    def _since_us(self, intent: Intent) -> int:
        return max(intent.recorded_us, self._kept_us if intent.side == "SELL" else 0)
