"""Pausing by hand: no entries, exits go on; and ending the pause."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.people.asking import Answered, carried_out
from trader247.app.people.operator import operator
from trader247.ports import CommandKind


def pause(choice: Choice, *, reason: str) -> tuple[Answered, ...]:
    """Latch the PAUSE halt. Paused already, it stays as it is.

    Raises:
        Trader247Error: as `asking.carried_out` says.
    """
    who = operator()
    arguments = {"reason": reason or f"paused by {who}", "operator": who}
    return carried_out(choice, CommandKind.PAUSE, arguments)


def resume(choice: Choice, *, reason: str) -> tuple[Answered, ...]:
    """Clear the PAUSE halt; every other halt stands.

    Raises:
        Trader247Error: as `asking.carried_out` says.
    """
    arguments = {"reason": reason or "resume", "operator": operator()}
    return carried_out(choice, CommandKind.RESUME, arguments)
