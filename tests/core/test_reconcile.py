from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_fill,
    after,
    an_intent,
    an_order,
    bought,
    folded,
    name_of,
    opened,
    sent,
)

from trader247.core.policy import Policy
from trader247.core.reconcile import compare
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.balances import Balance
from trader247.domain.events.money import DifferenceFound, DifferenceHealed, ForeignSeen
from trader247.domain.events.orders import FillBooked, OrderSeen
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.outcomes import Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

POLICY = Policy(universe=UniversePolicy(tiers=()), checks=())
Change = DifferenceFound | DifferenceHealed


def an_account(**totals: str) -> dict[str, Balance]:
    return {key: Balance(Decimal(total), Decimal(0)) for key, total in totals.items()}


def compared(
    portfolio: Portfolio,
    balances: dict[str, Balance],
    *strangers: Order,
    at: Instant = START,
    is_alone: bool = False,
) -> tuple[Change, ...]:
    return compare(portfolio, balances, strangers, at, POLICY, is_alone=is_alone)


def at_rest(portfolio: Portfolio) -> Portfolio:
    """The portfolio once its entry has ended at the venue, with every fill booked."""
    name = name_of(1)
    booked = portfolio.working[name]
    ended = an_order(
        state=OrderState.CANCELLED, filled=str(booked.filled), fees=str(booked.filled_fees)
    )
    return folded(portfolio, OrderSeen(ended))


def test_books_that_agree_have_nothing_to_say() -> None:
    assert compared(opened(), an_account(USD="10000.00")) == ()
    assert compared(at_rest(bought()), an_account(USD="9799.5", BTC="2")) == ()


def test_what_open_orders_hold_counts_as_ours() -> None:
    balances = {"USD": Balance(Decimal("9000"), Decimal("1000"))}
    assert compared(opened(), balances) == ()


def test_the_last_digit_counts() -> None:
    (event,) = compared(opened(), an_account(USD="10000.0000000000000001"))
    assert event == DifferenceFound("cash:USD", "10000", "10000.0000000000000001", is_break=False)


def test_a_difference_is_pending_while_young_and_a_break_at_two_minutes() -> None:
    account = an_account(USD="9999")
    portfolio = folded(opened(), *compared(opened(), account))
    assert compared(portfolio, account, at=after(119)) == ()
    (event,) = compared(portfolio, account, at=after(120))
    assert event == DifferenceFound("cash:USD", "10000", "9999", is_break=True)


def test_a_break_is_said_once_and_stays_until_it_heals() -> None:
    account = an_account(USD="9999")
    portfolio = folded(opened(), *compared(opened(), account, is_alone=True))
    assert portfolio.differences["cash:USD"].is_break
    assert compared(portfolio, account, at=after(500)) == ()
    assert compared(portfolio, an_account(USD="10000")) == (DifferenceHealed("cash:USD"),)


def test_an_order_sent_later_does_not_turn_a_break_into_something_pending() -> None:
    broken = folded(opened(), *compared(opened(), an_account(USD="9999"), is_alone=True))
    (event,) = compared(sent(broken, an_intent()), an_account(USD="9998"))
    assert event == DifferenceFound("cash:USD", "10000", "9998", is_break=True)


def test_a_difference_that_a_clock_ahead_has_dated_becomes_a_break_all_the_same() -> None:
    """Two minutes from when it was set back: it was young until that hour came again."""
    account = an_account(USD="9999")
    ahead = folded(opened(), *compared(opened(), account, at=after(3_600)), at=after(3_600))
    (told,) = compared(ahead, account, at=after(60))
    assert told == DifferenceFound("cash:USD", "10000", "9999", is_break=False)
    portfolio = folded(ahead, told, at=after(60))
    assert portfolio.differences["cash:USD"].since == after(60)
    assert compared(portfolio, account, at=after(179)) == ()
    (event,) = compared(portfolio, account, at=after(180))
    assert isinstance(event, DifferenceFound)
    assert event.is_break


def test_with_no_trader_running_an_unexplained_difference_is_a_break_at_once() -> None:
    (event,) = compared(opened(), an_account(USD="9999"), is_alone=True)
    assert isinstance(event, DifferenceFound)
    assert event.is_break


def test_new_figures_of_a_difference_are_news_and_keep_its_age() -> None:
    portfolio = folded(opened(), *compared(opened(), an_account(USD="9999")))
    (event,) = compared(portfolio, an_account(USD="9998"), at=after(60))
    assert event == DifferenceFound("cash:USD", "10000", "9998", is_break=False)
    assert folded(portfolio, event, at=after(60)).differences["cash:USD"].since == START


@pytest.mark.parametrize(
    ("cash", "is_break"),
    [("9798.2", False), ("9798.19", True), ("10000.01", True)],
    ids=["all of it and the fee", "more than the order", "the wrong way"],
)
def test_a_working_buy_explains_no_more_cash_than_it_may_still_cost(
    cash: str, is_break: bool
) -> None:
    portfolio = sent(opened(), an_intent())
    (event,) = compared(portfolio, an_account(USD=cash), is_alone=True)
    assert isinstance(event, DifferenceFound)
    assert event.is_break is is_break


@pytest.mark.parametrize(("base", "is_break"), [("0.5", False), ("2", False), ("2.1", True)])
def test_a_working_buy_explains_no_more_base_than_it_may_still_bring(
    base: str, is_break: bool
) -> None:
    portfolio = sent(opened(), an_intent())
    (event,) = compared(portfolio, an_account(USD="10000", BTC=base), is_alone=True)
    assert isinstance(event, DifferenceFound)
    assert (event.key, event.is_break) == ("base:BTC", is_break)


def test_a_buy_explains_nothing_that_it_has_already_filled() -> None:
    portfolio = folded(
        sent(opened(), an_intent(quantity="2")), FillBooked(a_fill(1, quantity="1.5"), name_of(1))
    )
    (event,) = compared(portfolio, an_account(USD="9849.5", BTC="2.1"), is_alone=True)
    assert isinstance(event, DifferenceFound)
    assert event.is_break


def test_a_sale_that_rests_explains_no_cash_for_which_nothing_left() -> None:
    resting = sent(at_rest(bought()), an_intent(2, side=Side.SELL, price="95", quantity="2"))
    (event,) = compared(resting, an_account(USD="9804.5", BTC="2"), is_alone=True)
    assert event == DifferenceFound("cash:USD", "9799.5", "9804.5", is_break=True)
    # Half of it left, and what came is what half may bring.
    events = compared(resting, an_account(USD="9894.5", BTC="1"), is_alone=True)
    assert [(each.key, getattr(each, "is_break", None)) for each in events] == [
        ("cash:USD", False),
        ("base:BTC", False),
    ]


def test_a_working_sell_explains_base_gone_and_cash_come() -> None:
    portfolio = sent(at_rest(bought()), an_intent(2, side=Side.SELL, price="110", quantity="2"))
    events = compared(portfolio, an_account(USD="10018.5", BTC="0"), is_alone=True)
    assert {(event.key, getattr(event, "is_break", None)) for event in events} == {
        ("cash:USD", False),
        ("base:BTC", False),
    }
    (event,) = compared(portfolio, an_account(USD="9799.5", BTC="2.1"), is_alone=True)
    assert isinstance(event, DifferenceFound)
    assert event.is_break


@pytest.mark.parametrize(("price", "reference"), [("90", "110"), ("110", "90")])
def test_a_sale_may_bring_the_better_of_its_limit_and_the_market(
    price: str, reference: str
) -> None:
    sale = replace(
        an_intent(2, side=Side.SELL, price=price, quantity="2"), reference=Price.of(reference)
    )
    portfolio = sent(at_rest(bought()), sale)
    events = compared(portfolio, an_account(USD="10018.5", BTC="0"), is_alone=True)
    assert [getattr(event, "is_break", None) for event in events] == [False, False]


def test_two_sales_explain_what_left_once() -> None:
    portfolio = at_rest(bought())
    for number in (2, 3):
        portfolio = sent(
            portfolio, an_intent(number, side=Side.SELL, price="110", quantity="1", leg=number)
        )
    # One of two coins left: what one brings is explained, and not what both would bring.
    cash, _ = compared(portfolio, an_account(USD="9909", BTC="1"), is_alone=True)
    assert getattr(cash, "is_break", None) is False
    cash, _ = compared(portfolio, an_account(USD="10018.5", BTC="1"), is_alone=True)
    assert getattr(cash, "is_break", None) is True


def test_an_explained_difference_stays_pending_however_old() -> None:
    account = an_account(USD="9900", BTC="1")
    portfolio = sent(opened(), an_intent())
    portfolio = folded(portfolio, *compared(portfolio, account))
    assert compared(portfolio, account, at=after(3000)) == ()


def test_an_unknown_outcome_explains_a_difference_for_ten_minutes_and_no_longer() -> None:
    account = an_account(USD="9900", BTC="1")
    portfolio = sent(opened(), an_intent(), Unknown("no answer"))
    portfolio = folded(portfolio, *compared(portfolio, account))
    assert compared(portfolio, account, at=after(600)) == ()
    events = compared(portfolio, account, at=after(601))
    assert [getattr(event, "is_break", None) for event in events] == [True, True]


def test_an_unknown_outcome_dated_ahead_explains_a_difference_for_no_longer() -> None:
    """Recorded by a clock that was an hour ahead, and set right since: its own age is known."""
    account = an_account(USD="9900", BTC="1")
    portfolio = sent(opened(), an_intent(), Unknown("no answer"))
    portfolio = folded(portfolio, *compared(portfolio, account))
    early = START.us - 3_600_000_000
    for seconds, is_told in ((600, False), (601, True)):
        age = timedelta(seconds=seconds)
        events = compare(
            portfolio,
            account,
            (),
            Instant(early + 1_000_000 * seconds),
            POLICY,
            is_alone=True,
            ages={name_of(1): age},
        )
        breaks = [each for each in events if isinstance(each, DifferenceFound) and each.is_break]
        assert bool(breaks) is is_told


def test_foreign_holdings_are_part_of_what_is_expected() -> None:
    portfolio = folded(at_rest(bought()), ForeignSeen("BTC", Decimal("0.5")))
    assert compared(portfolio, an_account(USD="9799.5", BTC="2.5")) == ()
    (event,) = compared(portfolio, an_account(USD="9799.5", BTC="2"))
    assert event == DifferenceFound("base:BTC", "2.5", "2", is_break=False)


def test_a_currency_that_nobody_recorded_is_a_difference() -> None:
    (event,) = compared(opened(), an_account(USD="10000", SOL="3"))
    assert event == DifferenceFound("base:SOL", "0", "3", is_break=False)


def test_a_currency_that_the_account_does_not_list_is_zero() -> None:
    (event,) = compared(at_rest(bought()), an_account(USD="9799.5"))
    assert event == DifferenceFound("base:BTC", "2", "0", is_break=False)


def test_unknown_cash_is_not_compared() -> None:
    assert compared(Portfolio(), an_account(USD="5")) == ()


def test_a_tolerance_is_zero_unless_one_is_given() -> None:
    account = an_account(USD="10000.01", BTC="0.00000001")
    assert len(compared(opened(), account)) == 2
    assert not compare(
        opened(),
        account,
        (),
        START,
        POLICY,
        is_alone=True,
        tolerance_quote=Money.of("0.01"),
        tolerance_base=Quantity.of("0.00000001"),
    )


def test_an_order_that_ended_with_unbooked_fills_is_a_break_when_they_do_not_come() -> None:
    filled = an_order(state=OrderState.FILLED, filled="2", fees="1")
    portfolio = folded(sent(opened(), an_intent()), OrderSeen(filled))
    account = an_account(USD="10000")
    (event,) = compared(portfolio, account, is_alone=True)
    key = f"fills:{name_of(1)}"
    assert event == DifferenceFound(key, "0 filled, fees 0", "2 filled, fees 1", is_break=False)
    portfolio = folded(portfolio, event)
    (event,) = compared(portfolio, account, at=after(120))
    assert isinstance(event, DifferenceFound)
    assert event.is_break
    portfolio = folded(
        portfolio, FillBooked(a_fill(1), name_of(1)), FillBooked(a_fill(2), name_of(1))
    )
    healed = compared(portfolio, an_account(USD="9799", BTC="2"), at=after(130))
    assert healed == (DifferenceHealed(key),)


def test_a_live_order_of_our_prefix_that_nobody_recorded_is_a_difference() -> None:
    account = an_account(USD="10000")
    (event,) = compared(opened(), account, an_order(7), is_alone=True)
    assert event == DifferenceFound(f"order:{name_of(7)}", "unknown", "OPEN", is_break=True)
    over = an_order(7, state=OrderState.CANCELLED)
    assert compared(opened(), account, over) == ()
    assert compared(sent(opened(), an_intent(7)), account, an_order(7)) == ()


def test_orders_that_were_not_read_heal_nothing() -> None:
    account = an_account(USD="10000")
    portfolio = folded(opened(), *compared(opened(), account, an_order(7)))
    assert compare(portfolio, account, None, START, POLICY, is_alone=False) == ()
    (event,) = compared(portfolio, account)
    assert event == DifferenceHealed(f"order:{name_of(7)}")


def test_differences_come_in_the_same_order_every_time() -> None:
    account = an_account(ZEC="1", USD="1", ADA="2")
    keys = [event.key for event in compared(opened(), account)]
    assert keys == ["cash:USD", "base:ADA", "base:ZEC"]
    assert BTC.base not in keys


def test_an_order_that_still_works_may_be_ahead_of_its_fills() -> None:
    ahead = folded(bought(), OrderSeen(an_order(state=OrderState.OPEN, filled="1.5")))
    assert not [each for each in compared(ahead, {}) if each.key.startswith("fills:")]


def test_each_order_is_compared_whatever_stands_before_it() -> None:
    second = a_fill(2, product=ETH, order=2, price="100", quantity="1")
    book = folded(
        sent(bought(), an_intent(2, product=ETH, decision="1:ETH-USD")),
        FillBooked(second, name_of(2)),
        OrderSeen(an_order(2, product=ETH, state=OrderState.FILLED, filled="2", fees="1")),
    )
    found = [each.key for each in compared(book, {}) if each.key.startswith("fills:")]
    assert found == [f"fills:{name_of(2)}"]


def test_a_difference_that_is_known_hides_no_later_one() -> None:
    account = an_account(USD="9999")
    portfolio = folded(opened(), *compared(opened(), account))
    (event,) = compared(portfolio, {**account, **an_account(BTC="1")})
    assert event == DifferenceFound("base:BTC", "0", "1", is_break=False)


def test_each_order_in_flight_may_explain_whatever_is_looked_at_before_it() -> None:
    """A buy of another product, then a sale: what the sale brought is not a break for it."""
    held = at_rest(bought())
    buying = sent(held, an_intent(2, product=ETH, price="10", quantity="1", decision="2:ETH-USD"))
    both = sent(buying, an_intent(3, side=Side.SELL, price="110", quantity="2"))
    events = compared(both, an_account(USD="10018.5", BTC="0"), is_alone=True)
    assert {(event.key, getattr(event, "is_break", None)) for event in events} == {
        ("cash:USD", False),
        ("base:BTC", False),
    }


def test_an_order_that_nobody_recorded_is_a_break_at_once_beside_a_living_trader() -> None:
    """An intent is recorded before it is sent, so waiting cannot make it ours."""
    (event,) = compared(opened(), an_account(USD="10000"), an_order(7), is_alone=False)
    assert event == DifferenceFound(f"order:{name_of(7)}", "unknown", "OPEN", is_break=True)


def test_a_currency_that_agrees_hides_no_later_one() -> None:
    (event,) = compared(at_rest(bought()), an_account(USD="9799.5", BTC="2", ETH="1"))
    assert event == DifferenceFound("base:ETH", "0", "1", is_break=False)
