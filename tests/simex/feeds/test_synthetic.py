from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader247.simex.beginning import lived
from trader247.simex.feeds.feed import Feed, MinuteBar
from trader247.simex.feeds.hours import Hours, Standing
from trader247.simex.feeds.randomness import Floats
from trader247.simex.feeds.synthetic import DEFAULT_START_US, HISTORY_MINUTES, SyntheticFeed
from trader247.simex.history import kept_from

DAY = 1440
SHIPPED = [
    *("BTC", "ETH", "SOL", "DOGE", "XRP", "ADA", "AVAX"),
    *("DOT", "LINK", "UNI", "ATOM", "ALGO", "XLM", "HBAR"),
]
STABLE = ["USDT", "DAI"]
FIRST_TWO_DAYS_OF_SEED_7 = "4ac2d317279aba3518e9a003b31de5ba7700764441f55109793452d583d2c4a3"

Minutes = list[Mapping[str, MinuteBar]]


def minutes(feed: Feed, count: int) -> Minutes:
    return [feed.next() for _ in range(count)]


def fingerprint(drawn: Minutes) -> str:
    lines = [
        f"{at} {product} {bar.open} {bar.high} {bar.low} {bar.close} {bar.volume}"
        f" {bar.spread} {bar.depth}\n"
        for at, minute in enumerate(drawn)
        for product, bar in minute.items()
    ]
    return sha256("".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def ten_days() -> Minutes:
    return minutes(SyntheticFeed(7), 10 * DAY)


def returns(drawn: Minutes, product: str, step: int) -> Floats:
    closes: list[float] = []
    for minute in drawn:
        bar = minute.get(product)
        closes.append(float(bar.close) if bar else closes[-1])
    every: Floats = np.array(closes[step - 1 :: step])
    return every[1:] / every[:-1] - 1.0


class Told(SyntheticFeed):
    """The same market, from minutes that were drawn before."""

    def __init__(self, drawn: Minutes) -> None:
        super().__init__(7)
        self._drawn = iter(drawn)

    def next(self) -> Mapping[str, MinuteBar]:
        return next(self._drawn)


def test_a_history_lived_through_at_once_is_that_of_its_minutes(ten_days: Minutes) -> None:
    at_once, oldest = SyntheticFeed(7), kept_from(SyntheticFeed(7).start_minute)
    for each in (oldest, at_once.start_minute - 100):
        at_once = SyntheticFeed(7)
        assert at_once.lived(each) == lived(Told(ten_days), each)
    assert at_once.next() == ten_days[HISTORY_MINUTES]
    other = SyntheticFeed(7)
    other.restore(at_once.state())
    assert other.next() == ten_days[HISTORY_MINUTES + 1]


def test_a_seed_means_the_same_market_on_every_machine(ten_days: Minutes) -> None:
    assert fingerprint(ten_days[: 2 * DAY]) == FIRST_TWO_DAYS_OF_SEED_7


def test_another_seed_is_another_market(ten_days: Minutes) -> None:
    assert fingerprint(minutes(SyntheticFeed(8), 60)) != fingerprint(ten_days[:60])


def test_neighbouring_seeds_do_not_move_together(ten_days: Minutes) -> None:
    other = minutes(SyntheticFeed(8), 2 * DAY)
    one = returns(ten_days[: 2 * DAY], "BTC-USD", 1)
    assert abs(np.corrcoef(one, returns(other, "BTC-USD", 1))[0, 1]) < 0.1


def test_the_identity_names_seed_and_start() -> None:
    feed: Feed = SyntheticFeed(7)
    assert feed.identity == "synthetic:v1:seed=7:start=2026-01-05T00:00:00Z"
    assert feed.label == "SIMULATED MARKET synthetic, seed 7"
    assert feed.last_minute is None


def test_trading_begins_after_eight_days_of_history() -> None:
    feed = SyntheticFeed(7)
    assert feed.start_minute * 60_000_000 == DEFAULT_START_US
    assert feed.start_minute - feed.first_minute == HISTORY_MINUTES == 8 * DAY


def test_every_shipped_product_and_two_stablecoins_are_listed() -> None:
    listings = SyntheticFeed(7).listings
    assert [listing.product_id for listing in listings] == [f"{b}-USD" for b in SHIPPED + STABLE]
    for listing in listings:
        assert listing.product_id == f"{listing.base}-{listing.quote}"
        assert Decimal(0) < listing.price_increment <= Decimal("0.01")
        assert Decimal(0) < listing.base_increment <= listing.base_min < listing.base_max
        assert Decimal(1) == listing.quote_min < listing.quote_max
        assert listing.listed_at < (DEFAULT_START_US // 1_000_000) - 365 * 86_400


def test_every_bar_is_sane(ten_days: Minutes) -> None:
    for minute in ten_days:
        for product, bar in minute.items():
            assert 1 <= bar.low <= min(bar.open, bar.close), product
            assert bar.high >= max(bar.open, bar.close), product
            assert min(bar.volume, bar.spread, bar.depth) >= 1, product


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 200), st.integers(0, 200))
def test_a_restored_feed_goes_on_equally(seed: int, before: int, between: int) -> None:
    feed = SyntheticFeed(seed)
    minutes(feed, before)
    state = feed.state()
    expected = minutes(feed, between)
    for other in (SyntheticFeed(seed), feed):
        other.restore(state)
        assert other.state() == state
        assert minutes(other, between) == expected


def test_a_state_is_small() -> None:
    feed = SyntheticFeed(7)
    minutes(feed, 61)
    assert len(feed.state()) < 1_000


@pytest.mark.parametrize("cut", [0, 5, 20, 300])
def test_a_state_that_is_cut_is_refused(cut: int) -> None:
    feed = SyntheticFeed(7)
    with pytest.raises(ValueError, match=r"stand|belongs"):
        feed.restore(feed.state()[:cut])


def test_a_state_of_another_market_is_refused() -> None:
    with pytest.raises(ValueError, match="another market"):
        SyntheticFeed(7).restore(SyntheticFeed(8).state())


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_bounds_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        SyntheticFeed(seed)


@pytest.mark.parametrize("start_us", [DEFAULT_START_US + 1, 0])
def test_a_start_off_the_minute_or_too_early_is_refused(start_us: int) -> None:
    with pytest.raises(ValueError, match="start"):
        SyntheticFeed(7, start_us)


def test_products_move_together(ten_days: Minutes) -> None:
    hours = np.array([returns(ten_days, f"{base}-USD", 60) for base in SHIPPED])
    with_bitcoin = np.corrcoef(hours)[0][1:]
    assert with_bitcoin.min() > 0.15
    assert with_bitcoin.mean() > 0.35


def test_volatility_comes_in_clusters(ten_days: Minutes) -> None:
    for base in SHIPPED:
        size = np.abs(returns(ten_days, f"{base}-USD", 1))
        size = np.minimum(size, np.quantile(size, 0.999))
        near = np.corrcoef(size[10:], size[:-10])[0, 1]
        assert near > 0.04, base


def test_large_moves_are_more_frequent_than_in_a_normal_market(ten_days: Minutes) -> None:
    for base in SHIPPED:
        moves = returns(ten_days, f"{base}-USD", 1)
        kurtosis = np.mean((moves - moves.mean()) ** 4) / moves.var() ** 2
        assert kurtosis > 3.3, base


def test_volume_and_spread_follow_volatility_and_depth_shrinks_with_it(ten_days: Minutes) -> None:
    for product in ("BTC-USD", "LINK-USD"):
        bars = [minute[product] for minute in ten_days]
        size = np.array([(bar.high - bar.low) / bar.close for bar in bars])
        size = np.array([size[i : i + 60].mean() for i in range(0, len(size), 60)])
        hours = {
            name: np.array([getattr(bar, name) for bar in bars], float).reshape(-1, 60).mean(1)
            for name in ("volume", "spread", "depth")
        }
        assert np.corrcoef(size, hours["volume"])[0, 1] > 0.3
        assert np.corrcoef(size, hours["spread"])[0, 1] > 0.3
        assert np.corrcoef(size, hours["depth"])[0, 1] < -0.3


def dollars(drawn: Minutes, feed: Feed) -> dict[str, float]:
    """Quote volume a day."""
    scale = {
        one.product_id: float(one.price_increment * one.base_increment) for one in feed.listings
    }
    total = dict.fromkeys(scale, 0.0)
    for minute in drawn:
        for product, bar in minute.items():
            total[product] += bar.close * bar.volume * scale[product]
    return {product: value * DAY / len(drawn) for product, value in total.items()}


def test_a_usual_day_satisfies_the_volume_floors(ten_days: Minutes) -> None:
    volume = dollars(ten_days, SyntheticFeed(7))
    assert all(volume[f"{base}-USD"] > 50e6 for base in SHIPPED[:3])
    assert all(volume[f"{base}-USD"] > 20e6 for base in SHIPPED[3:])


def test_thin_products_have_minutes_without_a_trade(ten_days: Minutes) -> None:
    traded = {f"{b}-USD": sum(f"{b}-USD" in minute for minute in ten_days) for b in SHIPPED}
    assert traded["BTC-USD"] == len(ten_days)
    assert 0.9 < traded["ALGO-USD"] / len(ten_days) < 1


def test_stablecoins_are_stable(ten_days: Minutes) -> None:
    for base in STABLE:
        assert np.abs(returns(ten_days, f"{base}-USD", 60)).max() < 0.005


def test_a_market_that_runs_for_months_stays_where_prices_are_plausible() -> None:
    hours, begun = Hours(3, 0), Standing.first()
    home = begun.price
    for _ in range(90 * 24):
        _, begun = hours.cells(begun)
        assert (begun.price / home).min() > 0.2
        assert (begun.price / home).max() < 5
