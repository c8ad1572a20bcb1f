"""Values as JSON holds them: figures as decimal text, times as RFC 3339, unknown as null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Bps, Money, Percent, Price, Quantity, plain
from trader247.domain.time import Instant

_WRITTEN = (Money, Price, Quantity, Bps, Percent, Instant, ProductId, type)
"""Dataclasses that are one text, and classes themselves, which are nothing to write."""


def plain_data(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """`value` as JSON holds it: figures as decimal text, times as RFC 3339, unknown as null.

    Raises:
        TypeError: a float, or a type that has no agreed form.
    """
    if is_dataclass(value) and not isinstance(value, _WRITTEN):
        # Before the sequences: a verdict is a tuple underneath.
        return {each.name: plain_data(getattr(value, each.name)) for each in fields(value)}
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return plain(value)
        case Money() | Price() | Quantity() | Bps() | Percent() | Instant() | ProductId() | Path():
            return str(value)
        case timedelta():
            return plain(
                CONTEXT.divide(Decimal(value // timedelta(microseconds=1)), Decimal(10**6))
            )
        case Enum():
            return plain_data(value.value)
        case Mapping():
            return {str(plain_data(key)): plain_data(each) for key, each in value.items()}
        case list() | tuple():
            return [plain_data(each) for each in value]
        case set() | frozenset():
            return sorted(plain_data(each) for each in value)
    raise TypeError(f"no JSON form for {type(value).__name__}")
