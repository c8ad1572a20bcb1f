"""What doing nothing would have made: every product bought once and held, and plain cash."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trader247.domain.ids import ProductId
from trader247.report.story import Held, PriceBars


def bought_and_held(prices: Mapping[ProductId, PriceBars], begin: int, end: int) -> Held | None:
    """Every product with bars from `begin` to `end` (microseconds), or None where there is none.

    A bar counts from its end on: its close is not known before. What is bought is bought at the
    open of the first bar that opens in that time.
    """
    known = {}
    for product, bars in sorted(prices.items()):
        ends = bars.times + bars.minutes * 60_000_000
        within = (bars.times >= begin) & (ends <= end)
        if within.sum() and bars.open[within][0] > 0:
            known[product] = (
                np.concatenate([bars.times[within][:1], ends[within]]),
                np.concatenate([bars.open[within][:1], bars.close[within]]),
            )
    if not known:
        return None
    times = np.unique(np.concatenate([ends for ends, _ in known.values()]))
    times = times[times >= max(ends[0] for ends, _ in known.values())]
    if len(times) < 2:
        return None
    navs = []
    for ends, close in known.values():
        values = close[np.searchsorted(ends, times, side="right") - 1]
        navs.append(values / values[0])
    return Held(tuple(known), times, np.mean(navs, axis=0))
