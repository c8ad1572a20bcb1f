"""From a signal and bars to answers: readings for a cycle, a column for a backtest."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from trader247.core.signals.columns import Bools, Columns, Ints
from trader247.core.signals.panel import Panel
from trader247.core.signals.series import NANO, UNUSABLE
from trader247.core.signals.signal import Figure, Reading, Signal
from trader247.core.signals.window import Window
from trader247.domain.money import CONTEXT, ZERO, Percent

_SENSELESS = "its figures cannot be formed from these bars"

BLOCK = 16_384
"""Positions measured at a time, so that a year needs no more memory than a week."""


@dataclass(frozen=True, slots=True)
class SignalColumns:
    """A signal at every bar of a history; strength, confidence and score in billionths.

    Where `is_measured` is False, nothing else means anything; strength and confidence mean
    something only where `is_triggered`.
    """

    is_measured: Bools
    is_triggered: Bools
    strength: Ints
    confidence: Ints
    score: Ints
    figures: tuple[tuple[str, Ints], ...]


def missing_most(signal: Signal, share: Percent) -> int:
    """How many bars of a signal's memory may be without a trade."""
    return int(CONTEXT.multiply(share.fraction, Decimal(signal.bars_needed)))


def read(signal: Signal, window: Window, *, missing_max: Percent) -> Reading:
    """The signal at the newest bar; `missing_max` is the share of minutes without a trade."""
    if len(window) < signal.bars_needed:
        return _unmeasured(signal, f"{len(window)} bars, needs {signal.bars_needed}")
    holes = window.holes(signal.bars_needed, window.last)
    if holes >= UNUSABLE:
        return _unmeasured(signal, "a price of its window is zero or absurd")
    if holes and holes > (most := missing_most(signal, missing_max)):
        return _missing(signal, holes, most)
    measured = signal.measure(window, window.last)
    if not measured.is_measurable:
        return _unmeasured(signal, _SENSELESS)
    figures = tuple(
        [
            Figure(each.name, _whole(each.nanos), each.threshold_nanos, each.unit)
            for each in measured.gauges
        ]
    )
    if not measured.is_triggered:
        return Reading(signal.id, True, False, ZERO, ZERO, ZERO, figures)
    return _triggered(signal, _whole(measured.strength), _whole(measured.confidence), figures)


def read_each(signal: Signal, panel: Panel, *, missing_max: Percent) -> list[Reading]:
    """What `read` answers of each row, where all of them are plain."""
    count = len(panel.close)
    if len(panel) < signal.bars_needed:
        return [_unmeasured(signal, f"{len(panel)} bars, needs {signal.bars_needed}")] * count
    most = missing_most(signal, missing_max)
    measured = signal.measure(panel, panel.last)
    gauges = [
        [
            Figure(each.name, nanos, each.threshold_nanos, each.unit)
            for nanos in _each(each.nanos, count)
        ]
        for each in measured.gauges
    ]
    readings = []
    for holes, is_measurable, is_triggered, strength, confidence, *figures in zip(
        _each(panel.holes(signal.bars_needed, panel.last), count),
        _each(measured.is_measurable, count),
        _each(measured.is_triggered, count),
        _each(measured.strength, count),
        _each(measured.confidence, count),
        *gauges,
        strict=True,
    ):
        if holes > most:
            reading = _missing(signal, holes, most)
        elif not is_measurable:
            reading = _unmeasured(signal, _SENSELESS)
        elif is_triggered:
            reading = _triggered(signal, strength, confidence, tuple(figures))
        else:
            reading = Reading(signal.id, True, False, ZERO, ZERO, ZERO, tuple(figures))
        readings.append(reading)
    return readings


def evaluate(signal: Signal, columns: Columns, *, missing_max: Percent) -> SignalColumns:
    """The signal at every bar of a history, a block at a time; the figures if the columns have any.

    Raises:
        ValueError: the history is shorter than the signal's memory.
    """
    if len(columns) < signal.bars_needed:
        raise ValueError(f"{signal.id} needs {signal.bars_needed} bars, not {len(columns)}")
    most = missing_most(signal, missing_max)
    blocks = [
        _block(signal, columns, np.arange(start, min(start + BLOCK, len(columns))), most)
        for start in range(0, len(columns), BLOCK)
    ]
    return SignalColumns(
        is_measured=np.concatenate([block.is_measured for block in blocks]),
        is_triggered=np.concatenate([block.is_triggered for block in blocks]),
        strength=np.concatenate([block.strength for block in blocks]),
        confidence=np.concatenate([block.confidence for block in blocks]),
        score=np.concatenate([block.score for block in blocks]),
        figures=tuple(
            (name, np.concatenate([block.figures[i][1] for block in blocks]))
            for i, (name, _) in enumerate(blocks[0].figures)
        ),
    )


def _block(signal: Signal, columns: Columns, at: Ints, most: int) -> SignalColumns:
    first = signal.bars_needed - 1
    safe = np.maximum(at, first)
    measured = signal.measure(columns, safe)
    is_measured: Bools = (at >= first) & (columns.holes(signal.bars_needed, safe) <= most)
    is_measured = is_measured & np.asarray(measured.is_measurable)
    is_triggered: Bools = is_measured & np.asarray(measured.is_triggered)
    strength, confidence = _ints(measured.strength), _ints(measured.confidence)
    return SignalColumns(
        is_measured=is_measured,
        is_triggered=is_triggered,
        strength=strength,
        confidence=confidence,
        score=(strength * confidence + NANO // 2) // NANO * is_triggered,
        figures=tuple((each.name, _ints(each.nanos)) for each in measured.gauges)
        if columns.has_figures
        else (),
    )


def _unmeasured(signal: Signal, trouble: str) -> Reading:
    return Reading(signal.id, False, False, ZERO, ZERO, ZERO, (), trouble)


def _missing(signal: Signal, holes: int, most: int) -> Reading:
    text = f"{holes} of {signal.bars_needed} minutes without a trade, at most {most}"
    return _unmeasured(signal, text)


def _triggered(
    signal: Signal, strength: int, confidence: int, figures: tuple[Figure, ...]
) -> Reading:
    return Reading(
        signal=signal.id,
        is_measured=True,
        is_triggered=True,
        strength=_decimal(strength),
        confidence=_decimal(confidence),
        score=_decimal((strength * confidence + NANO // 2) // NANO),
        figures=figures,
    )


def _each(answer: object, count: int) -> list[Any]:
    """A row's answer for each row; what holds for all of them is said once."""
    return answer.tolist() if isinstance(answer, np.ndarray) else [answer] * count


def _whole(number: object) -> int:
    assert isinstance(number, int), "a window answers with integers"
    return number


def _ints(number: object) -> Ints:
    assert isinstance(number, np.ndarray), "columns answer with arrays"
    return number


def _decimal(nanos: int) -> Decimal:
    return Decimal(nanos).scaleb(-9, CONTEXT)
