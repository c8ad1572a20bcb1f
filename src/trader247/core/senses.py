"""How the market is measured for a decision: from the snapshot itself, or known beforehand.

A cycle measures what it sees (`FRESH`). A backtest that has measured a whole past at once may say
what the same functions would say of this instant, as long as it says the same.
"""

from __future__ import annotations

from typing import Protocol

from trader247.core.policy import Policy
from trader247.core.regime import Regime, regime_of
from trader247.core.risk.breakers import judge_breakers, tripped
from trader247.core.risk.doubts import Found, judge_doubts
from trader247.core.triggers import Examination, Instruments, examine
from trader247.core.universe import Universe, universe_of
from trader247.domain.events import BreakerClosed, BreakerOpened
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import BreakerName

Changes = tuple[BreakerOpened | BreakerClosed, ...]


class Senses(Protocol):
    """What a decision asks of the market beyond the quotes of what it trades."""

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """The breakers that open or close now, and those whose condition holds."""

    def doubts(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
        """What is new about the products whose data is not believed."""

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """Which products may be bought now."""

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """The state of the whole market."""

    def examination(
        self,
        product: ProductId,
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        tier: int,
        regime: Regime,
    ) -> Examination:
        """A product, measured, with its strongest trigger."""


class Fresh:
    """Everything is measured from the snapshot."""

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """As `judge_breakers` and `tripped`."""
        now = snapshot.time
        return (
            judge_breakers(portfolio, snapshot, policy, now, equity=equity),
            tuple(tripped(portfolio, snapshot, policy, now, equity=equity)),
        )

    def doubts(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
        """As `judge_doubts`."""
        return judge_doubts(portfolio, snapshot, policy)

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """As `universe_of`."""
        return universe_of(snapshot, book, policy)

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """As `regime_of`."""
        return regime_of(snapshot, policy.regime)

    def examination(
        self,
        product: ProductId,
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        tier: int,
        regime: Regime,
    ) -> Examination:
        """As `examine`."""
        return examine(
            product,
            snapshot.views[product],
            instruments,
            tier=tier,
            regime=regime,
            now=snapshot.time,
        )


FRESH = Fresh()
