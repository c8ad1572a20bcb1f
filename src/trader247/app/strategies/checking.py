"""A strategy's module, checked before any of its figures is believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.app.strategies.bars import BarColumns, telling_market
from trader247.app.strategies.beyond import FAR, LONGEST, Reached, looked_far, looked_long
from trader247.app.strategies.cuts import cuts, window_ends
from trader247.app.strategies.dates import YEARS, looked
from trader247.app.strategies.guests import GuestFailed
from trader247.app.strategies.looking import Fault, Finding, Fresh, failing, findings
from trader247.app.strategies.reading_source import impurities
from trader247.app.strategies.subjects import ShapeWrong, Subject, at_bounds, loaded, subjects_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError

__all__ = ["Fault", "Finding"]

BARS_DEFAULT = 4_320
"""Three days of minutes: every hour of the day, and a signal of a day's memory twice over."""
BARS_MOST = 200_000
SECONDS_MOST = 60
"""After so long no further year is begun, unless every bar is asked for."""
_ROUNDS = 3

Unseen = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """What a signal costs: for a bar of a history, and for the newest bar of a live cycle."""

    history_ns: float
    live_ms: float


@dataclass(frozen=True, slots=True)
class Checked:
    """One signal: how often its data was cut, what was found, what it costs.

    `years` are those of whose dates it was asked, `far` those of which some days were, `longest`
    the bars of the longest history, with another bar ahead at `places` of all of them: none where
    something was found before.
    """

    signal: str
    memory: int
    cuts: int
    years: tuple[int, ...]
    far: tuple[int, ...]
    longest: int
    places: int
    findings: tuple[Finding, ...]
    timing: Timing | None

    @property
    def is_sound(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Check:
    """A whole module; `impurities` are what its text does besides computing."""

    module: str
    bars: int
    signals: tuple[Checked, ...]
    impurities: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        return not self.impurities and all(each.is_sound for each in self.signals)


def checked(
    target: str,
    *,
    bars: int = BARS_DEFAULT,
    is_every: bool = False,
    years: Sequence[int] = YEARS,
    far: Sequence[int] = FAR,
    longest: int = LONGEST,
    seconds_most: float = SECONDS_MOST,
    on_signal: Unseen = lambda _: None,
) -> Check:
    """Check every signal of a module.

    With `is_every` the data is cut at every bar, else at enough of them. A class of Signal is
    checked at its own numbers, and with each of them at the ends of what a policy may set it to;
    what is sound on three days is asked of the dates of these `years`, of some days of the `far`
    ones and of one history of `longest` bars, at its own numbers. Without `is_every` no further
    year is begun after `seconds_most`.

    Raises:
        UsageError: there is no such module, it does not load, or it has no signal.
    """
    module = loaded(target)
    subjects = subjects_of(module)
    found = []
    for index, subject in enumerate(subjects):
        on_signal(subject.name)
        fresh = _fresh(target, index)
        market, asked, faults = _looked_at(fresh, bars, is_every=is_every)
        if not faults:
            # What is wrong by itself is wrong at other numbers too, and told once.
            for place in range(len(at_bounds(subject))):
                _, more, also = _looked_at(_fresh_at_bound(target, index, place), bars)
                asked += more
                faults += also
        spread = _Spread()
        if not faults:
            spread.look(fresh, Spans(years, far, longest), math.inf if is_every else seconds_most)
            faults = spread.findings
        timing = None
        if not any(each.fault in (Fault.FAILS, Fault.NOT_PURE) for each in faults):
            timing = _timed(fresh(), market)
        found.append(
            Checked(
                signal=subject.name,
                memory=subject.memory,
                cuts=asked,
                years=tuple(spread.years),
                far=tuple(spread.far),
                longest=spread.longest,
                places=spread.places,
                findings=faults,
                timing=timing,
            )
        )
    path = Path(str(module.__file__))
    return Check(target, bars, tuple(found), impurities(path))


def _looked_at(
    fresh: Fresh, bars: int, *, is_every: bool = False
) -> tuple[BarColumns, int, tuple[Finding, ...]]:
    """The market that one signal was shown, how often its data was cut, and what was found."""
    subject = fresh()
    count = max(bars, 2 * subject.memory + 600)
    if count > BARS_MOST:
        raise UsageError(
            f"{subject.name} needs {subject.memory} bars: more than can be checked",
            hint=f"BARS_NEEDED is its whole memory, {BARS_MOST // 3} at most",
        )
    market = telling_market(count)
    positions = cuts(market, subject.memory, is_every=is_every)
    ends = window_ends(market, subject.memory, is_every=is_every)
    found = tuple(findings(fresh, market, positions, ends))
    if subject.setting:
        found = tuple(replace(each, text=f"with {subject.setting}: {each.text}") for each in found)
    return market, len(positions) + len(ends), found


@dataclass(frozen=True, slots=True)
class Spans:
    """Of what a signal is asked that is sound on three days.

    All of `years`, some days of each of the `far` ones, and one history of `longest` bars.
    """

    years: Sequence[int]
    far: Sequence[int]
    longest: int


class _Spread:
    """Of which years and lengths a signal was asked, at how many places, and what was found."""

    def __init__(self) -> None:
        self.years: list[int] = []
        self.far: tuple[int, ...] = ()
        self.longest = 0
        self.places = 0
        self.findings: tuple[Finding, ...] = ()

    def look(self, fresh: Fresh, spans: Spans, seconds_most: float) -> None:
        """Ask it, until something is found; no further year is begun after so long."""
        clock = SystemClock()
        begin = clock.monotonic()
        try:
            # What is soonest done comes first.
            self._reached(looked_far(fresh, spans.far))
            self.far = tuple(spans.far)
            for each in () if self.findings else looked(fresh, spans.years):
                self.years.append(each.year)
                self.places += each.places
                self.findings = each.findings
                if (clock.monotonic() - begin).total_seconds() > seconds_most:
                    return
            if spans.longest and not self.findings:
                self._reached(looked_long(fresh, spans.longest))
                self.longest = spans.longest
        except (ShapeWrong, GuestFailed) as error:
            self.findings = (failing(fresh().name, error),)

    def _reached(self, reached: Reached) -> None:
        self.places += reached.places
        self.findings = reached.findings


def _fresh(target: str, index: int) -> Fresh:
    return lambda: subjects_of(loaded(target))[index]


def _fresh_at_bound(target: str, index: int, place: int) -> Fresh:
    return lambda: at_bounds(subjects_of(loaded(target))[index])[place]


def _timed(subject: Subject, market: BarColumns) -> Timing:
    clock = SystemClock()
    tail = market.cut(len(market) - min(len(market), subject.memory), len(market))

    def best(bars: BarColumns) -> float:
        spans = []
        for _ in range(_ROUNDS):
            begin = clock.monotonic()
            subject.answer(bars)
            spans.append((clock.monotonic() - begin).total_seconds())
        return min(spans)

    return Timing(history_ns=best(market) / len(market) * 1e9, live_ms=best(tail) * 1e3)
