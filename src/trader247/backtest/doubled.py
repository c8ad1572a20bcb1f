"""Entries that would be taken for one that was sent already: sized as the cycle there sizes them.

On a busy book every tenth trigger is of about the size of the last entry of its product, minutes
before, and refused for that. Such a cycle decides nothing; whether it is one is asked of the very
functions that it asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trader247.backtest.prospect import Outlook, Prospect
from trader247.backtest.recall import Recall
from trader247.backtest.worth import Worth
from trader247.core.decide import Scene, planned
from trader247.core.market.triggers import Examination
from trader247.core.policy import Policy
from trader247.core.risk.check import Context, check_in
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.core.risk.reservations import at_market
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Purpose
from trader247.domain.time import MINUTE, Instant


class Doubled:
    """Whether an entry that nothing else is said against is one sent again."""

    def __init__(
        self, policy: Policy, prospect: Prospect, recall: Recall, worth: Worth, *, start: int
    ) -> None:
        self._policy = policy
        self._prospect = prospect
        self._recall = recall
        self._worth = worth
        self._start = start
        self._check = check_in(policy.checks, Duplicate)
        self._span = timedelta(minutes=self._check.same_size_minutes)

    def is_one(self, outlook: Outlook, at: int, portfolio: Portfolio) -> bool:
        """Whether it is, for certain, while the book stays as it is until the place `at`.

        What else triggers there is planned beside it, as it takes its room; where any of that is
        not refused for certain, too, the place is visited for it.
        """
        now = Instant(0) + (self._start + at) * MINUTE
        product = outlook.product
        if not self._was_bought(product, now, portfolio):
            return False
        regime = self._recall.regime_at(at, self._policy)
        examined: dict[ProductId, Examination] = {}
        for each in self._triggering(at, portfolio):
            trigger = self._recall.trigger_at(at, each.product, each.tier, regime)
            if trigger is None:
                return False
            examined[each.product] = Examination((), (), trigger, None)
        marks = {each: self._worth.bid(each, at) for each in portfolio.holdings}
        snapshot = Snapshot(
            # No decision has the name of this one.
            cycle=portfolio.cycle + self._prospect.count,
            time=now,
            views={each: self._prospect.view_at(each, at) for each in examined},
            clock_skew=timedelta(0),
            unreachable="",
        )
        book, equity = at_market(portfolio, snapshot, marks), self._worth.exact(at)
        plan = planned(Scene(snapshot, book, self._policy, regime, equity), examined)
        context = Context(snapshot, book, self._policy, equity)
        own = [each for each in plan.proposals if each.product == product]
        return any(not self._check.judge(each, context).is_allowed for each in own)

    def _was_bought(self, product: ProductId, now: Instant, portfolio: Portfolio) -> bool:
        """Whether an entry of the product was sent lately."""
        since = now - self._span
        for intents in (portfolio.working, portfolio.settled):
            for each in intents.values():
                intent = each.intent
                is_one = intent.product is product and intent.purpose is Purpose.ENTRY
                if is_one and intent.created >= since:
                    return True
        return False

    def _triggering(self, at: int, portfolio: Portfolio) -> Iterator[Outlook]:
        """What triggers there and is free."""
        busy = {each.intent.product for each in portfolio.working.values()}
        for product, each in self._prospect.outlooks.items():
            if product not in portfolio.positions and product not in busy and each.is_open_at(at):
                yield each
