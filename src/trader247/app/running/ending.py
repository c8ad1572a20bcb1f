"""Asking a trader to end: SIGINT and SIGTERM, from the first moment of its start."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class AskedToEnd(KeyboardInterrupt):
    """A request to end that came before there was a loop to end in order.

    A kind of its own, since Python remembers a plain KeyboardInterrupt that leaves code made from
    text, as dataclasses are while modules load: `python -m` then ends by the signal at its very
    end, whatever was made of the interrupt meanwhile.
    """


class Ending:
    """Where a request to end goes: to the loop once there is one, else it ends the start."""

    def __init__(self) -> None:
        self._end: Callable[[str], None] | None = None

    def hand_to(self, end: Callable[[str], None]) -> None:
        """From here on there is a loop to end in order."""
        self._end = end

    def ask(self, cause: str) -> None:
        """Ask for the end, from a signal handler.

        Raises:
            AskedToEnd: nothing was traded yet.
        """
        if self._end is None:
            raise AskedToEnd(cause)
        self._end(cause)


@contextmanager
def signals_to(ask: Callable[[str], None]) -> Iterator[None]:
    """SIGINT, SIGTERM and a closed terminal ask for an end in order, however often they come."""

    def asked(number: int, _: FrameType | None) -> None:
        ask(f"asked to end by {signal.Signals(number).name}")

    numbers = [signal.SIGINT, signal.SIGTERM]
    # nohup has it ignored before we start, and means it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
