from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.mind_values import a_market, mind_policy, settled_portfolio
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    NOW,
    a_policy,
    a_portfolio,
    a_position,
    a_snapshot,
    a_working,
    ago,
    an_entry,
    an_exit,
)
from tests.core.test_decide import MANY

from trader247.core.booking import fold
from trader247.core.decide import decide
from trader247.core.policy import ConductPolicy
from trader247.core.risk.bans import hasty_share, judge_bans, standing_ban_cause
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.checks.slippage import Slippage
from trader247.core.risk.gate import judge
from trader247.domain.decisions import Cancellation
from trader247.domain.events.halts import BanCleared, BanLatched, Struck
from trader247.domain.events.orders import CancelRequested, IntentRecorded
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.money import Bps, Money, Price
from trader247.domain.orders import OrderType
from trader247.domain.portfolio import Ban, DayConduct, Portfolio, ProductHistory
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import Reason, Severity
from trader247.domain.time import HOUR, SECOND, Instant
from trader247.domain.verdicts import Approved, Refused

TODAY = NOW.day_start
TOO_DEAR = Price.of("100.51")


def judged(portfolio: Portfolio, *wishes: Proposal) -> tuple[Struck | BanLatched, ...]:
    policy = a_policy()
    answers = judge(wishes, a_snapshot(), portfolio, policy, equity=Money.of(10_000))
    return judge_bans(portfolio, answers, policy, NOW)


def bans_in(found: tuple[Struck | BanLatched, ...]) -> list[tuple[str, str]]:
    return [(each.control, each.scope) for each in found if isinstance(each, BanLatched)]


def folded(portfolio: Portfolio, *events: AnyEvent, at: Instant = NOW) -> Portfolio:
    for event in events:
        portfolio = fold(portfolio, Recorded(portfolio.seq + 1, at, event, ""))
    return portfolio


@pytest.mark.parametrize(
    ("before", "is_banned"),
    [((), False), ((300,), False), ((599, 300), True), ((600, 300), False), ((601, 300), False)],
)
def test_the_third_price_outside_the_collar_within_ten_minutes_bans_the_product(
    before: tuple[int, ...], is_banned: bool
) -> None:
    book = a_portfolio()
    for seconds in before:
        book = folded(book, Struck("collar", "BTC-USD", ""), at=ago(seconds))
    found = judged(book, an_entry(price=TOO_DEAR))
    assert [each.control for each in found if isinstance(each, Struck)] == ["collar"]
    assert bans_in(found) == ([("collar", "BTC-USD")] if is_banned else [])


def test_an_order_that_was_approved_hides_no_fault_of_the_next() -> None:
    wishes = (an_entry(ETH), an_entry(price=TOO_DEAR))
    first, second = judge(wishes, a_snapshot(), a_portfolio(), a_policy(), equity=Money.of(10_000))
    assert isinstance(first, Approved)
    assert isinstance(second, Refused)
    (struck,) = judged(a_portfolio(), *wishes)
    assert (struck.control, struck.scope) == ("collar", "BTC-USD")


def test_a_collar_that_cannot_be_measured_is_nobodys_fault() -> None:
    policy = a_policy()
    answers = judge(
        [an_entry()], replace(a_snapshot(), views={}), a_portfolio(), policy, equity=None
    )
    assert judge_bans(a_portfolio(), answers, policy, NOW) == ()


@pytest.mark.parametrize(("trades", "is_banned"), [(3, False), (4, True)])
def test_who_asks_for_one_purchase_too_many_is_banned_with_its_strategy(
    trades: int, is_banned: bool
) -> None:
    history = ProductHistory(entries=tuple(ago(600 + each) for each in range(trades)))
    found = judged(a_portfolio(history={BTC: history}), an_entry())
    assert bans_in(found) == ([("repetition", "default")] if is_banned else [])


@pytest.mark.parametrize(("running", "is_banned"), [(2, False), (3, True)])
def test_a_fourth_purchase_without_a_sale_bans_its_strategy(running: int, is_banned: bool) -> None:
    book = a_portfolio(history={BTC: ProductHistory(entries_running=running)})
    assert bans_in(judged(book, an_entry())) == ([("repetition", "default")] if is_banned else [])


@pytest.mark.parametrize(
    ("slips", "is_banned"),
    [
        (("100", "100"), False),
        (("100.01", "100"), False),
        (("100.01", "-20", "101.5"), True),
    ],
)
def test_two_fills_over_twice_the_cap_ban_the_product(
    slips: tuple[str, ...], is_banned: bool
) -> None:
    history = ProductHistory(slips=tuple(map(Bps.of, slips)))
    found = judged(a_portfolio(history={BTC: history}))
    assert bans_in(found) == ([("slippage", "BTC-USD")] if is_banned else [])
    texts = [each.cause for each in found if isinstance(each, BanLatched)]
    assert all(text.endswith(f"the last {slips[-1]}") for text in texts)


def test_a_stricter_cap_counts_a_cheaper_fill() -> None:
    book = a_portfolio(history={BTC: ProductHistory(slips=(Bps.of("20.01"),) * 2)})
    assert judge_bans(book, (), a_policy(), NOW) == ()
    strict = a_policy(Slippage(bps_max=Bps.of(10)))
    assert bans_in(judge_bans(book, (), strict, NOW)) == [("slippage", "BTC-USD")]


@pytest.mark.parametrize(
    ("orders", "hasty", "is_banned"),
    [(3, 3, False), (4, 2, False), (4, 3, True), (200, 100, False), (200, 101, True)],
)
def test_more_than_half_of_the_orders_ended_at_once_ban_their_strategy(
    orders: int, hasty: int, is_banned: bool
) -> None:
    book = a_portfolio(conduct={"default": DayConduct(TODAY, orders, orders, hasty)})
    assert bans_in(judged(book)) == ([("conduct", "default")] if is_banned else [])
    yesterday = DayConduct(TODAY - 24 * HOUR, orders, orders, hasty)
    assert judged(a_portfolio(conduct={"default": yesterday})) == ()
    tomorrow = DayConduct(TODAY + 24 * HOUR, orders, orders, hasty)
    assert bool(judged(a_portfolio(conduct={"default": tomorrow}))) is is_banned, "clock set back"


@pytest.mark.parametrize(
    ("orders", "traded", "is_told"),
    [(50, 0, False), (51, 0, True), (50, 1, False), (51, 1, True), (100, 2, False), (101, 2, True)],
)
def test_more_than_fifty_orders_a_trade_are_told_of_once_a_day(
    orders: int, traded: int, is_told: bool
) -> None:
    book = a_portfolio(conduct={"default": DayConduct(TODAY, orders, traded)})
    found = judged(book)
    assert [each.control for each in found] == (["order_ratio"] if is_told else [])
    if is_told:
        assert judged(folded(book, *found)) == ()
        assert judged(folded(book, *found, at=TODAY)) == (), "midnight is today"
        assert judged(folded(book, *found, at=TODAY - SECOND)) != ()


def test_a_resting_stop_that_is_renewed_all_day_is_no_order_of_its_strategys_conduct() -> None:
    for kind, orders in ((OrderType.LIMIT_IOC, 1), (OrderType.STOP_LIMIT_GTD, 0)):
        intent = a_working(an_exit(order_type=kind)).intent
        sent = folded(a_portfolio(), IntentRecorded(intent))
        assert sum(day.orders for day in sent.conduct.values()) == orders


def test_an_order_ended_within_two_seconds_is_hasty_and_one_at_two_is_not() -> None:
    for age, hasty in ((1_999_999, 1), (2_000_000, 0)):
        working = a_working(an_entry())
        book = a_portfolio(working=[working])
        name = working.intent.client_order_id
        event = CancelRequested(name, OrderId("x"), "")
        at = working.intent.created + age * (SECOND / 1_000_000)
        once = folded(book, event, at=at)
        assert sum(day.hasty for day in once.conduct.values()) == hasty
        again = folded(once, event, at=at)
        assert sum(day.hasty for day in again.conduct.values()) == hasty, "asked for again"


def test_a_ban_stands_until_it_is_cleared_and_what_led_to_it_is_forgotten() -> None:
    strikes = [Struck("collar", "BTC-USD", "")] * 3
    book = folded(a_portfolio(), *strikes, BanLatched("collar", "BTC-USD", "why"))
    again = folded(book, BanLatched("collar", "BTC-USD", "another"))
    assert again.bans["collar:BTC-USD"] == Ban("collar", "BTC-USD", "why", NOW)
    free = folded(again, BanCleared("collar", "BTC-USD", "mended", "me"))
    assert not free.bans
    assert not free.strikes


@pytest.mark.parametrize("control", ["slippage", "conduct"])
def test_a_cleared_ban_is_not_latched_again_by_what_is_past(control: str) -> None:
    book = a_portfolio(
        history={BTC: ProductHistory(slips=(Bps.of(200),) * 2)},
        conduct={"default": DayConduct(TODAY, 4, 0, 4)},
    )
    scope = "BTC-USD" if control == "slippage" else "default"
    assert (control, scope) in bans_in(judged(book))
    free = folded(book, BanCleared(control, scope, "mended", "me"))
    assert (control, scope) not in bans_in(judged(free))


def test_a_repetition_that_still_stands_cannot_be_cleared() -> None:
    ban = Ban("repetition", "default", "", NOW)
    entries = tuple(ago(each) for each in (3_599, 300, 200, 100))
    book = a_portfolio(history={BTC: ProductHistory(entries=entries)})
    assert standing_ban_cause(ban, book, a_policy(), NOW) is not None
    assert standing_ban_cause(ban, book, a_policy(), NOW + SECOND) is None
    loose = a_policy(Repetition(per_hour=5))
    assert standing_ban_cause(ban, book, loose, NOW) is None


def test_resting_buys_of_a_banned_product_are_cancelled_and_sales_stay() -> None:
    ban = Ban("collar", "BTC-USD", "a fault", ago(60))
    buy = replace(a_working(an_entry(), name="buy"), order_id=OrderId("1"))
    sale = replace(a_working(an_exit(), name="sale"), order_id=OrderId("2"))
    book = a_portfolio(a_position(), working=[buy, sale], bans={ban.key: ban})
    (going,) = decide(a_snapshot(), book, a_policy()).cancellations
    assert going == Cancellation(ClientOrderId("t247-buy"), "collar:BTC-USD is banned: a fault")


def test_the_share_of_haste_is_a_setting_with_a_ceiling() -> None:
    book = a_portfolio(conduct={"default": DayConduct(TODAY, 10, 10, 2)})
    strict = a_policy(conduct=ConductPolicy(hasty_pct=19))
    assert bans_in(judge_bans(book, (), strict, NOW)) == [("conduct", "default")]


def test_a_ban_that_stands_hides_no_other_fault() -> None:
    ban = Ban("slippage", "BTC-USD", "", NOW)
    history = {BTC: ProductHistory(slips=(Bps.of(200),) * 2)}
    conduct = {"default": DayConduct(TODAY, 4, 4, 4)}
    book = a_portfolio(history=history, conduct=conduct, bans={ban.key: ban})
    assert bans_in(judged(book)) == [("conduct", "default")]


@pytest.mark.parametrize(
    ("orders", "hasty", "share"), [(0, 0, 0), (4, 0, 0), (4, 1, 25), (3, 1, 34), (3, 3, 100)]
)
def test_the_share_of_haste_is_shown_rounded_up(orders: int, hasty: int, share: int) -> None:
    assert hasty_share(DayConduct(TODAY, orders, 0, hasty)) == share


def test_only_what_still_goes_on_keeps_a_ban_from_being_cleared() -> None:
    ban = Ban("collar", "BTC-USD", "", NOW)
    assert standing_ban_cause(ban, a_portfolio(), a_policy(), NOW) is None


def test_an_alert_is_over_with_the_last_ban_of_its_kind() -> None:
    book = folded(
        a_portfolio(),
        BanLatched("collar", "BTC-USD", "told"),
        BanLatched("collar", "ETH-USD", "told"),
        AlertRaised(Severity.CRITICAL, "ban_collar", "told"),
        BanCleared("collar", "BTC-USD", "seen to", "me"),
    )
    assert list(book.bans) == ["collar:ETH-USD"]
    assert "ban_collar" in book.open_alerts
    after = folded(book, BanCleared("collar", "ETH-USD", "seen to", "me"))
    assert "ban_collar" not in after.open_alerts


def test_a_fault_of_one_product_keeps_another_of_its_strategy_from_being_bought_with_it() -> None:
    """Both want to be bought at once: the first was judged before the second's fault was seen."""
    market, policy = a_market(**MANY), mind_policy()
    before = decide(market, settled_portfolio(), policy)
    (bought,) = (each for each in before.approved if each.proposal.is_entry)
    other = next(
        each.proposal
        for each in before.refused
        if each.proposal.strategy == bought.proposal.strategy
    )
    often = ProductHistory(entries=tuple(ago(7200 - number) for number in range(12)))
    book = settled_portfolio(history={other.product: often})
    after = decide(market, book, policy)
    assert ("repetition", other.strategy) in bans_in(after.bans)
    assert after.outcomes[bought.proposal.product].reason is Reason.BANNED
    assert not [each for each in after.approved if each.proposal.is_entry]
