"""Somebody who raises the switch by the command: `kill on` empties the exchange by itself.

What lists, cancels and judges the proof is the command's own code, over the simulated way to the
exchange. It asks one thing after the other. Where a trader lives the command works beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from trader247.adapters.coinbase.auth import Signer
from trader247.adapters.coinbase.guard import CANCELS
from trader247.adapters.coinbase.urgent import UrgentClient
from trader247.adapters.emergency import read_emergency
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.keys.files import KeySource
from trader247.app.killing.clearing import Wanted
from trader247.app.killing.emergency import Target, cleared_by
from trader247.app.wiring.emergency import Ask, Call, Crew
from trader247.domain.errors import KeyRejected, VenueError
from trader247.simulation.judged.history import Record
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.counterparty import Counterparty
from trader247.simulation.world.network import Network
from trader247.simulation.world.timeline import Timeline
from trader247.simulation.world.wire import SimulatedWire

T = TypeVar("T")

_SLICE_US = 50_000
_PATIENT_AFTER = timedelta(seconds=3)


class Emptying:
    """Does it to the exchange of a run, between two of its processes or beside one."""

    def __init__(
        self,
        timeline: Timeline,
        clock: MachineClock,
        network: Network,
        counterparty: Counterparty,
        *,
        data: Path,
        tell: Callable[[Record], None],
    ) -> None:
        self._timeline = timeline
        self._clock = clock
        self._network = network
        self._counterparty = counterparty
        self._data = data
        self._tell = tell

    def done(
        self, *, keeps_sales: bool = False, is_alive: Callable[[], bool] | None = None
    ) -> None:
        """Empty it, as far as that can be proven, and tell of it.

        `is_alive` says whether the trader beside it lives; None where none has since it began.
        """
        emergency = read_emergency(self._data)
        if emergency is None:
            return  # no trader has begun to send
        switch = KillSwitch(self._data)

        def is_over() -> bool:
            word = switch.acknowledgement()
            is_told = word is not None and word.is_clear
            return is_alive is None or is_told or not is_alive()

        self._tell({"kind": "emptying", "keeps_sales": keeps_sales})
        key = self._counterparty.key_file
        found = cleared_by(
            _InTurn(self._client(emergency.host, key), self._timeline, self._clock),
            self._clock,
            Target(emergency.host, "", key, emergency),
            Wanted(keeps_sales=keeps_sales),
            data=self._data,
            is_over=is_over,
            is_stopped=True,
            is_proof_awaited=True,
            on_news=_unheard,
        )
        self._tell(
            {
                "kind": "emptied",
                "is_proven": found.is_proven,
                "found": found.found,
                "kept": found.kept,
                "is_beside": is_alive is not None,
            }
        )

    def _asked(self, record: Record) -> None:
        """Tell which orders it asks the exchange to end: nothing else that it asks changes any."""
        if record["kind"] == "request" and record["path"] == CANCELS:
            self._tell({"kind": "ending", "order_ids": json.loads(record["body"])["order_ids"]})

    def _client(self, host: str, key: Path) -> UrgentClient:
        return UrgentClient(
            host,
            Signer(KeySource(key, "for the emergency").credentials(), now=self._clock.now),
            ca_file="",
            monotonic=self._clock.monotonic,
            transport=SimulatedWire(
                self._timeline,
                self._network,
                self._counterparty.line,
                answer=self._counterparty.answer,
                tell=self._asked,
                touch=lambda _: None,
                is_stopped=lambda: False,
                on_leaving=_nothing,
                on_connected=_nothing,
                kept=lambda: None,
            ),
        )


class _InTurn(Crew):
    """One connection, and no thread."""

    def __init__(self, client: UrgentClient, timeline: Timeline, clock: MachineClock) -> None:
        self.answers = 0
        self.trouble = ""
        self.is_key_refused = False
        self._client = client
        self._timeline = timeline
        self._clock = clock
        self._waiting: list[Call[object]] = []

    def call(self, ask: Ask[T], *, is_read: bool = True) -> Call[T]:
        """Ask as soon as it is attended to."""
        now = self._clock.monotonic()
        call: Call[T] = Call(ask, is_read, began=now, sent_at=now, not_before=now)
        self._waiting.append(call)  # type: ignore[arg-type] # each keeps its own kind of answer
        return call

    def attend(self) -> None:
        """Ask what waits longest, or let an instant pass."""
        self._waiting = [each for each in self._waiting if not each.is_over]
        if not self._waiting:
            self._timeline.run_to(self._timeline.now_us + _SLICE_US)
            return
        call = self._waiting.pop(0)
        is_patient = self._clock.monotonic() - call.began >= _PATIENT_AFTER
        try:
            call.answer, call.is_over = call.ask(self._client, is_patient), True
            self.answers += 1
            self.is_key_refused = False
        except VenueError as error:
            self.trouble = str(error)
            self.is_key_refused = isinstance(error, KeyRejected)
            self._waiting.append(call)
            self._timeline.run_to(self._timeline.now_us + _SLICE_US)


def _unheard(_: str) -> None:
    """Nobody reads it."""


def _nothing() -> None:
    """Nobody looks."""
