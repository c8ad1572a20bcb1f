"""Asked to end: by Ctrl-C, by a service manager, at any moment, more than once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from tests.system import outsider
from tests.system.program import SECONDS_MAX, begun, trader247

from trader247.adapters.instance_guard import InstanceGuard

pytestmark = pytest.mark.slow

LIVE = (
    "SELECT count(*) FROM orders WHERE status = 'OPEN'"
    " AND configuration NOT LIKE '%stop_limit_stop_limit_gtd%'"
)
"""Those that should not outlive a run: a position's stop does, to its own end."""
LAST = "SELECT kind FROM events WHERE kind LIKE 'session_%' ORDER BY seq DESC LIMIT 1"


def wait_until_it_listens(pid: int) -> None:
    """Python itself, before it reaches our first line, obeys nobody."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(1)  # no such file on this system: long enough, but for a busy machine
        return
    caught, ends = 0, time.monotonic() + SECONDS_MAX
    while not caught & 1 << (signal.SIGTERM - 1):
        assert time.monotonic() < ends, f"process {pid} does not listen"
        time.sleep(0.005)
        line = next(each for each in status.read_text().splitlines() if each.startswith("SigCgt"))
        caught = int(line.split()[1], base=16)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_asked_to_end_leaves_stops_alone_and_a_closed_session(
    book: Path, number: int
) -> None:
    process = begun("run", "--data", book, "--speed", "600", "--interval", 30)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(number)
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 0, said
    assert "ended: asked to end by" in said
    assert outsider.rows(book / "paper-sim.exchange.db", LIVE) == [(0,)]
    assert outsider.rows(book / "paper-sim.db", LAST) == [("session_ended",)]
    assert outsider.disagreements(book) == []


def test_a_run_asked_to_end_at_any_moment_exits_with_0(book: Path) -> None:
    random = Random(4)
    for turn in range(6):
        process = begun("run", "--data", book, "--speed", "max", "--interval", 30)
        wait_until_it_listens(process.pid)
        time.sleep(random.uniform(0, 1.5))
        number = (signal.SIGTERM, signal.SIGINT)[turn % 2]
        process.send_signal(number)
        if turn % 3 == 0:
            time.sleep(random.uniform(0, 0.1))
            process.send_signal(number)
        said = process.communicate(timeout=30)[1]
        assert "Traceback" not in said
        assert process.returncode == 0, said
        assert outsider.rows(book / "paper-sim.exchange.db", LIVE) == [(0,)]
    assert trader247("reconcile", "--data", book).code == 0


INTERRUPTED_WHILE_IT_LOADS = """
from trader247.app.running.ending import Ending, signals_to
try:
    with signals_to(Ending().ask):
        exec("import os, signal; os.kill(os.getpid(), signal.SIGINT); print('not reached')")
except KeyboardInterrupt:
    print("taken")
"""


def test_an_interrupt_inside_of_code_made_from_text_is_forgotten_once_it_is_taken(
    tmp_path: Path,
) -> None:
    (tmp_path / "loads.py").write_text(INTERRUPTED_WHILE_IT_LOADS, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "loads"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "taken\n", "")


def test_a_trader_whose_lock_was_removed_gives_way_to_whoever_takes_the_folder(book: Path) -> None:
    run = ("run", "--data", book, "--speed", "600", "--interval", 30)
    first = begun(*run)
    assert first.stdout is not None
    for _ in range(3):
        first.stdout.readline()
    (book / "trader247.lock").unlink()
    taken = InstanceGuard(book)
    taken.take(since="now")
    said = first.communicate(timeout=30)[1]
    taken.release()
    assert first.returncode == 5, said
    assert "trader247 unlock" in said
    second = trader247(*run, "--cycles", 20)
    assert second.code == 0, second.err
    assert trader247("reconcile", "--data", book).code == 0
    assert outsider.disagreements(book) == []
