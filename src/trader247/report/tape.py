"""Bars put together from overlapping windows, in coarser steps: enough to draw a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from trader247.domain.ids import ProductId
from trader247.domain.market import Bars
from trader247.report.curve import Floats, Ints
from trader247.report.story import PriceBars


@dataclass(slots=True)
class _Columns:
    end: int = -1
    minutes: list[Ints] = field(default_factory=list)
    open: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    close: list[Floats] = field(default_factory=list)


class PriceTape:
    """Takes windows of one-minute bars in order of time, and keeps each minute once."""

    def __init__(self, *, step: int) -> None:
        self._step = step
        self._products: dict[ProductId, _Columns] = {}

    def take(self, product: ProductId, bars: Bars) -> None:
        """A window: the minutes after those that are known are new."""
        columns = self._products.setdefault(product, _Columns())
        fresh = min(len(bars), bars.end - columns.end)
        if fresh <= 0:
            return
        columns.end = bars.end
        tick = float(bars.tick.value)
        new = slice(len(bars) - fresh, len(bars))
        columns.minutes.append(np.arange(bars.end - fresh + 1, bars.end + 1))
        for kept, column in (
            (columns.open, bars.open),
            (columns.high, bars.high),
            (columns.low, bars.low),
            (columns.close, bars.close),
        ):
            kept.append(np.array(column[new], dtype=np.float64) * tick)

    def bars(self) -> Mapping[ProductId, PriceBars]:
        """Every product's bars, in steps."""
        return {product: self._stepped(each) for product, each in sorted(self._products.items())}

    def _stepped(self, columns: _Columns) -> PriceBars:
        minutes = np.concatenate(columns.minutes)
        span = minutes // self._step
        starts = np.flatnonzero(np.diff(span, prepend=span[0] - 1))
        lasts = np.append(starts[1:], len(span)) - 1
        return PriceBars(
            minutes=self._step,
            times=span[starts] * (self._step * 60_000_000),
            open=np.concatenate(columns.open)[starts],
            high=np.maximum.reduceat(np.concatenate(columns.high), starts),
            low=np.minimum.reduceat(np.concatenate(columns.low), starts),
            close=np.concatenate(columns.close)[lasts],
        )
