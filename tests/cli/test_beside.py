"""The commands that look, beside a trader that really runs: none of them disturbs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import starting

START_SECONDS_MAX = 60.0

pytestmark = pytest.mark.slow


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A paper trader at sixty times the market's speed, past its second cycle."""
    data = tmp_path / "data"
    environment = {**os.environ, "TRADER247_DATA": str(data), "NO_COLOR": "1"}
    arguments = ("run", "--mode", "paper", "--speed", "60", "--seed", "7", "--json")
    trader = starting.begin(arguments, environ=environment)
    try:
        assert trader.stdout is not None
        deadline = time.monotonic() + START_SECONDS_MAX
        for line in trader.stdout:
            if json.loads(line)["cycle"] >= 2 or time.monotonic() > deadline:
                break
        yield data, trader
    finally:
        trader.kill()
        trader.communicate()


def answer(data: Path, *arguments: str) -> tuple[int, Any]:
    done = starting.run((*arguments, "--data", data, "--json"), environ=os.environ, seconds_max=60)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_running_trader_is_looked_at_from_all_sides_and_goes_on(
    running: tuple[Path, subprocess.Popen[str]],
) -> None:
    data, trader = running
    code, found = answer(data, "reconcile")
    assert (code, found["breaks"], found["read_only"]) == (0, [], True)
    code, found = answer(data, "risk", "status")
    assert (code, found["trading_state"]) == (0, "ACTIVE")
    code, found = answer(data, "smoke", "--venue", "sim")
    failed = [each for each in found["checks"] if each["result"] == "fail"]
    assert (code, found["passed"], failed) == (0, True, [])
    code, found = answer(data, "sim", "show", "accounts")
    assert (code, found["accounts"][0]["currency"]) == (0, "USD")

    assert trader.poll() is None
    trader.send_signal(signal.SIGTERM)
    _, said = trader.communicate(timeout=60)
    assert trader.returncode == 0, said
    code, found = answer(data, "reconcile")
    assert (code, found["breaks"], found["read_only"]) == (0, [], False)
