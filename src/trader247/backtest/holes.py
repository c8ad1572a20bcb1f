"""Fills in holes of the candles: they took the book of the last minute that was traded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trader247.backtest.history import ProductHistory
from trader247.backtest.result import FillRow

HOLE_MINUTES = 60
"""A thin product is not traded in every minute; what is quiet for so long may lack its candles."""


def fills_in_holes(fills: Sequence[FillRow], histories: Mapping[str, ProductHistory]) -> str:
    """How many fills there are an hour and more after the last minute that was traded.

    Nobody could have had those prices for certain. Empty where there are none.
    """
    quiet = [_quiet_minutes(each, histories[str(each.product)]) for each in fills]
    found = [minutes for minutes in quiet if minutes >= HOLE_MINUTES]
    if not found:
        return ""
    return (
        f"fills in holes of the candles: {len(found)} of {len(fills)}, up to {max(found) / 60:.1f} "
        "h after the last minute that was traded, at the book of that minute"
    )


def _quiet_minutes(fill: FillRow, history: ProductHistory) -> int:
    row = min(fill.time.minute - history.first, len(history) - 1)
    return row - int(history.last_row[row])
