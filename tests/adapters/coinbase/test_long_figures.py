"""A figure of the venue's is read to its last digit: none goes through a float."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trader247.adapters.coinbase import fields


@pytest.mark.parametrize(
    "figure", ["1000000.1234567890", "0.12345678901234567890", "98765432109876543210.12"]
)
def test_a_figure_keeps_all_of_its_digits(figure: str) -> None:
    assert fields.number({"size": figure}, "size") == Decimal(figure)
    assert fields.money({"size": figure}, "size").value == Decimal(figure)
