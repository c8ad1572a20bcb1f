from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.adapters.sqlite.journal_values import (
    BTC,
    ETH,
    START,
    Market,
    a_cycle,
    a_fill,
    a_journal,
    an_order,
    booked,
    client_order,
    opened,
    recorded_intent,
)

from trader247.adapters.ids import DerivedIds
from trader247.adapters.sqlite import packed, schema
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.kinds import from_payload, to_payload
from trader247.adapters.sqlite.reader import JournalReader
from trader247.core.booking import fold
from trader247.domain.errors import ChainBroken, EpochLost, FeedMismatch, LedgerError, StorageError
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.orders import (
    FillQuarantined,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import EPOCH_MAX, DecisionId, OrderId
from trader247.domain.money import Money
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import DAY, HOUR
from trader247.engine import startup
from trader247.ports import Delivery, Journal

ALERT = AlertRaised(Severity.WARNING, "x", "text")


def settled(number: int, outcome: Acknowledged | Declined | Unknown) -> SubmissionSettled:
    return SubmissionSettled(client_order(number), outcome)


def states(path: Path) -> dict[str, str]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = connection.execute("SELECT client_order_id, state FROM intents").fetchall()
    connection.close()
    return {str(name): str(state) for name, state in found}


def rows(path: Path, table: str = "events") -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return found


def test_it_is_the_port_that_the_engine_asks_for(journal: SqliteJournal) -> None:
    port: Journal = journal

    assert port.epoch == 1


def test_what_is_appended_comes_back_in_order_with_its_numbers(journal: SqliteJournal) -> None:
    events: list[AnyEvent] = [opened(), recorded_intent(), ALERT]

    written = journal.append(events, START)

    assert [each.seq for each in written] == [1, 2, 3]
    assert tuple(journal.events()) == written
    assert [each.event for each in journal.events(after=1)] == events[1:]
    assert journal.opened == opened()
    assert journal.head_hash == written[-1].hash


def test_the_writer_reads_briefly_what_a_reader_does(tmp_path: Path) -> None:
    with a_journal(tmp_path / "book.db") as journal:
        journal.append([opened()], START)
        snapshot = Market(3, products=4, window=3).snapshot()
        journal.append([a_cycle(snapshot, journal.record_market(snapshot))], START)
        brief = list(journal.briefly(after=1))
        with JournalReader.open(journal.path) as reader:
            assert brief == list(reader.briefly(after=1)) != list(journal.events(after=1))


def test_nothing_at_all_may_be_appended(journal: SqliteJournal) -> None:
    assert journal.append([], START) == ()


def test_a_journal_goes_on_where_the_last_process_stopped(path: Path) -> None:
    with a_journal(path) as first:
        before = first.append([opened(), ALERT], START)
    with a_journal(path) as second:
        after = second.append([ALERT], START + HOUR)

        assert second.epoch == 2
        assert second.was_clean
        assert tuple(second.events()) == before + after
        assert second.install_id == "0a1b2c"


def test_two_journals_with_the_same_appends_have_equal_events(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        market = Market(3, products=3, window=100)
        wall = START if name == "a" else START + DAY
        with a_journal(folder / "paper-sim.db", wall=wall) as each:
            each.append([opened()], START)
            for _ in range(5):
                seen = market.snapshot()
                each.append([a_cycle(seen, each.record_market(seen))], seen.time)

    assert rows(tmp_path / "a" / "paper-sim.db") == rows(tmp_path / "b" / "paper-sim.db")
    segment = "paper-sim.segments/2026-01.seg"
    assert (tmp_path / "a" / segment).read_bytes() == (tmp_path / "b" / segment).read_bytes()


@pytest.mark.parametrize("table", ["events", "fills", "cycles", "alerts"])
@pytest.mark.parametrize("act", ["UPDATE {} SET seq = seq", "DELETE FROM {}"])
def test_what_was_written_can_be_neither_changed_nor_removed(
    table: str, act: str, path: Path, journal: SqliteJournal
) -> None:
    seen = Market(1, products=1, window=10).snapshot()
    cycle = a_cycle(seen, journal.record_market(seen))
    journal.append([opened(), recorded_intent(), booked(), cycle, ALERT], START)
    other = apsw.Connection(str(path))

    with pytest.raises(apsw.ConstraintError, match="append-only"):
        other.execute(act.format(table))
    other.close()


def test_a_second_unresolved_intent_of_a_product_and_side_is_impossible(
    journal: SqliteJournal,
) -> None:
    journal.append([recorded_intent(1)], START)

    with pytest.raises(LedgerError):
        journal.append([recorded_intent(2)], START)

    journal.append([recorded_intent(3, side=Side.SELL)], START)
    journal.append([recorded_intent(4, product=ETH)], START)
    journal.append([settled(1, Unknown("timed out"))], START)
    with pytest.raises(LedgerError):
        journal.append([recorded_intent(5)], START)
    journal.append([settled(1, Acknowledged(OrderId("order-1")))], START)
    journal.append([recorded_intent(6)], START)


def test_an_id_or_a_leg_of_a_decision_is_never_used_twice(journal: SqliteJournal) -> None:
    journal.append([recorded_intent(1, decision="d", leg=0)], START)
    journal.append([settled(1, Declined("x", "no", is_sent=True))], START)

    with pytest.raises(LedgerError):
        journal.append([recorded_intent(1, decision="e")], START)
    with pytest.raises(LedgerError):
        journal.append([recorded_intent(2, decision="d", leg=0)], START)
    journal.append([recorded_intent(3, decision="d", leg=1)], START)

    assert journal.knows_order(client_order(3))
    assert not journal.knows_order(client_order(2))


def test_a_refused_append_leaves_nothing_behind_and_the_journal_usable(
    path: Path, journal: SqliteJournal
) -> None:
    journal.append([opened()], START)

    with pytest.raises(LedgerError):
        journal.append([ALERT, recorded_intent(1), recorded_intent(1)], START)
    written = journal.append([ALERT], START)

    assert written[0].seq == 2
    assert len(rows(path)) == 2
    assert not journal.knows_order(client_order(1))


def test_a_fill_is_booked_once(journal: SqliteJournal) -> None:
    journal.append([recorded_intent(1), booked(1)], START)
    journal.append([FillQuarantined(a_fill(2), "no such order")], START)

    assert journal.has_fill(a_fill(1).entry_id)
    assert journal.has_fill(a_fill(2).entry_id)
    assert not journal.has_fill(a_fill(3).entry_id)
    for again in (booked(1), booked(2), FillQuarantined(a_fill(1), "again")):
        with pytest.raises(LedgerError):
            journal.append([again], START)


def test_a_fill_of_an_order_that_nobody_intended_is_not_booked(journal: SqliteJournal) -> None:
    with pytest.raises(LedgerError):
        journal.append([booked(1, intent=9)], START)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Acknowledged(OrderId("order-1")), "ACCEPTED"),
        (Declined("no_funds", "", is_sent=True), "REJECTED"),
        (Declined("stop", "", is_sent=False), "NOT_CREATED"),
        (Unknown("reset"), "UNKNOWN"),
    ],
)
def test_an_intent_takes_the_state_of_what_came_of_sending(
    outcome: Acknowledged | Declined | Unknown, state: str, path: Path, journal: SqliteJournal
) -> None:
    journal.append([recorded_intent(1), settled(1, outcome)], START)

    assert states(path) == {client_order(1): state}


def test_an_unknown_that_evidence_rules_out_was_not_created(
    path: Path, journal: SqliteJournal
) -> None:
    journal.append([recorded_intent(1), settled(1, Unknown("reset"))], START)
    journal.append([settled(1, Declined("unseen", "", is_sent=True))], START)

    assert states(path) == {client_order(1): "NOT_CREATED"}

    journal.append([settled(1, Acknowledged(OrderId("order-1")))], START)

    assert states(path) == {client_order(1): "ACCEPTED"}


def test_an_intent_that_is_settled_cannot_be_settled_otherwise(journal: SqliteJournal) -> None:
    journal.append([recorded_intent(1), settled(1, Acknowledged(OrderId("order-1")))], START)

    for outcome in (Unknown("x"), Declined("x", "", is_sent=True)):
        with pytest.raises(LedgerError, match="ACCEPTED"):
            journal.append([settled(1, outcome)], START)
    with pytest.raises(LedgerError, match="not recorded"):
        journal.append([settled(7, Unknown("x"))], START)


def test_an_order_is_done_when_its_fills_add_up_and_not_before(
    path: Path, journal: SqliteJournal
) -> None:
    name = client_order(1)
    journal.append([recorded_intent(1), settled(1, Acknowledged(OrderId("order-1")))], START)
    journal.append([OrderSeen(an_order(1)), booked(1, quantity="0.5", fee="0.25")], START)
    assert states(path)[name] == "ACCEPTED"

    final = an_order(1, state=OrderState.CANCELLED, filled="1.5", fees="0.75")
    journal.append([OrderSeen(final)], START)
    assert states(path)[name] == "DONE_FILLS_PENDING"

    journal.append([booked(2, quantity="1", fee="0.5")], START)
    assert states(path)[name] == "DONE"


def test_an_order_seen_does_not_settle_what_is_unknown(path: Path, journal: SqliteJournal) -> None:
    journal.append([recorded_intent(1), settled(1, Unknown("x")), OrderSeen(an_order(1))], START)

    assert states(path) == {client_order(1): "UNKNOWN"}


def test_the_epoch_of_a_later_process_ends_this_one(path: Path) -> None:
    first = a_journal(path)
    first.append([opened()], START)
    second = a_journal(path)

    with pytest.raises(EpochLost):
        first.append([ALERT], START)
    with pytest.raises(StorageError):
        first.append([ALERT], START)
    with pytest.raises(StorageError):
        first.save_portfolio(Portfolio(seq=1))

    assert not second.was_clean
    assert len(second.append([ALERT], START)) == 1
    first.close(is_clean=False)
    second.close()


def test_whose_tenure_is_over_may_send_nothing_and_keep_nothing(path: Path) -> None:
    """Whether it is over is asked before an order leaves, when nothing was written yet."""
    first = a_journal(path)
    first.append([opened()], START)
    assert first.has_tenure()
    second = a_journal(path)
    assert not first.has_tenure()
    assert second.has_tenure()
    with pytest.raises(EpochLost):
        first.save_portfolio(Portfolio(seq=1))
    assert rows(path, "portfolios") == []
    assert not first.has_tenure()
    first.close(is_clean=False)
    second.close()


def test_an_unclean_end_is_known_to_the_next_process(path: Path) -> None:
    a_journal(path).close(is_clean=False)
    with a_journal(path) as second:
        assert not second.was_clean
    with a_journal(path) as third:
        assert third.was_clean


def test_a_journal_of_another_market_is_refused(journal: SqliteJournal) -> None:
    journal.expect(book="paper-sim", feed="seed 9", currency="USD")
    journal.append([opened()], START)

    journal.expect(book="paper-sim", feed="seed 7", currency="USD")
    with pytest.raises(FeedMismatch, match="seed 7") as caught:
        journal.expect(book="paper-sim", feed="seed 8", currency="USD")
    with pytest.raises(FeedMismatch):
        journal.expect(book="live-coinbase", feed="seed 7", currency="USD")

    with pytest.raises(FeedMismatch, match="counts in USD, not in EUR"):
        journal.expect(book="paper-sim", feed="seed 7", currency="EUR")

    assert caught.value.hint == "use another --data, or --fresh"


def test_a_journal_keeps_to_the_exchange_that_it_began_with(path: Path) -> None:
    with a_journal(path) as journal:
        journal.keep_to("a start that came to nothing")
        journal.keep_to("first")
        journal.append([opened()], START)
    with a_journal(path) as journal:
        journal.keep_to("first")
        with pytest.raises(FeedMismatch, match="on the exchange first, not on second"):
            journal.keep_to("second")
        journal.keep_to("first")


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE notes(x)")
    other.close()

    with pytest.raises(StorageError, match="something else"):
        a_journal(path)


def test_a_reader_of_an_empty_file_says_so_and_where_backups_are(path: Path) -> None:
    path.touch(mode=0o600)

    with pytest.raises(StorageError, match="is empty") as refused, JournalReader.open(path):
        pass
    assert "state restore --list" in refused.value.hint


def test_a_journal_of_a_newer_schema_is_refused(path: Path) -> None:
    a_journal(path).close()
    other = apsw.Connection(str(path))
    other.execute("PRAGMA user_version=99")
    other.close()

    with pytest.raises(StorageError, match="version 99"):
        a_journal(path)


def tamper(path: Path, statement: str) -> None:
    """Change the past as an intruder would: without the triggers."""
    other = apsw.Connection(str(path))
    triggers = other.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in triggers:
        other.execute(f"DROP TRIGGER {name}")
    other.execute(statement)
    for _, sql in triggers:
        other.execute(str(sql))
    other.close()


def test_a_changed_past_is_found_at_the_start_after_an_unclean_end(path: Path) -> None:
    journal = a_journal(path)
    journal.append([opened(), ALERT, ALERT, ALERT], START)
    journal.close(is_clean=False)
    tamper(path, "UPDATE events SET payload = replace(payload, 'text', 'lies') WHERE seq = 2")

    with pytest.raises(ChainBroken, match="event 2"):
        a_journal(path)


def test_a_journal_without_its_lease_is_damaged(path: Path) -> None:
    a_journal(path).close()
    tamper(path, "DELETE FROM lease")

    with pytest.raises(ChainBroken, match="lease"):
        a_journal(path)


def test_a_clean_start_verifies_from_the_anchor_and_whole_once_a_day(path: Path) -> None:
    with a_journal(path) as first:
        first.append([opened(), ALERT], START)
    a_journal(path).close()
    tamper(path, "UPDATE events SET payload = replace(payload, 'text', 'lies') WHERE seq = 2")

    a_journal(path, wall=START + HOUR).close()
    with pytest.raises(ChainBroken, match="event 2"):
        a_journal(path, wall=START + DAY)


def test_after_an_unclean_end_no_anchor_vouches_for_anything(path: Path) -> None:
    with a_journal(path) as first:
        first.append([opened(), ALERT], START)
    a_journal(path).close()
    a_journal(path).close(is_clean=False)
    tamper(path, "UPDATE events SET payload = replace(payload, 'text', 'lies') WHERE seq = 2")
    with pytest.raises(ChainBroken, match="event 2"):
        a_journal(path)


def test_an_anchor_from_the_future_vouches_for_nothing(path: Path) -> None:
    with a_journal(path, wall=START + 2 * HOUR) as first:
        first.append([opened(), ALERT], START)
    a_journal(path, wall=START + 2 * HOUR).close()
    tamper(path, "UPDATE events SET payload = replace(payload, 'text', 'lies') WHERE seq = 2")
    a_journal(path, wall=START + 2 * HOUR).close()
    with pytest.raises(ChainBroken, match="event 2"):
        a_journal(path, wall=START + HOUR)


def test_an_end_cut_off_is_found_at_a_clean_start(path: Path) -> None:
    with a_journal(path) as first:
        first.append([opened(), ALERT], START)
    a_journal(path).close()
    tamper(path, "DELETE FROM events WHERE seq = 2")

    with pytest.raises(ChainBroken, match="event 2"):
        a_journal(path, wall=START + HOUR)


def test_a_folded_portfolio_is_kept_and_only_while_the_chain_vouches_for_it(path: Path) -> None:
    with a_journal(path) as journal:
        assert journal.load_portfolio() is None
        journal.append([opened(), ALERT, ALERT, ALERT], START)
        for seq in (1, 2, 3, 4):
            journal.save_portfolio(Portfolio(seq=seq, cash=Money.of("10.5")))
        assert journal.load_portfolio() == Portfolio(seq=4, cash=Money.of("10.5"))
        # The two newest, and the first of so many events.
        assert [seq for seq, *_ in rows(path, "portfolios")] == [1, 3, 4]
    tamper(path, "UPDATE portfolios SET hash = 'x' WHERE seq = 4")
    with a_journal(path) as journal:
        assert journal.load_portfolio() == Portfolio(seq=3, cash=Money.of("10.5"))
    tamper(path, "UPDATE portfolios SET payload = substr(payload, 1, 40) WHERE seq = 3")
    with a_journal(path) as journal:
        assert journal.load_portfolio() == Portfolio(seq=1, cash=Money.of("10.5"))


def test_what_another_version_saved_is_saved_anew_while_the_journal_is_folded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "SAVED_TOGETHER", 2)
    known = {}
    with a_journal(path) as journal:
        journal.append([opened(), *[ALERT] * 1_500], START)
        portfolio = Portfolio()
        for recorded in journal.events():
            portfolio = fold(portfolio, recorded)
            if recorded.seq % 250 == 0:
                known[recorded.seq] = portfolio
                journal.save_portfolio(portfolio)
        assert journal.unreadable_portfolios() == frozenset()
    kept = [seq for seq, *_ in rows(path, "portfolios")]
    tamper(path, "UPDATE portfolios SET shape = 'of an earlier version'")

    with a_journal(path) as journal:
        assert journal.load_portfolio() is None
        assert journal.unreadable_portfolios() == frozenset(kept)
        told: list[int] = []
        assert startup.folded(journal, on_anew=told.append) == portfolio
        assert told == [kept[-1]]
        assert journal.unreadable_portfolios() == frozenset()
        assert startup.folded(journal, on_anew=told.append) == portfolio
        assert told == [kept[-1]], "it is folded anew once"
    assert [seq for seq, *_ in rows(path, "portfolios")] == kept
    with JournalReader.open(path) as reader:
        for seq in kept:
            assert isinstance(seq, int)
            assert reader.portfolio(before=seq + 1) == known[seq]


def test_deliveries_stand_outside_the_chain(path: Path, journal: SqliteJournal) -> None:
    journal.append([opened(), ALERT], START)
    before = journal.head_hash

    journal.record_deliveries([Delivery(2, "mail", is_delivered=False, attempts=1, detail="down")])
    journal.record_deliveries([Delivery(2, "mail", is_delivered=True, attempts=2, detail="")])
    journal.record_deliveries([Delivery(2, "mail", is_delivered=False, attempts=1, detail="late")])

    assert journal.head_hash == before
    assert [row[:4] for row in rows(path, "deliveries")] == [(2, "mail", 1, 2)]


class FailingFile(apsw.VFSFile):
    """A file whose writes fail once the disk is said to be full."""

    is_full = False
    error: type[Exception] = apsw.FullError

    def xWrite(self, data: bytes, offset: int) -> None:
        if type(self).is_full:
            raise type(self).error("injected")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if type(self).is_full:
            raise type(self).error("injected")
        super().xSync(flags)


class FailingVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("failing", "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> FailingFile:
        return FailingFile("", name, flags)


@pytest.fixture
def full() -> Iterator[Callable[[type[Exception] | None], None]]:
    vfs = FailingVFS()

    def switch(error: type[Exception] | None) -> None:
        FailingFile.is_full = error is not None
        FailingFile.error = error or apsw.FullError

    yield switch
    switch(None)
    vfs.unregister()


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
def test_after_the_disk_failed_once_the_journal_takes_nothing_more(
    error: type[Exception], path: Path, full: Callable[[type[Exception] | None], None]
) -> None:
    journal = a_journal(path, vfs="failing")
    journal.append([opened()], START)
    full(error)

    with pytest.raises(StorageError, match="disk is full or failing"):
        journal.append([ALERT], START)
    full(None)
    with pytest.raises(StorageError, match="takes no more writes"):
        journal.append([ALERT], START)
    with pytest.raises(StorageError, match="takes no more writes"):
        journal.record_market(Market(1, products=1, window=5).snapshot())
    journal.close(is_clean=True)

    with a_journal(path) as again:
        assert not again.was_clean
        assert [each.event for each in again.events()] == [opened()]


def test_an_end_is_recorded_like_any_event(journal: SqliteJournal) -> None:
    written = journal.append([SessionEnded(1, "SIGTERM")], START)

    assert json.loads(str(rows(journal.path)[0][5])) == {"cause": "SIGTERM", "epoch": 1}
    assert written[0].event == SessionEnded(1, "SIGTERM")


def test_an_intent_without_its_attribution_cannot_be_recorded(journal: SqliteJournal) -> None:
    whole = recorded_intent(1)
    for field in ("decision_id", "strategy", "policy_hash", "code_version", "body"):
        changes: dict[str, Any] = {field: ""}
        with pytest.raises(LedgerError):
            journal.append([IntentRecorded(replace(whole.intent, **changes))], START)

    assert not journal.knows_order(whole.intent.client_order_id)
    assert whole.intent.product == BTC


def test_a_journal_of_the_first_form_is_brought_up_to_this_one(path: Path) -> None:
    with a_journal(path) as journal:
        journal.append([opened(), recorded_intent(1)], START)
        journal.append([settled(1, Acknowledged(OrderId("o-1")))], START)
        before = [(each.seq, each.hash) for each in journal.events()]
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA foreign_keys=0; DELETE FROM intents; PRAGMA user_version=1")
    connection.close()

    with a_journal(path) as journal:
        assert [(each.seq, each.hash) for each in journal.events()] == before
        assert journal.knows_order(client_order(1))
    connection = apsw.Connection(str(path))
    assert connection.pragma("user_version") == schema.VERSION
    assert connection.execute("SELECT state, order_id FROM intents").fetchall() == [
        ("ACCEPTED", "o-1")
    ]
    triggers = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").get
    connection.close()
    assert triggers == 2 * len(schema.APPEND_ONLY)


def test_a_journal_of_the_second_form_keeps_its_events_and_packs_new_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Market(1, products=1, window=20).snapshot()
    with monkeypatch.context() as as_before:
        as_before.setattr(packed, "KINDS", frozenset())
        with a_journal(path) as journal:
            journal.append([opened(), recorded_intent(1)], START)
            journal.append([a_cycle(seen, journal.record_market(seen))], START)
            before = [(each.seq, each.hash) for each in journal.events()]
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(
            "DROP TABLE days; DELETE FROM meta WHERE key = 'packing_1'; PRAGMA writable_schema=1"
        )
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE name = 'events'",
            (" CHECK(typeof(payload) IN ('text', 'blob'))",),
        )
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'payload ANY', 'payload TEXT') "
            "WHERE name = 'events'; PRAGMA writable_schema=RESET; PRAGMA user_version=2"
        )
        old = connection.execute("SELECT * FROM events").fetchall()
        assert all(isinstance(row[5], str) for row in old)

    backups = path.with_name("backups")
    with a_journal(path, backups=backups) as journal:
        assert [(each.seq, each.hash) for each in journal.events()] == before
        journal.append([settled(1, Acknowledged(OrderId("o-1")))], START)
    (kept,) = backups.glob("*.db")
    with closing(apsw.Connection(str(kept))) as connection:
        assert connection.pragma("user_version") == 2, "the earlier version can go back to it"
        assert connection.execute("SELECT * FROM events").fetchall() == old
    with a_journal(path, backups=backups):
        assert len(list(backups.glob("*.db"))) == 1, "only before a change of form"

    with closing(apsw.Connection(str(path))) as connection:
        new = connection.execute("SELECT * FROM events").fetchall()
        assert new[: len(old)] == old
        assert isinstance(new[-1][5], bytes)
        assert connection.execute("SELECT cycles FROM days").get == 1
    with JournalReader.open(path) as reader:
        assert reader.verify().is_whole


def test_an_intent_of_the_first_form_has_no_stop_price() -> None:
    payload = to_payload(recorded_intent(1))
    del payload["intent"]["stop_price"]
    event = from_payload("intent_recorded", 1, payload)
    assert event == recorded_intent(1)


def _set_epoch(path: Path, epoch: int) -> None:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE lease SET epoch = ?", (epoch,))


@pytest.mark.parametrize("epoch", [10**15 - 2, 10**15 - 1, 10**17, EPOCH_MAX - 1])
def test_an_order_of_any_epoch_has_room_in_the_journal(path: Path, epoch: int) -> None:
    a_journal(path).close()
    _set_epoch(path, epoch)
    with closing(a_journal(path)) as journal:
        assert journal.epoch == epoch + 1
        name = DerivedIds("0a1b2c").client_order(
            epoch=journal.epoch, decision=DecisionId("1:BTC-USD"), leg=0
        )
        intent = replace(recorded_intent().intent, client_order_id=name, epoch=journal.epoch)
        journal.append([IntentRecorded(intent)], START)
        assert journal.knows_order(name)


def test_a_journal_at_its_last_epoch_is_refused_and_says_what_to_do(path: Path) -> None:
    a_journal(path).close()
    _set_epoch(path, EPOCH_MAX)
    with pytest.raises(StorageError, match=f"epoch {EPOCH_MAX + 1}") as refused:
        a_journal(path)
    assert "--fresh" in refused.value.hint
    _set_epoch(path, EPOCH_MAX - 1)
    with closing(a_journal(path)) as journal:
        assert journal.epoch == EPOCH_MAX
        with pytest.raises(StorageError, match="the last one"):
            journal.raise_epoch(EPOCH_MAX + 1)
