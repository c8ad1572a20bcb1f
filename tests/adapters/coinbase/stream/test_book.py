"""A book kept level by level equals the book that the levels make."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase.stream.script import BEGIN

from trader247.adapters.coinbase.stream import book as module
from trader247.adapters.coinbase.stream.book import Book, Side

ZERO = timedelta(0)
levels = st.lists(
    st.tuples(st.integers(1, 30).map(Decimal), st.integers(0, 3).map(Decimal)), max_size=20
)


@given(levels, st.lists(levels, max_size=5), st.booleans())
def test_changes_add_up_to_the_levels_last_told(
    first: list[tuple[Decimal, Decimal]],
    changes: list[list[tuple[Decimal, Decimal]]],
    is_bid: bool,
) -> None:
    side, expected = Side(is_bid=is_bid), dict(first)
    side.replace(first)
    for change in changes:
        side.change(change)
        expected.update(change)
    whole = sorted(((p, q) for p, q in expected.items() if q), reverse=is_bid)
    assert side.within(Decimal(0) if is_bid else Decimal(99)) == tuple(whole)
    assert side.best == (whole[0] if whole else None)


def _book(bids: dict[str, int], asks: dict[str, int]) -> Book:
    return Book.of(_levels(bids), _levels(asks), BEGIN, ZERO)


def _levels(side: dict[str, int]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(quantity)) for price, quantity in side.items()]


def test_levels_near_the_mid_are_shown() -> None:
    book = _book({"100": 1, "99.5": 2, "99": 3}, {"100.02": 1, "100.6": 2, "100.7": 3})
    shown = book.levels()
    assert shown is not None
    assert [str(price) for price, _ in shown.bids] == ["100", "99.5"]
    assert [str(price) for price, _ in shown.asks] == ["100.02", "100.6"]
    assert shown.time == BEGIN


def test_the_best_levels_are_shown_however_wide_the_spread() -> None:
    shown = _book({"50": 1, "49": 1}, {"100": 1, "101": 1}).levels()
    assert shown is not None
    assert (len(shown.bids), len(shown.asks)) == (1, 1)


@pytest.mark.parametrize(
    ("bids", "asks"), [({}, {"1": 1}), ({"1": 1}, {}), ({"2": 1}, {"2": 1}), ({"3": 1}, {"2": 1})]
)
def test_a_book_without_two_sides_or_a_crossed_one_shows_nothing(
    bids: dict[str, int], asks: dict[str, int]
) -> None:
    assert _book(bids, asks).levels() is None


def test_it_knows_when_its_best_prices_last_moved() -> None:
    book = _book({"100": 1}, {"101": 1})
    later = timedelta(seconds=5)
    book.change([(Decimal(90), Decimal(1))], [], BEGIN, later)
    assert (book.heard, book.moved) == (later, ZERO)
    book.change([(Decimal(100), Decimal(2))], [], BEGIN, later)
    assert book.moved == later


def test_a_side_is_bounded_to_its_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEVELS_MAX", 3)
    book = _book({str(p): 1 for p in range(1, 10)}, {str(p): 1 for p in range(11, 20)})
    book.change([(Decimal("9.5"), Decimal(1))], [(Decimal("10.5"), Decimal(1))], BEGIN, ZERO)
    assert [str(p) for p, _ in book.bids.within(Decimal(0))] == ["9.5", "9", "8"]
    assert [str(p) for p, _ in book.asks.within(Decimal(99))] == ["10.5", "11", "12"]
