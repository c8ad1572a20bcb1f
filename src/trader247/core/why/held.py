"""What would have sold a position that stayed, kept one that left, or let an order go ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from trader247.core.decide import Deliberation
from trader247.core.risk.check import figure
from trader247.core.why.world import Remedies, Remedy, World
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Price
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import Reason


def _sale(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    """The bid nearest to that of now at which the position would leave."""
    position, view = world.portfolio.positions.get(product), world.view(product)
    if position is None or view.quote is None or view.product is None:
        return None
    quote, tick = view.quote, view.product.price_increment
    try:
        stop = position.stop.floor_to(tick)
    except ValueError:
        return None  # the stop lies under the product's least price
    target = position.target.ceil_to(tick)
    to_stop = CONTEXT.subtract(quote.bid.value, stop.value)
    to_target = CONTEXT.subtract(target.value, quote.bid.value)
    if 0 < to_stop <= to_target:
        level, word, name = stop, "at most", "its stop"
    else:
        level, word, name = target, "at least", "its target"
    changed = world.quoted_at(product, level)
    return Remedy("bid", str(quote.bid), f"{word} {level}, {name}", changed)


def _stay(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    """What would have kept a position that is being sold."""
    position, view = world.portfolio.positions.get(product), world.view(product)
    sales = [each for each in found.exits.proposals if each.product == product]
    if position is None or view.quote is None or view.product is None or not sales:
        return None
    quote, tick, cause = view.quote, view.product.price_increment, sales[0].exit_cause
    if cause is ExitCause.LONGEST_HOLD:
        later = timedelta(seconds=1) + (world.snapshot.time - position.leaves_at)
        plan = replace(position.plan, longest_hold=position.plan.longest_hold + later)
        kept = {**world.portfolio.positions, product: replace(position, plan=plan)}
        changed = world.with_portfolio(positions=kept)
        was, needed = str(world.snapshot.time), f"before {position.leaves_at}"
        return Remedy("time of the decision", was, needed, changed)
    if cause in (ExitCause.STOP, ExitCause.TRAILING_STOP):
        above = position.stop.floor_to(tick)
        bid = Price(CONTEXT.add(above.value, tick.value))
        needed = f"above {figure(position.stop.value, 10)}, its stop"
    elif cause is ExitCause.TARGET:
        below = position.target.ceil_to(tick)
        if below <= tick:
            return None
        bid = Price(CONTEXT.subtract(below.value, tick.value))
        needed = f"below {figure(position.target.value, 10)}, its target"
    else:
        return None
    changed = world.quoted_at(product, bid)
    return Remedy("bid", str(quote.bid), needed, changed)


def _working(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    known = world.portfolio.working
    others = {name: each for name, each in known.items() if each.intent.product != product}
    was = ", ".join(
        f"{each.intent.side.value} {name}" for name, each in known.items() if name not in others
    )
    changed = world.with_portfolio(working=others)
    return Remedy(f"orders of {product} at work", was, "none", changed)


def _unbought(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    """The score that would have been too small for an entry that was sent."""
    examined = found.examined.get(product)
    if examined is None or examined.trigger is None:
        return None
    score = examined.trigger.score
    least = CONTEXT.add(score, Decimal("0.000000001"))
    changed = world.with_policy(triggers=replace(world.policy.triggers, score_min=least))
    was = f"{score:.3f}, by {examined.trigger.reading.signal}"
    needed = f"below triggers.score_min, {world.policy.triggers.score_min}"
    return Remedy("score", was, needed, changed)


REMEDIES: dict[Reason, Remedies] = {
    Reason.HOLDING: _sale,
    Reason.EXIT_SENT: _stay,
    Reason.ENTRY_SENT: _unbought,
    Reason.ORDER_WORKING: _working,
}
"""By reason: what would have changed it for a position or an order that is there."""
