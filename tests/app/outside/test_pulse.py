"""Whether a trader lives, as its files tell."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.views.test_news import a_report
from tests.core.ledger_values import after, opened

from trader247.adapters.clock import SystemClock
from trader247.adapters.heartbeat import FILE, Heartbeat
from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.outside.pulse import SPARE, Countdown, Life, Pulse, life_of, real_time
from trader247.domain.reports import Collected
from trader247.domain.time import Instant

MINUTE = timedelta(minutes=1)


def now() -> Instant:
    """The machine's time when a test runs: what is read beside it counts ages from then."""
    return SystemClock().now()


def a_pulse(
    data: Path,
    *,
    speed: Decimal | None = Decimal(1),
    is_once: bool = False,
    at: Instant | None = None,
) -> Pulse:
    return Pulse(
        Heartbeat(data, lambda: at or now()),
        book="paper-sim",
        interval=MINUTE,
        speed=speed,
        is_once=is_once,
    )


def beaten(data: Path, **settings: object) -> Life:
    a_pulse(data, **settings).beat(a_report(opened()), after(125))  # type: ignore[arg-type]  # forwarded
    return life_of(data)


def test_a_folder_without_a_trader_tells_nothing(tmp_path: Path) -> None:
    life = life_of(tmp_path)
    assert life.holder is None
    assert life.is_alive is False
    assert life.age is None
    assert not life.is_fresh
    assert not life.is_of("paper-sim")


def test_a_heartbeat_tells_when_the_next_one_is_due(tmp_path: Path) -> None:
    guard = InstanceGuard(tmp_path)
    guard.take(since=str(now()), book="paper-sim")
    life = beaten(tmp_path)
    guard.release()
    assert life.is_alive is True
    assert life.is_fresh
    assert life.interval == MINUTE
    assert life.next_cycle == timedelta(seconds=65)
    assert life.next_in is not None
    assert life.next_in <= timedelta(seconds=65)
    assert life.is_of("paper-sim")
    assert not life.is_of("dry_run-sim")


@pytest.mark.parametrize(
    ("speed", "interval"),
    [(Decimal(60), timedelta(seconds=1)), (Decimal("0.5"), 2 * MINUTE), (None, timedelta(0))],
)
def test_an_interval_is_of_real_time(
    speed: Decimal | None, interval: timedelta, tmp_path: Path
) -> None:
    assert beaten(tmp_path, speed=speed).interval == interval


def test_single_cycles_are_awaited_by_the_interval_in_real_time(tmp_path: Path) -> None:
    life = beaten(tmp_path, speed=None, is_once=True)
    assert life.is_once
    assert life.interval == MINUTE


@pytest.mark.parametrize(("seconds", "is_fresh"), [(179, True), (181, False)])
def test_a_heartbeat_is_fresh_for_two_intervals_and_a_minute(
    seconds: int, is_fresh: bool, tmp_path: Path
) -> None:
    life = beaten(tmp_path, at=SystemClock().now() - timedelta(seconds=seconds))
    assert life.age_max == 2 * MINUTE + SPARE
    assert life.is_fresh is is_fresh


@pytest.mark.parametrize(("ahead", "is_fresh"), [(4, True), (6, False), (172_800, False)])
def test_a_heartbeat_of_a_time_to_come_tells_no_age(
    ahead: int, is_fresh: bool, tmp_path: Path
) -> None:
    """The clock was set back: a trader that hangs since would be well until it is that late."""
    life = beaten(tmp_path, at=SystemClock().now() + timedelta(seconds=ahead))
    assert life.is_fresh is is_fresh
    assert life.is_to_come is not is_fresh
    assert life.age == (timedelta(0) if is_fresh else None)


def test_an_end_is_told(tmp_path: Path) -> None:
    pulse = a_pulse(tmp_path)
    pulse.beat(a_report(opened(), cycle=3), after(125))
    pulse.ended("the time asked for is over")
    life = life_of(tmp_path)
    assert life.ended == "the time asked for is over"
    assert life.cycle == 3
    assert life.next_in is None


def test_a_trader_that_starts_has_not_ended_because_the_last_one_had(tmp_path: Path) -> None:
    a_pulse(tmp_path).ended("5 cycles done")
    body = json.loads((tmp_path / FILE).read_bytes())
    (tmp_path / FILE).write_text(json.dumps({**body, "pid": 1}))
    guard = InstanceGuard(tmp_path)
    guard.take(since=str(now()), book="dry_run-sim")
    life = life_of(tmp_path)
    assert life.ended == ""
    assert life.next_in is None
    assert life.is_of("dry_run-sim")


def test_what_the_last_reconciliation_found_is_told(tmp_path: Path) -> None:
    a_pulse(tmp_path).beat(a_report(opened(), collected=Collected(error="timed out")), after(125))
    life = life_of(tmp_path)
    assert life.reconciliation_error == "timed out"
    assert life.breaks == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"wall_time": 3, "interval_s": "x", "breaks": "1", "cycle": null}']
)
def test_a_heartbeat_that_makes_no_sense_tells_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    life = life_of(tmp_path)
    assert (life.age, life.interval, life.breaks, life.cycle) == (None, None, None, None)
    assert not life.is_fresh


def test_market_time_is_real_time_at_its_speed() -> None:
    assert real_time(MINUTE, Decimal(60)) == timedelta(seconds=1)
    assert real_time(MINUTE, None) == timedelta(0)


def test_a_countdown_ends_at_nothing() -> None:
    assert Countdown.begun(-MINUTE).left == timedelta(0)
    assert timedelta(seconds=59) < Countdown.begun(MINUTE).left <= MINUTE
