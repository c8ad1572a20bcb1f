"""What is certain of an entry beforehand: that its size is an order, that its fees are worth it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trader247.backtest.outlook import Bools, Ints
from trader247.backtest.prospect import Outlook
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.reservations import fee_rates, open_notional, worst_fee
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Portfolio

_SLACK = 1.02
_CLOSE = 1e-8
"""Targets are known to the billionth."""
_STOP_MAX = 0.25
"""No rule's stop is further away."""


class Sized:
    """Bounds of what sizing would say while the book stays as it is and equity above `least`."""

    def __init__(
        self, policy: Policy, portfolio: Portfolio, least: float, dust: Mapping[ProductId, float]
    ) -> None:
        """`dust` is the most that each product's may ever be worth."""
        self._policy = policy
        self._least = least
        self._exposed = dict(dust) | {
            product: float((position.target * position.quantity).value)
            for product, position in portfolio.positions.items()
        }
        for working in portfolio.working.values():
            if working.intent.stop_price is None:
                product = working.intent.product
                open_ = float(open_notional(working).value)
                self._exposed[product] = self._exposed.get(product, 0.0) + open_
        checks = policy.checks
        largest = check_in(checks, MaxOrder)
        total = least * float(check_in(checks, TotalExposure).pct_max.fraction)
        cash = 0.0 if portfolio.cash is None else float(portfolio.cash.value)
        fee = float(worst_fee(portfolio, policy))
        self._cap = min(
            float(largest.quote_max.value),
            least * float(largest.equity_pct_max.fraction),
            least * float(check_in(checks, ProductExposure).pct_max.fraction),
            total - sum(self._exposed.values()),
            (cash - sum(self._exposed.values())) / (1 + fee),
        )
        floor = float(check_in(checks, MinNotional).quote_min.value)
        collar = float(policy.execution.exit_collar_bps.fraction)
        maker, taker = (float(each.fraction) for each in fee_rates(portfolio, policy))
        worth = float(check_in(checks, FeeWorth).refuse_under)
        self._target_least = worth * (maker + max(maker, taker))
        self._floor = _SLACK * floor / ((1 - _STOP_MAX) * (1 - collar) * (1 - fee))

    def is_certain(self, outlook: Outlook, which: Ints) -> Bools:
        """For each trigger whether there would be an order."""
        listing = outlook.history.listing
        lot = float(listing.base_increment) * outlook.market.mid_most
        floor = max(self._floor, 2 * float(listing.quote_min)) + 2 * lot
        is_large: Bools = self._least * outlook.share[which] > floor
        return is_large & (min(self._cap, self._room(outlook.product)) > floor)

    def is_thin(self, outlook: Outlook, which: Ints) -> tuple[Bools, Bools]:
        """For each trigger whether its target is certain not to be worth its fees, or to be."""
        target = outlook.triggers.target[which]
        least = self._target_least
        return target < least - _CLOSE, target > least + _CLOSE

    def _room(self, product: ProductId) -> float:
        cluster = self._policy.universe.cluster_of(product)
        if cluster is None:
            return np.inf
        exposed = self._exposed
        taken = sum([exposed[each] for each in cluster.members if each in exposed])
        return self._least * float(cluster.cap.fraction) - taken
