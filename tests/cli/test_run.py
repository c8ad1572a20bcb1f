"""`trader247 run` and `cycle`: lines for people, objects for programs, and an end in order."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from tests import starting
from tests.app.busy_books import restless
from tests.cli.surroundings import environment

from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute

RUN = ("run", "--mode", "paper")
LINE = re.compile(r"\d\d:\d\d:\d\d  #\d+ +[a-z_]+ +equity [\d,.]+  day [+-][\d.]+ %  \d+ held")


def ran(data: Path, *more: str, cycles: int = 3) -> int:
    arguments = ["run", "--mode", "paper", "--speed", "max", "--data", str(data)]
    return execute([*arguments, "--cycles", str(cycles), *more])


def test_a_cycle_is_a_line_of_eighty_columns_with_its_news_under_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, cycles=12) == 0
    said = capsys.readouterr()
    date, *lines = said.out.splitlines()
    assert date == "2026-01-05 UTC"
    told = [line for line in lines if not line.startswith("  ")]
    assert len(told) == 12
    for line in told:
        assert LINE.match(line), line
        assert len(line) <= 80
    assert any(line.startswith("  BUY  ") for line in lines)
    assert any(line.startswith("  FILL bought ") for line in lines)
    assert any(line.startswith("  refused ") for line in lines)
    assert "PAPER on SIMULATED MARKET synthetic, seed" in said.err
    assert "trader247 kill on --data" in said.err
    assert "ended: 12 cycles done" in said.err


def test_how_to_stop_it_holds_in_any_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another shell that is elsewhere would raise a switch where nobody looks."""
    monkeypatch.chdir(tmp_path)
    assert execute(["run", "--data", "data", "--speed", "max", "--cycles", "1"]) == 0
    assert f"trader247 kill on --data {tmp_path / 'data'}`" in capsys.readouterr().err


def test_every_object_of_a_run_is_one_cycle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, "--json") == 0
    bodies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [body["cycle"] for body in bodies] == [1, 2, 3]
    for body in bodies:
        assert set(body) == {
            "schema_version", "cycle", "time", "mode", "venue", "market", "seed", "regime",
            "equity", "trading_state", "products", "orders_sent", "fills",
        }  # fmt: skip
        assert isinstance(body["fills"], int)
        assert set(body["products"][0]) == {"product", "reason", "detail"}


def test_a_restless_run_tells_of_sales_and_of_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restless(tmp_path / "config")
    assert ran(tmp_path / "data", "--config", str(tmp_path / "config"), cycles=11) == 0
    out = capsys.readouterr().out
    assert re.search(r"  STOP \S+ \S+ at \S+, rests at the venue; sells down to \S+", out)
    assert re.search(r"  SELL \S+ \S+ at \S+ \(\S+ USD\) \w+", out)
    assert re.search(r"  FILL sold .* made [+-][\d.]+", out)


def test_a_run_that_halts_says_why_and_what_ends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restless(tmp_path / "config", daily_stop_pnl_pct="-0.1")
    config = ("--config", str(tmp_path / "config"), "--seed", "11")
    assert ran(tmp_path / "data", *config, cycles=12) == 0
    out = capsys.readouterr().out
    assert "  HALT  Daily stop loss hit: " in out
    assert "trader247 unlock halt daily_stop" in out


def test_a_new_day_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    restless(config := tmp_path / "config")
    text = (config / "app.yaml").read_text()
    (config / "app.yaml").write_text(text.replace("-05T00:00:00Z", "-05T23:58:00Z"))
    assert ran(tmp_path / "data", "--config", str(config), cycles=4) == 0
    out = capsys.readouterr().out
    assert out.startswith("2026-01-05 UTC\n")
    assert out.count("2026-01-06 UTC\n") == 1


def test_a_cycle_shows_every_product_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert execute(["cycle", "--data", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("2026-01-05 UTC\n00:00:00  #1 ")
    assert max(map(len, text.splitlines())) <= 80
    for product in ("BTC-USD", "HBAR-USD"):
        assert text.count(f" {product} ") == 1
    assert "Fill reconciliation complete: " in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--live"], "--mode live is real money"),
        (["--watch", "--json"], "choose one"),
        (["--speed", "0"], "'--speed'"),
        (["--speed", "fast"], "'--speed'"),
        (["--cycles", "0"], "--cycles"),
        (["--for", "0"], "examples: 90s"),
        (["--interval", "5"], "--interval"),
        (["--venue", "coinbase", "--mode", "dry_run", "--speed", "60"], "--speed"),
        (["--replay", "/nonexistent"], "/nonexistent"),
    ],
)
def test_what_cannot_be_run_is_wrong_usage(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["run", "--data", str(tmp_path), *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_market_that_lists_nothing_of_the_universe_is_named_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    for path in config.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        euros = text.replace("-USD", "-EUR").replace("quote_currency: USD ", "quote_currency: EUR ")
        path.write_text(euros, encoding="utf-8")
    assert ran(tmp_path / "data", "--config", str(config)) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "this market lists no product of universe.yaml, and nothing can be traded" in said


def test_a_book_goes_on_in_no_other_currency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cash would be read as of the other, and orders sized by it."""
    data, config = tmp_path / "data", tmp_path / "config"
    assert ran(data) == 0
    shutil.copytree(SHIPPED, config)
    for path in config.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        euros = text.replace("-USD", "-EUR").replace("quote_currency: USD ", "quote_currency: EUR ")
        path.write_text(euros, encoding="utf-8")
    capsys.readouterr()
    assert ran(data, "--config", str(config)) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "counts in USD, not in EUR" in said
    assert ran(data) == 0, "nothing of it has changed"


def test_a_tape_in_another_currency_is_refused_before_a_book_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tape, data = tmp_path / "BTC-EUR.csv", tmp_path / "data"
    rows = [f"{60 * minute},100,101,99,100,5" for minute in range(29_000_000, 29_001_700)]
    tape.write_text("\n".join(["time,open,high,low,close,volume", *rows]), encoding="utf-8")
    assert ran(data, "--replay", str(tape)) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "BTC-EUR: none is quoted in USD" in said
    assert not list(data.glob("*.db"))


def test_a_screen_that_cannot_be_drawn_becomes_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, "--watch") == 0
    said = capsys.readouterr()
    assert "a line a cycle instead" in said.err
    assert len([line for line in said.out.splitlines() if LINE.match(line)]) == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("cycles_first", [0, 2])
def test_a_signal_ends_a_run_in_order(
    number: signal.Signals, cycles_first: int, tmp_path: Path
) -> None:
    trader = starting.begin(
        [*RUN, "--speed", "120", "--data", tmp_path, "--json"], environ=environment()
    )
    assert trader.stdout is not None
    if cycles_first:
        for _ in range(cycles_first):
            trader.stdout.readline()
    else:
        deadline = time.monotonic() + 30
        while not (tmp_path / "trader247.holder.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    trader.send_signal(number)
    _, said = trader.communicate(timeout=60)
    assert trader.returncode == 0, said
    assert "ended: " in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_reader_that_goes_away_does_not_end_the_trading(tmp_path: Path) -> None:
    trader = starting.begin(
        [*RUN, "--speed", "max", "--cycles", "8", "--data", tmp_path], environ=environment()
    )
    assert trader.stdout is not None
    trader.stdout.readline()
    trader.stdout.close()
    assert trader.stderr is not None
    with trader.stderr:
        said = trader.stderr.read()
    assert trader.wait(timeout=60) == 0, said
    assert "trading goes on unseen" in said
    assert "ended: 8 cycles done" in said
