"""What systemd hears, over a real datagram socket; and that nobody is told where nobody listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from trader247.adapters.service_manager import ServiceManager


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setblocking(False)
        yield line


def words(heard: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(heard.recv(1024).decode())
        except BlockingIOError:
            return found


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def manager(heard: socket.socket, clock: Clock, **more: str) -> ServiceManager:
    where = {"NOTIFY_SOCKET": heard.getsockname()}
    return ServiceManager({**where, **more}, monotonic=clock)


def test_a_sign_of_life_is_sent_as_often_as_the_watchdog_needs(heard: socket.socket) -> None:
    clock = Clock()
    told = manager(heard, clock, WATCHDOG_USEC="60000000", WATCHDOG_PID=str(os.getpid()))
    for _ in range(4 * 60):
        told.alive()
        clock.now += 0.25
    assert words(heard) == ["WATCHDOG=1"] * 4


def test_ready_and_stopping_are_said_in_one_line_each(heard: socket.socket) -> None:
    told = manager(heard, Clock())
    told.ready("paper-sim:\nREADY=0 a market")
    told.stopping()
    assert words(heard) == ["READY=1\nSTATUS=paper-sim: READY=0 a market", "STOPPING=1"]


@pytest.mark.parametrize(
    "watch",
    [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}],
    ids=["not asked for", "no number", "another process"],
)
def test_a_watchdog_that_is_not_ours_hears_nothing(
    heard: socket.socket, watch: dict[str, str]
) -> None:
    told = manager(heard, Clock(), **watch)
    told.alive()
    assert words(heard) == []


@pytest.mark.parametrize("named", ["", "relative", "/nowhere/at/all"])
def test_nobody_listening_stops_nothing(named: str) -> None:
    told = ServiceManager({"NOTIFY_SOCKET": named, "WATCHDOG_USEC": "1000000"})
    told.ready("ready")
    told.alive()
    told.stopping()
    assert told.is_listening is (named == "/nowhere/at/all")
