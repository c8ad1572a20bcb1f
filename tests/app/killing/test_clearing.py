"""The order of acts in an emergency, by what a venue tells listing by listing: no second passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock

from trader247.adapters.coinbase.urgent import Listed, Page, UrgentClient
from trader247.app.killing.clearing import SILENCE_MAX, Cleared, Clearing, Wanted
from trader247.app.wiring.emergency import Ask, Call, Crew
from trader247.domain.errors import KeyRejected
from trader247.domain.time import DAY, HOUR, SECOND, Instant

T = TypeVar("T")
SLICE = timedelta(milliseconds=50)


def order(name: str, *, is_ours: bool = True, is_sale: bool = False) -> Listed:
    return Listed(name, name, "BTC-USD", is_ours, is_sale)


def page(*live: Listed, unreadable: int = 0, cursor: str | None = None) -> Page:
    return Page(live, len(live) + unreadable, unreadable, cursor)


@dataclass
class Venue:
    """Tells its listings in turn, the last one for ever, and remembers what it was asked."""

    pages: list[Page]
    now: Instant
    account: str | None = "a"
    asked: list[tuple[Instant | None, str, tuple[str, ...]]] = field(default_factory=list)
    cancelled: list[tuple[str, ...]] = field(default_factory=list)

    def time(self, *, is_patient: bool) -> Instant:
        return self.now

    def portfolio(self, *, is_patient: bool) -> str | None:
        return self.account

    def page(
        self, since: Instant | None, cursor: str, *, statuses: tuple[str, ...], is_patient: bool
    ) -> Page:
        self.asked.append((since, cursor, statuses))
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]

    def cancel(self, order_ids: Sequence[str], *, is_patient: bool) -> None:
        self.cancelled.append(tuple(order_ids))


class AtOnce(Crew):
    """A crew whose one connection answers at once."""

    def __init__(self, venue: Venue, clock: ScriptedClock) -> None:
        super().__init__((), monotonic=clock.monotonic)
        self._venue, self._clock = venue, clock
        self.is_deaf_to: frozenset[bool] = frozenset()
        """Of reads, and of what is none: what gets no answer."""
        self.dropped: list[Call[Any]] = []
        self.unanswered: frozenset[int] = frozenset()
        """Which calls, counted from the first, get no answer."""
        self.lasts = timedelta(0)
        """How long each answer takes."""
        self.reads: list[bool] = []
        """Of each call, whether it was a read."""
        self.stalls: list[timedelta] = []
        """How long the whole process stands still in its next waits."""

    def drop(self, call: Call[T]) -> None:
        self.dropped.append(call)
        super().drop(call)

    def call(self, ask: Ask[T], *, is_read: bool = True) -> Call[T]:
        now = self._clock.monotonic()
        made: Call[T] = Call(ask, is_read, began=now, sent_at=now, not_before=now)
        number = len(self.reads)
        self.reads.append(is_read)
        self._clock.passed += self.lasts
        if is_read not in self.is_deaf_to and number not in self.unanswered:
            made.answer, made.is_over = ask(cast(UrgentClient, self._venue), False), True
            self.answers += 1
        return made

    def attend(self) -> None:
        self.answers += True not in self.is_deaf_to
        self._clock.passed += self.stalls.pop() if self.stalls else SLICE


class Story:
    """One emergency, with all that can be told of it."""

    def __init__(self, venue: Venue, wanted: Wanted | None = None, *, portfolio: str = "") -> None:
        self.clock = ScriptedClock()
        self.crew = AtOnce(venue, self.clock)
        self.quiet: Instant | None = self.clock.now() - HOUR
        self.said: list[str] = []
        self._wanted, self._portfolio = wanted or Wanted(), portfolio

    def run(self, *, is_proof_awaited: bool = True, silence: timedelta = SILENCE_MAX) -> Cleared:
        clearing = Clearing(
            self.crew,
            self._wanted,
            clock=self.clock,
            quiet_at=lambda: self.quiet,
            portfolio=self._portfolio,
            on_news=self.said.append,
            silence_max=silence,
        )
        return clearing.run(is_proof_awaited=is_proof_awaited)


def cleared(venue: Venue, wanted: Wanted | None = None, *, portfolio: str = "") -> Cleared:
    return Story(venue, wanted, portfolio=portfolio).run()


def venue(*pages: Page) -> Venue:
    return Venue(list(pages), ScriptedClock().now())


def test_one_empty_listing_is_no_proof_though_nothing_can_arrive_any_more() -> None:
    found = cleared(venue(page()))
    assert (found.is_proven, found.listings, found.left) == (True, 2, 0)


def test_an_order_that_turns_up_between_two_empty_listings_begins_the_proof_anew() -> None:
    there = venue(page(), page(order("late")), page(), page())
    found = cleared(there)
    assert (found.is_proven, found.listings, found.found) == (True, 4, 1)
    assert there.cancelled == [("late",)]


def test_a_listing_counts_only_if_it_began_when_nothing_could_arrive_any_more() -> None:
    story = Story(venue(page()))
    story.quiet = story.clock.now() + 5 * SECOND
    found = story.run()
    assert found.is_proven
    assert 3 <= found.listings <= 5, "those before were no proof, and nobody hurries"
    assert story.clock.passed >= 5 * SECOND
    assert sum("until then one may arrive" in each for each in story.said) == 1


def test_only_our_own_sales_count_as_kept() -> None:
    listed = page(
        order("buy"), order("stop", is_sale=True), order("theirs", is_ours=False, is_sale=True)
    )
    there = venue(listed, page(*listed.live[1:]))
    found = cleared(there, Wanted(keeps_sales=True))
    assert (found.is_proven, found.kept, found.found) == (True, 1, 1)
    assert there.cancelled == [("buy",)]


def test_what_cannot_be_read_lives() -> None:
    found = cleared(venue(page(unreadable=1), page()))
    assert (found.is_proven, found.listings) == (True, 3)
    stuck = cleared(venue(page(unreadable=1)))
    assert not stuck.is_proven
    assert "cannot be read" in stuck.trouble


def test_every_page_of_a_listing_is_read_and_each_order_asked_to_end_once() -> None:
    there = venue(page(order("a"), cursor="next"), page(order("a"), order("b")), page())
    found = cleared(there)
    assert found.is_proven
    assert [cursor for _, cursor, _ in there.asked[:2]] == ["", "next"]
    assert there.cancelled == [("a",), ("b",)]


def test_everything_means_what_is_older_than_any_window_too() -> None:
    there = venue(page(order("x", is_ours=False)), page(order("old", is_ours=False)), page())
    found = cleared(there, Wanted(is_everything=True))
    assert found.is_proven
    assert [statuses for _, _, statuses in there.asked[:2]] == [(), ("OPEN",)]
    assert there.asked[1][0] is None
    assert there.cancelled == [("x",), ("old",)]


def test_orders_are_listed_by_the_clock_that_is_behind() -> None:
    there = venue(page())
    there.now = there.now - 3 * HOUR
    cleared(there)
    assert {since for since, _, _ in there.asked} == {there.now - DAY}


@pytest.mark.parametrize(("rounds", "size"), [(3, 100), (5, 10), (9, 1)])
def test_an_order_that_spoils_its_batch_is_soon_asked_to_end_alone(rounds: int, size: int) -> None:
    many = page(*(order(f"o{number}") for number in range(100)))
    there = venue(*[many] * rounds, page())
    assert cleared(there).is_proven
    assert max(len(each) for each in there.cancelled[-100 // size :]) == size


def test_an_empty_portfolio_that_is_not_the_one_of_our_orders_proves_nothing() -> None:
    there = venue(page())
    found = cleared(there, portfolio="b")
    assert not found.is_proven
    assert found.trouble == "the key reaches portfolio a, and our orders are in b"
    assert cleared(there, portfolio="a").is_proven


def test_while_the_trader_may_still_send_an_empty_listing_is_no_proof() -> None:
    story = Story(venue(page()))
    story.quiet = None
    found = story.run()
    assert (found.is_proven, found.listings) == (False, 1)
    assert "may still send" in found.trouble


def test_who_does_not_wait_for_the_proof_is_told_that_there_is_none() -> None:
    found = Story(venue(page())).run(is_proof_awaited=False)
    assert (found.is_proven, found.listings) == (False, 1)
    assert found.trouble == "the proof was not waited for"


def test_a_cancel_without_an_answer_holds_up_no_listing() -> None:
    there = venue(page(order("a")), page())
    story = Story(there)
    story.crew.is_deaf_to = frozenset({False})
    found = story.run()
    assert found.is_proven
    assert len(story.crew.dropped) == 1, "what is under way of it comes to nothing"
    assert timedelta(milliseconds=1_500) <= story.clock.passed < 3 * SECOND, "time to be answered"


def test_a_key_that_is_taken_again_is_refused_no_more() -> None:
    """One 401 among answers must not make three seconds of silence the end of it."""
    refusals = [KeyRejected("no such key")]
    clock = ScriptedClock()
    crew = Crew([cast(UrgentClient, object())], monotonic=clock.monotonic)

    def ask(_: UrgentClient, __: bool) -> str:
        if refusals:
            raise refusals.pop()
        return "listed"

    call = crew.call(ask)
    while not call.is_over:
        crew.attend()
    assert (call.answer, call.failures) == ("listed", 1)
    assert not crew.is_key_refused


@pytest.mark.parametrize(
    ("is_refused", "seconds", "said"),
    [(False, 20, "does not answer: silence"), (True, 3, "refuses the key")],
)
def test_a_venue_that_is_silent_is_given_up_in_time(
    is_refused: bool, seconds: int, said: str
) -> None:
    story = Story(venue(page()))
    story.crew.is_deaf_to = frozenset({True})
    story.crew.is_key_refused = is_refused
    found = story.run()
    assert (found.is_proven, found.left, found.listings) == (False, None, 0)
    assert said in found.trouble
    assert seconds * SECOND <= story.clock.passed <= (seconds + 2) * SECOND
    assert any("asking on" in each for each in story.said) is not is_refused


def test_who_stood_still_himself_calls_no_venue_silent() -> None:
    """A machine that was suspended, or too busy for it, has not listened meanwhile."""
    story = Story(venue(page()))
    story.crew.is_deaf_to = frozenset({True})
    story.crew.stalls = [timedelta(minutes=5), SLICE, timedelta(minutes=5)]
    found = story.run()
    assert "does not answer: silence" in found.trouble
    assert 620 * SECOND <= story.clock.passed <= 622 * SECOND


def test_what_never_ends_is_told_of_a_minute_after_the_proof_could_be_had() -> None:
    story = Story(venue(page(order("stuck"))))
    found = story.run()
    assert (found.is_proven, found.left) == (False, 1)
    assert found.trouble == "not in time; last: nothing"
    assert 60 * SECOND <= story.clock.passed <= 63 * SECOND


def test_what_somebody_else_ordered_is_left_alone_and_hinders_no_proof() -> None:
    there = venue(page(order("theirs", is_ours=False), order("ours")), page())
    there.pages[1] = page(order("theirs", is_ours=False))
    found = cleared(there)
    assert (found.is_proven, found.found, found.kept) == (True, 1, 0)
    assert there.cancelled == [("ours",)]


def test_a_listing_that_was_under_way_as_the_last_order_might_arrive_proves_nothing() -> None:
    story = Story(venue(page()))
    story.crew.lasts = 3 * SECOND
    story.quiet = story.clock.now() + 12 * SECOND
    # The first listing's answer came at 9 s. The second began at 11 s and was answered at 14 s.
    assert story.run().listings == 3
    assert story.clock.passed >= 17 * SECOND


@pytest.mark.parametrize("unanswered", [0, 1])
def test_without_the_venues_time_and_portfolio_an_empty_listing_proves_nothing(
    unanswered: int,
) -> None:
    story = Story(venue(page()))
    story.crew.unanswered = frozenset({unanswered})
    assert not story.run().is_proven


def test_a_portfolio_that_the_venue_does_not_name_is_not_the_one_of_our_orders() -> None:
    there = venue(page())
    there.account = None
    assert not cleared(there, portfolio="a").is_proven
    assert cleared(there).is_proven, "where nobody knows which one they are in"


def test_no_batch_is_larger_than_the_venue_takes_and_none_counts_as_a_read() -> None:
    there = venue(page(*(order(f"o{number}") for number in range(150))), page())
    story = Story(there)
    assert story.run().is_proven
    assert [len(each) for each in there.cancelled] == [100, 50]
    assert story.crew.reads.count(False) == 2, "a cancel is not dropped for a fresher one"


def test_the_first_empty_listing_is_told_once_with_its_time() -> None:
    story = Story(venue(page()))
    story.quiet = story.clock.now() + 5 * SECOND
    found = story.run()
    assert found.first_empty is not None
    assert found.first_empty < 2 * SECOND
    assert sum("none is listed any more" in each for each in story.said) == 1


def test_who_had_proven_it_before_is_asked_after_for_less_long() -> None:
    story = Story(venue(page()))
    story.crew.is_deaf_to = frozenset({True})
    assert not story.run(silence=3 * SECOND).is_proven
    assert 3 * SECOND <= story.clock.passed <= 5 * SECOND
