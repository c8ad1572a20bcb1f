from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import apsw
import pytest
from tests.adapters.sqlite.journal_values import (
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

from trader247.adapters.sqlite.chain import link
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.domain.errors import StorageError
from trader247.domain.events.orders import FillQuarantined, OrderSeen, SubmissionSettled
from trader247.domain.events.people import AlertRaised
from trader247.domain.ids import OrderId
from trader247.domain.orders import OrderState
from trader247.domain.outcomes import Acknowledged, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import HOUR, SECOND
from trader247.ports import Delivery

ALERT = AlertRaised(Severity.CRITICAL, "kill_switch", "KILL SWITCH ACTIVATED")


@pytest.fixture
def reader(journal: SqliteJournal, path: Path) -> Iterator[JournalReader]:
    with JournalReader.open(path) as each:
        yield each


def a_day_of_trading(journal: SqliteJournal) -> None:
    taken = SubmissionSettled(client_order(1), Acknowledged(OrderId("order-1")))
    journal.append([opened(), recorded_intent(1), taken], START)
    journal.append([OrderSeen(an_order(1)), booked(1)], START + SECOND)
    journal.append([booked(2), FillQuarantined(a_fill(3), "nobody's")], START + HOUR)
    journal.append([ALERT], START + 2 * HOUR)


def test_a_reader_sees_what_is_written_while_the_writer_runs(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    assert list(reader.recorded()) == []

    written = journal.append([opened(), ALERT], START)

    assert tuple(reader.recorded()) == written
    assert reader.opened == opened()
    assert reader.head == (2, journal.head_hash)
    assert reader.meta("install_id") == "0a1b2c"
    assert int(reader.meta("holder_pid")) == os.getpid()


def test_a_reader_in_the_middle_of_reading_does_not_stop_the_writer(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    for _ in range(3):
        journal.append([ALERT] * 400, START)
    reading = reader.recorded()
    next(reading)

    journal.append([ALERT], START)

    assert 1 + sum(1 for _ in reading) == 1_201


def test_a_journal_that_nobody_holds_can_be_read(path: Path) -> None:
    with a_journal(path) as journal:
        journal.append([opened()], START)

    with JournalReader.open(path) as reader:
        assert reader.head.seq == 1
    with pytest.raises(StorageError, match="no journal"):
        JournalReader.open(path.with_name("live-sim.db"))


def test_events_are_told_with_all_that_their_hash_is_made_of(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    a_day_of_trading(journal)

    told = [each.as_json() for each in reader.events()]

    assert list(told[0]) == ["seq", "v", "time", "kind", "ref", "payload", "prev_hash", "hash"]
    assert told[0]["payload"] == {"book": "paper-sim", "feed": "seed 7", "quote_currency": "USD"}
    assert told[0]["time"] == "2026-01-05T00:00:00Z"
    assert [each["prev_hash"] for each in told[1:]] == [each["hash"] for each in told[:-1]]
    stored = next(reader.events()).row
    assert stored.hash == link(
        stored.prev_hash,
        seq=1,
        v=1,
        time=stored.time,
        kind=stored.kind,
        ref=stored.ref,
        payload=stored.payload,
    )


def test_events_are_chosen_by_kind_time_and_number(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    a_day_of_trading(journal)

    def seqs(**choice: object) -> list[int]:
        return [each.row.seq for each in reader.events(**choice)]  # type: ignore[arg-type]

    assert seqs() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert seqs(after=6) == [7, 8]
    assert seqs(limit=3) == [6, 7, 8]
    assert seqs(limit=0) == []
    assert seqs(kind="fill_booked") == [5, 6]
    assert seqs(kind="fill_booked", limit=1) == [6]
    assert seqs(since=START + SECOND) == [4, 5, 6, 7, 8]
    assert seqs(since=START + SECOND, kind="fill_booked", limit=5) == [5, 6]
    assert seqs(after=8) == []


def test_fills_are_told_with_their_order_and_decision(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    a_day_of_trading(journal)

    first, second = reader.fills()

    assert asdict(first) == {
        "entry_id": a_fill(1).entry_id,
        "trade_id": "trade-1",
        "order_id": "order-1",
        "client_order_id": client_order(1),
        "product": "BTC-USD",
        "side": "BUY",
        "price": "100.5",
        "quantity": "1",
        "fee": "0.5",
        "liquidity": "MAKER",
        "time": "2026-01-05T00:00:01Z",
        "decision_id": "1:BTC-USD",
        "strategy": "default",
    }
    assert reader.fills(limit=1) == [second]
    assert reader.fills(since=START + 2 * SECOND) == [second]
    assert reader.fills(since=START + HOUR) == []


def test_orders_are_told_from_intent_to_end(journal: SqliteJournal, reader: JournalReader) -> None:
    a_day_of_trading(journal)
    journal.append([recorded_intent(2), recorded_intent(3, product=ETH)], START)
    journal.append([SubmissionSettled(client_order(3), Unknown("reset"))], START)
    journal.append([OrderSeen(an_order(9, state=OrderState.CANCELLED))], START)

    told = [
        (each.client_order_id, each.order_id, each.state, each.is_over) for each in reader.orders()
    ]

    assert told == [
        (client_order(1), "order-1", "OPEN", False),
        (client_order(2), None, "SUBMITTING", False),
        (client_order(3), None, "UNKNOWN", False),
        (client_order(9), "order-9", "CANCELLED", True),
    ]
    assert len(reader.orders(limit=2)) == 2


def test_alerts_are_told_with_what_became_of_them(
    journal: SqliteJournal, reader: JournalReader
) -> None:
    journal.append([ALERT, ALERT, ALERT], START)
    journal.record_deliveries(
        [
            Delivery(2, "mail", is_delivered=False, attempts=3, detail="down"),
            Delivery(3, "mail", is_delivered=False, attempts=2, detail="down"),
            Delivery(3, "slack", is_delivered=True, attempts=1, detail=""),
        ]
    )

    told = [(each.id, each.code, each.state, each.attempts) for each in reader.alerts()]

    assert told == [
        (1, "kill_switch", "logged", 0),
        (2, "kill_switch", "failing", 3),
        (3, "kill_switch", "delivered", 3),
    ]
    assert reader.alerts(since=START + SECOND) == []


def test_what_a_cycle_saw_can_be_read_again(journal: SqliteJournal, reader: JournalReader) -> None:
    market = Market(1, products=2, window=50)
    seen = []
    for _ in range(4):
        snapshot = market.snapshot()
        seen.append(snapshot)
        journal.append([a_cycle(snapshot, journal.record_market(snapshot)), ALERT], snapshot.time)

    assert [snapshot for _, snapshot in reader.snapshots()] == seen
    third = reader.cycle(3)
    assert third is not None
    assert third.event == a_cycle(seen[2], third.event.seen)  # type: ignore[union-attr]
    assert reader.snapshot_of(third.event.seen) == seen[2]
    assert reader.cycle(99) is None


def test_a_folded_portfolio_can_be_read(journal: SqliteJournal, reader: JournalReader) -> None:
    journal.append([opened()], START)
    journal.save_portfolio(Portfolio(seq=1))

    assert reader.portfolio() == Portfolio(seq=1)


def test_a_whole_journal_verifies(journal: SqliteJournal, reader: JournalReader) -> None:
    a_day_of_trading(journal)
    seen = Market(1, products=2, window=50).snapshot()
    journal.append([a_cycle(seen, journal.record_market(seen))], seen.time)

    found = reader.verify()

    assert found.is_whole
    assert (found.events, found.head_hash) == (9, journal.head_hash)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET payload = replace(payload, 'seed 7', 'seed 8')", "event 1"),
        ("UPDATE events SET hash = prev_hash WHERE seq = 4", "event 4"),
        ("DELETE FROM events WHERE seq = 5", "event 5"),
        ("UPDATE fills SET price = '1' WHERE seq = 5", "fills"),
        ("DELETE FROM fills WHERE seq = 6", "fills"),
        ("UPDATE intents SET state = 'DONE'", "intents"),
        ("UPDATE orders SET filled = '9'", "orders"),
        ("DELETE FROM alerts", "alerts"),
        ("DELETE FROM cycles", "cycles"),
    ],
)
def test_whatever_was_changed_is_said(change: str, said: str, path: Path) -> None:
    with a_journal(path) as journal:
        a_day_of_trading(journal)
        seen = Market(1, products=1, window=5).snapshot()
        journal.append([a_cycle(seen, journal.record_market(seen))], seen.time)
    with closing(apsw.Connection(str(path))) as intruder:
        names = intruder.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            intruder.execute(f"DROP TRIGGER {name}")
        intruder.execute(change)

    with JournalReader.open(path) as reader:
        found = reader.verify()

    assert not found.is_whole
    assert said in found.problems[0]


def test_a_market_that_was_changed_is_said(path: Path) -> None:
    with a_journal(path) as journal:
        seen = Market(1, products=1, window=50).snapshot()
        journal.append([a_cycle(seen, journal.record_market(seen))], seen.time)
    segment = next(path.with_suffix(".segments").iterdir())
    segment.write_bytes(segment.read_bytes()[:-1] + b"\x7f")

    with JournalReader.open(path) as reader:
        assert "cycle 1" in reader.verify().problems[0]


def test_money_that_is_not_plain_text_cannot_be_stored(journal: SqliteJournal, path: Path) -> None:
    journal.append([recorded_intent(1)], START)
    with closing(apsw.Connection(str(path))) as other:
        for text in ("1.0e+22", "0.1.2", "", "abc", "1,5", "-1", ".5", "NaN"):
            with pytest.raises(apsw.ConstraintError):
                other.execute("UPDATE intents SET price = ?", (text,))


_APPEND = """
import sys
from pathlib import Path
from tests.adapters.sqlite.journal_values import *

journal = a_journal(Path(sys.argv[1]))
seq = journal._head.seq
market = Market(seq, products=1, window=20)
journal.append([recorded_intent(seq + 1_000_000)] , START) if not seq else None
number = seq
while True:
    number += 1
    seen = market.snapshot()
    ref = journal.record_market(seen)
    cycle = replace(a_cycle(seen, ref), cycle=number)
    written = journal.append([cycle, booked(number, intent=1_000_000)], START)
    print(written[-1].seq, written[-1].hash, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost(path: Path) -> None:
    dice = random.Random(247)
    last: tuple[int, str] | None = None
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", "from dataclasses import replace\n" + _APPEND, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "src:."},
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            for _ in range(dice.randrange(60)):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            lines = [first, *process.stdout.read().splitlines()]
        whole = [line.split() for line in lines if len(line.split()) == 2]
        last = max([(int(seq), hash) for seq, hash in whole if len(hash) == 64])
        with JournalReader.open(path) as reader:
            hashes = {each.row.seq: each.row.hash for each in reader.events(after=last[0] - 1)}
        assert hashes[last[0]] == last[1]

    with JournalReader.open(path) as reader:
        assert reader.verify().problems == ()
    with a_journal(path) as journal:
        assert not journal.was_clean
        assert journal.epoch == 21
