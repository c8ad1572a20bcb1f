"""Orders under our name that no intent here explains, and that rested when they were last told of.

A listing may leave one out, a page of it for instance. It does not rest less for that, and one that
is older than a usual reading goes back would never be listed again before it ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import timedelta

from trader247.core.holds import OURS_MAX
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.domain.ids import OrderId
from trader247.domain.orders import Order
from trader247.domain.time import Instant
from trader247.ports import Clock, Venue


@dataclass(frozen=True, slots=True)
class _Sighting:
    """An order as it was last told of, and when that was by the steady clock."""

    order: Order
    steady: timedelta


class Sightings:
    """One process's memory of them: its first reading goes over all that was listed before."""

    def __init__(self, venue: Venue, clock: Clock) -> None:
        self._venue = venue
        self._clock = clock
        self._resting: dict[OrderId, _Sighting] = {}

    @property
    def since(self) -> Instant | None:
        """When the oldest of them was created: orders are read from there on."""
        return min((each.order.created for each in self._resting.values()), default=None)

    def left_out(self, orders: Iterable[Order]) -> tuple[Order, ...]:
        """Those that `orders` leave out, each asked for by its id.

        One that nobody answers for is as it was, for as long as an order of ours may rest.
        """
        if not self._resting:
            return ()
        listed = {each.order_id for each in orders}
        missing = (each for name, each in self._resting.items() if name not in listed)
        return tuple(found for each in missing for found in self._asked(each))

    def keep(self, strangers: Iterable[Order]) -> None:
        """Remember those that rest by what was told now, and forget all others."""
        kept: dict[OrderId, _Sighting] = {}
        for order in strangers:
            if order.state.is_final:
                continue
            known = self._resting.get(order.order_id)
            if known is None or known.order is not order:
                known = _Sighting(order, self._clock.monotonic())
            kept[order.order_id] = known
        self._resting = kept

    def _asked(self, sighting: _Sighting) -> Iterator[Order]:
        with contextlib.suppress(VenueError):  # the next reading asks again
            found = self._venue.order(sighting.order.order_id)
            if found is not None:
                yield found
                return
        if self._clock.monotonic() - sighting.steady <= OURS_MAX:
            yield sighting.order
