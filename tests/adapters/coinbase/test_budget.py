from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock

from trader247.adapters.coinbase.budget import SLICE, RateBudget
from trader247.domain.errors import RateLimited, ReadAborted
from trader247.domain.time import Instant


class Stop:
    def __init__(self) -> None:
        self.is_raised = False


def budget(
    clock: ScriptedClock, stop: Stop | None = None, reads: int = 5, cancels: int = 5
) -> RateBudget:
    signal = stop or Stop()
    return RateBudget(
        clock=clock,
        is_stopped=lambda: signal.is_raised,
        reads_per_second=reads,
        cancels_per_second=cancels,
    )


def test_a_seconds_worth_of_reads_goes_at_once_and_the_rest_waits() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    for _ in range(5):
        allowance.take_read()
    assert clock.waits == []
    for _ in range(10):
        allowance.take_read()
    assert clock.passed == timedelta(seconds=2)


def test_reads_never_exceed_their_rate_in_the_long_run() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    for _ in range(105):
        allowance.take_read()
    assert clock.passed >= timedelta(seconds=20)


def test_waits_are_slices_of_at_most_a_quarter_second() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, reads=1)
    allowance.take_read()
    allowance.take_read()
    assert clock.waits == [SLICE] * 4


def test_a_stop_raised_while_waiting_aborts_the_read() -> None:
    stop = Stop()

    class StoppingClock(ScriptedClock):
        def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
            stop.is_raised = len(self.waits) == 1
            return super().wait_until(when, wake)

    clock = StoppingClock()
    allowance = budget(clock, stop, reads=1)
    allowance.take_read()
    with pytest.raises(ReadAborted):
        allowance.take_read()
    assert clock.passed <= timedelta(milliseconds=500)


def test_a_stop_raised_before_does_not_abort_what_closing_down_reads() -> None:
    stop = Stop()
    stop.is_raised = True
    allowance = budget(ScriptedClock(), stop, reads=1)
    allowance.take_read()
    allowance.take_read()


def test_an_order_without_room_has_no_leave_and_does_not_wait() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, reads=1)
    assert allowance.take_order()
    assert not allowance.take_order()
    assert clock.waits == []
    clock.passed += timedelta(seconds=1)
    assert allowance.take_order()


def test_reads_cannot_delay_a_cancel() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    for _ in range(5):
        allowance.take_read()
    allowance.take_cancel()
    assert clock.waits == []


def test_a_cancel_goes_at_last_whatever_the_allowance() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, cancels=1)
    for _ in range(10):
        before = clock.passed
        allowance.take_cancel()
        assert clock.passed - before <= timedelta(seconds=2)


def test_a_rate_limit_holds_reads_off_longer_each_time() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    pauses = []
    for _ in range(3):
        allowance.limited()
        before = clock.passed
        allowance.take_read()
        pauses.append(clock.passed - before)
    assert pauses == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)]
    allowance.answered()
    allowance.limited()
    before = clock.passed
    allowance.take_read()
    assert clock.passed - before <= timedelta(seconds=1)


def test_a_wait_beyond_its_bound_is_a_typed_error_at_once() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    for _ in range(5):
        allowance.limited()
    with pytest.raises(RateLimited):
        allowance.take_read()
    assert clock.waits == []


def test_a_rate_below_one_is_no_rate() -> None:
    with pytest.raises(ValueError, match="at least one"):
        budget(ScriptedClock(), reads=0)
