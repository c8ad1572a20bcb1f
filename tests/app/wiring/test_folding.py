"""A word where a ledger is folded anew and somebody waits."""

from __future__ import annotations

import pytest

from trader247.app.wiring.folding import say_anew


@pytest.mark.parametrize(("events", "is_said"), [(0, False), (9_999, False), (10_000, True)])
def test_it_is_said_where_it_takes_seconds(
    events: int, is_said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    say_anew(events)
    assert (f"{events:,} events are folded anew" in caplog.text) is is_said
