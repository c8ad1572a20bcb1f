"""What the report of a small tape says, each figure worked out by hand.

The tapes are those of `test_by_hand`: a still day at 100.00, a breakout to 100.10, and an entry of
1.53492 at 100.07 (fee 0.767997222), or at 100.08 where the minute is narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tests.backtest.markets import WARM_UP
from tests.backtest.test_by_hand import STILL, Bar, traded

from trader247.app.reports.backtest_story import reported
from trader247.backtest.outcome import Told, result_of
from trader247.backtest.run import Backtest
from trader247.report.plain import as_json

GONE: Bar = (9_100, 9_100, 9_100, 9_100)


def told(run: Backtest) -> dict[str, Any]:
    """The report of a run, as it is written down."""
    return as_json(reported(result_of(run, Told({"slippage": "book"}, (), (), ()))))


def reported_of(
    bars: Sequence[Bar],
    *,
    keeps_stops: bool = False,
    lots: Mapping[int, int] = MappingProxyType({}),
) -> dict[str, Any]:
    return told(traded(bars, keeps_stops=keeps_stops, lots=lots))


def test_an_entry_that_ended_with_nothing_is_sent_and_not_filled() -> None:
    # Its limit is 100.08, and the price stands still at 100.10 until its five minutes are over.
    body = reported_of([STILL] * 8)
    assert (body["counts"]["entries_sent"], body["counts"]["fills"]) == (1, 0)
    assert [each["filled"] for each in body["funnel"]] == [0]


def test_an_entry_that_filled_in_two_parts_is_one_that_filled() -> None:
    # The minute that goes through the limit trades 0.004: a quarter of it on each leg.
    narrow: Bar = (10_010, 10_010, 10_000, 10_010)
    body = reported_of([STILL, narrow, *[STILL] * 6], lots={WARM_UP + 1: 400})
    assert (body["counts"]["entries_sent"], body["counts"]["fills"]) == (1, 2)
    assert [each["filled"] for each in body["funnel"]] == [1]
