"""The mind as a whole: one scripted market for each way in which a product's cycle ends."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.market_values import walk
from tests.core.mind_values import (
    FOUR,
    JUMPED,
    QUIET,
    a_market,
    market_bars,
    market_product,
    market_view,
    mind_policy,
    settled_portfolio,
)
from tests.core.risk.checks.staged_values import a_stage
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    EQUITY,
    ETH,
    NOW,
    XRP,
    a_policy,
    a_position,
    a_quote,
    a_working,
    ago,
    an_entry,
    an_exit,
    some_depth,
)

from trader247.core.book.staging import staged
from trader247.core.decide import decide, deliberate
from trader247.core.policy import SignalPolicy
from trader247.core.risk.checks.new_positions import NewPositions
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.universe_policy import RedFlag
from trader247.domain.decisions import Decisions, Outcome
from trader247.domain.events.people import ConfirmationGiven
from trader247.domain.ids import OrderId, ProductId
from trader247.domain.intents import IntentState
from trader247.domain.market import FeeTier, ProductStatus, ProductView
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import (
    Ban,
    Breaker,
    DaySpending,
    EquityRecord,
    Halt,
    HighPoint,
    Membership,
    Portfolio,
    ProductHistory,
    Rejections,
)
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import BreakerName, HaltName, Reason
from trader247.domain.time import DAY


def over(closes: Sequence[int], name: ProductId = BTC, /, **changes: Any) -> ProductView:
    """A product with these bars, quoted around the last of them."""
    middle = Decimal(closes[-1]) / 100
    quote = a_quote(str(middle - Decimal("0.02")), str(middle + Decimal("0.02")))
    return market_view(name, **{"bars": market_bars(closes), "quote": quote, **changes})


def ended(product: ProductId, book: Portfolio | None = None, /, **views: ProductView) -> Outcome:
    return decided(book, **views).outcomes[product]


def decided(book: Portfolio | None = None, /, **views: ProductView) -> Decisions:
    return decide(a_market(**views), book or settled_portfolio(), mind_policy())


def test_a_quiet_market_does_nothing_and_says_why_for_each_product() -> None:
    decisions = decided()
    assert {each.reason for each in decisions.outcomes.values()} == {Reason.NO_TRIGGER}
    assert tuple(decisions.outcomes) == FOUR
    assert (*decisions.approved, *decisions.refused, *decisions.halts) == ()
    assert decisions.cancellations == ()
    assert decisions.equity == EQUITY
    assert (decisions.regime, decisions.eligible, dict(decisions.universe)) == ("chop", 4, {})


def test_a_breakout_is_bought_at_the_bid_with_a_plan() -> None:
    decisions = decided(BTC=over(JUMPED))
    (approved,) = decisions.approved
    entry = approved.proposal
    assert decisions.outcomes[BTC] == Outcome(
        Reason.ENTRY_SENT, "breakout 0.560: 1.5363 at 99.98, 153.6"
    )
    assert (entry.side, entry.order_type) == (Side.BUY, OrderType.POST_ONLY_GTD)
    assert entry.price == a_quote("99.98").bid
    # 10,000 x 2 % x 1.2 (rule) x 0.8 (chop) x 0.8 (confidence) is 153.60.
    assert entry.quantity == Quantity.of("1.5363")
    assert (entry.decision_id, entry.leg) == ("7:BTC-USD", 0)
    assert (entry.strategy, entry.rule) == ("momentum247", "breakout")
    assert entry.lifetime == timedelta(seconds=300)
    assert entry.plan is not None
    assert entry.plan.stop_fraction == Decimal("0.06")
    assert {verdict.check for verdict in approved.verdicts} == {each.id for each in ALL_CHECKS}


def test_a_position_under_its_stop_is_sold_before_anything_is_bought() -> None:
    fallen = [*QUIET[:-30], *[9300] * 30]
    decisions = decided(settled_portfolio(a_position(BTC)), BTC=over(fallen), ETH=over(JUMPED, ETH))
    first, second = decisions.approved
    assert first.proposal.exit_cause is ExitCause.STOP
    assert decisions.outcomes[BTC] == Outcome(Reason.EXIT_SENT, "stop: 1 at 92.54, 92.54")
    assert second.proposal.product == ETH
    assert decisions.marks[BTC] == a_quote("92.98").bid


def a_halt(name: HaltName) -> dict[HaltName, Halt]:
    return {name: Halt(name, "a cause", ago(60))}


JUMP = over(JUMPED)
MANY = {each.base: over(JUMPED, each) for each in FOUR}
BUYING = replace(a_working(an_entry()), order_id=OrderId("b"))

DONE = a_working(an_entry(quantity=Quantity.of("1.5")), IntentState.DONE)


def history(**changes: Any) -> dict[ProductId, ProductHistory]:
    return {BTC: ProductHistory(**changes)}


SCENES: dict[Reason, tuple[Portfolio, dict[str, ProductView]]] = {
    Reason.ENTRY_SENT: (settled_portfolio(), {"BTC": JUMP}),
    Reason.EXIT_SENT: (settled_portfolio(a_position(BTC, price="120")), {}),
    Reason.ARMING: (settled_portfolio(stage=a_stage(is_revoked=True)), {"BTC": JUMP}),
    Reason.CONFIRMATION: (settled_portfolio(stage=a_stage()), {"BTC": JUMP}),
    Reason.CANARY: (
        settled_portfolio(a_position(ETH, "0.05"), cash=Money.of(150), stage=a_stage(trades=20)),
        {"BTC": JUMP},
    ),
    Reason.HOLDING: (settled_portfolio(a_position(BTC)), {"BTC": JUMP}),
    Reason.ORDER_WORKING: (settled_portfolio(working=[BUYING]), {"BTC": JUMP}),
    Reason.NOT_AT_VENUE: (settled_portfolio(), {"BTC": market_view(product=None)}),
    Reason.NOT_TRADABLE: (
        settled_portfolio(),
        {"BTC": market_view(product=market_product(status=ProductStatus.AUCTION))},
    ),
    Reason.NEWLY_LISTED: (
        settled_portfolio(),
        {"BTC": market_view(product=market_product(listed_at=NOW - DAY))},
    ),
    Reason.NO_QUOTE: (settled_portfolio(), {"BTC": market_view(quote=None)}),
    Reason.STALE_QUOTE: (
        settled_portfolio(),
        {"BTC": market_view(quote=a_quote(age=timedelta(seconds=40)))},
    ),
    Reason.CROSSED_QUOTE: (settled_portfolio(), {"BTC": market_view(quote=a_quote("101", "100"))}),
    Reason.VOLUME_UNKNOWN: (
        settled_portfolio(),
        {"BTC": market_view(product=market_product(volume_24h=None))},
    ),
    Reason.VOLUME_LOW: (
        settled_portfolio(),
        {"BTC": market_view(product=market_product(volume_24h=Money.of(5)))},
    ),
    Reason.SPREAD_WIDE: (settled_portfolio(), {"BTC": market_view(quote=a_quote("99", "101"))}),
    Reason.DEPTH_UNKNOWN: (settled_portfolio(), {"BTC": market_view(depth=None)}),
    Reason.DEPTH_LOW: (settled_portfolio(), {"BTC": market_view(depth=some_depth("9"))}),
    Reason.WAITING_TO_ENTER: (
        settled_portfolio(universe={BTC: Membership(False)}),
        {"BTC": JUMP},
    ),
    Reason.UNIVERSE_TOO_SMALL: (
        settled_portfolio(),
        {
            "BTC": JUMP,
            **{each.base: market_view(each, quote=None) for each in (ETH, DOGE, XRP)},
        },
    ),
    Reason.BARS_MISSING: (settled_portfolio(), {"BTC": market_view(bars=None)}),
    Reason.OUTLIER: (
        settled_portfolio(),
        {"BTC": market_view(bars=market_bars([*QUIET[:-1], 12_000], volumes=[1000] * 1559 + [9]))},
    ),
    Reason.VOLATILITY_HIGH: (
        settled_portfolio(),
        {"BTC": over([10_000 if i // 15 % 2 else 10_200 for i in range(1560)])},
    ),
    Reason.REGIME_CRASH: (
        settled_portfolio(),
        {"BTC": replace(JUMP, hourly=array("q", [20_000] * 100 + [10_000] * 68))},
    ),
    Reason.NO_TRIGGER: (settled_portfolio(), {}),
    Reason.SIZE_BELOW_FLOOR: (settled_portfolio(cash=Money.of(800)), {"BTC": JUMP}),
    Reason.TRADING_STATE: (settled_portfolio(halts=a_halt(HaltName.PAUSE)), {"BTC": JUMP}),
    Reason.BREAKER_OPEN: (
        settled_portfolio(
            breakers={BreakerName.RATE_LIMIT: Breaker(BreakerName.RATE_LIMIT, "a cause", ago(60))}
        ),
        {"BTC": JUMP},
    ),
    Reason.BANNED: (
        settled_portfolio(bans={"collar:BTC-USD": Ban("collar", "BTC-USD", "a fault", ago(60))}),
        {"BTC": JUMP},
    ),
    Reason.SELF_MATCH: (
        settled_portfolio(a_position(BTC, price="120"), working=[BUYING]),
        {"BTC": JUMP},
    ),
    Reason.EQUITY_KNOWN: (settled_portfolio(cash=None), {"BTC": JUMP}),
    Reason.COOLDOWN: (settled_portfolio(history=history(last_stop=ago(600))), {"BTC": JUMP}),
    Reason.LOSING_STREAK: (settled_portfolio(losing_streak=3, last_loss=ago(60)), {"BTC": JUMP}),
    Reason.REPETITION: (
        settled_portfolio(history=history(entries=(ago(3500), ago(2600), ago(1700), ago(800)))),
        {"BTC": JUMP},
    ),
    Reason.DUPLICATE: (
        settled_portfolio(settled={DONE.intent.client_order_id: DONE}),
        {"BTC": JUMP},
    ),
    Reason.TURNOVER: (
        settled_portfolio(spent=DaySpending(NOW.day_start, bought=Money.of(2900))),
        {"BTC": JUMP},
    ),
    Reason.PACE: (settled_portfolio(entries_sent=(ago(30),)), {"BTC": JUMP}),
    Reason.FEE_WORTH: (
        settled_portfolio(fee_tier=FeeTier("odd", Bps.of(900), Bps.of(1200), NOW)),
        {"BTC": JUMP},
    ),
    Reason.COLLAR: (
        settled_portfolio(a_position(BTC, price="120")),
        {"BTC": market_view(quote=a_quote("98", "101"))},
    ),
    Reason.PRODUCT_STATUS: (
        settled_portfolio(),
        {"BTC": replace(JUMP, product=market_product(read_at=ago(600)))},
    ),
    Reason.MAX_POSITIONS: (
        settled_portfolio(
            *[a_position(ProductId(f"P{i}", "USD"), "0.01") for i in range(8)],
        ),
        {
            "BTC": JUMP,
            **{f"P{i}": market_view(ProductId(f"P{i}", "USD")) for i in range(8)},
        },
    ),
}


@pytest.mark.parametrize("reason", SCENES, ids=lambda reason: reason.value)
def test_each_reason_has_its_scene(reason: Reason) -> None:
    book, views = SCENES[reason]
    outcome = ended(BTC, book, **views)
    assert (outcome.reason, bool(outcome.detail)) == (reason, True), outcome


SHOWN_BELOW = {
    Reason.STABLECOIN,
    Reason.RED_FLAGGED,
    Reason.CLOCK_SKEW,
    Reason.NEW_POSITIONS,
    Reason.OUTRANKED,
}
OF_SENDING = {Reason.DRY_RUN, Reason.DECLINED, Reason.NOT_SENT, Reason.UNKNOWN_OUTCOME}
NEVER_WISHED = {
    # An eligible product has a fresh and sane quote, a flash crash opens its breaker first, and a
    # wish is sized and shaped to pass these.
    Reason.QUOTE_AGE,
    Reason.QUOTE_SANITY,
    Reason.ORDER_TYPE,
    Reason.INCREMENTS,
    Reason.MIN_NOTIONAL,
    Reason.MAX_ORDER,
    Reason.LADDER,
    Reason.SLIPPAGE,
    Reason.DEPTH_MULTIPLE,
    Reason.MARKET_VOLUME,
    Reason.PRODUCT_EXPOSURE,
    Reason.CLUSTER_EXPOSURE,
    Reason.TOTAL_EXPOSURE,
    Reason.CAPITAL,
    Reason.BUYING_POWER,
}


def test_every_reason_is_accounted_for() -> None:
    groups = [set(SCENES), SHOWN_BELOW, OF_SENDING, NEVER_WISHED]
    assert set.union(*groups) == set(Reason)
    assert sum(len(group) for group in groups) == len(Reason)


def test_a_stablecoin_and_a_flagged_product_are_never_bought() -> None:
    policy = a_policy()
    flag = RedFlag(ETH, "a rumour", NOW, DAY)
    universe = replace(policy.universe, stablecoins=("BTC",), red_flags=(flag,))
    outcomes = decide(
        a_market(**MANY), settled_portfolio(), replace(policy, universe=universe)
    ).outcomes
    assert outcomes[BTC].reason is Reason.STABLECOIN
    assert outcomes[ETH].reason is Reason.RED_FLAGGED


def test_a_clock_that_cannot_be_measured_stops_entries() -> None:
    market = replace(a_market(BTC=JUMP), clock_skew=None)
    outcome = decide(market, settled_portfolio(), mind_policy()).outcomes[BTC]
    assert outcome.reason is Reason.CLOCK_SKEW


def test_one_cycle_opens_one_position_and_the_rest_are_refused() -> None:
    decisions = decided(**MANY)
    assert [each.proposal.product for each in decisions.approved] == [BTC]
    assert {each.proposal.product for each in decisions.refused} == {ETH, DOGE, XRP}
    assert {decisions.outcomes[each].reason for each in (ETH, DOGE, XRP)} == {Reason.NEW_POSITIONS}


def test_what_ranks_below_the_top_is_outranked() -> None:
    policy = replace(mind_policy(), triggers=SignalPolicy(triggers_max=2))
    outcomes = decide(a_market(**MANY), settled_portfolio(), policy).outcomes
    assert outcomes[DOGE] == Outcome(Reason.OUTRANKED, "score 0.560 is number 3, 2 a cycle")
    assert outcomes[XRP].reason is Reason.OUTRANKED


def test_entries_of_one_cycle_share_the_room_of_their_cluster() -> None:
    book = settled_portfolio(a_position(ProductId("XRP", "USD"), "8"))
    policy = a_policy(NewPositions(cycle_max=5))
    views = {"BTC": JUMP, "ETH": over(JUMPED, ETH)}
    decisions = decide(a_market(**views), book, policy)
    (first,), (second,) = (
        [each for each in answers if each.proposal.is_entry]
        for answers in (decisions.approved, decisions.refused)
    )
    # LAYER1 may hold 1,000 of an equity near 10,800; XRP holds 800 of them.
    assert first.proposal.notional + second.proposal.notional <= Money.of(300)
    assert second.proposal.quantity < first.proposal.quantity


def losing(now_equity: str) -> Portfolio:
    """A book whose day began with 10,000, and that is worth `now_equity`."""
    start = HighPoint(NOW.day_start, Decimal(1))
    record = EquityRecord(
        units=Decimal(10_000), equity=EQUITY, time=ago(60), high_nav=Decimal(1), day=start
    )
    return settled_portfolio(cash=Money.of(now_equity), equity=record)


def test_a_stop_that_is_hit_in_this_cycle_binds_this_cycle() -> None:
    decisions = decided(losing("9700"), BTC=JUMP)
    assert [each.name for each in decisions.halts] == [HaltName.DAILY_STOP]
    assert decisions.outcomes[BTC].reason is Reason.TRADING_STATE
    assert decisions.approved == ()
    assert decided(losing("9701"), BTC=JUMP).halts == ()


def test_a_stop_cancels_resting_buys_and_lets_positions_leave() -> None:
    resting = replace(a_working(an_entry(ETH), name="eth"), order_id=OrderId("e"))
    book = replace(
        losing("9500"),
        positions={BTC: a_position(BTC, "0.1", "120")},
        working={resting.intent.client_order_id: resting},
    )
    decisions = decided(book)
    assert [each.client_order_id for each in decisions.cancellations] == ["t247-eth"]
    assert decisions.outcomes[BTC].reason is Reason.EXIT_SENT


def test_a_halted_book_sells_nothing_either() -> None:
    book = settled_portfolio(a_position(BTC, price="120"), halts=a_halt(HaltName.KILL_SWITCH))
    decisions = decided(book)
    assert decisions.outcomes[BTC].reason is Reason.TRADING_STATE
    assert decisions.approved == ()


def test_a_breaker_that_opens_in_this_cycle_binds_this_cycle() -> None:
    crash = [*QUIET[:-4], *[9_300] * 4]
    decisions = decided(BTC=over(crash), ETH=over(JUMPED, ETH))
    assert BreakerName.VOLATILITY in decisions.tripped
    assert decisions.outcomes[ETH].reason is Reason.BREAKER_OPEN


def test_a_sale_on_its_way_is_a_working_order() -> None:
    selling = a_working(an_exit(), IntentState.UNKNOWN)
    book = settled_portfolio(a_position(BTC, price="120"), working=[selling])
    assert ended(BTC, book).reason is Reason.ORDER_WORKING


def test_a_buy_is_ended_that_keeps_back_a_sale_whose_stop_rests() -> None:
    """A stop makes way for a sale that could be sent: one that waits for a buy could not be."""
    bought = replace(a_working(an_entry(), name="buy"), order_id=OrderId("b"))
    stop = an_exit(order_type=OrderType.STOP_LIMIT_GTD, price=Price.of("93"))
    resting = replace(a_working(stop, name="stop"), order_id=OrderId("s"))
    over_target = settled_portfolio(a_position(BTC, price="80"), working=[bought, resting])
    decisions = decided(over_target)
    assert decisions.outcomes[BTC].reason is Reason.SELF_MATCH
    assert [each.client_order_id for each in decisions.cancellations] == ["t247-buy"]
    assert decisions.is_pressing


@pytest.mark.parametrize("is_exits_only", [False, True])
def test_a_buy_is_ended_that_keeps_back_a_sale_where_no_stop_rests_yet(
    *, is_exits_only: bool
) -> None:
    """Nor is a stop laid for a sale that waits for a second: it would have to make way first."""
    bought = replace(a_working(an_entry(), name="buy"), order_id=OrderId("b"))
    over_target = settled_portfolio(a_position(BTC, price="80"), working=[bought])
    market = replace(a_market(), is_exits_only=is_exits_only)
    decisions = decide(market, over_target, mind_policy())
    assert decisions.outcomes[BTC].reason is Reason.SELF_MATCH
    assert [each.client_order_id for each in decisions.cancellations] == ["t247-buy"]
    assert decisions.approved == ()
    assert decisions.is_pressing


def test_a_buy_is_ended_beside_a_sale_that_is_due_and_cannot_be_sent() -> None:
    bought = replace(a_working(an_entry(price=Price.of("50")), name="buy"), order_id=OrderId("b"))
    over_target = settled_portfolio(a_position(BTC, price="80"), working=[bought])
    view = a_market().views[BTC]
    market = replace(a_market(), views={**a_market().views, BTC: replace(view, bars=None)})
    decisions = decide(market, over_target, mind_policy())
    assert decisions.outcomes[BTC].reason is Reason.COLLAR
    assert [each.client_order_id for each in decisions.cancellations] == ["t247-buy"]
    assert [each.proposal.stop_price is not None for each in decisions.approved] == [True]


def test_no_stop_is_said_to_go_to_the_venue_between_two_cycles() -> None:
    over_target = settled_portfolio(a_position(BTC, price="80"))
    view = a_market().views[BTC]
    views = {**a_market().views, BTC: replace(view, bars=None)}
    decisions = decide(
        replace(a_market(), views=views, is_exits_only=True), over_target, mind_policy()
    )
    assert decisions.outcomes[BTC].reason is Reason.COLLAR
    assert "goes to the venue" not in decisions.outcomes[BTC].detail
    assert decisions.approved == ()
    assert len(decisions.refused) == 1


def test_an_unreachable_market_ends_every_product_without_a_quote() -> None:
    market = replace(a_market(), views={}, unreachable="no answer")
    decisions = decide(market, settled_portfolio(a_position()), mind_policy())
    assert {each.reason for each in decisions.outcomes.values()} == {Reason.NO_QUOTE}
    assert decisions.equity is None
    assert BreakerName.MAINTENANCE in decisions.tripped


def test_a_held_product_that_is_no_longer_listed_still_ends_in_a_reason() -> None:
    strange = ProductId("OLD", "USD")
    book = settled_portfolio(a_position(strange, price="120"))
    decisions = decided(book, OLD=market_view(strange))
    assert decisions.outcomes[strange].reason is Reason.EXIT_SENT


def test_an_empty_ledger_and_an_empty_market_give_decisions() -> None:
    market = replace(a_market(), views={}, clock_skew=None)
    decisions = decide(market, Portfolio(), mind_policy())
    assert set(decisions.outcomes) == set(FOUR)
    assert decisions.approved == ()


def test_the_deliberation_keeps_every_figure() -> None:
    thought = deliberate(a_market(BTC=JUMP), settled_portfolio(), mind_policy())
    examination = thought.examined[BTC]
    assert [reading.signal for reading in examination.readings] == [
        "price_move",
        "volume_spike",
        "breakout",
        "reversal",
        "momentum",
        "mean_reversion",
    ]
    assert examination.trigger is not None
    assert thought.sizes[BTC].binding.name == "the wished size"
    assert thought.regime.name == "chop"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), step=st.sampled_from([0.0005, 0.002]), data=st.data())
def test_any_market_gives_the_same_decisions_twice_with_one_reason_a_product(
    seed: int, step: float, data: st.DataObject
) -> None:
    views: dict[str, ProductView] = {}
    for i, product in enumerate(FOUR):
        bars = replace(walk(seed + i, 1560, price=10_000, step=step), end=NOW.minute - 1)
        middle = Decimal(bars.close[-1]) / 100
        cent = Decimal("0.01")
        quote = a_quote(str(max(cent, middle - cent)), str(middle + cent))
        parts: dict[str, Any] = {"bars": bars, "quote": quote}
        for missing in data.draw(st.sets(st.sampled_from(["bars", "quote", "depth"]), max_size=1)):
            parts[missing] = None
        views[product.base] = market_view(product, **parts)
    held = data.draw(st.sets(st.sampled_from(FOUR), max_size=2))
    book = settled_portfolio(*[a_position(each, "1") for each in sorted(held)])
    market = a_market(**views)
    decisions = decide(market, book, mind_policy())
    assert decisions == decide(market, book, mind_policy())
    assert set(decisions.outcomes) == set(FOUR)
    stops = [each.proposal for each in decisions.approved if each.proposal.stop_price is not None]
    assert {each.product for each in stops} <= held
    for each in stops:  # it stays, or what is due cannot be sent
        outcome = decisions.outcomes[each.product]
        is_kept = outcome.detail.endswith("its stop goes to the venue meanwhile")
        assert outcome.reason is (Reason.COLLAR if is_kept else Reason.HOLDING)
    sent = {each.proposal.product for each in decisions.approved if each.proposal not in stops}
    reasons = (Reason.ENTRY_SENT, Reason.EXIT_SENT)
    assert sent == {key for key, each in decisions.outcomes.items() if each.reason in reasons}
    assert all(each.detail for each in decisions.outcomes.values())


def test_the_first_trades_of_an_armed_book_are_asked_for_and_a_yes_is_decided_afresh() -> None:
    book = settled_portfolio(stage=a_stage(largest=Money.of(250)))
    decisions = decide(a_market(BTC=JUMP), book, mind_policy())
    (asked,) = decisions.asked
    assert (asked.product, decisions.approved) == (BTC, ())
    stage = staged(staged(book.stage, asked, NOW), ConfirmationGiven(asked.id, "me"), NOW)
    (answer,) = decide(a_market(BTC=JUMP), replace(book, stage=stage), mind_policy()).approved
    assert answer.proposal.notional <= asked.notional


@pytest.mark.parametrize(
    ("count", "seconds", "is_paused"),
    [(2, 60, False), (3, 60, True), (3, 600, True), (3, 601, False)],
)
def test_entries_that_would_not_rest_are_tried_twice_more_and_then_left_alone(
    count: int, seconds: int, is_paused: bool
) -> None:
    book = settled_portfolio(post_only_rejections={BTC: Rejections(count, ago(seconds))})
    found = ended(BTC, book, BTC=over(JUMPED))
    assert (found.reason is Reason.DECLINED) is is_paused
    assert (found.reason is Reason.ENTRY_SENT) is not is_paused
