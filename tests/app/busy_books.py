"""Books in which much happens in a few hundred cycles: entries, exits, halts, breakers, cancels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from tests.app.small_books import Told
from tests.made_for_all import made_for_all

from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.settings.load import Settings, load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import simulated
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.ports import Command, CommandKind, Delivery

RESTLESS = {
    "daily_stop_pnl_pct": "-0.3",
    "move_major_pct": "1",
    "move_other_pct": "1",
    "seconds_between": "1",
    "per_hour": "60",
    "per_day": "500",
    "product_minutes": "1",
    "fill_minutes": "1",
    "loss_minutes": "1",
    "stop_minutes": "1",
    "stops_hours": "1",
    "move_minutes": "1",
    "velocity_minutes": "60",
    "bought_pct": "300",
    "fees_pct": "3",
    "closes_max": "10",
    "minutes": "1",
    "stop_pct": "0.5",
    "target_pct": "1.5",
    "hours_max": "1",
    "return_15_min_pct": "0.3",
    "return_24_h_pct": "0.3",
    "score_min": "0.05",
    "triggers_max": "20",
    "cycle_max": "5",
}
"""Settings under which the shipped policy hardly waits: thin stops and targets, no pauses."""

EVENTFUL_CYCLES = 40


def restless(folder: Path, **changes: str) -> Settings:
    """The shipped configuration with those settings, written to `folder` and read from there.

    `changes` are more of them, by key.
    """
    folder.mkdir(exist_ok=True)
    for source in SHIPPED.glob("*.yaml"):
        text = source.read_text(encoding="utf-8")
        if source.name == "policy.yaml":
            for key, value in {**RESTLESS, **changes}.items():
                text, count = re.subn(rf"(?m)^( +{key}: )\S+", rf"\g<1>{value}", text)
                assert count, f"policy.yaml has a {key}"
        (folder / source.name).write_text(text, encoding="utf-8")
    return load_settings(folder)


@dataclass
class Interrupted:
    """A person: says at which look at the post something is asked, and raises the kill switch.

    `asked` maps the number of a look to a request; the switch is on between two looks.
    """

    asked: dict[int, CommandKind] = field(default_factory=dict)
    switch: tuple[int, int] = (0, 0)
    looks: int = 0

    def is_raised(self) -> bool:
        return self.switch[0] <= self.looks < self.switch[1]

    def raising(self) -> str:
        return "raised" if self.is_raised() else ""

    def cause(self) -> str:
        return "the kill switch is on"

    def keeps_sales(self) -> bool:
        return False

    def has_post(self) -> bool:
        return False

    def commands(self) -> Sequence[Command]:
        self.looks += 1
        kind = self.asked.get(self.looks)
        arguments = {"reason": "a test", "operator": "a person", "name": "daily_stop"}
        return () if kind is None else (Command(str(self.looks), kind, arguments),)

    def answer(self, command: Command, *, is_done: bool, text: str) -> None: ...

    def deliveries(self) -> Sequence[Delivery]:
        return ()


def meddling() -> Interrupted:
    """A person who pauses and resumes all the time, and once raises the kill switch."""
    asked = dict.fromkeys(range(20, 400, 30), CommandKind.PAUSE)
    asked |= {look + 5: CommandKind.RESUME for look in asked}
    asked |= {look + 12: CommandKind.CLEAR_HALT for look in range(20, 400, 30)}
    return Interrupted({**asked, 131: CommandKind.RELEASE_KILL}, (121, 130))


def busy_trader(
    data: Path, settings: Settings, *, seed: int, person: Interrupted | None = None
) -> Trader:
    """A trader on the synthetic market of `seed`, whose time passes when it waits."""
    data.mkdir(mode=0o700, exist_ok=True)
    who = person or Interrupted()
    return simulated(
        settings,
        Places(data, Mode.PAPER, VenueName.SIM),
        Market(seed, settings.app.sim_start, None),
        Surroundings(who, who, Told(), _ignore, lambda is_clear, kept: None),
        speed=None,
        interval=timedelta(seconds=60),
    )


def busy(data: Path, settings: Settings, *, seed: int, cycles: int) -> Portfolio:
    """Trade some restless cycles, meddled with; answers the ledger as it was left."""
    trader = busy_trader(data, settings, seed=seed, person=meddling())
    trader.startup.recover()
    trader.loop.run(cycles=cycles, until=None)
    trader.close(is_clean=True)
    return trader.ledger.portfolio


@cache
def eventful_book() -> Path:
    """The data folder of a busy book, the same for all tests. Never change it: copy it."""
    return made_for_all("eventful", _fill)


def _fill(data: Path) -> None:
    settings = restless(data.with_name("config"))
    busy(data, settings, seed=11, cycles=EVENTFUL_CYCLES)


def _ignore(report: CycleReport, due: Instant) -> None: ...
