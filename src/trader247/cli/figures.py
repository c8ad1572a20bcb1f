"""Figures and times as people read them; programs get all digits from `--json`."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from trader247.domain.money import CONTEXT, Money, Percent, Price, Quantity, plain
from trader247.domain.time import Instant

UNKNOWN = "UNKNOWN"

_CENT = Decimal("0.01")
_THOUSAND = Decimal(1_000)
_QUANTITY_DIGITS = 4
_PRICE_DIGITS = 6
_FRACTION = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(?:\.\d+)?Z")


def money(amount: Money | None, *, is_signed: bool = False) -> str:
    """Two decimals, thousands apart; UNKNOWN where it is unknown."""
    if amount is None:
        return UNKNOWN
    rounded = _to(amount.value, _CENT, ROUND_HALF_EVEN)
    return f"{rounded:+,.2f}" if is_signed else f"{rounded:,.2f}"


def percent(share: Percent | None, *, is_signed: bool = False) -> str:
    """Two decimals and the sign of per cent; UNKNOWN where it is unknown."""
    if share is None:
        return UNKNOWN
    rounded = _to(share.value, _CENT, ROUND_HALF_EVEN)
    return f"{rounded:+.2f} %" if is_signed else f"{rounded:.2f} %"


def price(value: Price | None) -> str:
    """Two decimals from a thousand up, else six digits."""
    if value is None:
        return UNKNOWN
    if value.value >= _THOUSAND:
        return f"{_to(value.value, _CENT, ROUND_HALF_EVEN):,.2f}"
    return plain(_digits(value.value, _PRICE_DIGITS, ROUND_HALF_EVEN))


def quantity(amount: Quantity) -> str:
    """Four digits, never rounded up; all that stand before the point."""
    return plain(_digits(amount.value, _QUANTITY_DIGITS, ROUND_DOWN))


def clock(time: Instant | None) -> str:
    """The time of day, UTC."""
    return "--:--:--" if time is None else str(time)[11:19]


def date(time: Instant) -> str:
    """The day, UTC."""
    return str(time)[:10]


def moment(time: Instant | None) -> str:
    """Day and time of day, UTC."""
    return "never" if time is None else f"{date(time)} {clock(time)} UTC"


def for_people(text: str) -> str:
    """A detail with its times cut to the time of day."""
    return _TIME.sub(r"\1", text)


def to_the_second(text: str) -> str:
    """A text with its times cut to whole seconds, their days kept."""
    return _FRACTION.sub(r"\1Z", text)


def _to(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    # Adding zero turns the minus of a rounded -0.00 into a plain zero.
    return CONTEXT.add(value.quantize(step, rounding=rounding, context=CONTEXT), Decimal(0))


def _digits(value: Decimal, count: int, rounding: str) -> Decimal:
    places = max(0, count - 1 - value.adjusted())
    return value.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=CONTEXT)
