"""What a day traded, by running sums that may have wrapped around, is the sum of whole numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from tests.backtest.markets import START, tape

from trader247.backtest.history import ProductHistory
from trader247.backtest.outlook import market_of


@pytest.mark.parametrize("lots", [1, 900_000, 40_000_000])
@pytest.mark.parametrize("price", [1_000, 4_000_000_000, 300_000_000_000])
def test_a_days_turnover_is_exact_however_much_the_past_has_traded(price: int, lots: int) -> None:
    seeded = np.random.default_rng(lots)
    count = 6000
    close = seeded.integers(price - price // 9, price + price // 9, count)
    volume = seeded.integers(0, lots, count, endpoint=True)
    last = START + count - 1
    history = ProductHistory(
        tape("BTC-USD", close, close, close, close, volume), first=START, last=last
    )
    worth = [int(price) * int(each) for price, each in zip(close, history.lots, strict=True)]
    for minute in (START, START + 1, START + 1439, START + 1440, START + 4000, last, last + 1):
        row = minute - START
        assert history.day_turnover(minute) == sum(worth[max(row - 1440, 0) : row])
    # A skipped minute goes by a float of the same, as a column.
    seen = market_of(history, start=START + 2000, end=START + 2000).volume[0]
    assert seen == pytest.approx(float(history.volume_24h(START + 2000)), rel=1e-9, abs=0.01)


def test_what_a_minute_traded_is_exact_also_where_it_does_not_fit_64_bits() -> None:
    volume = [3, 10**12, 7 * 10**14, 12_345, 10**17]
    close = [100_005, 99_995, 250_000, 100_005, 90_001]
    history = ProductHistory(
        tape("BTC-USD", close, close, close, close, volume), first=START, last=START + 4
    )
    # Cents times hundred-thousandths of a coin, in cents, halves to even.
    exact = [Decimal(lots) * ticks / 100_000 for lots, ticks in zip(volume, close, strict=True)]
    assert history.cents.tolist() == [
        int(each.to_integral_value(ROUND_HALF_EVEN)) for each in exact
    ]
