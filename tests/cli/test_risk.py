"""`trader247 risk`: stable JSON, tables of 80 columns, and exit 1 whenever a stop stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.app.small_books import copied, trader_in

from trader247.app.controls import manual as control_manual
from trader247.cli.commands.risk import _row
from trader247.cli.main import execute
from trader247.cli.output import Cell
from trader247.core.risk.control_view import ControlState, ControlView


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_status_as_json_has_the_agreed_shape(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["risk", "status", "--data", str(traded), "--json"]) == 0
    body = answer(capsys)
    assert body["schema_version"] == 1
    assert body["trading_state"] == "ACTIVE"
    assert body["halts"] == []
    assert "SIMULATED MARKET" in body["market"]
    assert body["seed"] == 7
    for control in body["controls"]:
        assert set(control) == {
            "id", "row", "limit", "value", "headroom", "unit", "state", "age_s",
        }  # fmt: skip
        assert control["state"] in ("ok", "warn", "tripped", "unknown")
        assert control["value"] is None or isinstance(control["value"], str)


def test_status_fits_eighty_columns_and_names_its_market(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["risk", "status", "--data", str(traded)]) == 0
    text = capsys.readouterr().out
    assert "SIMULATED MARKET" in text
    assert "seed 7" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_a_raised_switch_is_exit_1_with_cause_and_remedy(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    (data / "KILL_SWITCH").touch()
    assert execute(["risk", "status", "--data", str(data)]) == 1
    text = capsys.readouterr().out
    assert "HALT kill_switch" in text
    assert "trader247 kill off" in text
    assert execute(["risk", "status", "--data", str(data), "--json"]) == 1
    body = answer(capsys)
    assert body["trading_state"] == "HALTED"
    assert set(body["halts"][0]) == {"name", "cause", "since", "clears"}


def test_an_unknown_value_is_a_word_for_people_and_null_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    trader = trader_in(data)
    trader.startup.recover()
    trader.close(is_clean=True)
    execute(["risk", "status", "--data", str(data)])
    assert "UNKNOWN" in capsys.readouterr().out
    execute(["risk", "status", "--data", str(data), "--json"])
    stop = next(each for each in answer(capsys)["controls"] if each["id"] == "daily_stop")
    assert (stop["value"], stop["state"]) == (None, "unknown")


def test_what_stands_open_for_want_of_a_figure_is_unknown_and_no_order_is_asked() -> None:
    """A market that shows no prices opens its breaker without a share to measure."""
    view = ControlView("x", 36, "50", None, None, "%", ControlState.TRIPPED, 0)
    shown = {state: _row(view, state)[1] for state in ("ok", "warn", "tripped", "unknown")}
    words = {state: cell.text for state, cell in shown.items() if isinstance(cell, Cell)}
    assert words == {
        "ok": "per order",
        "warn": "UNKNOWN",
        "tripped": "UNKNOWN",
        "unknown": "UNKNOWN",
    }


def test_without_a_book_it_says_what_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["risk", "status", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "there is no paper book" in said
    assert "trader247 run" in said


def test_controls_are_listed_and_explained_without_a_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["risk", "controls", "--data", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "quote_age" in text
    assert max(map(len, text.splitlines())) <= 80
    assert execute(["risk", "controls", "quote_age", "--data", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "A price older than" in text
    assert "microstructure.max_quote_age_seconds" in text
    assert "policy.yaml:" in text
    assert execute(["risk", "controls", "--data", str(tmp_path), "--json"]) == 0
    body = answer(capsys)
    assert body["controls"] == []
    assert len({each["row"] for each in body["manuals"]}) == 50, "every row, as people get them"


def test_one_control_as_json_has_its_manual_and_its_standing(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["risk", "controls", "pace.hour", "--data", str(traded), "--json"]
    assert execute(arguments) == 0
    body = answer(capsys)
    assert [each["id"] for each in body["controls"]] == ["pace.minute", "pace.hour", "pace.day"]
    assert body["manual"]["id"] == "pace"


def test_an_unknown_control_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["risk", "controls", "nonsense_of_mine"]) == 2
    assert "there is no control" in capsys.readouterr().err


def test_whoever_only_looks_may_ask_about_live(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["risk", "status", "--mode", "live"]) == 2
    assert "book" in capsys.readouterr().err
    assert execute(["risk", "controls", "--mode", "live"]) == 0
    out = capsys.readouterr().out
    assert "kill_switch" in out
    assert "risk_monitor" in out


def test_a_control_says_what_its_row_still_lacks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_manual, "GAPS", {44: "a witness outside."})
    assert execute(["risk", "controls", "audit_trail"]) == 0
    out = capsys.readouterr().out
    assert "Not held yet, of row 44" in out
    assert "nothing of it is measured" in out
