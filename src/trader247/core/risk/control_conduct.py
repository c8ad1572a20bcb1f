"""How our own conduct stands: orders to trades, haste, layers and share of the market's volume."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from trader247.core.book.faulting import CONDUCT, SELF_MATCH, conduct_of
from trader247.core.risk.bans import hasty_share, strikes_since
from trader247.core.risk.check import figure
from trader247.core.risk.checks.turnover import bought_today
from trader247.core.risk.control_view import ControlState, ControlView, Meter
from trader247.core.risk.standing import Standing
from trader247.domain.intents import IntentState
from trader247.domain.money import CONTEXT, ZERO, Percent
from trader247.domain.time import MICROSECOND

ROW = 37


def conduct_views(standing: Standing) -> list[ControlView]:
    """The worst strategy's figures of today, and what a regulator would look at besides."""
    limits, portfolio, now = standing.policy.conduct, standing.portfolio, standing.now
    days = [conduct_of(portfolio, name, now) for name in portfolio.conduct]
    ratio = max((-(-day.orders // max(day.traded, 1)) for day in days), default=0)
    hasty = max((hasty_share(day) for day in days if day.orders >= limits.orders_min), default=0)
    is_banned = any(ban.control == CONDUCT for ban in portfolio.bans.values())
    before = now.day_start - MICROSECOND
    crosses = sum(strikes_since(portfolio, SELF_MATCH, name, before) for name in portfolio.conduct)
    parts = (
        ("", hasty, limits.hasty_pct, "% of orders ended at once", is_banned),
        (".ratio", ratio, limits.orders_per_trade, "orders for each that traded", False),
        (".crosses", crosses, 0, "orders that would have met ours", False),
        (".layers", _layers(standing), 1, "orders on one side of a product", False),
    )
    views = [
        Meter(CONDUCT + part, ROW, Decimal(value), Decimal(most), unit, is_tripped).view(
            standing.ledger_age
        )
        for part, value, most, unit, is_tripped in parts
    ]
    return [*views, _volume_share(standing)]


def _layers(standing: Standing) -> int:
    """The most orders of ours that rest on one side of one product."""
    resting = Counter(
        (each.intent.product, each.intent.side)
        for each in standing.portfolio.working.values()
        if each.state is IntentState.ACCEPTED
    )
    return max(resting.values(), default=0)


def _volume_share(standing: Standing) -> ControlView:
    """What we bought today against the volume of the least traded product that we were in.

    No product's own share is greater.
    """
    portfolio, now = standing.portfolio, standing.now
    bought = bought_today(portfolio, now)
    volumes: list[Decimal] = []
    for product, history in portfolio.history.items():
        if history.last_fill is None or history.last_fill < now.day_start:
            continue
        view = None if standing.snapshot is None else standing.snapshot.views.get(product)
        volume = None if view is None or view.product is None else view.product.volume_24h
        if volume is None or volume.value <= 0:
            return _shown(None, standing)
        volumes.append(volume.value)
    if not volumes:
        return _shown(ZERO, standing)
    fraction = CONTEXT.divide(bought.value, min(volumes))
    return _shown(Percent.from_fraction(fraction).value, standing)


def _shown(value: Decimal | None, standing: Standing) -> ControlView:
    text = None if value is None else figure(value)
    state = ControlState.UNKNOWN if value is None else ControlState.OK
    return ControlView(
        f"{CONDUCT}.volume", ROW, "", text, None, "% of a day's volume", state, standing.market_age
    )
