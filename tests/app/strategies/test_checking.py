"""What looks ahead is seen, whatever its disguise; what does not is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.strategies.planted import (
    FAILING,
    HEAD,
    HONEST,
    IMPURE,
    LEAKS,
    REMEMBERED,
    UNSTABLE,
    module,
)

from trader247.app.strategies.checking import Check, Fault, checked
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.domain.errors import UsageError

BARS = 1_500


def faults(folder: Path, text: str) -> tuple[Check, set[Fault]]:
    path = folder / "mine.py"
    path.write_text(text)
    found = checked(str(path), bars=BARS)
    return found, {each.fault for signal in found.signals for each in signal.findings}


def test_there_are_at_least_thirty_planted_leaks() -> None:
    assert len(LEAKS) + 1 >= 30


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(LEAKS[name]))
    assert Fault.LOOKS_AHEAD in kinds, found
    assert Fault.FAILS not in kinds, found


def test_a_cache_that_remembers_the_future_is_found(tmp_path: Path) -> None:
    _, kinds = faults(tmp_path, HEAD + REMEMBERED)
    assert kinds & {Fault.LOOKS_AHEAD, Fault.NOT_PURE}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_signal_is_left_in_peace(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(HONEST[name]))
    assert kinds == set(), found
    assert found.is_sound
    timing = found.signals[0].timing
    assert timing is not None
    assert timing.history_ns > 0


@pytest.mark.parametrize("name", UNSTABLE)
def test_a_memory_without_end_is_found(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(UNSTABLE[name]))
    assert Fault.UNSTABLE in kinds, found
    assert Fault.LOOKS_AHEAD not in kinds, found


@pytest.mark.parametrize("name", IMPURE)
def test_what_is_no_function_of_its_bars_is_found(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(IMPURE[name]))
    assert Fault.NOT_PURE in kinds, found


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_is_told_and_not_raised(name: str, tmp_path: Path) -> None:
    _, kinds = faults(tmp_path, module(FAILING[name]))
    assert kinds == {Fault.FAILS}


@pytest.mark.parametrize("line", ["import time", "from random import random", "open('f').close()"])
def test_clocks_dice_and_files_are_seen_in_the_text(line: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    (tmp_path / "f").write_text("")
    path.write_text(line.replace("'f'", repr(str(tmp_path / "f"))) + "\n" + module(HONEST["mean"]))
    found = checked(str(path), bars=BARS)
    assert found.impurities
    assert not found.is_sound


@pytest.mark.parametrize("signal", ALL_SIGNALS, ids=lambda each: each.id)
def test_the_shipped_signals_do_not_look_ahead(signal: type) -> None:
    found = checked(signal.__module__, bars=BARS)
    assert found.is_sound, found
    assert [each.signal for each in found.signals] == [signal.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["nowhere.py", "no.such.module", "trader247.domain.time", "x y"])
def test_what_is_no_strategy_is_refused(target: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(target)
    assert refused.value.hint
