"""The journal's one writer: the truth on disk before anything acts on it.

Every append is one synced transaction of this process's tenure, with the events, their hashes and
their projections, all or none. Once the disk has failed the journal refuses every further write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from trader247.adapters.sqlite.backups.folder import alone_in, back_up_now
from trader247.adapters.sqlite.beside import (
    Undelivered,
    delivery_times,
    keep,
    load,
    save,
    saved_by_others,
    undelivered,
)
from trader247.adapters.sqlite.brief import briefly_after
from trader247.adapters.sqlite.chain import canonical, link
from trader247.adapters.sqlite.database import open_writer, translated
from trader247.adapters.sqlite.kinds import to_payload
from trader247.adapters.sqlite.known import Known
from trader247.adapters.sqlite.market.segment_writer import SegmentWriter
from trader247.adapters.sqlite.packed import packed
from trader247.adapters.sqlite.programs import keep_programs, programs_of
from trader247.adapters.sqlite.projections import project
from trader247.adapters.sqlite.rows import (
    Head,
    head,
    last_frame,
    meta,
    opening,
    recorded_after,
    segments_of,
    set_aside,
)
from trader247.adapters.sqlite.schema import is_older
from trader247.adapters.sqlite.tenure import (
    drop_anchor,
    epoch_lost,
    prepare,
    take,
    verify_at_start,
)
from trader247.adapters.sqlite.transactions import Transactions, drop
from trader247.domain.errors import FeedMismatch, StorageError
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.market import Snapshot
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.ports import Delivery

_INSERT = """
INSERT INTO events(seq, v, time, kind, ref, payload, prev_hash, hash)
SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM lease WHERE epoch = ?
"""
"""An event of a tenure that is over inserts nothing."""


class SqliteJournal:
    """One book's journal, held by one process. Make it with `open`."""

    def __init__(
        self,
        *,
        connection: apsw.Connection,
        path: Path,
        clock_wall: Callable[[], Instant],
        epoch: int,
        was_clean: bool,
        passing: Passing = unwatched,
    ) -> None:
        self._connection = connection
        self._path = path
        self._clock_wall = clock_wall
        self._was_clean = was_clean
        self._passing = passing
        self._transactions = Transactions(connection, path, epoch=epoch, passing=passing)
        self._head: Head = head(connection)
        self._known = Known(connection, path)
        self._segments = SegmentWriter(segments_of(path), last=last_frame(connection))

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock_wall: Callable[[], Instant],
        genesis: str,
        install_id: str,
        verify: bool = True,
        vfs: str | None = None,
        passing: Passing = unwatched,
        backups: Path | None = None,
        ahead: int = 1,
    ) -> Self:
        """Take the journal at `path`, or make it: the epoch `ahead` of its last is this process's.

        A journal of an earlier form is brought up to this one; before that, where `backups` is a
        folder, it is backed up there as it was: the earlier version can go back to it.

        `genesis` and `install_id` are used when the file is made, and kept from then on. The chain
        is verified: whole after an unclean end and once a day, else from the last anchor.

        Raises:
            ChainBroken: the record does not hold; it names the first event that does not.
            StorageError: the file cannot be opened, locked or made durable; or it has come to its
                last epoch.
            UnsafePermission: the file is not this user's.
        """
        connection = open_writer(path, vfs=vfs)
        try:
            with translated("open", path):
                wall = clock_wall()
                if backups is not None and is_older(connection):
                    with alone_in(backups):
                        back_up_now(path, backups)
                prepare(
                    connection,
                    path,
                    genesis=genesis,
                    install_id=install_id,
                    wall=wall,
                    passing=passing,
                )
                epoch, was_clean = take(connection, wall, ahead=ahead)
            passing(Milestone.LEASE_TAKEN)
            journal = cls(
                connection=connection,
                path=path,
                clock_wall=clock_wall,
                epoch=epoch,
                was_clean=was_clean,
                passing=passing,
            )
            if verify:
                journal.verify_start()
        except BaseException:
            drop(connection)
            raise
        return journal

    def verify_start(self) -> None:
        """Verify the chain: whole after an unclean end and once a day, else from the last anchor.

        Raises:
            ChainBroken: it names the first event that does not hold.
        """
        with translated("verify", self._path):
            anchor = verify_at_start(
                self._connection, was_clean=self._was_clean, wall=self._clock_wall()
            )
        self._transactions.run("verify", lambda: drop_anchor(self._connection, anchor))

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self._path

    @property
    def epoch(self) -> int:
        """The number of this process's tenure."""
        return self._transactions.epoch

    def has_tenure(self) -> bool:
        """Whether this process may still write here, and with that send; False where unknown."""
        return self._transactions.has_tenure()

    @property
    def was_clean(self) -> bool:
        """Whether the process before let go of the journal properly."""
        return self._was_clean

    @property
    def install_id(self) -> str:
        """The installation that made this journal."""
        return meta(self._connection, "install_id")

    @property
    def genesis(self) -> str:
        """The hash from which the chain starts."""
        return meta(self._connection, "genesis")

    @property
    def head_hash(self) -> str:
        """The hash of the last event: what an outside witness may keep."""
        return self._head.hash

    @property
    def opened(self) -> JournalOpened | None:
        """Whose book this is and on which market; None in a journal without events."""
        with translated("read", self._path):
            return opening(self._connection)

    def expect(self, *, book: str, feed: str, currency: str) -> None:
        """Refuse to go on with a journal of another book, market or quote currency.

        Raises:
            FeedMismatch: it says what the journal belongs to.
        """
        opened = self.opened
        if opened is None:
            return
        if (opened.book, opened.feed) != (book, feed):
            raise FeedMismatch(
                f"{self._path} belongs to {opened.book} on {opened.feed}, not to {book} on {feed}",
                hint="use another --data, or --fresh",
            )
        if opened.quote_currency != currency:
            raise FeedMismatch(
                f"{self._path} counts in {opened.quote_currency}, not in {currency}",
                hint=f"set app.quote_currency: {opened.quote_currency}, or use another --data, "
                "or --fresh",
            )

    def keep_to(self, exchange: str) -> None:
        """Refuse to go on with the orders of another exchange; the first one is remembered.

        Two exchanges may be on one market, and the chain is the same for both: this is beside it.
        A journal that has not begun is anybody's.

        Raises:
            FeedMismatch: the journal's orders are on another one.
            StorageError: the disk did not take it.
        """

        how = "REPLACE" if self.opened is None else "IGNORE"

        def write() -> None:
            self._connection.execute(
                f"INSERT OR {how} INTO meta(key, value) VALUES('exchange', ?)", (exchange,)
            )

        self._transactions.run("bind", write)
        with translated("read", self._path):
            found = meta(self._connection, "exchange")
        if found != exchange:
            raise FeedMismatch(
                f"{self._path} has its orders on the exchange {found}, not on {exchange}, which "
                "answers now",
                hint="serve the folder of that one, or use another --data, or --fresh",
            )

    def keep_programs(self, told: str) -> str:
        """Keep what this tenure runs on, beside the chain; answers what the one before ran on.

        Only what differs is kept: the record of a tenure is the latest that is not younger.

        Raises:
            StorageError: the disk did not take it.
        """
        with translated("read", self._path):
            before = programs_of(self._connection)
        if before != told:
            self._transactions.run(
                "keep", lambda: keep_programs(self._connection, self.epoch, told)
            )
        return before

    def raise_epoch(self, epoch: int) -> None:
        """Go on as a later tenure, because ids of this one may have been used before.

        Raises:
            EpochLost: another process has taken over.
            StorageError: the disk did not take it, or there is no such epoch any more.
        """
        self._transactions.raise_epoch(epoch)

    def record_market(self, snapshot: Snapshot) -> SegmentRef:
        """Store what a cycle saw, synced, and say where.

        Raises:
            StorageError: the disk did not take it; the journal takes nothing more either.
        """
        self._transactions.expect_no_failure()
        try:
            return self._segments.append(snapshot)
        except StorageError as error:
            self._transactions.end_for(error)
            raise

    def seen_last(self) -> Snapshot | None:
        """What the last recorded cycle saw of the market; None where that is not known."""
        return self._segments.seen_last()

    def append(self, events: Sequence[AnyEvent], time: Instant) -> tuple[Recorded, ...]:
        """Append all of `events` in one synced transaction, or none.

        Raises:
            LedgerError: an event contradicts the ledger; nothing was written.
            EpochLost: another process has taken over.
            StorageError: the disk did not take them; the journal takes nothing more either.
        """
        written: list[Recorded] = []

        def write() -> None:
            seq, hash = self._head
            moment = str(time)
            for event in events:
                seq, prev_hash = seq + 1, hash
                fields = to_payload(event)
                payload = canonical(fields)
                hash = link(
                    prev_hash,
                    seq=seq,
                    v=event.v,
                    time=moment,
                    kind=event.kind,
                    ref=event.ref,
                    payload=payload,
                )
                stored = (
                    *(seq, event.v, moment, event.kind, event.ref),
                    *(packed(event.kind, payload), prev_hash, hash),
                )
                self._connection.execute(_INSERT, (*stored, self.epoch))
                if self._connection.changes() != 1:
                    raise epoch_lost(self._connection, self.epoch)
                recorded = Recorded(seq, time, event, hash)
                project(self._connection, recorded, fields)
                written.append(recorded)

        self._transactions.run("append to", write, is_checked=True, events=events)
        if written:
            self._head = Head(written[-1].seq, written[-1].hash)
        return tuple(written)

    def events(self, after: int = 0) -> Iterator[Recorded]:
        """Every event after `after`, in order.

        Raises:
            StorageError: one cannot be read.
        """
        with translated("read", self._path):
            yield from recorded_after(self._connection, after)

    def briefly(self, after: int = 0) -> Iterator[Recorded]:
        """As `events`, in half of its time: cycles without verdicts and details of endings.

        What is folded from these is the same ledger.

        Raises:
            StorageError: one cannot be read.
        """
        with translated("read", self._path):
            yield from briefly_after(self._connection, after)

    def has_fill(self, entry_id: str) -> bool:
        """Whether a fill of this entry id is already booked or quarantined."""
        return self._known.has_fill(entry_id)

    def contradicts(self, fill: Fill) -> bool:
        """Whether a fill of this entry id stands here with other figures."""
        return self._known.contradicts(fill)

    def repeats_trade(self, fill: Fill) -> bool:
        """Whether another entry of the same trade of the same order is booked."""
        return self._known.repeats_trade(fill)

    def set_aside(self, order_id: OrderId) -> tuple[FillQuarantined, ...]:
        """The entries of an order that are quarantined, in the order in which they were.

        Raises:
            StorageError: one cannot be read.
        """
        with translated("read", self._path):
            return set_aside(self._connection, order_id)

    def knows_order(self, client_order_id: ClientOrderId) -> bool:
        """Whether an intent of this id was ever recorded."""
        return self._known.knows_order(client_order_id)

    def save_portfolio(self, *portfolios: Portfolio) -> None:
        """Keep folded snapshots, so that the next start, and asking of the past, is short.

        Raises:
            EpochLost: another process has taken over.
            StorageError: the disk did not take it.
        """

        def write() -> None:
            for each in portfolios:
                save(self._connection, each)

        self._transactions.run("save the portfolio in", write)

    def unreadable_portfolios(self) -> Collection[int]:
        """Up to which events the snapshots go that another version saved, and this cannot read."""
        with translated("read", self._path):
            return saved_by_others(self._connection)

    def load_portfolio(self) -> Portfolio | None:
        """The latest folded snapshot that this version can read and the chain still vouches for."""
        with translated("read", self._path):
            return load(self._connection)

    def record_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of alerts, outside the chain.

        Raises:
            EpochLost: another process has taken over.
            StorageError: the disk did not take it.
        """
        if not deliveries:
            return
        now = self._clock_wall()
        self._transactions.run(
            "record deliveries in", lambda: keep(self._connection, deliveries, now)
        )

    def undelivered(self) -> Undelivered:
        """Alerts that no channel has taken, oldest first, the newest few.

        Those that were tried and failed, and those whose digest nobody took; after an unclean end
        also those that may not have been tried, because the process ended before it could.
        """
        with translated("read", self._path):
            return undelivered(self._connection, is_clean=self._was_clean)

    def delivery_times(
        self, alerts: Sequence[int]
    ) -> Mapping[int, tuple[Instant | None, Instant | None]]:
        """By alert, since when it fails and when it was delivered last, by the machine's clock."""
        with translated("read", self._path):
            return delivery_times(self._connection, alerts)

    def close(self, *, is_clean: bool = True) -> None:
        """Let go of the journal; `is_clean` tells the next process that nothing was under way."""
        self._segments.close()
        self._passing(Milestone.CHECKPOINT_DUE)
        self._transactions.close(is_clean=is_clean)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(is_clean=error is None)
