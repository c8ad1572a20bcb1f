"""Whether a signal looks ahead in a year that no decade holds, or late in a long history.

Of each year some days are told, as `dates` tells a whole one: a leak that begins or ends with a
year shows on any of them. One history is longer than most backtests: a leak that waits for many
bars, or for a place far from the first, shows there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from trader247.app.strategies.bars import SEED, BarColumns, telling_market
from trader247.app.strategies.dates import YEARS, told_otherwise
from trader247.app.strategies.looking import Finding, Fresh
from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant

FAR = tuple(year for year in range(1970, 2100) if year not in YEARS)
"""Years of whose days some are looked at."""
LONGEST = 5 * 525_960
"""Minutes of five years: its bars, told twice, take what a whole backtest takes of memory."""
_LONG_BEGINS = 2021
_DAY = 1_440
_MEMORIES = 3
"""A tape of a far year has room for so many of what a signal remembers, and for two days."""
_BEGINS = ("01-01", "02-28", "06-30", "12-30")
"""Where its tape has its days, by turns: at a year's ends, at a leap day, in its middle."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How many bars were asked about with another one ahead of them, and what was found."""

    places: int
    findings: tuple[Finding, ...]


def looked_far(fresh: Fresh, years: Sequence[int] = FAR) -> Iterator[tuple[int, Reached]]:
    """Some days of each of those years, and none after the first in which something is wrong.

    Raises: as `dates.told_otherwise`.
    """
    memory = fresh().memory
    for year in years:
        rng = np.random.default_rng((SEED, 3, year))
        places, found = told_otherwise(fresh, _days_of(year, memory), memory, rng)
        yield year, Reached(places, () if found is None else (found,))
        if found is not None:
            return


def looked_long(fresh: Fresh, minutes: int = LONGEST) -> Reached:
    """One history of so many bars.

    Raises: as `dates.told_otherwise`.
    """
    memory = fresh().memory
    begin = Instant.parse(f"{_LONG_BEGINS}-01-01T00:00:00Z").minute
    bars = _at(begin - memory, telling_market(minutes + memory))
    places, found = told_otherwise(fresh, bars, memory, np.random.default_rng((SEED, 4)))
    return Reached(places, () if found is None else (found,))


def _days_of(year: int, memory: int) -> BarColumns:
    day = Instant.parse(f"{year}-{_BEGINS[year % len(_BEGINS)]}T00:00:00Z").minute
    # Its days are looked at where there is a memory behind them and bars ahead.
    count = (_MEMORIES + 1) * memory + 2 * _DAY
    first = max(0, day - 2 * memory)
    return _at(first, _prices(count))


@lru_cache(maxsize=1)
def _prices(count: int) -> BarColumns:
    """The same ones in each year: dates are all that differs."""
    return telling_market(count)


def _at(first: int, bars: BarColumns) -> BarColumns:
    minute = np.arange(first, first + len(bars), dtype=np.int64)
    minute.setflags(write=False)
    return replace(bars, minute=minute)
