from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.risk.risk_values import (
    BTC,
    NOW,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    some_bars,
)

from trader247.core.booking import fold
from trader247.core.policy import Policy
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.risk.doubts import judge_doubts
from trader247.core.risk.gate import judge
from trader247.domain.events.halts import ProductDoubted, ProductTrusted
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Quote, Snapshot
from trader247.domain.money import Money, Price
from trader247.domain.portfolio import Doubt, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.time import DAY, HOUR, MICROSECOND, MINUTE, SECOND, Instant
from trader247.domain.verdicts import Approved

POLICY = a_policy()
CALM = "100"


def quoted(mid: str, at: Instant) -> Quote:
    middle = Price.of(mid).value
    quote = a_quote(str(middle - middle / 2000), str(middle + middle / 2000))
    return replace(quote, time=at)


def market(mid: str, at: Instant, *, close: str = CALM, quote: Quote | None = None) -> Snapshot:
    bars = some_bars((close,) * 10)
    bars = replace(bars, end=at.minute - 1)
    view = a_view(quote=quote or quoted(mid, at), bars=bars)
    return replace(a_snapshot(BTC=view), time=at)


class Book:
    """A ledger that remembers what each reading of the market made doubtful."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.portfolio = a_portfolio(a_position())
        self.policy = policy

    def sees(self, snapshot: Snapshot) -> Book:
        for event in judge_doubts(self.portfolio, snapshot, self.policy):
            recorded = Recorded(self.portfolio.seq + 1, snapshot.time, event, "")
            self.portfolio = fold(self.portfolio, recorded)
        return self

    @property
    def is_doubted(self) -> bool:
        return BTC in self.portfolio.doubts


def allows(wish: Proposal, book: Portfolio, snapshot: Snapshot) -> bool:
    """Whether the check lets a wish pass."""
    (answer,) = judge([wish], snapshot, book, POLICY, equity=Money.of(10_000))
    (verdict,) = [each for each in answer.verdicts if each.check == "quote_sanity"]
    return verdict.is_allowed


@pytest.mark.parametrize(
    ("mid", "is_doubted"), [("110", False), ("110.01", True), ("90", False), ("89.99", True)]
)
def test_a_jump_of_more_than_a_tenth_within_a_minute_is_in_doubt(
    mid: str, is_doubted: bool
) -> None:
    snapshot = market(mid, NOW)
    book = Book().sees(snapshot)
    assert book.is_doubted is is_doubted
    assert allows(an_entry(), book.portfolio, snapshot) is not is_doubted
    assert allows(an_exit(), book.portfolio, snapshot), "a jump must not lock the door"


@pytest.mark.parametrize(("prints", "is_bought"), [(0, False), (2, False), (3, True), (4, True)])
def test_three_later_quotes_where_it_went_confirm_a_jump(prints: int, is_bought: bool) -> None:
    book = Book().sees(market("120", NOW))
    last = market("120", NOW)
    for number in range(1, prints + 1):
        last = market("121", NOW + number * SECOND, close="100")
        book.sees(last)
    assert allows(an_entry(), book.portfolio, last) is is_bought


def test_the_same_quote_read_again_confirms_nothing() -> None:
    book = Book()
    for seconds in range(6):
        at = NOW + seconds * SECOND
        book.sees(market("120", at, quote=quoted("120", NOW)))
    assert book.portfolio.doubts[BTC].prints == 0


def test_a_tick_that_was_wrong_costs_five_minutes_from_when_it_went_back() -> None:
    book = Book().sees(market("1000", NOW))
    back = NOW + MINUTE
    book.sees(market(CALM, back))
    for at, is_doubted in ((back + 5 * MINUTE - MICROSECOND, True), (back + 5 * MINUTE, False)):
        snapshot = market(CALM, at)
        seen = Book()
        seen.portfolio = book.portfolio
        assert seen.sees(snapshot).is_doubted is is_doubted
        assert allows(an_entry(), seen.portfolio, snapshot) is not is_doubted


@pytest.mark.parametrize("ahead", [10 * MINUTE, 3 * HOUR, 2 * DAY])
def test_a_doubt_that_a_clock_ahead_has_dated_lasts_no_longer(ahead: timedelta) -> None:
    """Nothing was bought of the product until that time came, and nobody told of it."""
    at = NOW + ahead
    crossed = market(CALM, at, quote=replace(a_quote("101", "100"), time=at))
    book = Book().sees(crossed)
    for minute in range(6):
        assert book.is_doubted
        book.sees(market(CALM, NOW + minute * MINUTE))
    assert not book.is_doubted


@pytest.mark.parametrize("ahead", [3 * HOUR, -3 * HOUR])
def test_a_doubt_is_of_the_venues_time_where_a_clock_is_off(ahead: timedelta) -> None:
    """It was over as soon as the clock was set on."""
    book = Book().sees(market("1000", NOW))
    off = replace(market(CALM, NOW + MINUTE), time=NOW + MINUTE + ahead, clock_skew=-ahead)
    assert book.sees(off).is_doubted
    assert book.sees(market(CALM, NOW + 2 * MINUTE)).is_doubted
    assert not book.sees(market(CALM, NOW + 7 * MINUTE)).is_doubted


def test_while_nobody_tells_the_time_a_doubt_stays_as_it_is() -> None:
    book = Book().sees(market(CALM, NOW, quote=a_quote("101", "100")))
    until = book.portfolio.doubts[BTC].until
    book.sees(replace(market(CALM, NOW - HOUR), clock_skew=None))
    assert book.portfolio.doubts[BTC].until == until


def test_a_confirmed_jump_is_believed_for_good_after_its_five_minutes() -> None:
    book = Book().sees(market("120", NOW))
    for number in range(1, 7):
        book.sees(market("120", NOW + number * MINUTE, close="120"))
    assert not book.is_doubted


def test_a_jump_that_nobody_confirms_stays_in_doubt_beyond_its_time() -> None:
    book = Book().sees(market("120", NOW))
    late = NOW + 30 * MINUTE
    book.sees(market("120", late, quote=quoted("120", NOW)))
    assert book.is_doubted


@pytest.mark.parametrize(("bid", "ask"), [("100.05", "100.05"), ("101", "100")])
def test_a_quote_that_cannot_be_true_costs_five_minutes(bid: str, ask: str) -> None:
    wrong = replace(a_quote(), bid=Price.of(bid), ask=Price.of(ask), time=NOW)
    book = Book().sees(market(CALM, NOW, quote=wrong))
    later = market(CALM, NOW + 5 * MINUTE - MICROSECOND)
    assert not allows(an_entry(), book.sees(later).portfolio, later)
    assert book.portfolio.doubts[BTC].prints == 0
    over = market(CALM, NOW + 5 * MINUTE)
    assert allows(an_entry(), book.sees(over).portfolio, over)


def test_a_product_that_is_not_quoted_any_more_keeps_its_doubt_to_its_end() -> None:
    book = Book().sees(market("1000", NOW)).sees(market(CALM, NOW + SECOND))
    silent = replace(market(CALM, NOW + MINUTE), views={})
    assert book.sees(silent).is_doubted
    unread = replace(silent, views={BTC: a_view(quote=None)})
    assert book.sees(unread).is_doubted
    later = replace(silent, time=NOW + 10 * MINUTE)
    assert not book.sees(later).is_doubted


USDC = ProductId("BTC", "USDC")
PEG = ProductId("USDC", "USD")


def pegged(worth: str | None, *, at: Instant = NOW) -> tuple[Policy, Snapshot]:
    tier = replace(POLICY.universe.tiers[0], products=(USDC,))
    policy = replace(POLICY, universe=replace(POLICY.universe, tiers=(tier,), clusters=()))
    views = {USDC: a_view(quote=quoted("100", at))}
    if worth is not None:
        price = Price.of(worth)
        tick = Price.of("0.0001").value
        narrow = replace(
            a_quote(), time=at, bid=Price(price.value - tick), ask=Price(price.value + tick)
        )
        views[PEG] = a_view(quote=narrow)
    return policy, replace(a_snapshot(), views=views, time=at)


@pytest.mark.parametrize(
    ("worth", "is_allowed"),
    [
        ("1", True),
        ("0.99", True),
        ("0.9899", False),
        ("1.01", True),
        ("1.0101", False),
        ("0.88", False),
        (None, False),
    ],
)
def test_what_is_quoted_in_a_pegged_currency_is_not_bought_off_its_peg(
    worth: str | None, is_allowed: bool
) -> None:
    policy, snapshot = pegged(worth)
    (answer,) = judge([an_entry(USDC)], snapshot, a_portfolio(), policy, equity=Money.of(10_000))
    (verdict,) = [each for each in answer.verdicts if each.check == "quote_sanity"]
    assert verdict.is_allowed is is_allowed
    doubted = [each.product for each in judge_doubts(a_portfolio(), snapshot, policy)]
    assert doubted == ([] if is_allowed else [USDC])
    assert not isinstance(answer, Approved) or is_allowed


def test_dollars_need_no_peg() -> None:
    assert judge_doubts(a_portfolio(), a_snapshot(), POLICY) == ()


def test_what_is_held_beside_the_universe_is_looked_at_too() -> None:
    odd = ProductId("ZZZ", "USD")
    views: dict[ProductId, ProductView] = {odd: a_view(quote=quoted("200", NOW))}
    found = judge_doubts(a_portfolio(a_position(odd)), replace(a_snapshot(), views=views), POLICY)
    assert [type(each) for each in found] == [ProductDoubted]
    assert found[0].product == odd


def test_a_doubt_keeps_its_first_moment_and_ends_with_its_event() -> None:
    book = Book().sees(market("1000", NOW)).sees(market(CALM, NOW + timedelta(minutes=1)))
    assert book.portfolio.doubts[BTC].since == NOW
    recorded = Recorded(book.portfolio.seq + 1, NOW, ProductTrusted(BTC), "")
    assert not fold(book.portfolio, recorded).doubts


def test_a_stricter_check_wants_more_quotes() -> None:
    strict = a_policy(QuoteSanity(prints_min=5))
    book = Book(strict).sees(market("120", NOW))
    for number in range(1, 5):
        book.sees(market("120", NOW + number * SECOND))
    doubt = book.portfolio.doubts[BTC]
    assert not QuoteSanity(prints_min=5).is_confirmed(doubt, quoted("120", NOW))
    assert QuoteSanity().is_confirmed(doubt, quoted("120", NOW))


UNTIL = NOW + 5 * MINUTE


def jumped(prints: int) -> Portfolio:
    """A book in which a price went to 120, and so many later quotes stayed there."""
    doubt = Doubt("a jump", NOW, UNTIL, Price.of(120), prints, NOW + prints * SECOND)
    return a_portfolio(a_position(), doubts={BTC: doubt})


@pytest.mark.parametrize(
    ("prints", "at", "is_trusted"),
    [
        (1, UNTIL, False),
        (2, UNTIL - MICROSECOND, False),
        (2, UNTIL, True),
        (2, UNTIL + MICROSECOND, True),
        (3, UNTIL - MICROSECOND, False),
        (3, UNTIL, True),
    ],
)
def test_a_jump_is_believed_from_the_third_later_quote_and_the_end_of_its_time(
    prints: int, at: Instant, is_trusted: bool
) -> None:
    """The quote of `at` is one more than those that there were."""
    (found,) = judge_doubts(jumped(prints), market("120", at), POLICY)
    if is_trusted:
        assert found == ProductTrusted(BTC)
    else:
        level = Price.of(120)
        assert found == ProductDoubted(BTC, "a jump", UNTIL, level, prints + 1, at)


@pytest.mark.parametrize("views", [{}, {BTC: a_view(quote=None)}], ids=["no view", "no quote"])
@pytest.mark.parametrize(
    ("prints", "at", "is_trusted"),
    [
        (2, UNTIL, False),
        (2, UNTIL + MINUTE, False),
        (3, UNTIL - MICROSECOND, False),
        (3, UNTIL, True),
        (4, UNTIL, True),
    ],
)
def test_a_jump_of_what_is_not_quoted_any_more_is_over_only_if_it_was_confirmed(
    views: dict[ProductId, ProductView], prints: int, at: Instant, is_trusted: bool
) -> None:
    silent = replace(a_snapshot(), views=views, time=at)
    found = judge_doubts(jumped(prints), silent, POLICY)
    assert found == ((ProductTrusted(BTC),) if is_trusted else ())
