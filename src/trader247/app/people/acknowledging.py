"""A person's word that he knows of critical alerts."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.books.reading import opened
from trader247.app.people.asking import Answered, carried_out
from trader247.app.people.operator import operator
from trader247.domain.dataclass import dataclass
from trader247.domain.portfolio import OpenAlert
from trader247.ports import CommandKind


@dataclass(frozen=True, slots=True)
class Waiting:
    """The critical alerts of a book that nobody has acknowledged, the oldest first."""

    book: str
    label: str
    alerts: tuple[OpenAlert, ...]


def waiting(choice: Choice) -> Waiting:
    """What waits to be acknowledged. Nothing is locked and nothing changed.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        found = tuple(book.portfolio().open_alerts.values())
        return Waiting(book.places.book, book.label, found)


def acknowledge(choice: Choice, alert: str) -> tuple[Answered, ...]:
    """Acknowledge one alert by its number or code, or `all`.

    Raises:
        Trader247Error: as `asking.carried_out` says.
    """
    arguments = {"alert": alert, "operator": operator()}
    return carried_out(choice, CommandKind.ALERT_ACK, arguments)
