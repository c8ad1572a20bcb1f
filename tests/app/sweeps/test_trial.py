"""A process tries one set of values after the other: none may leave its whole run behind."""

from __future__ import annotations

import gc

from tests.backtest.markets import WARM_UP, busy, setup, walk

from trader247.app.sweeps.trial import tried
from trader247.backtest.fast import FastBacktest


def runs() -> int:
    return sum(isinstance(each, FastBacktest) for each in gc.get_objects())


def test_a_run_is_gone_once_it_was_tried() -> None:
    asked = setup([walk(1, WARM_UP + 60)], policy=busy())
    gc.collect()
    before, frozen = runs(), gc.get_freeze_count()
    for _ in range(2):
        assert tried(asked, {}).trades >= 0
    assert gc.get_freeze_count() <= frozen, "what is frozen is never looked through again"
    gc.collect()
    assert runs() == before
