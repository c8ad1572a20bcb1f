from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock

from trader247.adapters.coinbase.budget import SLICE, RateBudget, retry_after
from trader247.domain.errors import RateLimited, ReadAborted
from trader247.domain.time import Instant


class Stop:
    def __init__(self) -> None:
        self.is_raised = False


def budget(
    clock: ScriptedClock,
    stop: Stop | None = None,
    reads: int = 5,
    cancels: int = 5,
    kept: int = 0,
) -> RateBudget:
    signal = stop or Stop()
    return RateBudget(
        clock=clock,
        is_stopped=lambda: signal.is_raised,
        reads_per_second=reads,
        cancels_per_second=cancels,
        kept_for_orders=kept,
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


def test_no_second_however_it_is_cut_holds_more_than_its_share() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    went: list[timedelta] = []
    for pause in [0, 900, 0, 300, 1700, 50] * 10:
        clock.passed += timedelta(milliseconds=pause)
        for _ in range(7):
            allowance.take_read()
            went.append(clock.monotonic())
    for at in went:
        assert sum(at <= each < at + timedelta(seconds=1) for each in went) <= 5


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


def test_a_read_looks_at_the_stop_only_while_it_waits_twice_a_slice_at_most() -> None:
    clock, looks = ScriptedClock(), list[timedelta]()

    def is_stopped() -> bool:
        looks.append(clock.passed)
        return False

    allowance = RateBudget(
        clock=clock, is_stopped=is_stopped, reads_per_second=1, cancels_per_second=1
    )
    allowance.take_read()
    assert looks == []
    allowance.take_read()
    assert len(clock.waits) == 4
    assert 4 <= len(looks) <= 8


def test_an_order_without_room_has_no_leave_and_does_not_wait() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, reads=1)
    assert allowance.take_order()
    assert not allowance.take_order()
    assert clock.waits == []
    clock.passed += timedelta(seconds=1)
    assert allowance.take_order()


def test_no_number_of_reads_uses_up_what_is_kept_for_orders() -> None:
    """A cycle without a stream asks for all of its products in the same second as it orders."""
    clock = ScriptedClock()
    allowance = budget(clock, reads=15, kept=3)
    went: list[timedelta] = []
    for _ in range(20):
        for _ in range(29):
            allowance.take_read()
            went.append(clock.monotonic())
        before = clock.passed
        for _ in range(3):
            assert allowance.take_order()
            went.append(clock.monotonic())
        assert clock.passed == before, "an order waited"
    for at in went:
        assert sum(at <= each < at + timedelta(seconds=1) for each in went) <= 15


def test_orders_beyond_what_is_kept_for_them_have_no_leave() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, kept=2)
    for _ in range(5):
        allowance.take_read()
    assert clock.passed == timedelta(seconds=1), "the fourth read waited for its own share"
    clock.passed += timedelta(seconds=1)
    assert [allowance.take_order() for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.parametrize("paced", [1, 2, 3, 4, 7])
def test_what_is_kept_for_orders_leaves_reads_half_of_a_lowered_limit(paced: int) -> None:
    clock = ScriptedClock()
    reader, trader = following(clock, kept=3), following(clock, kept=3)
    reads = paced - min(3, paced // 2)
    for allowance in (reader, trader):
        allowance.told(telling(2 * paced, 2 * paced))
        assert seconds_for(allowance, clock, reads) == 0
    assert [trader.take_order() for _ in range(4)].count(True) == paced - reads
    assert seconds_for(reader, clock, 1) == 1


def test_what_is_kept_for_orders_does_not_outlast_the_venue_s_refusal() -> None:
    clock = ScriptedClock()
    allowance = budget(clock, kept=2)
    allowance.limited()
    assert not allowance.take_order()
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


def a_minutes_cancels(clock: ScriptedClock, stop: Stop | None = None, most: int = 30) -> RateBudget:
    signal = stop or Stop()
    return RateBudget(
        clock=clock,
        is_stopped=lambda: signal.is_raised,
        reads_per_second=5,
        cancels_per_second=1000,
        cancels_per_minute=most,
    )


def test_thirty_cancels_go_at_once_and_the_next_ones_wait_for_one_another() -> None:
    clock = ScriptedClock()
    clock.passed = timedelta(hours=3)
    allowance = a_minutes_cancels(clock)
    began = clock.passed
    for _ in range(30):
        allowance.take_cancel()
    assert clock.passed == began
    allowance.take_cancel()
    assert clock.passed - began == timedelta(seconds=2)
    for _ in range(28):
        allowance.take_cancel()
    assert clock.passed - began == timedelta(seconds=58)
    clock.passed += timedelta(minutes=1)
    began = clock.passed
    for _ in range(30):
        allowance.take_cancel()
    assert clock.passed == began, "a minute without one fills the bucket again"


def test_a_storm_of_cancels_comes_down_to_its_rate() -> None:
    clock = ScriptedClock()
    allowance = a_minutes_cancels(clock, most=20)
    for _ in range(20 + 20 * 10):
        allowance.take_cancel()
    assert clock.passed == timedelta(minutes=10)


def test_a_stops_cancels_wait_for_no_token_and_use_none_up() -> None:
    clock, stop = ScriptedClock(), Stop()
    allowance = a_minutes_cancels(clock, stop)
    for _ in range(30):
        allowance.take_cancel()
    stop.is_raised = True
    for _ in range(100):
        allowance.take_cancel()
    assert clock.passed == timedelta(0)
    stop.is_raised = False
    allowance.take_cancel()
    assert clock.passed == timedelta(seconds=2)


def test_a_stop_that_is_raised_while_a_cancel_waits_lets_it_go() -> None:
    stop = Stop()

    class StoppingClock(ScriptedClock):
        def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
            stop.is_raised = len(self.waits) == 2
            return super().wait_until(when, wake)

    clock = StoppingClock()
    allowance = a_minutes_cancels(clock, stop)
    for _ in range(31):
        allowance.take_cancel()
    assert clock.passed < timedelta(seconds=1)


def test_a_minute_without_any_cancel_is_no_rate() -> None:
    with pytest.raises(ValueError, match="at least one"):
        a_minutes_cancels(ScriptedClock(), most=0)


def test_chance_adds_up_to_a_quarter_to_each_pause_after_a_refusal() -> None:
    clock, asked = ScriptedClock(), list[int]()

    def chance(count: int) -> float:
        asked.append(count)
        return 0.5 if count == 1 else 0.0

    allowance = RateBudget(
        clock=clock,
        is_stopped=lambda: False,
        reads_per_second=5,
        cancels_per_second=5,
        jitter=chance,
    )
    pauses = []
    for _ in range(2):
        allowance.limited()
        before = clock.passed
        allowance.take_read()
        pauses.append(clock.passed - before)
        allowance.answered()
    assert pauses == [timedelta(seconds=1.125), timedelta(seconds=1)]
    assert asked == [1, 2]


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


def telling(limit: object, remaining: object = None, reset: object = None) -> dict[str, str]:
    said = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"x-ratelimit-{name}": str(each) for name, each in said.items() if each is not None}


def following(
    clock: ScriptedClock, reads: int = 15, share_of: int = 2, kept: int = 0
) -> RateBudget:
    return RateBudget(
        clock=clock,
        is_stopped=lambda: False,
        reads_per_second=reads,
        cancels_per_second=10,
        share_of=share_of,
        kept_for_orders=kept,
    )


def seconds_for(allowance: RateBudget, clock: ScriptedClock, count: int) -> float:
    began = clock.passed
    for _ in range(count):
        allowance.take_read()
    return (clock.passed - began).total_seconds()


def test_a_limit_that_the_venue_lowered_is_followed_and_one_that_it_raised_is_not() -> None:
    clock = ScriptedClock()
    allowance = following(clock)
    allowance.told(telling(10, 10))
    assert seconds_for(allowance, clock, 55) == pytest.approx(10, abs=0.3)
    allowance.told(telling(1000, 1000))
    seconds_for(allowance, clock, 15)
    assert seconds_for(allowance, clock, 150) == pytest.approx(10, abs=0.3)


@pytest.mark.parametrize(
    ("share_of", "left", "waits"), [(2, 8, 0), (2, 7, 1), (4, 16, 0), (4, 15, 1)]
)
def test_little_that_is_left_is_left_to_cancels_and_a_command_makes_way_first(
    share_of: int, left: int, waits: int
) -> None:
    clock = ScriptedClock()
    allowance = following(clock, reads=7, share_of=share_of)
    allowance.told(telling(30, left, 1))
    assert seconds_for(allowance, clock, 1) == waits
    began = clock.passed
    allowance.told(telling(30, 0, 9))
    allowance.take_cancel()
    assert clock.passed == began
    assert not allowance.take_order()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        telling("", ""),
        telling("x", "y", "z"),
        telling(0, 0),
        telling(-5, 0),
        telling("\u0663", "\u0660"),
        telling("9" * 50, 0),
        telling("1e3", 0),
        telling(30, "nan"),
        {"x-ratelimit-remaining": "0"},
    ],
)
def test_headers_that_say_nothing_change_nothing(headers: dict[str, str]) -> None:
    clock = ScriptedClock()
    allowance = following(clock)
    allowance.told(headers)
    assert seconds_for(allowance, clock, 15) == 0


@pytest.mark.parametrize("reset", [None, "0", "1700000000", "junk", "-1"])
def test_a_reset_that_is_no_short_span_is_taken_for_a_second(reset: str | None) -> None:
    clock = ScriptedClock()
    allowance = following(clock)
    allowance.told(telling(30, 0, reset))
    assert seconds_for(allowance, clock, 1) == 1


def test_the_venue_s_own_wait_is_kept_up_to_a_bound() -> None:
    clock = ScriptedClock()
    allowance = budget(clock)
    allowance.limited(retry_after({"retry-after": "7"}))
    assert seconds_for(allowance, clock, 1) == 7
    assert retry_after({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) == timedelta(0)
    allowance = budget(clock)
    allowance.limited(retry_after({"retry-after": "999999"}))
    with pytest.raises(RateLimited):
        allowance.take_read()


def test_processes_on_one_key_stay_under_its_limit_and_leave_room_for_cancels() -> None:
    """A trader, a command and a stranger who takes a third, on a key of 30 a second."""
    clock = ScriptedClock()
    trader, command = following(clock), following(clock, reads=7, share_of=4)
    taken: list[timedelta] = []
    least = 30

    def ask(allowance: RateBudget | None) -> None:
        nonlocal least
        if allowance is not None:
            allowance.take_read()
        now = clock.monotonic()
        taken[:] = [at for at in taken if now - at < timedelta(seconds=1)]
        taken.append(now)
        least = min(least, 30 - len(taken))
        if allowance is not None:
            allowance.told(telling(30, max(0, 30 - len(taken)), 1))

    for _ in range(200):
        for _ in range(3):
            ask(trader)
        ask(command)
        ask(None)
    assert clock.passed > timedelta(seconds=20)
    assert least >= 5, "no room for a cancel was left"


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = ScriptedClock()
    allowance = following(clock, reads=7)
    allowance.limited(timedelta(seconds=8))
    allowance.told(telling(30, 0, 1))
    assert seconds_for(allowance, clock, 1) == pytest.approx(8, abs=0.3)
