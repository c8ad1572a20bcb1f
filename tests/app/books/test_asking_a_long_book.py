"""What is found by an index is what looking at every event finds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import apsw
import pytest
from tests.app.busy_books import eventful_book

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books import earning as earning_book
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.books.reading import opened
from trader247.core.booking import fold
from trader247.core.figures.earnings import Earned, earned
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant


@pytest.fixture(scope="module")
def data() -> Path:
    return eventful_book()


def _every(journal: JournalReader) -> list[Earned]:
    """What each event of all made."""
    found, portfolio = [], Portfolio()
    for recorded in journal.recorded():
        before, portfolio = portfolio, fold(portfolio, recorded)
        part = earned(before, recorded, portfolio)
        if part is not None:
            found.append(part)
    return found


def test_what_was_earned_is_found_without_folding_what_moves_no_money(data: Path) -> None:
    with opened(Choice(None, data, Mode.PAPER)) as book:
        found = list(earning_book._earned(book))
        assert found == _every(book.journal)
        read = Counter(each.event.kind for each in book.journal.traded(earning_book._MOVING))
        whole = Counter(each.event.kind for each in book.journal.recorded())
    assert any(each.realised.value for each in found), "something was sold"
    assert "cycle_decided" not in read
    assert "order_seen" not in read
    assert 0 < read["intent_recorded"] < whole["intent_recorded"]
    assert read["fill_booked"] == whole["fill_booked"]


@pytest.mark.parametrize("limit", [None, 0, 1, 3, 10_000])
@pytest.mark.parametrize("after", [0, 40])
def test_events_of_a_kind_are_all_of_them(data: Path, limit: int | None, after: int) -> None:
    (path,) = data.glob("paper-sim.db")
    with JournalReader.open(path) as journal:
        rows = [each.row for each in journal.events()]
        kinds = {each.kind for each in rows}
        assert {"cycle_decided", "fill_booked", "order_seen"} <= kinds
        middle = Instant.parse(rows[len(rows) // 2].time)
        for kind in kinds:
            for since in (None, middle):
                expected = [
                    each
                    for each in rows
                    if each.kind == kind
                    and each.seq > after
                    and (since is None or Instant.parse(each.time) >= since)
                ]
                if limit is not None:
                    expected = expected[-limit:] if limit else []
                found = journal.events(kind=kind, after=after, limit=limit, since=since)
                assert [each.row for each in found] == expected


def test_the_newest_orders_are_the_last_of_all(data: Path) -> None:
    (path,) = data.glob("paper-sim.db")
    with JournalReader.open(path) as journal:
        orders = journal.orders()
        assert len(orders) > 5
        for limit in (1, 4, len(orders), len(orders) + 1):
            assert journal.orders(limit=limit) == orders[-limit:]


def test_an_order_that_no_intent_explains_is_among_the_newest(data: Path, tmp_path: Path) -> None:
    (path,) = data.glob("paper-sim.db")
    copy = tmp_path / path.name
    source, target = apsw.Connection(str(path)), apsw.Connection(str(copy))
    with target.backup("main", source, "main") as copying:
        copying.step(-1)
    ((name,),) = target.execute(
        "SELECT o.client_order_id FROM orders o ORDER BY o.seq DESC LIMIT 1"
    ).fetchall()
    target.execute(
        "INSERT INTO orders SELECT 'a-stranger', 't247-stranger-without-intent', product, side, "
        "state, price, quantity, filled, fees, fill_count, created, end_time, reject_reason, seq+1 "
        "FROM orders WHERE client_order_id = ?",
        (name,),
    )
    source.close()
    target.close()
    with JournalReader.open(copy) as journal:
        (newest,) = journal.orders(limit=1)
        assert newest.order_id == "a-stranger"
        assert journal.orders(limit=3) == journal.orders()[-3:]
