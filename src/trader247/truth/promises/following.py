"""Stops that rest at the exchange follow their positions: they wait where the plan says now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from trader247.truth.exact import NONE, plain
from trader247.truth.facts import HALTING, Intent
from trader247.truth.paths import ACCOUNTS, BOOKS, ONE
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.leaving import STOP, Highest
from trader247.truth.world import World

_MOVED = Fraction(30, 10_000)
"""As a share of where a stop should wait: by less it is not worth moving."""


class _Unmoved:
    """Stops that rest where they should not, and how many cycles in a row have left each there.

    Those that hold on to its position count, and three of them may.
    """

    _LEFT_MAX = 3

    def __init__(self, world: World) -> None:
        self._world = world
        self._left: dict[str, int] = {}
        self._decided_us = 0

    def after(self, payload: Told, is_elsewhere: Callable[[Intent], bool]) -> Mapping[str, int]:
        """How many cycles have left each one that too many have, after one more was decided."""
        world, before, self._left = self._world, self._left, {}
        decided_us, self._decided_us = self._decided_us, world.now_us
        if HALTING & world.halts.keys() or world.kill_us is not None:
            return {}
        if world.untold_us >= decided_us:
            self._left = {name: before[name] for name in before if name in world.live}
            return {}  # nobody would learn of its end
        for name in world.live:
            intent = world.intents.get(name)
            if intent is None or (intent.order_type, intent.state) != (STOP, "ACCEPTED"):
                continue
            word = payload["endings"].get(intent.product, {}).get("reason", "")
            if word == "holding" and name not in world.cancel_wishes and is_elsewhere(intent):
                self._left[name] = before.get(name, 0) + 1
        return {name: count for name, count in self._left.items() if count > self._LEFT_MAX}


class Resting(Promise):
    """A stop that rests at the exchange waits where the plan of its position says.

    By the average of what was paid, to a step of its prices, and never below it; one that trails
    waits no deeper. Where that has moved since, its end is asked for: three cycles that hold on to
    the position may leave it as it is.
    """

    id = "I17"

    _NEAR = Fraction(1, 10**20)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._unmoved = _Unmoved(world)

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        return [
            f"{name} waits where its position's stop was, for {count} cycles"
            for name, count in self._unmoved.after(payload, self._has_moved).items()
        ]

    def _has_moved(self, intent: Intent) -> bool:
        plan, _since_us = self.world.plans.get(intent.product, (None, 0))
        holding = self.world.book.holdings.get(intent.product)
        if plan is None or holding is None or plan.trailing_fraction is not None:
            return False
        placed, expected = intent.stop_price or NONE, holding.paid * (1 - plan.stop_fraction)
        return abs(placed - expected) > _MOVED * expected + self.world.steps[intent.product]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        plan, _since_us = world.plans.get(intent.product, (None, 0))
        holding = world.book.holdings.get(intent.product)
        if intent.order_type != STOP or plan is None or holding is None:
            return []
        if intent.name in world.by_name:
            return []  # taken back after the journal was lost: it was looked at when it was sent
        expected = holding.paid * (1 - plan.stop_fraction)
        step = world.steps[intent.product]
        off = NONE if intent.stop_price is None else intent.stop_price - expected
        is_followed = plan.trailing_fraction is not None and off > 0
        is_off = abs(off) > step or off < -self._NEAR * expected
        if intent.stop_price is None or (is_off and not is_followed):
            told = intent.stop_price and plain(intent.stop_price)
            return [f"{intent.name} waits for {told}, and {float(expected):.8f} is its plan's stop"]
        return []


class Followed(Highest):
    """A stop that trails, and rests at the exchange, is laid anew as the price rises.

    By the highest bid that a cycle saw since the position was bought. Where it rests lower than
    that by more than moving it is worth, its end is asked for: three cycles that hold on to the
    position may leave it as it is.
    """

    id = "I17"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._unmoved = _Unmoved(world)

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        super().event_cycle_decided(payload, event)
        return [
            f"{name} did not follow its position's stop, for {count} cycles"
            for name, count in self._unmoved.after(payload, self._is_behind).items()
        ]

    def _is_behind(self, intent: Intent) -> bool:
        plan, _since_us = self.world.plans.get(intent.product, (None, 0))
        highest = self._highest.get(intent.product)
        if plan is None or plan.trailing_fraction is None or highest is None:
            return False
        placed, wanted = intent.stop_price or NONE, highest * (1 - plan.trailing_fraction)
        return wanted - placed > _MOVED * wanted + self.world.steps[intent.product]


class GivenUp(Promise):
    """No stop that rests makes way for another order while nobody could learn that it has ended.

    That is, where the latest reading of the account failed, and the stop's own answer too when it
    was asked for by its id since. Whose end was asked for before may be asked again.
    """

    id = "I17"
    of_yeses = ()

    _OK = 200
    _DUE, _OTHERWISE = " is due", ("the stop has moved", "it covers")
    """How the cause of such a request ends, or begins."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._failed_us = -1
        """When a reading of the account failed last."""
        self._untold_us: dict[str, int] = {}
        """When each order was asked for in vain last, by the exchange's id."""
        self._asked: set[str] = set()

    def on_process(self, _: Told) -> Wrong:
        self._failed_us = -1
        self._untold_us.clear()
        return []

    def on_answer(self, record: Told) -> Wrong:
        path = self.world.path_read
        if record["status"] == self._OK:
            return []
        if path in BOOKS:
            self._failed_us = self.world.now_us
        elif path.startswith(ONE):
            self._untold_us[path.removeprefix(ONE)] = self.world.now_us
        return []

    def event_cancel_requested(self, payload: Told, _: Told) -> Wrong:
        world, name, cause = self.world, payload["client_order_id"], payload.get("cause", "")
        intent = world.intents.get(name)
        is_first = name not in self._asked
        self._asked.add(name)
        if intent is None or intent.order_type != STOP or not is_first:
            return []
        if not cause.endswith(self._DUE) and not cause.startswith(self._OTHERWISE):
            return []
        is_unread = self._failed_us > world.read_us.get(ACCOUNTS, -1)
        if not is_unread or self._untold_us.get(payload["order_id"], -1) < self._failed_us:
            return []
        return [f"{name} makes way ({cause}), and nobody would learn that it has ended"]
