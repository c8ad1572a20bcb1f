"""The drills of the loss stops hold under the shipped limits, and fail under limits that do not."""

from __future__ import annotations

from tests.app.drills.conftest import Hold


def test_the_daily_stop_is_shown_from_both_sides_of_its_limit(hold: Hold) -> None:
    (result,) = hold("daily_price").results
    assert result.passed, [each.text for each in result.failures]
    measured = {each.text: each.measured for each in result.claims}
    assert measured["just short of the limit of 3.0 % it does not stop"] == "at -2.80 %"
    assert any(each.kind == "halt_latched" and each.ref == "daily_stop" for each in result.evidence)


def test_a_tighter_limit_is_drilled_at_its_own_figure(hold: Hold) -> None:
    changes = {"daily_stop_pnl_pct: -3.0": "daily_stop_pnl_pct: -1.5"}
    (result,) = hold("daily_price", policy=changes).results
    assert result.passed, [(each.text, each.measured) for each in result.failures]
    assert any("-1.70 %" in each.text for each in result.claims)


def test_a_stop_that_is_looked_at_once_an_hour_cannot_hold(hold: Hold) -> None:
    (result,) = hold("daily_price", app={"interval_seconds: 60": "interval_seconds: 1800"}).results
    assert not result.passed
    assert any("beyond it, it stops" in each.text for each in result.failures) or result.trouble
