from __future__ import annotations

import numpy as np

from trader247.simex.feeds.steps import fine
from trader247.simex.feeds.tape import Tape


def tape(
    product: str, price_decimals: int, base_decimals: int, *, low: int, high: int, volume: int = 5
) -> Tape:
    columns = [np.array([each], dtype=np.int64) for each in (0, low, high, low, high, volume)]
    return Tape(product, 1, price_decimals, base_decimals, *columns)


def steps(found: Tape) -> tuple[int, int]:
    return found.price_decimals, found.base_decimals


def test_a_file_of_whole_dollars_and_coins_trades_in_the_products_own_steps() -> None:
    found = fine(tape("BTC-USD", 0, 0, low=50_000, high=60_000))
    assert steps(found) == (2, 5)
    assert (found.low[0], found.high[0], found.volume[0]) == (5_000_000, 6_000_000, 500_000)


def test_a_file_as_fine_as_its_venue_is_left_as_it_is() -> None:
    for each in (
        tape("BTC-USD", 2, 8, low=7_000_000, high=7_100_000),
        tape("ALGO-USD", 4, 0, low=900, high=5_000),
        tape("PEPE-USD", 8, 0, low=1_000, high=1_500),
    ):
        assert fine(each) is each


def test_a_step_of_price_of_an_unknown_product_is_at_most_ten_bps_of_its_lowest() -> None:
    at_limit = tape("NEW-USD", 1, 3, low=1_000, high=1_001)
    assert fine(at_limit) is at_limit
    assert steps(fine(tape("NEW-USD", 1, 3, low=999, high=1_001))) == (2, 3)


def test_a_step_of_size_is_worth_at_most_one_of_the_quote_currency() -> None:
    at_limit = tape("NEW-USD", 2, 2, low=10_000, high=10_000)
    assert fine(at_limit) is at_limit
    assert steps(fine(tape("NEW-USD", 2, 2, low=10_000, high=10_001))) == (2, 3)


def test_no_number_outgrows_its_bound() -> None:
    found = fine(tape("NEW-USD", 0, 0, low=7, high=2 * 10**17, volume=10**16))
    assert steps(found) == (1, 1)
    assert (found.high[0], found.volume[0]) == (2 * 10**18, 10**17)
