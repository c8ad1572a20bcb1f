"""Fills booked and journalled, beside a bare insert of the same rows.

Both are one synced transaction a fill, on the same disk, by the same SQLite: the one folds the
fill into the portfolio, chains it and keeps the ledger's constraints; the other inserts the two
rows that this leaves behind.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
from scripts.bench.measure import Pair, Row, Target
from scripts.bench.simulation import Nobody

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import FillBooked, IntentRecorded, SubmissionSettled
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.outcomes import Acknowledged
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause, ExitPlan, Purpose
from trader247.engine.ledger import Ledger

BATCH = 100
BATCHES = 31
FEW, MANY, MOST = 10, 100_000, 1_000_000
SLOWDOWN = 0.9
"""`No slower`, as two measurements of one disk can tell it."""

_BASES = ("BTC", "ETH", "SOL", "ADA", "DOT", "UNI")
_PRODUCTS = tuple(ProductId(base, "USD") for base in _BASES)
_PLAN = ExitPlan(Decimal("0.06"), Decimal("0.12"), timedelta(hours=48))
_SIDES = (Side.BUY, Side.SELL)
_PRICE = Price.of("64123.45")
_QUANTITY = Quantity.of("0.00779812")
_FEE = Money.of("3.00123")
_CLOCK = SystemClock()

_EVENT = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?)"
_FILL = "INSERT INTO fills VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"

_BARE = """
CREATE TABLE events(seq INTEGER PRIMARY KEY, v, time, kind, ref, payload, prev_hash, hash);
CREATE TABLE fills(seq INTEGER PRIMARY KEY, entry_id TEXT UNIQUE, trade_id, order_id,
  client_order_id, product, side, price, quantity, fee, liquidity, time, quarantine);
"""

# What lies behind: the last fill again, under as many names. Nobody verifies this chain.
_BEHIND = """
CREATE TEMP TABLE last_event AS SELECT * FROM events ORDER BY seq DESC LIMIT 1;
CREATE TEMP TABLE last_fill AS SELECT * FROM fills ORDER BY seq DESC LIMIT 1;
CREATE TEMP TABLE names AS
  WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < {count})
  SELECT n, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2))
    || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6))) AS entry FROM steps;
INSERT INTO events SELECT e.seq + n, v, e.time, kind, ref, replace(payload, f.entry_id, entry),
  hash, lower(hex(randomblob(32))) FROM names, last_event AS e, last_fill AS f;
INSERT INTO fills SELECT seq + n, entry, trade_id, order_id, client_order_id, product, side, price,
  quantity, fee, liquidity, time, quarantine FROM names, last_fill;
"""


def fills(*, most: int = MANY) -> Iterator[Row]:
    """The rate with ten fills behind against bare inserts, and with `most` against ten."""
    with tempfile.TemporaryDirectory(prefix="trader247-bench-") as folder:
        path = Path(folder)
        with _book(path / "few", FEW) as few, _bare(path / "bare.db", few) as bare:
            name = f"fills booked, {FEW} behind"
            yield _row(name, _rates(few.batch, bare), 0.5)
            with _book(path / "many", most) as many:
                name = f"fills booked, {most:,} behind (to {FEW})"
                yield _row(name, _rates(many.batch, few.batch), SLOWDOWN)


def most_fills() -> Iterator[Row]:
    """The same with a million behind."""
    yield from fills(most=MOST)


Batch = Callable[[], Sequence[Callable[[], object]]]
"""Makes the acts of the next batch; running them is what is timed."""


def _row(name: str, rates: Sequence[Pair], least: float) -> Row:
    return Row.paired(name, "a second", rates, Target.RATIO_AT_LEAST, least)


def _rates(ours: Batch, baseline: Batch) -> Sequence[Pair]:
    """How many acts a second, a batch of each in turn after a warm-up of each."""
    return [(_rate(ours), _rate(baseline)) for _ in range(BATCHES + 1)][1:]


def _rate(batch: Batch) -> float:
    acts = batch()
    began = time.perf_counter()
    for act in acts:
        act()
    return len(acts) / (time.perf_counter() - began)


@dataclass(slots=True)
class _Book:
    """A ledger with two working orders of each product, filled a little at a time."""

    ledger: Ledger
    path: Path
    number: int = 0

    def batch(self, size: int = BATCH) -> Sequence[Callable[[], object]]:
        """Book the next fills: each product is bought, then sold."""
        first, self.number = self.number, self.number + size
        events = map(_fill_booked, range(first, self.number))
        return [partial(self.ledger.record, event) for event in events]


@contextmanager
def _book(folder: Path, behind: int) -> Iterator[_Book]:
    """A book of its own with `behind` fills in it."""
    folder.mkdir()
    path = folder / "journal.db"
    with _journal(path) as journal:
        book = _Book(_ledger(journal, Portfolio()), path)
        _open(book.ledger)
        for booking in book.batch(FEW):
            booking()
        portfolio = book.ledger.portfolio
    if behind > FEW:
        _fill_up(path, behind - FEW)
        portfolio = replace(portfolio, seq=portfolio.seq + behind - FEW, fills_booked=behind)
    with _journal(path) as journal:
        yield _Book(_ledger(journal, portfolio), path, book.number)


def _journal(path: Path) -> SqliteJournal:
    return SqliteJournal.open(
        path, clock_wall=_CLOCK.now, genesis="0" * 64, install_id="bench", verify=False
    )


def _ledger(journal: SqliteJournal, portfolio: Portfolio) -> Ledger:
    return Ledger(journal=journal, clock=_CLOCK, alerts=Nobody(), portfolio=portfolio)


def _open(ledger: Ledger) -> None:
    ledger.record(JournalOpened("bench", "bench", "USD"), CashFlowed(Money.of(10**9), "opening"))
    for product in _PRODUCTS:
        for side in _SIDES:
            intent = _intent(product, side)
            order = Acknowledged(_order_id(product, side))
            ledger.record(IntentRecorded(intent))
            ledger.record(SubmissionSettled(intent.client_order_id, order))


def _fill_up(path: Path, behind: int) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY")
    with connection:
        connection.execute(_BEHIND.format(count=behind))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


@contextmanager
def _bare(path: Path, book: _Book) -> Iterator[Batch]:
    """Inserts the rows of the last fill that `book` booked, under new names."""
    source = apsw.Connection(str(book.path), flags=apsw.SQLITE_OPEN_READONLY)
    event = source.execute("SELECT * FROM events ORDER BY seq DESC LIMIT 1").fetchall()[0]
    fill = source.execute("SELECT * FROM fills ORDER BY seq DESC LIMIT 1").fetchall()[0]
    source.close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=wal; PRAGMA synchronous=FULL").fetchall()
    connection.execute(_BARE)
    numbers = count(1)

    def insert(event: tuple[Any, ...], fill: tuple[Any, ...]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_EVENT, event)
        connection.execute(_FILL, fill)
        connection.execute("COMMIT")

    def batch() -> Sequence[Callable[[], object]]:
        rows = [
            ((number, *event[1:]), (number, _entry_id(-number), *fill[2:]))
            for number in islice(numbers, BATCH)
        ]
        return [partial(insert, *pair) for pair in rows]

    try:
        yield batch
    finally:
        connection.close()


def _fill_booked(number: int) -> FillBooked:
    product = _PRODUCTS[number // 2 % len(_PRODUCTS)]
    side = _SIDES[number % 2]
    now = _CLOCK.now()
    fill = Fill(
        entry_id=EntryId(_entry_id(number)),
        trade_id=str(UUID(int=number)),
        order_id=_order_id(product, side),
        product=product,
        side=side,
        price=_PRICE,
        quantity=_QUANTITY,
        fee=_FEE,
        liquidity=Liquidity.MAKER,
        time=now,
        sequence_time=now,
    )
    return FillBooked(fill, _name(product, side))


def _intent(product: ProductId, side: Side) -> RecordedIntent:
    is_entry = side is Side.BUY
    now = _CLOCK.now()
    return RecordedIntent(
        client_order_id=_name(product, side),
        decision_id=DecisionId(f"1:{product}"),
        leg=0 if is_entry else 1,
        cycle=1,
        product=product,
        side=side,
        purpose=Purpose.ENTRY if is_entry else Purpose.EXIT,
        order_type=OrderType.POST_ONLY_GTD if is_entry else OrderType.LIMIT_IOC,
        price=_PRICE,
        quantity=Quantity.of(10**9),
        reference=_PRICE,
        end_time=now + timedelta(minutes=5),
        strategy="standard",
        rule="momentum",
        plan=_PLAN if is_entry else None,
        exit_cause=None if is_entry else ExitCause.TARGET,
        body="{}",
        body_sha256=sha256(b"{}").hexdigest(),
        created=now,
        epoch=1,
        policy_hash="bench",
        code_version="bench",
        taker_fee_fraction=Decimal("0.009"),
    )


def _name(product: ProductId, side: Side) -> ClientOrderId:
    return ClientOrderId(f"t247-bench0-1-{product}-{side.value}".ljust(24, "0"))


def _order_id(product: ProductId, side: Side) -> OrderId:
    return OrderId(_entry_id(10**9 + 2 * _PRODUCTS.index(product) + _SIDES.index(side)))


def _entry_id(number: int) -> str:
    """As the exchange names fills: nothing in the order of the names tells the order in time."""
    return str(UUID(bytes=sha256(str(number).encode()).digest()[:16]))
