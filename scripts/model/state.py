"""One state of the model: a few bytes, each with a name.

Plain numbers and no enumerations: a search compares them a hundred million times.

Two decisions on one product, each with one order of two units; two processes that may hold the
journal one after the other; a venue; the wire between them; a kill file.
"""

from __future__ import annotations

from dataclasses import dataclass

ORDERS = 2
PROCESSES = 2
SIZE = 2
"""Units of an order: it can fill in part."""
LISTINGS_MIN = 3


class Intent:
    """What the journal says of an intent; the names are the code's."""

    NONE = 0
    SUBMITTING = 1
    UNKNOWN = 2
    ACCEPTED = 3
    DONE_FILLS_PENDING = 4
    DONE = 5
    REJECTED = 6
    NOT_CREATED = 7


UNRESOLVED = (Intent.SUBMITTING, Intent.UNKNOWN)
SETTLED = (Intent.DONE, Intent.REJECTED, Intent.NOT_CREATED)


class Wire:
    """Where a request for an order, or for its cancel, is."""

    NONE = 0
    FLYING = 1
    ARRIVED = 2
    LOST = 3


class Venue:
    """What the venue knows of an order."""

    NONE = 0
    OPEN = 1
    FILLED = 2
    CANCELLED = 3
    EXPIRED = 4
    REFUSED = 5


ENDED = (Venue.FILLED, Venue.CANCELLED, Venue.EXPIRED)


class Age:
    """How much time went by since an intent was recorded."""

    FRESH = 0  # the decision may still be sent
    LATE = 1  # too late to send; what was sent may still be on its way
    QUIET = 2  # nothing sent can arrive any more, and listings have caught up
    OVER = 3  # its order has ended by itself


class At:
    """Where a process is on an order's way."""

    DEAD = 0
    TAKEN = 1  # it holds the lease, and has written nothing
    IDLE = 2
    DECIDED = 3
    RECORDED = 4
    WAITING = 5
    ANSWERED = 6
    LISTED = 7
    CANCELLING = 8  # the wish to cancel is recorded, nothing was sent
    KEYED = 9  # a planted bug: a fill's key is stored, its effect is not


class Answer:
    """What a process has read of an order's outcome."""

    NONE = 0
    TAKEN = 1
    REFUSED = 2
    UNKNOWN = 3
    NOT_SENT = 4


class Seen:
    """What a listing said of an order."""

    NOTHING = 0  # no listing was taken
    ABSENT_EARLY = 1  # it began while the order could still arrive
    ABSENT = 2
    LIVE = 3
    ENDED = 4


# An order's block.
J, W, V, F, S, B, K, AGE, LAG, N, C, X, FIN, TWIN, SOFT, LATER = range(16)
"""Journal, wire, venue, filled, fills shown, fills booked, keys stored, age, listing lags,
listings without it, cancel asked for, cancel's wire, end seen, an order under a second id, not
synced, appeared after it was settled."""
ORDER = 16
# What all share.
SHARED = ORDER * ORDERS
KILL, LATCH, LEASE, CRASHES, FLAWS, SWITCHES, STOPS, CAP, GHOST = range(SHARED, SHARED + 9)
"""Kill file, its latch in the journal, latest epoch; then what the world may still do to us; units
that may be held or on their way; and what was done wrong."""
# A process's block.
PROCESS = SHARED + 9
AT, ON, ANSWER, EPOCH, SEEN, STOPPED = 0, 1, 2, 3, 4, 4 + ORDERS
WIDTH = STOPPED + 1
LENGTH = PROCESS + WIDTH * PROCESSES


class Ghost:
    """What no process may ever do, remembered where it is done."""

    SENT_UNDER_STOP = 1
    SENT_WITHOUT_LEASE = 2
    SENT_TOO_LATE = 4
    SENT_IN_RECOVERY = 8
    WROTE_WITHOUT_LEASE = 16
    SETTLED_BY_TIME = 32
    LATCH_LOST = 64


@dataclass(frozen=True, slots=True)
class Start:
    """Where a search starts: one idle process, nothing decided, and what the world may do to it.

    Processes may die so often; listings may leave an order out so often; the stop may be raised so
    often; the first process may be stopped, and then replaced, so often. Under a cap of three units
    a second whole order beside a first one is too much; under one of four it is not.
    """

    crashes: int = 0
    flaws: int = 0
    switches: int = 0
    stops: int = 0
    cap: int = 3

    def state(self) -> bytes:
        """It as a state."""
        state = bytearray(LENGTH)
        state[LEASE], state[CAP] = 1, self.cap
        state[CRASHES], state[FLAWS] = self.crashes, self.flaws
        state[SWITCHES], state[STOPS] = self.switches, self.stops
        state[PROCESS + AT], state[PROCESS + EPOCH] = At.IDLE, 1
        return bytes(state)


def name_of(kind: type, value: int) -> str:
    """The name of one of a kind's values."""
    return next(name for name, each in vars(kind).items() if each == value and name.isupper())


def told(state: bytes) -> str:
    """A state in words, what is usual left out."""
    words = []
    for order in range(ORDERS):
        block = state[order * ORDER : (order + 1) * ORDER]
        if block[J] or block[W] or block[V]:
            words.append(
                f"order {order}: journal {name_of(Intent, block[J])}, "
                f"wire {name_of(Wire, block[W])}, "
                f"venue {name_of(Venue, block[V])}, filled {block[F]} shown {block[S]} "
                f"booked {block[B]}, {name_of(Age, block[AGE])}"
                + (f", unseen {block[N]}" if block[N] else "")
                + (", cancel asked for" if block[C] else "")
                + (f", under a second id {name_of(Wire, block[TWIN])}" if block[TWIN] else "")
            )
    for number in range(PROCESSES):
        block = state[PROCESS + number * WIDTH :]
        if block[AT]:
            stopped = ", stopped" if block[STOPPED] else ""
            words.append(
                f"process {number}: {name_of(At, block[AT])}, epoch {block[EPOCH]}{stopped}"
            )
    if state[KILL] or state[LATCH]:
        words.append(f"kill file {state[KILL]}, latched {state[LATCH]}")
    return "; ".join(words)
