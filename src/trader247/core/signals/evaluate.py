"""From a signal and a history to a column of answers, for a backtest."""

from __future__ import annotations

import numpy as np

from trader247.core.signals.columns import Bools, Columns, Ints
from trader247.core.signals.reading import missing_most
from trader247.core.signals.series import NANO
from trader247.core.signals.signal import Signal
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent

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


def evaluate(signal: Signal, columns: Columns, *, missing_max: Percent) -> SignalColumns:
    """The signal at every bar of a history, a block at a time; the figures if the columns have any.

    Raises:
        ValueError: the history is shorter than the signal's memory.
    """
    if len(columns) < signal.bars_needed:
        raise ValueError(f"{signal.id} needs {signal.bars_needed} bars, not {len(columns)}")
    most = missing_most(signal, missing_max)
    # Before it has its memory it measures nothing, and is not asked: of a window that is no longer
    # than that, it is asked about the last bar alone.
    first = signal.bars_needed - 1
    blocks = [
        _block(signal, columns, np.arange(start, min(start + BLOCK, len(columns))), most)
        for start in range(first, len(columns), BLOCK)
    ]
    no, nothing = np.zeros(first, dtype=np.bool_), np.zeros(first, dtype=np.int64)
    return SignalColumns(
        is_measured=np.concatenate([no, *(block.is_measured for block in blocks)]),
        is_triggered=np.concatenate([no, *(block.is_triggered for block in blocks)]),
        strength=np.concatenate([nothing, *(block.strength for block in blocks)]),
        confidence=np.concatenate([nothing, *(block.confidence for block in blocks)]),
        score=np.concatenate([nothing, *(block.score for block in blocks)]),
        figures=tuple(
            (name, np.concatenate([nothing, *(block.figures[i][1] for block in blocks)]))
            for i, (name, _) in enumerate(blocks[0].figures)
        ),
    )


def _block(signal: Signal, columns: Columns, at: Ints, most: int) -> SignalColumns:
    measured = signal.measure(columns, at)
    is_measured: Bools = columns.holes(signal.bars_needed, at) <= most
    is_measured = is_measured & np.asarray(measured.is_measurable)
    is_triggered: Bools = is_measured & np.asarray(measured.is_triggered)
    strength, confidence = _ints(measured.strength), _ints(measured.confidence)
    score = np.zeros(len(at), dtype=np.int64)
    # Few bars trigger, and the others' scores are nothing.
    where = np.flatnonzero(is_triggered)
    score[where] = (strength[where] * confidence[where] + NANO // 2) // NANO
    return SignalColumns(
        is_measured=is_measured,
        is_triggered=is_triggered,
        strength=strength,
        confidence=confidence,
        score=score,
        figures=tuple((each.name, _ints(each.nanos)) for each in measured.gauges)
        if columns.has_figures
        else (),
    )


def _ints(number: object) -> Ints:
    assert isinstance(number, np.ndarray), "columns answer with arrays"
    return number
