"""One stream connection: what it is subscribed to, its sequence numbers, what is to be sent.

What is to be sent waits in a queue of bounded size, whoever reads it however slowly: the exchange
waits for nobody, and a connection that does not keep up is dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from trader247.simex.streams.faults import (
    Abort,
    Act,
    Close,
    Connection,
    Hang,
    NoFaults,
    Outgoing,
    Say,
)
from trader247.simex.switches import Switches
from trader247.simex.wire import times

WAITING_MAX = 1 << 25
"""Characters that may wait to be sent."""


@dataclass(frozen=True, slots=True)
class End:
    """How a connection ends: with this closing code, or without one."""

    code: int | None


class Session:
    """One connection; `wake` is called when there is something to send, or nothing any more."""

    def __init__(
        self,
        connection: Connection,
        *,
        switches: Switches,
        faults: NoFaults,
        begun_us: int,
    ) -> None:
        self.connection = connection
        self.begun_us = begun_us
        """When it began, on the machine's monotonic clock; `said_us` is when it last heard."""
        self.said_us = begun_us
        self.has_asked = False
        """Whether it ever asked to subscribe."""
        self.subscriptions: dict[str, dict[str, None]] = {}
        """The products of each channel, in the order of subscription; none for all."""
        self.wake: Callable[[], None] = _nobody
        self.is_overrun = False
        self.is_over = False
        self._is_hung = False
        self._faults = faults
        self._client_id = '"client_id":"",' if switches.client_id else ""
        self._is_by_product = switches.sequence_scope == "product"
        self._sequences: dict[str, int] = {}
        self._waiting: deque[str | End] = deque()
        self._waiting_size = 0
        self._late: list[tuple[int, int, str]] = []
        self._late_count = 0

    def say(self, channel: str, message: str, product: str, events: str, now_us: int) -> None:
        """Send `events`, JSON already, in an envelope of the channel's `message` name."""
        if self.is_over or self._is_hung:
            return
        if self._faults.is_silent(self.connection, channel, product):
            return
        scope = product if self._is_by_product else ""
        number = self._sequences.get(scope, 0)
        self._sequences[scope] = number + 1
        text = (
            f'{{"channel":"{message}",{self._client_id}"timestamp":"{times.nanos(now_us)}",'
            f'"sequence_num":{number},"events":[{events}]}}'
        )
        outgoing = Outgoing(channel, product, number, text)
        self._do(self._faults.acts(self.connection, outgoing), now_us)

    def refuse(self, message: str) -> None:
        """Say that something was not understood or not allowed; the connection stays."""
        if not self._is_hung:
            self._put(f'{{"type":"error","message":"{message}"}}')

    def let_pass(self, now_us: int) -> None:
        """Send what was late, and let happen what is planned."""
        if self.is_over:
            return
        while self._late and self._late[0][0] <= now_us:
            self._put(self._late.pop(0)[2])
        self._do(self._faults.occurs(self.connection, now_us), now_us)

    def end(self, code: int | None) -> None:
        """End it, after what was said before: with a closing code, or without one.

        One that hangs is not ended: it is its client that has to notice.
        """
        if not self.is_over and not self._is_hung:
            self._waiting.append(End(code))
            self.is_over = True
            self.wake()

    def take(self) -> str | End | None:
        """The next that is to be sent; None where nothing waits."""
        if not self._waiting:
            return None
        taken = self._waiting.popleft()
        if isinstance(taken, str):
            self._waiting_size -= len(taken)
        return taken

    def _do(self, acts: tuple[Act, ...], now_us: int) -> None:
        for act in acts:
            match act:
                case Say(text, 0):
                    self._put(text)
                case Say(text, after_us):
                    self._late_count += 1
                    self._late.append((now_us + after_us, self._late_count, text))
                    self._late.sort()
                case Close(code):
                    self.end(code)
                case Abort():
                    self.end(None)
                case Hang():
                    self._is_hung = True
                case _:
                    assert_never(act)

    def _put(self, text: str) -> None:
        if self.is_over or self._is_hung:
            return
        self._waiting.append(text)
        self._waiting_size += len(text)
        if self._waiting_size > WAITING_MAX:
            self._waiting.clear()
            self.is_over = self.is_overrun = True
        self.wake()


def _nobody() -> None:
    """Nobody waits for news yet."""
