"""A served exchange and a LIVE trader on it: begun together, read line by line, ended in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.live.rehearsal import ACCOUNT, Rehearsal, configured

from trader247.app.granting import arming, confirming
from trader247.app.people.unlocking import clear_halt
from trader247.domain.errors import Trader247Error
from trader247.domain.reasons import HaltName, TradingState

ENDING_MAX = 60
"""Seconds until a process that was asked to end is ended."""
_LOSSES = (HaltName.DAILY_STOP, HaltName.WEEKLY_STOP, HaltName.DRAWDOWN)
"""What a policy that trades all the time runs into by the fees that it pays."""


class Pair:
    """Both processes, in sessions of their own: Ctrl-C is for whoever soaks."""

    def __init__(
        self, folder: Path, *, days: float, interval: int, seed: int, policy: Mapping[str, str]
    ) -> None:
        self.confirmed = 0
        self.unanswered = 0
        self._looked = ""
        self._talk = folder / "talk.txt"
        data = folder / "data"
        # The quota of one key is Coinbase's; a clock that is led spends an hour's in a second.
        served = ("--seed", str(seed), "--speed", "60", "--switch", "private_per_s=100000")
        self._exchange = _begun(["sim", "serve", "--port", "0", "--data", str(data), *served])
        try:
            assert self._exchange.stdout is not None
            said = json.loads(self._exchange.stdout.readline())
            port = int(said["base_url"].rpartition(":")[2])
            self._rehearsal: Rehearsal = configured(data, folder / "config", port)
            self._rehearsal.allow(policy)
            self._rehearsal.show()
            arming.arm(self._rehearsal.choice, lambda _: ACCOUNT)
            how = ("--mode", "live", "--venue", "sim", "--speed", "max")
            span = ("--for", f"{round(days * 24 * 60)}m", "--interval", str(interval))
            where = ("--config", str(self._rehearsal.config), "--data", str(data))
            with self._talk.open("w") as talk:
                self._trader = _begun(["run", *how, *span, *where], talk=talk)
        except BaseException:
            _ended(self._exchange)
            raise

    @property
    def pids(self) -> tuple[int, int]:
        """The trader's and the exchange's."""
        return self._trader.pid, self._exchange.pid

    @property
    def rehearsal(self) -> Rehearsal:
        """The book, and where it is."""
        return self._rehearsal

    def cycles(self) -> Iterator[Mapping[str, Any]]:
        """What each cycle reported, as it ends; what waits for a person is answered yes.

        Once a simulated day a person looks and clears a stop: a book that rests tells little.
        """
        assert self._trader.stdout is not None
        for line in self._trader.stdout:
            told = json.loads(line)
            if "cycle" not in told:
                continue
            if any(each["reason"] == "confirmation" for each in told["products"]):
                self._answer()
            day = told["time"][:10]
            if told["trading_state"] != TradingState.ACTIVE.value and day != self._looked:
                self._looked = day
                self._clear(told["equity"])
            yield told

    def end(self) -> tuple[int, int]:
        """Ask the trader to end, then the exchange; their exit codes, 0 where it was in order."""
        return _ended(self._trader), _ended(self._exchange)

    def said(self) -> str:
        """The last of what the trader said."""
        return self._talk.read_text()[-1500:]

    def _answer(self) -> None:
        """Say yes to what waits; the trader goes on meanwhile, so a question may have lapsed."""
        for question in confirming.waiting(self._rehearsal.choice).questions:
            try:
                confirming.confirm(self._rehearsal.choice, question.id)
                self.confirmed += 1
            except Trader247Error:
                self.unanswered += 1

    def _clear(self, equity: str | None) -> None:
        """Let a book go on that losses stopped; one whose loss still stands waits another day."""
        for name in _LOSSES:
            peak = f"{Decimal(equity):.2f}" if equity and name is HaltName.DRAWDOWN else None
            try:
                clear_halt(
                    self._rehearsal.choice, name=name.value, reason="soaked", accepted_peak=peak
                )
            except Trader247Error:
                self.unanswered += 1


def _begun(words: Sequence[str], talk: Any = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trader247", *words, "--json"],
        stdout=subprocess.PIPE,
        stderr=talk,
        text=True,
        start_new_session=True,
        env={key: value for key, value in os.environ.items() if "TRADER247" not in key},
    )


def _ended(process: subprocess.Popen[str]) -> int:
    """Ask a process to end, and see to it: -9 where it did not within the time."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=ENDING_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode
