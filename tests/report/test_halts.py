"""What stopped buying in a book: halts and bans, those from before the period among them."""

from __future__ import annotations

from itertools import count, pairwise

from trader247.core.booking import fold
from trader247.domain.events.halts import BanCleared, BanLatched, HaltLatched
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import MINUTE, Instant
from trader247.report.listening import Listener
from trader247.report.story import Origin, Stop

BEGIN = Instant.parse("2026-01-05T00:00:00Z")
LATCHED = BanLatched("collar", "BTC-USD", "3 prices")
CLEARED = BanCleared("collar", "BTC-USD", "looked", "me")


def heard(start: Portfolio, *events: AnyEvent) -> tuple[tuple[Stop, ...], Portfolio]:
    """The stops of a book that begins as `start`, an event a minute."""
    listener = Listener(start, None, policy_of=lambda _: (_ for _ in ()).throw(AssertionError))
    books = [start]
    for number, event in zip(count(start.seq + 1), events, strict=False):
        recorded = Recorded(number, BEGIN + number * MINUTE, event, "")
        books.append(fold(books[-1], recorded))
        listener.take(recorded, books[-2], books[-1])
    assert all(one is not other for one, other in pairwise(books))
    origin = Origin("PAPER on sim", "SIMULATED MARKET", "USD", "0.1.0")
    told = listener.told(origin, books[-1], begin=BEGIN, until=BEGIN + MINUTE)
    return told.stops, books[-1]


def test_a_ban_stands_until_a_person_clears_it_and_is_told_once() -> None:
    stops, book = heard(Portfolio(), LATCHED, HaltLatched(HaltName.FEES, "too many"), CLEARED)
    assert [(each.name, each.cause, each.cleared) for each in stops] == [
        ("collar:BTC-USD", "3 prices", BEGIN + 3 * MINUTE),
        ("fees", "too many", None),
    ]
    assert [each.is_of_all for each in stops] == [False, True]
    assert not book.bans


def test_a_ban_from_before_the_period_is_told() -> None:
    _, book = heard(Portfolio(), LATCHED)
    stops, _ = heard(book, CLEARED)
    assert [(each.name, each.cleared is None) for each in stops] == [("collar:BTC-USD", False)]
    stops, _ = heard(book)
    assert [(each.name, each.cleared is None) for each in stops] == [("collar:BTC-USD", True)]
