"""What the exchange does not sell: set aside where it is so little, and no longer than that."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_LITTLE = 5


class Hardly(Promise):
    """Only what the exchange does not sell is set aside, and while no order of it can still fill.

    By every bid that the exchange has shown of it within a quote's age: one of those was looked at.
    Where nobody told what the exchange takes, it has to be hardly anything.
    """

    id = "I17"

    def event_dust_set_aside(self, payload: Told, _: Told) -> Wrong:
        world, product = self.world, payload["product"]
        found = [
            f"{product} was set aside while {name} works"
            for name, each in world.live.items()
            if each.product == product
        ]
        found += [
            f"{product} was set aside while {name} is {each.state}"
            for name, each in world.unresolved.items()
            if each.product == product and name not in world.by_name
        ]
        quantity, bids = exact(payload["quantity"]), self._bids(product)
        if bids and all(self._is_sold(product, quantity, each) for each in bids):
            found.append(f"{product} was set aside, and is worth {plain(quantity * bids[-1])}")
        return found

    def _bids(self, product: str) -> list[Fraction]:
        world = self.world
        since_us = world.now_us - world.seconds("quote_age_s") - 5 * SECOND_US
        lately = [
            exact(bid) for at_us, bid, _ in world.touches.get(product, ()) if at_us > since_us
        ]
        return lately or [exact(bid) for bid in list(world.bids.get(product, ()))[-1:]]

    def _is_sold(self, product: str, quantity: Fraction, bid: Fraction) -> bool:
        is_sellable = self.world.is_sellable(product, quantity, bid)
        return quantity * bid >= _LITTLE if is_sellable is None else is_sellable


class TakenBack(Promise):
    """What is worth selling again is a position again, with the plan that it had.

    Once it is worth a tenth more than the least that the exchange sells, and a little: by the marks
    of three whole cycles in a row, while no order of it works and no difference of it stands.
    """

    id = "I17"

    _CLEARLY, _CYCLES = Fraction(10, 11) * Fraction(999, 1000), 3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._worth: dict[str, int] = {}
        self._differs: set[str] = set()

    def event_difference_found(self, payload: Told, _: Told) -> Wrong:
        self._differs.add(payload["key"])
        return []

    def event_difference_healed(self, payload: Told, _: Told) -> Wrong:
        self._differs.discard(payload["key"])
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        world, marks = self.world, payload["marks"]
        self._worth = {
            product: self._worth.get(product, 0) + 1
            for product in world.dust
            if product in marks and self._is_due(product, exact(marks[product]))
        }
        return [
            f"{plain(world.book.held(product))} {product} is dust at {marks[product]}, for "
            f"{count} cycles"
            for product, count in self._worth.items()
            if count > self._CYCLES
        ]

    def _is_due(self, product: str, mark: Fraction) -> bool:
        world = self.world
        works = {
            *(each.product for each in world.live.values()),
            *(each.product for each in world.unresolved.values()),
            *(each.product for each in world.unbooked.values()),
        }
        if product in works or f"base:{world.bases[product]}" in self._differs:
            return False
        held = world.book.held(product)
        return held > NONE and bool(world.is_sellable(product, held, mark * self._CLEARLY))
