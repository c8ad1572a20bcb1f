"""The drill of a position's stop: with the stop at the venue, and without."""

from __future__ import annotations

import pytest
from tests.app.drills.conftest import Hold


@pytest.mark.parametrize("word", ["auto", "off"])
def test_a_position_leaves_at_its_stop_whoever_keeps_it(hold: Hold, word: str) -> None:
    """Both ways are held, whatever the operator's setting is."""
    changes = {'venue_stops: "auto"': f'venue_stops: "{word}"'}
    (result,) = hold("position_stop", policy=changes).results
    assert result.passed, [(each.text, each.measured) for each in result.failures]
    measured = {each.text: each.measured for each in result.claims}
    assert measured["with a stop at the venue: so many sales rest for the position"][0] == "1"
    assert measured["with no stop at the venue: so many sales rest for the position"][0] == "0"
    assert result.evidence


def test_a_trader_that_never_looks_at_its_stops_does_not_pass(
    hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader247.core.orders.exits.due", lambda *_: None)
    (result,) = hold("position_stop").results
    assert not result.passed
    failed = [each.text for each in result.failures]
    assert any("with no stop at the venue: under its stop" in each for each in failed)
    assert not any("with a stop at the venue" in each for each in failed)
