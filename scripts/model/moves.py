"""Everything that can happen in a state: what the world does to us, and what a process does.

Each move is atomic because the program's is: one transaction of the journal, or the last look at
stop, lease and deadline together with the first byte. Where the program may end between two acts,
there are two moves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scripts.model.bugs import Bug
from scripts.model.edges import AFTER, Fact
from scripts.model.state import (
    AGE,
    ANSWER,
    AT,
    CAP,
    CRASHES,
    ENDED,
    EPOCH,
    FIN,
    FLAWS,
    GHOST,
    KILL,
    LAG,
    LATCH,
    LEASE,
    LISTINGS_MIN,
    ON,
    ORDER,
    ORDERS,
    PROCESS,
    PROCESSES,
    SEEN,
    SETTLED,
    SIZE,
    SOFT,
    STOPPED,
    STOPS,
    SWITCHES,
    TWIN,
    UNRESOLVED,
    WIDTH,
    Age,
    Answer,
    At,
    B,
    C,
    F,
    Ghost,
    Intent,
    J,
    K,
    N,
    S,
    Seen,
    V,
    Venue,
    W,
    Wire,
    X,
)  # fmt: skip


class Kind(NamedTuple):
    """A kind of move: its words, the milestones of the code that it stands for, is it harmless.

    Harmless moves are those that go on when every fault has stopped.
    """

    words: str
    milestones: tuple[str, ...]
    is_harmless: bool


class Move:
    """Every kind of move. No enumeration: looking up its members is slow."""

    TIME = Kind("time passes", (), True)
    REACHES = Kind("the request reaches the venue", ("CP06",), True)
    REFUSED = Kind("the venue refuses the order", ("CP06",), True)
    DROPPED = Kind("the request is lost on its way", ("CP05",), False)
    ANSWERED = Kind("the answer is read", ("CP07", "CP08", "CP09"), True)
    NO_ANSWER = Kind("the answer does not come", ("CP09",), False)
    TIMES_OUT = Kind("the answer cannot come any more", ("CP09",), True)
    FILLS = Kind("a unit of the order fills", ("CP12",), False)
    SHOWN = Kind("the venue shows its fills", (), True)
    CAUGHT_UP = Kind("listings catch up", (), True)
    CANCEL_REACHES = Kind("the cancel reaches the venue", ("CP17",), True)
    CANCEL_DROPPED = Kind("the cancel is lost on its way", ("CP17",), False)
    CRASH = Kind("the process dies", (), False)
    CRASH_IN_COMMIT = Kind("the process dies while it commits", ("CP02", "CP03", "CP28"), False)
    CRASH_IN_SETTLING = Kind("the process dies after its commit", ("CP10", "CP28"), False)
    CRASH_IN_BOOKING = Kind("the process dies after it booked a fill", ("CP14",), False)
    STOPPED = Kind("the process is stopped", (), False)
    WAKES = Kind("the process wakes up", (), True)
    STARTS = Kind("a process takes the lease", ("CP27",), True)
    TAKES_OVER = Kind("another process takes the lease", ("CP27",), False)
    KILL_RAISED = Kind("a person raises the stop", (), False)
    KILL_REMOVED = Kind("a person removes the kill file", (), False)
    UNLOCKED = Kind("a person clears the halt", (), False)
    DECIDES = Kind("decides on an order", ("CP00", "CP01"), False)
    RECORDS = Kind("records the intent", ("CP04",), True)
    WITHHELD = Kind("sends nothing: stopped, late, or without the lease", ("CP09",), True)
    SENDS = Kind("sends the order", ("CP05",), True)
    SETTLES = Kind("records the outcome", ("CP11",), True)
    RECOVERS = Kind("doubts what was not answered", ("CP26",), True)
    LATCHES = Kind("records that the stop was seen", ("CP20", "CP22"), True)
    LISTS = Kind("lists its orders", ("CP13",), True)
    MISSES = Kind("lists its orders, and the venue leaves one out", ("CP13",), False)
    LEARNS = Kind("records what the listing says", ("CP18", "CP19"), True)
    BOOKS = Kind("books a fill", ("CP15",), True)
    WISHES_END = Kind("records that it cancels", ("CP16",), False)
    CANCELS = Kind("sends the cancel", ("CP21",), True)
    LEASE_OVER = Kind("may not write any more, and ends", (), True)
    PLANTED = Kind("does what the bug does", (), True)


MOVES: dict[str, Kind] = {name: each for name, each in vars(Move).items() if name.isupper()}

Found = list[tuple[Kind, bytes]]
Moves = Callable[[bytes], Found]

ORDER_BLOCKS = tuple(order * ORDER for order in range(ORDERS))
PROCESS_BLOCKS = tuple(PROCESS + number * WIDTH for number in range(PROCESSES))


def moves_of(bug: str = "") -> Moves:
    """Every move that is possible in a state, with this bug planted."""

    def moves(state: bytes) -> Found:
        found: Found = []
        _time(state, found)
        for order in ORDER_BLOCKS:
            _world(state, order, found)
        _people(state, found)
        for process in PROCESS_BLOCKS:
            _process(state, process, bug, found)
        return found

    return moves


def _changed(state: bytes, *changes: tuple[int, int]) -> bytes:
    after = bytearray(state)
    for place, value in changes:
        after[place] = value
    return bytes(after)


def _time(state: bytes, found: Found) -> None:
    """An intent ages; what was sent for it dies, listings catch up, its order ends."""
    after = bytearray(state)
    for order in ORDER_BLOCKS:
        if not state[order + J] and not state[order + W]:
            continue
        age = min(state[order + AGE] + 1, Age.OVER)
        after[order + AGE] = age
        if age >= Age.QUIET:
            after[order + LAG] = 0
            for wire in (W, TWIN):
                if state[order + wire] == Wire.FLYING:
                    after[order + wire] = Wire.LOST
        if age == Age.OVER and state[order + V] == Venue.OPEN:
            after[order + V] = Venue.EXPIRED
    for process in PROCESS_BLOCKS:
        if state[process + AT] == At.DECIDED:  # its decision ages before it is recorded
            after[process + ANSWER] = Answer.NOT_SENT
    changed = bytes(after)
    if changed != state:
        found.append((Move.TIME, changed))


def _world(state: bytes, order: int, found: Found) -> None:
    """What wires and the venue may do with an order."""
    if state[order + W] == Wire.FLYING:
        for lag in (0, 1):
            at = ((order + W, Wire.ARRIVED), (order + V, Venue.OPEN), (order + LAG, lag))
            found.append((Move.REACHES, _changed(state, *at)))
        refused = _changed(state, (order + W, Wire.ARRIVED), (order + V, Venue.REFUSED))
        found.append((Move.REFUSED, refused))
        found.append((Move.DROPPED, _changed(state, (order + W, Wire.LOST))))
    if state[order + TWIN] == Wire.FLYING:
        found.append((Move.REACHES, _changed(state, (order + TWIN, Wire.ARRIVED))))
    filled = state[order + F]
    if state[order + V] == Venue.OPEN:
        end = Venue.FILLED if filled + 1 == SIZE else Venue.OPEN
        found.append((Move.FILLS, _changed(state, (order + F, filled + 1), (order + V, end))))
    if state[order + S] < filled:
        found.append((Move.SHOWN, _changed(state, (order + S, filled))))
    if state[order + LAG]:
        found.append((Move.CAUGHT_UP, _changed(state, (order + LAG, 0))))
    if state[order + X] == Wire.FLYING:
        end = Venue.CANCELLED if state[order + V] == Venue.OPEN else state[order + V]
        done = ((order + X, Wire.ARRIVED), (order + V, end))
        found.append((Move.CANCEL_REACHES, _changed(state, *done)))
        found.append((Move.CANCEL_DROPPED, _changed(state, (order + X, Wire.LOST))))


def _people(state: bytes, found: Found) -> None:
    """What people do with the stop."""
    if state[SWITCHES] and not state[KILL]:
        raised = _changed(state, (KILL, 1), (SWITCHES, state[SWITCHES] - 1))
        found.append((Move.KILL_RAISED, raised))
    if state[KILL]:
        found.append((Move.KILL_REMOVED, _changed(state, (KILL, 0))))
    elif state[LATCH]:
        found.append((Move.UNLOCKED, _changed(state, (LATCH, 0))))


def _process(state: bytes, process: int, bug: str, found: Found) -> None:
    at = state[process + AT]
    if at == At.DEAD:
        _start(state, process, bug, found)
        return
    if state[CRASHES]:
        found.append((Move.CRASH, _dead(state, process, bug)))
    if state[process + STOPPED]:
        found.append((Move.WAKES, _changed(state, (process + STOPPED, 0))))
        return
    if process == PROCESS and state[STOPS]:
        stopped = ((process + STOPPED, 1), (STOPS, state[STOPS] - 1))
        found.append((Move.STOPPED, _changed(state, *stopped)))
    _ACTS[at](state, process, bug, found)


def _dead(state: bytes, process: int, bug: str) -> bytes:
    after = bytearray(state)
    after[process : process + WIDTH] = bytes(WIDTH)
    after[CRASHES] -= 1
    for order in ORDER_BLOCKS:
        if bug == Bug.NOT_SYNCED and state[order + SOFT]:
            after[order + J] = after[order + SOFT] = 0
    return bytes(after)


def _start(state: bytes, process: int, bug: str, found: Found) -> None:
    """The lock is free when its holder died; of one that is stopped it can be taken by force."""
    first, second = PROCESS_BLOCKS
    other = second if process == first else first
    is_forced = state[other + STOPPED] == 1
    if state[other + AT] and not is_forced:
        return
    if not state[other + AT] and process != first:
        return  # which of two dead ones starts makes no difference
    after = bytearray(state)
    after[LEASE] = after[process + EPOCH] = state[LEASE] + 1
    after[process + AT] = At.TAKEN
    if bug == Bug.LATCH_LOST_AT_RESTART and state[LATCH]:
        after[LATCH] = 0
        after[GHOST] |= Ghost.LATCH_LOST
    found.append((Move.TAKES_OVER if is_forced else Move.STARTS, bytes(after)))


def _may_write(state: bytes, process: int, bug: str, found: Found) -> int | None:
    """What a write adds to what was done wrong; None where the journal does not take it."""
    if state[process + EPOCH] == state[LEASE]:
        return 0
    if bug == Bug.LEASE_NOT_CHECKED_AT_WRITE:
        return Ghost.WROTE_WITHOUT_LEASE
    after = bytearray(state)
    after[process : process + WIDTH] = bytes(WIDTH)
    found.append((Move.LEASE_OVER, bytes(after)))
    return None


def _recover(state: bytes, process: int, bug: str, found: Found) -> None:
    wrong = _may_write(state, process, bug, found)
    if wrong is None:
        return
    after = bytearray(state)
    after[process + AT] = At.IDLE
    after[LATCH] |= state[KILL]
    after[GHOST] |= wrong
    for number, order in enumerate(ORDER_BLOCKS):
        if state[order + J] != Intent.SUBMITTING:
            continue
        if bug == Bug.RESTART_SENDS_AGAIN:
            after[process + AT], after[process + ON] = At.RECORDED, number
            after[order + AGE] = Age.FRESH
            after[GHOST] |= Ghost.SENT_IN_RECOVERY
        else:
            after[order + J] = AFTER[Intent.SUBMITTING, Fact.UNKNOWN]
    found.append((Move.RECOVERS, bytes(after)))


def _idle(state: bytes, process: int, bug: str, found: Found) -> None:
    wrong = _may_write(state, process, bug, found)
    if wrong is None:
        return
    if state[KILL] and not state[LATCH]:
        found.append((Move.LATCHES, _changed(state, (LATCH, 1), (GHOST, state[GHOST] | wrong))))
    _decide(state, process, bug, found)
    for order in ORDER_BLOCKS:
        if state[order + J]:
            _book(state, process, order, bug, found)
            _wish_end(state, process, order, found)
            if bug == Bug.RESOLVED_BY_TIME and (
                state[order + J] == Intent.UNKNOWN and state[order + AGE] >= Age.QUIET
            ):
                given_up = ((order + J, Intent.NOT_CREATED), (GHOST, Ghost.SETTLED_BY_TIME))
                found.append((Move.PLANTED, _changed(state, *given_up)))
    _list(state, process, found)


def _decide(state: bytes, process: int, bug: str, found: Found) -> None:
    if state[KILL] or state[LATCH]:
        return
    exposure = 0
    for number, order in enumerate(ORDER_BLOCKS):
        intent = state[order + J]
        if intent == Intent.NONE:
            if exposure + SIZE <= state[CAP] and not state[order + W]:
                decided = ((process + AT, At.DECIDED), (process + ON, number))
                found.append((Move.DECIDES, _changed(state, *decided)))
            return
        if intent in UNRESOLVED and bug != Bug.SECOND_WHILE_UNKNOWN:
            return
        is_reserved = intent not in SETTLED and bug != Bug.RESERVATIONS_NOT_COUNTED
        exposure += SIZE if is_reserved else state[order + B]


def _book(state: bytes, process: int, order: int, bug: str, found: Found) -> None:
    if state[order + K] >= state[order + S]:
        return
    key = (order + K, state[order + K] + 1)
    effect = (order + B, state[order + B] + 1)
    keyed = (process + AT, At.KEYED)
    if bug == Bug.FILL_DROPPED:
        found.append((Move.PLANTED, _changed(state, key)))
        return
    if bug == Bug.KEY_BEFORE_EFFECT or bug == Bug.EFFECT_BEFORE_KEY:
        first = key if bug == Bug.KEY_BEFORE_EFFECT else effect
        on = (process + ON, order // ORDER)
        found.append((Move.PLANTED, _changed(state, first, keyed, on)))
        return
    intent = state[order + J]
    if bug == Bug.FILL_BEFORE_THE_ANSWER_LOST and intent in UNRESOLVED:
        found.append((Move.PLANTED, _changed(state, key)))
        return
    booked = _changed(state, key, effect)
    booked = _changed(booked, (order + J, _after_fill(booked, order)))
    found.append((Move.BOOKS, booked))
    if state[CRASHES]:
        found.append((Move.CRASH_IN_BOOKING, _dead(booked, process, bug)))


def _after_fill(state: bytes, order: int) -> int:
    is_last = state[order + FIN] and state[order + B] == state[order + F]
    fact = Fact.LAST_FILL if is_last else Fact.FILL
    return AFTER.get((state[order + J], fact), state[order + J])


def _keyed(state: bytes, process: int, bug: str, found: Found) -> None:
    """A planted bug: the second half of a booking."""
    order = state[process + ON] * ORDER
    place = B if bug == Bug.KEY_BEFORE_EFFECT else K
    idle = ((process + AT, At.IDLE), (process + ON, 0))
    after = _changed(state, (order + place, state[order + place] + 1), *idle)
    after = _changed(after, (order + J, _after_fill(after, order)))
    found.append((Move.PLANTED, after))


def _wish_end(state: bytes, process: int, order: int, found: Found) -> None:
    """Cancel an order that works, or ask again where the wish may be lost."""
    if state[order + J] != Intent.ACCEPTED or state[order + FIN]:
        return
    if state[order + X] != Wire.FLYING and state[order + V] == Venue.OPEN:
        wish = ((order + C, 1), (process + AT, At.CANCELLING), (process + ON, order // ORDER))
        found.append((Move.WISHES_END, _changed(state, *wish)))


def _cancelling(state: bytes, process: int, bug: str, found: Found) -> None:
    order = state[process + ON] * ORDER
    idle = ((process + AT, At.IDLE), (process + ON, 0))
    sent = _changed(state, (order + X, Wire.FLYING), *idle)
    if bug == Bug.CANCEL_IS_FINAL:
        sent = _changed(sent, (order + J, Intent.DONE))
    found.append((Move.CANCELS, sent))


def _list(state: bytes, process: int, found: Found) -> None:
    """Take a listing of every order that is not over; the world goes on before it is used."""
    seen = [Seen.NOTHING] * ORDERS
    for number, order in enumerate(ORDER_BLOCKS):
        if state[order + J] and state[order + J] not in SETTLED:
            seen[number] = _seen(state, order)
    if not any(seen):
        return
    found.append((Move.LISTS, _with_listing(state, process, seen)))
    for number, each in enumerate(seen):
        if state[FLAWS] and each in (Seen.LIVE, Seen.ENDED):
            order = ORDER_BLOCKS[number]
            missed = seen.copy()
            missed[number] = _absent(state, order)
            after = _with_listing(state, process, missed)
            found.append((Move.MISSES, _changed(after, (FLAWS, state[FLAWS] - 1))))


def _with_listing(state: bytes, process: int, seen: list[int]) -> bytes:
    at = (process + AT, At.LISTED)
    return _changed(state, at, *((process + SEEN + n, each) for n, each in enumerate(seen)))


def _seen(state: bytes, order: int) -> int:
    venue = state[order + V]
    if state[order + LAG] or venue in (Venue.NONE, Venue.REFUSED):
        return _absent(state, order)
    return Seen.ENDED if venue in ENDED else Seen.LIVE


def _absent(state: bytes, order: int) -> int:
    return Seen.ABSENT if state[order + AGE] >= Age.QUIET else Seen.ABSENT_EARLY


def _listed(state: bytes, process: int, bug: str, found: Found) -> None:
    """Record what a listing says, one order after the other."""
    wrong = _may_write(state, process, bug, found)
    if wrong is None:
        return
    for number, order in enumerate(ORDER_BLOCKS):
        seen = state[process + SEEN + number]
        if seen == Seen.NOTHING:
            continue
        after = bytearray(state)
        after[process + SEEN + number] = Seen.NOTHING
        after[GHOST] |= wrong
        if not any(after[process + SEEN : process + SEEN + ORDERS]):
            after[process + AT] = At.IDLE
        _learn(after, order, seen, bug)
        found.append((Move.LEARNS, bytes(after)))
        return


def _learn(after: bytearray, order: int, seen: int, bug: str) -> None:
    intent = after[order + J]
    if intent in UNRESOLVED:
        if bug == Bug.UNKNOWN_NEVER_ASKED:
            return
        if seen in (Seen.LIVE, Seen.ENDED):
            intent = AFTER[intent, Fact.TAKEN]
        elif _is_evidence(after, order, seen, bug):
            after[order + N] += 1
            enough = 1 if bug == Bug.ONE_LISTING_IS_ENOUGH else LISTINGS_MIN
            # A fill that is shown may be its trace.
            if after[order + N] >= enough and not after[order + S]:
                intent = AFTER[intent, Fact.ABSENT]
            after[order + N] = min(after[order + N], LISTINGS_MIN - 1)
    if seen == Seen.ENDED and intent in (Intent.ACCEPTED, Intent.DONE_FILLS_PENDING):
        after[order + FIN] = 1
        is_complete = after[order + B] == after[order + F] or bug == Bug.END_WITHOUT_FILLS
        fact = Fact.ENDED if is_complete else Fact.ENDED_SHORT
        intent = AFTER.get((intent, fact), Intent.DONE)
    after[order + J] = intent


def _is_evidence(after: bytearray, order: int, seen: int, bug: str) -> bool:
    if bug == Bug.LISTING_DATED_BY_ITS_END:
        return after[order + AGE] >= Age.QUIET
    return seen == Seen.ABSENT or bug == Bug.EARLY_LISTING_COUNTS


def _decided(state: bytes, process: int, bug: str, found: Found) -> None:
    order = state[process + ON] * ORDER
    if bug == Bug.JOURNAL_AFTER_SEND:
        sent = _changed(state, (order + W, Wire.FLYING), (process + AT, At.WAITING))
        found.append((Move.SENDS, sent))
        return
    wrong = _may_write(state, process, bug, found)
    if wrong is None:
        return
    recorded = _changed(
        state, (order + J, Intent.SUBMITTING), (process + AT, At.RECORDED),
        (order + SOFT, int(bug == Bug.NOT_SYNCED)), (GHOST, state[GHOST] | wrong),
    )  # fmt: skip
    found.append((Move.RECORDS, recorded))
    if state[CRASHES]:
        found.append((Move.CRASH_IN_COMMIT, _dead(recorded, process, bug)))


def _recorded(state: bytes, process: int, bug: str, found: Found) -> None:
    """The last look and the first byte are one act."""
    order = state[process + ON] * ORDER
    is_stopped = state[KILL] or state[LATCH]
    is_over = state[process + EPOCH] != state[LEASE]
    is_late = state[order + AGE] != Age.FRESH or state[process + ANSWER] == Answer.NOT_SENT
    if (
        (is_stopped and bug != Bug.STOP_CHECKED_AFTER_SEND)
        or (is_over and bug != Bug.LEASE_NOT_CHECKED_AT_SEND)
        or (is_late and bug != Bug.DEADLINE_NOT_CHECKED)
    ):
        withheld = ((process + AT, At.ANSWERED), (process + ANSWER, Answer.NOT_SENT))
        found.append((Move.WITHHELD, _changed(state, *withheld)))
        return
    wrong = state[GHOST]
    wrong |= Ghost.SENT_UNDER_STOP if is_stopped else 0
    wrong |= Ghost.SENT_WITHOUT_LEASE if is_over else 0
    wrong |= Ghost.SENT_TOO_LATE if is_late else 0
    sent = ((order + W, Wire.FLYING), (process + AT, At.WAITING), (process + ANSWER, 0))
    found.append((Move.SENDS, _changed(state, (GHOST, wrong), *sent)))


def _waiting(state: bytes, process: int, bug: str, found: Found) -> None:
    order = state[process + ON] * ORDER
    answered = (process + AT, At.ANSWERED)
    if state[order + W] == Wire.ARRIVED:
        is_refused = state[order + V] == Venue.REFUSED
        answer = Answer.REFUSED if is_refused else Answer.TAKEN
        found.append((Move.ANSWERED, _changed(state, answered, (process + ANSWER, answer))))
    lost = Answer.NOT_SENT if bug == Bug.TIMEOUT_MEANS_NOT_SENT else Answer.UNKNOWN
    after = _changed(state, answered, (process + ANSWER, lost))
    if bug == Bug.RETRY_WITH_NEW_ID:
        after = _changed(after, (order + TWIN, Wire.FLYING))
    is_sure = state[order + W] == Wire.LOST
    found.append((Move.TIMES_OUT if is_sure else Move.NO_ANSWER, after))


def _answered(state: bytes, process: int, bug: str, found: Found) -> None:
    order = state[process + ON] * ORDER
    wrong = _may_write(state, process, bug, found)
    if wrong is None:
        return
    fact = _FACTS[state[process + ANSWER]]
    intent = AFTER.get((state[order + J], fact), Intent.DONE)
    if fact == Fact.UNKNOWN and bug == Bug.RELEASED_EARLY:
        intent = Intent.REJECTED
    if bug == Bug.JOURNAL_AFTER_SEND:
        intent = AFTER[Intent.SUBMITTING, fact]
    settled = _changed(
        state, (order + J, intent), (process + AT, At.IDLE), (process + ANSWER, 0),
        (process + ON, 0), (GHOST, state[GHOST] | wrong),
    )  # fmt: skip
    found.append((Move.SETTLES, settled))
    if state[CRASHES]:
        found.append((Move.CRASH_IN_SETTLING, _dead(settled, process, bug)))


_FACTS = {
    Answer.TAKEN: Fact.TAKEN,
    Answer.REFUSED: Fact.REFUSED,
    Answer.UNKNOWN: Fact.UNKNOWN,
    Answer.NOT_SENT: Fact.NOT_SENT,
}
_ACTS = {
    At.TAKEN: _recover,
    At.IDLE: _idle,
    At.DECIDED: _decided,
    At.RECORDED: _recorded,
    At.WAITING: _waiting,
    At.ANSWERED: _answered,
    At.LISTED: _listed,
    At.CANCELLING: _cancelling,
    At.KEYED: _keyed,
}
