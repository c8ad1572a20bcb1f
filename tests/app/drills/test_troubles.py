"""Drills of prices, venue, account, clock and key; and that they can fail."""

from __future__ import annotations

import pytest
from tests.app.drills.conftest import Hold

from trader247.app.drills.drill import Result


def failures(result: Result) -> list[str]:
    return [f"{each.text}: {each.measured}" for each in result.failures] + [result.trouble]


@pytest.mark.parametrize(
    "name",
    [
        *("drawdown_price", "frozen_feed", "flash_crash", "outlier_tick", "partition"),
        *("rate_limit", "lost_answer", "duplicate_fills", "foreign_trade", "withdrawal"),
        "key_revoked",
    ],
)
def test_a_drill_holds_under_the_shipped_limits(hold: Hold, name: str) -> None:
    (result,) = hold(name).results
    assert result.passed, failures(result)
    assert result.evidence
    if name == "lost_answer":
        wished = [each for each in result.claims if "wished for again" in each.text]
        assert [each.measured for each in wished][1:] == ["3 wishes, 0 sent"]


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        (
            "flash_crash",
            {
                "move_minutes: 30 ": "move_minutes: 1 ",
                "move_other_pct: 10 ": "move_other_pct: 40 ",
            },
            ("nothing is bought in it, nor in the 15 min after it", "and by such a fall of"),
        ),
        (
            "frozen_feed",
            {"stale_share_pct: 50 ": "stale_share_pct: 90 "},
            ("and so they are where 3 of 4 products are stale",),
        ),
        (
            "rate_limit",
            {"rate_limited_in_10_min: 3": "rate_limited_in_10_min: 10"},
            ("and by the breaker that is for it, rate_limit",),
        ),
        (
            "partition",
            {
                "errors_running: 3 ": "errors_running: 10 ",
                "errors_in_5_min: 5 ": "errors_in_5_min: 20 ",
            },
            ("and by the breaker that is for it, api_errors",),
        ),
    ],
)
def test_a_drill_fails_under_limits_that_do_not_hold(
    hold: Hold, name: str, changes: dict[str, str], said: tuple[str, ...]
) -> None:
    (result,) = hold(name, policy=changes).results
    assert not result.passed
    failed = [each.text for each in result.failures]
    for words in said:
        assert any(text.startswith(words) for text in failed), failed


@pytest.mark.parametrize(
    "name", ["kill_command", "frozen_times", "clock_jump", "lost_answer", "outlier_tick"]
)
def test_that_nothing_is_bought_proves_nothing_where_nothing_ever_is(hold: Hold, name: str) -> None:
    """No product trades so much in a day: the market of a drill does not either."""
    floors = {"floors:\n  volume_24h_min: 8000000": "floors:\n  volume_24h_min: 1000000000000"}
    (result,) = hold(name, universe=floors).results
    assert not result.passed
    assert "volume_low (24 h volume 3599999999, at least 1000000000000)" in result.trouble
