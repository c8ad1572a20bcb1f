"""`trader247 status` and `health`: what a person and a monitor see, also when all is broken."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.app.small_books import copied

from trader247.adapters.clock import SystemClock
from trader247.adapters.heartbeat import Heartbeat
from trader247.cli.main import execute


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def beat(data: Path, **more: object) -> None:
    """The heartbeat of a `trader247 cycle` that was just called."""
    body: dict[str, object] = {
        "book": "paper-sim", "cycle": 3, "interval_s": "60", "next_cycle_s": "60", "breaks": 0,
        "reconciliation_error": "", "once": True, "ended": "",
    }  # fmt: skip
    Heartbeat(data, SystemClock().now).beat({**body, **more}, is_forced=True)


def facts(data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, bool]]:
    code = execute(["health", "--data", str(data), "--json"])
    body = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert body["healthy"] is (code == 0)
    return code, {each["id"]: each["ok"] for each in body["checks"]}


def bad(data: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    code, found = facts(data, capsys)
    assert code == 1
    return {name for name, is_well in found.items() if not is_well}


def test_status_shows_everything_in_eighty_columns(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["status", "--data", str(traded)]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    for word in (
        "PAPER on sim", "SIMULATED MARKET", "seed 7", "ACTIVE", "equity", "day", "week",
        "drawdown", "exposure total", "position", "stop", "target", "open orders", "breakers",
        "last decisions", "NO TRADER RUNS", "trader: none runs", "trader247 run --data",
    ):  # fmt: skip
        assert word in text, word


def test_status_as_json_has_the_agreed_shapes(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["status", "--data", str(traded), "--json"]) == 0
    body: Any = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert body["mode"] == "PAPER"
    assert body["seed"] == 7
    assert body["trader"]["is_alive"] is False
    (position,) = body["positions"][:1]
    assert {
        "product", "quantity", "cost", "mark", "unrealised", "stop", "target", "opened",
    } <= set(position)  # fmt: skip
    made = body["made"]
    assert sum(map(Decimal, (made[each] for each in made if each != "result"))) == Decimal(
        made["result"]
    )
    assert set(body["pnl"]) == {
        "realised", "unrealised", "fees", "flows", "equity", "cash", "day", "week",
        "high_water_mark", "drawdown_pct",
    }  # fmt: skip
    for name, value in body["pnl"].items():
        assert isinstance(value, str), name
    assert {each["product"] for each in body["products"]} >= {"BTC-USD", "ETH-USD"}


def test_an_order_that_was_not_sent_is_not_shown_as_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = ["--mode", "dry_run", "--data", str(tmp_path), "--json"]
    assert execute(["cycle", *book]) == 0
    told = json.loads(capsys.readouterr().out)
    assert execute(["status", *book]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["mode"] == told["mode"] == "DRY_RUN"
    assert shown["orders"] == []
    assert shown["products"] == told["products"]
    assert "dry_run" in {each["reason"] for each in shown["products"]}


def test_status_shows_a_raised_switch_and_what_lowers_it(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    (data / "KILL_SWITCH").touch()
    assert execute(["status", "--data", str(data)]) == 0
    text = capsys.readouterr().out
    assert "HALTED" in text
    assert "KILL SWITCH ACTIVATED" in text
    assert "trader247 kill off" in text


def test_status_of_no_book_says_how_to_begin_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["status", "--data", str(tmp_path)]) == 2
    assert "trader247 run --mode paper" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_screen_where_none_can_be_drawn_is_printed_once(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["status", "--watch", "--data", str(traded)]) == 0
    said = capsys.readouterr()
    assert "once, instead" in said.err
    assert "ACTIVE" in said.out


def test_a_book_that_is_cared_for_is_healthy(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    beat(data)
    code, found = facts(data, capsys)
    assert code == 0
    assert list(found) == [
        "kill_switch", "trader", "heartbeat", "journal", "halts", "reconciliation",
    ]  # fmt: skip
    assert execute(["health", "--data", str(data)]) == 0
    assert capsys.readouterr().out.startswith("healthy: ")
    assert not (data / "trader247.lock").exists(), "nothing is locked"


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"reconciliation_error": "timed out"}, "reconciliation"),
        ({"breaks": None}, "reconciliation"),
        ({"interval_s": None}, "heartbeat"),
        ({"once": False}, "trader"),
        ({"ended": "asked to end by SIGINT"}, "trader"),
        ({"book": "dry_run-sim"}, "trader"),
    ],
)
def test_what_is_wrong_or_not_known_is_unhealthy(
    more: dict[str, object],
    wrong: str,
    traded: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = copied(traded, tmp_path / "data")
    beat(data, **more)
    assert bad(data, capsys) == {wrong}


def test_a_kill_switch_is_unhealthy(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    beat(data)
    (data / "KILL_SWITCH").touch()
    assert bad(data, capsys) == {"kill_switch"}


def test_a_folder_without_anything_is_unhealthy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bad(tmp_path, capsys) == {"trader", "heartbeat", "journal"}


def test_a_journal_that_cannot_be_read_is_unhealthy(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    beat(data)
    for path in data.glob("paper-sim.db*"):
        path.unlink()
    (data / "paper-sim.db").write_bytes(b"no database" * 500)
    assert bad(data, capsys) == {"journal"}


def test_a_broken_configuration_is_one_line_of_unhealthy(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.yaml").write_text("risk: [")
    assert execute(["health", "--data", str(traded), "--config", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert text.startswith("UNHEALTHY configuration: ")
    assert text.count("\n") == 1


def test_a_heartbeat_of_a_time_to_come_is_not_well_and_says_why(
    traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(traded, tmp_path / "data")
    beat(data)
    path = data / "heartbeat.json"
    body = {**json.loads(path.read_bytes()), "wall_time": "2999-01-01T00:00:00Z"}
    path.write_text(json.dumps(body))

    assert bad(data, capsys) == {"heartbeat"}
    assert execute(["health", "--data", str(data)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "heartbeat: of 2999-01-01T00:00:00Z, which is yet to come: was the clock set" in said
    assert execute(["status", "--data", str(data)]) == 0
    assert " ago" not in capsys.readouterr().out.split("figures:")[1]
