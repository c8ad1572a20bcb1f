"""Acting on a simulated exchange as its operator: through its server, else on its own store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from trader247.adapters.clock import SystemClock
from trader247.adapters.files import read_small
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sim_operator import SimOperator
from trader247.app.books.markets import is_begun
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import bound_market
from trader247.app.serving.files import save_keyring, served_at, trust_in
from trader247.app.serving.places import ServedPlaces, served_places
from trader247.app.settings.load import load_settings
from trader247.app.venue.endpoint import tls_folder
from trader247.app.wiring import simulation
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, NotAllowed, StorageError, UsageError
from trader247.simex.deeds.asked import Undone
from trader247.simex.door.keyring import Keyring
from trader247.simex.embedded import Embedded
from trader247.simex.errors import StoreFailed

_SCHEDULE_MAX = 1 << 16


class SimBook(Enum):
    """Whose exchange: the one that is served, or the one inside the paper trader."""

    SERVED = "served"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Where:
    """Which exchange is meant. `tls` is the server's folder, None the one in the data folder."""

    config: Path | None
    data: Path
    book: SimBook
    tls: Path | None


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, by whom: `server` is None where this process did it on the store."""

    book: str
    server: str | None
    told: Mapping[str, Any]


def sim_do(where: Where, asked: Mapping[str, Any]) -> Done:
    """Do one thing to a simulated exchange.

    Raises:
        UsageError: there is no such exchange yet, or what was asked cannot be read.
        NotAllowed: the exchange refuses it.
        AlreadyRunning: a trader runs on it, and takes nothing from outside.
        VenueUnreachable: it is served, and does not answer.
        SettingsInvalid, StorageError, UnsafePermission: a file cannot be used.
    """
    if where.book is SimBook.PAPER:
        return _in_paper(where, asked)
    places = served_places(where.data)
    folder = where.tls
    if folder is None:
        folder = tls_folder(load_settings(where.config).app, where.data)
    with ExitStack() as stack:
        if not _is_ours(stack, places):
            host = served_at(folder)
            return Done(places.book, host, SimOperator(host, folder).ask("POST", "/sim/do", asked))
        exchange = stack.enter_context(_opened(where, places))
        keyring = trust_in(folder, SystemClock().now()).keyring
        return Done(places.book, None, _done(exchange, asked, folder, keyring))


def read_schedule_file(path: Path) -> Any:
    """A fee schedule as people write it, in JSON. Raises UsageError."""
    try:
        return json.loads(read_small(path, bytes_max=_SCHEDULE_MAX))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is no schedule of fees: {error}",
            hint='a list of {"name": "One", "volume": "0", "maker": "0.002", "taker": "0.003"}',
        ) from error


def _in_paper(where: Where, asked: Mapping[str, Any]) -> Done:
    places = Places(where.data, Mode.PAPER, VenueName.SIM)
    _expect(places)
    guard = InstanceGuard(where.data)
    try:
        guard.take(since=str(SystemClock().now()), book=places.book)
    except AlreadyRunning as error:
        raise AlreadyRunning(
            f"{error}: its own exchange takes nothing from outside meanwhile",
            hint="end it first, or trade against trader247 sim serve",
        ) from error
    try:
        with _opened(where, places) as exchange:
            return Done(places.book, None, _done(exchange, asked))
    finally:
        guard.release()


def _is_ours(stack: ExitStack, places: ServedPlaces) -> bool:
    """Whether nobody serves from this folder: then nobody does before the stack is left."""
    _expect(places)
    lock = FileLock(places.lock, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        return False
    stack.callback(lock.release)
    return True


def _expect(places: Places) -> None:
    if not is_begun(places):
        raise UsageError(
            f"there is no {places.book} exchange in {places.data} yet",
            hint="trader247 sim serve begins one; for the paper trader's own, add --book paper",
        )


@contextmanager
def _opened(where: Where, places: Places) -> Iterator[Embedded]:
    market = bound_market(load_settings(where.config), places)
    exchange = simulation.open_exchange(places, market.feed(), {})
    try:
        yield exchange
    finally:
        exchange.close()


def _done(
    exchange: Embedded,
    asked: Mapping[str, Any],
    folder: Path | None = None,
    keyring: Keyring | None = None,
) -> Mapping[str, Any]:
    def save() -> None:
        assert folder is not None
        assert keyring is not None
        save_keyring(folder, keyring)

    try:
        return exchange.do(asked, keyring=keyring, save_keys=save)
    except Undone as undone:
        if undone.is_refused:
            raise NotAllowed(str(undone)) from None
        raise UsageError(str(undone), hint="trader247 sim do --help") from None
    except StoreFailed as error:
        raise StorageError(
            str(error), hint="free the disk, or mend it, then start again"
        ) from error
