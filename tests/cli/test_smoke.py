"""`trader247 smoke`: the last line, the exit code, the shape."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.app.venue.test_smoke import Silent, client_over, keyless

from trader247.adapters.clock import SystemClock
from trader247.app.venue import smoke as module
from trader247.cli.main import execute


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TRADER247_DATA", str(tmp_path / "data"))


def test_all_passed_is_the_last_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["smoke", "--venue", "sim"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == "ALL SMOKE TESTS PASSED"
    assert "SIMULATED MARKET" in text


def test_the_json_has_the_agreed_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["smoke", "--venue", "sim", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert body["passed"] is True
    assert len(body["checks"]) == 10
    for check in body["checks"]:
        assert set(check) == {"id", "result", "reason", "elapsed_ms"}
        assert check["result"] == "pass"
        assert isinstance(check["elapsed_ms"], int)


def test_what_was_skipped_is_said_instead(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "client_at", lambda *_, **__: keyless())
    assert execute(["smoke", "--venue", "coinbase"]) == 0
    text = capsys.readouterr().out
    assert "ALL SMOKE TESTS PASSED" not in text
    assert text.splitlines()[-1] == "3 skipped: accounts, reconciliation, preview"


def test_an_unreachable_venue_is_exit_4_and_names_what_runs_without_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "client_at", lambda *_, **__: client_over(Silent(), SystemClock()))
    assert execute(["smoke", "--venue", "coinbase"]) == 4
    said = capsys.readouterr()
    assert "trader247 smoke --venue sim" in said.err
    assert "ALL SMOKE TESTS PASSED" not in said.out
