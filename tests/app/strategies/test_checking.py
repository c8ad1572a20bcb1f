"""What looks ahead is seen, whatever its disguise; what does not is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.app.strategies.planted import (
    BEYOND,
    BY_PRODUCT,
    BY_SETTING,
    DATED,
    FAILING,
    HEAD,
    HONEST,
    IMPURE,
    LEAKS,
    LEFT_BEHIND,
    REMEMBERED,
    UNSTABLE,
    module,
)

from trader247.app.strategies.bars import BarColumns
from trader247.app.strategies.beyond import FAR, LONGEST
from trader247.app.strategies.checking import Check, Fault, checked
from trader247.app.strategies.dates import YEARS
from trader247.app.strategies.looking import BY_ITSELF
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.domain.errors import UsageError

BARS = 1_500


def faults(folder: Path, text: str, years: Sequence[int] = YEARS[:1]) -> tuple[Check, set[Fault]]:
    path = folder / "mine.py"
    path.write_text(text)
    found = checked(str(path), bars=BARS, years=years, far=(), longest=0)
    return found, {each.fault for signal in found.signals for each in signal.findings}


def test_there_are_at_least_thirty_planted_leaks() -> None:
    assert len(LEAKS) + 1 >= 30


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(LEAKS[name]))
    assert Fault.LOOKS_AHEAD in kinds, found
    assert Fault.FAILS not in kinds, found


@pytest.mark.parametrize("memory", [61, 1_441])
@pytest.mark.parametrize("name", DATED)
def test_a_leak_that_shows_on_some_dates_alone_is_found(
    name: str, memory: int, tmp_path: Path
) -> None:
    text = module(DATED[name]).replace("BARS_NEEDED = 61", f"BARS_NEEDED = {memory}")
    found, kinds = faults(tmp_path, text, YEARS)
    assert kinds == {Fault.LOOKS_AHEAD}, found
    assert "on some dates" in found.signals[0].findings[0].text


@pytest.mark.parametrize(
    ("name", "memory"),
    [*((name, 61) for name in BEYOND), ("in_2041_alone", 1_441), ("past_600000_bars", 1_441)],
)
def test_a_leak_beyond_a_decade_and_beyond_a_years_bars_is_found(
    name: str, memory: int, tmp_path: Path
) -> None:
    body = f"{BEYOND[name]}; return np.where(rare, shifted(bars.close * 1.0, -1), bars.close)"
    path = tmp_path / "mine.py"
    path.write_text(module(body).replace("BARS_NEEDED = 61", f"BARS_NEEDED = {memory}"))
    found = checked(str(path), bars=BARS, years=YEARS[:1])
    kinds = {each.fault for signal in found.signals for each in signal.findings}
    assert kinds == {Fault.LOOKS_AHEAD}, found


def test_an_honest_signal_is_left_in_peace_in_every_year_and_at_every_length(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(module(HONEST["mean"]))
    (found,) = checked(str(path), bars=BARS, years=YEARS[:1]).signals
    assert found.is_sound
    assert found.far == FAR
    assert found.longest == LONGEST


def test_no_further_year_is_begun_after_its_time(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(module(HONEST["mean"]))
    assert (
        checked(str(path), bars=600, seconds_most=0, far=(), longest=0).signals[0].years
        == YEARS[:1]
    )
    every = checked(
        str(path), bars=600, years=YEARS[:2], seconds_most=0, is_every=True, far=(), longest=0
    )
    assert every.signals[0].years == YEARS[:2]


def test_what_its_text_refuses_is_refused_before_it_is_run_for_long(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    # A large file at each of the thousand answers: without a bound it takes for ever.
    path.write_text("import time\n" + module("time.sleep(0.1); return bars.close"))
    heard: list[str] = []
    asked: list[int] = []
    found = checked(
        str(path),
        bars=BARS,
        impure_seconds_most=0.5,
        on_refused=heard.extend,
        on_asked=lambda _name, count, _seconds: asked.append(count),
    )
    assert heard == list(found.impurities) == ["line 1 imports time"]
    assert not found.is_sound
    assert not found.signals[0].is_whole
    assert asked[-1] < 20


def test_of_a_slow_signal_no_whole_year_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(module(HONEST["mean"]))
    (found,) = checked(str(path), bars=600, seconds_most=0).signals
    assert found.is_sound
    assert found.far == FAR[:1]
    assert found.years == ()


def test_a_leak_shows_its_date(tmp_path: Path) -> None:
    found, _ = faults(tmp_path, module(DATED["a_leap_day"]))
    assert "Thursday 2024-02-29T" in found.signals[0].findings[0].text


def test_a_cache_that_remembers_the_future_is_found(tmp_path: Path) -> None:
    _, kinds = faults(tmp_path, HEAD + REMEMBERED)
    assert kinds & {Fault.LOOKS_AHEAD, Fault.NOT_PURE}


def test_a_cache_that_outlives_its_module_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BarColumns, "seen", {}, raising=False)
    found, kinds = faults(tmp_path, HEAD + LEFT_BEHIND)
    assert kinds == {Fault.LOOKS_AHEAD}, found
    assert "nothing has seen what comes" in found.signals[0].findings[0].text


@pytest.mark.parametrize("name", BY_PRODUCT)
def test_a_leak_that_shows_for_some_products_alone_is_found(name: str, tmp_path: Path) -> None:
    body = (
        f"x = np.append(bars.close[1:], bars.close[-1]); "
        f"return np.where({BY_PRODUCT[name]}, x, bars.close)"
    )
    found, kinds = faults(tmp_path, module(body))
    assert kinds == {Fault.LOOKS_AHEAD}, found


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_signal_is_left_in_peace(name: str, tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, module(HONEST[name]))
    assert kinds == set(), found
    assert found.is_sound
    assert found.signals[0].years == YEARS[:1]
    timing = found.signals[0].timing
    assert timing is not None
    assert timing.history_ns > 0


def test_what_differs_by_rounding_alone_is_told_so_and_what_to_do(tmp_path: Path) -> None:
    # A running sum of floats keeps what rounding left of bars that are gone: an honest signal.
    body = (
        "c = bars.close.astype(float); r = c / shifted(c, 1) - 1; r[0] = 0; "
        "return trailing_mean(r, 30)"
    )
    found, kinds = faults(tmp_path, module(body))
    assert kinds == {Fault.ROUNDS_OTHERWISE}, found
    (finding,) = found.signals[0].findings
    assert "by rounding alone" in finding.text
    assert finding.text.endswith(BY_ITSELF)


def test_what_is_told_to_be_done_is_sound_when_it_is_done(tmp_path: Path) -> None:
    # As it is written, over returns that are no whole numbers, and at a price that stands still.
    window = BY_ITSELF.partition("as in ")[2]
    body = (
        "c = bars.close.astype(float); values = c / shifted(c, 1) - 1; values[0] = 0; "
        "result = np.zeros(len(c)); "
        f"result[59:] = {window} if len(c) > 59 else []; return result"
    )
    found, kinds = faults(tmp_path, module(body))
    assert kinds == set(), found


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


def test_a_signal_within_its_memory_at_all_its_numbers_is_left_in_peace(tmp_path: Path) -> None:
    found, kinds = faults(tmp_path, BY_SETTING)
    assert kinds == set(), found


@pytest.mark.parametrize(
    ("bound", "wider", "fault"),
    [
        ("at_most=0", "at_most=3", Fault.LOOKS_AHEAD),
        ("at_most=119", "at_most=150", Fault.LOOKS_AHEAD),
        ("at_most=119", "at_most=600", Fault.FAILS),
    ],
)
def test_what_a_policy_may_set_is_checked_too(
    bound: str, wider: str, fault: Fault, tmp_path: Path
) -> None:
    found, kinds = faults(tmp_path, BY_SETTING.replace(bound, wider))
    assert fault in kinds, found
    assert not found.is_sound
    texts = [each.text for signal in found.signals for each in signal.findings]
    name = "ahead" if "=0" in bound else "minutes"
    number = wider.removeprefix("at_most=")
    assert all(text.startswith(f"with {name} {number}: ") for text in texts), texts


def test_numbers_that_a_signal_refuses_itself_are_no_fault_of_it(tmp_path: Path) -> None:
    refusing = BY_SETTING.replace("at_most=119", "at_most=600").replace(
        "    def measure",
        "    def __post_init__(self):\n"
        "        if self.minutes > 119:\n"
        "            raise ValueError('more than it remembers')\n\n"
        "    def measure",
    )
    found, kinds = faults(tmp_path, refusing)
    assert kinds == set(), found


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("bars_needed = 120", "bars_needed = 0"),
        ("bars_needed = 120", "bars_needed = -5"),
        ("bars_needed = 120", "bars_needed = 'all'"),
        ("    bars_needed = 120", "    pass"),
        (
            'minutes: int = limit(60, unit="min", at_least=1, at_most=119, doc="how far back")',
            "x: int",
        ),
    ],
)
def test_a_signal_that_cannot_be_asked_is_not_passed_over(
    given: str, instead: str, tmp_path: Path
) -> None:
    assert given in BY_SETTING
    path = tmp_path / "mine.py"
    path.write_text(
        BY_SETTING.replace(given, instead) + "\n\ndef signals(bars): return bars.close\n"
    )
    with pytest.raises(UsageError, match="Mine") as refused:
        checked(str(path), bars=BARS, years=(), far=(), longest=0)
    assert refused.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from random import random",
        "open('f').close()",
        "read = open",
        "import builtins",
        "import gzip",
        "import csv",
        "import sys",
        "import gc",
        "import importlib",
        "import sqlite3 as s",
        "from pyarrow import csv",
        "from trader247.adapters.files import read_small",
        "from . import levels",
        "x = np.genfromtxt",
        "x = np.fromfile",
        "x = np.memmap",
        "x = np.lib.format.open_memmap",
        "x = np.datetime64('now')",
        "x = np.datetime64('today', 'D')",
        "x = np.random.normal(size=3)",
        "import datetime; now = datetime.datetime.now",
        "import datetime; x = datetime.date.today()",
        "np.levels = {}",
        "np.__dict__.setdefault('levels', {})",
        "setattr(np, 'levels', {})",
        "object.__setattr__(np, 'levels', {})",
        "x = getattr(np, 'lo' + 'ad')",
        "x = getattr(np, 'load')",
        "import datetime; x = getattr(datetime.datetime, 'n' + 'ow')",
        "vars(np)['levels'] = {}",
    ],
)
def test_clocks_dice_and_files_are_seen_in_the_text(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if line.startswith("from ."):
        # There is no such folder: it is read, and cannot run.
        from trader247.app.strategies.reading_source import impurities

        path = tmp_path / "mine.py"
        path.write_text(line)
        assert impurities(path) == ("line 1 imports .",)
        return
    monkeypatch.delattr(np, "levels", raising=False)
    path = tmp_path / "mine.py"
    (tmp_path / "f").write_text("")
    text = "import numpy as np\n" + line.replace("'f'", repr(str(tmp_path / "f")))
    path.write_text(text + "\n" + module(HONEST["mean"]))
    found = checked(str(path), bars=BARS, years=(), far=(), longest=0)
    assert found.impurities
    assert not found.is_sound


@pytest.mark.parametrize(
    "line",
    [
        "import math, decimal, datetime, functools, itertools, statistics",
        "from collections import deque",
        "from dataclasses import dataclass as d, field",
        "from trader247.core.signals.signal import Signal",
        "from trader247.domain.money import Price",
        "def ranges(open, high): return high - open",
        "import datetime; when = datetime.datetime(2024, 1, 1)",
        "def column(bars, name): return getattr(bars, name)",
        "import math; x = getattr(math, 'cbrt', None)",
    ],
)
def test_what_only_computes_is_no_impurity(line: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(line + "\n" + module(HONEST["mean"]))
    assert checked(str(path), bars=BARS, years=(), far=(), longest=0).impurities == ()


@pytest.mark.parametrize("body", ["raise SystemExit", "raise SystemExit(0)"])
def test_a_strategy_that_ends_the_process_is_not_sound(body: str, tmp_path: Path) -> None:
    _, kinds = faults(tmp_path, module(body))
    assert kinds == {Fault.FAILS}
    path = tmp_path / "mine.py"
    path.write_text(f"{body}\n")
    with pytest.raises(UsageError, match="does not load"):
        checked(str(path))


def test_the_open_of_a_bar_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        module("open = bars.open; return np.where(open > 0, trailing_mean(bars.close, 5), open)")
    )
    assert checked(str(path), bars=BARS, years=(), far=(), longest=0).is_sound


@pytest.mark.parametrize("signal", ALL_SIGNALS, ids=lambda each: each.id)
def test_the_shipped_signals_do_not_look_ahead(signal: type) -> None:
    found = checked(signal.__module__, bars=BARS, years=YEARS[:1])
    assert found.is_sound, found
    assert found.signals[0].places > 365
    assert [each.signal for each in found.signals] == [signal.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["nowhere.py", "no.such.module", "trader247.domain.time", "x y"])
def test_what_is_no_strategy_is_refused(target: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(target)
    assert refused.value.hint


def test_too_little_memory_says_nothing_of_a_signal(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(module("raise MemoryError"))
    with pytest.raises(MemoryError):
        checked(str(path), bars=BARS, years=YEARS[:1], far=(), longest=0)
