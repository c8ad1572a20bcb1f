"""Trades in groups: by product, rule, hour, exit and month, each with what it made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trader247.domain.money import NO_MONEY, Money, total
from trader247.report.trades import Trade


@dataclass(frozen=True, slots=True)
class Group:
    """Closed trades under one name; `slippage` is None where one of theirs is unknown."""

    name: str
    trades: int
    wins: int
    pnl: Money
    fees: Money
    slippage: Money | None


def _hour(trade: Trade) -> str:
    return str(trade.opened)[11:13]


def _month(trade: Trade) -> str:
    return str(trade.closed)[:7]


GROUPINGS: dict[str, Callable[[Trade], str]] = {
    "product": lambda trade: str(trade.product),
    "cluster": lambda trade: trade.cluster or "none",
    "strategy": lambda trade: trade.strategy,
    "rule": lambda trade: trade.rule,
    "hour": _hour,
    "exit": lambda trade: trade.exit_cause or "unknown",
    "month": _month,
}
"""What trades are put together by; an hour is that of the entry, a month that of the exit, UTC."""


def grouped(trades: Sequence[Trade], by: str) -> tuple[Group, ...]:
    """Groups of closed trades, in the order of their names."""
    name_of = GROUPINGS[by]
    found: dict[str, list[Trade]] = {}
    for trade in trades:
        found.setdefault(name_of(trade), []).append(trade)
    if by == "hour" and found:
        found = {f"{hour:02d}": found.get(f"{hour:02d}", []) for hour in range(24)}
    return tuple(_group(name, each) for name, each in sorted(found.items()))


def _group(name: str, trades: Sequence[Trade]) -> Group:
    slips = [each.slippage for each in trades]
    known = [each for each in slips if each is not None]
    return Group(
        name=name,
        trades=len(trades),
        wins=sum(each.pnl.value > 0 for each in trades),
        pnl=total([each.pnl for each in trades]) if trades else NO_MONEY,
        fees=total([each.fees for each in trades]) if trades else NO_MONEY,
        slippage=total(known) if len(known) == len(slips) else None,
    )
