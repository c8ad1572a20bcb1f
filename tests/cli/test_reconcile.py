"""`trader247 reconcile`: the sentence, the breaks, the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.app.small_books import copied
from tests.app.venue.test_reconciling import deposit

from trader247.adapters.instance_guard import InstanceGuard
from trader247.cli.main import execute


@pytest.fixture
def data(traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    return str(copied(traded, tmp_path / "data"))


def test_agreement_is_one_sentence_and_exit_0(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["reconcile", "--data", data, "--lookback", "5m"]) == 0
    text = capsys.readouterr().out
    assert "Fill reconciliation complete: 0 fills, 0 orders updated, $0.00 fees" in text
    assert "SIMULATED MARKET" in text


def test_the_json_has_the_agreed_shape(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["reconcile", "--data", data, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert (body["fills"], body["orders_updated"], body["fees"]) == (0, 0, "0")
    assert (body["breaks"], body["pending"]) == ([], [])
    assert body["read_only"] is False


def test_a_break_is_exit_3_with_both_sides_and_the_next_command(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deposit(Path(data), "USD", "5")
    assert execute(["reconcile", "--data", data]) == 3
    text = capsys.readouterr().out
    assert "cash:USD" in text
    assert "unlock halt reconciliation_break" in text
    assert max(map(len, text.splitlines())) <= 80
    assert execute(["reconcile", "--data", data, "--json"]) == 3
    body = json.loads(capsys.readouterr().out)
    assert body["breaks"][0]["key"] == "cash:USD"


def test_beside_a_trader_it_says_that_it_only_read(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = InstanceGuard(Path(data))
    guard.take(since="2026-01-05T00:00:00Z")
    assert execute(["reconcile", "--data", data]) == 0
    assert "read only" in capsys.readouterr().out
    guard.release()


@pytest.mark.parametrize("span", ["5x", "0", "-3m", ""])
def test_a_lookback_that_is_none_is_wrong_usage(
    span: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["reconcile", "--data", data, f"--lookback={span}"]) == 2
    assert "5m" in capsys.readouterr().err


def test_what_a_person_moved_is_accepted_as_capital_and_the_halt_can_be_cleared(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deposit(Path(data), "USD", "5")
    assert execute(["reconcile", "--data", data, "--accept"]) == 2
    assert "--reason" in capsys.readouterr().err
    moved = ["reconcile", "--data", data, "--accept", "--reason", "pocket money"]
    assert execute(moved) == 0
    said = capsys.readouterr()
    assert "accepted: 5 of cash came in, as capital and no profit: pocket money" in said.err
    assert "0 breaks" in said.out
    unlock = ["unlock", "halt", "reconciliation_break", "--data", data, "--reason", "accepted"]
    assert execute(unlock) == 0
    capsys.readouterr()
    assert execute(moved) == 1
    assert "no break to accept" in capsys.readouterr().err
