"""The tables of a journal, and how an old one becomes a new one.

`events` is the truth: append-only by triggers, chained by hashes. `intents`, `orders`, `fills`,
`cycles` and `alerts` are projections of it, written in the same transaction, which carry the
constraints that make the wrong thing impossible. `meta`, `lease`, `portfolios` and `deliveries`
stand outside the chain: what they hold may differ between two runs of the same seed.
"""

from __future__ import annotations

import apsw

from trader247.adapters.sqlite.database import APPLICATION_ID
from trader247.domain.errors import StorageError

VERSION = 3
"""The schema's version, in the header as `user_version`."""

APPEND_ONLY = ("events", "fills", "cycles", "alerts")
"""Tables whose rows are never changed nor removed."""

PROJECTIONS = ("intents", "orders", "fills", "cycles", "days", "alerts")
"""Tables that can be derived from `events` again."""


def _amount(name: str, *, null: bool = False, signed: bool = False) -> str:
    """A column of plain decimal text. STRICT alone would take `1.0e+22`, written from a float."""
    digits = f"substr({name}, 2)" if signed else name
    first = (
        f"({name} GLOB '[0-9]*' OR {name} GLOB '-[0-9]*')" if signed else f"{name} GLOB '[0-9]*'"
    )
    rule = f"{first} AND {digits} NOT GLOB '*[^0-9.]*' AND {name} NOT GLOB '*.*.*'"
    return f"{name} TEXT {'' if null else 'NOT NULL '}CHECK({rule})"


_EVENTS = """
CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  v INTEGER NOT NULL,
  time TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  payload ANY NOT NULL CHECK(typeof(payload) IN ('text', 'blob')),
  prev_hash TEXT NOT NULL CHECK(length(prev_hash) = 64),
  hash TEXT NOT NULL CHECK(length(hash) = 64)
) STRICT;
"""

_RARE = "CREATE INDEX rare_events ON events(kind, seq) WHERE kind <> 'cycle_decided'"
"""All but the cycles can be found by their kind, in a journal of whatever length."""

_PROJECTIONS = f"""
CREATE TABLE intents(
  seq INTEGER PRIMARY KEY,
  client_order_id TEXT NOT NULL UNIQUE CHECK(length(client_order_id) BETWEEN 20 AND 64),
  decision_id TEXT NOT NULL CHECK(decision_id <> ''),
  leg INTEGER NOT NULL CHECK(leg >= 0),
  cycle INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  product TEXT NOT NULL CHECK(product GLOB '?*-?*'),
  side TEXT NOT NULL CHECK(side IN ('BUY', 'SELL')),
  purpose TEXT NOT NULL CHECK(purpose IN ('entry', 'exit')),
  order_type TEXT NOT NULL CHECK(order_type IN ('post_only_gtd', 'limit_ioc',
    'stop_limit_gtd')),
  {_amount("price")},
  {_amount("quantity")},
  end_time TEXT NOT NULL,
  strategy TEXT NOT NULL CHECK(strategy <> ''),
  rule TEXT NOT NULL,
  body TEXT NOT NULL CHECK(body <> ''),
  body_sha256 TEXT NOT NULL CHECK(body_sha256 <> ''),
  created TEXT NOT NULL,
  policy_hash TEXT NOT NULL CHECK(policy_hash <> ''),
  code_version TEXT NOT NULL CHECK(code_version <> ''),
  state TEXT NOT NULL CHECK(state IN ('SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'REJECTED',
    'NOT_CREATED', 'DONE', 'DONE_FILLS_PENDING')),
  order_id TEXT UNIQUE,
  UNIQUE(decision_id, leg)
) STRICT;

-- A second order while one is unknown is impossible here, not only in code.
CREATE UNIQUE INDEX one_unresolved ON intents(product, side)
  WHERE state IN ('SUBMITTING', 'UNKNOWN');

CREATE TABLE orders(
  order_id TEXT NOT NULL PRIMARY KEY,
  client_order_id TEXT NOT NULL,
  product TEXT NOT NULL,
  side TEXT NOT NULL CHECK(side IN ('BUY', 'SELL')),
  state TEXT NOT NULL,
  {_amount("price", null=True)},
  {_amount("quantity", null=True)},
  {_amount("filled")},
  {_amount("fees", signed=True)},
  fill_count INTEGER,
  created TEXT NOT NULL,
  end_time TEXT,
  reject_reason TEXT NOT NULL,
  seq INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_by_client ON orders(client_order_id);

CREATE TABLE fills(
  seq INTEGER PRIMARY KEY,
  entry_id TEXT NOT NULL UNIQUE CHECK(entry_id <> ''),
  trade_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  client_order_id TEXT REFERENCES intents(client_order_id),
  product TEXT NOT NULL,
  side TEXT NOT NULL CHECK(side IN ('BUY', 'SELL')),
  {_amount("price")},
  {_amount("quantity")},
  {_amount("fee", signed=True)},
  liquidity TEXT NOT NULL,
  time TEXT NOT NULL,
  quarantine TEXT,
  CHECK((client_order_id IS NULL) = (quarantine IS NOT NULL))
) STRICT;

CREATE TABLE cycles(
  cycle INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE,
  segment TEXT NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL
) STRICT;

-- What a year of cycles adds up to, a row a day: counting them again would take minutes.
CREATE TABLE days(
  day TEXT NOT NULL PRIMARY KEY,
  cycles INTEGER NOT NULL,
  endings TEXT NOT NULL
) STRICT;

CREATE TABLE alerts(
  seq INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  severity TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

"""

_BESIDE = """
CREATE TABLE deliveries(
  alert INTEGER NOT NULL,
  channel TEXT NOT NULL,
  is_delivered INTEGER NOT NULL CHECK(is_delivered IN (0, 1)),
  attempts INTEGER NOT NULL,
  time TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY(alert, channel)
) STRICT;

CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE lease(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  epoch INTEGER NOT NULL,
  is_open INTEGER NOT NULL CHECK(is_open IN (0, 1))
) STRICT;

CREATE TABLE anchor(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  checked TEXT NOT NULL
) STRICT;
"""

_PORTFOLIOS = """
CREATE TABLE portfolios(
  seq INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  shape TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
"""


def _forbid(table: str) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;\n"
        for act in ("UPDATE", "DELETE")
    )


def create(connection: apsw.Connection) -> None:
    """Make the tables in an empty database, inside the caller's transaction."""
    connection.execute(_EVENTS + _PROJECTIONS + _BESIDE + _PORTFOLIOS + _RARE)
    connection.execute("".join(_forbid(table) for table in APPEND_ONLY))
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION}")


def create_projections(connection: apsw.Connection) -> None:
    """Make the derived tables alone, to derive them anew."""
    connection.execute(_PROJECTIONS)


def complete(connection: apsw.Connection) -> None:
    """Give a journal that is older than an index that index, inside the caller's transaction."""
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'rare_events'")
    if found.fetchone() is None:
        connection.execute(_RARE)


def drop_projections(connection: apsw.Connection) -> None:
    """Take the derived tables away, to make them in another form."""
    for table in reversed(PROJECTIONS):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def let_pack(connection: apsw.Connection) -> None:
    """Let an older journal's events take packed payloads too, inside the caller's transaction.

    Not one event is touched: the column's declared type is the one thing that changes, and SQLite
    has no statement for that. The ledgers folded in the older form are let go: they are derived.
    """
    connection.execute("PRAGMA writable_schema=1")
    try:
        connection.execute(
            "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'events'",
            (_EVENTS.strip().removesuffix(";"),),
        )
        version = int(str(connection.pragma("schema_version")))
        connection.execute(f"PRAGMA schema_version={version + 1}")
    finally:
        connection.execute("PRAGMA writable_schema=RESET")
    connection.execute(f"DROP TABLE portfolios; {_PORTFOLIOS}")


def forbid_changes(connection: apsw.Connection) -> None:
    """Make the derived tables that are append-only so again."""
    for table in PROJECTIONS:
        if table in APPEND_ONLY:
            connection.execute(_forbid(table))


def is_older(connection: apsw.Connection) -> bool:
    """Whether the database is a journal of ours in an earlier form."""
    return bool(
        connection.pragma("application_id") == APPLICATION_ID
        and 0 < int(str(connection.pragma("user_version"))) < VERSION
    )


def is_empty(connection: apsw.Connection) -> bool:
    """Whether the database has no table yet."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def expect_ours(connection: apsw.Connection, path: object) -> None:
    """Refuse a database that is not a journal, or one from the future.

    Raises:
        StorageError: it says what was found.
    """
    found = connection.pragma("application_id")
    if not found and is_empty(connection):
        raise StorageError(
            f"{path} is empty: nothing was ever written into it, or what was is lost",
            hint="its backups: trader247 state restore --list; where there are none, move it away",
        )
    if found != APPLICATION_ID:
        raise StorageError(
            f"{path} is a database of something else (application id {found})",
            hint="move it away, or use another --data folder",
        )
    version = connection.pragma("user_version")
    if version != VERSION:
        older = "the next `trader247 run` or `cycle` backs it up and brings it to this form"
        newer = (
            "use the version of trader247 that wrote it, or a newer one; "
            "to go back: a backup of before, trader247 state restore --list"
        )
        raise StorageError(
            f"{path} has schema version {version}; this program knows version {VERSION}",
            hint=older if 0 < version < VERSION else newer,
        )
