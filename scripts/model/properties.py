"""What must hold in every state, and where everything must end once faults have stopped."""

from __future__ import annotations

from scripts.model.edges import LEGAL
from scripts.model.moves import ORDER_BLOCKS, PROCESS_BLOCKS, Found, Move
from scripts.model.state import (
    AT,
    CAP,
    ENDED,
    GHOST,
    KILL,
    LATCH,
    SEEN,
    SETTLED,
    SIZE,
    STOPPED,
    TWIN,
    UNRESOLVED,
    At,
    B,
    F,
    Ghost,
    Intent,
    J,
    Seen,
    V,
    Venue,
    W,
    Wire,
    name_of,
)  # fmt: skip

_SENDING = {
    Ghost.SENT_UNDER_STOP: "an order was sent after the stop was raised",
    Ghost.SENT_WITHOUT_LEASE: "an order was sent by a process whose lease is over",
    Ghost.SENT_TOO_LATE: "an order was sent after its deadline",
    Ghost.SENT_IN_RECOVERY: "a recovery sent an order",
    Ghost.WROTE_WITHOUT_LEASE: "a process whose lease is over wrote to the journal",
    Ghost.SETTLED_BY_TIME: "an unknown order was given up by time alone",
    Ghost.LATCH_LOST: "a restart cleared a halt",
}


def violation(before: bytes, state: bytes) -> str | None:
    """What is wrong with a state, or with how it came out of the one before; None if nothing."""
    if state[GHOST]:
        return next(words for flag, words in _SENDING.items() if state[GHOST] & flag)
    unresolved = exposure = 0
    for order in ORDER_BLOCKS:
        intent = state[order + J]
        if intent != before[order + J] and (before[order + J], intent) not in LEGAL:
            names = (name_of(Intent, each[order + J]) for each in (before, state))
            return "no edge leads from {} to {}".format(*names)
        wire, venue = state[order + W], state[order + V]
        if wire and not intent:
            return "an order was sent that the journal does not know"
        if venue not in (Venue.NONE, Venue.REFUSED) and state[order + TWIN] == Wire.ARRIVED:
            return "two orders at the venue for one decision"
        if state[order + B] > state[order + F]:
            return "a fill was booked twice"
        may_live = wire == Wire.FLYING or venue == Venue.OPEN
        if intent in SETTLED:
            if may_live:
                return "a reservation was released while its order may live"
            if state[order + B] != state[order + F]:
                return "an order is over in the journal without all of its fills"
        unresolved += intent in UNRESOLVED
        exposure += SIZE if may_live else state[order + F]
    if unresolved > 1:
        return "two unresolved orders of one product"
    if exposure > state[CAP]:
        return f"{exposure} units are held or on their way, {state[CAP]} are allowed"
    return None


def is_resolved(state: bytes) -> bool:
    """Nothing is open, unknown or unbooked, a process runs, and a stop that stands is latched."""
    for order in ORDER_BLOCKS:
        if state[order + J] and state[order + J] not in SETTLED:
            return False
        if state[order + V] in (Venue.OPEN, *ENDED) and state[order + B] != state[order + F]:
            return False
    if state[KILL] and not state[LATCH]:
        return False
    return any(
        state[process + AT] == At.IDLE and not state[process + STOPPED]
        for process in PROCESS_BLOCKS
    )


def calm_step(found: Found) -> bytes | None:
    """Which of the possible moves comes once faults have stopped, on a fair schedule.

    Whoever can act does so before time passes; a listing is taken where it says something. None
    where nothing can happen.
    """
    listed = later = None
    for move, after in found:
        if not move.is_harmless:
            continue
        if move is Move.TIME:
            later = after
        elif move is Move.LISTS:
            listed = after
        else:
            return after
    return listed if listed is not None and _is_news(listed) else later


def _is_news(listed: bytes) -> bool:
    """Whether a listing just taken tells the journal anything."""
    for process in PROCESS_BLOCKS:
        for number, order in enumerate(ORDER_BLOCKS):
            seen = listed[process + SEEN + number]
            if listed[order + J] in UNRESOLVED and seen in (Seen.ABSENT, Seen.LIVE, Seen.ENDED):
                return True
            if listed[order + J] == Intent.ACCEPTED and seen == Seen.ENDED:
                return True
    return False
