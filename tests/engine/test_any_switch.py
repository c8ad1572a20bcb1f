"""A client lives with every way in which Coinbase may behave: the whole trader, under each.

Under every pair of any two settings an order is sent, rests, fills and is booked, another one is
cancelled, the position is sold, and the books are those of the exchange, to the last digit.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from requests.adapters import BaseAdapter
from tests.engine.covering import alone, assignments, cover, pairs, settings
from tests.engine.stage import BTC, ETH, Stage, shipped

from trader247.domain.portfolio import Portfolio
from trader247.simex.door.limits import Limits
from trader247.simex.embedded import Embedded
from trader247.simex.switches import Switches
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.transport import InProcess

ROWS = cover(settings())
TRIED = [*ROWS, *(alone(settings()) if "LONG" in os.environ else [])]
"""With LONG=1 in the environment each setting that is not the default is also tried alone."""

SETTLED_WITHIN = 6
"""Minutes: what is hidden longest can be seen long before."""


def switched(exchange: Embedded, switches: Switches) -> BaseAdapter:
    """The exchange's own transport under these switches; time stands still between requests."""
    inner = exchange._exchange
    limits = Limits(switches, lambda: inner.now_us, is_led=lambda: True)
    return InProcess(Wire(inner, switches=switches, limits=limits))


def until(stage: Stage, is_so: Callable[[Portfolio], bool]) -> None:
    """Cycles until it is so."""
    for _ in range(SETTLED_WITHIN):
        if is_so(stage.portfolio):
            return
        stage.cycle()
    assert is_so(stage.portfolio)


def traded(stage: Stage) -> None:
    """A position that is bought and sold, and meanwhile an entry that is cancelled."""
    stage.entry(BTC)
    stage.dip(BTC)
    until(stage, lambda portfolio: BTC in portfolio.positions)
    entry = stage.entry(ETH)
    # Both at once: the position's stop is reached, and a fall like that ends every entry.
    stage.fall("6", BTC)
    until(stage, lambda portfolio: not portfolio.working and not portfolio.positions)
    assert stage.cancelled(entry)


@pytest.mark.parametrize("number", range(len(TRIED)))
def test_the_books_agree_under_every_pair_of_switches(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    switches = Switches.parse(assignments(TRIED[number]))
    data = tmp_path / "data"
    shutil.copytree(template, data)
    stage = Stage(data, shipped(), monkeypatch)
    stage.adapter = lambda exchange: switched(exchange, switches)
    stage.start()
    try:
        traded(stage)
        assert not stage.portfolio.differences
        assert not stage.portfolio.halts
        assert {each["side"] for each in stage.fills} == {"BUY", "SELL"}
        is_rounded = switches.wallet_digits == "ten"
        stage.assert_books_agree(Decimal("1e-10") * len(stage.fills) if is_rounded else Decimal(0))
    finally:
        stage.abandon()


def test_the_rows_have_every_pair_of_settings() -> None:
    switches = settings()
    met = set().union(*(pairs(row) for row in ROWS))
    for one, other in combinations(switches, 2):
        for a in switches[one]:
            for b in switches[other]:
                assert frozenset(((one, a), (other, b))) in met
    assert all(row.keys() == switches.keys() for row in ROWS)
    assert len(ROWS) < 30
    # Every setting is one that there is.
    assert all(Switches.parse(assignments(row)) for row in ROWS)
