"""Sending a test alert, and telling of each channel whether it took it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from trader247.adapters import logs
from trader247.adapters.clock import SystemClock
from trader247.adapters.files import private_folder
from trader247.adapters.holder import Holder
from trader247.adapters.inbox import FileInbox
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.places import Places, books_in
from trader247.app.outside.telling import Telling, channels_of
from trader247.app.people.asking import carried_out
from trader247.app.settings.load import Settings
from trader247.app.wiring.desk import desk
from trader247.core.alerts.words import TRIAL
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning
from trader247.ports import Alert, Command, CommandKind, Delivery

TRIED_WITHIN = timedelta(seconds=12)
"""Every channel has been tried by then: each attempt gives up after eight seconds."""

_LOOK_EVERY = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class ChannelTrial:
    """What one channel did; `is_delivered` is None while it was not tried."""

    channel: str
    is_delivered: bool | None
    attempts: int
    detail: str


@dataclass(frozen=True, slots=True)
class AlertTrial:
    """What became of a test alert.

    `trader` is the process that sent it, None where this one did. `alert` is its number in the
    journal, None where there is no book yet. `log` is where it was logged in any case.
    """

    book: str
    trader: Holder | None
    alert: int | None
    channels: tuple[ChannelTrial, ...]
    log: Path

    @property
    def is_delivered(self) -> bool:
        """Whether every channel that is set up took it."""
        return all(each.is_delivered for each in self.channels)


def alert_trial(choice: Choice) -> AlertTrial:
    """Send a test alert to every channel: by the trader that runs on the book, else from here.

    Raises:
        SettingsInvalid, ConfigInvalid: the configuration, or an address in it, cannot be used.
        NotAllowed: the trader runs another book, or does not answer.
        StorageError: a file cannot be read or written.
    """
    settings, places = choice.settle()
    names = tuple(channel.name for channel in channels_of(settings.app))
    private_folder(places.data)
    guard = InstanceGuard(places.data)
    try:
        guard.take(since=str(SystemClock().now()), book=places.book)
    except AlreadyRunning:
        return _asked(choice, places, names)
    with ExitStack() as stack:
        stack.callback(guard.release)
        return _sent(settings, places, names)


def _asked(choice: Choice, places: Places, names: tuple[str, ...]) -> AlertTrial:
    """Have the running trader send it, and look at what the journal then says of it."""
    before = {each.book: _last_event(each) for each in books_in(places.data)}
    answer = carried_out(choice, CommandKind.ALERT_TEST, {})[0]
    book = next(each for each in books_in(places.data) if each.book == answer.book)
    with JournalReader.open(book.journal) as journal:
        raised = journal.events(after=before.get(book.book, 0), kind=TRIAL.kind)
        alert = next(each.row.seq for each in raised if each.row.ref == TRIAL.code)

        def tried() -> tuple[ChannelTrial, ...]:
            rows = {row.channel: row for row in journal.deliveries(alert)}
            return tuple(
                ChannelTrial(name, row.is_delivered, row.attempts, row.detail)
                if (row := rows.get(name)) is not None
                else ChannelTrial(name, None, 0, "")
                for name in names
            )

        return AlertTrial(book.book, answer.trader, alert, _waited(tried), _log(places))


def _sent(settings: Settings, places: Places, names: tuple[str, ...]) -> AlertTrial:
    """Send it from here; a book that exists keeps it, and what became of it."""
    with ExitStack() as stack:
        alert, record = 0, None
        if places.journal.exists():
            open_desk = stack.enter_context(desk(places, settings.policy))
            open_desk.commands.obey(Command("", CommandKind.ALERT_TEST, {}))
            alert, record = open_desk.ledger.portfolio.seq, open_desk.journal.record_deliveries
        inbox = FileInbox(places.data)
        telling = Telling(settings.app, places, inbox)
        stack.callback(telling.close)
        telling.send(Alert(TRIAL.severity, TRIAL.code, TRIAL.text, alert))
        found: dict[str, Delivery] = {}

        def tried() -> tuple[ChannelTrial, ...]:
            found.update({each.channel: each for each in inbox.deliveries()})
            return tuple(
                ChannelTrial(name, done.is_delivered, done.attempts, done.detail)
                if (done := found.get(name)) is not None
                else ChannelTrial(name, None, 0, "")
                for name in names
            )

        channels = _waited(tried)
        if record is not None:
            record(tuple(found.values()))
        return AlertTrial(places.book, None, alert or None, channels, _log(places))


def _waited(tried: Callable[[], tuple[ChannelTrial, ...]]) -> tuple[ChannelTrial, ...]:
    """What the channels did, once each was tried, or when there is no time left."""
    clock = SystemClock()
    end = clock.monotonic() + TRIED_WITHIN
    while True:
        channels = tried()
        if all(each.attempts for each in channels) or clock.monotonic() >= end:
            return channels
        clock.wait_until(clock.now() + _LOOK_EVERY, lambda: False)


def _last_event(places: Places) -> int:
    with JournalReader.open(places.journal) as journal:
        return journal.head.seq


def _log(places: Places) -> Path:
    return places.data / logs.FOLDER / logs.FILE
