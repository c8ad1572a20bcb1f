"""What would have let a product into the universe, one reason at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trader247.core.decide import Deliberation
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.quote_age import QuoteAge, age_seconds
from trader247.core.universe import DEPTH_BAND_BPS
from trader247.core.universe_policy import Tier
from trader247.core.why.world import Remedies, Remedy, World, spread_at
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductStatus
from trader247.domain.money import Money
from trader247.domain.reasons import Reason
from trader247.domain.time import DAY


def _tier(product: ProductId, world: World) -> Tier:
    tier = world.policy.universe.tier_of(product)
    assert tier is not None, "only a listed product is judged by the universe"
    return tier


def _red_flag(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    universe = world.policy.universe
    flags = [each for each in universe.red_flags if each.product == product]
    ends = max(each.banned_at + each.expires_after for each in flags)
    others = tuple(each for each in universe.red_flags if each.product != product)
    changed = world.with_policy(universe=replace(universe, red_flags=others))
    return Remedy("red flag", f"banned until {ends}", f"gone, as from {ends} on", changed)


def _status(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    rules = world.view(product).product
    assert rules is not None
    changed = world.with_rules(product, status=ProductStatus.ONLINE)
    return Remedy("product status", rules.status.value, "online", changed)


def _listing(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    rules = world.view(product).product
    assert rules is not None
    least = world.policy.universe.floors.listing_days_min
    now = world.snapshot.time
    was = "unknown" if rules.listed_at is None else f"{(now - rules.listed_at) // DAY} days"
    changed = world.with_rules(product, listed_at=now - timedelta(days=least))
    return Remedy("age of the listing", was, f"at least {least} days", changed)


def _age(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    quote = world.view(product).quote
    assert quote is not None
    check = check_in(world.policy.checks, QuoteAge)
    was = f"{figure(age_seconds(quote, world.snapshot.time), 1)} s"
    changed = world.with_quote(
        product, time=world.snapshot.time - timedelta(seconds=check.seconds_max)
    )
    return Remedy("age of the quote", was, f"at most {check.seconds_max} s", changed)


def _crossed(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    view = world.view(product)
    assert view.quote is not None
    assert view.product is not None
    quote = view.quote
    if quote.ask.value <= view.product.price_increment.value:
        return None
    most = min(_tier(product, world).spread_bps_max, world.policy.universe.floors.spread_bps_max)
    changed = world.with_view(product, quote=spread_at(quote, most, view.product.price_increment))
    return Remedy("ask", str(quote.ask), f"above the bid, {quote.bid}", changed)


def _volume(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    rules = world.view(product).product
    assert rules is not None
    floors = world.policy.universe.floors
    least = max(_tier(product, world).volume_24h_min, floors.volume_24h_min)
    was = "unknown" if rules.volume_24h is None else figure(rules.volume_24h.value, 0)
    changed = world.with_rules(product, volume_24h=least)
    return Remedy("24 h volume", was, f"at least {least}", changed)


def _spread(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    view = world.view(product)
    assert view.quote is not None
    assert view.product is not None
    most = min(_tier(product, world).spread_bps_max, world.policy.universe.floors.spread_bps_max)
    narrow = spread_at(view.quote, most, view.product.price_increment)
    if narrow.spread > most:
        return None  # one increment is wider than the limit: no quote would do
    was = f"{figure(view.quote.spread.value, 1)} bps"
    return Remedy("spread", was, f"at most {most} bps", world.with_view(product, quote=narrow))


def _depth(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    floors = world.policy.universe.floors
    least: Money = max(_tier(product, world).depth_min, floors.depth_min)
    depth = world.view(product).depth
    was = "unknown" if depth is None else figure(depth.within(DEPTH_BAND_BPS).value, 0)
    changed = world.with_depth(product, band_bps=DEPTH_BAND_BPS, least=least)
    return Remedy(f"depth within {DEPTH_BAND_BPS} bps", was, f"at least {least}", changed)


def _waiting(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    streak = found.universe.memberships[product].streak
    cycles = world.policy.universe.floors.enter_cycles
    changed = world.with_member(product)
    return Remedy("eligible cycles running", str(streak), f"at least {cycles}", changed)


def _too_small(_: ProductId, world: World, found: Deliberation, __: Outcome) -> Remedy | None:
    universe = world.policy.universe
    eligible = len(found.universe.eligible)
    if not eligible:
        return None
    floors = replace(universe.floors, products_min=eligible)
    changed = world.with_policy(universe=replace(universe, floors=floors))
    needed = f"at least {found.universe.needed}, or floors.products_min at most {eligible}"
    return Remedy("eligible products", str(eligible), needed, changed)


REMEDIES: dict[Reason, Remedies] = {
    Reason.RED_FLAGGED: _red_flag,
    Reason.NOT_TRADABLE: _status,
    Reason.NEWLY_LISTED: _listing,
    Reason.STALE_QUOTE: _age,
    Reason.CROSSED_QUOTE: _crossed,
    Reason.VOLUME_UNKNOWN: _volume,
    Reason.VOLUME_LOW: _volume,
    Reason.SPREAD_WIDE: _spread,
    Reason.DEPTH_UNKNOWN: _depth,
    Reason.DEPTH_LOW: _depth,
    Reason.WAITING_TO_ENTER: _waiting,
    Reason.UNIVERSE_TOO_SMALL: _too_small,
}
"""By reason: what would have let the product in."""
