from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.ledger_values import START

from trader247.core.book.lots import FEE_STEP, sold, split
from trader247.domain.errors import LedgerError
from trader247.domain.money import Money, Price, Quantity, total
from trader247.domain.position import Lot

PRICES = st.decimals("0.00000001", "200000", places=8)
QUANTITIES = st.decimals("0.00000001", "100000", places=8)
FEES = st.decimals("0", "50", places=16)
LOTS = st.lists(
    st.builds(
        lambda price, quantity, fee: Lot(Quantity(quantity), Price(price), Money(fee), START),
        PRICES,
        QUANTITIES,
        FEES,
    ),
    min_size=1,
    max_size=6,
)


def a_lot(price: str, quantity: str, fee: str) -> Lot:
    return Lot(Quantity.of(quantity), Price.of(price), Money.of(fee), START)


def held(lots: tuple[Lot, ...]) -> Fraction:
    return sum((Fraction(lot.quantity.value) for lot in lots), Fraction(0))


def test_the_first_bought_is_the_first_sold() -> None:
    lots = (a_lot("100", "1", "0.5"), a_lot("110", "2", "1"))
    sale = sold(lots, Quantity.of("1"))
    assert sale.left == (lots[1],)
    assert sale.cost == Money.of("100.5")


def test_a_sale_across_lots_takes_the_rest_from_the_next() -> None:
    sale = sold((a_lot("100", "1", "0.5"), a_lot("110", "2", "1")), Quantity.of("2"))
    assert sale.cost == Money.of("211")
    assert sale.left == (a_lot("110", "1", "0.5"),)


def test_a_partial_share_of_the_fee_is_rounded_up_and_the_last_piece_takes_the_rest() -> None:
    piece, rest = split(a_lot("100", "3", "1"), Quantity.of("1"))
    assert piece.fee == Money.of("0.3333333333333334")
    assert rest.fee == Money.of("0.6666666666666666")


def test_a_fee_below_one_step_never_leaves_less_than_nothing() -> None:
    tiny = FEE_STEP / 4
    piece, rest = split(a_lot("1", "2", str(tiny)), Quantity.of("1"))
    assert (piece.fee.value, rest.fee.value) == (tiny, Decimal(0))


def test_a_rebate_is_shared_out_too() -> None:
    piece, rest = split(a_lot("1", "3", "-1"), Quantity.of("1"))
    assert piece.fee == Money.of("-0.3333333333333333")
    assert piece.fee + rest.fee == Money.of("-1")


def test_more_than_is_held_cannot_be_sold() -> None:
    lots = (a_lot("100", "1", "0.5"),)
    assert sold(lots, Quantity.of("1")).left == ()
    with pytest.raises(LedgerError):
        sold(lots, Quantity.of("1.00000001"))


@given(LOTS, st.integers(0, 1_000_000))
def test_what_is_sold_and_what_is_left_add_up_to_what_was_held(
    lots: list[Lot], millionths: int
) -> None:
    before = tuple(lots)
    wanted = Quantity(
        (Decimal(millionths) * sum(lot.quantity.value for lot in lots) / 1_000_000).quantize(
            Decimal("1E-8")
        )
    )
    if Fraction(wanted.value) > held(before):
        wanted = Quantity.of(0)
    sale = sold(before, wanted)
    assert held(sale.left) + Fraction(wanted.value) == held(before)
    assert sale.cost + total([lot.cost for lot in sale.left]) == total([x.cost for x in before])
    assert all(lot.quantity.value > 0 for lot in sale.left)


@given(LOTS, st.lists(st.decimals("0.01", "0.99", places=2), min_size=1, max_size=8))
def test_fees_are_consumed_whole_however_a_position_is_sliced(
    lots: list[Lot], slices: list[Decimal]
) -> None:
    left, cost = tuple(lots), Money.of(0)
    for share in slices:
        quantity = Quantity((total_of(left).value * share).quantize(Decimal("1E-8")))
        if quantity > total_of(left):
            continue
        sale = sold(left, quantity)
        left, cost = sale.left, cost + sale.cost
    rest = sold(left, total_of(left))
    assert rest.left == ()
    assert cost + rest.cost == total([lot.cost for lot in lots])


def total_of(lots: tuple[Lot, ...]) -> Quantity:
    result = Quantity.of(0)
    for lot in lots:
        result = result + lot.quantity
    return result
