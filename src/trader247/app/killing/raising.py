"""Raising the kill switch: it needs the data folder alone, and so does this module.

What it imports is light, because raising must feel instant; `releasing` lowers the switch again.
Where real orders were sent, it then cancels them at the venue by itself: what that takes is loaded
once the switch is on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.emergency import EMERGENCY, Emergency
from trader247.adapters.holder import Holder
from trader247.adapters.kill_switch import KillSwitch, Raised
from trader247.app.killing.elsewhere import traders_elsewhere
from trader247.app.killing.proof import PROVEN, Proof, VenueCleared, kept_by, proof_of
from trader247.app.killing.target import (
    NOTHING_NAMED,
    REAL_BOOKS,
    AtVenue,
    Target,
    last_sender,
    target_of,
    word_left,
)
from trader247.app.people.operator import operator
from trader247.app.running.traders import RunningTrader, running, trader_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError, Trader247Error


@dataclass(frozen=True, slots=True)
class KillRaised:
    """The switch is on: where, since when by whose word, and which trader it stops.

    `is_told` is False where the disk took the switch and not its reason; `trouble` says why there
    is no switch at all, and is empty where it is on.
    """

    path: Path
    was_on: bool
    is_told: bool
    since: str
    said: Raised
    trader: Holder | None
    trouble: str = ""

    @property
    def is_on(self) -> bool:
        return not self.trouble


@dataclass(frozen=True, slots=True)
class KillOn:
    """How raising the switch ended. `running` are traders that it does not stop, as far as known.

    `venue` is None where no real order can be. `kept` are sales that the trader says still rest, as
    was wished.
    """

    raised: KillRaised
    proof: Proof
    elapsed: timedelta
    running: tuple[RunningTrader, ...]
    venue: VenueCleared | None = None
    kept: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether nothing of ours rests, or will before it is cancelled."""
        return self.proof in PROVEN and self.raised.is_on


def kill_on(
    data: Path,
    *,
    reason: str,
    is_waited_for: bool,
    on_raised: Callable[[KillRaised], None],
    at_venue: AtVenue = NOTHING_NAMED,
    on_news: Callable[[str], None] = lambda _: None,
) -> KillOn:
    """Raise the switch, cancel at the venue, then prove that nothing of ours rests.

    `on_raised` is told as soon as the switch is on, `on_news` in sentences how the rest goes. A
    switch that cannot be raised does not keep the orders at the venue from being cancelled.

    Raises:
        StorageError: not even an empty file could be made, and no venue is known: nothing is
            stopped.
        UsageError: the venue's address is none that a key may be shown to.
    """
    clock = SystemClock()
    began = clock.monotonic()
    folder = data.resolve()
    switch = KillSwitch(folder)
    emergency = word_left(folder, clock)
    target = target_of(emergency, at_venue, folder)
    raised = _raised(
        switch,
        folder,
        reason,
        clock,
        keeps_sales=at_venue.keeps_sales,
        may_fail=target is not None,
    )
    on_raised(raised)
    venue = None
    if target is not None:
        venue = _cleared_at(
            target,
            emergency,
            raised,
            folder,
            at_venue,
            is_waited_for=is_waited_for,
            on_news=on_news,
        )
    proof = proof_of(switch, folder, raised.trader, venue, emergency, is_waited_for=is_waited_for)
    is_elsewhere = proof is Proof.NOTHING_HERE or (venue is not None and emergency is None)
    astray = traders_elsewhere(folder, emergency, venue)
    others = running() if is_elsewhere else astray
    if proof is Proof.VENUE and is_elsewhere and any(_is_real(each) for each in others):
        # One that sends real orders from another folder has not been stopped by this switch.
        proof = Proof.VENUE_UNPROVEN
    elif proof in PROVEN and astray:
        proof = Proof.ELSEWHERE
    elif proof in PROVEN and raised.is_on and not switch.is_raised():
        proof = Proof.LOWERED
    return KillOn(
        raised=raised,
        proof=proof,
        elapsed=clock.monotonic() - began,
        running=others,
        venue=venue,
        kept=kept_by(switch, proof),
    )


def _is_real(trader: RunningTrader) -> bool:
    return trader.holder.book in REAL_BOOKS


def since(switch: KillSwitch) -> str | None:
    """Since when it is on: by its own word, else by the moment at which it was touched."""
    touched = switch.since()
    return switch.said().time or (None if touched is None else str(touched))


def _raised(
    switch: KillSwitch,
    folder: Path,
    reason: str,
    clock: SystemClock,
    *,
    keeps_sales: bool,
    may_fail: bool,
) -> KillRaised:
    """The switch, on; with `may_fail` one that could not be raised is told, not raised."""
    now = str(clock.now())
    try:
        _make(folder)
        how = switch.raise_(reason=reason, operator=operator(), time=now, keeps_sales=keeps_sales)
    except StorageError as error:
        if not may_fail:
            raise
        return KillRaised(
            path=switch.path,
            was_on=False,
            is_told=False,
            since=now,
            said=switch.said(),
            trader=trader_of(folder),
            trouble=str(error),
        )
    return KillRaised(
        path=switch.path,
        was_on=how.was_on,
        is_told=how.is_told,
        since=since(switch) or now,
        said=switch.said(),
        trader=trader_of(folder),
    )


def _make(folder: Path) -> None:
    """Make a folder that is missing, so that a later start finds the switch."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made: {error.strerror or error}",
            hint="name the trader's folder with --data",
        ) from error


def _cleared_at(
    target: Target,
    emergency: Emergency | None,
    raised: KillRaised,
    folder: Path,
    named: AtVenue,
    *,
    is_waited_for: bool,
    on_news: Callable[[str], None],
) -> VenueCleared:
    """Cancel at the venue. Whatever goes wrong is told: the switch is on already."""
    from trader247.app.killing import emergency as at_venue
    from trader247.app.killing.clearing import Wanted

    left = emergency if target.is_left else None
    holder = last_sender(folder) if emergency is None else None if left is None else left.holder
    book = "" if holder is None else holder.book
    switch = KillSwitch(folder)

    def is_over() -> bool:
        if holder is None:
            return False
        word = switch.acknowledgement()
        if word is not None and word.pid == holder.pid and word.is_clear:
            return True
        return holder.is_alive is False and trader_of(folder) is None

    if emergency is None:
        on_news(f"{EMERGENCY} is missing or cannot be read: the key is {target.key_file}")
    on_news(f"cancelling at {target.host}")
    try:
        outcome = at_venue.clear(
            at_venue.Target(target.host, target.ca_file, target.key_file, left),
            Wanted(is_everything=named.is_everything, keeps_sales=named.keeps_sales),
            data=folder,
            is_over=is_over,
            is_stopped=raised.is_on,
            is_proof_awaited=is_waited_for,
            on_news=on_news,
        )
    except Trader247Error as error:
        return VenueCleared(target.host, book, None, str(error))
    except OSError as error:
        text = f"{target.key_file} or {target.ca_file} cannot be read: {error.strerror or error}"
        return VenueCleared(target.host, book, None, text)
    return VenueCleared(target.host, book, outcome, outcome.trouble)
