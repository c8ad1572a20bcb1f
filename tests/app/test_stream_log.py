"""What is said of a stream that goes down: a change is news, its repetition is none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from trader247.app.wiring.stream import AGAIN_AFTER, StreamLog

SILENT = "nothing was heard for 3 s"


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="trader247")
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_stream_that_goes_down_again_and_again_is_said_once_an_hour(
    said: Callable[[], list[str]],
) -> None:
    now = timedelta(0)
    log = StreamLog(lambda: now)
    for cause in (SILENT, "", "nothing was heard for 10 s", "", SILENT):
        log("market", cause)
        now += timedelta(seconds=10)
    assert len(said()) == 1
    assert SILENT in said()[0]
    now += AGAIN_AFTER
    log("market", SILENT)
    assert len(said()) == 2


def test_another_cause_another_stream_and_the_first_time_up_are_news(
    said: Callable[[], list[str]],
) -> None:
    log = StreamLog(lambda: timedelta(0))
    log("market", "")
    log("market", SILENT)
    log("orders", SILENT)
    log("market", "the server closed it (1000)")
    assert [each.split(",")[0] for each in said()] == [
        "the stream of the market is up",
        "the stream of the market is down",
        "the stream of the orders is down",
        "the stream of the market is down",
    ]
