"""What a service manager hears of a trader in a process of its own, over a real datagram socket."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests import starting
from tests.system.program import environment

from trader247.app.outside import vitals
from trader247.domain.time import Instant
from trader247.engine.loop import Loop

pytestmark = pytest.mark.slow

SECONDS_MAX = 60.0
EVERY_US = 200_000
"""What the manager takes for silence, in microseconds; it hears of a life four times as often."""
PATIENCE_S = 3.0


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(0.05)
        yield line


def word(heard: socket.socket) -> str:
    """The next word; nothing where none comes soon."""
    try:
        return heard.recv(1024).decode()
    except TimeoutError:
        return ""


def in_circles(began: Path, turn: Callable[[Loop], None]) -> Callable[[], None]:
    """From its third cycle on the loop turns for ever: a mistake, planted in the child alone."""

    def plant() -> None:
        vitals.HANGS_SECONDS = PATIENCE_S
        run, cycles = Loop._one, iter(range(2))

        def one(self: Loop, due: Instant) -> bool:
            if next(cycles, None) is not None:
                return run(self, due)
            began.touch()
            while True:
                turn(self)

        Loop._one = one  # type: ignore[method-assign] # it is what is planted

    return plant


def attending(loop: Loop) -> None:
    """It looks at the stop and at the post, as it does while it waits."""
    loop._attention.attend()


def hurrying(loop: Loop) -> None:
    """It asks whether there is anything to do, and finds that there is."""
    loop._is_wanted()
    time.sleep(0.01)


@pytest.mark.parametrize("turn", [attending, hurrying])
def test_a_loop_that_turns_for_ever_is_not_told_of_as_alive(
    tmp_path: Path, heard: socket.socket, turn: Callable[[Loop], None]
) -> None:
    began = tmp_path / "began"
    manager = {
        "NOTIFY_SOCKET": heard.getsockname(),
        "WATCHDOG_USEC": str(EVERY_US),
    }
    process = starting.begin(
        ["run", "--mode", "paper", "--speed", "60", "--data", tmp_path / "data"],
        environ=environment(**manager),
        before=in_circles(began, turn),
        stdout=None,
        stderr=None,
    )
    try:
        end = time.monotonic() + SECONDS_MAX
        words: list[str] = []
        while not began.exists():
            assert process.poll() is None
            assert time.monotonic() < end, words
            words += filter(None, [word(heard)])
        assert words[0].startswith("READY=1") or words[0] == "WATCHDOG=1"
        assert "WATCHDOG=1" in words, "it is alive while it goes on"

        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 5 * EVERY_US / 1e6:
            assert process.poll() is None, "the manager ends it, nobody else"
            assert time.monotonic() < end, "it is still told of as alive"
            if word(heard):
                quiet_since = time.monotonic()
        os.kill(process.pid, 0)
    finally:
        process.kill()
        process.wait()
