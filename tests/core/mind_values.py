"""A whole small market in which everything is fit to trade and nothing asks for it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.core.market_values import bars_of, flat, ramp
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    NOW,
    XRP,
    a_policy,
    a_portfolio,
    a_product,
    a_quote,
    some_depth,
)

from trader247.core.policy import Policy
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, Product, ProductView, Snapshot
from trader247.domain.portfolio import Membership, Portfolio
from trader247.domain.time import Instant

FOUR = (BTC, ETH, DOGE, XRP)
LISTED = Instant.parse("2020-01-01T00:00:00Z")
QUIET = [10_000 + (i // 15 % 2) for i in range(1560)]
"""A market at 100 USD that hardly moves."""
RISING = [*flat(1500, 9_800), *ramp(9_800, 10_000, 60)]
"""The same, after an hour that rose by 2 %."""
JUMPED = [*flat(1500, 9_400), *ramp(9_400, 10_000, 60)]
"""After an hour that rose by 6.4 %."""


def market_bars(closes: Sequence[int] = QUIET, **columns: Any) -> Bars:
    """Bars up to the minute before NOW; a tick is a cent."""
    return bars_of(closes, end=NOW.minute - 1, **columns)


def market_product(name: ProductId = BTC, **changes: Any) -> Product:
    return replace(a_product(name, listed_at=LISTED), **changes)


def market_view(name: ProductId = BTC, /, **changes: Any) -> ProductView:
    """A product that passes the universe, with a day and more of quiet bars."""
    view = ProductView(
        product=market_product(name), quote=a_quote(), depth=some_depth(), bars=market_bars()
    )
    return replace(view, **changes)


def a_market(**views: ProductView) -> Snapshot:
    """Four quiet products; `BTC=view` puts another view. The reference has a quiet week."""
    shown = {product: market_view(product) for product in FOUR}
    shown |= {ProductId(base, "USD"): view for base, view in views.items()}
    if shown[BTC].hourly is None:
        hourly = array("q", [10_000 + i % 2 for i in range(168)])
        shown[BTC] = replace(shown[BTC], hourly=hourly)
    return Snapshot(cycle=7, time=NOW, views=shown, clock_skew=timedelta(0))


def mind_policy(**sections: Any) -> Policy:
    """Four products in two tiers, with floors that the market of these tests passes."""
    policy = a_policy()
    return replace(policy, **sections)


def settled_portfolio(*positions: Any, **changes: Any) -> Portfolio:
    """10,000 USD, and every product a member of the universe since long."""
    members = {product: Membership(is_member=True) for product in FOUR}
    return a_portfolio(*positions, **{"universe": members, **changes})
