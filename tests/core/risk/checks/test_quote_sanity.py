from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    NOW,
    a_context,
    a_portfolio,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    some_bars,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.quote_sanity import QuoteSanity, jump_of, peg_fault, peg_of
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, ProductView, Quote
from trader247.domain.money import Price
from trader247.domain.portfolio import Doubt
from trader247.domain.time import MINUTE
from trader247.domain.verdicts import Verdict

CHECK = QuoteSanity()
USDC = ProductId("USDC", "USD")
UNLIKE = some_bars(("1000", "1", "1", "100"))
"""Minutes of which the last alone says where the market is."""


def _quoted(bid: str, ask: str) -> Context:
    return a_context(snapshot=a_snapshot(BTC=a_view(quote=a_quote(bid, ask))))


@pytest.mark.parametrize(("bid", "ask"), [("100", "100"), ("100.01", "100")])
def test_a_locked_or_crossed_quote_is_no_quote_for_anyone(bid: str, ask: str) -> None:
    assert not CHECK.judge(an_entry(), _quoted(bid, ask)).is_allowed
    assert not CHECK.judge(an_exit(), _quoted(bid, ask)).is_allowed


def test_a_bid_one_tick_below_the_ask_is_sane() -> None:
    assert CHECK.judge(an_entry(), _quoted("99.99", "100")).is_allowed


@pytest.mark.parametrize(
    ("bid", "ask", "is_allowed"),
    [
        ("109.99", "110.01", True),
        ("110.00", "110.02", False),
        ("89.99", "90.01", True),
        ("89.98", "90.00", False),
    ],
)
def test_a_mid_ten_per_cent_off_the_last_close_is_the_last_that_is_bought_on(
    bid: str, ask: str, is_allowed: bool
) -> None:
    assert CHECK.judge(an_entry(), _quoted(bid, ask)).is_allowed is is_allowed


def test_a_jump_does_not_lock_the_door() -> None:
    assert CHECK.judge(an_exit(), _quoted("49", "50")).is_allowed


def test_unknown_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed
    for bars in (None, some_bars(())):
        barless = a_context(snapshot=a_snapshot(BTC=a_view(bars=bars)))
        assert not CHECK.judge(an_entry(), barless).is_allowed
        assert CHECK.judge(an_exit(), barless).is_allowed


@pytest.mark.parametrize(
    ("quote", "is_allowed", "detail", "value"),
    [
        (
            a_quote("100.123456789122", "100.123456789124"),
            True,
            "mid 100.1234567891 is 0.1235 % off the last minute's close",
            "0.1235",
        ),
        (
            a_quote("88.000000000554", "88.000000000556"),
            False,
            "mid 88.0000000006 is 12 % off the last minute's close",
            "12",
        ),
    ],
    ids=["near", "far"],
)
def test_the_mid_is_compared_with_the_last_close_and_told_with_ten_decimals(
    quote: Quote, is_allowed: bool, detail: str, value: str
) -> None:
    context = a_context(snapshot=a_snapshot(BTC=a_view(quote=quote, bars=UNLIKE)))
    told = Verdict.of("quote_sanity", is_allowed, detail, value, "10", "%")
    assert CHECK.judge(an_entry(), context) == told


def _doubted(level: str | None, prints: int, *, mid: str = "120") -> Verdict:
    middle = Price.of(mid)
    doubt = Doubt(
        cause="it jumped",
        since=NOW,
        until=NOW + 5 * MINUTE,
        level=None if level is None else Price.of(level),
        prints=prints,
    )
    tick = Price.of("0.01").value
    quote = a_quote(str(middle.value - tick), str(middle.value + tick))
    snapshot = a_snapshot(BTC=a_view(quote=quote, bars=UNLIKE))
    return CHECK.judge(an_entry(), a_context(a_portfolio(doubts={BTC: doubt}), snapshot))


@pytest.mark.parametrize(
    ("level", "prints", "mid"),
    [
        ("120", 2, "120"),
        ("120", 3, "132.01"),
        ("120", 3, "107.99"),
        ("120", 0, "100"),
        (None, 3, "120"),
        (None, 0, "100"),
    ],
    ids=["too few", "above it", "below it", "back and none", "no level", "no jump"],
)
def test_a_product_in_doubt_is_not_bought_whatever_its_quote(
    level: str | None, prints: int, mid: str
) -> None:
    told = "in doubt until 2026-01-07T12:05:00Z: it jumped"
    assert _doubted(level, prints, mid=mid) == Verdict.of(
        "quote_sanity", False, told, str(Price.of(mid)), "", ""
    )


@pytest.mark.parametrize(
    ("prints", "mid", "off"), [(3, "120", "20"), (4, "132", "32"), (3, "108", "8")]
)
def test_a_jump_that_three_later_quotes_confirm_is_bought_on(
    prints: int, mid: str, off: str
) -> None:
    told = f"mid {mid} is {off} % off the last minute's close, and later quotes confirm it"
    assert _doubted("120", prints, mid=mid) == Verdict.of(
        "quote_sanity", True, told, off, "10", "%"
    )


@pytest.mark.parametrize(
    ("view", "is_too_high"),
    [
        (a_view(quote=a_quote("109.99", "110.01"), bars=UNLIKE), False),
        (a_view(quote=a_quote("110", "110.02"), bars=UNLIKE), True),
        (a_view(quote=a_quote("1", "1.02"), bars=UNLIKE), False),
        (a_view(quote=None, bars=UNLIKE), False),
        (a_view(quote=a_quote("110", "110.02"), bars=None), False),
        (a_view(quote=a_quote("110", "110.02"), bars=some_bars(())), False),
        (a_view(quote=None, bars=None), False),
    ],
    ids=["at it", "above it", "fallen", "no quote", "no bars", "no closes", "nothing"],
)
def test_no_gain_counts_on_a_quote_more_than_a_tenth_above_the_last_close(
    view: ProductView, is_too_high: bool
) -> None:
    assert CHECK.is_too_high(view) is is_too_high


@pytest.mark.parametrize(("bars", "jump"), [(UNLIKE, "12"), (some_bars(()), None), (None, None)])
def test_a_jump_is_told_from_the_last_close_and_unknown_without_one(
    bars: Bars | None, jump: str | None
) -> None:
    for quote in (a_quote("111.99", "112.01"), a_quote("87.99", "88.01")):
        found = jump_of(a_view(bars=bars), quote)
        assert (None if found is None else str(found)) == jump


UNTOLD = "what USDC is worth is unknown: there is no quote of USDC-USD"


@pytest.mark.parametrize(
    ("quote", "fault"),
    [
        (None, UNTOLD),
        (a_quote("1", "1"), UNTOLD),
        (a_quote("1.01", "1"), UNTOLD),
        (a_quote("0.9899", "0.9901"), ""),
        (a_quote("1.0099", "1.0101"), ""),
        (a_quote("0.9898", "0.9901"), "USDC is 1.005 % off one dollar"),
        (a_quote("1.0099", "1.0102"), "USDC is 1.005 % off one dollar"),
        (a_quote("1.99", "2.01"), "USDC is 100 % off one dollar"),
    ],
)
def test_a_pegged_currency_is_worth_its_dollar_within_a_hundredth(
    quote: Quote | None, fault: str
) -> None:
    assert peg_fault(quote, USDC, CHECK) == fault


def test_only_a_pegged_currency_needs_telling() -> None:
    assert peg_of("USDC") == USDC
    assert peg_of("USD") is None
