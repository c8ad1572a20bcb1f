"""The two processes: an exchange that comes back at its port, a trader that leaves its words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.live.rehearsal import Rehearsal

from trader247.adapters.served_clock import ServedClock
from trader247.app.serving.places import served_places

SECONDS_MAX = 300


class Exchange:
    """`sim serve`, which can be killed and comes back at the same port."""

    def __init__(self, data: Path, *, fault: str, seed: int, speed: str) -> None:
        self._data, self._fault, self._seed, self._speed = data, fault, seed, speed
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self, fault: str = "calm") -> None:
        """Serve, and wait until it does."""
        command = [sys.executable, "-m", "trader247", "sim", "serve", "--json"]
        command += ["--speed", self._speed]
        options = ["--port", str(self.port), "--data", str(self._data), "--fault", fault]
        options += ["--fault-seed", str(self._seed), "--switch", "private_per_s=100000"]
        self._process = subprocess.Popen(
            [*command, *options, *([] if self.port else ["--seed", "496"])],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever tortures
            env={key: value for key, value in os.environ.items() if "TRADER247" not in key},
        )
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        assert "base_url" in said, said
        self.port = int(said["base_url"].rpartition(":")[2])

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate(timeout=SECONDS_MAX)

    def rest(self, span: timedelta) -> None:
        """Let its time pass while nobody trades there."""
        tls = served_places(self._data).tls
        token = (tls / "admin.token").read_text().strip()
        clock = ServedClock(f"localhost:{self.port}", ca_file=tls / "ca.pem", token=token)
        with closing(clock):
            clock.take_the_lead()
            clock.advance(clock.now() + span)

    def start_again(self) -> None:
        """Come back with the same faults, struck otherwise."""
        self._seed += 1
        self.start(self._fault)


class Trader:
    """`run --mode live` as a process, its report lines in a file."""

    def __init__(
        self, rehearsal: Rehearsal, folder: Path, cycles: int, pace: Sequence[str]
    ) -> None:
        self.out, self.talk = folder / "out.jsonl", folder / "talk.txt"
        how = ("--mode", "live", "--venue", "sim", *pace, "--cycles", str(cycles))
        where = ("--config", str(rehearsal.config), "--data", str(rehearsal.data), "--json")
        with self.out.open("w") as out, self.talk.open("w") as talk:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trader247", "run", *how, *where],
                stdout=out,
                stderr=talk,
                start_new_session=True,
            )

    def cycles(self) -> list[str]:
        """The lines of its cycles so far."""
        return [line for line in self.out.read_text().splitlines() if '"cycle"' in line]

    def said(self) -> str:
        """The last of what it said."""
        return self.talk.read_text()[-1500:]
