"""Having something changed in a book: by the trader that runs on it, else by this process.

The guard decides: whoever can take it does the thing itself, and nobody else writes meanwhile;
whoever cannot asks the holder through its inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.holder import Holder
from trader247.adapters.inbox import ask
from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places, books_in, nothing_yet
from trader247.app.killing.halted import halted_books
from trader247.app.people.operator import operator
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.wiring.desk import desk
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, NotAllowed
from trader247.ports import Command, CommandKind

ANSWERED_WITHIN = timedelta(seconds=15)
"""A trader answers within a second, but for a cycle on a slow venue."""
_ASKED_FOR = timedelta(milliseconds=2_500)
"""How long one request waits: then the holder may have ended, and the guard is free."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request: in which book, in a sentence.

    `trader` is the running one that did it, or was asked; None where this command did it itself.
    """

    book: str
    trader: Holder | None
    is_done: bool
    text: str


def carried_out(
    choice: Choice, kind: CommandKind, arguments: Mapping[str, str], *, needs_policy: bool = False
) -> tuple[Answered, ...]:
    """Have one thing done in the chosen book.

    The book is the running trader's; where none runs, the one that the command line and app.yaml
    say; where app.yaml cannot be read, every book of the folder. `needs_policy` are those things
    that the limits decide: they need the configuration where no trader runs.

    Raises:
        UsageError: there is no such book.
        NotAllowed: the trader runs another book, or it does not answer.
        SettingsInvalid: the configuration is needed and cannot be used.
        StorageError: a file cannot be read or written.
    """
    books = chosen_books(choice)

    def policy() -> Policy:
        return load_settings(choice.config).policy if needs_policy else any_policy(choice.config)

    return _done(choice.data, books, kind, arguments, here=_at_desk(policy), named=choice)


def carried_out_at_venue(
    choice: Choice,
    kind: CommandKind,
    arguments: Mapping[str, str],
    *,
    alone: Callable[[Places, Command], Answered],
) -> Answered:
    """Have one thing done that takes the venue: by the running trader, else by `alone` with the
    guard in our hands.

    Raises:
        UsageError: there is no such book.
        NotAllowed: the trader runs another book, or it does not answer.
        StorageError: a file cannot be read or written.
    """
    _, places = choice.settle()
    if not places.journal.exists():
        raise nothing_yet(places)
    return _done(choice.data, (places,), kind, arguments, here=alone, named=choice)[0]


def release_kill(data: Path, *, reason: str) -> tuple[str, ...]:
    """Clear the halt of a kill switch that is off by now, in every book that remembers it.

    Answers what was done, a sentence each.

    Raises:
        NotAllowed: the trader does not answer, or refuses.
        StorageError: a journal cannot be read or written.
    """
    remembering = {book.book for book in halted_books(data) if book.is_kill_latched is not False}
    books = tuple(places for places in books_in(data) if places.book in remembering)
    arguments = {"reason": reason or "kill off", "operator": operator()}
    if not books and not InstanceGuard(data).is_held():
        return ()
    here = _at_desk(lambda: any_policy(None))
    answers = _done(data, books, CommandKind.RELEASE_KILL, arguments, here=here)
    for answer in answers:
        if not answer.is_done:
            raise NotAllowed(answer.text)
    return tuple(answer.text for answer in answers)


def chosen_books(choice: Choice) -> tuple[Places, ...]:
    """The books of the folder that a command may be about, were no trader running.

    Raises:
        UsageError: there is none.
    """
    found = [
        places
        for places in books_in(choice.data)
        if choice.mode in (None, places.mode) and choice.venue in (None, places.venue)
    ]
    if not found:
        mode, venue = choice.mode or Mode.PAPER, choice.venue or VenueName.SIM
        raise nothing_yet(Places(choice.data, mode, venue))
    try:
        app = load_settings(choice.config).app
    except SettingsInvalid:
        return tuple(found)
    exact = Places(choice.data, choice.mode or app.mode, choice.venue or app.venue)
    return (exact,) if exact in found else tuple(found)


def any_policy(config: Path | None) -> Policy:
    """The policy in force; where it cannot be read, the shipped one: nothing is judged by it."""
    try:
        return load_settings(config).policy
    except SettingsInvalid:
        return load_settings(SHIPPED).policy


def _done(
    data: Path,
    books: Iterable[Places],
    kind: CommandKind,
    arguments: Mapping[str, str],
    *,
    here: Callable[[Places, Command], Answered],
    named: Choice | None = None,
) -> tuple[Answered, ...]:
    clock = SystemClock()
    guard = InstanceGuard(data)
    end = clock.monotonic() + ANSWERED_WITHIN
    while True:
        try:
            guard.take(since=str(clock.now()))
        except AlreadyRunning:
            answer = _asked(guard, data, kind, arguments, named)
            if answer is not None:
                return (answer,)
            if clock.monotonic() >= end:
                raise _silent(guard) from None
        else:
            break
    with ExitStack() as stack:
        stack.callback(guard.release)
        command = Command("", kind, arguments)
        return tuple(here(places, command) for places in books)


def _at_desk(policy: Callable[[], Policy]) -> Callable[[Places, Command], Answered]:
    """What does a thing in a book without a venue."""

    def here(places: Places, command: Command) -> Answered:
        with desk(places, policy()) as open_desk:
            is_done, text = open_desk.commands.obey(command)
        return Answered(places.book, None, is_done, text)

    return here


def _asked(
    guard: InstanceGuard,
    data: Path,
    kind: CommandKind,
    arguments: Mapping[str, str],
    named: Choice | None,
) -> Answered | None:
    holder = guard.holder()
    book = "" if holder is None else holder.book
    if book and named is not None and not _is_named(book, named):
        raise NotAllowed(
            f"the trader that runs on {data} trades {book}, and that is not the book asked for",
            hint="leave --mode and --venue out to mean the running one, or end it first",
        )
    answer = ask(data, kind, arguments, seconds_max=_ASKED_FOR.total_seconds())
    if answer is None:
        return None
    return Answered(book, holder, answer.is_done, answer.text)


def _is_named(book: str, choice: Choice) -> bool:
    """Whether a book is one that the command line means; what it leaves open means any."""
    mode, _, venue = book.partition("-")
    return (choice.mode is None or choice.mode.slug == mode) and (
        choice.venue is None or choice.venue.slug == venue
    )


def _silent(guard: InstanceGuard) -> NotAllowed:
    return NotAllowed(
        f"the trader did not answer within {ANSWERED_WITHIN.total_seconds():.0f} s, and the "
        f"request was taken back: {guard.holder() or 'holder unknown'}",
        hint="it may be stopped or hanging: trader247 unlock shows it, unlock --force ends it",
    )
