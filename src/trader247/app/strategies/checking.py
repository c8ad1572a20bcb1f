"""A strategy's module, checked before any of its figures is believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from trader247.adapters.clock import SystemClock
from trader247.app.strategies.bars import BarColumns, telling_market
from trader247.app.strategies.beyond import FAR, LONGEST, Reached, looked_far, looked_long
from trader247.app.strategies.cuts import cuts, window_ends
from trader247.app.strategies.dates import YEARS, looked
from trader247.app.strategies.guests import GuestFailed
from trader247.app.strategies.looking import Fault, Finding, Fresh, failing, findings
from trader247.app.strategies.patience import Asked, OutOfTime, Patience
from trader247.app.strategies.reading_source import impurities_of
from trader247.app.strategies.subjects import ShapeWrong, Subject, at_bounds, loaded, subjects_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError

__all__ = ["Fault", "Finding"]

BARS_DEFAULT = 4_320
"""Three days of minutes: every hour of the day, and a signal of a day's memory twice over."""
BARS_MOST = 200_000
SECONDS_MOST = 60
"""After so long no further year is begun, unless every bar is asked for."""
IMPURE_SECONDS_MOST = 15
"""So long a module is looked at that its text alone refuses, unless every bar is asked for."""
_ROUNDS = 3

Unseen = Callable[[str], None]


def _unheard(_name: str, _asked: int, _seconds: float) -> None:
    """Nobody is told how far it has come."""


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
    something was found before. `is_whole` is unset where its time was over before its three days
    were looked at.
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
    is_whole: bool = True

    @property
    def is_sound(self) -> bool:
        return self.is_whole and not self.findings


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
    impure_seconds_most: float = IMPURE_SECONDS_MOST,
    on_signal: Unseen = lambda _: None,
    on_refused: Callable[[Sequence[str]], None] = lambda _: None,
    on_asked: Asked = _unheard,
) -> Check:
    """Check every signal of a module.

    Its text is read first. What that refuses is told to `on_refused` before any of it is run,
    and is looked at on three days alone, for `impure_seconds_most` in all: it may read a large
    file whenever it is asked.

    With `is_every` the data is cut at every bar, else at enough of them. A class of Signal is
    checked at its own numbers, and with each of them at the ends of what a policy may set it to;
    what is sound on three days is asked of the dates of these `years`, of some days of the `far`
    ones and of one history of `longest` bars, at its own numbers. Without `is_every` no further
    year is begun after `seconds_most`. `on_asked` is told each answer: of which signal, how many
    there were, and the seconds since it began.

    Raises:
        UsageError: there is no such module, it does not load, or it has no signal.
    """
    unpure = impurities_of(target)
    if unpure:
        on_refused(unpure)
    limit = math.inf if is_every else seconds_most
    most = math.inf if is_every or not unpure else impure_seconds_most
    subjects = subjects_of(loaded(target))
    found = []
    for index, subject in enumerate(subjects):
        on_signal(subject.name)
        patience = Patience(subject.name, most / len(subjects), on_asked)
        fresh = patience.of(_fresh(target, index))
        look = _Look()
        market = look.at(fresh, bars, is_every=is_every)
        if not look.findings and not unpure:
            # What is wrong by itself is wrong at other numbers too, and told once.
            for place in range(len(at_bounds(subject))):
                look.at(patience.of(_fresh_at_bound(target, index, place)), bars)
        faults = tuple(look.findings)
        spread = _Spread()
        if not faults and not unpure:
            spread.look(fresh, Spans(years, far, longest), limit)
            faults = spread.findings
        timing = None
        if not unpure and not any(each.fault in (Fault.FAILS, Fault.NOT_PURE) for each in faults):
            timing = _timed(fresh(), market)
        found.append(
            Checked(
                signal=subject.name,
                memory=subject.memory,
                cuts=look.cuts,
                years=tuple(spread.years),
                far=tuple(spread.far),
                longest=spread.longest,
                places=spread.places,
                findings=faults,
                timing=timing,
                is_whole=look.is_whole,
            )
        )
    return Check(target, bars, tuple(found), unpure)


class _Look:
    """How often a signal's data was cut on three days, what was found, and whether that was all."""

    def __init__(self) -> None:
        self.cuts = 0
        self.findings: list[Finding] = []
        self.is_whole = True

    def at(self, fresh: Fresh, bars: int, *, is_every: bool = False) -> BarColumns:
        """Look at it, and answer the market that it was shown."""
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
        said = f"with {subject.setting}: " if subject.setting else ""
        try:
            for each in findings(fresh, market, positions, ends):
                self.findings.append(replace(each, text=f"{said}{each.text}"))
            self.cuts += len(positions) + len(ends)
        except OutOfTime:
            self.is_whole = False
        return market


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

        def is_over() -> bool:
            return (clock.monotonic() - begin).total_seconds() > seconds_most

        try:
            # What is soonest done comes first; what is slow even there is not asked of whole years.
            for year, reached in looked_far(fresh, spans.far):
                self._reached(reached)
                self.far += (year,)
                if is_over():
                    return
            for each in () if self.findings else looked(fresh, spans.years):
                self.years.append(each.year)
                self.places += each.places
                self.findings = each.findings
                if is_over():
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
