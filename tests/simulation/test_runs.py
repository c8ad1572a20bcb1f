"""A run follows from its seed alone, trades, and crashes without losing anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trader247.cli.commands.simulate import _faults
from trader247.simulation.mishaps.faults import FAULTS, STREAMS, Odds
from trader247.simulation.running import run_seed
from trader247.simulation.wanted import Wanted

pytestmark = pytest.mark.slow

DAY_US = 86_400_000_000
SHORT = "0.014"  # days: twenty minutes


def simulated(*arguments: str, cwd: Path, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "trader247", "simulate", "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
    )
    assert done.returncode in (0, 1), done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def test_the_same_seed_is_the_same_story_whatever_the_machine_is_set_to(tmp_path: Path) -> None:
    """One that listens to streams and dies, in this process with its garbage and in a new one."""
    arguments = ("--seeds", "0", "--days", SHORT)
    new = simulated(*arguments, cwd=tmp_path, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    here = run_seed(0, Wanted((0,), int(Decimal(SHORT) * DAY_US)))
    assert new["digests"] == {"0": here.digest}
    assert new["broken"] == []
    assert new["cycles"] >= 15
    assert new["crashes"] > 0
    peace_s = new["simulated_s"] - here.span_us // 1_000_000
    assert 570 <= peace_s < 900, "the time that passed is told, with the peace at its end"


def test_the_word_on_a_raised_switch_is_dated_by_the_clock_of_the_run() -> None:
    """It is told and hashed: dated by the machine's clock it was another one in each run."""
    wanted = Wanted((2,), 30 * 60_000_000)  # the word is given in its last minute
    assert run_seed(2, wanted).digest == run_seed(2, wanted).digest


def test_cron_calls_for_each_cycle_of_some_seeds_and_leaves_their_orders_to_the_next() -> None:
    chosen = [seed for seed in range(200) if Odds.drawn(seed).is_called]
    assert chosen == [5, 52, 99, 146, 193]
    called = run_seed(5, Wanted((5,), 30 * 60_000_000))
    assert called.broken == ()
    assert called.orders > 0
    assert called.faults["F48.cron"] > 20
    assert called.starts > called.faults["F48.cron"], "who runs on comes last"
    assert called.starts <= called.lived_us // 60_000_000 + 3


def test_who_asks_for_all_faults_has_those_of_streams_which_nobody_hears_who_is_called() -> None:
    chosen = _faults("all")
    assert chosen is not None
    assert chosen == frozenset(FAULTS) - {"F48.cron"}
    every = Odds.drawn(1, only=chosen)
    assert chosen >= STREAMS
    assert every.is_listening
    assert not every.is_called
