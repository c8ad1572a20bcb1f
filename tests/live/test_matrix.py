"""Of all combinations of what LIVE takes, only the complete one sends an order.

Each runs the whole program against one served exchange, which counts what it was sent.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import pytest
from tests.live.rehearsal import ACCOUNT, Rehearsal, do, rehearsing

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.granting import arming, confirming
from trader247.app.granting.live_book import portfolio_of
from trader247.app.running import trading
from trader247.app.running.plan import Plan
from trader247.domain.errors import Trader247Error
from trader247.domain.events.book import PortfolioPinned
from trader247.domain.events.people import Armed
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.simex.door.key_files import new_keys

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


COMPLETE = Has(*[True] * 7)
OTHER = "00000000-0000-4000-8000-000000000247"


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
    reports = traded(without(ready, COMPLETE, _made(tmp_path / "complete")))
    sent = sum(each.orders_sent for each in reports)
    assert sent > 0
    assert ready.orders_at_the_exchange == sent


def books(choice: Choice) -> Places:
    return Places(choice.data, Mode.LIVE, VenueName.SIM)


def moved_elsewhere(choice: Choice) -> None:
    """Begin the same book anew, armed and all, on another portfolio than the key's."""
    path = books(choice).journal
    with JournalReader.open(path) as journal:
        told = [each.event for each in journal.recorded()]
        install, genesis = journal.meta("install_id"), journal.meta("genesis")
    for each in path.parent.glob("live-sim.db*"):
        each.unlink()
    moved = [
        replace(each, portfolio=OTHER)
        if isinstance(each, PortfolioPinned)
        else replace(each, account=OTHER)
        if isinstance(each, Armed)
        else each
        for each in told
    ]
    assert len([each for each in moved if each not in told]) == 2
    now = SystemClock().now
    with SqliteJournal.open(path, clock_wall=now, genesis=genesis, install_id=install) as anew:
        anew.append(moved, Instant.parse("2026-01-05T00:00:00Z"))


def foreign_key(choice: Choice) -> Path:
    """A key that is in order, and not known to this exchange."""
    (file, *_) = new_keys("o", ("trade", "modern", "view", "transfer"))
    path = choice.data / file.name
    path.write_bytes(file.content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("key-view.json", "may not trade"),
        ("key-transfer.json", "may transfer"),
        ("revoked", "refuse"),
        ("foreign", "refuse"),
        ("portfolio", "belongs to the portfolio"),
    ],
)
def test_with_all_but_the_right_key_nothing_is_sent_or_booked(
    ready: Rehearsal, tmp_path: Path, wrong: str, found: str
) -> None:
    before = ready.orders_at_the_exchange
    choice = without(ready, COMPLETE, tmp_path)
    key = choice.key_file
    assert key is not None
    with ExitStack() as stack:
        match wrong:
            case "revoked":
                name = json.loads(key.read_bytes())["name"]
                do(ready, action="revoke", key=name)
                stack.callback(do, ready, action="restore", key=name)
            case "foreign":
                key = foreign_key(choice)
            case "portfolio":
                moved_elsewhere(choice)
            case _:
                key = key.with_name(wrong)
        seen = portfolio_of(books(choice))
        with pytest.raises(Trader247Error, match=found):
            traded(replace(choice, key_file=key))
    assert ready.orders_at_the_exchange == before
    after = portfolio_of(books(choice))
    assert seen is not None
    assert after is not None
    # A key that may too little or too much reads the book's own account all the same.
    is_own = wrong.startswith("key-")
    assert is_own or (after.seq, after.cash) == (seen.seq, seen.cash)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
