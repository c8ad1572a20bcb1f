"""The whole trader on an exchange that fails by plan, in-process: the books agree once it is over.

The faults are those of `sim serve --fault`, carried out by the transport instead of by sockets.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from requests.adapters import BaseAdapter
from tests.engine.stage import BTC, ETH, SOL, Stage, shipped, unknowns

from trader247.domain.reasons import HaltName
from trader247.engine.startup import folded
from trader247.simex.embedded import Embedded
from trader247.simex.faults.hands import Hands
from trader247.simex.faults.inside import Inside
from trader247.simex.faults.line import Line
from trader247.simex.faults.plan import Plan
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.transport import InProcess

CYCLES = 25
SETTLED_WITHIN = 15


def planned(exchange: Embedded, plan: Plan) -> BaseAdapter:
    """The exchange's own transport, with a plan of what goes wrong on it."""
    inner = exchange._exchange
    wire = Wire(inner, inside=Inside(plan, Hands(inner)))
    return InProcess(wire, Line(plan, lambda: inner.now_us))


@contextmanager
def staged(data: Path, template: Path, patch: pytest.MonkeyPatch, plan: Plan) -> Iterator[Stage]:
    shutil.copytree(template, data)
    stage = Stage(data, shipped(), patch)
    stage.adapter = lambda exchange: planned(exchange, plan)
    stage.start()
    try:
        yield stage
    finally:
        stage.abandon()


def weather(stage: Stage, dice: random.Random) -> None:
    """What the market does in the next minute."""
    product = dice.choice((BTC, ETH, SOL))
    moves: tuple[Callable[[], None], ...] = (
        lambda: stage.breakout(product),
        lambda: stage.dip(product),
        lambda: stage.fall(dice.choice(("1", "2", "3")), product),
        lambda: stage.fall("6", product),
    )
    dice.choices(moves, weights=(8, 6, 2, 1))[0]()


@pytest.mark.parametrize("seed", range(2))
def test_the_books_agree_after_the_worst_plan(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    plan = Plan()
    dice = random.Random(seed)
    with staged(tmp_path / "data", template, monkeypatch, plan) as stage:
        stage.position(dice.choice((BTC, ETH, SOL)))
        plan.change(Plan.parse(["hostile"]).rules, seed=seed)
        for number in range(CYCLES):
            weather(stage, dice)
            stage.cycle()
            stage.assert_orders_are_ours_once()
            if number % 8 == 7:
                stage.restart()
            for name in (HaltName.CRASH_LOOP, HaltName.RECONCILIATION_BREAK):
                stage.unlock(name)
        assert len(plan.told()) > 8
        plan.change((), seed=0)
        stage.cycle(SETTLED_WITHIN)
        assert not unknowns(stage.portfolio)
        assert not stage.portfolio.differences
        assert HaltName.INVARIANT not in stage.portfolio.halts
        assert stage.portfolio == folded(stage.trader.journal)
        stage.assert_books_agree()
