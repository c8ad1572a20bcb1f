"""`kill on` beside a trader that runs LIVE, as a rehearsal: stopped by a signal, then dead."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests import starting
from tests.killing.test_kill_at_venue import FINAL, kill
from tests.live.rehearsal import ACCOUNT, Rehearsal, client_of, rehearsing

from trader247.adapters.emergency import EMERGENCY
from trader247.app.granting import arming
from trader247.app.monitoring.monitor import Monitor
from trader247.domain.money import Money

pytestmark = pytest.mark.slow
SECONDS_MAX = 90


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsing(tmp_path_factory.mktemp("rehearsal")) as running:
        arming.arm(running.choice, lambda _: ACCOUNT)
        yield running


def live(rehearsal: Rehearsal) -> int:
    listed = client_of(rehearsal).list_orders(limit=1000).orders
    return len([each for each in listed if each.status not in FINAL])


def place(rehearsal: Rehearsal, count: int) -> None:
    """Orders under our name that the trader may have sent."""
    for _ in range(count):
        name = f"t247-abcdef-1-{uuid4()}"
        placed = client_of(rehearsal).limit_order_gtc_buy(name, "BTC-USD", "0.0004", "20000.00")
        assert placed.success, placed.to_dict()


@pytest.fixture
def trader(rehearsal: Rehearsal, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`trader247 run` in LIVE, in a process of its own, once it has begun."""
    told = tmp_path / "told"
    with told.open("w") as file:
        process = starting.begin(
            ["run", "--mode", "live", "--venue", "sim",
             "--speed", "60", "--data", rehearsal.data, "--config", rehearsal.config],
            stdout=file, stderr=file,
            environ={key: each for key, each in os.environ.items() if "TRADER247" not in key},
        )  # fmt: skip
    end = time.monotonic() + SECONDS_MAX
    heartbeat = rehearsal.data / "heartbeat.json"
    heartbeat.unlink(missing_ok=True)
    while not heartbeat.exists():
        assert process.poll() is None, told.read_text()
        assert time.monotonic() < end, told.read_text()
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait(SECONDS_MAX)


def test_from_a_copy_of_the_folder_nobody_is_told_that_the_trader_was_stopped(
    rehearsal: Rehearsal, trader: subprocess.Popen[str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(rehearsal.data, copy)
    killed = kill(copy)
    assert (killed.code, killed.body["proof"]) == (7, "elsewhere"), killed.body
    assert killed.body["trader"] is None
    assert [(each["pid"], each["data"]) for each in killed.body["running"]] == [
        (trader.pid, str(rehearsal.data))
    ]
    assert trader.poll() is None


def test_a_live_trader_that_is_stopped_cannot_keep_its_orders(
    rehearsal: Rehearsal, trader: subprocess.Popen[str]
) -> None:
    left = json.loads((rehearsal.data / EMERGENCY).read_bytes())
    assert (left["book"], left["pid"]) == ("live-sim", trader.pid)
    assert left["portfolio"]
    trader.send_signal(signal.SIGSTOP)
    place(rehearsal, 3)
    # It keeps the simulation's time and not the machine's: what rests was created months ago.
    judged = Monitor(rehearsal.choice, limits=None).look().judged
    assert judged is not None
    assert judged.at_risk == Money.of(3 * 8), "an open buy is at risk at its limit"
    killed = kill(rehearsal.data)
    assert (killed.code, killed.body["proof"]) == (0, "venue"), killed.body
    assert killed.venue["portfolio"] == left["portfolio"]
    assert (killed.venue["found"], live(rehearsal)) == (3, 0)
    assert killed.body["trader"]["pid"] == trader.pid


def test_a_dead_ones_database_may_be_in_ruins(rehearsal: Rehearsal) -> None:
    place(rehearsal, 2)
    rehearsal.places.journal.write_bytes(b"nothing of a database")
    killed = kill(rehearsal.data)
    assert (killed.code, killed.body["proof"]) == (0, "venue"), killed.body
    assert (killed.venue["found"], live(rehearsal)) == (2, 0)
