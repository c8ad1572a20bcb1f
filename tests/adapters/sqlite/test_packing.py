from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.errors import StorageError

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(numbers=st.lists(st.integers(-(2**70), 2**70)))
def test_whole_numbers_of_any_size_come_back(numbers: list[int]) -> None:
    packer = Packer()
    packer.wholes(numbers)
    for number in numbers:
        packer.whole(number)

    unpacker = Unpacker(packer.data)

    assert unpacker.wholes(len(numbers)) == numbers
    assert [unpacker.whole() for _ in numbers] == numbers
    assert unpacker.is_at_end


@settings(deadline=None)
@given(numbers=st.lists(DECIMALS, min_size=1), before=st.none() | DECIMALS)
def test_decimals_come_back_with_their_digits_and_exponents(
    numbers: list[Decimal], before: Decimal | None
) -> None:
    packer = Packer()
    packer.decimals(numbers, before)

    found = Unpacker(packer.data).decimals(len(numbers), before)

    assert found == numbers
    assert [each.as_tuple().exponent for each in found] == [
        each.as_tuple().exponent for each in numbers
    ]


@settings(deadline=None)
@given(text=st.text())
def test_text_comes_back(text: str) -> None:
    packer = Packer()
    packer.text(text)

    assert Unpacker(packer.data).text() == text


def test_a_price_that_moved_a_little_takes_few_bytes() -> None:
    packer = Packer()
    packer.decimals([Decimal("64123.45"), Decimal("64123.48")], Decimal("64120.01"))

    assert len(packer.data) == 4


def test_bytes_that_end_early_are_an_error() -> None:
    packer = Packer()
    packer.natural(3)

    unpacker = Unpacker(packer.data)
    with pytest.raises(StorageError):
        unpacker.text()
