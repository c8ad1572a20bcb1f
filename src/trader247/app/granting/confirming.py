"""A person's word to an armed book: yes to a trade that waits for it, or the arming taken back."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.books.reading import opened
from trader247.app.people.asking import Answered, carried_out
from trader247.app.people.operator import operator
from trader247.domain.dataclass import dataclass
from trader247.domain.stage import Confirmation
from trader247.domain.time import Instant
from trader247.ports import CommandKind


@dataclass(frozen=True, slots=True)
class Waiting:
    """The questions that are open in a book at `time`, its own."""

    book: str
    label: str
    time: Instant
    questions: tuple[Confirmation, ...]
    trades: int


def waiting(choice: Choice) -> Waiting:
    """What waits for a yes, the oldest first. Nothing is locked and nothing changed.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        portfolio, now = book.portfolio(), book.now()
        stage = portfolio.stage
        known = () if stage is None else tuple(stage.confirmations.values())
        return Waiting(
            book=book.places.book,
            label=book.label,
            time=now,
            questions=tuple(each for each in known if each.given is None and each.is_open(now)),
            trades=0 if stage is None else stage.trades,
        )


def confirm(choice: Choice, id: str) -> tuple[Answered, ...]:
    """Say yes to one question.

    Raises:
        Trader247Error: as `asking.carried_out` says.
    """
    return carried_out(choice, CommandKind.CONFIRM, {"id": id, "operator": operator()})


def disarm(choice: Choice, *, reason: str) -> tuple[Answered, ...]:
    """Take the arming back.

    Raises:
        Trader247Error: as `asking.carried_out` says.
    """
    arguments = {"reason": reason or "disarmed by hand", "operator": operator()}
    return carried_out(choice, CommandKind.DISARM, arguments)
