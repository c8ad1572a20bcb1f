"""`trader247 sim show`: the exchange's own books, in the venue's words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trader247.app.books.choice import Choice
from trader247.app.books.reading import opened
from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def body(listing: str, data: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert execute(["sim", "show", listing, "--data", str(data), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema_version"] == 1
    assert "SIMULATED MARKET" in found["market"]
    return found


def test_the_exchanges_cash_and_base_are_the_ledgers_to_the_last_digit(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = body("accounts", traded, capsys)["accounts"]
    held = {
        each["currency"]: Decimal(each["available_balance"]["value"])
        + Decimal(each["hold"]["value"])
        for each in accounts
    }
    with opened(Choice(SHIPPED, traded)) as book:
        portfolio = book.portfolio()
    assert portfolio.cash is not None
    assert portfolio.positions
    assert held.pop("USD") == portfolio.cash.value
    ours = {product.base: each.quantity.value for product, each in portfolio.positions.items()}
    assert {currency: amount for currency, amount in held.items() if amount} == ours


def test_orders_and_fills_are_in_the_venues_words(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = body("orders", traded, capsys)["orders"]
    fills = body("fills", traded, capsys)["fills"]
    assert {"order_id", "client_order_id", "status", "total_fees"} <= set(orders[0])
    assert {"entry_id", "trade_id", "price", "size", "commission"} <= set(fills[0])
    assert {each["order_id"] for each in fills} <= {each["order_id"] for each in orders}


@pytest.mark.parametrize("listing", ["accounts", "orders", "fills"])
def test_a_listing_fits_eighty_columns(
    listing: str, traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["sim", "show", listing, "--data", str(traded)]) == 0
    text = capsys.readouterr().out
    assert "SIMULATED MARKET" in text
    assert "seed 7" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_real_venue_has_no_simulated_books(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["sim", "show", "fills", "--data", str(traded), "--venue", "coinbase"]
    assert execute([*arguments, "--mode", "dry_run"]) == 2
    assert "not coinbase" in capsys.readouterr().err
    assert execute(arguments) == 2
    assert "no paper book on coinbase" in capsys.readouterr().err


def test_no_book_yet_and_no_such_listing_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["sim", "show", "fills", "--data", str(tmp_path)]) == 2
    assert "trader247 run" in capsys.readouterr().err
    assert execute(["sim", "show", "nonsense", "--data", str(tmp_path)]) == 2
    assert execute(["sim"]) == 2
