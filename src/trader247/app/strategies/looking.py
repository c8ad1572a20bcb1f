"""Whether a signal looks ahead: its value at t, from data up to t and from all data, bit by bit.

Seven ways to see it, since each alone can be fooled: the data ends at t, before anything has seen
the rest; it ends at t; it goes on otherwise after t; it begins later (a memory that never ends);
the same data twice (something besides the data); and, where nothing was found so far, its memory
alone at as many bars as can be asked about, and products of quite other prices and volumes. What is
cut is answered by modules that have never seen the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

import numpy as np

from trader247.app.strategies.bars import BarColumns, other_products, with_another_future
from trader247.app.strategies.guests import GuestFailed
from trader247.app.strategies.subjects import Answer, Column, ShapeWrong, Subject, live_score
from trader247.domain.dataclass import dataclass

_CLOSE_ENOUGH = 1e-9
FUTURES = 12
BEGINNINGS = 8
EARLY = 12
"""Cuts that are asked about before anything in this process has seen what follows them."""
ELSEWHERE = 24
"""Cuts of each other product's data."""


BY_ITSELF = (
    "reckon each window by itself, as in "
    "np.lib.stride_tricks.sliding_window_view(values, 60).std(axis=1)"
)
"""What to write instead of a sum that runs on. Rounding it helps little: where a deviation is none,
the root of what rounding left is a billionth."""
BY_ROUNDING = (
    "by rounding alone: a sum that runs on, like that of pandas' rolling(), keeps what rounding "
    f"left of bars that are gone; {BY_ITSELF}"
)
"""Of a value that is the same but for its last digits, which a limit on it may turn on."""


class Fault(Enum):
    """What is wrong with a signal."""

    LOOKS_AHEAD = "looks ahead"
    ROUNDS_OTHERWISE = "rounds otherwise"
    UNSTABLE = "unstable recursion"
    NOT_PURE = "not pure"
    FAILS = "fails"
    UNLIKE_LIVE = "unlike live"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, once: where it showed first, and with which values."""

    fault: Fault
    signal: str
    text: str


Fresh = Callable[[], Subject]
"""The same signal from a module that has seen nothing yet."""


def findings(
    fresh: Fresh, bars: BarColumns, positions: Sequence[int], ends: Sequence[int]
) -> Iterator[Finding]:
    """All that is wrong with one signal.

    `positions` are where its data is cut, `ends` where it is asked with its memory alone; in order.
    """
    subject = fresh()
    name, memory = subject.name, subject.memory
    try:
        # What a module leaves behind, in a library or in a class of ours, it finds again when it is
        # loaded anew: it must have nothing to leave yet.
        early = [
            (at, fresh().answer(bars.cut(0, at + 1)))
            for at in positions[:: max(1, len(positions) // EARLY)]
        ]
        whole = subject.answer(bars)
        is_sound = True
        for found in (
            _first(_asked_early(name, bars, whole, early)),
            _same_twice(name, whole, fresh().answer(bars), subject.answer(bars)),
            _first(_cut(fresh(), bars, whole, positions)),
            _first(_other_futures(fresh(), bars, whole, positions)),
            _first(_later_beginnings(fresh(), bars, whole, memory)),
        ):
            for each in found:
                is_sound = False
                yield each
        if is_sound:
            for found in (
                _first(_windows(fresh(), bars, whole, ends)),
                _first(_elsewhere(fresh, bars, positions)),
            ):
                for each in found:
                    yield each
                    is_sound = False
                if not is_sound:
                    break
        if subject.signal is not None:
            yield from _first(_as_live(fresh(), bars, whole, positions))
    except (ShapeWrong, GuestFailed) as error:
        yield failing(name, error)


def failing(name: str, error: ShapeWrong | GuestFailed) -> Finding:
    """What a signal is to be told that gave no answer."""
    if isinstance(error, GuestFailed) and error.is_writing:
        return Finding(Fault.NOT_PURE, name, "it writes into the bars that it is given")
    return Finding(Fault.FAILS, name, str(error))


def _first(found: Iterator[Finding]) -> Iterator[Finding]:
    """The first of each kind: one leak shows at a thousand bars."""
    seen: set[tuple[Fault, str]] = set()
    for each in found:
        if (each.fault, each.signal) not in seen:
            seen.add((each.fault, each.signal))
            yield each


def _same_twice(name: str, *answers: Answer) -> Iterator[Finding]:
    first = answers[0]
    for other in answers[1:]:
        for column, values in first.items():
            if column not in other or first_unlike(values, other[column]) is not None:
                text = f"{column}: the same bars give another value the next time"
                yield Finding(Fault.NOT_PURE, name, text)
                return


def _cut(
    subject: Subject, bars: BarColumns, whole: Answer, positions: Sequence[int]
) -> Iterator[Finding]:
    for at in positions:
        part = subject.answer(bars.cut(0, at + 1))
        found = tuple(
            _held(subject.name, bars, whole=whole, part=part, at=at, when="the data ends")
        )
        yield from found
        if any(each.fault is Fault.LOOKS_AHEAD for each in found):
            return  # there is nothing worse to be found at the other bars


def _asked_early(
    name: str, bars: BarColumns, whole: Answer, early: Sequence[tuple[int, Answer]]
) -> Iterator[Finding]:
    when = "nothing has seen what comes"
    for at, part in early:
        yield from _held(name, bars, whole=whole, part=part, at=at, when=when)


def _elsewhere(fresh: Fresh, bars: BarColumns, positions: Sequence[int]) -> Iterator[Finding]:
    """Whether it looks ahead where prices, volumes or holes are of another size."""
    for product, other in other_products(bars):
        whole = fresh().answer(other)
        cut = fresh()
        for at in positions[:: max(1, len(positions) // ELSEWHERE)]:
            part = cut.answer(other.cut(0, at + 1))
            when = f"the data of {product} ends"
            for each in _held(cut.name, other, whole=whole, part=part, at=at, when=when):
                if each.fault is Fault.LOOKS_AHEAD:
                    yield each
                    return


def _other_futures(
    subject: Subject, bars: BarColumns, whole: Answer, positions: Sequence[int]
) -> Iterator[Finding]:
    step = max(1, len(positions) // FUTURES)
    for at in positions[::step]:
        if at < len(bars) - 1:
            part = subject.answer(with_another_future(bars, at))
            yield from _held(
                subject.name, bars, whole=whole, part=part, at=at, when="the future is another"
            )


def _held(
    name: str, bars: BarColumns, *, whole: Answer, part: Answer, at: int, when: str
) -> Iterator[Finding]:
    for column, values in whole.items():
        if column not in part:
            yield Finding(
                Fault.LOOKS_AHEAD, name, f"{column} is not there when {when}, at bar {at}"
            )
            continue
        found, is_alike = _worst(values[: at + 1], part[column][: at + 1])
        if found is None:
            continue
        fault = Fault.ROUNDS_OTHERWISE if is_alike else Fault.LOOKS_AHEAD
        behind = at - found
        text = (
            f"{column} at bar {found} (minute {bars.minute[found]}) is {told(values[found])} from "
            f"all data and {told(part[column][found])} when {when} {_behind(behind)}"
            + (f": {BY_ROUNDING}" if is_alike else "")
        )
        yield Finding(fault, name, text)


def _later_beginnings(
    subject: Subject, bars: BarColumns, whole: Answer, memory: int
) -> Iterator[Finding]:
    room = len(bars) - memory
    for begin in np.unique(np.linspace(1, max(room - 1, 1), BEGINNINGS).astype(int)).tolist():
        if begin + memory > len(bars):
            continue
        part = subject.answer(bars.cut(begin, len(bars)))
        for column, values in whole.items():
            late = values[begin + memory - 1 :]
            found, is_alike = _worst(late, part[column][memory - 1 :])
            if found is None:
                continue
            at = begin + memory - 1 + found
            if is_alike:
                text = f"{column} at bar {at} is another with less behind it, {BY_ROUNDING}"
                yield Finding(Fault.ROUNDS_OTHERWISE, subject.name, text)
                continue
            text = (
                f"{column} at bar {at} is {told(values[at])} with {at + 1} bars behind it and "
                f"{told(part[column][at - begin])} with {at - begin + 1}: it remembers more than "
                f"its {memory} bars; {_settles(late, part[column][memory - 1 :], memory)}; "
                f"{BY_ITSELF}"
            )
            yield Finding(Fault.UNSTABLE, subject.name, text)


def _windows(
    subject: Subject, bars: BarColumns, whole: Answer, ends: Sequence[int]
) -> Iterator[Finding]:
    for at in ends:
        part = subject.answer(bars.cut(max(0, at + 1 - subject.memory), at + 1))
        for column, values in whole.items():
            own = part.get(column, values[:0])[-1:]
            if first_unlike(values[at : at + 1], own) is None:
                continue
            # Less behind it, or nothing ahead of it: which of the two makes it another?
            part = subject.answer(bars.cut(0, at + 1))
            when = "the data ends"
            ahead = tuple(_held(subject.name, bars, whole=whole, part=part, at=at, when=when))
            if not ahead and len(own) and is_rounding(values[at], own[0]):
                text = f"{column} at bar {at} is another with less behind it, {BY_ROUNDING}"
                ahead = (Finding(Fault.ROUNDS_OTHERWISE, subject.name, text),)
            elif not ahead:
                text = (
                    f"{column} at bar {at} remembers more than its {subject.memory} bars; "
                    f"{BY_ITSELF}"
                )
                ahead = (Finding(Fault.UNSTABLE, subject.name, text),)
            yield from ahead
            return


def _as_live(
    subject: Subject, bars: BarColumns, whole: Answer, positions: Sequence[int]
) -> Iterator[Finding]:
    assert subject.signal is not None, "only a Signal is read live"
    for at in positions[:: max(1, len(positions) // 40)]:
        live = live_score(subject.signal, bars.cut(max(0, at + 1 - subject.memory), at + 1))
        column = (
            bool(whole["measured"][at]),
            bool(whole["triggered"][at]),
            int(whole["score"][at]),
        )
        if live != column:
            text = f"at bar {at} a cycle reads {live} and a backtest {column}"
            yield Finding(Fault.UNLIKE_LIVE, subject.name, text)


def _worst(first: Column, second: Column) -> tuple[int | None, bool]:
    """Where two columns differ by more than rounding, first; else where they differ at all."""
    found = _differing(first, second)
    for at in found:
        if not is_rounding(first[at], second[at]):
            return at, False
    return (found[0], True) if found else (None, False)


def first_unlike(first: Column, second: Column) -> int | None:
    """Where two columns differ in a bit, first."""
    return next(iter(_differing(first, second)), None)


def _differing(first: Column, second: Column) -> list[int]:
    """Where two columns differ in a bit; two unknowns are alike."""
    if len(first) != len(second):
        return [min(len(first), len(second), max(len(first), len(second)) - 1)]
    different = first != second
    if first.dtype.kind == "f" and second.dtype.kind == "f":
        different &= ~(np.isnan(first) & np.isnan(second))
        # Equal numbers of unlike bits: a zero below and one above.
        different |= (first == second) & (np.signbit(first) != np.signbit(second))
    return np.flatnonzero(different).tolist()


def is_rounding(first: object, second: object) -> bool:
    """Whether two values are the same but for their last digits."""
    try:
        a, b = float(first), float(second)  # type: ignore[arg-type] # may raise
    except (TypeError, ValueError):
        return False
    if not (np.isfinite(a) and np.isfinite(b)):
        return False
    return abs(a - b) <= _CLOSE_ENOUGH * max(abs(a), abs(b))


def _settles(whole: Column, part: Column, memory: int) -> str:
    different = np.flatnonzero(whole != part)
    if not len(different) or different[-1] >= len(whole) - 1:
        return "it never forgets"
    return f"it needs {memory + int(different[-1]) + 1}"


def _behind(bars: int) -> str:
    return "right after it" if bars == 0 else f"{bars} bar{'s' * (bars != 1)} after it"


def told(value: object) -> str:
    """A value, to twelve digits."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
