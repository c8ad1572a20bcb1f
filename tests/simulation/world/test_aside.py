"""Somebody who works beside the trader: one acts at a time, and both wait for the same time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from trader247.simulation.world.aside import Aside
from trader247.simulation.world.timeline import Timeline


@dataclass
class Still:
    """A market in which time passes, and nothing else."""

    now_us: int = 0

    def drift(self, to_us: int) -> None:
        self.now_us = to_us


def test_two_who_wait_take_turns_in_the_order_of_their_moments() -> None:
    timeline = Timeline(Still())
    aside, told = Aside(timeline), list[tuple[str, int]]()

    def work() -> None:
        for span_us in (30, 50):
            aside.run_to(aside.now_us + span_us)
            told.append(("beside", aside.now_us))

    aside.begin(work)
    assert told == [], "he waits from the first on"
    for _ in range(3):
        timeline.run_to(timeline.now_us + 40)
        told.append(("trader", timeline.now_us))
    assert told == [
        ("beside", 30),
        ("trader", 40),
        ("beside", 80),
        ("trader", 80),
        ("trader", 120),
    ]
    assert not aside.is_at_work


def test_what_he_puts_on_the_timeline_happens_in_the_traders_thread() -> None:
    timeline = Timeline(Still())
    aside, threads = Aside(timeline), list[threading.Thread]()

    def work() -> None:
        aside.after(10, lambda: threads.append(threading.current_thread()))
        aside.run_to(20)
        threads.append(threading.current_thread())

    aside.begin(work)
    timeline.run_to(30)
    here, there = threads
    assert here is threading.current_thread()
    assert there is not here


def test_what_goes_wrong_with_him_is_raised_where_the_trader_waits() -> None:
    timeline = Timeline(Still())
    aside = Aside(timeline)

    def work() -> None:
        aside.run_to(10)
        raise ArithmeticError("a promise was broken")

    aside.begin(work)
    with pytest.raises(ArithmeticError):
        timeline.run_to(20)
    assert not aside.is_at_work


def test_the_end_of_a_run_ends_him_amid_his_work() -> None:
    timeline = Timeline(Still())
    aside, done = Aside(timeline), list[str]()

    def work() -> None:
        try:
            aside.run_to(10)
            done.append("all of it")
        finally:
            done.append("let go")

    aside.begin(work)
    aside.end()
    timeline.run_to(20)
    assert done == ["let go"]
    assert not aside.is_at_work
