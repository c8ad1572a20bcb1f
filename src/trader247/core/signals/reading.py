"""From a signal and a window to its reading at the newest bar."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.signals.series import NANO, UNUSABLE
from trader247.core.signals.signal import Figure, Reading, Signal
from trader247.core.signals.window import Window
from trader247.domain.money import CONTEXT, ZERO, Percent

SENSELESS = "its figures cannot be formed from these bars"


def missing_most(signal: Signal, share: Percent) -> int:
    """How many bars of a signal's memory may be without a trade."""
    return int(CONTEXT.multiply(share.fraction, Decimal(signal.bars_needed)))


def read(signal: Signal, window: Window, *, missing_max: Percent) -> Reading:
    """The signal at the newest bar; `missing_max` is the share of minutes without a trade."""
    if len(window) < signal.bars_needed:
        return unmeasured(signal, f"{len(window)} bars, needs {signal.bars_needed}")
    holes = window.holes(signal.bars_needed, window.last)
    if holes >= UNUSABLE:
        return unmeasured(signal, "a price of its window is zero or absurd")
    if holes and holes > (most := missing_most(signal, missing_max)):
        return missing(signal, holes, most)
    measured = signal.measure(window, window.last)
    if not measured.is_measurable:
        return unmeasured(signal, SENSELESS)
    figures = tuple(
        [
            Figure(each.name, _whole(each.nanos), each.threshold_nanos, each.unit)
            for each in measured.gauges
        ]
    )
    if not measured.is_triggered:
        return Reading(signal.id, True, False, ZERO, ZERO, ZERO, figures)
    return triggered(signal, _whole(measured.strength), _whole(measured.confidence), figures)


def unmeasured(signal: Signal, trouble: str) -> Reading:
    """No reading, and why."""
    return Reading(signal.id, False, False, ZERO, ZERO, ZERO, (), trouble)


def missing(signal: Signal, holes: int, most: int) -> Reading:
    """No reading, as too many minutes had no trade."""
    text = f"{holes} of {signal.bars_needed} minutes without a trade, at most {most}"
    return unmeasured(signal, text)


def triggered(
    signal: Signal, strength: int, confidence: int, figures: tuple[Figure, ...]
) -> Reading:
    """A reading past its threshold; strength and confidence in billionths."""
    return Reading(
        signal=signal.id,
        is_measured=True,
        is_triggered=True,
        strength=_decimal(strength),
        confidence=_decimal(confidence),
        score=_decimal((strength * confidence + NANO // 2) // NANO),
        figures=figures,
    )


def _whole(number: object) -> int:
    assert isinstance(number, int), "a window answers with integers"
    return number


def _decimal(nanos: int) -> Decimal:
    return Decimal(nanos).scaleb(-9, CONTEXT)
