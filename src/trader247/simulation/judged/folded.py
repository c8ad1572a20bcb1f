"""The trader's own books as whoever judges is told of them."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.valuation import pnl_figures
from trader247.domain.money import Money
from trader247.domain.portfolio import EquityRecord, HighPoint, Portfolio
from trader247.simulation.judged.history import Record


def folded_row(portfolio: Portfolio) -> Record:
    """What `state show` shows of a portfolio."""
    equity = portfolio.equity
    mark = equity.high_water_mark
    return {
        "cash": _money(portfolio.cash),
        "equity": _money(equity.equity),
        "fees": _money(portfolio.fees_paid),
        "realised": _money(portfolio.realised),
        "unrealised": _money(pnl_figures(portfolio).unrealised),
        "flows": _money(portfolio.flows),
        "positions": [
            {
                "product": str(product),
                "quantity": str(each.quantity),
                "cost": str(each.cost),
                "made": str(each.realised),
                "stop": str(each.stop),
                "target": str(each.target),
                "leaves_us": each.leaves_at.us,
            }
            for product, each in sorted(portfolio.positions.items(), key=lambda pair: str(pair[0]))
        ],
        "dust": [
            {"product": str(product), "quantity": str(each.quantity), "cost": str(each.cost)}
            for product, each in sorted(portfolio.dust.items(), key=lambda pair: str(pair[0]))
        ],
        "halts": sorted(name.value for name in portfolio.halts),
        "breakers": sorted(name.value for name in portfolio.breakers),
        "bans": sorted(portfolio.bans),
        "doubts": sorted(str(product) for product in portfolio.doubts),
        "arming": _arming(portfolio),
        "state": portfolio.trading_state.value,
        "working": [
            {
                "client_order_id": name,
                "order_id": each.order_id,
                "product": str(each.intent.product),
                "side": each.intent.side.value,
                "state": each.state.value,
            }
            for name, each in sorted(portfolio.working.items())
        ],
        "high_water_mark": _money(mark),
        "day_high": _high(equity, equity.highs_24h),
        "week_high": _high(equity, equity.highs_7d),
        "day_open": _high(equity, (equity.day,) if equity.day else ()),
        "week_open": _high(equity, (equity.week,) if equity.week else ()),
    }


def _arming(portfolio: Portfolio) -> list[str]:
    stage = portfolio.stage
    if stage is None:
        return []
    return ["disarmed" if stage.is_revoked else "armed"]


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _high(equity: EquityRecord, steps: tuple[HighPoint, ...]) -> str | None:
    if not steps or equity.units == Decimal(0):
        return None
    return str(equity.money(steps[0].nav))
