"""What a newcomer sees first: the default market trades within minutes, and refuses, too."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.small_books import trader_in

from trader247.app.settings.app_file import AppSettings
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.orders import FillBooked
from trader247.domain.events.recorded import Recorded
from trader247.domain.orders import Side

AN_HOUR = 60
SOON = timedelta(minutes=20)
"""At `--speed 60`, twenty seconds of waiting."""


def test_the_shipped_file_and_the_code_name_the_same_market() -> None:
    shipped, coded = load_settings(SHIPPED).app, AppSettings()
    assert (shipped.sim_seed, shipped.sim_start) == (coded.sim_seed, coded.sim_start)


@pytest.mark.slow
def test_the_default_market_soon_shows_an_entry_an_exit_and_a_refusal(tmp_path: Path) -> None:
    settings = load_settings(SHIPPED).app
    trader = trader_in(tmp_path / "data", seed=settings.sim_seed)
    trader.startup.recover()
    trader.loop.run(cycles=AN_HOUR, until=None)
    events = tuple(trader.journal.events())
    portfolio = trader.ledger.portfolio
    trader.close(is_clean=True)

    first = [each for each in events if each.time - settings.sim_start <= SOON]
    assert sold_after_bought(first)
    refusals = {check.id for check in ALL_CHECKS} & reasons(first)
    assert refusals, "a check says no, with its reason"
    assert portfolio.halts == {}
    assert portfolio.breakers == {}


def sold_after_bought(events: list[Recorded]) -> bool:
    """Whether a product was bought, and sold later on."""
    fills = [each.event.fill for each in events if isinstance(each.event, FillBooked)]
    bought = {fill.product for fill in fills if fill.side is Side.BUY}
    return any(fill.side is Side.SELL and fill.product in bought for fill in fills)


def reasons(events: list[Recorded]) -> set[str]:
    """Every reason in which a product ended."""
    return {
        ending.reason
        for each in events
        if isinstance(each.event, CycleDecided)
        for ending in each.event.endings.values()
    }
