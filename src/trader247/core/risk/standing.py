"""The book, the market and the moment of which controls are shown."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.risk.control_view import age_seconds
from trader247.domain.dataclass import dataclass
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.money import Money, Percent
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Standing:
    """What the views are made of; `portfolio` is marked at the snapshot's bids if there is one.

    `equity_at` is when equity was measured; `equity` is None where it is unknown or too old.
    """

    portfolio: Portfolio
    snapshot: Snapshot | None
    policy: Policy
    equity: Money | None
    equity_at: Instant | None
    now: Instant

    @property
    def right_now(self) -> Instant:
        """The same moment by the clock by which the ledger remembers."""
        return self.now if self.snapshot is None else self.snapshot.right(self.now)

    @property
    def ledger_age(self) -> int | None:
        """Seconds since the ledger's last cycle."""
        return age_seconds(self.portfolio.time, self.right_now)

    @property
    def market_age(self) -> int | None:
        """Seconds since the market was read."""
        return age_seconds(None if self.snapshot is None else self.snapshot.time, self.now)

    @property
    def equity_age(self) -> int | None:
        """Seconds since equity was measured."""
        return age_seconds(self.equity_at, self.now)

    @property
    def views(self) -> tuple[ProductView, ...]:
        """What the snapshot holds of the listed products and of what is held."""
        if self.snapshot is None:
            return ()
        wanted = {*self.policy.universe.products, *self.portfolio.holdings}
        return tuple(view for key, view in self.snapshot.views.items() if key in wanted)

    def share(self, exposure: Money | None) -> Decimal | None:
        """An exposure in per cent of equity; None where either is unknown."""
        if exposure is None or self.equity is None or self.equity.value <= 0:
            return None
        return Percent.from_fraction(exposure.share_of(self.equity)).value
