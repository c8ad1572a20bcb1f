"""Backups in a person's hands: make one now, list them, go back to one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from trader247.adapters.files import private_folder
from trader247.adapters.ids import far
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sqlite.backups.backup import (
    ADDED,
    WHOLE,
    Backup,
    Checked,
    Made,
    Told,
    untold,
)
from trader247.adapters.sqlite.backups.folder import alone_in, back_up_now, backups_in, prune
from trader247.adapters.sqlite.backups.restore import (
    checked,
    made_last,
    prepared,
    put_in_place,
    size_of,
)
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.lost_end import latch
from trader247.app.books.places import Places, nothing_yet
from trader247.app.wall import wall_clock
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import (
    AlreadyRunning,
    FeedMismatch,
    StorageError,
    Trader247Error,
    UsageError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A backup, the bytes of ledger that going back to it reads, and what is plainly wrong."""

    backup: Backup
    size: int | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The backups of one book, oldest first, and the bytes that all of them take together."""

    places: Places
    backups: tuple[Entry, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Present:
    """The journal as it is: its last event, or why that cannot be read."""

    seq: int | None
    time: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What restoring would do: which backup would take the place of what."""

    places: Places
    backup: Backup
    found: Checked
    present: Present


@dataclass(frozen=True, slots=True)
class Restored:
    """What restoring did; `has_market` says whether what its cycles saw came back too."""

    plan: Plan
    kept: Path
    has_market: bool


def back_up(choice: Choice, told: Told = untold) -> tuple[Made, tuple[Backup, ...]]:
    """Make a backup now, also beside a running trader. Answers it, and those no longer kept.

    `told` hears how many of how many events are in it so far.

    Raises:
        UsageError: the book does not exist yet.
        NotAllowed: another backup is being made.
        StorageError: the ledger cannot be read, does not hold, or the disk did not take the copy.
    """
    _, places = choice.settle_to_look()
    if not places.journal.exists():
        raise nothing_yet(places)
    with alone_in(places.backups):
        made = back_up_now(places.journal, places.backups, told=told)
        return made, prune(places.backups, made.backup)


def listed(choice: Choice) -> Listed:
    """The chosen book's backups.

    Raises:
        SettingsInvalid: the configuration cannot be used.
    """
    _, places = choice.settle_to_look()
    found = tuple(map(_entry, backups_in(places.backups)))
    files = [each for each in places.backups.rglob("*") if each.is_file()]
    return Listed(places, found, sum(each.stat().st_size for each in files))


def plan_of(choice: Choice, name: str | None) -> Plan:
    """What restoring the backup `name` would do, or the one made last; it is checked whole.

    Raises:
        UsageError: there is no such backup, or it is another book's.
        AlreadyRunning: a process holds the folder.
        ChainBroken, StorageError: the backup does not hold.
    """
    _, places = choice.settle_to_look()
    _expect_nobody(places)
    backup = _chosen(places, name)
    found = _expect_of(places, backup, checked(backup))
    return Plan(places, backup, found, _present(places))


def restore(plan: Plan, *, ahead: Callable[[], int] = far) -> Restored:
    """Put the planned backup in the journal's place; what stood there goes to the archive.

    The ledger that comes back is halted until a person has looked: what people and stops decided
    since, it does not know. Nor does it know the epochs that were used since, and with them the
    names of orders: it goes on far `ahead` of its last. The kill switch stays as it is.

    Raises:
        AlreadyRunning: a process holds the folder.
        ChainBroken, StorageError: the backup does not hold, or the disk did not take it.
    """
    places = plan.places
    with ExitStack() as stack:
        private_folder(places.data)
        guard = InstanceGuard(places.data)
        guard.take(since=str(wall_clock()), book=places.book)
        stack.callback(guard.release)
        ready = prepared(plan.backup, places.journal)
        stack.callback(ready.drop)
        found = _expect_of(places, plan.backup, ready.checked)
        _halt(ready.path, plan.backup, found, ahead=ahead())
        stamp = str(wall_clock()).replace(":", "").replace("-", "")
        kept = places.archive / stamp
        market = places.backups / found.market if found.market else None
        has_market = put_in_place(ready, places.journal, market, kept)
        return Restored(plan, kept, has_market)


def expect_not_lost(places: Places) -> None:
    """Refuse to begin a book anew whose journal is gone while its backups are there.

    Raises:
        StorageError: it says how to go on.
    """
    found = () if places.journal.exists() else backups_in(places.backups)
    if found:
        raise StorageError(
            f"{places.journal} is gone, but {places.backups} has {len(found)} backups of it",
            hint="trader247 state restore; to begin anew, move that folder away",
        )


def _entry(backup: Backup) -> Entry:
    try:
        return Entry(backup, size_of(backup), "")
    except StorageError as error:
        return Entry(backup, None, str(error))


def _halt(path: Path, backup: Backup, found: Checked, *, ahead: int) -> None:
    """Latch, in the copy, that it lost its end."""
    journal = SqliteJournal.open(
        path, clock_wall=wall_clock, genesis="", install_id="", ahead=ahead
    )
    with journal:
        latch(journal, backup.name, backup.name, found.time)


def _chosen(places: Places, name: str | None) -> Backup:
    found = backups_in(places.backups)
    if name is None:
        last = made_last(found)
        if last is not None:
            return last
        raise UsageError(
            f"there is no backup of {places.book} in {places.backups}",
            hint="a running trader makes one each hour; trader247 state backup makes one now",
        )
    wanted = Path(name).name.removesuffix(WHOLE).removesuffix(ADDED)
    matching = [each for each in found if each.name.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    what = "there is no backup" if not matching else f"{len(matching)} backups are called like"
    raise UsageError(f"{what} {name!r}", hint="trader247 state restore --list names them")


def _expect_of(places: Places, backup: Backup, found: Checked) -> Checked:
    if found.book != places.book:
        raise UsageError(
            f"{backup.path} is of the book {found.book}, not of {places.book}",
            hint="choose the book with --mode and --venue",
        )
    present = _feed(places)
    if present is not None and present != found.feed:
        raise FeedMismatch(
            f"{backup.path} is of {found.feed}, and the journal of {present}",
            hint="use another --data folder",
        )
    return found


def _expect_nobody(places: Places) -> None:
    guard = InstanceGuard(places.data)
    if guard.is_held():
        raise AlreadyRunning(
            f"a process holds {places.data}: {guard.holder() or 'holder unknown'}",
            hint="end it first; trader247 unlock shows who it is",
        )


def _feed(places: Places) -> str | None:
    """Which market the present journal is of; None where it cannot say."""
    with suppress(Trader247Error):
        with JournalReader.open(places.journal) as journal:
            opened = journal.opened
        return None if opened is None else opened.feed
    return None


def _present(places: Places) -> Present:
    if not places.journal.exists():
        return Present(None, "", f"{places.journal} is gone")
    try:
        with JournalReader.open(places.journal) as journal:
            last = next(journal.events(limit=1), None)
    except StorageError as error:
        return Present(None, "", str(error))
    if last is None:
        return Present(0, "", "")
    return Present(last.row.seq, last.row.time, "")
