"""Whoever is refused waits before he asks again, and takes away what he was answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trader247.adapters.inbox import FOLDER, FileInbox
from trader247.domain.portfolio import Halt, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant
from trader247.ports import CommandKind
from trader247.simulation.mishaps.people import People
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.timeline import Timeline

BREAK = HaltName.RECONCILIATION_BREAK


@dataclass
class Still:
    """A market in which time passes, and nothing else."""

    now_us: int = 0

    def drift(self, to_us: int) -> None:
        self.now_us = to_us


class Refusing:
    """A trader that stands halted, and refuses whatever it is asked."""

    def __init__(self, data: Path) -> None:
        self.timeline = Timeline(Still())
        self.since = Instant(0)
        self.inbox = FileInbox(data)
        self.people = People(
            Dice(3, "people"),
            self.timeline,
            data,
            books=lambda: Portfolio(halts={BREAK: Halt(BREAK, "cash differs", self.since)}),
            tell=lambda _: None,
            now=lambda: Instant(self.timeline.now_us),
        )
        self.people.begin()

    def asked_within(self, minutes: int) -> int:
        """How often somebody tried to clear it: each time he explains what differs."""
        count, end_us = 0, self.timeline.now_us + minutes * 60_000_000
        while self.timeline.now_us < end_us:
            self.timeline.step(end_us)
            for command in self.inbox.commands():
                self.inbox.answer(command, is_done=False, text="it cannot be")
                count += command.kind is CommandKind.ACCEPT_MOVEMENT
        return count


def test_who_is_refused_waits_longer_each_time(tmp_path: Path) -> None:
    trader = Refusing(tmp_path)
    assert trader.asked_within(20) <= 5
    assert 10 <= trader.asked_within(180) <= 16
    trader.since = Instant(trader.timeline.now_us)  # another break, which may well be let go
    assert trader.asked_within(60) >= 4


def test_in_peace_he_asks_at_each_look(tmp_path: Path) -> None:
    trader = Refusing(tmp_path)
    trader.asked_within(60)
    trader.people.forget()
    assert trader.asked_within(10) >= 10


def test_answers_do_not_pile_up(tmp_path: Path) -> None:
    trader = Refusing(tmp_path)
    trader.people.forget()
    assert trader.asked_within(60) > 60
    assert len(list((tmp_path / FOLDER).iterdir())) <= 2
