"""A whole trader on the embedded exchange, as `run` plugs it, with nobody around it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.settings.load import Settings, load_settings
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import simulated
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.ports import Alert, Command, Delivery

OnReport = Callable[[CycleReport, Instant], None]


class Nobody:
    """No stop, no post, and no one to tell."""

    def is_raised(self) -> bool:
        return False

    def raising(self) -> str:
        return ""

    def cause(self) -> str:
        return ""

    def acknowledged(self, code: str) -> None:
        """Nobody is told again."""

    def undeliverable(self) -> str:
        return ""

    def take_storm(self) -> str:
        return ""

    def keeps_sales(self) -> bool:
        return False

    def has_post(self) -> bool:
        return False

    def commands(self) -> Sequence[Command]:
        return ()

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        raise AssertionError(f"nobody asked: {command} {is_done} {text}")

    def deliveries(self) -> Sequence[Delivery]:
        return ()

    def send(self, alert: Alert) -> None:
        pass


@contextmanager
def trader(on_report: OnReport, *, products: int | None = None) -> Iterator[Trader]:
    """A trader with the shipped configuration on the default market, in a folder of its own.

    `products` keeps that many of the universe, in its order; None keeps them all.
    """
    settings = load_settings(None)
    if products is not None:
        settings = _with_products(settings, products)
    with opened(settings, on_report) as made:
        made.startup.recover()
        yield made


@contextmanager
def opened(settings: Settings, on_report: OnReport) -> Iterator[Trader]:
    """A trader that has not begun, on the market of its settings, in a folder of its own."""
    nobody = Nobody()
    with tempfile.TemporaryDirectory(prefix="trader247-bench-") as folder:
        made = simulated(
            settings,
            Places(Path(folder), Mode.PAPER, VenueName.SIM),
            Market(settings.app.sim_seed, settings.app.sim_start, None),
            Surroundings(nobody, nobody, nobody, on_report, lambda _, __: None),
            speed=None,
            interval=timedelta(seconds=60),
        )
        try:
            yield made
        finally:
            made.close(is_clean=True)


def _with_products(settings: Settings, count: int) -> Settings:
    universe = settings.policy.universe
    kept = set(universe.products[:count])
    tiers = tuple(
        replace(tier, products=tuple(each for each in tier.products if each in kept))
        for tier in universe.tiers
    )
    policy = replace(settings.policy, universe=replace(universe, tiers=tiers))
    return replace(settings, policy=policy)
