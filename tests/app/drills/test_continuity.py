"""The way back and twice the greatest load: drilled, and not too long ago."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.drills.conftest import Hold

from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.controls.report import continuity
from trader247.app.drills.ages import CONTINUITY_DRILLS, is_recent, last_passed
from trader247.app.drills.drilling import busiest_hour
from trader247.core.risk.control_view import ControlState
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.people import DrillsHeld
from trader247.domain.time import DAY, SECOND, Instant

NOW = Instant.parse("2026-07-01T00:00:00Z")


def test_twice_the_greatest_load_is_carried(hold: Hold) -> None:
    (result,) = hold("stress").results
    assert result.passed, [(each.text, each.measured) for each in result.failures]
    measured = {each.text: each.measured for each in result.claims}
    assert "of 30 s" in measured["of 100 cycles 99 are done before the next, at twice their pace"]


def test_where_so_many_orders_cannot_be_sent_it_fails(hold: Hold) -> None:
    (result,) = hold("stress", app={"interval_seconds: 60": "interval_seconds: 3600"}).results
    assert not result.passed


def test_a_folder_without_a_book_has_no_busiest_hour(tmp_path: Path) -> None:
    assert busiest_hour(tmp_path) == 0


@pytest.mark.parametrize(
    ("age", "counts"),
    [
        (timedelta(0), True),
        (90 * DAY, True),
        (90 * DAY + SECOND, False),
        (-SECOND, False),
    ],
)
def test_a_drill_counts_for_ninety_days(age: timedelta, counts: bool) -> None:
    assert is_recent(NOW - age, NOW) is counts


def book(data: Path, *held: DrillsHeld) -> Places:
    places = Places(data, Mode.PAPER, VenueName.SIM)
    with SqliteJournal.open(
        places.journal, clock_wall=lambda: NOW, genesis="ab" * 32, install_id="0a1b2c"
    ) as journal:
        journal.append([JournalOpened(places.book, "seed 7", "USD"), *held], NOW)
    return places


def held(age: timedelta, *passed: str, failed: tuple[str, ...] = ()) -> DrillsHeld:
    return DrillsHeld("ab" * 32, "0.1", NOW - age, passed, failed)


RESTORE, STRESS = CONTINUITY_DRILLS


@pytest.mark.parametrize(
    ("events", "value", "state"),
    [
        ((), None, ControlState.UNKNOWN),
        ((held(DAY, RESTORE),), None, ControlState.UNKNOWN),
        ((held(DAY, RESTORE, STRESS),), "1", ControlState.OK),
        ((held(90 * DAY, RESTORE), held(DAY, STRESS)), "90", ControlState.OK),
        ((held(91 * DAY, RESTORE), held(DAY, STRESS)), "91", ControlState.WARN),
        ((held(91 * DAY, RESTORE), held(DAY, RESTORE, STRESS)), "1", ControlState.OK),
        (
            (held(2 * DAY, RESTORE, STRESS), held(DAY, failed=(STRESS,))),
            None,
            ControlState.UNKNOWN,
        ),
        ((held(-DAY, RESTORE, STRESS),), None, ControlState.UNKNOWN),
    ],
    ids=["never", "one", "both", "at 90", "over 90", "anew", "failed since", "of the future"],
)
def test_the_control_shows_the_age_of_the_older_one(
    tmp_path: Path, events: tuple[DrillsHeld, ...], value: str | None, state: ControlState
) -> None:
    view = continuity(book(tmp_path, *events), NOW)
    assert (view.value, view.state, view.limit) == (value, state, "90")


def test_a_live_book_shows_what_its_paper_book_rehearsed(tmp_path: Path) -> None:
    book(tmp_path, held(DAY, RESTORE, STRESS))
    live = Places(tmp_path, Mode.LIVE, VenueName.SIM)
    assert set(last_passed(live)) == {RESTORE, STRESS}
    assert last_passed(Places(tmp_path, Mode.LIVE, VenueName.COINBASE)) == {}
