"""Noting evidence where it counts: in the paper book, by its running trader or by this process."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.holder import Holder
from trader247.adapters.inbox import ask
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.granting.program import major_minor
from trader247.app.people.asking import carried_out
from trader247.domain.errors import NotAllowed, StorageError, UnsafePermission
from trader247.ports import CommandKind

_ASKED_FOR_SECONDS = 0.6
"""A second instance ends within a second, whether or not the first one noted it."""


def note_smoke(choice: Choice, places: Places, *, feed: str, policy_hash: str) -> str:
    """Keep that all smoke tests passed on a market; answers in a sentence where that was kept."""
    paper = Places(places.data, Mode.PAPER, places.venue)
    if not paper.journal.exists():
        return (
            f"not kept as evidence: there is no {paper.book} book yet; begin it with trader247 run "
            f"--mode paper --venue {places.venue.slug}, then make this test again"
        )
    arguments = {
        "feed": feed,
        "policy_hash": policy_hash,
        "version": major_minor(),
        "at": str(SystemClock().now()),
    }
    named = replace(choice, mode=Mode.PAPER, venue=places.venue)
    try:
        (answer,) = carried_out(named, CommandKind.NOTE_SMOKE, arguments)
    except (NotAllowed, StorageError) as error:
        return f"not kept as evidence: {error}"
    return f"kept as evidence in {answer.book}" if answer.is_done else answer.text


def note_drills(
    choice: Choice, venue: VenueName, *, policy_hash: str, passed: list[str], failed: list[str]
) -> str:
    """Keep how drills ended, in a paper book; answers in a sentence where that was kept."""
    paper = Places(choice.data, Mode.PAPER, venue)
    if not paper.journal.exists():
        return ""
    arguments = {
        "policy_hash": policy_hash,
        "version": major_minor(),
        "at": str(SystemClock().now()),
        "passed": " ".join(passed),
        "failed": " ".join(failed),
    }
    named = replace(choice, mode=Mode.PAPER, venue=venue)
    try:
        (answer,) = carried_out(named, CommandKind.NOTE_DRILLS, arguments)
    except (NotAllowed, StorageError) as error:
        return f"not kept as evidence in {paper.book}: {error}"
    return f"kept as evidence in {answer.book}" if answer.is_done else answer.text


def note_refused_instance(data: Path, since: str) -> None:
    """Tell the trader that holds the guard that it kept a second one out; it may be busy."""
    process = str(Holder.this_process(since=since))
    with suppress(NotAllowed, StorageError, UnsafePermission):
        ask(
            data,
            CommandKind.NOTE_REFUSED_INSTANCE,
            {"process": process},
            seconds_max=_ASKED_FOR_SECONDS,
        )
