"""The exchange's durable memory: one SQLite file, committed before anyone is answered.

One process writes it; others open it read-only at any time and see the last commit, whole. What a
commit holds is there after a kill at any moment, and what it does not hold never was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import apsw

from trader247.simex.changes import Changes, Committed
from trader247.simex.connection import connect, connect_reader, failures, make_durable, sound
from trader247.simex.errors import FeedMismatch, StoreFailed, WriterLost
from trader247.simex.feeds.feed import Feed
from trader247.simex.history import DAY, kept_from
from trader247.simex.orders.order import Fill, Order
from trader247.simex.schema import (
    ADD_INDEX,
    ADDITIONS,
    APPLICATION_ID,
    FORMAT,
    SAVE_ACCOUNT,
    SAVE_FILL,
    SAVE_ORDER,
    SCHEMA,
    UNENDED,
    Identity,
    Row,
    account_row,
    fill_row,
    identity_text,
    order_row,
    read_account,
    read_fill,
    read_identity,
    read_order,
    selection,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A condition on orders or fills: SQL with its values, joined by AND; the newest come first.

    `first` is what they are sorted by before that, `skipped` how many of the first are left out.
    """

    terms: list[str] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)
    first: str = ""
    skipped: int = 0

    def any_of(self, column: str, options: Sequence[str]) -> None:
        """Where `column` has one of `options`; without options, no condition."""
        if options:
            self.terms.append(f"{column} IN ({','.join('?' * len(options))})")
            self.values.extend(options)

    def where(self, condition: str, value: str | int) -> None:
        """A condition with one `?`."""
        self.terms.append(condition)
        self.values.append(value)

    def since(self, table: str, column: str, first: int) -> None:
        """Where `column`, which has an index, is `first` or more: rows before the first such one
        are not looked at. It comes before the other conditions, which cost more."""
        found = f"SELECT min(+number) FROM {table} WHERE {column} >= ?"  # noqa: S608 - our own words
        self.terms[:0] = [f"number >= ({found})", f"{column} >= ?"]
        self.values[:0] = [first, first]

    @property
    def sql(self) -> str:
        return f" WHERE {' AND '.join(self.terms)}" if self.terms else ""


_COMPACT = json.JSONEncoder(separators=(",", ":"), check_circular=False)
_ORDERS = selection("orders")
_ACCOUNTS = "SELECT * FROM accounts ORDER BY rowid"
"""Every wallet, in the order in which they were opened."""


_TAKE = (
    "INSERT INTO meta VALUES ('tenure', '1') "
    "ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT) RETURNING value"
)


class Store:
    """One exchange's file."""

    def __init__(
        self, connection: apsw.Connection, identity: Identity, *, is_read_only: bool = False
    ) -> None:
        self._connection = connection
        self.identity = identity
        self._tenure = "" if is_read_only else self._taken()

    @classmethod
    def create(cls, path: str | Path, identity: Identity) -> Self:
        """Begin a new file, or a store in memory for `:memory:`. It exists once committed to.

        Raises:
            StoreFailed: the file cannot be made, or is there already.
        """
        with failures(path):
            is_file = str(path) != ":memory:"
            if is_file:
                # For its owner alone; SQLite gives the file's companions the same mode.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            make_durable(connection, is_file=is_file)
            with connection:
                connection.execute(SCHEMA)
                connection.execute(
                    "INSERT INTO meta VALUES ('identity', ?)", (identity_text(identity),)
                )
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            return cls(connection, identity)

    @staticmethod
    def open(path: str | Path, *, is_read_only: bool = False) -> Store | None:
        """Open a file that is there; None where there is no exchange in it yet.

        Raises:
            StoreFailed: it cannot be opened, or is no exchange that this version can read.
        """
        if not Path(path).exists():
            return None
        with failures(path):
            if is_read_only:
                connection = connect_reader(path)
            else:
                connection = connect(path, apsw.SQLITE_OPEN_READWRITE)
                make_durable(connection, is_file=True)
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
            with sound(path):
                ((written,),) = connection.execute("SELECT value FROM meta WHERE key = 'identity'")
                _bring_up_to_date(connection, is_read_only=is_read_only)
                identity = read_identity(str(written))
            return Store(connection, identity, is_read_only=is_read_only)

    def _taken(self) -> str:
        """The number of this process's tenure: from here on, whoever wrote before writes no more.

        Whoever removes the trader's lock could else have two processes write one exchange, each
        over the other's orders.
        """
        with self._connection:
            rows = self._connection.execute(_TAKE).fetchall()
        return str(rows[0][0])

    def _holder(self) -> str:
        rows = self._connection.execute("SELECT value FROM meta WHERE key = 'tenure'").fetchall()
        return str(rows[0][0]) if rows else ""

    def claim(self, identity: Identity) -> None:
        """Give the file to another market: allowed as long as nothing has happened in it.

        Raises:
            StoreFailed: the disk did not take it.
        """
        assert not self.is_begun, "a file that has begun keeps its market"
        with failures(self.path), self._connection:
            self._connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'identity'", (identity_text(identity),)
            )
        self.identity = identity

    def named(self, name: str) -> str:
        """What the book is called: `name`, where nobody has named it before.

        Raises:
            StoreFailed: the disk did not take it.
        """
        with failures(self.path), self._connection:
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES ('book', ?)", (name,))
            ((found,),) = self._connection.execute("SELECT value FROM meta WHERE key = 'book'")
        return str(found)

    def check(self, feed: Feed) -> None:
        """Make sure that the file belongs to this feed.

        Raises:
            FeedMismatch: it does not.
        """
        if self.identity.identity != feed.identity:
            raise FeedMismatch(found=self.identity.identity, asked=feed.identity)

    @property
    def path(self) -> str:
        """The file; empty where the store is in memory."""
        return self._connection.filename

    @property
    def stamp(self) -> int:
        """A number that changes when another process has committed."""
        with failures(self.path):
            return int(self._connection.pragma("data_version"))

    @property
    def is_begun(self) -> bool:
        """Whether the exchange's first commit has happened."""
        return bool(self._rows("SELECT 1 FROM state"))

    def commit(self, changes: Changes) -> None:
        """Write all of `changes`, synced, or nothing.

        Raises:
            WriterLost: another process writes; nothing was written.
            StoreFailed: nothing was written.
        """
        lost = f"another process writes {self.path} now"
        try:
            self._commit(changes, lost)
        except StoreFailed as error:
            # Between the look at the holder and the first write somebody else has committed.
            if isinstance(error.__cause__, apsw.BusyError):
                raise WriterLost(lost) from error
            raise

    def _commit(self, changes: Changes, lost: str) -> None:
        connection = self._connection
        with failures(self.path), connection:
            if self._holder() != self._tenure:
                raise WriterLost(lost)
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
            state = _COMPACT.encode(changes.state)
            connection.execute("REPLACE INTO state VALUES (1, ?)", (state,))

    def committed(self) -> Committed:
        """The last commit, whole, whoever commits meanwhile.

        Raises:
            StoreFailed: it cannot be read, or is none of ours.
        """
        with failures(self.path), sound(self.path):
            self._connection.execute("BEGIN")
            try:
                return self._committed()
            finally:
                self._connection.execute("ROLLBACK")

    def _committed(self) -> Committed:
        ((written,),) = self._rows("SELECT value FROM state")
        state: dict[str, Any] = json.loads(written)
        minute = int(state["minute"])
        rows = self.minutes(minute, minute + 1)
        feed = self._rows("SELECT state FROM feed")
        live = self._rows(f"{_ORDERS} WHERE {UNENDED} ORDER BY number")
        return Committed(
            state=state,
            accounts=[read_account(row) for row in self._rows(_ACCOUNTS)],
            live=[read_order(row) for row in live],
            row=rows[0][1] if rows else b"",
            feed_state=bytes(feed[0][0]) if feed else None,
            stamp=self.stamp,
        )

    def minutes(self, first: int, end: int) -> list[tuple[int, bytes]]:
        """The stored minutes from `first` up to `end`, in order."""
        return self._rows(
            "SELECT minute, bars FROM minutes WHERE minute >= ? AND minute < ? ORDER BY minute",
            (first, end),
        )

    def order(self, order_id: str) -> Order | None:
        """One order by the exchange's id."""
        rows = self._rows(f"{_ORDERS} WHERE order_id = ?", (order_id,))
        with sound(self.path):
            return read_order(rows[0]) if rows else None

    def order_of_client(self, client_order_id: str) -> Order | None:
        """One order by the client's id: remembered for ever."""
        rows = self._rows(f"{_ORDERS} WHERE client_order_id = ?", (client_order_id,))
        with sound(self.path):
            return read_order(rows[0]) if rows else None

    def order_rows(self, query: Query, limit: int) -> list[Row]:
        """The newest orders that `query` admits, as `read_order` reads them."""
        return self._newest("orders", query, limit)

    def orders(self, query: Query, limit: int) -> list[Order]:
        """The newest orders that `query` admits."""
        with sound(self.path):
            return [read_order(row) for row in self.order_rows(query, limit)]

    def fill_rows(self, query: Query, limit: int) -> list[Row]:
        """The newest fills that `query` admits, as `read_fill` reads them."""
        return self._newest("fills", query, limit)

    def fills(self, query: Query, limit: int) -> list[Fill]:
        """The newest fills that `query` admits."""
        with sound(self.path):
            return [read_fill(row) for row in self.fill_rows(query, limit)]

    def handed_on(self) -> apsw.Connection:
        """The connection, for whoever copies the whole of it; this store writes no more."""
        return self._connection

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _newest(self, table: str, query: Query, limit: int) -> list[Any]:
        # `table` and the conditions are this module's and its callers' own text; values are bound.
        return self._rows(
            f"{selection(table)}{query.sql} ORDER BY {query.first}number DESC LIMIT ? OFFSET ?",
            (*query.values, limit, query.skipped),
        )

    def _rows(self, sql: str, values: Sequence[str | int] = ()) -> list[Any]:
        with failures(self.path):
            return self._connection.execute(sql, values).fetchall()


def _bring_up_to_date(connection: apsw.Connection, *, is_read_only: bool) -> None:
    """Add what a file from an earlier version lacks; an onlooker sees it as if it were there."""
    for table, columns in ADDITIONS.items():
        there = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        missing = {name: usual for name, usual in columns.items() if name not in there}
        if missing and is_read_only:
            shown = ",".join(f"'{usual}' AS {name}" for name, usual in missing.items())
            # A temporary view is found before the table of its name.
            connection.execute(
                f"CREATE TEMP VIEW {table} AS SELECT *,{shown} FROM main.{table}"  # noqa: S608 - our own words
            )
        elif missing:
            for name, usual in missing.items():
                connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN {name} TEXT NOT NULL DEFAULT '{usual}'"
                )
    if not is_read_only:
        connection.execute(ADD_INDEX)
