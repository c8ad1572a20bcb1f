"""What is known of our orders once the kill switch is on, and how that is known."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.adapters.emergency import Emergency
from trader247.adapters.holder import Holder
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.modes import Mode
from trader247.app.killing.target import books_of
from trader247.app.running.traders import trader_of
from trader247.domain.dataclass import dataclass

if TYPE_CHECKING:
    from trader247.app.killing.clearing import Cleared

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
    ELSEWHERE = "elsewhere"
    """A trader of another folder lives, and may send where this folder's orders are."""
    LOWERED = "lowered"
    """Somebody turned the switch off while the proof was waited for."""


PROVEN = (Proof.VENUE, Proof.ACKNOWLEDGED, Proof.AT_NEXT_START)
"""What says that nothing of ours rests, or will before it is cancelled."""


@dataclass(frozen=True, slots=True)
class VenueCleared:
    """What became of the orders at a venue; `trouble` says what stood in the way, or is empty."""

    host: str
    book: str
    outcome: Cleared | None
    trouble: str


def proof_of(
    switch: KillSwitch,
    folder: Path,
    trader: Holder | None,
    venue: VenueCleared | None,
    emergency: Emergency | None,
    *,
    is_waited_for: bool,
) -> Proof:
    """What may be said of our orders, given what the venue listed and what the trader tells."""
    if venue is not None and not _is_history(venue, emergency):
        if not is_waited_for:
            return Proof.NOT_WAITED
        if venue.outcome is None or not venue.outcome.is_proven:
            return Proof.VENUE_UNPROVEN
        if trader is None or trader.book == venue.book:
            return Proof.VENUE
    word = _word(switch, folder, trader, is_waited_for=is_waited_for)
    books = books_of(folder)
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


def kept_by(switch: KillSwitch, proof: Proof) -> int:
    """How many sales the trader says still rest, as was wished."""
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
    if books_of(folder) == ():
        return Proof.NOTHING_HERE
    return Proof.AT_NEXT_START if is_waited_for else Proof.NOT_WAITED
