from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.book import Crowd, Side

crowds = st.builds(
    Crowd,
    price=st.integers(1, 10**8),
    spread=st.integers(1, 10**5),
    depth=st.integers(0, 10**12),
)


@given(crowds)
def test_the_book_is_sorted_positive_and_never_crossed(crowd: Crowd) -> None:
    bids, asks = crowd.levels(Side.BUY), crowd.levels(Side.SELL)
    assert [price for price, _ in bids] == sorted({price for price, _ in bids}, reverse=True)
    assert [price for price, _ in asks] == sorted({price for price, _ in asks})
    assert all(price > 0 and lots > 0 for price, lots in (*bids, *asks))
    if bids and asks:
        assert asks[0][0] - bids[0][0] == crowd.spread


@given(st.integers(10**4, 10**8), st.data(), st.integers(0, 10**12))
def test_within_20_bps_of_the_mid_rests_exactly_the_depth(
    price: int, data: st.DataObject, depth: int
) -> None:
    spread = data.draw(st.integers(1, max(1, price // 300)))
    crowd = Crowd(price=price, spread=spread, depth=depth)
    twice_mid = crowd.best_bid + crowd.best_ask
    for side in Side:
        within = sum(
            lots
            for level, lots in crowd.levels(side)
            if abs(2 * level - twice_mid) * 1000 <= 2 * twice_mid
        )
        assert within == depth


@given(crowds, st.integers(0, 10**12))
def test_what_is_taken_is_gone_from_the_best_price_on_until_the_crowd_moves(
    crowd: Crowd, wanted: int
) -> None:
    before = crowd.levels(Side.SELL)
    total = sum(lots for _, lots in before)
    taken = min(wanted, total)
    crowd.take(Side.SELL, taken)
    after = crowd.levels(Side.SELL)
    assert sum(lots for _, lots in after) == total - taken
    assert dict(after).keys() <= dict(before).keys()
    assert after[1:] == before[len(before) - len(after) + 1 :]
    crowd.move(price=crowd.price, spread=crowd.spread, depth=crowd.depth)
    assert crowd.levels(Side.SELL) == before


def test_an_order_queues_behind_the_crowd_unless_it_is_better() -> None:
    crowd = Crowd(price=10_000, spread=4, depth=1000)
    best, lots = crowd.levels(Side.BUY)[0]
    assert crowd.ahead(Side.BUY, best) == lots
    assert crowd.ahead(Side.BUY, best + 1) == 0
    assert crowd.ahead(Side.BUY, best - 500) == 1000 // 10
