"""What a stranger reads of a journal, whatever file stands in its place."""

from __future__ import annotations

import json
from pathlib import Path

import apsw

from trader247.adapters.sqlite.packed import packed
from trader247.simulation.judged.history import Record
from trader247.simulation.judged.journal_reader import JournalReader


def journal(path: Path, *refs: str) -> None:
    """A file of so many events, each known by its `ref`."""
    with apsw.Connection(str(path)) as connection:
        connection.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, v, time, kind, ref, payload, prev_hash,"
            " hash)"
        )
        for seq, ref in enumerate(refs, 1):
            row = (seq, 1, "", "said", ref, packed("said", json.dumps({})), "", ref)
            connection.execute("INSERT INTO events VALUES (?,?,?,?,?,?,?,?)", row)
    connection.close()


def test_a_file_that_took_the_journals_place_is_read_though_nobody_traded_on_the_old_one(
    tmp_path: Path,
) -> None:
    """Somebody had looked at it meanwhile: the reader went on with the file that was gone."""
    told: list[Record] = []
    path, older = tmp_path / "live.db", tmp_path / "older.db"
    journal(path, "one", "two", "three")
    reader = JournalReader(path, told.append)
    reader.read()
    journal(older, "one", "two", "another")
    older.replace(path)
    reader.went_back(2)
    reader.read()
    refs = [event["ref"] for each in told if each["kind"] == "journal" for event in each["events"]]
    assert refs == ["one", "two", "three", "another"]
    assert [(each["seq"], each["hash"]) for each in told if each["kind"] == "reopened"] == [
        (2, "two")
    ]
    reader.let_go()
