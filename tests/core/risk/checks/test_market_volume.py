from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    a_context,
    a_product,
    a_snapshot,
    a_view,
    ago,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.market_volume import MarketVolume
from trader247.domain.money import Money, Percent, Price
from trader247.domain.time import MICROSECOND

CHECK = MarketVolume()


def traded(volume: str | None, *, read_seconds_ago: int = 30) -> Context:
    known = None if volume is None else Money.of(volume)
    product = a_product(volume_24h=known, read_at=ago(read_seconds_ago))
    return a_context(snapshot=a_snapshot(BTC=a_view(product=product)))


# The entry is of 99.95 USD.
@pytest.mark.parametrize(
    ("volume", "is_allowed"), [("99949.99", False), ("99950", True), ("99950.01", True)]
)
def test_an_entry_is_a_thousandth_of_the_volume_at_most(volume: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(), traded(volume)).is_allowed is is_allowed
    assert CHECK.judge(an_exit(), traded(volume)).is_allowed


def test_a_tighter_share_binds() -> None:
    tight = MarketVolume(volume_pct=Percent.of("0.05"))
    assert not tight.judge(an_entry(), traded("199899")).is_allowed
    assert tight.judge(an_entry(), traded("199900")).is_allowed


def test_a_volume_is_good_for_an_hour() -> None:
    assert CHECK.judge(an_entry(), traded("1000000", read_seconds_ago=3600)).is_allowed
    old = CHECK.judge(an_entry(), traded("1000000", read_seconds_ago=3601))
    assert (old.is_allowed, old.value) == (False, None)


@pytest.mark.parametrize("context", [traded(None), unknown_context()])
def test_an_unknown_volume_is_a_no(context: Context) -> None:
    verdict = CHECK.judge(an_entry(), context)
    assert (verdict.is_allowed, verdict.value) == (False, None)


def test_no_volume_at_all_buys_nothing() -> None:
    assert not CHECK.judge(an_entry(), traded("0")).is_allowed


def test_a_microsecond_over_an_hour_is_too_long_ago() -> None:
    product = a_product(volume_24h=Money.of(1_000_000), read_at=ago(3600) - MICROSECOND)
    context = a_context(snapshot=a_snapshot(BTC=a_view(product=product)))
    old = CHECK.judge(an_entry(), context)
    assert (old.is_allowed, old.value, old.unit) == (False, None, "quote")
    assert old.detail.endswith("too long ago")


def test_the_order_and_its_share_are_told_to_the_eighth_decimal() -> None:
    verdict = CHECK.judge(an_entry(price=Price.of("20.123456789")), traded("30987.654321"))
    assert verdict.detail == "notional 20.12345679, 30.98765432 is 0.1 % of the 24 h volume"
    assert verdict.words[3:] == ("20.12345679", "30.98765432", "quote")
