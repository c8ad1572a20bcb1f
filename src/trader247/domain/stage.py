"""How far an armed book has come: who armed it and until when, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.orders import Side
from trader247.domain.time import MINUTE, Instant

ASKED_FOR = 10 * MINUTE
"""How long a question waits for its answer, and how long a yes is good for."""

_NONE: Mapping[str, Confirmation] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A wish to trade that a person was asked about; `given` is when they said yes."""

    id: str
    product: ProductId
    side: Side
    notional: Money
    asked: Instant
    given: Instant | None = None

    def is_open(self, now: Instant) -> bool:
        """Whether it can still be answered, or its answer is still good.

        What a clock that ran ahead has dated later is over as soon: a yes is good for no days.
        """
        since = self.asked if self.given is None else self.given
        return abs(now - since) <= ASKED_FOR

    def is_given(self, now: Instant) -> bool:
        """Whether a person said yes, not too long ago."""
        return self.given is not None and self.is_open(now)

    def covers(self, product: ProductId, side: Side) -> bool:
        """Whether it is about this product and side."""
        return self.product == product and self.side is side


def _no_confirmations() -> Mapping[str, Confirmation]:
    return _NONE


@dataclass(frozen=True, slots=True)
class Stage:
    """The arming of a book, and what was done under it; a book that needs none has no stage.

    `account` is what was typed by whoever armed it. `largest` is the largest order at
    `ladder_since`, from where it may grow. `trades` counts entries that were filled, ever.
    """

    account: str
    policy_hash: str
    version: str
    armed: Instant
    until: Instant
    largest: Money
    ladder_since: Instant
    operator: str
    is_revoked: bool = False
    trades: int = 0
    confirmations: Mapping[str, Confirmation] = field(default_factory=_no_confirmations)

    def is_armed(self, now: Instant) -> bool:
        """Whether the arming stands."""
        return not self.is_revoked and now < self.until

    def given_for(self, product: ProductId, side: Side, now: Instant) -> Confirmation | None:
        """The standing yes to a product and side; the largest where there are several."""
        standing = [
            each
            for each in self.confirmations.values()
            if each.covers(product, side) and each.is_given(now)
        ]
        return max(standing, key=lambda each: each.notional.value, default=None)
