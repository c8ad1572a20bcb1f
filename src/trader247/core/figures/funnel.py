"""How far products come in a day of cycles, and what stops the rest."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.reasons import Reason


class Stage(Enum):
    """The stages of a product's cycle, in order; each counts those that came at least so far."""

    CONSIDERED = "considered"
    ELIGIBLE = "eligible"
    TRIGGERED = "triggered"
    PROPOSED = "proposed"
    SIZED = "sized"
    APPROVED = "approved"


_ORDER = list(Stage)

_AT_ELIGIBLE = frozenset(
    {
        Reason.BARS_MISSING,
        Reason.OUTLIER,
        Reason.VOLATILITY_HIGH,
        Reason.REGIME_CRASH,
        Reason.NO_TRIGGER,
    }
)
_AT_APPROVED = frozenset(
    {
        Reason.ENTRY_SENT,
        Reason.DRY_RUN,
        Reason.DECLINED,
        Reason.NOT_SENT,
        Reason.UNKNOWN_OUTCOME,
    }
)
_BESIDE = frozenset({Reason.HOLDING, Reason.ORDER_WORKING, Reason.EXIT_SENT})
"""A product that is held or being worked is not considered for an entry."""

_MEMBERS = list(Reason)
_UNIVERSE = frozenset(
    _MEMBERS[_MEMBERS.index(Reason.NOT_AT_VENUE) : _MEMBERS.index(Reason.UNIVERSE_TOO_SMALL) + 1]
)


def reached(reason: Reason) -> Stage | None:
    """The last stage that a product passed; None where it was not considered for an entry."""
    if reason in _BESIDE:
        return None
    if reason in _UNIVERSE:
        return Stage.CONSIDERED
    if reason in _AT_ELIGIBLE:
        return Stage.ELIGIBLE
    if reason is Reason.OUTRANKED:
        return Stage.TRIGGERED
    if reason is Reason.SIZE_BELOW_FLOOR:
        return Stage.PROPOSED
    return Stage.APPROVED if reason in _AT_APPROVED else Stage.SIZED


@dataclass(frozen=True, slots=True)
class FunnelDay:
    """One UTC day: how many product-cycles came how far, and the reasons of the others.

    `filled` counts entries of that day that traded, wholly or in part; `exits` sales sent. The
    greatest of `stopped` comes first.
    """

    day: str
    cycles: int
    counts: Mapping[Stage, int]
    filled: int
    exits: int
    stopped: Mapping[str, int]


def funnel_day(day: str, *, cycles: int, reasons: Mapping[str, int], filled: int) -> FunnelDay:
    """The funnel of a day whose product-cycles ended in these reasons.

    Raises:
        ValueError: a reason is none of ours.
    """
    counts = dict.fromkeys(Stage, 0)
    stopped: dict[str, int] = {}
    exits = 0
    for name, count in reasons.items():
        reason = Reason(name)
        exits += count if reason is Reason.EXIT_SENT else 0
        stage = reached(reason)
        if stage is None:
            continue
        for each in _ORDER[: _ORDER.index(stage) + 1]:
            counts[each] += count
        if stage is not Stage.APPROVED:
            stopped[name] = count
    ranked = sorted(stopped.items(), key=lambda item: (-item[1], item[0]))
    return FunnelDay(day, cycles, counts, filled, exits, dict(ranked))
