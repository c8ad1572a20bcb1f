"""Small books for tests of what looks at them: traded on a simulated market, without waiting."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import simulated
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.ports import Alert, Command, Delivery

SEED = 7


class NoStop:
    """A kill switch that is off."""

    def is_raised(self) -> bool:
        return False

    def raising(self) -> str:
        return ""

    def cause(self) -> str:
        return "the kill switch is on"

    def keeps_sales(self) -> bool:
        return False


class NoPost:
    """An inbox in which nothing waits."""

    def has_post(self) -> bool:
        return False

    def commands(self) -> Sequence[Command]:
        return ()

    def answer(self, command: Command, *, is_done: bool, text: str) -> None: ...

    def deliveries(self) -> Sequence[Delivery]:
        return ()


@dataclass
class Told:
    """Alerts, kept."""

    alerts: list[Alert] = field(default_factory=list)

    def send(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def acknowledged(self, code: str) -> None:
        """Nobody is told again."""

    def undeliverable(self) -> str:
        return ""

    def take_storm(self) -> str:
        return ""


def trader_in(data: Path, *, seed: int = SEED) -> Trader:
    """A trader on the shipped policy, whose time passes when it waits."""
    data.mkdir(mode=0o700, exist_ok=True)
    settings = load_settings(SHIPPED)
    return simulated(
        settings,
        Places(data, Mode.PAPER, VenueName.SIM),
        Market(seed, settings.app.sim_start, None),
        Surroundings(NoStop(), NoPost(), Told(), _ignore, lambda is_clear, kept: None),
        speed=None,
        interval=timedelta(seconds=60),
    )


def trade(data: Path, cycles: int, *, seed: int = SEED) -> None:
    """Run some cycles, and end as one should."""
    trader = trader_in(data, seed=seed)
    trader.startup.recover()
    trader.loop.run(cycles=cycles, until=None)
    trader.close(is_clean=True)


def copied(book: Path, to: Path) -> Path:
    """The same book in another folder, for a test that changes it."""
    shutil.copytree(book, to, dirs_exist_ok=True)
    return to


def _ignore(report: CycleReport, due: Instant) -> None: ...
