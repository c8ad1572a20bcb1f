"""Products measured side by side, and those that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.core.market_values import LAST_MINUTE, cut, walk
from tests.core.mind_values import mind_policy

from trader247.core.market.instruments import TOGETHER_MIN, instruments_of, measured, measured_each
from trader247.core.signals.panel import Panel
from trader247.core.signals.series import Series
from trader247.core.signals.signal import Gauge, Measured, Signal
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars


def products(count: int) -> dict[ProductId, Bars]:
    return {
        ProductId(f"P{seed:02}", "USD"): replace(walk(seed, 1560), end=LAST_MINUTE)
        for seed in range(count)
    }


def assert_as_alone(bars: dict[ProductId, Bars], **changes: Any) -> None:
    instruments = replace(instruments_of(mind_policy()), **changes)
    alone = {product: measured(each, instruments) for product, each in bars.items()}
    together = measured_each(bars, instruments)
    assert together == alone
    assert list(together) == list(alone)


def test_many_alike_are_measured_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    made = Panel.__init__

    def noting(panel: Panel, windows: Sequence[Bars]) -> None:
        seen.append(len(windows))
        made(panel, windows)

    monkeypatch.setattr(Panel, "__init__", noting)
    assert_as_alone(products(TOGETHER_MIN))
    assert_as_alone(products(TOGETHER_MIN - 1))
    assert seen == [TOGETHER_MIN]


def test_a_signal_by_itself_reads_as_it_does_among_all() -> None:
    instruments = instruments_of(mind_policy())
    bars = replace(walk(3, 1560), end=LAST_MINUTE)
    _, readings = measured(bars, instruments)
    assert [instruments.read(each.signal, bars) for each in readings] == list(readings)
    with pytest.raises(LookupError, match="no signal tea_leaves"):
        instruments.read("tea_leaves", bars)


def test_a_late_a_short_and_an_empty_window_are_measured_beside_the_others() -> None:
    bars = products(TOGETHER_MIN + 3)
    late, short, empty = list(bars)[:3]
    bars[late] = replace(bars[late], end=LAST_MINUTE - 1)
    bars[short] = cut(bars[short], 200, 1560)
    bars[empty] = cut(bars[empty], 0, 0)
    assert_as_alone(bars)


def test_absurd_figures_are_measured_by_whole_numbers_of_any_size() -> None:
    bars = products(TOGETHER_MIN + 2)
    priceless, loud = list(bars)[1:3]
    bars[priceless].low[1400] = 0
    bars[loud].volume[1559] = 2**62
    assert_as_alone(bars)
    for each in bars.values():
        each.low[0] = 0
    assert_as_alone(bars)


@dataclass(frozen=True, slots=True)
class Own(Signal):
    """A person's own: it decides as plain Python does, for one product."""

    id = "own"
    bars_needed = 10

    def measure(self, series: Series, at: Any) -> Measured:
        close = series.closes(at)
        share = 500_000_000 if close > 1_000_000 else 100_000_000
        return Measured(close > 1_000_000, share, share, (Gauge("close", close),))


def test_a_persons_own_signals_are_asked_of_one_product_at_a_time() -> None:
    signals = instruments_of(mind_policy()).signals
    assert_as_alone(products(TOGETHER_MIN), signals=(*signals, Own(), *signals[:1]))
