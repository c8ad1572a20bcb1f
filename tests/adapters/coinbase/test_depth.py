from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase import bodies
from tests.adapters.coinbase.scripted import BTC

from trader247.adapters.coinbase.depth import book
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import DEPTH_BANDS_BPS
from trader247.domain.money import NO_MONEY, Money, Price, Quantity
from trader247.domain.time import Instant

# The mid is 100: a band of 5 bps reaches 0.05 to each side, one of 50 bps 0.50.
BIDS = [("99.99", "1"), ("99.95", "2"), ("99.94", "4"), ("99.5", "8"), ("99.49", "16")]
ASKS = [("100.01", "1"), ("100.05", "2"), ("100.06", "4"), ("100.5", "8"), ("100.51", "16")]


def test_the_quote_is_the_best_of_each_side_with_the_books_own_time() -> None:
    quote, _ = book(bodies.book(BIDS, ASKS), BTC)
    assert (quote.bid, quote.ask) == (Price.of("99.99"), Price.of("100.01"))
    assert (quote.bid_size, quote.ask_size) == (Quantity.of(1), Quantity.of(1))
    assert quote.time == Instant.parse("2026-10-01T12:00:00.123456Z")


def test_depth_counts_levels_at_the_edge_of_a_band_and_none_beyond() -> None:
    _, depth = book(bodies.book(BIDS, ASKS), BTC)
    first_bids = Money.of("99.99") + Money.of("199.90")
    first_asks = Money.of("100.01") + Money.of("200.10")
    assert (depth.bids[0], depth.asks[0]) == (first_bids, first_asks)
    assert depth.bids[1] == first_bids + Money.of("399.76")
    assert depth.bids[4] == depth.bids[1] + Money.of("796.0")
    assert depth.asks[4] == first_asks + Money.of("400.24") + Money.of("804.0")
    assert depth.within(20) == depth.bids[2]


def test_a_book_that_begins_beyond_a_band_has_nothing_in_it() -> None:
    _, depth = book(bodies.book([("99", "1")], [("101", "1")]), BTC)
    assert set(depth.bids + depth.asks) == {NO_MONEY}


def test_a_crossed_book_is_read_as_it_is() -> None:
    quote, _ = book(bodies.book([("101", "1")], [("100", "1")]), BTC)
    assert quote.is_crossed


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pricebook": None},
        bodies.book([], ASKS),
        bodies.book(BIDS, []),
        bodies.book(list(reversed(BIDS)), ASKS),
        bodies.book(BIDS, list(reversed(ASKS))),
        bodies.book(BIDS, ASKS, time=""),
        bodies.book([("0", "1")], ASKS),
        bodies.book([("99", "-1")], ASKS),
        bodies.book([("99", "1"), ("98", "-1")], ASKS),
        bodies.book([("99", "1"), ("NaN", "1")], ASKS),
        bodies.book(BIDS, [("100", "1"), ("100.1", "Infinity")]),
        bodies.book(BIDS, ASKS, bids=[{"price": "99"}]),
        bodies.book(BIDS, ASKS, bids=["99"]),
        bodies.book(BIDS, ASKS, asks={"price": "1"}),
    ],
)
def test_a_book_that_cannot_be_is_a_typed_error(body: dict[str, Any]) -> None:
    with pytest.raises(VenueError):
        book(body, BTC)


def test_another_products_book_is_an_error() -> None:
    with pytest.raises(VenueError, match="ETH-USD"):
        book(bodies.book(BIDS, ASKS), ProductId.parse("ETH-USD"))


LEVEL = st.fixed_dictionaries(
    {
        "price": st.one_of(st.text(max_size=6), st.none(), st.integers(), st.lists(st.integers())),
        "size": st.one_of(st.text(max_size=6), st.none(), st.decimals(), st.booleans()),
    }
)


@given(st.lists(LEVEL, max_size=4), st.booleans())
def test_any_levels_give_a_book_or_a_typed_error(levels: list[object], is_after: bool) -> None:
    good = [{"price": "99", "size": "1"}] if is_after else []
    body = bodies.book(BIDS, ASKS, bids=[*good, *levels])
    try:
        _, depth = book(body, BTC)
    except VenueError:
        return
    assert len(depth.bids) == len(DEPTH_BANDS_BPS)
