"""Candle files that no careful person would write, replayed to their end."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.system import outsider, tapes
from tests.system.program import trader247

pytestmark = pytest.mark.slow

PRICES = {"BTC-USD": 60_000.0, "ETH-USD": 3_000.0, "XYZ-USD": 0.8}


MIXES = (
    ("holes", "duplicates", "disorder"),
    ("crossed", "absurd", "late"),
    ("crash", "milliseconds", "fractions"),
    ("silent", "silent", "holes"),
    ("off_the_minute", "holes", "late"),
)
"""One kind a product."""


def test_every_kind_is_mixed_in() -> None:
    assert {kind for mix in MIXES for kind in mix} == set(tapes.KINDS)


def written(folder: Path, *kinds: str, **options: int) -> Path:
    """A tape of three products, one of them packed and one with its columns in another order."""
    for number, (product, price) in enumerate(PRICES.items()):
        rows = tapes.KINDS[kinds[number]](tapes.candles(number, price=price, **options))
        columns = tuple(reversed(tapes.COLUMNS)) if number == 2 else tapes.COLUMNS
        tapes.write(folder / (f"{product}.csv" + (".gz" if number == 1 else "")), rows, columns)
    return folder


@pytest.mark.parametrize("kinds", MIXES, ids="-".join)
def test_a_bad_tape_ends_in_order_with_equal_books_or_is_refused_with_its_fault(
    tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    data, tape = tmp_path / "data", written(tmp_path / "tape", *kinds)
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
    tape = written(tmp_path / "tape", *MIXES[0], minutes=27 * 60 - 7)
    ended = trader247("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    assert ended.code == 2
    assert "7 are missing" in ended.err


def test_more_cycles_than_the_tape_has_are_refused_before_the_first(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", *MIXES[0], minutes=27 * 60 + 5)
    run = ("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    ended = trader247(*run, "--cycles", 500)
    assert ended.code == 2
    assert "500 cycles need" in ended.err


def test_two_files_of_one_product_are_refused_by_name(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", *MIXES[0])
    tapes.write(tape / "BTC-USD.csv.gz", tapes.candles(9))
    ended = trader247("run", "--data", tmp_path / "data", "--replay", tape, "--speed", "max")
    assert ended.code == 2
    assert "BTC-USD.csv.gz" in ended.err
    assert not (tmp_path / "data" / "paper-sim.db").exists()
