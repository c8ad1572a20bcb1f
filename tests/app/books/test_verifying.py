"""A journal holds, or the first thing that does not is named."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from tests.app.busy_books import busy, restless
from tests.app.small_books import copied, trade, trader_in

from trader247.adapters.sqlite.beside import save
from trader247.adapters.sqlite.chain import link
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.verifying import Verified, verified
from trader247.app.settings.location import SHIPPED
from trader247.domain.errors import StorageError, UsageError
from trader247.domain.money import Money

BOOK = "paper-sim.db"
Value = str | int | float | bytes
ROWS = 12
"""Of each table so many are tried, from its first to its last."""
CHAINED = ("events", "intents", "orders", "fills", "cycles", "alerts", "portfolios", "anchor")
"""Tables of which no byte may differ."""


def looked_at(data: Path, *, with_decisions: bool = False) -> Verified:
    return verified(Choice(SHIPPED, data), with_decisions=with_decisions)


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a row in every table. Never change it: copy it."""
    folder = tmp_path_factory.mktemp("eventful")
    busy(folder / "data", restless(folder / "config"), seed=11, cycles=12)
    return folder / "data"


def tampering(data: Path) -> apsw.Connection:
    """A stranger's connection, to which nothing is forbidden."""
    connection = apsw.Connection(str(data / BOOK))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints=1; PRAGMA foreign_keys=0")
    return connection


def test_a_whole_book_verifies_and_decides_alike(traded: Path) -> None:
    found = looked_at(traded, with_decisions=True)
    assert found.problems == ()
    assert found.is_whole
    assert found.is_decided_alike
    assert found.decided is not None
    assert (found.cycles, found.decided.cycles) == (3, 3)
    assert "SIMULATED MARKET" in found.market
    assert "seed 7" in found.market
    with JournalReader.open(traded / BOOK) as journal:
        assert (found.events, found.head_hash) == journal.head


def test_verifying_goes_on_beside_a_running_trader(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    trader = trader_in(data)
    trader.startup.recover()
    trader.loop.run(cycles=1, until=None)
    assert looked_at(data).problems == ()
    trader.loop.run(cycles=1, until=None)
    found = looked_at(data, with_decisions=True)
    trader.close(is_clean=True)
    assert found.problems == ()
    assert found.is_decided_alike
    assert found.cycles == 5


@pytest.mark.slow
def test_a_book_of_several_tenures_verifies(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trade(data, 20)
    trade(data, 10)
    assert looked_at(data).problems == ()


@pytest.mark.slow
def test_a_flipped_byte_in_any_row_of_any_table_is_named(eventful: Path, tmp_path: Path) -> None:
    with closing(apsw.Connection(str(eventful / BOOK))) as connection:
        flips = [flip for table in CHAINED for flip in _flips(connection, table)]
    assert {flip[0] for flip in flips} == set(CHAINED)
    data = copied(eventful, tmp_path / "data")
    for table, key, column, was, flipped in flips:
        changed = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
        with closing(tampering(data)) as connection:
            connection.execute(changed, (flipped, key))
        named = problems_beside_triggers(data)
        assert named, f"{table} {key} {column}"
        where = f"event {key}" if table == "events" else table
        assert any(where in each for each in named[:3]), (table, key, column, named)
        with closing(tampering(data)) as connection:
            connection.execute(changed, (was, key))
    assert problems_beside_triggers(data) == []


def problems_beside_triggers(data: Path) -> list[str]:
    """What is named where all triggers were dropped, but for that."""
    return [each for each in looked_at(data).problems if "trigger" not in each]


def _flips(connection: apsw.Connection, table: str) -> Iterator[tuple[str, int, str, Value, Value]]:
    """One change in each of some rows of a table, in another column from row to row.

    Table, row, column, what stands there, and what is to stand there.
    """
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    rows = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()
    for place, (key, *values) in enumerate(rows[:: max(1, len(rows) // ROWS)]):
        told = [
            (str(name), value)
            for name, value in zip(columns, values, strict=True)
            if value not in (None, "") and name not in ("id", "seq", "cycle")
        ]
        name, value = told[place % len(told)]
        assert isinstance(key, int)
        if isinstance(value, str):
            middle = len(value) // 2
            letter = chr(ord(value[middle]) ^ 1)
            yield table, key, name, value, value[:middle] + letter + value[middle + 1 :]
        elif isinstance(value, bytes):
            middle = len(value) // 2
            flipped = value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
            yield table, key, name, value, flipped
        else:
            assert isinstance(value, int)
            # The next leg of a decision may exist: the table itself refuses a second one.
            yield table, key, name, value, value + (64 if name == "leg" else 1)


def test_the_first_changed_event_is_named_first(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with closing(tampering(data)) as connection:
        connection.execute("UPDATE events SET ref = 'other' WHERE seq IN (4, 7)")
    assert looked_at(data).problems[0] == "event 4 was changed: its hash does not hold"


def test_a_saved_ledger_that_the_events_do_not_give_is_named(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with JournalReader.open(data / BOOK) as journal:
        saved = journal.portfolio()
    assert saved is not None
    with closing(tampering(data)) as connection:
        save(connection, replace(saved, realised=saved.realised + Money.of("0.0001")))
    problems = looked_at(data).problems
    assert f"table portfolios, row {saved.seq}: realised is not what the events give" in problems
    assert "folding on from the saved ledger ends in another one" in problems


def test_a_ledger_that_another_version_saved_is_noted_and_no_problem(
    traded: Path, tmp_path: Path
) -> None:
    data = copied(traded, tmp_path / "data")
    with closing(apsw.Connection(str(data / BOOK))) as connection:
        change = "UPDATE portfolios SET shape = 'older', payload = ?"
        connection.execute(change, (zlib.compress(b'{"seq":1}'),))
    found = looked_at(data)
    assert found.problems == ()
    assert "saved by another version" in found.notes[0]


def test_another_installation_is_noticed_by_its_orders(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with closing(apsw.Connection(str(data / BOOK))) as connection:
        connection.execute(
            "UPDATE meta SET value = substr(value, 1, 63) || 'z' WHERE key = 'install_id'"
        )
        assert "table meta, row install_id" in looked_at(data).problems[0]
        other = "0123456789abcdef" * 4
        connection.execute("UPDATE meta SET value = ? WHERE key = 'install_id'", (other,))
    problems = looked_at(data).problems
    assert len(problems) == 1
    assert problems[0].startswith("table meta, row install_id: the id of event")


def test_a_market_that_was_changed_is_named_by_its_cycle(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    segment = next((data / "paper-sim.segments").iterdir())
    segment.write_bytes(segment.read_bytes()[:-1] + b"\x01")
    problems = looked_at(data, with_decisions=True).problems
    assert problems[0].startswith("cycle 3: ")


def test_what_a_newer_program_wrote_is_said_to_be_that(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with closing(apsw.Connection(str(data / BOOK))) as written:
        newest = "SELECT seq, hash, time FROM events ORDER BY seq DESC LIMIT 1"
        ((seq, last, time),) = written.execute(newest)
        event = {"kind": "moon_landed", "payload": "{}", "ref": "", "time": str(time)}
        own = link(str(last), seq=int(str(seq)) + 1, v=1, **event)
        written.execute(
            "INSERT INTO events VALUES(?,1,?,'moon_landed','','{}',?,?)",
            (int(str(seq)) + 1, time, last, own),
        )
    (said,) = (each for each in looked_at(data).problems if "folded again" in each)
    assert "unknown kind of event 'moon_landed'" in said
    assert "a newer trader247 wrote it" in said


def test_a_file_that_is_damaged_is_said(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    body = bytearray((data / BOOK).read_bytes())
    body[5000:9000] = b"\xff" * 4000
    (data / BOOK).write_bytes(body)
    try:
        problems = looked_at(data).problems
    except StorageError as error:
        problems = (str(error),)
    assert any("damaged" in each or "malformed" in each for each in problems)


def test_without_a_journal_it_says_how_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        looked_at(tmp_path)
    assert "trader247 run" in refused.value.hint
