"""The whole rehearsal as a person types it: every command a process, the exchange behind TLS."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from tests import starting
from tests.app.busy_books import RESTLESS
from tests.live.rehearsal import ACCOUNT, Rehearsal, rehearsing
from tests.system import outsider

from trader247.app.serving.places import served_places

pytestmark = pytest.mark.slow
LIVE = ("--mode", "live", "--venue", "sim")
CYCLES = 6
PATIENCE = 300
EAGER = {**RESTLESS, "daily_stop_pnl_pct": "-3", "stop_pct": "6", "target_pct": "12"}
"""A policy that buys at once, and keeps what it bought."""


@dataclass
class Shell:
    """Command lines on the rehearsal; `said` is everything that any of them printed."""

    rehearsal: Rehearsal
    said: list[str] = field(default_factory=list)

    def command(self, *words: str) -> CompletedProcess[str]:
        config = ("--config", str(self.rehearsal.config)) if words[0] != "kill" else ()
        where = (*config, "--data", str(self.rehearsal.data))
        done = starting.run((*words, *where, "--json"), environ=os.environ, seconds_max=PATIENCE)
        self.said += [done.stdout, done.stderr]
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done

    def __call__(self, *words: str) -> dict[str, Any]:
        done = self.command(*words)
        found = json.loads(done.stdout or done.stderr.splitlines()[-1])
        assert isinstance(found, dict)
        return found

    def run(self, cycles: int) -> int:
        """How many orders `run` sent in so many cycles."""
        done = self.command("run", *LIVE, "--speed", "max", "--cycles", str(cycles))
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        assert {each["seed"] for each in reports} == {496}
        assert len(reports) == cycles
        return sum(each["orders_sent"] for each in reports)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with rehearsing(tmp_path, is_shown=False) as running:
        running.allow(EAGER)
        # A week of paper trading and its drills; the smoke test is this test's own.
        running.show(smoke_age=None)
        yield Shell(running)


def test_from_the_first_key_to_the_last_order(shell: Shell) -> None:
    assert shell("key", "check", "--venue", "sim")["passed"] is True
    assert shell("smoke", *LIVE)["passed"] is True
    assert shell("preflight", "--rehearsal")["passed"] is True
    shell("arm", *LIVE, "--yes-i-mean", ACCOUNT)

    assert shell.run(1) == 0
    waiting = shell("confirm", "--venue", "sim")["waiting"]
    for question in waiting:
        shell("confirm", question["id"], "--venue", "sim")
    assert shell.run(CYCLES) > len(waiting) > 0, "bought, and a stop for what was bought"
    resting = shell("orders", *LIVE)["orders"]
    assert {each["side"] for each in resting} == {"SELL"}, "a position's stop rests at the venue"
    assert shell("cancel", resting[0]["order_id"], *LIVE)["done"] is True
    assert shell("flatten", "--yes", "--reason", "the end", *LIVE)["done"] is True
    assert shell("reconcile", *LIVE)["breaks"] == []
    assert shell("state", "verify", "--decisions", *LIVE)
    killed = shell("kill", "on", "--reason", "the rehearsal is over")
    assert (killed["proof"], killed["venue"]["left"]) == ("venue", 0)

    exchange = served_places(shell.rehearsal.data).exchange
    assert outsider.exchange_fills(exchange)
    assert outsider.disagreements(shell.rehearsal.data, book="live-sim", exchange=exchange) == []
    assert outsider.balances(exchange).keys() == {"USD"}
    assert leaks(shell) == []


def leaks(shell: Shell) -> list[str]:
    """Where something of the keys stands that only the key files may hold."""
    data = shell.rehearsal.data
    tls = served_places(data).tls
    secrets = {(tls / "admin.token").read_text().strip()}
    for key in tls.glob("key*.json"):
        text = json.loads(key.read_bytes()).get("privateKey", "")
        secrets |= {line for line in text.splitlines() if len(line) > 20 and "-" not in line}
    assert len(secrets) > 4
    files = [each for each in data.rglob("*") if each.is_file() and tls not in each.parents]
    written = {str(each): each.read_bytes() for each in files}
    assert {"live-sim.db", "emergency.json"} <= {Path(name).name for name in written}
    streams = {"stdout and stderr": "".join(shell.said).encode()}
    tokens = [name for name, content in (written | streams).items() if b"Bearer eyJ" in content]
    return tokens + [
        name
        for name, content in (written | streams).items()
        if any(secret.encode() in content for secret in secrets)
    ]
