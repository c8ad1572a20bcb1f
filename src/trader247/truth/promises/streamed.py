"""What streams say, and what the exchange has."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from trader247.truth.exact import exact
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_KEPT = 500


class FoundOut(Promise):
    """A book that is streamed otherwise than the exchange has it is found out: whoever listens asks
    for each in turn all the same, and does not believe what differs by more than a hundredth.

    As many whole cycles as it takes to ask for a dozen books, two at a time, and two more, may mark
    what is held by such a one, until no stream has said so for two minutes.
    """

    id = "I14"

    _CYCLES, _OVER_US = 8, 120 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._otherwise: dict[str, deque[Fraction]] = {}
        """Bids that are in a stream alone."""
        self._said_us: dict[str, int] = {}
        self._believed: dict[str, int] = {}

    def on_process(self, _: Told) -> Wrong:
        self._believed.clear()
        return []

    def on_quotes(self, record: Told) -> Wrong:
        for product, touch in record["touches"].items():
            if touch.get("is_otherwise") and touch["bid"] is not None:
                bids = self._otherwise.setdefault(product, deque(maxlen=_KEPT))
                bids.append(exact(touch["bid"]))
                if self.world.now_us - self._said_us.get(product, 0) > self._OVER_US:
                    self._believed.pop(product, None)
                self._said_us[product] = self.world.now_us
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or not self._otherwise:
            return []
        found, marks = [], payload["marks"]
        for product, bids in self._otherwise.items():
            if product not in marks or exact(marks[product]) not in bids:
                continue
            count = self._believed[product] = self._believed.get(product, 0) + 1
            if count > self._CYCLES:
                mark = marks[product]
                found.append(
                    f"{product} is marked at {mark} in {count} cycles, as streams alone say"
                )
        return found
