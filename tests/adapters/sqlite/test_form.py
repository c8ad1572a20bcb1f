"""A journal's file has the form in which it was made, and nothing else in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest
from tests.adapters.sqlite.journal_values import START, a_journal, opened, recorded_intent

from trader247.adapters.sqlite.reader import JournalReader
from trader247.domain.errors import ChainBroken


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TRIGGER events_no_update", "trigger events_no_update is missing from the file"),
        ("DROP INDEX one_unresolved", "index one_unresolved is missing from the file"),
        ("CREATE TABLE extra(x)", "table extra is none of ours"),
        (
            "CREATE TRIGGER spy AFTER INSERT ON fills BEGIN DELETE FROM deliveries; END",
            "trigger spy is none of ours",
        ),
        ("UPDATE anchor SET hash = 'x'", "table anchor: its hash is not that of event"),
        ("UPDATE anchor SET checked = 'soon'", "table anchor: the time of its check is none"),
        ("UPDATE lease SET epoch = -1", "table lease: epoch -1 is before epoch 1"),
        ("DELETE FROM lease", "table lease: its one row is missing"),
        ("UPDATE meta SET value = 'you' WHERE key = 'install_id'", "row install_id"),
        ("UPDATE meta SET value = 'once' WHERE key = 'created'", "row created"),
        ("UPDATE meta SET value = 'me' WHERE key = 'holder_pid'", "row holder_pid"),
        (
            "INSERT INTO deliveries VALUES(77, 'slack', 1, 1, '2026-01-05T00:00:00Z', '')",
            "table deliveries, row 77 slack: there is no such alert",
        ),
        (
            "INSERT INTO portfolios VALUES(3, 'x', 'y', x'00')",
            "table portfolios, row 3: its hash is not that of event 3",
        ),
    ],
)
def test_what_is_not_as_it_was_made_is_named(change: str, said: str, path: Path) -> None:
    with a_journal(path) as journal:
        journal.append([opened(), recorded_intent(1)], START)
    with closing(apsw.Connection(str(path))) as intruder:
        intruder.execute(change)
    with JournalReader.open(path) as reader:
        problems = reader.verify().problems
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TRIGGER events_no_update", "trigger events_no_update is missing from the file"),
        (
            "CREATE TRIGGER spy AFTER INSERT ON fills BEGIN DELETE FROM deliveries; END",
            "trigger spy is none of ours",
        ),
    ],
)
def test_no_trader_starts_on_a_journal_that_is_not_append_only_any_more(
    change: str, said: str, path: Path
) -> None:
    with a_journal(path) as journal:
        journal.append([opened()], START)
    with closing(apsw.Connection(str(path))) as intruder:
        intruder.execute(change)
    with pytest.raises(ChainBroken, match=said):
        a_journal(path)
