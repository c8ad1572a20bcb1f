"""Looking at a book: what its trader knows, without a byte changed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from tests.app.small_books import SEED, copied, trader_in

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.reading import opened
from trader247.app.settings.location import SHIPPED
from trader247.domain.errors import FeedMismatch, StorageError, UsageError


def chosen(data: Path, mode: Mode | None = None, venue: VenueName | None = None) -> Choice:
    return Choice(SHIPPED, data, mode, venue)


def test_a_book_is_seen_as_its_trader_left_it(traded: Path) -> None:
    with opened(chosen(traded)) as book:
        portfolio = book.portfolio()
        snapshot = book.snapshot(portfolio)
        assert portfolio.cycle == 3
        assert portfolio.positions
        assert snapshot is not None
        assert snapshot.cycle == 3
        assert book.now() >= snapshot.time
        assert book.seed == SEED
        assert "SIMULATED MARKET" in book.label
        assert str(SEED) in book.label


def test_looking_changes_nothing(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    before = {path: sha256(path.read_bytes()).hexdigest() for path in data.glob("*.db")}
    with opened(chosen(data)) as book:
        book.snapshot(book.portfolio())
    assert before
    assert before == {path: sha256(path.read_bytes()).hexdigest() for path in before}


def test_a_running_trader_is_looked_at_and_goes_on(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    trader = trader_in(data)
    trader.startup.recover()
    with opened(chosen(data)) as book:
        for cycle in (4, 5):
            trader.loop.run(cycles=1, until=None)
            assert book.portfolio() == trader.ledger.portfolio
            assert book.portfolio().cycle == cycle
            assert book.now() == trader.clock.now()
    trader.close(is_clean=True)


@pytest.mark.parametrize("venue", list(VenueName))
def test_a_book_that_does_not_exist_yet_says_how_to_begin_it(
    venue: VenueName, tmp_path: Path
) -> None:
    with (
        pytest.raises(UsageError, match="there is no dry_run book") as refused,
        opened(chosen(tmp_path, Mode.DRY_RUN, venue)),
    ):
        pass
    assert f"trader247 run --mode dry_run --venue {venue.slug}" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_another_books_journal_is_not_taken_for_this_one(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    (data / "paper-sim.db").rename(data / "dry_run-sim.db")
    with (
        pytest.raises(FeedMismatch, match="paper-sim, not of dry_run-sim"),
        opened(chosen(data, Mode.DRY_RUN)),
    ):
        pass


def test_an_exchange_that_is_lost_is_said(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    (data / "paper-sim.exchange.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageError), opened(chosen(data)):
        pass
