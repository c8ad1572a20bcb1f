from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from trader247.simex.feeds.randomness import Stream
from trader247.simex.feeds.weather import CLIMATES, Weather, next_news, next_weather


@pytest.mark.parametrize("weather", list(Weather))
def test_the_odds_of_the_next_hour_add_up(weather: Weather) -> None:
    assert sum(CLIMATES[weather].next_odds) == 1000
    seen = Counter(next_weather(weather, draw) for draw in range(1000))
    assert tuple(seen[kind] for kind in Weather) == CLIMATES[weather].next_odds


def test_every_kind_of_weather_comes_and_goes() -> None:
    weather, seen = Weather.RANGE, Counter[Weather]()
    for word in Stream(7, 2).words(0, 5_000).tolist():
        weather = next_weather(weather, word)
        seen[weather] += 1
    assert set(seen) == set(Weather)
    assert seen[Weather.STRESS] < 0.1 * 5_000


def test_stress_is_wilder_wider_and_thinner_than_any_other_weather() -> None:
    stress = CLIMATES[Weather.STRESS]
    for weather in set(Weather) - {Weather.STRESS}:
        assert stress.variance > 2 * CLIMATES[weather].variance
        assert stress.spread > 2 * CLIMATES[weather].spread
        assert stress.thinning > 1.5 * CLIMATES[weather].thinning


def test_news_strikes_now_and_then_and_fades() -> None:
    events, news = np.array([1.0, 0.0]), np.zeros(2)
    struck, words = 0, Stream(7, 3)
    for hour in range(2_000):
        before = news
        news = next_news(news, events, words.words(4 * hour, 4).reshape(2, 2))
        struck += abs(news[0]) > abs(before[0])
        assert abs(news[0]) < 0.15
        assert news[1] == 0
    assert 10 < struck < 60
