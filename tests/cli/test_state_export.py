"""`trader247 state export`: what is written is what the ledger says, to the last digit."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.app.busy_books import eventful_book

from trader247.app.books.exporting import Form, _cell
from trader247.cli.main import execute


@pytest.fixture(scope="module")
def eventful() -> Path:
    """A book with buys and sales. It is only read."""
    return eventful_book()


def shown(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> Any:
    capsys.readouterr()
    assert execute(["state", *words, "--data", str(data), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_lots_add_up_to_what_the_ledger_made(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "books"
    done = shown(capsys, eventful, "export", str(folder))
    lots = rows(folder / "tax_lots.csv")
    assert lots, "the book has sales"
    pnl = shown(capsys, eventful, "show", "pnl")
    assert sum((Decimal(each["gain"]) for each in lots), Decimal(0)) == Decimal(pnl["realised"])
    fills = rows(folder / "fills.csv")
    assert fills == shown(capsys, eventful, "show", "fills")["fills"]
    for product in {each["product"] for each in lots}:
        sold = [
            Decimal(e["quantity"]) for e in fills if (e["product"], e["side"]) == (product, "SELL")
        ]
        assert sum(sold) == sum(Decimal(e["quantity"]) for e in lots if e["product"] == product)
    assert all(each["bought"] <= each["sold"] for each in lots)
    assert done["files"]["events.csv"] == done["seq"]
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_json_is_the_same_line_by_line(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "books"
    shown(capsys, eventful, "export", str(folder), "--format", Form.JSON.value)
    lines = (folder / "fills.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(each) for each in lines] == shown(capsys, eventful, "show", "fills")["fills"]
    first = json.loads((folder / "events.json").read_text(encoding="utf-8").splitlines()[0])
    assert first["kind"] == "journal_opened"


def test_a_folder_with_something_in_it_is_left_alone(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert execute(["state", "export", str(tmp_path), "--data", str(eventful)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-3.26", "-3.26"),
        ("BTC-USD", "BTC-USD"),
        (None, ""),
        (7, "7"),
    ],
)
def test_no_text_from_outside_becomes_a_formula(value: object, cell: str) -> None:
    assert _cell(value) == cell
