"""Whether a signal looks ahead on some dates alone: on a weekday, at a month's end, on one day.

To cut the data at each of five million bars takes for ever. So single bars are told otherwise, all
over a year at once, each further from the next than the signal remembers. A bar that has no such
bar in its memory must say what it said before: what changed there lies ahead of it. One answer is
thousands of cuts, and each year of a decade has some at its midnights, hours and outages, and
anywhere else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np

from trader247.app.strategies.bars import SEED, BarColumns, Ints, telling_market
from trader247.app.strategies.looking import (
    BY_ITSELF,
    BY_ROUNDING,
    Fault,
    Finding,
    Fresh,
    first_unlike,
    is_rounding,
    told,
)
from trader247.app.strategies.subjects import Answer, ShapeWrong
from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant

YEARS = (2024, 2025, 2026, 2027, 2028, 2023, 2022, 2021, 2020, 2019)
"""A decade with three leap years; the first of them alone has each date but some weekdays of it."""
_TURNS = (0, 1, -1)
"""Each year is answered for so often, with other bars told otherwise: from midnights and hours."""
_TURNS_LONG = 3 * _TURNS
"""With a long memory, an answer holds few of them: there are more answers then."""
_DAY, _HALF_HOUR = 1_440, 30
_SOON = 60
"""Bars told otherwise are never closer than this: there are so many that more add nothing."""
_LONG = _DAY // 2
_MIDNIGHTS, _OUTAGES, _HALF_HOURS = 0.3, 0.1, 0.4
"""Which share of the places is to be of which kind; the rest may be anywhere."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one year: how many bars were asked about with another one ahead of them."""

    year: int
    places: int
    findings: tuple[Finding, ...]


def looked(fresh: Fresh, years: Sequence[int] = YEARS) -> Iterator[Looked]:
    """One year after the other, and none after the first in which something is wrong.

    Raises:
        ShapeWrong: the signal did not answer one value a bar, or not always the same columns.
        GuestFailed: it failed.
    """
    memory = fresh().memory
    for year in years:
        bars = market_of(year, memory)
        whole = fresh().answer(bars)
        places = 0
        for turn, since in enumerate(_TURNS_LONG if memory > _LONG else _TURNS):
            rng = np.random.default_rng((SEED, year, turn))
            more, found = told_otherwise(fresh, bars, memory, rng, whole=whole, since=since)
            places += more
            if found is not None:
                yield Looked(year, places, (found,))
                return
        yield Looked(year, places, ())


def told_otherwise(
    fresh: Fresh,
    bars: BarColumns,
    memory: int,
    rng: np.random.Generator,
    *,
    whole: Answer | None = None,
    since: int = 0,
) -> tuple[int, Finding | None]:
    """How many bars were told otherwise at once, and what is wrong, if anything is.

    `memory` is the signal's own; `whole` is what it says of `bars`, where that is known already.

    Raises: as `looked`.
    """
    whole = fresh().answer(bars) if whole is None else whole
    at = _places(bars, memory, since, rng)
    other = bars_told_otherwise(bars, at, rng)
    untouched = _untouched(len(bars), at, memory)
    again = fresh().answer(other)
    if again.keys() != whole.keys():
        raise ShapeWrong("it answers other columns where the bars are others")
    for name, values in whole.items():
        found = first_unlike(values[untouched], again[name][untouched])
        if found is not None:
            return len(at), _explained(fresh, name, int(untouched[found]), (bars, other), at)
    return len(at), None


def market_of(year: int, memory: int) -> BarColumns:
    """Every minute of a year, with two days on each side and what a signal remembers before it."""
    first = (_minute(year, 1, 1) // _DAY - 2) * _DAY - memory
    market = _prices(_minute(2025, 1, 3) - _minute(2024, 1, 1) + 2 * _DAY + memory)
    end = _minute(year + 1, 1, 3) - first
    return replace(market, minute=np.arange(first, first + len(market), dtype=np.int64)).cut(0, end)


@lru_cache(maxsize=1)
def _prices(count: int) -> BarColumns:
    """The same ones in each year: dates are all that differs."""
    return telling_market(count)


def bars_told_otherwise(bars: BarColumns, at: Ints, rng: np.random.Generator) -> BarColumns:
    """The same bars but for those at `at`: what rose falls, what fell rises, a hole is none."""
    before, close = bars.close[at - 1].astype(float), bars.close[at]
    farther = np.exp(rng.uniform(0.02, 0.5, len(at)))
    moved = np.where(close >= before, 1 / farther, farther)
    turned = np.rint(before * np.clip(before / close, 0.2, 5.0) * moved).astype(np.int64)
    turned = np.maximum(np.where(turned == close, turned + 7, turned), 10)
    opened = np.maximum(np.rint(turned * rng.uniform(0.9, 1.1, len(at))), 10).astype(np.int64)
    opened += opened == bars.open[at]
    reach = np.rint(turned * rng.uniform(0.001, 0.2, len(at))).astype(np.int64) + 1
    volume = rng.integers(1, 10**9, len(at))

    def told_at(column: Ints, values: Ints) -> Ints:
        result = column.copy()
        result[at] = values
        result.setflags(write=False)
        return result

    return replace(
        bars,
        open=told_at(bars.open, opened),
        high=told_at(bars.high, np.maximum(opened, turned) + reach),
        low=told_at(bars.low, np.maximum(np.minimum(opened, turned) - reach, 1)),
        close=told_at(bars.close, turned),
        volume=told_at(bars.volume, volume),
        filled=told_at(bars.filled, 1 - bars.filled[at]),
    )


def _places(bars: BarColumns, memory: int, since: int, rng: np.random.Generator) -> Ints:
    """Bars further from each other than the memory, and not much: at what dates turn on, or not.

    `since` is how many bars after a midnight, or a half of an hour, they are.
    """
    # Its minutes have no hole: where a day begins follows from the first.
    began = int(bars.minute[0]) - since
    kinds = (
        list(range(-began % _DAY, len(bars), _DAY)),
        (np.flatnonzero(bars.filled[1:] != bars.filled[:-1]) + 1).tolist(),
        list(range(-began % _HALF_HOUR, len(bars), _HALF_HOUR)),
    )
    apart = max(memory, _SOON) + 1
    # Where there is room for each midnight, each is one of them.
    shares = (_MIDNIGHTS if memory > _LONG else 1.0, _OUTAGES, _HALF_HOURS)
    found: list[int] = []
    at = memory
    for kind, which in rng.random((len(bars) // apart, 2)).tolist():
        first, last = at + apart, at + 2 * apart
        if last >= len(bars):
            break
        at = first + int(which * apart)
        drawn = kind
        for known, share in zip(kinds, shares, strict=True):
            if drawn >= share:
                drawn -= share
                continue
            begin = bisect_left(known, first)
            end = bisect_left(known, last, begin)
            if begin < end:
                at = known[begin + int(which * (end - begin))]
                break
        found.append(at)
    return np.array(found, dtype=np.int64)


def _untouched(count: int, at: Ints, memory: int) -> Ints:
    """The bars that have none of `at` in their memory."""
    steps = np.zeros(count + 1, dtype=np.int64)
    steps[at] += 1
    np.add.at(steps, np.minimum(at + memory, count), -1)
    return np.flatnonzero(np.cumsum(steps[:-1]) == 0)


def _minute(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days * _DAY


def _explained(
    fresh: Fresh, name: str, place: int, markets: tuple[BarColumns, BarColumns], at: Ints
) -> Finding:
    """Whether it is what lies ahead that made another value, or what lies further back."""
    subject = fresh()
    time = Instant.from_seconds(int(markets[0].minute[place]) * 60)
    when = f"{date.fromisoformat(str(time)[:10]):%A} {time}"
    for market in markets:
        value = fresh().answer(market)[name][place : place + 1]
        ended = fresh().answer(market.cut(0, place + 1))
        own = ended.get(name, value[:0])[-1:]
        if first_unlike(value, own) is not None:
            shown = told(own[0]) if len(own) else "not there"
            text = (
                f"{name} on {when} is {told(value[0])} from all data and {shown} when the data "
                "ends there: it looks ahead on some dates"
            )
            return Finding(Fault.LOOKS_AHEAD, subject.name, text)
    value, other = (fresh().answer(market)[name][place] for market in markets)
    if is_rounding(value, other):
        text = f"{name} on {when} is another with other bars long before it, {BY_ROUNDING}"
        return Finding(Fault.ROUNDS_OTHERWISE, subject.name, text)
    back = place - int(at[at <= place].max(initial=0))
    text = (
        f"{name} on {when} depends on the bar {back} before it: it remembers more than its "
        f"{subject.memory} bars; {BY_ITSELF}"
    )
    return Finding(Fault.UNSTABLE, subject.name, text)
