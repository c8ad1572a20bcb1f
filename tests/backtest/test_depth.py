"""A book that is summed in whole ticks says what the venue's reader makes of the same levels."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backtest.markets import START, setup, walk

from trader247.adapters.coinbase.depth import Levels, depth_of
from trader247.backtest.market import BOOK_LEVELS, view_of
from trader247.domain.ids import ProductId
from trader247.domain.market import DEPTH_BANDS_BPS, Depth
from trader247.domain.time import MINUTE, Instant
from trader247.simex.book import Crowd, Side
from trader247.simex.market import Market

BTC = ProductId.parse("BTC-USD")
HISTORY = setup([walk(1, 1700)]).histories.products["BTC-USD"]
NOW = Instant(0) + (START + 1600) * MINUTE


def as_the_reader(market: Market) -> Depth | None:
    sides = [
        tuple(
            (market.price.decimal(ticks), market.size.decimal(lots))
            for ticks, lots in market.matching.levels(side)[:BOOK_LEVELS]
        )
        for side in (Side.BUY, Side.SELL)
    ]
    return depth_of(Levels(sides[0], sides[1], NOW)) if all(sides) else None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    price=st.integers(1, 10_000_000),
    spread=st.integers(0, 40_000),
    depth=st.one_of(st.integers(0, 40), st.integers(0, 10**12)),
    taken=st.fractions(0, 1),
)
def test_each_band_is_the_same(price: int, spread: int, depth: int, taken: Fraction) -> None:
    market = Market(HISTORY.listing)
    crowd = market.matching.crowd = Crowd(price=price, spread=spread, depth=depth)
    crowd.take(Side.SELL, int(taken * depth))
    seen = view_of(BTC, HISTORY, lambda: market, NOW, is_reference=False).depth
    told = as_the_reader(market)
    if told is None:
        assert seen is None
        return
    assert seen is not None
    assert (seen.bids, seen.asks) == (told.bids, told.asks)
    assert [seen.within(bps) for bps in DEPTH_BANDS_BPS] == [
        told.within(bps) for bps in DEPTH_BANDS_BPS
    ]
