"""How far each trade went for and against its owner: the bids that its cycles marked it at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from trader247.backtest.history import ProductHistory
from trader247.backtest.outlook import quoted
from trader247.backtest.result import Trade
from trader247.domain.changing import replace

_MINUTE_US = 60_000_000


def with_extremes(
    trades: Sequence[Trade], histories: Mapping[str, ProductHistory], *, end: int
) -> tuple[Trade, ...]:
    """The trades with the least and the greatest bid of the minutes' first instants, while held.

    None of one that no minute began in. `end` is the last minute of the run.
    """
    return tuple(_with_extremes(each, histories[str(each.product)], end) for each in trades)


def _with_extremes(trade: Trade, history: ProductHistory, end: int) -> Trade:
    first = -(-trade.opened.us // _MINUTE_US)
    # What was sold on the minute was no longer held when its cycle looked.
    last = end if trade.closed is None else min(end, -(-trade.closed.us // _MINUTE_US) - 1)
    if last < first:
        return trade
    bids, _, _ = quoted(history, start=first, end=last)
    lowest, highest = (history.tick * Decimal(int(each)) for each in (bids.min(), bids.max()))
    return replace(trade, lowest=lowest, highest=highest)
