"""How long the venue takes: the nearest rank of 95 %, over five minutes, failures among them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trader247.adapters.coinbase.latency import WINDOW, Latency
from trader247.domain.time import SECOND


class Watch:
    def __init__(self) -> None:
        self.now = timedelta(0)

    def __call__(self) -> timedelta:
        return self.now


def took(latency: Latency, watch: Watch, *seconds: int) -> None:
    for each in seconds:
        with latency.measured():
            watch.now += each * SECOND


def test_without_a_request_nothing_is_known() -> None:
    assert Latency(Watch()).p95() is None


@pytest.mark.parametrize(
    ("slow", "expected"), [(0, 0), (1, 0), (2, 7)], ids=["none", "one of 20", "two of 20"]
)
def test_one_slow_answer_of_twenty_is_not_the_venue(slow: int, expected: int) -> None:
    watch = Watch()
    latency = Latency(watch)
    took(latency, watch, *([0] * (20 - slow)), *([7] * slow))
    assert latency.p95() == expected * SECOND


def test_a_request_that_failed_took_its_time_too() -> None:
    watch = Watch()
    latency = Latency(watch)

    def fails() -> None:
        with latency.measured():
            watch.now += 10 * SECOND
            raise OSError("no answer")

    with pytest.raises(OSError, match="no answer"):
        fails()
    assert latency.p95() == 10 * SECOND


def test_what_is_five_minutes_ago_counts_no_more() -> None:
    watch = Watch()
    latency = Latency(watch)
    took(latency, watch, 9)
    watch.now += WINDOW - timedelta(microseconds=1)
    assert latency.p95() == 9 * SECOND
    watch.now += timedelta(microseconds=1)
    assert latency.p95() is None
