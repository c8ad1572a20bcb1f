"""The market's weather: hours of calm, of trend and of stress, and the news of one product.

Weather changes on the hour. It moves what the minutes are drawn from; the minutes do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from trader247.simex.feeds.randomness import Floats, Words, fractions


class Weather(IntEnum):
    """What kind of hour it is."""

    CALM = 0
    RANGE = 1
    UP = 2
    DOWN = 3
    STRESS = 4


@dataclass(frozen=True, slots=True)
class Climate:
    """What a kind of hour does: `drift` of the market a day, `variance` against an ordinary hour,
    how much wider the spread and thinner the book, and the odds in 1,000 of the next hour's kind.
    """

    drift: float
    variance: float
    spread: float
    thinning: float
    next_odds: tuple[int, int, int, int, int]


CLIMATES: tuple[Climate, ...] = (
    Climate(0.0, 0.5, 0.8, 0.85, (930, 50, 10, 7, 3)),
    Climate(0.002, 1.0, 1.0, 1.0, (40, 900, 30, 22, 8)),
    Climate(0.032, 1.2, 1.0, 1.0, (20, 60, 905, 10, 5)),
    Climate(-0.03, 1.5, 1.2, 1.2, (10, 60, 15, 895, 20)),
    Climate(-0.06, 6.0, 2.5, 2.2, (0, 160, 70, 120, 650)),
)

# News of one product: its price drifts for some hours, fading. An ordinary alt has some every
# few days.
_NEWS_ODDS = 1 / 75
_NEWS_MIN = 0.01
_NEWS_SPAN = 0.05
_NEWS_UPWARD = 0.54
_NEWS_FADE = 0.4


def next_weather(weather: Weather, word: int) -> Weather:
    """The next hour's kind, from this hour's and a random word."""
    draw = word % 1000
    for kind, odds in zip(Weather, CLIMATES[weather].next_odds, strict=True):
        if draw < odds:
            return kind
        draw -= odds
    raise AssertionError(f"odds of {weather.name} do not add up to 1000")


def next_news(news: Floats, events: Floats, words: Words) -> Floats:
    """Each product's drift in the next hour, from this hour's and two rows of random words."""
    chance, side = fractions(words[0])
    size, _ = fractions(words[1])
    struck = (_NEWS_MIN + _NEWS_SPAN * size * size) * np.where(side < _NEWS_UPWARD, 1.0, -1.0)
    return news * _NEWS_FADE + np.where(chance < _NEWS_ODDS * events, struck, 0.0)
