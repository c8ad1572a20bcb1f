"""What each fact makes of an intent: the table that the model's moves obey.

The program folds events instead. A test drives its fold through every line here, so that neither
can change without the other.
"""

from __future__ import annotations

from scripts.model.state import Intent


class Fact:
    """What the journal learns of an intent."""

    TAKEN = 0  # the venue took it, or a listing shows the order that was sent
    REFUSED = 1  # the venue refused it
    UNKNOWN = 2  # nobody can tell
    NOT_SENT = 3  # no byte of it left
    ABSENT = 4  # enough listings, late enough, are without it
    ENDED = 5  # its order ended, and every fill of it is booked
    ENDED_SHORT = 6  # its order ended, and fills of it are not booked yet
    LAST_FILL = 7  # a fill is booked, and with it all of an order that ended
    FILL = 8  # a fill is booked that is not the last one


S, U, A = Intent.SUBMITTING, Intent.UNKNOWN, Intent.ACCEPTED
P, D, R, N = Intent.DONE_FILLS_PENDING, Intent.DONE, Intent.REJECTED, Intent.NOT_CREATED

AFTER = {
    (S, Fact.TAKEN): A,
    (S, Fact.REFUSED): R,
    (S, Fact.UNKNOWN): U,
    (S, Fact.NOT_SENT): N,
    (U, Fact.TAKEN): A,
    (U, Fact.ABSENT): N,
    (U, Fact.FILL): U,
    (A, Fact.ENDED): D,
    (A, Fact.ENDED_SHORT): P,
    (A, Fact.FILL): A,
    (P, Fact.ENDED_SHORT): P,
    (P, Fact.FILL): P,
    (P, Fact.LAST_FILL): D,
}
"""Every fact that a correct program may meet in a state, and the state that follows."""

LEGAL = frozenset(
    {(Intent.NONE, S)}
    | {(before, after) for (before, _), after in AFTER.items() if before != after}
    # One reading may say both that the venue has it and that it is over.
    | {(U, P), (U, D)}
)
