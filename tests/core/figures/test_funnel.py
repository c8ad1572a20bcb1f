"""The funnel counts each product of each cycle once, at the stage that it reached."""

from __future__ import annotations

import pytest

from trader247.core.figures.funnel import Stage, funnel_day, reached
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.reasons import Reason


def test_every_reason_has_its_stage() -> None:
    assert reached(Reason.NOT_AT_VENUE) is Stage.CONSIDERED
    assert reached(Reason.UNIVERSE_TOO_SMALL) is Stage.CONSIDERED
    assert reached(Reason.BARS_MISSING) is Stage.ELIGIBLE
    assert reached(Reason.NO_TRIGGER) is Stage.ELIGIBLE
    assert reached(Reason.OUTRANKED) is Stage.TRIGGERED
    assert reached(Reason.SIZE_BELOW_FLOOR) is Stage.PROPOSED
    assert {reached(Reason(check.id)) for check in ALL_CHECKS} == {Stage.SIZED}
    assert reached(Reason.ENTRY_SENT) is Stage.APPROVED
    assert reached(Reason.DECLINED) is Stage.APPROVED
    assert reached(Reason.HOLDING) is None


def test_a_day_counts_whoever_came_at_least_so_far() -> None:
    reasons = {
        "no_trigger": 70,
        "volume_low": 20,
        "pace": 5,
        "entry_sent": 3,
        "holding": 40,
        "exit_sent": 2,
    }
    day = funnel_day("2026-01-05", cycles=10, reasons=reasons, filled=2)
    assert [day.counts[each] for each in Stage] == [98, 78, 8, 8, 8, 3]
    assert list(day.stopped.items()) == [("no_trigger", 70), ("volume_low", 20), ("pace", 5)]
    assert (day.exits, day.filled) == (2, 2)
    with pytest.raises(ValueError, match="nonsense"):
        funnel_day("2026-01-05", cycles=1, reasons={"nonsense": 1}, filled=0)
