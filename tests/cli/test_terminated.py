"""SIGTERM, a closed terminal or Ctrl-C: a command tidies up, and says what became of its work."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.system.program import environment

MINUTES = 26 * 60 + 3_000


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product's candles, long enough that nothing is done with them at once."""
    folder = tmp_path_factory.mktemp("terminated") / "candles"
    folder.mkdir()
    rng = np.random.default_rng(5)
    lines = ["time,open,high,low,close,volume"]
    price = 1000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0008, MINUTES)))
    for at, close in enumerate(price.tolist()):
        time_s = 1_767_571_200 + 60 * at
        lines.append(f"{time_s},{close:.2f},{close + 1:.2f},{close - 1:.2f},{close:.2f},900")
    (folder / "BTC-USD.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -15), (signal.SIGHUP, -1), (signal.SIGINT, 130)]
)
def test_what_is_told_to_end_leaves_no_folder_behind_and_ends_by_the_signal(
    number: signal.Signals, code: int, candles: Path, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "trader247", "parity", str(candles), "--cycles", "3000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(tmp_path)),
        stdin=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/data/*.db")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.glob("*/data/*.db")), "it works in its folder"
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert said == "interrupted: nothing was written\n"
    assert list(tmp_path.iterdir()) == []


LISTENING = """
import os, signal, sys, time
from trader247.cli.entry import _ToldToEnd
told = _ToldToEnd()
told.listen()
"""


def test_an_end_that_is_asked_for_where_python_would_forget_it_is_asked_for_again() -> None:
    ended = _ended("""
class Ending:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
try:
    Ending()
    time.sleep(30)
except KeyboardInterrupt:
    print("tidied up", flush=True)
    told.leave_if_told()
""")
    assert ended == (-signal.SIGTERM, "tidied up\n", "")


def test_an_end_that_is_asked_for_twice_is_tidied_up_all_the_same() -> None:
    ended = _ended("""
try:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(30)
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(0.01)
    print("tidied up", flush=True)
    told.leave_if_told()
""")
    assert ended == (-signal.SIGTERM, "tidied up\n", "")


def test_an_end_that_is_asked_for_after_all_was_done_shows_no_traceback() -> None:
    ended = _ended("""
import atexit
atexit.register(os.kill, os.getpid(), signal.SIGTERM)
told.leave_if_told()
print("done", flush=True)
""")
    assert ended == (-signal.SIGTERM, "done\n", "")


def test_a_process_that_its_own_signal_does_not_end_ends_as_a_shell_would_say() -> None:
    ended = _ended("""
try:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(30)
except KeyboardInterrupt:
    # As the kernel keeps the first process of a container from it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    told.leave_if_told()
""")
    assert ended == (128 + signal.SIGTERM, "", "")


def _ended(text: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", LISTENING + text],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr
