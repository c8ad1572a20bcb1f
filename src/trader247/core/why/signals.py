"""What would have made a product's bars ask for a trade, or a larger one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from trader247.core.decide import Deliberation
from trader247.core.market.instruments import instruments_of
from trader247.core.market.triggers import Examination, examine
from trader247.core.regime import Regime
from trader247.core.risk.check import figure
from trader247.core.signals.signal import Reading
from trader247.core.why.world import Remedies, Remedy, World
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Money, Percent
from trader247.domain.reasons import Reason

_FURTHEST = Decimal("0.6")
"""How far, as a share of the price, a last close is moved in search of a trigger."""

_COARSE, _FINE = Decimal(2), Decimal("1.08")
"""How fast the search's steps grow: where a signal triggers only between a close that is too near
and one that makes the market too wild, doubled steps may pass it by."""

_EQUITY_FACTOR_MAX = 1 << 20


def _examined(product: ProductId, world: World, regime: Regime) -> Examination:
    tiers = world.policy.universe.tiers
    tier = next(place for place, each in enumerate(tiers) if product in each.products)
    return examine(
        product,
        world.view(product),
        instruments_of(world.policy),
        tier=tier,
        regime=regime,
        now=world.snapshot.time,
    )


def _trigger(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    """The nearest last close at which some signal triggers: higher, or lower."""
    bars = world.view(product).bars
    if bars is None:
        return None
    close = bars.close[-1]
    furthest = int(CONTEXT.multiply(Decimal(close), _FURTHEST))

    def triggers_at(ticks: int) -> bool:
        there = world.moved(product, ticks)
        return _examined(product, there, found.regime).trigger is not None

    ticks = _nearest(triggers_at, furthest, _COARSE) or _nearest(triggers_at, furthest, _FINE)
    if not ticks:
        return None
    there = world.moved(product, ticks)
    trigger = _examined(product, there, found.regime).trigger
    assert trigger is not None, "it was found by this very question"
    word = "at least" if ticks > 0 else "at most"
    headline = trigger.reading.figures[0]
    return Remedy(
        "last close",
        f"{bars.price(close)}",
        f"{word} {bars.price(close + ticks)} ({trigger.reading.signal}: {headline})",
        there,
    )


def _nearest(holds: Callable[[int], bool], most: int, growth: Decimal) -> int:
    """The step nearest to nothing at which `holds`, up or down; 0 where none is found."""
    up = _least(holds, most, growth)
    down = -_least(lambda steps: holds(-steps), most, growth)
    return min((each for each in (up, down) if each), key=abs, default=0)


def _least(holds: Callable[[int], bool], most: int, growth: Decimal = _COARSE) -> int:
    """The least step at which `holds`, found by growing steps and halving; 0 where none is."""
    below, step = 0, 1
    while step < most and not holds(step):
        below, step = step, int(CONTEXT.multiply(Decimal(step), growth)) + 1
    step = min(step, most)
    if step <= 0 or not holds(step):
        return 0
    while step - below > 1:
        middle = (below + step) // 2
        if holds(middle):
            step = middle
        else:
            below = middle
    return step


def _outlier(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    reading = _guard(product, found, "outlier")
    off = reading.figures[0]
    most = Percent(abs(off.value))
    changed = world.with_policy(triggers=replace(world.policy.triggers, outlier_pct=most))
    allowed = world.policy.triggers.outlier_pct
    return Remedy(
        "last close off the mean of the 20 before it",
        f"{figure(off.value, 2)} %",
        f"at most {allowed} %, or triggers.outlier_pct at least {figure(most.value, 7)}",
        changed,
    )


def _volatility(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    measured = _guard(product, found, "volatility").figures[0]
    changed = world.with_policy(
        triggers=replace(world.policy.triggers, volatility_pct_max=Percent(measured.value))
    )
    allowed = world.policy.triggers.volatility_pct_max
    return Remedy(
        "annualised volatility",
        f"{figure(measured.value, 1)} %",
        f"at most {allowed} %",
        changed,
    )


def _guard(product: ProductId, found: Deliberation, name: str) -> Reading:
    guards = found.examined[product].guards
    return next(each for each in guards if each.signal == name)


def _crash(_: ProductId, world: World, found: Deliberation, __: Outcome) -> Remedy | None:
    policy, regime = world.policy.regime, found.regime
    if regime.trend is None or regime.volatility is None:
        return None
    calm = replace(
        policy,
        crash_trend_pct=min(policy.crash_trend_pct, regime.trend),
        crash_volatility_pct=max(policy.crash_volatility_pct, regime.volatility),
    )
    trend, volatility = figure(regime.trend.value, 2), figure(regime.volatility.value, 1)
    return Remedy(
        f"seven days of {policy.reference}",
        f"{trend} %, volatility {volatility} %",
        f"at least {policy.crash_trend_pct} %, volatility at most {policy.crash_volatility_pct} %",
        world.with_policy(regime=calm),
    )


def _outranked(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    triggers = [each.trigger for each in found.examined.values() if each.trigger is not None]
    own = next(each for each in triggers if each.product == product)
    better = sum(
        (-each.score, each.tier, each.product) < (-own.score, own.tier, own.product)
        for each in triggers
    )
    most = world.policy.triggers.triggers_max
    changed = world.with_policy(triggers=replace(world.policy.triggers, triggers_max=better + 1))
    return Remedy(
        "rank of its score",
        f"{better + 1}",
        f"at most {most}, or triggers.triggers_max at least {better + 1}",
        changed,
    )


def _size(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    """The least equity at which the size reaches its floor, where equity is what binds it."""
    cash, equity = world.portfolio.cash, found.decisions.equity
    if cash is None or equity is None or equity.value <= 0:
        return None

    def richer(factor: int) -> World:
        # In hundredths of today's equity, so that the answer is near the least.
        more = equity * CONTEXT.divide(Decimal(factor), Decimal(100))
        return _richer(world, cash, more)

    def is_enough(factor: int) -> bool:
        outcome = richer(factor).deliberated().decisions.outcomes[product]
        return outcome.reason is not Reason.SIZE_BELOW_FLOOR

    factor = _least(is_enough, _EQUITY_FACTOR_MAX)
    if not factor:
        return None
    there = richer(factor)
    after = there.deliberated().decisions.equity
    assert after is not None, "more cash leaves no equity unknown"
    return Remedy("equity", figure(equity.value, 2), f"at least {figure(after.value, 2)}", there)


def _richer(world: World, cash: Money, more: Money) -> World:
    """With more capital: units are bought at the going value, so that no stop moves."""
    record = world.portfolio.equity
    units = record.units
    if record.going_nav > 0:
        units = CONTEXT.add(units, CONTEXT.divide(more.value, record.going_nav))
    return world.with_portfolio(cash=cash + more, equity=replace(record, units=units))


REMEDIES: dict[Reason, Remedies] = {
    Reason.NO_TRIGGER: _trigger,
    Reason.OUTLIER: _outlier,
    Reason.VOLATILITY_HIGH: _volatility,
    Reason.REGIME_CRASH: _crash,
    Reason.OUTRANKED: _outranked,
    Reason.SIZE_BELOW_FLOOR: _size,
}
"""By reason: what would have made the product's bars ask for a trade."""
