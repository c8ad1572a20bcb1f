"""What an account was worth as the day opened, kept beside its book.

A day's loss is counted from it, by whichever process looks next: a watch that was started again,
or a single look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from pathlib import Path

from trader247.adapters.files import read_small, write_atomically
from trader247.core.book.clocks import Clocks
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.money import Money, Quantity, plain
from trader247.domain.time import Instant

_SIZE_MAX = 65_536
_UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """The first equity of a UTC day; `foreign` are the coins that it leaves out."""

    day: Instant
    equity: Money
    foreign: Mapping[str, Decimal] = field(default_factory=dict)

    def goes_on(self, clocks: Clocks) -> bool:
        """Whether that day goes on: it is over once both clocks say so, and no day yet to come.

        A clock that is wrong for one look, the venue's or this machine's, would else begin a day in
        which nothing is lost.
        """
        return not clocks.begin_day_after(self.day) and clocks.later >= self.day


class KeptOpening:
    """The opening of the day, in memory and in its file.

    `trouble` says why a process that starts later might not find it; empty where it would.
    """

    def __init__(self, path: Path, foreign: Mapping[str, Decimal]) -> None:
        self._path = path
        self._foreign = foreign
        self._own: Opening | None = None
        self._is_written = False
        self._is_unreadable = False
        self.trouble = ""

    def on(self, clocks: Clocks) -> Opening | None:
        """What the day opened at, by this process or one before it; None where neither saw it."""
        if self._own is None or not self._own.goes_on(clocks):
            self._own = self._read(clocks)
        return self._own

    def keep(self, opening: Opening) -> None:
        """Let later processes find `opening`. What cannot be read is left for a person to see."""
        self._own = opening
        if self._is_written or self._is_unreadable:
            return
        try:
            write_atomically(self._path, _in_json(opening))
        except StorageError as error:
            self.trouble = str(error)  # the next look tries again
        else:
            self._is_written, self.trouble = True, ""

    def _read(self, clocks: Clocks) -> Opening | None:
        self._is_written, self._is_unreadable, self.trouble = False, False, ""
        try:
            found = _from_json(read_small(self._path, bytes_max=_SIZE_MAX))
        except FileNotFoundError:
            return None
        except _UNREADABLE:
            self._is_unreadable = True
            self.trouble = (
                f"{self._path} does not say what the account was worth as the day opened; "
                "remove it, and the day counts from the next look"
            )
            return None
        self._is_written = found.goes_on(clocks) and found.foreign == self._foreign
        return found if self._is_written else None


def _in_json(opening: Opening) -> bytes:
    body = {
        "day": str(opening.day),
        "equity": plain(opening.equity.value),
        "foreign": {name: plain(coins) for name, coins in sorted(opening.foreign.items())},
    }
    return json.dumps(body, sort_keys=True).encode()


def _from_json(content: bytes) -> Opening:
    body = json.loads(content)
    foreign = {str(name): Quantity(Decimal(coins)).value for name, coins in body["foreign"].items()}
    return Opening(Instant.parse(body["day"]), Money(Decimal(body["equity"])), foreign)
