"""What a cycle saw and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price
from trader247.domain.portfolio import EMPTY, Membership
from trader247.domain.reasons import BreakerName
from trader247.domain.time import Instant
from trader247.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """Where the market that a cycle saw is stored, and its hash."""

    segment: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How one product's cycle ended: the value of a `Reason`, and the figures behind it."""

    reason: str
    detail: str


EXITS_ONLY = "exits"
"""In place of a regime's name, where none was measured: exits alone were judged."""


@dataclass(frozen=True, slots=True)
class CycleDecided(Event):
    """One cycle: what was seen (by reference), and how each product ended.

    `endings` are those of the decision: what the venue then said of a sent order follows in
    `submission_settled`. `universe` holds only what changed, `verdicts` only those of products
    whose reason is new or for which an order follows. `equity` is None where it is unknown.
    `tripped` names every breaker whose condition holds in this cycle: for any other open breaker
    the cycle was a clean one. `skew` is the venue's clock minus ours where the two do not agree;
    None where they do, or nobody knows. Between cycles exits alone may be judged: then `regime` is
    `EXITS_ONLY`, and `endings` are those of what is held.
    """

    kind: ClassVar[str] = "cycle_decided"
    v: ClassVar[int] = 3
    cycle: int
    at: Instant
    seen: SegmentRef
    regime: str
    endings: Mapping[ProductId, Ending]
    marks: Mapping[ProductId, Price]
    equity: Money | None
    universe: Mapping[ProductId, Membership] = field(default_factory=lambda: EMPTY)
    verdicts: Mapping[ProductId, tuple[Verdict, ...]] = field(default_factory=lambda: EMPTY)
    errors: int = 0
    errors_running: int = 0
    rate_limited: int = 0
    is_overrun: bool = False
    reconnects: int = 0
    is_slow: bool = False
    is_disk_low: bool = False
    tripped: tuple[BreakerName, ...] = ()
    skew: timedelta | None = None

    @property
    def is_exits_only(self) -> bool:
        """Whether this was no whole cycle: exits alone were judged, between two of them."""
        return self.regime == EXITS_ONLY

    @property
    def ref(self) -> str:
        return str(self.cycle)
