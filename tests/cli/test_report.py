"""`trader247 report`: what it says is what the ledger says, whole or in part, twice the same."""

from __future__ import annotations

import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.app.busy_books import eventful_book

from trader247.cli.main import execute


@pytest.fixture(scope="module")
def eventful() -> Path:
    """A book with buys and sales. It is only read."""
    return eventful_book()


def reported(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> Any:
    capsys.readouterr()
    assert execute(["report", *words, "--data", str(data), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def shown(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> Any:
    capsys.readouterr()
    assert execute(["state", "show", *words, "--data", str(data), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def added(values: list[str]) -> Decimal:
    return sum((Decimal(each) for each in values), Decimal(0))


def test_trades_add_up_to_the_ledger(eventful: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = reported(capsys, eventful)
    pnl, fills = shown(capsys, eventful, "pnl"), shown(capsys, eventful, "fills")["fills"]
    trades = [*body["trades"], *body["still_open"]]
    assert body["trades"], "the book has closed trades"
    assert added([each["pnl"] for each in trades]) == Decimal(pnl["realised"])
    assert added([each["fees"] for each in trades]) == Decimal(pnl["fees"])
    assert sorted(f["entry_id"] for each in trades for f in each["fills"]) == sorted(
        each["entry_id"] for each in fills
    )
    assert body["pnl"]["equity"] == pnl["equity"]
    for groups in body["groups"].values():
        assert sum(each["trades"] for each in groups) == len(body["trades"])
        assert added([each["pnl"] for each in groups]) == added(
            [each["pnl"] for each in body["trades"]]
        )
    funnel = shown(capsys, eventful, "funnel")["days"]
    assert [each["stopped"] for each in funnel] == [each["stopped"] for each in body["funnel"]]
    assert body["data"][0]["sha256"] == shown(capsys, eventful)["head_hash"]
    for each in body["trades"]:
        bought = [f for f in each["fills"] if f["side"] == "BUY"]
        assert added([f["quantity"] for f in bought]) == Decimal(each["quantity"])
        assert Decimal(each["stop"]) < Decimal(each["entry_price"]) < Decimal(each["target"])
        assert each["exit_cause"] in ("stop", "target", "longest_hold", "trailing_stop", "flatten")


def test_fees_are_told_in_the_unit_of_a_backtest(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Here they were basis points, and per cent there.
    body = reported(capsys, eventful)
    (fees,) = (each["text"] for each in body["assumptions"] if each["name"] == "fees")
    assert fees == "as charged; at the end Intro: maker 0.5 %, taker 0.9 %"


def test_what_a_few_cycles_cannot_carry_is_unknown_with_a_reason(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = reported(capsys, eventful)
    figures = {each["id"]: each for each in body["metrics"]}
    assert figures["sharpe"]["value"] is None
    assert "needs 30" in figures["sharpe"]["reason"]
    assert figures["win_rate"]["value"] is not None
    assert all((each["value"] is None) == bool(each["reason"]) for each in body["metrics"])
    assert all(each["formula"] in body["formulas"] for each in body["metrics"])
    assert any("too few to conclude" in each for each in body["cautions"])


def test_the_same_book_gives_the_same_bytes_and_an_honest_hash(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        assert execute(["report", "--data", str(eventful), "--out", str(tmp_path / name)]) == 0
    out = capsys.readouterr()
    assert "SIMULATED MARKET" in out.out
    assert max(map(len, out.out.splitlines())) <= 80
    text = (tmp_path / "one" / "report.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two" / "report.json").read_text(encoding="utf-8")
    body = json.loads(text)
    told = body.pop("hash")
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert told == hashlib.sha256(plain.encode()).hexdigest()
    assert body | {"hash": told} == reported(capsys, eventful)


def test_a_later_beginning_counts_what_was_open_then_once(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = reported(capsys, eventful)
    closed = whole["trades"][len(whole["trades"]) // 2]["closed"]
    part = reported(capsys, eventful, "--since", closed)
    later = [each for each in whole["trades"] if each["closed"] >= closed]
    assert {each["decision_id"] for each in part["trades"]} == {
        each["decision_id"] for each in later
    }
    assert part["period"]["cycles"] < whole["period"]["cycles"]
    assert part["decisions"] != whole["decisions"]


def test_an_empty_period_and_an_unknown_book_say_what_to_do(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["report", "--data", str(eventful), "--since", "2031-01-01"]) == 2
    assert "no cycle was decided since 2031-01-01" in capsys.readouterr().err
    assert execute(["report", "--data", str(tmp_path)]) == 2
    assert execute(["report", "--data", str(eventful), "--since", "yesterday"]) == 2


def test_a_terminal_without_the_curves_letters_gets_its_ends(
    eventful: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    monkeypatch.setattr("sys.stdout", ascii_only)

    assert execute(["report", "--data", str(eventful)]) == 0

    ascii_only.seek(0)
    text = ascii_only.read()
    assert "its curve takes a terminal of UTF-8" in text
    assert "????" not in text


def test_what_a_period_made_is_its_parts_and_each_is_of_that_period(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = reported(capsys, eventful)
    closed = whole["trades"][len(whole["trades"]) // 2]["closed"]
    part = reported(capsys, eventful, "--since", closed)
    for body in (whole, part):
        pnl, made = body["pnl"], {key: Decimal(each) for key, each in body["made"].items()}
        assert made["result"] == Decimal(pnl["equity"]) - Decimal(pnl["opening_equity"])
        assert made["result"] == sum(each for key, each in made.items() if key != "result")
        assert made["besides"] == 0
    assert Decimal(whole["made"]["unrealised"]) == Decimal(whole["pnl"]["unrealised"])
    assert Decimal(whole["made"]["selling"]) < 0
    assert part["made"]["realised"] != whole["made"]["realised"]


def test_the_curve_of_a_period_begins_with_the_equity_that_it_began_with(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = reported(capsys, eventful)
    closed = whole["trades"][len(whole["trades"]) // 2]["closed"]
    part = reported(capsys, eventful, "--since", closed)
    first, pnl = part["equity"][0], part["pnl"]
    assert first["time"] == part["period"]["begin"]
    assert float(first["equity"]) == pytest.approx(float(pnl["opening_equity"]), rel=1e-11)
    (told,) = (each["value"] for each in part["metrics"] if each["id"] == "total_return")
    made = Decimal(pnl["equity"]) / Decimal(pnl["opening_equity"]) - 1
    assert float(told) == pytest.approx(100 * float(made), rel=1e-9, abs=1e-9)
    assert Decimal(told) != 0
    exposed = {each["time"]: each["exposure"] for each in whole["equity"]}
    assert all(exposed[each["time"]] == each["exposure"] for each in part["equity"][1:])


def test_no_period_begins_before_its_book(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, longer = reported(capsys, eventful), reported(capsys, eventful, "--since", "900d")
    assert longer["period"] == whole["period"]
    assert longer["metrics"] == whole["metrics"]
