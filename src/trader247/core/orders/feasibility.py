"""Whether any order can exist at an equity: the greatest floor against the least cap."""

from __future__ import annotations

from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.stages import canary_in
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Money, Percent, plain
from trader247.domain.stage import Stage


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of what an order may be worth; `label` reads after "the"."""

    label: str
    notional: Money


@dataclass(frozen=True, slots=True)
class Feasibility:
    """The two limits that bind at an equity, and in a sentence what they leave."""

    equity: Money
    lower: Bound
    upper: Bound
    currency: str

    @property
    def is_feasible(self) -> bool:
        """Whether there is room between floor and cap."""
        return self.lower.notional <= self.upper.notional

    @property
    def sentence(self) -> str:
        """The two that bind, with their figures."""
        return (
            f"at {self._amount(self.equity)} equity the {self.upper.label} allows "
            f"{self._amount(self.upper.notional)} and the {self.lower.label} is "
            f"{self._amount(self.lower.notional)}"
        )

    def _amount(self, money: Money) -> str:
        return f"{plain(CONTEXT.normalize(money.value))} {self.currency}"


def feasible(equity: Money, policy: Policy, *, stage: Stage | None = None) -> Feasibility:
    """Solve the policy's floors and caps at an equity, of a book in its stage."""
    checks = policy.checks
    canary = canary_in(checks, stage, equity)
    if canary is not None:
        return Feasibility(
            equity=equity,
            lower=Bound("floor (canary)", canary.quote_min),
            upper=min(
                Bound("largest order (canary)", canary.quote_max),
                Bound("equity itself", equity),
                key=lambda bound: bound.notional.value,
            ),
            currency=policy.quote_currency,
        )
    most = check_in(checks, MaxOrder)
    shares = [
        (check_in(checks, ProductExposure).pct_max, "product_exposure"),
        (check_in(checks, TotalExposure).pct_max, "total_exposure"),
        (most.equity_pct_max, "max_order"),
        *((cluster.cap, f"cluster {cluster.name}") for cluster in policy.universe.clusters),
    ]
    uppers = [_share(cap, name, equity) for cap, name in shares]
    uppers.append(Bound("largest order (max_order)", most.quote_max))
    return Feasibility(
        equity=equity,
        lower=Bound("floor (min_notional)", check_in(checks, MinNotional).quote_min),
        upper=min(uppers, key=lambda bound: bound.notional.value),
        currency=policy.quote_currency,
    )


def _share(cap: Percent, name: str, equity: Money) -> Bound:
    return Bound(f"{plain(CONTEXT.normalize(cap.value))} % cap ({name})", cap.of_money(equity))
