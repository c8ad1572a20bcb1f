from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    EMPTY_SNAPSHOT,
    EQUITY,
    ETH,
    NOW,
    XRP,
    a_policy,
    a_portfolio,
    a_position,
    a_product,
    a_quote,
    a_snapshot,
    a_view,
    ago,
    an_entry,
    an_exit,
    some_bars,
    some_depth,
)

from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.max_order import MaxOrder, least_quantity
from trader247.core.risk.checks.new_positions import NewPositions
from trader247.core.risk.checks.pace import Pace
from trader247.core.risk.gate import judge, with_findings
from trader247.core.risk.reservations import (
    at_market,
    exposure_of,
    exposure_of_all,
    total_exposure,
    with_reserved,
)
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltLatched
from trader247.domain.ids import ProductId, decision_id
from trader247.domain.market import ProductView
from trader247.domain.money import CONTEXT, Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Breaker, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import BreakerName, HaltName, TradingState
from trader247.domain.verdicts import Approved, Refused

POLICY = a_policy()
CROWD = a_policy(NewPositions(cycle_max=5), Pace(seconds_between=0, per_hour=60, per_day=500))
COLLAR = Collar()


def _one(proposal: Proposal, portfolio: Portfolio | None = None) -> Approved | Refused:
    book = portfolio or a_portfolio()
    (answer,) = judge([proposal], a_snapshot(), book, POLICY, equity=EQUITY)
    return answer


def test_an_ordinary_entry_is_approved_with_the_verdict_of_every_check() -> None:
    answer = _one(an_entry())
    assert isinstance(answer, Approved)
    assert [each.check for each in answer.verdicts] == [each.id for each in POLICY.checks]
    assert (answer.cycle, answer.decided_at) == (7, NOW)
    assert answer.quote_time == ago(1)


def test_an_ordinary_exit_passes_the_same_gate() -> None:
    answer = _one(an_exit(), a_portfolio(a_position()))
    assert isinstance(answer, Approved)
    assert len(answer.verdicts) == len(POLICY.checks)


def test_a_refusal_records_all_that_was_wrong_and_names_the_first() -> None:
    wrong = an_entry(price=Price.of("150.001"), quantity=Quantity.of("9.00001"))
    answer = _one(wrong)
    assert isinstance(answer, Refused)
    failed = [each.check for each in answer.verdicts if not each.is_allowed]
    assert {"increments", "max_order", "collar", "slippage", "product_exposure"} <= set(failed)
    assert answer.first.check == "increments"


def test_nothing_known_refuses_everything() -> None:
    answers = judge([an_entry(), an_exit()], EMPTY_SNAPSHOT, Portfolio(), POLICY, equity=None)
    assert all(isinstance(answer, Refused) for answer in answers)


def test_a_second_entry_of_a_cycle_sees_the_first() -> None:
    answers = judge(
        [an_entry(BTC), an_entry(ETH)], a_snapshot(), a_portfolio(), POLICY, equity=EQUITY
    )
    assert [type(answer) for answer in answers] == [Approved, Refused]
    assert isinstance(answers[1], Refused)
    assert answers[1].first.check == "new_positions"


def test_a_refused_entry_takes_nothing_from_the_next() -> None:
    answers = judge(
        [an_entry(BTC, price=Price.of("150")), an_entry(ETH)],
        a_snapshot(),
        a_portfolio(),
        POLICY,
        equity=EQUITY,
    )
    assert [type(answer) for answer in answers] == [Refused, Approved]


def test_lots_are_not_sold_twice_in_one_cycle() -> None:
    answers = judge(
        [an_exit(BTC), an_exit(BTC, leg=2)],
        a_snapshot(),
        a_portfolio(a_position()),
        POLICY,
        equity=EQUITY,
    )
    assert [type(answer) for answer in answers] == [Approved, Refused]


def test_a_policy_without_one_of_its_checks_is_a_bug() -> None:
    short = replace(POLICY, checks=POLICY.checks[1:])
    with pytest.raises(AssertionError, match="missing"):
        judge([], a_snapshot(), a_portfolio(), short, equity=EQUITY)


def test_what_a_cycle_finds_binds_the_same_cycle() -> None:
    book = a_portfolio(
        a_position(), breakers={BreakerName.RATE_LIMIT: Breaker(BreakerName.RATE_LIMIT, "", NOW)}
    )
    found = with_findings(
        book,
        [HaltLatched(HaltName.DAILY_STOP, "lost")],
        [BreakerOpened(BreakerName.VOLATILITY, "moved"), BreakerClosed(BreakerName.RATE_LIMIT)],
        NOW,
    )
    assert found.trading_state is TradingState.REDUCING
    assert list(found.breakers) == [BreakerName.VOLATILITY]
    entry, leave = judge([an_entry(ETH), an_exit()], a_snapshot(), found, POLICY, equity=EQUITY)
    assert isinstance(entry, Refused)
    assert isinstance(leave, Approved)


@pytest.mark.parametrize("is_halt", [True, False], ids=["a halt alone", "a breaker alone"])
def test_one_finding_alone_binds_the_same_cycle(is_halt: bool) -> None:
    halts = [HaltLatched(HaltName.DAILY_STOP, "lost")] if is_halt else []
    opened = [] if is_halt else [BreakerOpened(BreakerName.VOLATILITY, "moved")]
    found = with_findings(a_portfolio(), halts, opened, NOW)
    (answer,) = judge([an_entry()], a_snapshot(), found, POLICY, equity=EQUITY)
    assert isinstance(answer, Refused)


def test_what_was_approved_last_is_what_the_next_one_sees() -> None:
    """Among several: an exit between two entries must not hide the first of them."""
    book = a_portfolio(a_position(DOGE))
    asked = [an_entry(BTC), an_exit(DOGE), an_entry(ETH)]
    answers = judge(asked, a_snapshot(), book, POLICY, equity=EQUITY)
    assert [type(each) for each in answers] == [Approved, Approved, Refused]
    twice = judge(
        [an_exit(DOGE), an_entry(BTC), an_entry(ETH)], a_snapshot(), book, POLICY, equity=EQUITY
    )
    assert [type(each) for each in twice] == [Approved, Approved, Refused]


def test_exposure_is_judged_at_the_snapshots_bids_unless_it_is_marked_so() -> None:
    """A holding that has risen fills the cap, though its last mark was low."""
    book = a_portfolio(a_position(ETH, "4"), marks={ETH: Price.of(1)})
    risen = a_snapshot(ETH=a_view(quote=a_quote("1000", "1000.1")), BTC=a_view())
    (refused,) = judge([an_entry(BTC)], risen, book, POLICY, equity=EQUITY)
    assert isinstance(refused, Refused)
    assert "total_exposure" in {each.check for each in refused.verdicts if not each.is_allowed}
    (marked,) = judge([an_entry(BTC)], risen, book, POLICY, equity=EQUITY, is_marked=True)
    assert "total_exposure" not in {each.check for each in marked.verdicts if not each.is_allowed}


def _at(price: Decimal, increment: str) -> ProductView:
    """A market of one product around `price`, however far that is from where it was bought."""
    half = CONTEXT.multiply(price, Decimal("0.0005"))
    low, high = CONTEXT.subtract(price, half), CONTEXT.add(price, half)
    product = a_product(
        BTC, price_increment=Price.of("0.00000001"), base_increment=Quantity.of(increment)
    )
    return a_view(
        product=product,
        quote=a_quote(str(low), str(high)),
        bars=replace(some_bars(("0.01",) * 6), tick=Price(price)),
        depth=some_depth("1000000"),
    )


def _slice(left: Quantity, view: ProductView, leg: int) -> Proposal:
    """What an exit may propose: at the collar's edge, in slices that leave nothing unsellable."""
    assert view.quote is not None
    assert view.product is not None
    median = COLLAR.median(view.bars, NOW)
    assert median is not None
    edge = COLLAR.edge(Side.SELL, view.quote.mid, median)
    price = edge.ceil_to(view.product.price_increment)
    least = least_quantity(view.product, price)
    cap = MaxOrder().quote_max.at(price).floor_to(view.product.base_increment)
    quantity = min(max(cap, least), left)
    if quantity < left < quantity + least:
        quantity = left - least
    return an_exit(price=price, quantity=quantity, leg=leg, decision_id=decision_id(1, BTC))


@settings(max_examples=150, deadline=None)
@given(
    bought=st.decimals("0.05", "50000", places=4),
    factor=st.decimals("0.1", "20", places=3),
    increment=st.sampled_from(["0.0001", "0.01", "1"]),
    equity=st.one_of(st.none(), st.decimals("-5000", "1000000", places=2)),
    order_type=st.sampled_from([OrderType.POST_ONLY_GTD, OrderType.LIMIT_IOC]),
)
def test_any_position_that_the_gate_let_in_can_leave_through_it(
    bought: Decimal, factor: Decimal, increment: str, equity: Decimal | None, order_type: OrderType
) -> None:
    price = Price(bought)
    quantity = Money.of(150).at(price).floor_to(Quantity.of(increment))
    entry = an_entry(price=price, quantity=quantity, reference=price)
    market = a_snapshot(BTC=_at(bought, increment))
    (let_in,) = judge([entry], market, a_portfolio(), POLICY, equity=EQUITY)
    assume(isinstance(let_in, Approved))
    view = _at(CONTEXT.multiply(bought, factor), increment)
    book = a_portfolio(
        a_position(BTC, str(quantity), str(price)),
        cash=None,
        breakers={name: Breaker(name, "", NOW) for name in BreakerName},
        entries_sent=(NOW,) * 20,
        losing_streak=9,
    )
    book = with_findings(book, [HaltLatched(HaltName.DRAWDOWN, "lost")], [], NOW)
    worth = None if equity is None else Money(equity)
    for leg in range(1, 100):
        position = book.positions[BTC]
        sale = replace(_slice(position.quantity, view, leg), order_type=order_type)
        (answer,) = judge([sale], a_snapshot(BTC=view), book, POLICY, equity=worth)
        assert isinstance(answer, Approved), answer.first
        left = position.quantity - sale.quantity
        if left.is_zero:
            return
        lots = (replace(position.lots[0], quantity=left),)
        book = replace(book, positions={BTC: replace(position, lots=lots, exit_legs=leg)})
    pytest.fail("the position did not leave in a hundred slices")


@settings(max_examples=100, deadline=None)
@given(
    held=st.lists(st.decimals("0", "6", places=2), min_size=4, max_size=4),
    orders=st.lists(
        st.tuples(st.sampled_from((BTC, ETH, DOGE, XRP)), st.decimals("0.2", "2.5", places=2)),
        max_size=6,
    ),
    equity=st.decimals("500", "20000", places=2),
)
def test_after_every_approved_buy_each_cap_holds_at_the_decisions_marks(
    held: list[Decimal], orders: list[tuple[ProductId, Decimal]], equity: Decimal
) -> None:
    products = (BTC, ETH, DOGE, XRP)
    positions = [
        a_position(product, str(quantity))
        for product, quantity in zip(products, held, strict=True)
        if quantity > 0
    ]
    market, worth = a_snapshot(), Money(equity)
    proposals = [
        an_entry(product, quantity=Quantity(quantity), decision_id=decision_id(100 + n, product))
        for n, (product, quantity) in enumerate(orders)
    ]
    book = at_market(a_portfolio(*positions), market)
    for proposal, answer in zip(
        proposals, judge(proposals, market, book, CROWD, equity=worth), strict=True
    ):
        if isinstance(answer, Refused):
            continue
        book = with_reserved(book, answer, CROWD)
        _assert_within(book, proposal.product, worth)


def _assert_within(book: Portfolio, product: ProductId, equity: Money) -> None:
    one, everything = exposure_of(product, book), total_exposure(book)
    assert one is not None
    assert everything is not None
    assert one.value <= equity.value * Decimal("0.05")
    assert everything.value <= equity.value * Decimal("0.15")
    cluster = CROWD.universe.cluster_of(product)
    assert cluster is not None
    together = exposure_of_all(cluster.members, book)
    assert together is not None
    assert together.value <= equity.value * cluster.cap.fraction


def test_several_entries_of_one_cycle_fit_under_the_caps_together() -> None:
    entries = [an_entry(BTC), an_entry(ETH), an_entry(XRP), an_entry(DOGE)]
    answers = judge(entries, a_snapshot(), a_portfolio(), CROWD, equity=Money.of(5_000))
    assert [type(answer) for answer in answers] == [Approved] * 4
    answers = judge(entries, a_snapshot(), a_portfolio(), CROWD, equity=Money.of(2_000))
    assert [type(answer) for answer in answers] == [Refused] * 4
    book = a_portfolio(a_position(ETH, "4"))
    answers = judge(entries, a_snapshot(), book, CROWD, equity=Money.of(5_000))
    assert [type(answer) for answer in answers] == [Approved, Refused, Refused, Approved]
