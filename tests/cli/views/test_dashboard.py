"""The refreshing screen, on a real terminal: drawn, resized, and given back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import starting
from tests.cli.surroundings import environment

pytestmark = pytest.mark.slow

SECONDS_MAX = 60.0
OTHER_SCREEN, FIRST_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal of some size, and a command that runs on it."""

    def __init__(self, *arguments: str, columns: int = 80, rows: int = 24, **more: str) -> None:
        self._main, other = pty.openpty()
        self._other = other
        self.resize(columns, rows)
        env = {**environment(**more), "TERM": more.get("TERM", "xterm-256color")}
        # Either would stand for the terminal's own size, however it changes.
        env.pop("COLUMNS")
        env.pop("LINES", None)
        self.process = starting.begin(
            arguments, stdin=other, stdout=other, stderr=other, environ=env, is_leader=True
        )
        self.seen = ""

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, words: str) -> str:
        """Read until `words` are seen; answers what came since the last such call."""
        start, deadline = len(self.seen), time.monotonic() + SECONDS_MAX
        while words not in SEQUENCE.sub("", self.seen[start:]):
            assert time.monotonic() < deadline, f"{words!r} never came: {self.seen[start:]!r}"
            self._read()
        return self.seen[start:]

    def read_screen(self, rows: int) -> list[str]:
        """Read until a screen of so many rows is drawn whole; answers the last such."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            whole = [each for each in screens(self.seen) if len(each) == rows]
            if whole:
                return whole[-1]
            assert time.monotonic() < deadline, f"no screen of {rows} rows came"
            self._read()

    def end(self) -> int:
        deadline = time.monotonic() + SECONDS_MAX
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it does not end"
            self._read()
        self._read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._main)
        os.close(self._other)

    def _read(self) -> None:
        if select.select([self._main], [], [], 0.2)[0]:
            self.seen += os.read(self._main, 65_536).decode(errors="replace")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal("run", "--watch", "--speed", "100", "--data", str(tmp_path))
    yield terminal
    terminal.close()


def screens(text: str) -> list[list[str]]:
    """The rows of each screen in turn; the last may be drawn in part."""
    return [SEQUENCE.sub("", each).splitlines() for each in text.split("\x1b[H")]


def test_a_run_is_drawn_and_the_terminal_given_back(watched: Terminal, tmp_path: Path) -> None:
    watched.read_until("cycle 2")
    rows = watched.read_screen(24)
    text = "\n".join(rows)
    for words in ("PAPER on sim", "SIMULATED MARKET", "seed", "equity", "drawdown", "exposure",
                  "open orders", "breakers", "last decisions", "trader247 kill on"):  # fmt: skip
        assert words in text, words
    assert max(map(len, rows)) <= 80
    assert re.search(r"next cycle in|cycle running", watched.seen)
    watched.process.send_signal(signal.SIGINT)
    assert watched.end() == 0
    assert watched.seen.count(OTHER_SCREEN) == watched.seen.count(FIRST_SCREEN) == 1
    assert watched.seen.rindex("\x1b[?25h") > watched.seen.rindex("\x1b[?25l"), "no cursor"
    after = watched.seen.partition(FIRST_SCREEN)[2]
    assert "ended: asked to end by SIGINT" in after
    assert "Traceback" not in watched.seen


def test_another_size_is_drawn_at_once(watched: Terminal) -> None:
    watched.read_until("cycle 2")
    watched.resize(120, 40)
    assert max(map(len, watched.read_screen(40))) <= 120
    watched.resize(30, 8)
    watched.read_until("larger, please")
    watched.resize(80, 24)
    watched.read_until("last decisions")


def test_a_raised_switch_is_seen_on_the_screen(watched: Terminal, tmp_path: Path) -> None:
    watched.read_until("cycle 1")
    (tmp_path / "KILL_SWITCH").touch()
    watched.read_until("HALT kill_switch")
    watched.read_until("clears: trader247 kill off")
    watched.process.send_signal(signal.SIGTERM)
    assert watched.end() == 0


def test_no_colour_is_no_colour(watched: Terminal) -> None:
    watched.read_until("cycle 2")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", watched.seen)


def test_a_dumb_terminal_gets_lines(tmp_path: Path) -> None:
    terminal = Terminal(
        "run", "--watch", "--speed", "max", "--cycles", "2", "--data", str(tmp_path), TERM="dumb"
    )
    try:
        assert terminal.end() == 0
        assert "a line a cycle instead" in terminal.seen
        assert "#2 " in terminal.seen
        assert "\x1b" not in terminal.seen
    finally:
        terminal.close()


def test_status_follows_a_book_until_it_is_told_to_stop(traded: Path) -> None:
    terminal = Terminal("status", "--watch", "--data", str(traded))
    try:
        terminal.read_until("NO TRADER RUNS")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
        assert FIRST_SCREEN in terminal.seen
        assert "Traceback" not in terminal.seen
    finally:
        terminal.close()
