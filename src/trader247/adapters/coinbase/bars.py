"""A window of closed bars that grows by what is new.

The window holds one bar for every span, without a hole: where nothing traded, the last close is
repeated with volume 0. The two newest bars are read again each time, as the venue may still revise
them; so a bar that was missing when its minute had only just closed is filled in one read later. So
are those at the end that were filled in: a clock that ran ahead asked for minutes to come. Where it
is set back, the window begins anew; one that ends with what was traded is true, and the clock late.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from trader247.adapters.coinbase.candles import Row, TickScale
from trader247.domain.market import Bars

ROWS_MAX = 300
"""Candles asked for in one request; the venue refuses spans of about 350."""
REREAD = 2
"""Bars, the newest, that are read again."""
FILLED_REREAD = 240
"""Bars that are read again at most since nothing was traded in them: one request takes them."""


Line = tuple[int, int, int, int, int, int]
"""One bar as the columns of `Bars` hold it: a candle, and whether it was filled in."""


class BarWindow:
    """The last `size` closed bars of one product. Spans are counted since 1970."""

    def __init__(self, scale: TickScale, *, size: int, bars: Bars | None = None) -> None:
        """`bars` are what is known already, in ticks of the same scale."""
        assert size > REREAD, "the bars that are read again are fewer than the window"
        self.scale = scale
        self._size = size
        self._bars = bars

    @property
    def bars(self) -> Bars | None:
        """The window, or None while there is no bar; the same object while nothing changed."""
        return self._bars

    def wanted(self, closed: int) -> list[tuple[int, int]]:
        """The spans to ask for so that `closed` becomes the newest bar: (first, last), oldest
        first, each of at most `ROWS_MAX`; none if nothing can be new."""
        if not self._may_change(closed):
            return []
        first = self._first(closed)
        return [
            (begin, min(begin + ROWS_MAX - 1, closed))
            for begin in range(first, closed + 1, ROWS_MAX)
        ]

    def absorb(self, rows: Mapping[int, Row], closed: int) -> None:
        """Take the answers to all that was `wanted` for `closed`, in one."""
        if not self._may_change(closed):
            return
        first = self._first(closed)
        kept = self._joined(closed)
        lines = _lines(kept, rows, first, closed)
        if not lines:
            return
        columns = [array("q", column) for column in zip(*lines, strict=True)]
        if kept is not None:
            keep = len(kept) - (kept.end + 1 - first)
            if kept.end == closed and all(
                old[keep:] == new for old, new in zip(_columns(kept), columns, strict=True)
            ):
                return
            skip = max(0, keep + len(lines) - self._size)
            fresh, columns = columns, [old[skip:keep] for old in _columns(kept)]
            for column, new in zip(columns, fresh, strict=True):
                column.extend(new)  # in its place: a day of minutes is copied once
        if len(lines) > self._size:
            columns = [column[-self._size :] for column in columns]
        self._bars = Bars(self.scale.tick, closed, *columns)

    def _may_change(self, closed: int) -> bool:
        bars = self._bars
        # A newest bar that was filled in may only have been late, or of a minute to come.
        return bars is None or closed > bars.end or bars.filled[-1] == 1

    def _joined(self, closed: int) -> Bars | None:
        """The bars to go on from, or None where none of them would remain in the window.

        Nor do those remain that were taken by a clock which has been set back since.
        """
        bars = self._bars
        return bars if bars is not None and 0 <= closed - bars.end < self._size else None

    def _first(self, closed: int) -> int:
        """The oldest span to ask for."""
        kept = self._joined(closed)
        if kept is None:
            return closed + 1 - ROWS_MAX * -(-self._size // ROWS_MAX)
        # What was traded last stays, or there would be nothing to fill in from.
        filled = min(_filled_at_the_end(kept), FILLED_REREAD, len(kept) - 1)
        return kept.end + 1 - max(filled, min(REREAD, len(kept)))


def _filled_at_the_end(bars: Bars) -> int:
    """How many bars were filled in since the last one that was traded."""
    count = 0
    for is_filled in reversed(bars.filled):
        if not is_filled:
            break
        count += 1
    return count


def _lines(kept: Bars | None, rows: Mapping[int, Row], first: int, closed: int) -> list[Line]:
    """The bars from `first` to `closed`; they begin later where nothing is known before."""
    begin = 0 if kept is None else kept.end + 1 - len(kept)
    before = None if kept is None or first == begin else kept.close[first - begin - 1]
    lines: list[Line] = []
    for span in range(first, closed + 1):
        row = rows.get(span)
        if row is not None:
            line = (*row, 0)
        elif kept is not None and span <= kept.end and not kept.filled[span - begin]:
            # A bar once seen does not vanish because one answer lacks it.
            line = _line(kept, span - begin)
        elif before is not None:
            line = (before, before, before, before, 0, 1)
        else:
            continue
        before = line[3]
        lines.append(line)
    return lines


def _line(bars: Bars, index: int) -> Line:
    return (
        bars.open[index],
        bars.high[index],
        bars.low[index],
        bars.close[index],
        bars.volume[index],
        bars.filled[index],
    )


def _columns(bars: Bars) -> tuple[array[int], ...]:
    return bars.open, bars.high, bars.low, bars.close, bars.volume, bars.filled
