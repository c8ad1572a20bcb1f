"""The readings of a product that were worked out before: by what they follow from alone.

They follow from the product's candles, those of the regime's reference, the policy, the minutes and
the code; not from how the book is taken to have been. Whatever of that is another one has another
name on the shelf, and what a shelf does not have is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trader247.backtest.history import ProductHistory
from trader247.backtest.outlook import Readings, Triggers
from trader247.core.policy import Policy

Arrays = Mapping[str, NDArray[Any]]


class Shelf(Protocol):
    """Where arrays are kept between runs of the same code, by names."""

    def take(self, name: str) -> Arrays | None:
        """What is kept under a name, whole and as it was put there; None for nothing."""

    def put(self, name: str, arrays: Arrays) -> None:
        """Keep arrays, if there is room and leave to."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A shelf, and the checksum of each product's candles."""

    shelf: Shelf
    checksums: Mapping[str, str]

    def readings(
        self,
        policy: Policy,
        history: ProductHistory,
        make: Callable[[], Readings],
        *,
        tier: int,
        start: int,
        end: int,
    ) -> Readings:
        """What `make` makes, from the shelf where it was made before."""
        if policy.strategies or not policy.hash:
            # A person's own code is read anew each time, and so is what has no name.
            return make()
        reference = self.checksums.get(str(policy.regime.reference), "none")
        own = self.checksums[history.product_id]
        listing = history.listing
        steps = (listing.price_increment, listing.base_increment)
        parts = (np.__version__, policy.hash, history.product_id, own, reference, *steps)
        minutes = (history.first, len(history), start, end, tier)
        name = sha256(" ".join(map(str, (*parts, *minutes))).encode()).hexdigest()
        known = self.shelf.take(name)
        if known is not None:
            triggers = Triggers(*(known[each.name] for each in fields(Triggers)))
            return Readings(known["codes"], triggers)
        readings = make()
        columns = {each.name: getattr(readings.triggers, each.name) for each in fields(Triggers)}
        self.shelf.put(name, {"codes": readings.codes, **columns})
        return readings
