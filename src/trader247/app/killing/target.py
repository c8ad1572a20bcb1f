"""Where to cancel once the switch is on: what the trader left, and what a person says instead."""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.emergency import Emergency, read_emergency
from trader247.adapters.holder import HOLDER, Holder, read_holder
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places, books_in
from trader247.app.killing.lost_word import COINBASE_HOST, second_word, way_without_word
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError

REAL_BOOKS = tuple(f"{Mode.LIVE.slug}-{venue.slug}" for venue in VenueName)
"""The books from which real orders are sent."""
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


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


NOTHING_NAMED = AtVenue()


@dataclass(frozen=True, slots=True)
class Target:
    """A venue, the authority to trust there, and the key to show."""

    host: str
    ca_file: str
    key_file: Path
    is_left: bool
    """Whether the trader's own word is about it."""


def word_left(folder: Path, clock: SystemClock) -> Emergency | None:
    """What the folder's trader left: there, or in its second copy.

    A folder that holds other books alone is not the one that the copy is about any more.
    """
    found = read_emergency(folder)
    if found is not None:
        return found
    books = books_of(folder)
    if books and not _real_books(folder):
        return None
    return second_word(folder, clock.now())


def last_sender(folder: Path) -> Holder | None:
    """Who last held the guard, if that was LIVE: its file says so without the trader's word."""
    holder = read_holder(folder / HOLDER)
    return holder if holder is not None and holder.book in REAL_BOOKS else None


def _real_books(folder: Path) -> tuple[VenueName, ...]:
    """The venues to which LIVE sends from here: of the trader of now, or of any before."""
    holder = last_sender(folder)
    if holder is not None:
        return tuple(venue for venue in VenueName if holder.book.endswith(f"-{venue.slug}"))
    return tuple(each.venue for each in books_of(folder) or () if each.mode is Mode.LIVE)


def target_of(emergency: Emergency | None, named: AtVenue, folder: Path) -> Target | None:
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
    return Target(
        host=host,
        ca_file=ca_file if named.ca_file is None else str(named.ca_file.expanduser()),
        key_file=key_file.expanduser(),
        is_left=left is not None and left.host == host,
    )


def books_of(folder: Path) -> tuple[Places, ...] | None:
    """The folder's books; None where nobody may look into it."""
    try:
        return books_in(folder)
    except OSError:
        return None
