"""Who is in the universe after each minute's cycle, as columns that can be set right in the middle.

The universe lets products in and out after so many cycles, so a minute with several cycles shifts
what follows it. How long it does so is found, and no more than that is laid anew: what it costs
does not grow with the length of the past.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

_AT_ONCE = 64
"""Places that are looked at together for the one from which two columns agree."""


@dataclass(slots=True)
class Membership:
    """Where a product stands with the universe after each minute's cycle."""

    is_member: Bools
    streak: Bytes


def membership_of(
    eligible: Bools,
    *,
    enter: int,
    leave: int,
    before: tuple[bool, int] | None = None,
) -> Membership:
    """The universe's hysteresis over a column; `before` is how it stood, None at its first."""
    count = len(eligible)
    member = np.zeros(count, dtype=bool)
    streaks = np.zeros(count, dtype=np.uint8)
    if not count:
        return Membership(member, streaks)
    is_member, streak = (bool(eligible[0]), 0) if before is None else before
    edges = np.flatnonzero(eligible[1:] != eligible[:-1]) + 1
    for begin, end in zip([0, *edges.tolist()], [*edges.tolist(), count], strict=True):
        is_eligible = bool(eligible[begin])
        if is_eligible == is_member:
            member[begin:end], streak = is_member, 0
            continue
        needed = leave if is_member else enter
        waits = max(needed - streak - 1, 0)
        turn = min(begin + waits, end)
        member[begin:turn] = is_member
        streaks[begin:turn] = np.arange(streak + 1, streak + 1 + turn - begin)
        streak += turn - begin
        if turn < end:
            is_member, streak = not is_member, 0
            member[turn:end] = is_member
    return Membership(member, streaks)


def go_on_from(
    known: Membership, eligible: Bools, at: int, stands: tuple[bool, int], *, enter: int, leave: int
) -> int:
    """Set a column right from a place at which it really stands so; answers where it agrees again.

    From that place on it is as it was, since it follows from its own last value alone.
    """
    known.is_member[at], known.streak[at] = stands
    begin, before = at + 1, stands
    while begin < len(eligible):
        end = begin + _AT_ONCE
        onward = membership_of(eligible[begin:end], enter=enter, leave=leave, before=before)
        is_same = (onward.is_member == known.is_member[begin:end]) & (
            onward.streak == known.streak[begin:end]
        )
        if is_same.any():
            end = begin + int(is_same.argmax())
        known.is_member[begin:end] = onward.is_member[: end - begin]
        known.streak[begin:end] = onward.streak[: end - begin]
        if is_same.any():
            return end
        begin = min(end, len(eligible))
        before = bool(known.is_member[begin - 1]), int(known.streak[begin - 1])
    return len(eligible)


def patched(places: Ints, begin: int, end: int, inner: Ints) -> Ints:
    """Sorted places, those from `begin` until before `end` replaced by `inner`."""
    left, right = np.searchsorted(places, [begin, end])
    if right - left == len(inner) and np.array_equal(places[left:right], inner):
        return places
    return np.concatenate([places[:left], inner, places[right:]])
