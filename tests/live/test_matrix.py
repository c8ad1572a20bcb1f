"""Of all combinations of what LIVE takes, only the complete one sends an order.

Each runs the whole program against one served exchange, which counts what it was sent.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import pytest
from tests.live.rehearsal import ACCOUNT, Rehearsal, rehearsing

from trader247.app import arming, confirming, trading
from trader247.app.choice import Choice
from trader247.app.modes import Mode
from trader247.app.trading import Plan
from trader247.domain.errors import Trader247Error
from trader247.domain.reports import CycleReport

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Has:
    """Which of the things are there."""

    is_asked: bool
    is_configured: bool
    is_writable: bool
    has_alerts: bool
    has_evidence: bool
    has_key: bool
    is_armed: bool

    @property
    def is_complete(self) -> bool:
        return all(astuple(self))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A rehearsal in which nothing is missing."""
    with rehearsing(tmp_path_factory.mktemp("matrix")) as running:
        arming.arm(running.choice, lambda _: ACCOUNT)
        yield running


def without(ready: Rehearsal, has: Has, folder: Path) -> Choice:
    """The rehearsal's files beside each other, but for what is missing."""
    data, config = folder / "data", folder / "config"
    data.mkdir(mode=0o700)
    shutil.copytree(ready.config, config)
    names = ["served-sim.tls"]
    names += ["paper-sim.db"] if has.has_evidence else []
    names += ["live-sim.db"] if has.is_armed else []
    for name in names:
        for path in ready.data.glob(f"{name}*"):
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, data / path.name)
    here = Rehearsal(data, config, ready.port)
    here.say(
        mode="LIVE" if has.is_configured else "PAPER",
        read_only=str(not has.is_writable).lower(),
        alerts_enabled=str(has.has_alerts).lower(),
    )
    key = "key.json" if has.has_key else "key-transfer.json"
    return replace(
        here.choice,
        mode=Mode.LIVE if has.is_asked else None,
        key_file=data / "served-sim.tls" / key,
    )


def traded(choice: Choice) -> list[CycleReport]:
    """Trade, saying yes to whatever is asked."""
    reports: list[CycleReport] = []

    def report(done: CycleReport, _: object) -> None:
        reports.append(done)

    for _ in range(2):
        trading.run(choice, Plan(cycles=2, speed=None), on_opening=lambda _: None, on_report=report)
        if choice.mode is Mode.LIVE:
            for question in confirming.waiting(choice).questions:
                confirming.confirm(choice, question.id)
    return reports


def test_only_the_complete_combination_sends(ready: Rehearsal, tmp_path: Path) -> None:
    both = [Has(True, True, *flags) for flags in itertools.product([True, False], repeat=5)]
    one = [Has(True, False, *[True] * 5), Has(False, True, *[True] * 5)]
    for number, has in enumerate([*one, *both]):
        if has.is_complete:
            continue
        choice = without(ready, has, _made(tmp_path / str(number)))
        with pytest.raises(Trader247Error):
            traded(choice)
    assert ready.orders_at_the_exchange == 0
    complete = Has(*[True] * 7)
    reports = traded(without(ready, complete, _made(tmp_path / "complete")))
    sent = sum(each.orders_sent for each in reports)
    assert sent > 0
    assert ready.orders_at_the_exchange == sent


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
