"""The exchange's durable memory: one SQLite file, committed before anyone is answered.

One process writes it; others open it read-only at any time and see the last commit, whole. What a
commit holds is there after a kill at any moment, and what it does not hold never was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from trader247.simex.accounts import Account
from trader247.simex.errors import FeedMismatch, StoreFailed
from trader247.simex.feed import Feed
from trader247.simex.history import DAY, kept_from
from trader247.simex.orders import Fill, Order
from trader247.simex.schema import (
    APPLICATION_ID,
    FORMAT,
    SAVE_ACCOUNT,
    SAVE_FILL,
    SAVE_ORDER,
    SCHEMA,
    Identity,
    account_row,
    fill_row,
    identity_text,
    order_row,
    read_account,
    read_fill,
    read_identity,
    read_order,
)

_BUSY_MS = 5_000
# In these versions a checkpoint racing a commit cannot lose it; 3.52.0 was withdrawn.
_SAFE_BACKPORTS = ("3.44.6", "3.50.7")


def is_wal_safe(version: str) -> bool:
    """Whether this SQLite may use a write-ahead log with more than one connection."""
    numbers = tuple(int(part) for part in version.split("."))
    return version in _SAFE_BACKPORTS or (numbers >= (3, 51, 3) and numbers[:3] != (3, 52, 0))


@dataclass(slots=True)
class Changes:
    """What one commit writes."""

    state: Mapping[str, Any]
    orders: Iterable[Order] = ()
    fills: Sequence[Fill] = ()
    accounts: Iterable[Account] = ()
    minutes: Sequence[tuple[int, bytes]] = ()
    feed_state: bytes | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A condition on orders or fills: SQL with its values, joined by AND."""

    terms: list[str] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)

    def any_of(self, column: str, options: Sequence[str]) -> None:
        """Where `column` has one of `options`; without options, no condition."""
        if options:
            self.terms.append(f"{column} IN ({','.join('?' * len(options))})")
            self.values.extend(options)

    def where(self, condition: str, value: str | int) -> None:
        """A condition with one `?`."""
        self.terms.append(condition)
        self.values.append(value)

    @property
    def sql(self) -> str:
        return f" WHERE {' AND '.join(self.terms)}" if self.terms else ""


class Store:
    """One exchange's file."""

    def __init__(self, connection: apsw.Connection, identity: Identity) -> None:
        self._connection = connection
        self.identity = identity

    @staticmethod
    def create(path: str | Path, identity: Identity) -> Store:
        """Begin a new file, or a store in memory for `:memory:`. It exists once committed to.

        Raises:
            StoreFailed: the file cannot be made, or is there already.
        """
        with _failures(path):
            is_file = str(path) != ":memory:"
            if is_file:
                # For its owner alone; SQLite gives the file's companions the same mode.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            _make_durable(connection, is_file=is_file)
            store = Store(connection, identity)
            with connection:
                connection.execute(SCHEMA)
                connection.execute(
                    "INSERT INTO meta VALUES ('identity', ?)", (identity_text(identity),)
                )
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            return store

    @staticmethod
    def open(path: str | Path, *, is_read_only: bool = False) -> Store | None:
        """Open a file that is there; None where there is no exchange in it yet.

        Raises:
            StoreFailed: it cannot be opened, or is no exchange that this version can read.
        """
        if not Path(path).exists():
            return None
        flags = apsw.SQLITE_OPEN_READONLY if is_read_only else apsw.SQLITE_OPEN_READWRITE
        with _failures(path):
            connection = _connect(path, flags)
            if not is_read_only:
                _make_durable(connection, is_file=True)
            found = connection.pragma("application_id"), connection.pragma("user_version")
            if found == (0, 0) and not connection.execute("SELECT 1 FROM sqlite_schema").fetchall():
                connection.close()
                return None
            if found != (APPLICATION_ID, FORMAT):
                connection.close()
                raise StoreFailed(
                    f"{path} is no simulated exchange of format {FORMAT}: "
                    f"application id and format are {found}"
                )
            ((written,),) = connection.execute("SELECT value FROM meta WHERE key = 'identity'")
            return Store(connection, read_identity(str(written)))

    def claim(self, identity: Identity) -> None:
        """Give the file to another market: allowed as long as nothing has happened in it.

        Raises:
            StoreFailed: the disk did not take it.
        """
        assert not self.is_begun, "a file that has begun keeps its market"
        with _failures(self._connection.filename), self._connection:
            self._connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'identity'", (identity_text(identity),)
            )
        self.identity = identity

    def check(self, feed: Feed) -> None:
        """Make sure that the file belongs to this feed.

        Raises:
            FeedMismatch: it does not.
        """
        if self.identity.identity != feed.identity:
            raise FeedMismatch(found=self.identity.identity, asked=feed.identity)

    @property
    def stamp(self) -> int:
        """A number that changes when another process has committed."""
        with _failures(self._connection.filename):
            return int(self._connection.pragma("data_version"))

    @property
    def is_begun(self) -> bool:
        """Whether the exchange's first commit has happened."""
        return bool(self._rows("SELECT 1 FROM state"))

    def commit(self, changes: Changes) -> None:
        """Write all of `changes`, synced, or nothing.

        Raises:
            StoreFailed: nothing was written.
        """
        connection = self._connection
        with _failures(connection.filename), connection:
            if changes.minutes:
                connection.executemany("INSERT INTO minutes VALUES (?, ?)", changes.minutes)
                rolled = [minute for minute, _ in changes.minutes if minute % DAY == 0]
                if rolled:
                    connection.execute(
                        "DELETE FROM minutes WHERE minute < ?", (kept_from(rolled[-1]),)
                    )
            if changes.feed_state is not None:
                connection.execute("REPLACE INTO feed VALUES (1, ?)", (changes.feed_state,))
            connection.executemany(SAVE_ORDER, map(order_row, changes.orders))
            connection.executemany(SAVE_FILL, map(fill_row, changes.fills))
            connection.executemany(SAVE_ACCOUNT, map(account_row, changes.accounts))
            state = json.dumps(changes.state, separators=(",", ":"))
            connection.execute("REPLACE INTO state VALUES (1, ?)", (state,))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one commit's state in several steps, in a short transaction."""
        with _failures(self._connection.filename):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def state(self) -> dict[str, Any]:
        """The last committed state."""
        ((written,),) = self._rows("SELECT value FROM state")
        state: dict[str, Any] = json.loads(written)
        return state

    def feed_state(self) -> bytes | None:
        """Where the feed stood at the last commit; None before its first minute."""
        rows = self._rows("SELECT state FROM feed")
        return bytes(rows[0][0]) if rows else None

    def minutes(self, first: int, end: int) -> list[tuple[int, bytes]]:
        """The stored minutes from `first` up to `end`, in order."""
        return self._rows(
            "SELECT minute, bars FROM minutes WHERE minute >= ? AND minute < ? ORDER BY minute",
            (first, end),
        )

    def accounts(self) -> Iterator[Account]:
        """Every wallet, in the order in which they were opened."""
        return iter(
            [read_account(row) for row in self._rows("SELECT * FROM accounts ORDER BY rowid")]
        )

    def order(self, order_id: str) -> Order | None:
        """One order by the exchange's id."""
        rows = self._rows("SELECT * FROM orders WHERE order_id = ?", (order_id,))
        return read_order(rows[0]) if rows else None

    def order_of_client(self, client_order_id: str) -> Order | None:
        """One order by the client's id: remembered for ever."""
        rows = self._rows("SELECT * FROM orders WHERE client_order_id = ?", (client_order_id,))
        return read_order(rows[0]) if rows else None

    def open_orders(self) -> list[Order]:
        """Every live order, oldest first."""
        return [
            read_order(row)
            for row in self._rows("SELECT * FROM orders WHERE status = 'OPEN' ORDER BY number")
        ]

    def orders(self, query: Query, limit: int) -> list[Order]:
        """The newest orders that `query` admits."""
        return [read_order(row) for row in self._newest("orders", query, limit)]

    def fills(self, query: Query, limit: int) -> list[Fill]:
        """The newest fills that `query` admits."""
        return [read_fill(row) for row in self._newest("fills", query, limit)]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _newest(self, table: str, query: Query, limit: int) -> list[Any]:
        # `table` and the conditions are this module's and its callers' own text; values are bound.
        return self._rows(
            f"SELECT * FROM {table}{query.sql} ORDER BY number DESC LIMIT ?",  # noqa: S608
            (*query.values, limit),
        )

    def _rows(self, sql: str, values: Sequence[str | int] = ()) -> list[Any]:
        with _failures(self._connection.filename):
            return self._connection.execute(sql, values).fetchall()


def _connect(path: str | Path, flags: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _make_durable(connection: apsw.Connection, *, is_file: bool) -> None:
    wanted = ("wal", 2) if is_wal_safe(apsw.sqlite_lib_version()) else ("delete", 3)
    if not is_file:
        return
    connection.execute(f"PRAGMA journal_mode = {wanted[0]}")
    connection.execute(f"PRAGMA synchronous = {wanted[1]}")
    found = connection.pragma("journal_mode"), connection.pragma("synchronous")
    if found != wanted:
        raise StoreFailed(f"SQLite took journal mode and synchronous {found}, asked was {wanted}")


@contextmanager
def _failures(path: str | Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        # A full disk ends a transaction by itself; that its rollback then fails is not the news.
        first = error.__context__ if isinstance(error.__context__, apsw.Error) else error
        raise StoreFailed(f"the simulated exchange's file {path}: {first}") from error
    except OSError as error:
        reason = error.strerror or error
        raise StoreFailed(f"the simulated exchange's file {path}: {reason}") from error
