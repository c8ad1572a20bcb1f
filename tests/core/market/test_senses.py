"""A person's question measures each window once, and hears what a cycle would have been told."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.core.ledger_values import BTC
from tests.core.market_values import walk
from tests.core.mind_values import a_market, market_view, mind_policy, settled_portfolio

from trader247.core.decide import deliberate
from trader247.core.market import senses
from trader247.core.market.instruments import Instruments, Measures, measured
from trader247.core.market.senses import FRESH, OnceEach
from trader247.core.signals.price_move import PriceMove
from trader247.domain.market import Bars
from trader247.domain.money import Percent


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[Bars]:
    """The windows that were measured alone, in turn."""
    seen: list[Bars] = []

    def noting(bars: Bars, instruments: Instruments) -> Measures:
        seen.append(bars)
        return measured(bars, instruments)

    monkeypatch.setattr(senses, "measured", noting)
    return seen


@pytest.mark.parametrize("seed", range(4))
def test_what_is_measured_alone_is_what_a_cycle_measures_together(seed: int) -> None:
    wild = {
        name: market_view(replace(BTC, base=name), bars=walk(seed + place, 1560))
        for place, name in enumerate(("BTC", "ETH", "SOL"))
    }
    market = a_market(**wild)
    asked = market, settled_portfolio(), mind_policy()
    assert deliberate(*asked, OnceEach()) == deliberate(*asked, FRESH)


def test_a_window_is_measured_once_and_a_changed_one_anew(windows: list[Bars]) -> None:
    market, ours = a_market(), OnceEach()
    ask: Callable[..., object] = deliberate
    first = ask(market, settled_portfolio(), mind_policy(), ours)
    count = len(windows)
    assert count == len(market.views)
    assert ask(market, settled_portfolio(), mind_policy(), ours) == first
    assert len(windows) == count
    view = market.views[BTC]
    assert view.bars is not None
    moved = replace(view.bars, close=array("q", [*view.bars.close[:-1], view.bars.close[-1] + 1]))
    views = {**market.views, BTC: replace(view, bars=moved)}
    ask(replace(market, views=views), settled_portfolio(), mind_policy(), ours)
    assert windows[count:] == [moved]


def test_other_thresholds_measure_anew(windows: list[Bars]) -> None:
    market, ours = a_market(), OnceEach()
    deliberate(market, settled_portfolio(), mind_policy(), ours)
    count = len(windows)
    other = mind_policy(signals={"price_move": PriceMove(return_15_min_pct=Percent(Decimal(1)))})
    assert deliberate(market, settled_portfolio(), other, ours) == deliberate(
        market, settled_portfolio(), other
    )
    assert len(windows) == 2 * count
