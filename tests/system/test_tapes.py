"""Candle files that no careful person would write, replayed to their end."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.system import outsider, tapes
from tests.system.program import trader247

pytestmark = pytest.mark.slow

PRICES = {"BTC-USD": 60_000.0, "ETH-USD": 3_000.0, "XYZ-USD": 0.8}


def written(folder: Path, kind: str, **options: int) -> Path:
    """A tape of three products, one of them packed and one with its columns in another order."""
    for number, (product, price) in enumerate(PRICES.items()):
        rows = tapes.KINDS[kind](tapes.candles(number, price=price, **options))
        columns = tuple(reversed(tapes.COLUMNS)) if number == 2 else tapes.COLUMNS
        tapes.write(folder / (f"{product}.csv" + (".gz" if number == 1 else "")), rows, columns)
    return folder


@pytest.mark.parametrize("kind", sorted(tapes.KINDS))
def test_a_bad_tape_ends_in_order_with_equal_books_or_is_refused_with_its_fault(
    tmp_path: Path, kind: str
) -> None:
    data, tape = tmp_path / "data", written(tmp_path / "tape", kind)
    ended = trader247("run", "--data", data, "--replay", tape, "--speed", "max", "--interval", 240)
    if ended.code == 2:
        assert "found" in ended.err, ended.err
        assert "allowed" in ended.err, ended.err
        return
    assert ended.code == 0, ended.err
    assert "ended: the tape has ended" in ended.err
    assert outsider.disagreements(data) == []
    prices = {
        each["product"]: float(each["price"])
        for each in outsider.journal_fills(data / "paper-sim.db")
    }
    for product, price in prices.items():
        assert 0.5 * PRICES[product] < price < 2 * PRICES[product], "traded at an absurd price"


def test_a_tape_too_short_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", "disorder", minutes=27 * 60 - 7)
    ended = trader247("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    assert ended.code == 2
    assert "7 are missing" in ended.err


def test_more_cycles_than_the_tape_has_are_refused_before_the_first(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", "disorder", minutes=27 * 60 + 5)
    run = ("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    ended = trader247(*run, "--cycles", 500)
    assert ended.code == 2
    assert "500 cycles need" in ended.err


def test_two_files_of_one_product_are_refused_by_name(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", "disorder")
    tapes.write(tape / "BTC-USD.csv.gz", tapes.candles(9))
    ended = trader247("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    assert ended.code == 2
    assert "BTC-USD.csv.gz" in ended.err
    assert not (tmp_path / "data" / "paper-sim.db").exists()
