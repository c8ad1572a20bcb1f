"""How much to buy: the wish, cut down to every cap, and refused where it falls under a floor.

The gate decides; sizing only spares it wishes that cannot pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from trader247.core.market.own_strategy import OwnStrategy
from trader247.core.policy import Policy
from trader247.core.regime import Regime
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.ladder import Ladder
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.reservations import (
    cost_of,
    exposure_of,
    exposure_of_all,
    reserved_cash,
    total_exposure,
    worst_fee,
)
from trader247.core.risk.stages import canary_in, share_cap
from trader247.core.rules.rule import Wish
from trader247.core.universe_policy import Tier
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Depth, Product
from trader247.domain.money import (
    CONTEXT,
    NO_MONEY,
    NOTHING,
    ONE,
    Money,
    Percent,
    Price,
    Quantity,
    total,
)
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Level:
    """A floor or a cap of an order's notional, with what sets it."""

    name: str
    notional: Money

    def __str__(self) -> str:
        return f"{self.name} {figure(self.notional.value, 2)}"


@dataclass(frozen=True, slots=True)
class Size:
    """How much to buy at a price; `quantity` is nothing where it would fall under the floor.

    `binding` is the least of what was wished for and every cap, `floor` the greatest floor.
    """

    price: Price
    quantity: Quantity
    binding: Level
    floor: Level

    @property
    def detail(self) -> str:
        """Why there is no order, naming the cap and the floor that bind."""
        return f"{self.binding} is below the floor, {self.floor}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a size stands on: the book with its marks, the money, and what is planned before it."""

    portfolio: Portfolio
    equity: Money
    regime: Regime
    policy: Policy
    now: Instant
    planned: Sequence[Proposal] = ()

    @property
    def canary(self) -> Canary | None:
        """The sizes of the canary stage, while it is in force."""
        return canary_in(self.policy.checks, self.portfolio.stage, self.equity)


def size_of(
    product: Product,
    price: Price,
    *,
    depth: Depth | None,
    tier: Tier,
    wish: Wish,
    confidence: Decimal,
    ground: Ground,
    own: OwnStrategy | None = None,
) -> Size:
    """The size of an entry at `price`; `own` is the person's strategy that wants it, if any."""
    wanted = Level("the wished size", _wanted(tier, wish, confidence, ground))
    caps = [*_caps(product, price, depth, ground), *_stage_caps(product, ground)]
    if own is not None:
        caps.append(_budget(own, ground))
    binding = min([wanted, *caps], key=lambda level: level.notional.value)
    floor = _floor(product, price, wish, ground)
    room = max(binding.notional, NO_MONEY)
    quantity = min(room.at(price), product.base_max).floor_to(product.base_increment)
    if quantity < product.base_min or price * quantity < floor.notional:
        quantity = NOTHING
    return Size(price, quantity, binding, floor)


def _wanted(tier: Tier, wish: Wish, confidence: Decimal, ground: Ground) -> Money:
    usual = CONTEXT.multiply(
        tier.base_position.fraction, CONTEXT.multiply(wish.multiplier, ground.regime.multiplier)
    )
    risk = CONTEXT.divide(ground.policy.sizing.risk_pct.fraction, wish.plan.stop_fraction)
    wanted = ground.equity * CONTEXT.multiply(min(usual, risk), confidence)
    canary = ground.canary
    if canary is None or wanted == NO_MONEY:
        return wanted
    # Shares of so little equity are no orders: the canary's sizes are, the surer the larger.
    return canary.quote_min + (canary.quote_max - canary.quote_min) * min(confidence, ONE)


def _caps(product: Product, price: Price, depth: Depth | None, ground: Ground) -> list[Level]:
    policy, portfolio, equity = ground.policy, ground.portfolio, ground.equity
    planned = total([each.notional for each in ground.planned])
    in_product = check_in(policy.checks, ProductExposure).pct_max
    in_total = check_in(policy.checks, TotalExposure).pct_max
    largest = check_in(policy.checks, MaxOrder).cap(equity, ground.canary)
    caps = [
        Level("max_order", NO_MONEY if largest is None else largest),
        Level("product_exposure", _room(in_product, exposure_of(product.id, portfolio), ground)),
        Level("total_exposure", _room(in_total, total_exposure(portfolio), ground) - planned),
        Level("buying_power", _affordable(ground)),
        Level("depth_multiple", _takeable(depth, policy)),
        Level("the venue's largest order", min(product.quote_max, price * product.base_max)),
    ]
    cluster = policy.universe.cluster_of(product.id)
    if cluster is not None:
        beside = total(
            [each.notional for each in ground.planned if each.product in cluster.members]
        )
        room = _room(cluster.cap, exposure_of_all(cluster.members, portfolio), ground)
        caps.append(Level(f"cluster_exposure of {cluster.name}", room - beside))
    return caps


def _stage_caps(product: Product, ground: Ground) -> list[Level]:
    """What an armed book may buy beyond: the week's ladder, and what a person said yes to."""
    portfolio, checks = ground.portfolio, ground.policy.checks
    stage, now = portfolio.stage, ground.now
    if stage is None:
        return []
    caps = [Level("ladder", check_in(checks, Ladder).cap(stage, now))]
    given = stage.given_for(product.id, Side.BUY, now)
    if given is not None and stage.trades < check_in(checks, ConfirmationCheck).trades_first:
        caps.append(Level("confirmation", given.notional))
    return caps


def _budget(own: OwnStrategy, ground: Ground) -> Level:
    """What a person's strategy may still buy of its own budget."""
    portfolio = ground.portfolio
    held = {name for name, each in portfolio.positions.items() if each.strategy == own.name}
    wished = {
        each.intent.product
        for each in portfolio.working.values()
        if each.intent.strategy == own.name and not each.state.is_settled
    }
    planned = total([each.notional for each in ground.planned if each.strategy == own.name])
    exposure = exposure_of_all(tuple(sorted(held | wished)), portfolio)
    return Level(f"the budget of {own.name}", _room(own.budget, exposure, ground) - planned)


def _room(cap: Percent, exposure: Money | None, ground: Ground) -> Money:
    # An exposure that cannot be measured leaves no room.
    if exposure is None:
        return NO_MONEY
    stage, equity = ground.portfolio.stage, ground.equity
    return share_cap(cap.of_money(equity), ground.policy.checks, stage, equity) - exposure


def _affordable(ground: Ground) -> Money:
    portfolio, policy = ground.portfolio, ground.policy
    if portfolio.cash is None:
        return NO_MONEY
    planned = total([cost_of(each, portfolio, policy) for each in ground.planned])
    free = portfolio.cash - reserved_cash(portfolio) - planned
    return free * CONTEXT.divide(ONE, CONTEXT.add(ONE, worst_fee(portfolio, policy)))


def _takeable(depth: Depth | None, policy: Policy) -> Money:
    if depth is None:
        return NO_MONEY
    check = check_in(policy.checks, DepthMultiple)
    return depth.within(check.BAND_BPS) * CONTEXT.divide(ONE, Decimal(check.multiple))


def _floor(product: Product, price: Price, wish: Wish, ground: Ground) -> Level:
    policy = ground.policy
    # What is bought must still be sellable once its stop, the collar and the fee are taken off.
    left = CONTEXT.multiply(
        CONTEXT.subtract(ONE, wish.plan.stop_fraction),
        CONTEXT.multiply(
            CONTEXT.subtract(ONE, policy.execution.exit_collar_bps.fraction),
            CONTEXT.subtract(ONE, worst_fee(ground.portfolio, policy)),
        ),
    )
    floors = [
        Level("min_notional", check_in(policy.checks, MinNotional).quote_min),
        Level("the venue's smallest order at the stop", product.quote_min * _inverse(left)),
        Level("the venue's smallest quantity", price * product.base_min),
    ]
    return max(floors, key=lambda level: level.notional.value)


def _inverse(share: Decimal) -> Decimal:
    return CONTEXT.divide(ONE, share)
