"""`trader247 backtest`: its report, its models of fills, and what a baseline says of it."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.app.busy_books import restless

from trader247.cli.main import execute

MINUTES = 26 * 60 + 100


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The words of a backtest of two restless hours on two products, one of them named alone."""
    folder = tmp_path_factory.mktemp("past")
    (folder / "candles").mkdir()
    rng = np.random.default_rng(8)
    for product in ("BTC-USD", "ETH-USD", "SOL-USD"):
        price = 1000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0009, MINUTES)))
        lines, before = ["time,open,high,low,close,volume"], 1000.0
        for at, close in enumerate(price.tolist()):
            high, low = max(before, close) + 0.3, min(before, close) - 0.3
            figures = ",".join(f"{each:.2f}" for each in (before, high, low, close))
            # The digits of the volume are those that a quantity may have.
            lines.append(f"{1_767_571_200 + 60 * at},{figures},20000.1234")
            before = close
        (folder / "candles" / f"{product}.csv").write_text("\n".join(lines) + "\n")
    restless(folder / "config")
    words = ["backtest", "--data", str(folder), "--config", str(folder / "config")]
    return [*words, "--products", "BTC-USD,ETH-USD", "--equity", "100000"]


def test_a_past_in_a_pegged_currency_is_traded_while_the_peg_is_known(
    ground: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dollars, config, data = Path(ground[2]), tmp_path / "config", tmp_path / "data"
    shutil.copytree(dollars / "config", config)
    for path in config.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace(
            "quote_currency: USD ", "quote_currency: USDC "
        )
        path.write_text(text.replace("-USD", "-USDC"), encoding="utf-8")
    candles = data / "candles"
    candles.mkdir(parents=True)
    for product in ("BTC", "ETH"):
        shutil.copy(dollars / "candles" / f"{product}-USD.csv", candles / f"{product}-USDC.csv")
    words = ["backtest", "--data", str(data), "--config", str(config), "--equity", "100000"]
    assert ran(capsys, words)["closed"] == 0, "what USDC is worth is unknown"
    rows = [f"{1_767_571_200 + 60 * at},1,1.0001,0.9999,1,20000" for at in range(MINUTES)]
    header = "time,open,high,low,close,volume"
    (candles / "USDC-USD.csv").write_text("\n".join([header, *rows]) + "\n")
    found = ran(capsys, [*words, "--all-models"])
    assert found["closed"] > 0
    assert found["decision_hash"] == ran(capsys, [*words, "--slow"])["decision_hash"]


def ran(capsys: pytest.CaptureFixture[str], words: list[str]) -> Any:
    capsys.readouterr()
    assert execute([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_run_its_report_and_its_baseline(
    ground: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first"
    told = ran(capsys, [*ground, "--out", str(first)])
    assert [each["name"] for each in told["fill_models"]] == ["harsh", "book", "optimistic"]
    assert [each["is_shown"] for each in told["fill_models"]] == [False, True, False]
    body = json.loads((first / "report.json").read_text())
    assert [each["name"] for each in body["data"]] == ["BTC-USD", "ETH-USD"], "as asked for"
    assert body["trades"], "something was traded"
    assert body["decisions"] == told["decision_hash"]
    assert len(body["trades"]) == told["closed"]
    fees = [Decimal(each["fees"]) for each in (*body["trades"], *body["still_open"])]
    assert sum(fees, Decimal(0)) == Decimal(told["fees"])
    assert all(each["lowest"] and each["highest"] for each in body["trades"])
    pnl = body["pnl"]
    sides = Decimal(pnl["sold"]) - Decimal(pnl["bought"]) - Decimal(pnl["fees"])
    assert Decimal(pnl["cash"]) == 100_000 + sides
    assert Decimal(pnl["high_water_mark"]) >= Decimal(pnl["equity"])
    equity = body["equity"][-1]["equity"]
    assert abs(Decimal(equity) - Decimal(told["final_equity"])) < Decimal("0.01")
    assert "If fills were harsher" in (first / "report.html").read_text()

    baseline = ["--baseline", str(first / "report.json"), "--tolerance", "0"]
    assert execute([*ground, *baseline]) == 0
    out, err = capsys.readouterr()
    assert "every decision is the same" in err
    assert max(map(len, out.splitlines())) <= 80
    assert execute([*ground, "--slippage", "harsh", "--fees", "0/0", *baseline]) == 1
    assert "REFUSED" in capsys.readouterr().err
    assert execute([*ground, "--tolerance", "-1"]) == 2


@pytest.mark.parametrize(
    ("fees", "said"),
    [
        ("0/0", "maker 0 %, taker 0 %"),
        ("0/25", "maker 0 %, taker 0.25 %"),
        ("10%/1", None),
        ("500/100", "maker 5 %, taker 1 %"),
    ],
)
def test_a_fee_of_nothing_is_told_as_a_number(
    ground: list[str], fees: str, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute([*ground, "--fees", fees, "--json"]) == (2 if said is None else 0)
    told = capsys.readouterr().out
    if said is not None:
        assert f"as asked for: {said}" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--equity", "1e400"), "the most there may be"),
        (("--equity", "1e-999"), "is nothing to trade with"),
        (("--equity", "0.99"), "is nothing to trade with"),
        (("--equity", "1,5"), "is no amount"),
        (("--equity", "10,00"), "is no amount"),
        (("--equity", ",100"), "is no amount"),
        (("--products", ""), "names no product"),
        (("--products", " , "), "names no product"),
        (("--fees", "nan/5"), "is no fee"),
        (("--fees", "-inf%/5"), "is no fee"),
        (("--tolerance", "5"), "name it with --baseline"),
        (("--from", "2026-01-06T99:00"), "is no time"),
        (("--from", "2026-01-07T00:00"), "nothing to trade between 2026-01-07T00:00:00Z"),
        (("--from", "2026-01-07", "--to", "2026-01-06"), "is not after --from"),
        (("--from", "2026-01-07", "--to", "2026-01-07"), "is not after --from"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_words(
    ground: list[str], words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute([*ground, *words]) == 2
    assert said in capsys.readouterr().err


def test_what_a_run_cannot_be_written_into_is_known_before_it(
    ground: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("somebody's")
    assert execute([*ground, "--out", str(taken)]) == 8
    out, err = capsys.readouterr()
    assert "cannot be used" in err
    assert "fill models" not in out + err, "nothing was traded"
    assert taken.read_text() == "somebody's"


def test_no_run_is_written_over_the_baseline_that_it_is_held_against(
    ground: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    ran(capsys, [*ground, "--one-model", "--out", str(kept)])
    before = (kept / "report.json").read_bytes()
    harsh = [*ground, "--slippage", "harsh", "--out", str(kept)]
    for baseline in (kept, kept / "report.json"):
        assert execute([*harsh, "--baseline", str(baseline)]) == 2
        out, err = capsys.readouterr()
        assert "would write over the baseline" in err
        assert "fill models" not in out + err, "nothing was traded"
    assert (kept / "report.json").read_bytes() == before


def test_a_history_that_is_all_warm_up_is_told_as_too_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # It was "between 2026-01-06T02:00 and 2026-01-05T00:29", which is no time at all.
    (tmp_path / "candles").mkdir()
    rows = [f"{1_767_571_200 + 60 * at},1,2,1,2,5" for at in range(30)]
    lines = ["time,open,high,low,close,volume", *rows]
    (tmp_path / "candles" / "BTC-USD.csv").write_text("\n".join(lines))
    assert execute(["backtest", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "begin at 2026-01-05T00:00:00Z and end at 2026-01-05T00:29:00Z" in said
    assert "between" not in said
    assert "data download" in said
    (tmp_path / "candles" / "BTC-USD.csv").unlink()
    assert execute(["backtest", "--data", str(tmp_path)]) == 2
    assert f"there are no candles in {tmp_path / 'candles'}\n" in capsys.readouterr().err
