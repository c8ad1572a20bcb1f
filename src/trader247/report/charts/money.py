"""Figures and times as a page shows them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from trader247.domain.money import CONTEXT, Money, Price, plain
from trader247.domain.time import Instant

UNKNOWN = "unknown"
MINUS = "\u2212"


def amount(money: Money | None, *, is_signed: bool = False) -> str:
    """Two decimals, thousands apart."""
    if money is None:
        return UNKNOWN
    value = CONTEXT.add(
        money.value.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN, context=CONTEXT), Decimal(0)
    )
    return _minus(f"{value:+,.2f}" if is_signed else f"{value:,.2f}")


def figure(value: float | None, unit: str = "", *, digits: int = 2, is_signed: bool = False) -> str:
    """A statistic with its unit."""
    if value is None:
        return UNKNOWN
    rounded = round(value, digits) + 0.0
    text = f"{rounded:+,.{digits}f}" if is_signed else f"{rounded:,.{digits}f}"
    return _minus(f"{text}\u00a0{unit}" if unit else text)


def price(value: Price | None) -> str:
    """Six digits; two decimals from a thousand up."""
    if value is None:
        return UNKNOWN
    if value.value >= 1000:
        return f"{value.value:,.2f}"
    places = max(0, 5 - value.value.adjusted())
    step = Decimal(1).scaleb(-places)
    return plain(value.value.quantize(step, rounding=ROUND_HALF_EVEN, context=CONTEXT))


def moment(time: Instant | None) -> str:
    """Day and minute, UTC."""
    return "open" if time is None else f"{str(time)[:10]} {str(time)[11:16]}"


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
