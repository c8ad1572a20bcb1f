from __future__ import annotations

import pytest

from trader247.adapters.alert_gate import AlertGate, Outgoing
from trader247.domain.reasons import Severity
from trader247.ports import Alert


class Hour:
    """A gate, and what left it at which second."""

    def __init__(self) -> None:
        self.gate = AlertGate()
        self.left: list[tuple[float, Outgoing]] = []
        self._ids = 0

    def raise_(self, now: float, severity: Severity, code: str = "x") -> bool:
        self._ids += 1
        message = self.gate.passed(Alert(severity, code, f"fact {self._ids}", self._ids), now)
        if message is not None:
            self.left.append((now, message))
        return message is not None

    def tick(self, now: float) -> None:
        self.left.extend((now, each) for each in self.gate.due(now))

    @property
    def times(self) -> list[float]:
        return [time for time, _ in self.left]


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("is_burst", [True, False])
def test_ten_thousand_alike_make_at_most_twelve_messages_an_hour(
    severity: Severity, is_burst: bool
) -> None:
    hour = Hour()
    for number in range(10_000):
        now = number / 10_000 if is_burst else number * 3_600 / 10_000
        hour.raise_(now, severity)
        hour.tick(now)
    for second in range(1, 3_600):
        if is_burst:
            hour.tick(float(second))

    assert hour.times[0] == 0
    assert 2 <= len(hour.left) <= 12
    if severity is not Severity.CRITICAL and is_burst:
        assert hour.left[-1][1].alert.code == "folded"
        assert f"9,999 x {severity.value} x" in hour.left[-1][1].alert.text
    if severity is Severity.CRITICAL:
        assert "raised 10,000 times" in hour.left[-1][1].alert.text or not is_burst


def test_the_same_goes_out_a_minute_later_and_not_before() -> None:
    hour = Hour()
    assert hour.raise_(0, Severity.WARNING)
    assert not hour.raise_(59.9, Severity.WARNING)
    assert hour.raise_(60, Severity.WARNING)
    assert hour.raise_(60, Severity.CRITICAL)
    assert hour.raise_(60, Severity.WARNING, "y")


def test_the_twenty_first_warning_of_an_hour_is_a_storm_told_once() -> None:
    hour = Hour()
    for number in range(20):
        assert hour.raise_(number, Severity.WARNING, f"code{number}")
        assert hour.gate.take_storm() == ""
    assert not hour.raise_(20, Severity.WARNING, "code20")
    assert "More than 20 warnings" in hour.gate.take_storm()
    assert not hour.raise_(21, Severity.WARNING, "code21")
    assert hour.gate.take_storm() == ""
    assert hour.raise_(22, Severity.CRITICAL, "critical"), "a storm never hides what matters"

    hour.tick(619)
    assert len(hour.left) == 22, "a critical one was told again, and no digest yet"
    hour.tick(620)
    digest = hour.left[-1][1]
    assert digest.alert.severity is Severity.WARNING
    assert "code20" in digest.alert.text
    assert "code21" in digest.alert.text
    hour.tick(5_000)
    assert hour.raise_(8_000, Severity.WARNING, "code22"), "it is calm again"


def test_a_critical_one_is_told_again_every_five_minutes_until_it_is_acknowledged() -> None:
    hour = Hour()
    hour.raise_(0, Severity.CRITICAL)
    for second in range(1, 1_000):
        hour.tick(float(second))
    assert hour.times == [0, 300, 600, 900]
    assert all(each.is_for_all for _, each in hour.left[1:])
    assert "not acknowledged for 15 min" in hour.left[-1][1].alert.text
    assert "trader247 alerts ack 1" in hour.left[-1][1].alert.text

    hour.gate.acknowledged("x")
    hour.tick(5_000)
    assert len(hour.left) == 4


def test_a_critical_one_that_comes_back_once_it_is_acknowledged_is_told_at_once() -> None:
    """Cleared, and back half a minute later: the last word was that it is cleared.

    However often: between them a machine may have slept for hours, which no steady clock counts.
    """
    hour = Hour()
    for second in range(0, 420, 30):
        hour.raise_(second, Severity.CRITICAL)
        assert not hour.raise_(second + 0.5, Severity.CRITICAL)
        hour.gate.acknowledged("x")
    assert hour.times == [30 * number for number in range(12)], "no more than twelve an hour"


def test_an_escalation_goes_to_all_and_puts_the_repetition_off() -> None:
    hour = Hour()
    hour.raise_(0, Severity.CRITICAL)
    hour.raise_(120, Severity.CRITICAL, "x:escalated")
    assert hour.left[-1][1].is_for_all
    hour.tick(419)
    assert len(hour.left) == 2
    hour.tick(420)
    assert len(hour.left) == 3
    hour.gate.acknowledged("x")
    hour.tick(9_999)
    assert len(hour.left) == 3


def test_escalations_of_what_is_acknowledged_again_and_again_are_twelve_an_hour() -> None:
    hour = Hour()
    for second in range(0, 3_600, 150):
        hour.raise_(second, Severity.CRITICAL, "x:escalated")
        hour.gate.acknowledged("x")
    assert hour.times == [150 * number for number in range(12)]
    assert not hour.raise_(3_599.9, Severity.CRITICAL, "x:escalated")
    hour.gate.acknowledged("x")
    assert hour.raise_(3_600, Severity.CRITICAL, "x:escalated")


def test_what_an_earlier_process_told_is_told_again_in_time() -> None:
    hour = Hour()
    alert = Alert(Severity.CRITICAL, "x", "fact", 7)
    hour.gate.remember(alert, now=1_000, told_ago=200, raised_ago=1_100)
    hour.tick(1_099)
    assert hour.left == []
    hour.tick(1_100)
    assert [each.alert.id for _, each in hour.left] == [7]
    assert "not acknowledged for 20 min" in hour.left[-1][1].alert.text
    hour.gate.acknowledged("x")
    hour.tick(2_000)
    assert len(hour.left) == 1


def test_a_test_always_passes() -> None:
    hour = Hour()
    for _ in range(50):
        assert hour.raise_(0, Severity.INFO, "test")
    assert hour.left[-1][1].is_for_all


def test_what_is_folded_is_told_when_the_process_ends() -> None:
    hour = Hour()
    hour.raise_(0, Severity.INFO)
    hour.raise_(1, Severity.INFO)
    assert hour.gate.due(2) == ()
    assert "1 x INFO x" in hour.gate.due(2, is_ending=True)[0].alert.text
    assert hour.gate.due(2, is_ending=True) == ()
