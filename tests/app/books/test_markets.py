from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.small_books import trade, trader_in

from trader247.app.books.markets import Market, choose
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.domain.errors import FeedMismatch, StorageError
from trader247.domain.time import Instant
from trader247.simex import exchange

START = Instant.parse("2026-01-05T00:00:00Z")


def chosen(data: Path, seed: int | None = None) -> Market:
    places = Places(data, Mode.PAPER, VenueName.SIM)
    return choose(places, seed=seed, replay=None, default_seed=496, start=START)


class Killed(BaseException):
    """The end of a process, as near as a test comes to it."""


def cut_short(data: Path, seed: int, patch: pytest.MonkeyPatch) -> None:
    """Begin a book, and die while its exchange is made."""

    def dying(*_: object) -> None:
        raise Killed

    with patch.context() as patched:
        patched.setattr(exchange, "begin", dying)
        with pytest.raises(Killed):
            trader_in(data, seed=seed)


def test_a_book_remembers_its_market_though_its_making_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_short(tmp_path / "data", 3, monkeypatch)
    trader_in(tmp_path / "data", seed=3).close(is_clean=True)
    assert chosen(tmp_path / "data").seed == 3


def test_what_was_never_begun_is_bound_to_no_market(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_short(tmp_path / "data", 3, monkeypatch)
    assert chosen(tmp_path / "data").seed == 496
    trader_in(tmp_path / "data", seed=4).close(is_clean=True)
    assert chosen(tmp_path / "data").seed == 4


def test_a_book_that_was_begun_takes_no_other_market(tmp_path: Path) -> None:
    trader_in(tmp_path / "data").close(is_clean=True)
    with pytest.raises(FeedMismatch, match="seed 7"):
        chosen(tmp_path / "data", seed=8)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{nonsense",
        "[]",
        "{}",
        '{"seed": "7", "start": "2026-01-05T00:00:00Z", "replay": null}',
        '{"seed": true, "start": "2026-01-05T00:00:00Z", "replay": null}',
        '{"seed": -4, "start": "2026-01-05T00:00:00Z", "replay": null}',
        '{"seed": 7, "start": "2026-01-05T00:00:30Z", "replay": null}',
        '{"seed": 7, "start": 5, "replay": null}',
        '{"seed": null, "start": null, "replay": null}',
        '{"seed": null, "start": null, "replay": 5}',
        "[" * 100_000,
    ],
)
def test_a_book_that_does_not_say_its_market_is_a_failure_of_storage(
    tmp_path: Path, content: str
) -> None:
    trader_in(tmp_path / "data").close(is_clean=True)
    Places(tmp_path / "data", Mode.PAPER, VenueName.SIM).market.write_text(content)
    with pytest.raises(StorageError, match="does not say which market"):
        chosen(tmp_path / "data")


def test_an_exchange_that_cannot_be_read_is_a_failure_of_storage(tmp_path: Path) -> None:
    places = Places(tmp_path, Mode.PAPER, VenueName.SIM)
    places.exchange.write_bytes(b"no database at all, and long enough to be read" * 9)
    with pytest.raises(StorageError, match="exchange"):
        chosen(tmp_path)


def traded(data: Path) -> Places:
    """A book with an order."""
    trade(data, 3)
    return Places(data, Mode.PAPER, VenueName.SIM)


def test_a_journal_without_its_exchange_is_refused(tmp_path: Path) -> None:
    traded(tmp_path / "data").exchange.unlink()
    with pytest.raises(StorageError, match="has lost its exchange"):
        trader_in(tmp_path / "data")


@pytest.mark.parametrize("is_emptied", [False, True])
def test_an_exchange_that_traded_without_its_journal_is_refused(
    tmp_path: Path, is_emptied: bool
) -> None:
    places = traded(tmp_path / "data")
    if is_emptied:
        places.journal.write_bytes(b"")
    else:
        places.journal.unlink()
    with pytest.raises(StorageError, match=r"orders, but their journal .* is gone"):
        trader_in(tmp_path / "data")
