"""The kill switch and the guard with real processes: stopped, hanging, killed, in company."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from tests.system.traders import market_time, open_orders, orders, shell, trader, wait_for

from trader247.adapters.holder import LOCK
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.running.plan import Plan
from trader247.app.running.trading import cycle
from trader247.app.settings.location import SHIPPED
from trader247.domain.time import Instant

pytestmark = pytest.mark.slow

SEEN_WITHIN = 2.5
"""Seconds from the switch to its acknowledgement: one, and what a busy machine adds."""

ENDED_WITHIN = 10
"""Seconds from a folder that is gone to the end: one or two, and what a busy machine adds."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def resting(data: Path) -> Path:
    """A book on which an order rests, left there by a cycle."""
    for _ in range(90):
        cycle(Choice(SHIPPED, data, Mode.PAPER), Plan())
        if open_orders(data):
            return data
    pytest.fail("no order rested within the first hour and a half")


def is_clear(data: Path) -> bool:
    word = KillSwitch(data).acknowledgement()
    return word is not None and word.is_clear


def is_latched(data: Path) -> bool:
    done = shell("kill", "status", "--data", data, "--json")
    return bool(json.loads(done.stdout)["latched"])


def created(order: object) -> Instant:
    assert isinstance(order, dict)
    return Instant.parse(order["created_time"])


@pytest.mark.parametrize("speed", ["1", "60"])
def test_a_touched_file_stops_a_trader_within_a_second(speed: str, resting: Path) -> None:
    with trader(resting, "--speed", speed) as process:
        (resting / "KILL_SWITCH").touch()
        seconds = wait_for(lambda: is_clear(resting), process)
        assert open_orders(resting) == []
        assert seconds < SEEN_WITHIN

        known, moment = len(orders(resting)), market_time(resting)
        time.sleep(3)
        assert len(orders(resting)) == known
        assert all(created(order).us <= moment for order in orders(resting))
        assert market_time(resting) > moment or speed == "1"


def test_no_order_begins_after_the_switch_of_a_busy_trader(data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        wait_for((data / "heartbeat.json").exists, process)
        time.sleep(5)
        (data / "KILL_SWITCH").touch()
        moment = market_time(data)
        wait_for(lambda: is_clear(data), process)
        time.sleep(3)
        assert [order for order in orders(data) if created(order).us > moment] == []
        assert open_orders(data) == []


def test_on_is_proven_and_off_lets_the_trader_go_on(resting: Path) -> None:
    with trader(resting, "--speed", "60") as process:
        on = shell("kill", "on", "--reason", "looks odd", "--data", resting)
        assert on.returncode == 0, on.stdout
        assert f"process {process.pid}" in on.stdout
        assert "PROVEN" in on.stdout
        assert open_orders(resting) == []
        assert shell("kill", "on", "--data", resting).returncode == 0

        status = shell("kill", "status", "--data", resting, "--json")
        found = json.loads(status.stdout)
        assert status.returncode == 1
        assert found["latched"] is True
        assert found["acknowledged"]["pid"] == process.pid

        off = shell("kill", "off", "--data", resting)
        assert off.returncode == 0, off.stderr
        assert "nothing else halts trading" in off.stdout
        assert shell("kill", "status", "--data", resting).returncode == 0

        # Raised once more within the same wait, it is a new stop with a word of its own.
        assert shell("kill", "on", "--data", resting).returncode == 0


def test_deleting_the_file_resumes_nothing_neither_now_nor_after_a_restart(data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        (data / "KILL_SWITCH").touch()
        wait_for(lambda: is_clear(data), process)
        (data / "KILL_SWITCH").unlink()
        time.sleep(1)
        assert is_latched(data)
        # By hand again, without `kill off` between: it is answered again.
        assert shell("kill", "on", "--data", data).returncode == 0
        (data / "KILL_SWITCH").unlink()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert shell("cycle", "--data", data).returncode == 1
    assert is_latched(data)
    assert shell("kill", "off", "--data", data).returncode == 0
    assert not is_latched(data)
    assert shell("cycle", "--data", data).returncode == 0


def test_the_next_start_cancels_first(resting: Path) -> None:
    assert shell("kill", "on", "--data", resting).returncode == 0
    assert open_orders(resting)
    known = len(orders(resting))

    assert shell("cycle", "--data", resting).returncode == 1

    assert open_orders(resting) == []
    assert len(orders(resting)) == known


def test_a_stopped_process_proves_nothing_and_unlock_ends_it(data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        on = shell("kill", "on", "--data", data)
        assert on.returncode == 7
        assert "NOT PROVEN" in on.stdout
        assert 5 <= time.monotonic() - began < 9

        second = shell("run", "--data", data)
        assert second.returncode == 5
        forced = shell("unlock", "--force", "--yes", "--data", data)
        assert forced.returncode == 0, forced.stderr
        assert "was killed" in forced.stdout
        assert process.wait(5) == -signal.SIGKILL


def test_a_second_trader_on_the_folder_fails_at_once(data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        for arguments in (("run", "--cycles", 1), ("cycle",), ("run", "--fresh")):
            second = shell(*arguments, "--data", data)
            assert second.returncode == 5
            assert "ANOTHER INSTANCE IS ALREADY RUNNING" in second.stderr
            assert f"process {process.pid}" in second.stderr
            assert "order twice" in second.stderr
            assert "unlock" in second.stderr
        assert process.poll() is None

        refused = shell("unlock", "--data", data)
        assert refused.returncode == 1
        forced = shell("unlock", "--force", "--yes", "--data", data)
        assert forced.returncode == 0, forced.stderr
        assert "ended when asked" in forced.stdout
        assert process.wait(5) == 0
    assert shell("cycle", "--data", data).returncode == 0


@pytest.mark.parametrize("change", [{}, {"pid": os.getpid()}, {"host": "elsewhere.example"}])
def test_a_dead_holder_is_in_nobodys_way(change: dict[str, object], data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        process.kill()
        process.wait()
    path = data / "trader247.holder.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    released = shell("unlock", "--data", data)
    assert released.returncode == (1 if "host" in change else 0)
    assert path.exists() is ("host" in change)

    assert shell("cycle", "--data", data).returncode == 0
    assert not path.exists()


def test_the_wrong_folder_is_told_where_the_trader_runs(data: Path, tmp_path: Path) -> None:
    with trader(data, "--speed", "60") as process:
        on = shell("kill", "on", "--data", tmp_path / "wrong", "--json")
        assert on.returncode == 7
        (found,) = (each for each in json.loads(on.stdout)["running"] if each["pid"] == process.pid)
        assert found["data"] == str(data)
        assert found["book"] == "paper-sim"
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    again = shell("kill", "on", "--data", tmp_path / "wrong", "--json")
    assert process.pid not in [each["pid"] for each in json.loads(again.stdout)["running"]]


def test_a_pause_and_a_halt_go_through_the_running_trader(data: Path) -> None:
    with trader(data, "--speed", "60") as process:
        paused = shell("pause", "--reason", "lunch", "--data", data)
        assert paused.returncode == 0, paused.stderr
        assert f"process {process.pid}" in paused.stdout
        shown = shell("unlock", "--data", data)
        assert "HALT pause" in shown.stdout
        assert "lunch" in shown.stdout
        cleared = shell("unlock", "halt", "pause", "--reason", "back", "--data", data)
        assert cleared.returncode == 0, cleared.stderr
        assert "no halt is latched" in shell("unlock", "--data", data).stdout
        other = shell("pause", "--mode", "dry_run", "--data", data)
        assert other.returncode == 2


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody who keeps the database to themselves."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.close()


def no_bytes() -> None:
    """A disk that takes names and not one byte."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_the_switch_needs_neither_configuration_nor_database_nor_bytes(
    resting: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "app.yaml").write_text("mode: [broken")
    broken = {"TRADER247_CONFIG": str(config), "TRADER247_MODE": "nonsense"}
    path = resting / "KILL_SWITCH"

    on = shell("kill", "on", "--data", resting, environ=broken)
    assert (on.returncode, path.exists()) == (0, True)
    path.unlink()

    with locked(resting / "paper-sim.db"):
        assert shell("kill", "on", "--data", resting).returncode == 0
        assert path.exists()
        path.unlink()

    full = shell("kill", "on", "--reason", "x", "--data", resting, before=no_bytes)
    assert (full.returncode, path.exists(), path.stat().st_size) == (0, True, 0)
    assert "not its reason" in full.stderr
    path.unlink()

    journal = (resting / "paper-sim.db").read_bytes()
    (resting / "paper-sim.db").write_bytes(b"\0" * len(journal))
    assert shell("kill", "on", "--data", resting).returncode == 0
    assert path.exists()
    assert shell("kill", "status", "--data", resting).returncode == 1


def test_a_trader_whose_folder_is_replaced_by_a_copy_ends_and_writes_no_more(data: Path) -> None:
    """Its journal would grow in the one, and all that people look at and ask be in the other."""
    with trader(data, "--speed", "60") as process:
        wait_for((data / "heartbeat.json").exists, process)
        copy, old = data.with_name("copy"), data.with_name("old")
        shutil.copytree(data, copy)
        data.rename(old)
        copy.rename(data)
        assert process.wait(ENDED_WITHIN) == 8
    assert "is not the lock any more" in (data.parent / "run.out").read_text()


def test_a_trader_whose_folder_is_moved_ends_before_its_next_cycle(data: Path) -> None:
    """No switch stops it: it looks for one where the folder was."""
    with trader(data, "--interval", "3600") as process:
        wait_for((data / "heartbeat.json").exists, process)
        data.rename(data.with_name("moved"))
        assert process.wait(ENDED_WITHIN) == 8
    assert "is gone" in (data.parent / "run.out").read_text()


def test_a_trader_whose_lock_is_removed_ends(data: Path) -> None:
    """Nothing keeps a second start, or a journal that is restored, out of its folder any more."""
    with trader(data, "--interval", "3600") as process:
        wait_for((data / "heartbeat.json").exists, process)
        (data / LOCK).unlink()
        assert process.wait(ENDED_WITHIN) == 8
    assert "is gone" in (data.parent / "run.out").read_text()


def test_a_copy_of_a_traders_folder_is_not_well(data: Path) -> None:
    """Its files name a trader that lives, and a heartbeat of a moment ago."""
    with trader(data, "--speed", "60") as process:
        wait_for((data / "heartbeat.json").exists, process)
        copy = data.with_name("copy")
        shutil.copytree(data, copy)
        done = shell("health", "--data", copy, "--json")
        assert done.returncode == 1
        facts = {each["id"]: each for each in json.loads(done.stdout)["checks"]}
        assert not facts["trader"]["ok"], facts["trader"]
        assert "works on another folder" in facts["trader"]["detail"]
        assert shell("health", "--data", data).returncode == 0
