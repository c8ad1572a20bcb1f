from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.book import Crowd, Side
from trader247.simex.matching import Match, Matching

DEPTH = 1000


def at(price: int) -> Matching:
    return Matching(Crowd(price=price, spread=2, depth=DEPTH))


def move(matching: Matching, price: int, volume: int) -> list[Match]:
    return matching.move(price=price, spread=2, depth=DEPTH, volume=volume)


def buy(matching: Matching, number: int, price: int, lots: int) -> int:
    return matching.rest(number=number, side=Side.BUY, price=price, lots=lots)


def test_a_move_through_the_limit_fills_at_the_limit() -> None:
    matching = at(10_000)
    buy(matching, 1, 9_990, 50)
    assert move(matching, 9_989, 100) == [Match(1, 9_990, 50)]
    assert not matching.resting


def test_a_move_that_stops_a_tick_short_fills_nothing() -> None:
    matching = at(10_000)
    buy(matching, 1, 9_990, 50)
    assert move(matching, 9_991, 10**6) == []


def test_a_touch_trades_the_queue_ahead_first() -> None:
    matching = at(10_000)
    ahead = buy(matching, 1, 9_990, 50)
    assert ahead > 0
    assert move(matching, 9_990, ahead) == []
    assert move(matching, 9_990, 20) == [Match(1, 9_990, 20)]


def test_the_queue_ahead_of_two_orders_at_a_price_trades_once() -> None:
    matching = at(10_000)
    ahead = buy(matching, 1, 9_990, 5)
    buy(matching, 2, 9_990, 5)
    assert move(matching, 9_990, ahead + 10) == [Match(1, 9_990, 5), Match(2, 9_990, 5)]


def test_no_more_than_the_volume_fills_and_the_rest_stays() -> None:
    matching = at(10_000)
    buy(matching, 1, 9_990, 50)
    assert move(matching, 9_900, 30) == [Match(1, 9_990, 30)]
    assert matching.resting[1].lots == 20
    assert move(matching, 9_900, 30) == [Match(1, 9_990, 20)]


def test_better_prices_fill_first_and_equal_ones_by_age() -> None:
    matching = at(10_000)
    buy(matching, 1, 9_980, 10)
    buy(matching, 2, 9_990, 10)
    buy(matching, 3, 9_990, 10)
    assert move(matching, 9_900, 25) == [
        Match(2, 9_990, 10),
        Match(3, 9_990, 10),
        Match(1, 9_980, 5),
    ]


def test_a_sell_fills_as_a_buy_does_in_the_mirror() -> None:
    matching = at(10_000)
    matching.rest(number=1, side=Side.SELL, price=10_010, lots=50)
    assert move(matching, 10_009, 10**6) == []
    assert move(matching, 10_011, 20) == [Match(1, 10_010, 20)]


def test_equality_with_the_best_opposite_price_crosses() -> None:
    matching = at(10_000)
    assert matching.is_crossing(Side.BUY, 10_001)
    assert not matching.is_crossing(Side.BUY, 10_000)
    assert matching.is_crossing(Side.SELL, 9_999)
    assert not matching.is_crossing(Side.SELL, 10_000)


def test_an_own_order_that_the_price_has_passed_does_not_cross_the_book() -> None:
    matching = at(10_000)
    buy(matching, 1, 9_990, 50)
    move(matching, 9_900, 10)
    assert matching.resting
    bids, asks = matching.levels(Side.BUY), matching.levels(Side.SELL)
    assert bids[0][0] < asks[0][0]


def test_own_orders_show_in_the_book() -> None:
    matching = at(10_000)
    buy(matching, 1, 10_000, 7)
    assert matching.levels(Side.BUY)[0] == (10_000, 7)


orders = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(9_900, 10_100), st.integers(1, 500)), max_size=12
)
moves = st.lists(st.tuples(st.integers(9_850, 10_150), st.integers(0, 800)), max_size=12)


@given(orders, moves)
def test_price_time_priority_and_limits_hold_on_every_path(
    wanted: list[tuple[Side, int, int]], path: list[tuple[int, int]]
) -> None:
    matching = at(10_000)
    asked = {}
    for number, (side, price, lots) in enumerate(wanted, start=1):
        if not matching.is_crossing(side, price):
            matching.rest(number=number, side=side, price=price, lots=lots)
            asked[number] = (side, price, lots)
    filled = dict.fromkeys(asked, 0)
    for price, volume in path:
        start = matching.crowd.price
        matches = move(matching, price, volume)
        assert sum(match.lots for match in matches) <= volume
        for match in matches:
            side, limit, _ = asked[match.number]
            assert match.price == limit
            assert min(start, price) <= limit if side is Side.BUY else max(start, price) >= limit
            filled[match.number] += match.lots
        for side, sign in ((Side.BUY, -1), (Side.SELL, 1)):
            ranks = [
                (sign * match.price, match.number)
                for match in matches
                if asked[match.number][0] is side
            ]
            assert ranks == sorted(ranks)
            # Whoever is filled has nobody before him who was reached for certain and is not done.
            for rank in ranks:
                for other in matching.queue(side):
                    edge = min(start, price) if side is Side.BUY else -max(start, price)
                    limit = other.price if side is Side.BUY else -other.price
                    assert (sign * other.price, other.number) >= rank or limit <= edge
    for number, (_, _, lots) in asked.items():
        left = matching.resting[number].lots if number in matching.resting else 0
        assert filled[number] + left == lots


@given(st.integers(1, 10_000), st.integers(9_900, 10_300))
def test_a_taker_never_trades_through_its_limit_nor_more_than_it_wants(
    lots: int, limit: int
) -> None:
    matching = at(10_000)
    before = dict(matching.crowd.levels(Side.SELL))
    matches = matching.take(1, Side.BUY, matching.walk(Side.BUY, lots, limit))
    assert all(match.price <= limit for match in matches)
    taken = sum(match.lots for match in matches)
    within = sum(size for price, size in before.items() if price <= limit)
    assert taken == min(lots, within)
    after = dict(matching.crowd.levels(Side.SELL))
    for match in matches:
        assert before[match.price] - after.get(match.price, 0) == match.lots
