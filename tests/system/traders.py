"""A trader as a person starts it, and commands from another shell beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import starting

from trader247.simex.embedded import Embedded

SECONDS_MAX = 60


def environment() -> dict[str, str]:
    """This process's environment without what would steer the program."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TRADER247_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "80"}


def shell(
    *arguments: object,
    before: Callable[[], None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `before` runs in the child first. A traceback fails at once."""
    done = starting.run(
        arguments,
        environ={**environment(), **(environ or {})},
        before=before,
        seconds_max=SECONDS_MAX,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert done.returncode != 70, done.stderr
    return done


@contextmanager
def trader(data: Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A running trader, killed at the end if it still lives; it has begun to cycle or to wait."""
    data.mkdir(mode=0o700, exist_ok=True)
    with (data.parent / "run.out").open("a+") as log:
        process = starting.begin(
            ["run", "--mode", "paper", "--data", data, *arguments],
            environ=environment(),
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(
                lambda: (
                    "stop: Ctrl-C" in (data.parent / "run.out").read_text()
                    and process.poll() is None
                ),
                process,
            )
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def wait_for(is_so: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> float:
    """Wait until something is so; the seconds that took."""
    began = time.monotonic()
    while not is_so():
        assert process is None or process.poll() is None, "the trader has ended"
        assert time.monotonic() - began < SECONDS_MAX, "it never came"
        time.sleep(0.01)
    return time.monotonic() - began


def orders(data: Path) -> list[Mapping[str, Any]]:
    """Every order of the simulated exchange, by its own store."""
    return list(_viewed(data, lambda exchange: exchange.orders_json()["orders"]))


def open_orders(data: Path) -> list[Mapping[str, Any]]:
    """Those that rest now."""
    return [order for order in orders(data) if order["status"] in ("OPEN", "PENDING", "QUEUED")]


def market_time(data: Path) -> int:
    """The exchange's clock, in microseconds."""
    return int(_viewed(data, lambda exchange: exchange.now_us))


def _viewed(data: Path, look: Callable[[Embedded], Any]) -> Any:
    exchange = Embedded.view(data / "paper-sim.exchange.db")
    try:
        return look(exchange)
    finally:
        exchange.close()
