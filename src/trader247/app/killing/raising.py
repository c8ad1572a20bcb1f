"""Raising the kill switch: it needs the data folder alone, and so does this module.

What it imports is light, because raising must feel instant; `releasing` lowers the switch again.
Where real orders were sent, it then cancels them at the venue by itself: what that takes is loaded
once the switch is on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.adapters.clock import SystemClock
from trader247.adapters.emergency import EMERGENCY, Emergency, read_emergency
from trader247.adapters.holder import HOLDER, Holder, read_holder
from trader247.adapters.kill_switch import KillSwitch, Raised
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places, books_in
from trader247.app.killing.lost_word import COINBASE_HOST, second_word, way_without_word
from trader247.app.people.operator import operator
from trader247.app.running.traders import RunningTrader, running
from trader247.domain.errors import StorageError, Trader247Error, UsageError

if TYPE_CHECKING:
    from trader247.app.killing.clearing import Cleared

_REAL = tuple(f"{Mode.LIVE.slug}-{venue.slug}" for venue in VenueName)
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ACKNOWLEDGED_WITHIN = timedelta(seconds=5)


class Proof(Enum):
    """What is known of our orders once the switch is on; the value is the word in JSON."""

    VENUE = "venue"
    """Complete listings of the venue hold none, and none can still arrive."""
    VENUE_UNPROVEN = "venue_unproven"
    """The venue was asked, and it is not proven that none lives there."""
    NO_WAY = "no_way"
    """Real orders may live, and nothing says where and with which key to cancel them."""
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
class AtVenue:
    """What a person says of the venue; what is None is taken from what the trader left.

    With `is_everything` orders that are not ours go too, with `keeps_sales` sales stay.
    """

    key_file: Path | None = None
    host: str | None = None
    ca_file: Path | None = None
    is_everything: bool = False
    keeps_sales: bool = False


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
class VenueCleared:
    """What became of the orders at a venue; `trouble` says what stood in the way, or is empty."""

    host: str
    book: str
    outcome: Cleared | None
    trouble: str


@dataclass(frozen=True, slots=True)
class KillOn:
    """How raising the switch ended. `running` are traders elsewhere, where none is here.

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
        is_known = self.proof in (Proof.VENUE, Proof.ACKNOWLEDGED, Proof.AT_NEXT_START)
        return is_known and self.raised.is_on


NOTHING_NAMED = AtVenue()


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
    emergency = _word_left(folder, clock)
    target = _target(emergency, at_venue, folder)
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
    proof = _proof(switch, folder, raised.trader, venue, emergency, is_waited_for=is_waited_for)
    is_elsewhere = proof is Proof.NOTHING_HERE or (venue is not None and emergency is None)
    others = running() if is_elsewhere else ()
    if proof is Proof.VENUE and any(each.holder.book in _REAL for each in others):
        # One that sends real orders from another folder has not been stopped by this switch.
        proof = Proof.VENUE_UNPROVEN
    return KillOn(
        raised=raised,
        proof=proof,
        elapsed=clock.monotonic() - began,
        running=others,
        venue=venue,
        kept=_kept(switch, proof),
    )


def since(switch: KillSwitch) -> str | None:
    """Since when it is on: by its own word, else by the moment at which it was touched."""
    touched = switch.since()
    return switch.said().time or (None if touched is None else str(touched))


def trader_of(data: Path) -> Holder | None:
    """The process that works on a folder, if the one that the holder's file names lives."""
    holder = read_holder(data / HOLDER)
    return holder if holder is not None and holder.is_alive else None


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


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    ca_file: str
    key_file: Path
    is_left: bool
    """Whether the trader's own word is about it."""


def _books(folder: Path) -> tuple[Places, ...] | None:
    """The folder's books; None where nobody may look into it."""
    try:
        return books_in(folder)
    except OSError:
        return None


def _word_left(folder: Path, clock: SystemClock) -> Emergency | None:
    """What the folder's trader left: there, or in its second copy.

    A folder that holds other books alone is not the one that the copy is about any more.
    """
    found = read_emergency(folder)
    if found is not None:
        return found
    books = _books(folder)
    if books and not _real_books(folder):
        return None
    return second_word(folder, clock.now())


def _last_sender(folder: Path) -> Holder | None:
    """Who last held the guard, if that was LIVE: its file says so without the trader's word."""
    holder = read_holder(folder / HOLDER)
    return holder if holder is not None and holder.book in _REAL else None


def _real_books(folder: Path) -> tuple[VenueName, ...]:
    """The venues to which LIVE sends from here: of the trader of now, or of any before."""
    holder = _last_sender(folder)
    if holder is not None:
        return tuple(venue for venue in VenueName if holder.book.endswith(f"-{venue.slug}"))
    return tuple(each.venue for each in _books(folder) or () if each.mode is Mode.LIVE)


def _target(emergency: Emergency | None, named: AtVenue, folder: Path) -> _Target | None:
    """Where to cancel: what the trader left, and what a person says instead of it."""
    if named.host is not None and named.host != COINBASE_HOST:
        name, _, port = named.host.rpartition(":")
        if (name or named.host) not in _LOOPBACK or (name and not port.isdigit()):
            raise UsageError(
                f"--host {named.host} is not Coinbase: a key is shown to nobody else",
                hint=f"{COINBASE_HOST}, or a simulation on this machine: localhost:8443",
            )
    left = emergency
    if left is None:
        found = way_without_word(named.key_file, named.host, books=_real_books(folder), data=folder)
        if found is None:
            return None
        host, ca_file, key_file = found.host, found.ca_file, found.key_file
    else:
        host = named.host or left.host
        ca_file = left.ca_file if host == left.host else ""
        key_file = named.key_file or Path(left.key_file)
    return _Target(
        host=host,
        ca_file=ca_file if named.ca_file is None else str(named.ca_file.expanduser()),
        key_file=key_file.expanduser(),
        is_left=left is not None and left.host == host,
    )


def _cleared_at(
    target: _Target,
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
    holder = _last_sender(folder) if emergency is None else None if left is None else left.holder
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


def _proof(
    switch: KillSwitch,
    folder: Path,
    trader: Holder | None,
    venue: VenueCleared | None,
    emergency: Emergency | None,
    *,
    is_waited_for: bool,
) -> Proof:
    if venue is not None and not _is_history(venue, emergency):
        if not is_waited_for:
            return Proof.NOT_WAITED
        if venue.outcome is None or not venue.outcome.is_proven:
            return Proof.VENUE_UNPROVEN
        if trader is None or trader.book == venue.book:
            return Proof.VENUE
    word = _word(switch, folder, trader, is_waited_for=is_waited_for)
    books = _books(folder)
    is_real = books is None or any(each.mode is Mode.LIVE for each in books)
    if word is Proof.AT_NEXT_START and is_real and venue is None:
        return Proof.NO_WAY
    return word


def _is_history(venue: VenueCleared, emergency: Emergency | None) -> bool:
    """Whether the venue, silent now, was proven empty by the trader as it ended.

    A rehearsal's exchange is gone once nobody serves it.
    """
    is_silent = venue.outcome is None or not (venue.outcome.listings or venue.outcome.found)
    return is_silent and emergency is not None and emergency.is_cleared


def _kept(switch: KillSwitch, proof: Proof) -> int:
    word = switch.acknowledgement() if proof is Proof.ACKNOWLEDGED else None
    return 0 if word is None else word.kept


def _word(switch: KillSwitch, folder: Path, trader: Holder | None, *, is_waited_for: bool) -> Proof:
    """What the trader of the folder says, or that there is none."""
    if trader is not None and is_waited_for:
        seconds = ACKNOWLEDGED_WITHIN.total_seconds()
        if switch.acknowledged_by(trader, seconds_max=seconds):
            return Proof.ACKNOWLEDGED
        trader = trader_of(folder)
    if trader is not None:
        return Proof.UNPROVEN if is_waited_for else Proof.NOT_WAITED
    if _books(folder) == ():
        return Proof.NOTHING_HERE
    return Proof.AT_NEXT_START if is_waited_for else Proof.NOT_WAITED
