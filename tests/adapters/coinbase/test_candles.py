from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters.coinbase.candles import Row, TickScale
from trader247.domain.errors import VenueError
from trader247.domain.money import Price

GOOD: dict[str, object] = {
    "start": "120",
    "open": "10.02",
    "high": "10.05",
    "low": "10",
    "close": "10.03",
    "volume": "2.5",
}


def rows(**changes: object) -> dict[int, Row]:
    return TickScale(Price.of("0.01")).rows([{**GOOD, **changes}], span=60)


def test_prices_become_ticks_and_volume_whole_cents_of_quote() -> None:
    assert rows() == {2: Row(1002, 1005, 1000, 1003, 2508)}


def test_a_price_between_two_ticks_goes_to_the_even_one() -> None:
    assert rows(close="10.025")[2].close == 1002
    assert rows(close="10.035")[2].close == 1004


def test_a_coarse_tick_counts_in_its_own_units() -> None:
    candle = {**GOOD, "open": "20", "high": "40", "low": "10", "close": "30"}
    assert TickScale(Price.of("5")).rows([candle], span=60)[2][:4] == (4, 8, 2, 6)


@given(
    price=st.decimals("0.00000001", "1000000", places=9),
    volume=st.decimals("0", "100000000", places=8),
    tick=st.sampled_from(["0.01", "0.00000001", "0.5", "1", "25", "0.0025"]),
)
def test_ticks_and_cents_are_those_of_exact_decimals(
    price: Decimal, volume: Decimal, tick: str
) -> None:
    text = format(price, "f")
    step = Decimal(tick)
    ticks = int((price / step).to_integral_value(ROUND_HALF_EVEN))
    if ticks == 0:
        return
    shown = {"open": text, "high": text, "low": text, "close": text, "volume": format(volume, "f")}
    row = TickScale(Price(step)).rows([{"start": "0", **shown}], span=60)[0]
    assert row.close == ticks
    assert row.volume == int((price * volume * 100).to_integral_value(ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "121"},
        {"start": "12a"},
        {"start": 120},
        {"open": ""},
        {"open": None},
        {"open": "NaN"},
        {"open": "-10.02"},
        {"open": "1_0.02"},
        {"open": "\u0661\u0660"},
        {"high": "10.01"},
        {"low": "10.04"},
        {"low": "0"},
        {"volume": "-1"},
        {"volume": "9" * 30},
        {"close": "9" * 41},
    ],
)
def test_a_candle_that_cannot_be_is_a_typed_error(changes: dict[str, object]) -> None:
    with pytest.raises(VenueError, match=r"candles\[0\]"):
        rows(**changes)


def test_an_exponent_is_read_exactly() -> None:
    assert rows(volume="25e-1")[2].volume == 2508


@given(
    pages=st.lists(
        st.tuples(
            st.lists(st.integers(1, 10**9), min_size=4, max_size=4),
            st.decimals("0", "100000000", places=8),
        ),
        max_size=8,
    ),
    places=st.integers(0, 8),
)
def test_a_plain_page_is_read_as_one_with_an_odd_candle_is(
    pages: list[tuple[list[int], Decimal]], places: int
) -> None:
    tick = Decimal(1).scaleb(-places)
    candles = []
    for number, (ticks, volume) in enumerate(pages):
        low, opening, close, high = (
            f"{each * tick:f}".rstrip("0").rstrip(".") if each % 2 else f"{each * tick:f}"
            for each in sorted(ticks)
        )
        prices = {"open": opening, "high": high, "low": low, "close": close}
        candles.append({"start": str(60 * number), "volume": f"{volume:f}", **prices})
    odd = {**GOOD, "start": "6000", "low": "1e1", "open": "11", "close": "12", "high": "13"}
    scale = TickScale(Price(tick))
    plain = scale.rows(candles, span=60)
    assert list(plain) == list(range(len(pages)))
    assert scale.rows([*candles, odd], span=60) == plain | scale.rows([odd], span=60)
