"""`trader247 state backup` and `state restore`, as people and scripts use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.app.small_books import trade

from trader247.adapters.instance_guard import InstanceGuard
from trader247.cli.main import execute


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of three cycles with one backup; each test leaves it whole."""
    data = tmp_path_factory.mktemp("backups") / "data"
    trade(data, 3)
    assert execute(["state", "backup", "--data", str(data)]) == 0
    return data


def answer(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> Any:
    capsys.readouterr()
    assert execute(["state", *words, "--data", str(data), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_backup_is_listed_and_restored_after_the_journal_was_lost(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answer(capsys, traded, "backup")
    listed = answer(capsys, traded, "restore", "--list")
    assert [each["name"] for each in listed["backups"]] == [made["name"]]
    for path in traded.glob("paper-sim.db*"):
        path.unlink()
    assert execute(["run", "--cycles", "1", "--speed", "max", "--data", str(traded)]) == 8
    told = " ".join(capsys.readouterr().err.split())
    assert "is gone, but" in told, "nothing was begun in its place"
    assert "1 backups of it" in told
    assert "state restore" in told
    restored = answer(capsys, traded, "restore", "--yes")
    assert (restored["backup"], restored["halt"]) == (made["name"], "reconciliation_break")
    assert restored["has_market"] is True
    capsys.readouterr()
    assert execute(["state", "verify", "--data", str(traded)]) == 0
    capsys.readouterr()
    assert execute(["risk", "status", "--data", str(traded)]) == 1
    assert "restored from the backup" in " ".join(capsys.readouterr().out.split())


def test_without_anybody_to_ask_it_wants_yes_and_does_nothing(
    traded: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    before = (traded / "paper-sim.db").read_bytes()
    assert execute(["state", "restore", "--data", str(traded)]) == 2
    assert "--yes" in capsys.readouterr().err
    assert (traded / "paper-sim.db").read_bytes() == before


def test_a_living_holder_refuses_it(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guard = InstanceGuard(traded)
    guard.take(since="2026-01-05T00:00:00Z")
    try:
        assert execute(["state", "restore", "--yes", "--data", str(traded)]) == 5
    finally:
        guard.release()
    assert "trader247 unlock" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [(["restore", "1999"], 2), (["restore", "--list", "--yes"], 2), (["backup"], 0)],
)
def test_codes(traded: Path, words: list[str], code: int) -> None:
    assert execute(["state", *words, "--data", str(traded)]) == code


def test_no_book_no_backup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["state", "backup", "--data", str(tmp_path)]) == 2
    assert execute(["state", "restore", "--yes", "--data", str(tmp_path)]) == 2
    assert "state backup" in capsys.readouterr().err
    assert answer(capsys, tmp_path, "restore", "--list")["backups"] == []
