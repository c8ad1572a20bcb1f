"""What people tell an armed book, and what is noted of it: each an event, or a sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.adapters.sqlite.journal_values import START, a_journal

from trader247.adapters.clock import PacedClock
from trader247.domain.events.book import InstanceRefused, JournalOpened
from trader247.domain.events.people import Armed, ConfirmationAsked, SmokePassed
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.stage import ASKED_FOR
from trader247.domain.time import DAY, SECOND, Instant
from trader247.engine.ledger import Ledger
from trader247.engine.staging import Staging
from trader247.ports import Alert

BTC = ProductId("BTC", "USD")


@dataclass
class Time:
    now: Instant = START

    def pass_by(self, span: timedelta) -> None:
        self.now += span


class Heard:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, alert: Alert) -> None:
        self.texts.append(alert.text)

    def acknowledged(self, code: str) -> None:
        """Nobody is told again."""

    def undeliverable(self) -> str:
        return ""

    def take_storm(self) -> str:
        return ""


@dataclass
class Book:
    ledger: Ledger
    staging: Staging
    time: Time
    heard: Heard

    def count(self, kind: type) -> int:
        return sum(isinstance(each.event, kind) for each in self.events)

    @property
    def events(self) -> list:  # type: ignore[type-arg]  # whatever the journal holds
        return list(self.ledger._journal.events())


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An armed book in which one question was asked."""
    time, heard = Time(), Heard()

    def stand(_: Instant) -> None:
        raise AssertionError("nobody waits here")

    with a_journal(tmp_path / "live-sim.db") as journal:
        ledger = Ledger(
            journal=journal,
            clock=PacedClock(lambda: time.now, stand, None),
            alerts=heard,
            portfolio=Portfolio(),
        )
        ledger.record(JournalOpened("live-sim", "simulated coinbase at localhost:8443", "USD"))
        ledger.record(Armed("main", "", "0.1", Money.of(25), START, START + 30 * DAY, "me"))
        ledger.record(ConfirmationAsked("7-BTC-USD", BTC, Side.BUY, Money.of(25)))
        yield Book(ledger, Staging(ledger), time, heard)


def test_a_person_hears_how_to_say_yes(book: Book) -> None:
    assert any("trader247 confirm 7-BTC-USD" in each for each in book.heard.texts)


def test_a_yes_in_time_is_given(book: Book) -> None:
    book.time.pass_by(ASKED_FOR)
    is_done, said = book.staging.confirm({"id": "7-BTC-USD", "operator": "me"})
    assert is_done, said
    stage = book.ledger.portfolio.stage
    assert stage is not None
    assert stage.given_for(BTC, Side.BUY, book.time.now) is not None
    again, said = book.staging.confirm({"id": "7-BTC-USD"})
    assert again
    assert "already" in said


@pytest.mark.parametrize(("id", "late"), [("7-BTC-USD", SECOND), ("8-BTC-USD", timedelta(0))])
def test_a_late_yes_or_one_to_nothing_is_none(book: Book, id: str, late: timedelta) -> None:
    book.time.pass_by(ASKED_FOR + late if late else late)
    is_done, said = book.staging.confirm({"id": id})
    assert not is_done
    assert "no question" in said
    stage = book.ledger.portfolio.stage
    assert stage is not None
    assert stage.given_for(BTC, Side.BUY, book.time.now) is None


def test_disarming_takes_every_yes_back(book: Book) -> None:
    book.staging.confirm({"id": "7-BTC-USD"})
    assert book.staging.disarm({"reason": "holidays"})[0]
    stage = book.ledger.portfolio.stage
    assert stage is not None
    assert (stage.is_armed(book.time.now), dict(stage.confirmations)) == (False, {})
    assert any("holidays" in each for each in book.heard.texts)
    assert "not armed" in book.staging.disarm({})[1]


def test_a_smoke_test_is_noted_as_it_was_and_nothing_else_is(book: Book) -> None:
    passed = {"feed": "coinbase", "policy_hash": "ab", "version": "0.1", "at": str(START)}
    assert book.staging.note_smoke(passed)[0]
    assert not book.staging.note_smoke({**passed, "at": "yesterday"})[0]
    assert not book.staging.note_smoke({"feed": "coinbase"})[0]
    assert book.count(SmokePassed) == 1


def test_a_second_instance_is_noted_once_a_session(book: Book) -> None:
    for number in range(3):
        assert book.staging.note_refused_instance({"process": f"process {number}"})[0]
    assert book.count(InstanceRefused) == 1
