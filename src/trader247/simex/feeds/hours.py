"""How the synthetic market's minutes come about, an hour at a time.

A product's return is its share of the market's, its cluster's and its own, each with a variance
that remembers its last shocks (GARCH), plus jumps, plus the drift of the weather and of the
product's own news. Volume, spread and depth follow from the variance.

What leads from one minute to the next is stepped in order, all products at once; the rest is
columns over the hour. Nothing is summed by a library and nothing transcendental is used, so that
every machine rounds alike (see `randomness`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trader247.simex.feeds.listings import CHARACTERS, Cluster
from trader247.simex.feeds.memory import (
    BUSY,
    CLUSTERS,
    OWN,
    STATES,
    Variance,
    column,
    levels,
    remembered,
)
from trader247.simex.feeds.randomness import Floats, Stream, Words, fractions, normals
from trader247.simex.feeds.weather import CLIMATES, Weather, next_news, next_weather

HOUR = 60
Rows = list[list[list[int]]]
"""By minute, then by product: the cells of a `MinuteBar`; volume 0 where nothing traded."""

_MINUTES, _WEATHERS = 1, 2
_HEADER = struct.Struct("<qq")

_P = len(CHARACTERS)
_C = len(Cluster)

_TICK = np.array([float(character.listing.price_increment) for character in CHARACTERS])
_LOT = np.array([float(character.listing.base_increment) for character in CHARACTERS])
_IS_STABLE = np.array([character.cluster is Cluster.STABLE for character in CHARACTERS])
_ANCHOR = column("price") / _TICK
_BETA = column("beta")
_EVENTS = column("events")

# Prices are pulled home, gently: half the way in a month, a stablecoin in half an hour.
_PULL = np.where(_IS_STABLE, 0.023, 1.6e-5)
_RETURN_MAX = 0.2

# Jumps come out of nowhere; `memory` knows what they leave behind.
_JUMP_ODDS = _EVENTS / 5000
_JUMP_MIN = 0.008
_JUMP_SPAN = 0.05
_JUMP_SCALE = np.minimum(column("own_bps") / 6.0, 1.2)
_MARKET_JUMP_ODDS = 1 / 9000

# Trading by the hour of the UTC day, and on Saturday and Sunday.
_NIGHT = (0.95, 0.85, 0.80, 0.75, 0.72, 0.72, 0.75, 0.85, 0.95, 1.00, 1.00, 1.02)
_DAY = (1.10, 1.30, 1.50, 1.50, 1.40, 1.25, 1.15, 1.10, 1.05, 1.00, 1.00, 1.00)
_SEASON = np.array(_NIGHT + _DAY)
_WEEKEND = 0.85
_MINUTE_USD = column("volume_usd") / 1440.0

_SPREAD = column("spread_bps") / 1e4
_DEPTH_USD = column("depth_usd")
_DEPTH_BPS = 20.0
_SILENCE = column("silence")

# Random words of one minute: two for the market, one for its jumps (and one spare), two for each
# cluster, eight for each product.
_PER_PRODUCT = 8
_WIDTH = 4 + 2 * _C + _PER_PRODUCT * _P
_WEATHER_WIDTH = 2 + 2 * _P


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How an hour begins: all that the past has left."""

    hour: int
    weather: Weather
    memory: Floats
    price: Floats
    """In ticks, with the fraction that no bar shows."""
    news: Floats

    @staticmethod
    def first() -> Standing:
        """The market's first hour."""
        return Standing(0, Weather.RANGE, np.ones(STATES), _ANCHOR.copy(), np.zeros(_P))

    def to_bytes(self) -> bytes:
        values = np.concatenate([self.memory, self.price, self.news]).astype("<f8")
        return _HEADER.pack(self.hour, self.weather) + values.tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Standing:
        """Raises ValueError: `data` is none of `to_bytes`."""
        if len(data) != _HEADER.size + 8 * (STATES + 2 * _P):
            raise ValueError(f"{len(data)} bytes are no standing of the synthetic market")
        hour, weather = _HEADER.unpack_from(data)
        values = np.frombuffer(data, dtype="<f8", offset=_HEADER.size).astype(np.float64)
        memory, price, news = np.split(values, [STATES, STATES + _P])
        return Standing(hour, Weather(weather), memory, price, news)


class Hours:
    """The hours of one seed. The hour that begins at a standing is always the same."""

    def __init__(self, seed: int, first_minute: int) -> None:
        self._first_minute = first_minute
        self._minutes = Stream(seed, _MINUTES)
        self._weathers = Stream(seed, _WEATHERS)

    def drawn(self, begun: Standing) -> tuple[Rows, Standing]:
        """The sixty minutes after `begun`, and how the next hour begins."""
        cells, after = self.cells(begun)
        return cells.tolist(), after

    def cells(self, begun: Standing) -> tuple[NDArray[np.int64], Standing]:
        """The same as an array: by minute, then by product, the cells of its bar."""
        drawn = self._weathers.words(begun.hour * _WEATHER_WIDTH, _WEATHER_WIDTH)
        weather = next_weather(begun.weather, int(drawn[0]))
        news = next_news(begun.news, _EVENTS, drawn[2:].reshape(2, _P))
        words = self._minutes.words(begun.hour * HOUR * _WIDTH, HOUR * _WIDTH)
        words = words.reshape(HOUR, _WIDTH)
        own = words[:, 4 + 2 * _C :].reshape(HOUR, _PER_PRODUCT, _P)

        shocks = np.empty((HOUR, STATES))
        shocks[:, 0] = normals(words[:, 0], words[:, 1])
        shocks[:, CLUSTERS] = normals(words[:, 4 : 4 + _C], words[:, 4 + _C : 4 + 2 * _C])
        shocks[:, OWN] = normals(own[:, 0], own[:, 1])
        shocks[:, BUSY] = normals(own[:, 2], own[:, 3])
        jumps = _jumps(words[:, 2:3], own[:, 4])

        memory, after = remembered(begun.memory, shocks, levels(weather, news), jumps != 0.0)
        variance = Variance(memory)
        moves = variance.moves(shocks) + jumps + _drifts(weather, news)
        moves = np.minimum(np.maximum(moves, -_RETURN_MAX), _RETURN_MAX)
        prices = _prices(begun.price, moves)

        minute = self._first_minute + begun.hour * HOUR + np.arange(HOUR)
        cells = np.empty((HOUR, _P, 7), dtype=np.int64)
        _draw_prices(cells, prices, variance.now, own[:, 5])
        surprise = np.minimum(moves * moves / (variance.now * 1e-8), 16.0)
        activity = memory[:, BUSY] * (0.35 + 0.65 * np.minimum(variance.relative, 14.0))
        activity *= 0.7 + 0.3 * surprise
        _draw_volume(cells, prices[1:], activity * _season(minute), shocks[:, BUSY], own[:, 6])
        _draw_book(cells, prices[1:], variance.relative, weather, own[:, 7])
        return cells, Standing(begun.hour + 1, weather, after, prices[HOUR].copy(), news)


def _jumps(market: Words, own: Words) -> Floats:
    """Jumps of each product in each minute: mostly zero."""
    chance, size = fractions(own)
    # The lowest bit decides the side; it is too small to be seen in the size.
    side = np.where((own >> np.uint64(32)) & np.uint64(1), 1.0, -1.0)
    jumps = np.where(chance < _JUMP_ODDS, side * (_JUMP_MIN + _JUMP_SPAN * size * size), 0.0)
    jumps *= _JUMP_SCALE
    chance, size = fractions(market)
    side = np.where((market >> np.uint64(32)) & np.uint64(1), 1.0, -1.0)
    whole = np.where(chance < _MARKET_JUMP_ODDS, side * (0.003 + 0.012 * size * size), 0.0)
    return jumps + whole * _BETA


def _drifts(weather: Weather, news: Floats) -> Floats:
    """What the hour adds to each product's return in every minute."""
    return _BETA * (CLIMATES[weather].drift / 1440) + news / HOUR


def _prices(price: Floats, moves: Floats) -> Floats:
    """Prices in ticks at the hour's beginning and after each minute."""
    growth = 1.0 + moves
    home = np.empty(_P)
    prices = np.empty((HOUR + 1, _P))
    prices[0] = price
    for minute in range(HOUR):
        before, after = prices[minute], prices[minute + 1]
        np.subtract(_ANCHOR, before, out=home)
        home *= _PULL
        np.multiply(before, growth[minute], out=after)
        after += home
    return prices


def _draw_prices(cells: NDArray[np.int64], prices: Floats, variance: Floats, words: Words) -> None:
    ticks = np.maximum(np.floor(prices + 0.5), 1.0).astype(np.int64)
    cells[:, :, 0] = ticks[:HOUR]
    cells[:, :, 3] = ticks[1:]
    up, down = fractions(words)
    reach = prices[1:] * np.sqrt(variance) * (1.3 / 1e4)
    above = np.floor(reach * up * up + 0.5).astype(np.int64)
    below = np.floor(reach * down * down + 0.5).astype(np.int64)
    cells[:, :, 1] = np.maximum(ticks[:HOUR], ticks[1:]) + above
    cells[:, :, 2] = np.maximum(np.minimum(ticks[:HOUR], ticks[1:]) - below, 1)


def _draw_volume(
    cells: NDArray[np.int64], prices: Floats, activity: Floats, shocks: Floats, words: Words
) -> None:
    dollars = _MINUTE_USD * activity * (0.25 + 0.75 * shocks * shocks)
    lots = np.floor(dollars / (prices * (_TICK * _LOT)) + 0.5).astype(np.int64)
    chance, _ = fractions(words)
    is_silent = chance * np.maximum(activity, 0.15) < _SILENCE
    cells[:, :, 4] = np.where(is_silent, 0, lots)


def _draw_book(
    cells: NDArray[np.int64], prices: Floats, relative: Floats, weather: Weather, words: Words
) -> None:
    wider, deeper = fractions(words)
    stress = 0.5 + 0.5 * np.sqrt(relative)
    spread = _SPREAD * (0.6 + 0.8 * wider) * stress * CLIMATES[weather].spread
    ticks = np.maximum(np.floor(prices * spread + 0.5), 1.0)
    cells[:, :, 5] = ticks.astype(np.int64)
    # What lies within 20 bps of the mid begins half a spread away from it.
    reach = 1.0 - (ticks / prices) * (0.5e4 / _DEPTH_BPS)
    dollars = _DEPTH_USD * (0.65 + 0.7 * deeper) * np.maximum(reach, 0.02)
    dollars /= stress * CLIMATES[weather].thinning
    cells[:, :, 6] = np.maximum(np.floor(dollars / (prices * (_TICK * _LOT))), 1.0).astype(np.int64)


def _season(minute: NDArray[np.int64]) -> Floats:
    """How busy each minute's hour and day of the week are, as a column."""
    hour = _SEASON[minute // 60 % 24]
    # 1970-01-01 was a Thursday: Saturday and Sunday are the days 2 and 3 after it.
    day = minute // 1440 % 7
    return np.where((day == 2) | (day == 3), hour * _WEEKEND, hour).reshape(-1, 1)
