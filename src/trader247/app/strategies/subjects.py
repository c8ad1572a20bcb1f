"""What a module has to be checked: its signals, each as a function from bars to columns.

A strategy is a module with `Signal` classes, as the trader's own are, or with a function
`signals(bars)` that answers a column a name. A module is loaded anew for each use: what one use
remembers must not help another.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trader247.app.strategies.bars import BarColumns
from trader247.app.strategies.guests import GuestFailed, guest
from trader247.core.limits import number_of
from trader247.core.signals.columns import Columns
from trader247.core.signals.evaluate import evaluate
from trader247.core.signals.reading import read
from trader247.core.signals.signal import Signal
from trader247.core.signals.window import Window
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.money import Percent

Column = NDArray[Any]
Answer = Mapping[str, Column]
"""Columns by name, each as long as the bars."""

MEMORY_DEFAULT = 1441
"""The memory that a function is taken to have where its module does not say: a day and a bar."""
_ANY_SHARE = Percent.of(100)


@dataclass(frozen=True, slots=True)
class Subject:
    """One signal. `memory` is how many bars up to a bar its value may depend on.

    `setting` names the number that is another one than by itself; empty where none is.
    """

    name: str
    memory: int
    answer: Callable[[BarColumns], Answer]
    signal: Signal | None = None
    setting: str = ""


def subjects_of(module: ModuleType) -> tuple[Subject, ...]:
    """Every signal that a module defines itself.

    Raises:
        UsageError: there is none, or one that cannot be asked.
    """
    found = [
        _of_signal(_made(each))
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Signal)
        and each.__module__ == module.__name__
        and hasattr(each, "id")
    ]
    function = getattr(module, "signals", None)
    if callable(function):
        memory = int(getattr(module, "BARS_NEEDED", MEMORY_DEFAULT))
        found.append(Subject("signals", memory, _calling(function)))
    if not found:
        raise UsageError(
            f"{module.__file__} has no signal: no class of Signal and no function signals(bars)",
            hint="trader247 strategy new NAME writes a module that has one",
        )
    return tuple(found)


def at_bounds(subject: Subject) -> tuple[Subject, ...]:
    """The same signal with each of its numbers at the ends of what a policy may set it to.

    Numbers that its own class refuses are left out: a policy cannot have them either.

    Raises:
        UsageError: with one of them it cannot be asked.
    """
    signal = subject.signal
    if signal is None:
        return ()
    found = []
    for each in fields(signal):
        bound, own = each.metadata.get("bound"), getattr(signal, each.name)
        if bound is None or number_of(own) is None:
            continue
        for end in (bound.at_least, bound.at_most):
            if end is None or end == number_of(own):
                continue
            try:
                other = guest(partial(replace, signal, **{each.name: type(own)(end)}))
            except GuestFailed:
                continue
            found.append(replace(_of_signal(_asked(other)), setting=f"{each.name} {end}"))
    return tuple(found)


def _made(kind: type[Signal]) -> Signal:
    try:
        return _asked(guest(kind))
    except GuestFailed as error:
        raise UsageError(
            f"{kind.__name__} cannot be made without numbers: {error}",
            hint="give each of its fields a default: fall_pct: Percent = limit(...)",
        ) from error


def _asked(signal: Signal) -> Signal:
    memory = getattr(signal, "bars_needed", None)
    if type(memory) is not int or memory < 1:
        raise UsageError(
            f"{type(signal).__name__}.bars_needed is {memory!r}",
            hint="say how many bars, up to and with its own, a value depends on: 1 or more",
        )
    return signal


def loaded(target: str) -> ModuleType:
    """A module by its file or its dotted name, anew.

    Raises:
        UsageError: there is none, or it does not load.
    """
    file = file_of(target)
    if file is None:
        raise UsageError(
            f"there is no module {target}",
            hint="name a file, strategies/NAME.py, or a dotted name that Python can import",
        )
    name = f"strategy_{file.stem}"
    # A dataclass looks up its own module while it is made, and at no other time.
    before = sys.modules.get(name)
    try:
        return _executed(name, file)
    finally:
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before


def kept(file: Path, digest: str) -> ModuleType:
    """A module that stays, made once for each content of its file: what a policy decides by.

    Raises:
        UsageError: it does not load.
    """
    name = f"trader247_strategy_{file.stem}_{digest}"
    known = sys.modules.get(name)
    if known is not None:
        return known
    try:
        return _executed(name, file)
    except UsageError:
        sys.modules.pop(name, None)
        raise


def _executed(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None, "a Python file has a loader"
    assert spec.loader is not None, "a Python file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        guest(partial(spec.loader.exec_module, module))
    except GuestFailed as error:
        raise UsageError(f"{file} does not load: {error}", hint="run it with python") from error
    return module


def file_of(target: str) -> Path | None:
    """Where a module is; None where there is none that is Python."""
    path = Path(target)
    if target.endswith(".py") or path.exists():
        return path if path.is_file() and path.suffix == ".py" else None
    try:
        spec = importlib.util.find_spec(target)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def live_score(signal: Signal, bars: BarColumns) -> tuple[bool, bool, int]:
    """What a cycle reads at the newest bar: measured, triggered, and the score in billionths."""
    reading = guest(partial(read, signal, Window(bars.as_bars()), missing_max=_ANY_SHARE))
    return reading.is_measured, reading.is_triggered, int(reading.score * 10**9)


def _of_signal(signal: Signal) -> Subject:
    def answer(bars: BarColumns) -> Answer:
        columns = Columns(
            end=int(bars.minute[-1]),
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            filled=bars.filled,
        )
        found = guest(partial(evaluate, signal, columns, missing_max=_ANY_SHARE))
        shown = {
            "measured": found.is_measured,
            "triggered": found.is_triggered,
            "score": found.score,
            **dict(found.figures),
        }
        # Before there are enough bars, and where it is not triggered, a figure means nothing.
        return {name: np.where(found.is_measured, column, 0) for name, column in shown.items()}

    return Subject(signal.id, signal.bars_needed, answer, signal)


def _calling(function: Callable[[BarColumns], object]) -> Callable[[BarColumns], Answer]:
    def answer(bars: BarColumns) -> Answer:
        found = guest(partial(function, bars))
        columns = found if isinstance(found, Mapping) else {"signal": found}
        result: dict[str, Column] = {}
        for name, column in columns.items():
            values = np.asarray(column)
            if values.shape != (len(bars),):
                raise ShapeWrong(
                    f"{name} has the shape {values.shape} for {len(bars)} bars: one value a bar"
                )
            result[str(name)] = values
        return result

    return answer


class ShapeWrong(Exception):
    """A function did not answer one value a bar."""
