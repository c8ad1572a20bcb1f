"""A sale's pieces add up to what the ledger books for it, however it cuts through the lots."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.core.book.lots import sold
from trader247.core.figures.tax_lots import _pieces, _Sale
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price, Quantity, total
from trader247.domain.position import Lot
from trader247.domain.time import DAY, Instant

BTC = ProductId("BTC", "USD")
NOW = Instant.parse("2026-03-01T00:00:00Z")


def lots_of(*figures: tuple[str, str, str]) -> tuple[Lot, ...]:
    return tuple(
        Lot(Quantity(Decimal(quantity)), Price(Decimal(price)), Money(Decimal(fee)), NOW - n * DAY)
        for n, (quantity, price, fee) in reversed(list(enumerate(figures)))
    )


def sale_of(quantity: Decimal, fee: str = "0.07") -> _Sale:
    return _Sale(BTC, Quantity(quantity), Price(Decimal("101.37")), Money(Decimal(fee)), NOW)


@pytest.mark.parametrize(("sold_of_it", "pieces"), [("0.4", 1), ("1", 1), ("1.2", 2), ("3", 2)])
def test_first_bought_first_sold(sold_of_it: str, pieces: int) -> None:
    lots = lots_of(("2", "90", "0.5"), ("1", "100", "0.3"))
    found = list(_pieces(lots, sale_of(Decimal(sold_of_it))))
    assert [each.bought for each in found] == [each.opened for each in lots][:pieces]


thousandths = st.integers(1, 3_000).map(lambda each: Decimal(each) / 1_000)


@given(st.lists(thousandths, min_size=1, max_size=5), st.data())
def test_the_pieces_are_the_sale_to_the_last_digit(
    held: list[Decimal], data: st.DataObject
) -> None:
    lots = lots_of(*((str(each), f"{90 + each}", "0.33") for each in held))
    most = int(sum(held) * 1_000)
    quantity = Decimal(data.draw(st.integers(1, most))) / 1_000
    sale = sale_of(quantity)
    found = list(_pieces(lots, sale))
    made = sale.price * sale.quantity - sale.fee - sold(lots, sale.quantity).cost
    assert total([each.gain for each in found]) == made
    assert sum(each.quantity.value for each in found) == quantity
