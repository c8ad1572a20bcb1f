from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.domain.time import Instant
from trader247.ports import Clock

START = Instant.parse("2026-01-05T00:00:00Z")
MINUTE = timedelta(minutes=1)


@dataclass
class Machine:
    """Real time that passes only while somebody sleeps."""

    monotonic: int = 5_000_000_000
    wall: int = START.us * 1_000
    slept: list[float] = field(default_factory=list)
    wall_step: int = 0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.monotonic += round(seconds * 1e9)
        self.wall += round(seconds * 1e9) + self.wall_step
        self.wall_step = 0

    def system(self) -> SystemClock:
        return SystemClock(
            sleep=self.sleep, wall_ns=lambda: self.wall, monotonic_ns=lambda: self.monotonic
        )


@dataclass
class Exchange:
    time: Instant = START
    moves: list[Instant] = field(default_factory=list)

    def now(self) -> Instant:
        return self.time

    def advance(self, when: Instant) -> None:
        assert when > self.time
        self.moves.append(when)
        self.time = when


def paced(exchange: Exchange, machine: Machine, speed: str | None) -> PacedClock:
    return PacedClock(
        exchange.now,
        exchange.advance,
        None if speed is None else Decimal(speed),
        sleep=machine.sleep,
        monotonic_ns=lambda: machine.monotonic,
    )


def never() -> bool:
    return False


def after(calls: int) -> list[bool]:
    return [False] * calls + [True]


def test_both_are_clocks() -> None:
    clocks: list[Clock] = [Machine().system(), paced(Exchange(), Machine(), "1")]
    assert all(clock.monotonic() >= timedelta(0) for clock in clocks)


def test_the_system_clock_tells_the_machines_time() -> None:
    clock = Machine().system()
    assert clock.now() == START
    assert clock.monotonic() == timedelta(seconds=5)


def test_a_wait_is_cut_into_slices_of_at_most_250_ms() -> None:
    machine = Machine()
    assert machine.system().wait_until(START + timedelta(seconds=1.1), never)
    assert max(machine.slept) <= 0.25
    assert sum(machine.slept) == pytest.approx(1.1)


def test_a_wake_ends_the_wait_within_a_slice() -> None:
    machine, asked = Machine(), iter(after(2))
    assert not machine.system().wait_until(START + MINUTE, lambda: next(asked))
    assert machine.slept == [0.25, 0.25]


def test_an_instant_that_has_passed_is_reached_without_sleep() -> None:
    machine = Machine()
    assert machine.system().wait_until(START - MINUTE, never)
    assert machine.slept == []


def test_a_wall_clock_set_back_does_not_lengthen_the_wait() -> None:
    machine = Machine(wall_step=-3_600 * 10**9)
    assert machine.system().wait_until(START + timedelta(seconds=2), never)
    assert sum(machine.slept) == pytest.approx(2)


def test_a_wall_clock_set_forward_ends_the_wait() -> None:
    machine = Machine(wall_step=3_600 * 10**9)
    assert machine.system().wait_until(START + MINUTE, never)
    assert machine.slept == [0.25]


def test_a_paced_wait_takes_its_share_of_real_time_and_ends_exactly() -> None:
    exchange, machine = Exchange(), Machine()
    clock = paced(exchange, machine, "60")
    assert clock.wait_until(START + MINUTE, never)
    assert sum(machine.slept) == pytest.approx(1)
    assert max(machine.slept) <= 0.25
    assert exchange.moves == [START + MINUTE]
    assert clock.now() == START + MINUTE
    assert clock.monotonic() == MINUTE


def test_a_speed_may_be_below_one() -> None:
    machine = Machine()
    assert paced(Exchange(), machine, "0.5").wait_until(START + timedelta(seconds=1), never)
    assert sum(machine.slept) == pytest.approx(2)


def test_full_speed_asks_once_and_never_sleeps() -> None:
    exchange, machine, asked = Exchange(), Machine(), []

    def wake() -> bool:
        asked.append(1)
        return False

    assert paced(exchange, machine, None).wait_until(START + MINUTE, wake)
    assert (len(asked), machine.slept, exchange.moves) == (1, [], [START + MINUTE])


def test_full_speed_woken_does_not_move_the_exchange() -> None:
    exchange = Exchange()
    assert not paced(exchange, Machine(), None).wait_until(START + MINUTE, lambda: True)
    assert exchange.moves == []


def test_a_woken_wait_moves_the_exchange_by_the_time_waited() -> None:
    exchange, machine, asked = Exchange(), Machine(), iter(after(2))
    assert not paced(exchange, machine, "60").wait_until(START + MINUTE, lambda: next(asked))
    assert exchange.moves == [START + timedelta(seconds=30)]


def test_a_wake_that_comes_late_still_stops_short_of_the_instant() -> None:
    exchange, machine = Exchange(), Machine()

    def wake() -> bool:
        machine.monotonic += 10**12
        return True

    assert not paced(exchange, machine, "60").wait_until(START + MINUTE, wake)
    assert exchange.time < START + MINUTE


def test_waiting_for_now_does_not_move_the_exchange() -> None:
    exchange, machine = Exchange(), Machine()
    assert paced(exchange, machine, "60").wait_until(START, never)
    assert paced(exchange, machine, None).wait_until(START - MINUTE, never)
    assert (exchange.moves, machine.slept) == ([], [])


def test_a_wake_at_once_waits_for_nothing() -> None:
    exchange, machine = Exchange(), Machine()
    assert not paced(exchange, machine, "60").wait_until(START + MINUTE, lambda: True)
    assert (exchange.moves, machine.slept) == ([], [])


@pytest.mark.parametrize("speed", ["0", "-1", "NaN", "Infinity"])
def test_a_speed_not_above_zero_is_refused(speed: str) -> None:
    with pytest.raises(ValueError, match="speed"):
        paced(Exchange(), Machine(), speed)
