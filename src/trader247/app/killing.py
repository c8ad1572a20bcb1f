"""Raising the kill switch: it needs the data folder alone, and so does this module.

What it imports is light, because raising must feel instant; `releasing` lowers the switch again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.holder import HOLDER, Holder, read_holder
from trader247.adapters.kill_switch import KillSwitch, Raised
from trader247.app.operator import operator
from trader247.app.places import books_in
from trader247.app.running import RunningTrader, running
from trader247.domain.errors import StorageError

ACKNOWLEDGED_WITHIN = timedelta(seconds=5)


class Proof(Enum):
    """What is known of our orders once the switch is on; the value is the word in JSON."""

    ACKNOWLEDGED = "acknowledged"
    """The trader says that none rests."""
    UNPROVEN = "unproven"
    """A trader lives and has not said so in time."""
    NOT_WAITED = "not_waited"
    """Nobody waited for a word."""
    AT_NEXT_START = "at_next_start"
    """No trader lives; the next one cancels first."""
    NOTHING_HERE = "nothing_here"
    """Neither a trader nor a journal is in the folder: perhaps it is the wrong one."""


@dataclass(frozen=True, slots=True)
class KillRaised:
    """The switch is on: where, since when by whose word, and which trader it stops.

    `is_told` is False where the disk took the switch and not its reason.
    """

    path: Path
    was_on: bool
    is_told: bool
    since: str
    said: Raised
    trader: Holder | None


@dataclass(frozen=True, slots=True)
class KillOn:
    """How raising the switch ended. `running` are traders elsewhere, where none is here."""

    raised: KillRaised
    proof: Proof
    elapsed: timedelta
    running: tuple[RunningTrader, ...]

    @property
    def is_proven(self) -> bool:
        """Whether nothing of ours rests, or will before it is cancelled."""
        return self.proof in (Proof.ACKNOWLEDGED, Proof.AT_NEXT_START)


def kill_on(
    data: Path, *, reason: str, is_waited_for: bool, on_raised: Callable[[KillRaised], None]
) -> KillOn:
    """Raise the switch, then wait for the trader's word that nothing of ours rests.

    `on_raised` is told as soon as the switch is on.

    Raises:
        StorageError: not even an empty file could be made: nothing is stopped.
    """
    clock = SystemClock()
    began = clock.monotonic()
    folder = _folder(data)
    switch = KillSwitch(folder)
    how = switch.raise_(reason=reason, operator=operator(), time=str(clock.now()))
    raised = KillRaised(
        path=switch.path,
        was_on=how.was_on,
        is_told=how.is_told,
        since=since(switch) or str(clock.now()),
        said=switch.said(),
        trader=trader_of(folder),
    )
    on_raised(raised)
    proof = _proof(switch, folder, raised.trader, is_waited_for=is_waited_for)
    return KillOn(
        raised=raised,
        proof=proof,
        elapsed=clock.monotonic() - began,
        running=running() if proof is Proof.NOTHING_HERE else (),
    )


def since(switch: KillSwitch) -> str | None:
    """Since when it is on: by its own word, else by the moment at which it was touched."""
    touched = switch.since()
    return switch.said().time or (None if touched is None else str(touched))


def trader_of(data: Path) -> Holder | None:
    """The process that works on a folder, if the one that the holder's file names lives."""
    holder = read_holder(data / HOLDER)
    return holder if holder is not None and holder.is_alive else None


def _folder(data: Path) -> Path:
    """The folder in full; one that is missing is made, so that a later start finds the switch."""
    folder = data.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made: {error.strerror or error}",
            hint="name the trader's folder with --data",
        ) from error
    return folder


def _proof(
    switch: KillSwitch, folder: Path, trader: Holder | None, *, is_waited_for: bool
) -> Proof:
    if trader is not None and is_waited_for:
        seconds = ACKNOWLEDGED_WITHIN.total_seconds()
        if switch.acknowledged_by(trader, seconds_max=seconds):
            return Proof.ACKNOWLEDGED
        trader = trader_of(folder)
    if trader is not None:
        return Proof.UNPROVEN if is_waited_for else Proof.NOT_WAITED
    if not books_in(folder):
        return Proof.NOTHING_HERE
    return Proof.AT_NEXT_START if is_waited_for else Proof.NOT_WAITED
