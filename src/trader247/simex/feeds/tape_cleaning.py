"""Cleaning a candle file: what cannot be a candle is dropped, and said.

Nothing is invented. A bar that is dropped leaves a hole, and a hole is a minute without a trade.
In this order: rows without numbers, rows that no market can show (a price of zero, a high below
the low), rows out of order, second rows of one instant, rows off the tape's grid, prices that
stand apart from those before and after, and bars in which nothing was traded.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trader247.simex.feeds.tape import Tape, TapeReport, Trouble
from trader247.simex.feeds.tape_file import COLUMNS, TapeUnusable, read_rows
from trader247.simex.feeds.tape_numbers import NO_NUMBER, Column, common_step
from trader247.simex.feeds.tape_rows import Fault, Rows, rows_of_text

MINUTE_MS = 60_000
INTERVAL_MINUTES_MAX = 1440
APART_MAX = 3
"""Bars running that may stand apart and be dropped; a fourth makes it the market's new level."""
LONELY_MS = 7 * 1440 * MINUTE_MS

_EARLIEST_MS = 1_230_768_000_000  # 2009-01-01, before any of these markets
_LATEST_MS = 4_102_444_800_000  # 2100-01-01
_EXAMPLE = 160
_LOOKED_AT = 20
"""Rows at which a file that is mostly bad is looked at for a fault of all its rows."""

Mask = NDArray[np.bool_]


def read_tape(product_id: str, file: Path) -> tuple[Tape, TapeReport]:
    """Read and clean one product's file.

    Raises:
        TapeUnusable: no usable bar is left, more than half of the rows are bad, or the bars are
            not of one minute or a whole number of minutes up to a day.
    """
    return tape_of(product_id, file, rows_of_text(read_rows(file)))


def tape_of(product_id: str, file: Path, rows: Rows) -> tuple[Tape, TapeReport]:
    """One product's rows as a tape, whatever file they came from. Raises TapeUnusable."""
    return _Cleaning(product_id, file, rows).result()


class _Cleaning:
    """The rows that are still kept, and what was said of the others."""

    def __init__(self, product_id: str, file: Path, rows: Rows) -> None:
        self._product_id = product_id
        self._file = file
        self._rows = rows
        self._counts: Counter[Trouble] = Counter()
        self._examples: dict[Trouble, str] = {}
        self._columns = np.stack([rows.stamp, *rows.prices, rows.volume])
        self._at = np.arange(len(rows.stamp))

    def result(self) -> tuple[Tape, TapeReport]:
        told = self._columns[0]
        self._drop_short_lines()
        self._drop_what_is_no_candle()
        self._sort()
        self._drop_second_rows()
        interval = self._interval(told)
        self._drop_off_grid(interval)
        self._drop_lonely()
        self._drop_apart()
        self._refuse_if_mostly_bad()
        self._drop(Trouble.UNTRADED, self._columns[5] == 0)
        if not len(self._at):
            raise self._unusable("no bar with any volume")
        tape = self._tape(interval)
        self._note_holes(tape)
        return tape, self._report(tape)

    def _tape(self, interval: int) -> Tape:
        stamp, *prices = self._columns[:5]
        prices, price_decimals = common_step(prices, self._rows.price_decimals)
        volumes, base_decimals = common_step([self._columns[5]], self._rows.base_decimals)
        minute = stamp // MINUTE_MS
        return Tape(
            self._product_id, interval, price_decimals, base_decimals, minute, *prices, *volumes
        )

    def _report(self, tape: Tape) -> TapeReport:
        return TapeReport(
            product_id=self._product_id,
            path=self._file,
            rows=len(self._rows.stamp) + len(self._rows.short_lines),
            bars=len(tape.minute),
            interval_minutes=tape.interval,
            counts={trouble: self._counts[trouble] for trouble in Trouble},
            examples=self._examples,
        )

    def _note(self, trouble: Trouble, mask: Mask) -> None:
        """Count the rows of `mask`, and keep the first as an example."""
        found = int(np.count_nonzero(mask))
        if not found:
            return
        self._counts[trouble] += found
        row = int(self._at[mask].min())
        cells = self._rows.shown(row)[:_EXAMPLE]
        # A file may hold anything; what is shown on a terminal may not.
        shown = "".join(
            letter if letter.isprintable() else "?" for letter in cells.replace("\t", " ")
        )
        self._exemplify(trouble, f"line {self._rows.line(row)}: {shown}")

    def _exemplify(self, trouble: Trouble, text: str) -> None:
        self._examples[trouble] = min(self._examples.get(trouble, text), text, key=_line)

    def _drop(self, trouble: Trouble, mask: Mask) -> None:
        self._note(trouble, mask)
        if mask.any():
            self._columns = self._columns[:, ~mask]
            self._at = self._at[~mask]

    def _drop_short_lines(self) -> None:
        short = self._rows.short_lines
        if short:
            self._counts[Trouble.MALFORMED] += len(short)
            self._exemplify(Trouble.MALFORMED, f"line {short[0]}: a column is missing")

    def _drop_what_is_no_candle(self) -> None:
        self._drop(Trouble.MALFORMED, (self._columns == NO_NUMBER).any(axis=0))
        stamp, volume = self._columns[0], self._columns[5]
        is_priced = (self._columns[1:5] > 0).all(axis=0)
        self._drop(Trouble.ABSURD, ~(_is_in_time(stamp) & is_priced & (volume >= 0)))
        begin, high, low, close = self._columns[1:5]
        top, bottom = np.maximum(begin, close), np.minimum(begin, close)
        self._drop(Trouble.CROSSED, (high < top) | (low > bottom))

    def _sort(self) -> None:
        stamp = self._columns[0]
        if (stamp[1:] >= stamp[:-1]).all():
            return
        self._note(Trouble.DISORDERED, stamp < np.maximum.accumulate(stamp))
        order = np.argsort(stamp, kind="stable")
        self._columns = self._columns[:, order]
        self._at = self._at[order]

    def _drop_second_rows(self) -> None:
        """Of several rows of one instant the first in the file stays."""
        stamp = self._columns[0]
        if (stamp[1:] > stamp[:-1]).all():
            return
        _, first, group = np.unique(stamp, return_index=True, return_inverse=True)
        is_second = np.ones(len(stamp), dtype=bool)
        is_second[first] = False
        is_equal = (self._columns == self._columns[:, first[group]]).all(axis=0)
        self._note(Trouble.REPEATED, is_second & is_equal)
        self._drop(Trouble.CONFLICTING, is_second & ~is_equal)
        # Dropped without a second count: those that remain double were counted as repeated.
        stamp = self._columns[0]
        _, first = np.unique(stamp, return_index=True)
        self._columns, self._at = self._columns[:, first], self._at[first]

    def _note_holes(self, tape: Tape) -> None:
        steps = np.diff(tape.minute)
        gaps = np.flatnonzero(steps > tape.interval)
        if len(gaps):
            missing = steps[gaps] - tape.interval
            line = self._rows.line(int(self._at[gaps[0]]))
            self._counts[Trouble.HOLES] = int(missing.sum())
            self._exemplify(Trouble.HOLES, f"line {line}: {missing[0]} min missing after it")

    def _interval(self, told: Column) -> int:
        """Minutes a bar covers: the step that most bars are apart.

        `told` are the times of all rows: what is no candle for its price tells of its minute still,
        and of a few rows the steps across it would be most.
        """
        stamp = self._columns[0]
        if len(stamp) < 2:
            return 1
        others = told[_is_in_time(told) & (told % MINUTE_MS == 0)]
        # Both are sorted, or nearly: to sort them takes a tenth of what a set of them does.
        steps = np.diff(np.sort(np.concatenate([stamp, others]), kind="stable"))
        step = _most_frequent(steps[steps > 0])
        minutes, rest = divmod(step, MINUTE_MS)
        if rest or not 1 <= minutes <= INTERVAL_MINUTES_MAX:
            raise self._unusable(
                f"bars {step / 1000:g} s apart",
                "bars of one minute, or of a whole number of minutes up to a day",
            )
        return minutes

    def _drop_off_grid(self, interval: int) -> None:
        if not len(self._at):
            return
        phase = self._columns[0] % (interval * MINUTE_MS)
        usual = _most_frequent(phase)
        if usual % MINUTE_MS:
            raise self._unusable(
                f"bars that open {usual % MINUTE_MS / 1000:g} s past the minute",
                "bars that open on a full minute",
                "times of bars' ends: trader247 data import FILE --times close",
            )
        self._drop(Trouble.OFF_GRID, phase != usual)

    def _drop_lonely(self) -> None:
        """A row a week away from every other has a wrong time, not a market of its own."""
        gaps = np.diff(self._columns[0]) > LONELY_MS
        if gaps.any():
            edge = np.array([True])
            is_lonely = np.concatenate([edge, gaps]) & np.concatenate([gaps, edge])
            self._drop(Trouble.ABSURD, is_lonely)

    def _drop_apart(self) -> None:
        high, low, close = self._columns[2:5]
        self._drop(Trouble.ABSURD, _apart(high, low, close))

    def _refuse_if_mostly_bad(self) -> None:
        bad = sum(
            self._counts[trouble]
            for trouble in (Trouble.MALFORMED, Trouble.ABSURD, Trouble.CROSSED, Trouble.OFF_GRID)
        )
        rows = len(self._rows.stamp) + len(self._rows.short_lines)
        if not rows:
            raise self._unusable("no row")
        if not len(self._at) or 2 * bad > rows:
            fault = self._fault()
            if fault is None:
                raise self._unusable(f"{bad} bad rows of {rows}")
            found = f"{fault.found}, {bad} bad rows of {rows}"
            raise self._unusable(found, fault.allowed, fault.hint)

    def _fault(self) -> Fault | None:
        """What is wrong with one of the first rows, where that is how the file is written."""
        found = map(self._rows.fault, range(min(len(self._rows.stamp), _LOOKED_AT)))
        return next((each for each in found if each is not None), None)

    def _unusable(
        self,
        found: str,
        allowed: str = "candles with positive prices, most of them good",
        hint: str = "",
    ) -> TapeUnusable:
        first = min(self._examples.values(), key=_line, default="")
        return TapeUnusable(
            self._file,
            line=_line(first) if first else None,
            found=f"{found} ({first})" if first else found,
            allowed=f"{allowed}, in the columns {','.join(COLUMNS)}",
            hint=hint,
        )


def _line(example: str) -> int:
    return int(example.split(":", 1)[0].removeprefix("line "))


def _is_in_time(stamp: Column) -> Mask:
    return (stamp >= _EARLIEST_MS) & (stamp < _LATEST_MS)


def _most_frequent(numbers: Column) -> int:
    """The least of those that occur most often."""
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[np.argmax(counts)])


def _apart(high: Column, low: Column, close: Column) -> Mask:
    """Which bars hold a price more than 50 % off both the market before and the market after.

    At most `APART_MAX` running: where prices do not come back, the market has moved. The first
    bars are held against the middle of the first seven, the last against those before alone.
    """
    apart = np.zeros(len(close), dtype=bool)
    if not len(close):
        return apart
    start = int(np.sort(close[:7])[len(close[:7]) // 2])
    before = np.concatenate([np.array([start]), close[:-1]])
    if not ((2 * high > 3 * before) | (2 * low < before)).any():
        return apart
    highs, lows, closes = high.tolist(), low.tolist(), close.tolist()

    def is_off(bar: int, reference: int) -> bool:
        return bool(2 * highs[bar] > 3 * reference or 2 * lows[bar] < reference)

    reference, at, end = start, 0, len(closes)
    while at < end:
        back = at
        while back < end and back - at <= APART_MAX and is_off(back, reference):
            back += 1
        if back - at <= APART_MAX:
            apart[at:back] = True
            at = back
        if at < end:
            reference = closes[at]
            at += 1
    return apart
