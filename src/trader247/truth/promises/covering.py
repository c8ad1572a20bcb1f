"""What is held is covered: by a stop that rests at the exchange, of what one order may sell."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import HALTING, Order
from trader247.truth.paths import BOOKS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import HOUR_US, MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_STOP = "stop_limit_gtd"


class Covered(Promise):
    """A position that stays has its stop at the exchange, of all that one order may sell of it.

    Where stops are kept there: six whole cycles of one process and five minutes may go by without,
    from the last time that it grew, or that a raised switch found it covered: it ends stops, and
    nothing rests under it. Cycles are not counted before which the exchange has shown no price of
    it that is young, nor those of a clock that is off: a stop is placed by a price of now.
    Nothing rests where the exchange has declined a stop of the product (for a minute the first time
    in a row, for five the second, and for an hour later) or has halted it, where coins are not
    there or on hold for what nobody knows, and where a sale of it, or the end of one, is on its
    way; nor before a process has read orders, fills and wallets once.
    """

    id = "I17"

    _WORD: ClassVar = "holding"
    """How a product ends of which it is asked."""
    _CYCLES, _LATE_US = 6, 5 * MINUTE_US
    _REFUSED_US = MINUTE_US, 5 * MINUTE_US, HOUR_US
    _LARGEST = Fraction(250)
    _OFF_US = 5 * SECOND_US
    _HALTED = ("the product is ", " was read at ", "rules for ")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._bare: dict[str, tuple[int, int]] = {}
        """Since when each position is not covered, and for how many whole cycles."""
        self._declined: dict[str, tuple[int, int]] = {}
        """When a stop of each product was declined last, and how often in a row."""

    def on_process(self, _: Told) -> Wrong:
        self._bare.clear()
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._bare.clear()
        return []

    def on_kill(self, record: Told) -> Wrong:
        if record["is_on"]:
            self._bare = {key: each for key, each in self._bare.items() if self._is_bare(key)}
        return []

    def event_submission_settled(self, payload: Told, _: Told) -> Wrong:
        intent = self.world.intents.get(payload["client_order_id"])
        if intent is None or intent.order_type != _STOP:
            return []
        outcome, known = payload["outcome"], self._declined.get(intent.product)
        if outcome["is"] == "Declined" and outcome.get("is_sent"):
            self._declined[intent.product] = self.world.now_us, (known[1] if known else 0) + 1
        elif outcome["is"] == "Acknowledged":
            self._declined.pop(intent.product, None)
        return []

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        if payload["fill"]["side"] == "BUY":
            self._bare.pop(payload["fill"]["product"], None)
        return []

    def event_holding_adopted(self, payload: Told, _: Told) -> Wrong:
        self._bare.pop(payload["product"], None)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world, before = self.world, self._bare
        if payload.get("regime") == EXITS_ONLY or "stops_rest" not in world.limits:
            return []
        self._bare = {}
        if HALTING & world.halts.keys() or world.kill_us is not None or not world.may_send:
            return []
        if any(world.read_us.get(path, -1) < world.up_since_us for path in BOOKS):
            return []
        is_off = abs(instant_us(payload["at"]) - world.now_us) > self._OFF_US
        for product, ending in payload["endings"].items():
            if ending["reason"] != self._WORD or any(
                each in ending["detail"] for each in self._HALTED
            ):
                continue
            if not self._is_asked(product, payload["marks"].get(product)):
                continue
            if is_off or not self._is_priced(product):
                self._bare |= {product: before[product]} if product in before else {}
            elif self._is_bare(product):
                since_us, count = before.get(product, (world.now_us, 0))
                self._bare[product] = since_us, count + 1
        late = {
            product: count
            for product, (since_us, count) in self._bare.items()
            if count > self._CYCLES and world.now_us - since_us > self._LATE_US
        }
        for product in late:
            del self._bare[product]
        return [
            f"{product} is held, and for {count} cycles no stop rests for all that one may sell: "
            f"{payload['endings'][product]['detail']}"
            for product, count in late.items()
        ]

    def _is_asked(self, product: str, mark: str | None) -> bool:
        """Whether a stop could wait below the price that the cycle saw."""
        del product, mark
        return True

    def _is_priced(self, product: str) -> bool:
        """Whether what the exchange has shown, where that is told, has a price of now."""
        world = self.world
        if product not in world.touches or "quote_age_s" not in world.limits:
            return True
        since_us = world.now_us - world.seconds("quote_age_s")
        return any(
            shown_us >= since_us and exact(bid) < exact(ask)
            for shown_us, bid, ask in world.touches[product]
        )

    def _is_bare(self, product: str) -> bool:
        world = self.world
        plan, _since_us = world.plans.get(product, (None, 0))
        holding = world.book.holdings.get(product)
        base = world.bases.get(product, "")
        if plan is None or holding is None or base in world.differing:
            return False
        if product in self._declined:
            at_us, count = self._declined[product]
            refused_us = self._REFUSED_US[min(count, len(self._REFUSED_US)) - 1]
            if world.now_us - at_us < refused_us + self._LATE_US:
                return False
        total, _hold = world.wallets.get(base, (NONE, NONE))
        if total < holding.quantity or self._is_under_way(product):
            return False
        stop = holding.paid * (1 - plan.stop_fraction)
        step = world.least[product][0] if product in world.least else NONE
        wanted = min(holding.quantity, self._LARGEST / stop) - 2 * step
        resting = [each for each in self._sales(product) if each.kind == "STOP_LIMIT"]
        if any(each.filled for each in resting):
            return False
        if not resting and not world.is_sellable(product, min(holding.quantity, wanted), stop):
            return False
        return sum((each.remaining for each in resting), NONE) < wanted

    def _sales(self, product: str) -> list[Order]:
        return [
            each
            for each in self.world.live.values()
            if (each.product, each.side) == (product, "SELL")
        ]

    def _is_under_way(self, product: str) -> bool:
        """Whether a sale of it, its end or its fill may be on its way."""
        world = self.world
        sales = self._sales(product)
        return (
            any(each.name in world.cancel_wishes or each.name in world.lost for each in sales)
            or any((each.product, each.side) == (product, "SELL") for each in _unread(world))
            or any(
                (each.product, each.side) == (product, "SELL") for each in world.unresolved.values()
            )
        )


def _unread(world: World) -> list[Order]:
    return [world.orders[each.order_id] for each in world.unbooked.values()]


class CoveredMeanwhile(Covered):
    """What is due, and whose sale its collar refuses, has its stop at the exchange meanwhile, as
    what stays: two whole cycles and a minute may go by without.

    Not what is due by its stop: none waits above the market.
    """

    id = "I17"

    _WORD = "collar"
    _CYCLES, _LATE_US = 2, MINUTE_US
    _CLEARLY_OVER = Fraction(1_001, 1_000)

    def _is_asked(self, product: str, mark: str | None) -> bool:
        plan, _since_us = self.world.plans.get(product, (None, 0))
        holding = self.world.book.holdings.get(product)
        if plan is None or holding is None or mark is None or plan.trailing_fraction is not None:
            return False
        stop = holding.paid * (1 - plan.stop_fraction)
        return exact(mark) > stop * self._CLEARLY_OVER


class Yielding(Promise):
    """A stop that waits at the exchange takes less than the price that it waits for: one that does
    not is passed over by a market that falls, and holds the coins meanwhile.
    """

    id = "I17"

    _PART = Fraction(1, 4)
    """Of what any sale may be under its market."""

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        is_stop = intent.order_type == _STOP and intent.stop_price is not None
        if not is_stop or intent.name in world.by_name or "collar_bps" not in world.limits:
            return []
        trigger = intent.stop_price or NONE
        room = trigger * world.limits["collar_bps"] / 10_000 * self._PART
        most = trigger - room + world.steps[intent.product]
        if intent.price <= most:
            return []
        least = plain(intent.price)
        return [f"{intent.name} waits for {plain(trigger)}, and takes no less than {least}"]
