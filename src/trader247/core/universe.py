"""Which products may be bought now, and for each other product the one reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from trader247.core.never_traded import never_traded
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.quote_age import QuoteAge, age_seconds
from trader247.core.universe_policy import Tier, UniverseFloors
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import Depth, Product, ProductStatus, ProductView, Quote, Snapshot
from trader247.domain.money import Bps, Money
from trader247.domain.portfolio import EMPTY, Membership, Portfolio
from trader247.domain.reasons import Reason
from trader247.domain.time import DAY, Instant

DEPTH_BAND_BPS = 20
_OUTSIDE = Membership(is_member=False)


@dataclass(frozen=True, slots=True)
class Universe:
    """One cycle's answer.

    `objections` holds the reason of every product that is not eligible now, `memberships` where
    each product stands after this cycle, `changes` those of them that differ from before.
    `needed` is how many must be eligible for anything to be bought.
    """

    objections: Mapping[ProductId, Outcome]
    memberships: Mapping[ProductId, Membership]
    changes: Mapping[ProductId, Membership]
    eligible: tuple[ProductId, ...]
    needed: int

    @property
    def is_large_enough(self) -> bool:
        """Whether enough products are eligible."""
        return len(self.eligible) >= self.needed

    def objection(self, product: ProductId, floors: UniverseFloors) -> Outcome | None:
        """Why a product cannot be bought, as far as the universe goes; None where it can."""
        found = self.objections.get(product)
        if found is not None:
            return found
        standing = self.memberships[product]
        if not standing.is_member:
            text = f"eligible for {standing.streak} of {floors.enter_cycles} cycles"
            return Outcome(Reason.WAITING_TO_ENTER, text)
        if len(self.eligible) < self.needed:
            text = f"{len(self.eligible)} eligible products, at least {self.needed} are needed"
            return Outcome(Reason.UNIVERSE_TOO_SMALL, text)
        return None


def universe_of(
    snapshot: Snapshot,
    portfolio: Portfolio,
    policy: Policy,
    found: Mapping[ProductId, Outcome | None] = EMPTY,
) -> Universe:
    """Judge every listed product, and count its cycles of entering and leaving.

    `found` is what speaks against products that the venue has, as far as that is known already.
    """
    objections: dict[ProductId, Outcome] = {}
    eligible: list[ProductId] = []
    listed = 0
    for product in policy.universe.products:
        if product in found:
            listed += 1
            objection = found[product]
        else:
            view = snapshot.views.get(product)
            listed += view is not None and view.product is not None
            objection = eligibility(product, view, snapshot, policy)
        if objection is None:
            eligible.append(product)
        else:
            objections[product] = objection
    memberships = {
        product: _next(portfolio, product, product not in objections, policy.universe.floors)
        for product in policy.universe.products
    }
    changes = {
        product: standing
        for product, standing in memberships.items()
        if portfolio.universe.get(product) != standing
    }
    # A market that has fewer products than asked for must offer all that it has, and at least one.
    needed = max(1, min(policy.universe.floors.products_min, listed))
    return Universe(objections, memberships, changes, tuple(eligible), needed)


def eligibility(
    product: ProductId, view: ProductView | None, snapshot: Snapshot, policy: Policy
) -> Outcome | None:
    """The first thing that speaks against a product now, with its figures; None for nothing."""
    tier = policy.universe.tier_of(product)
    assert tier is not None, "only listed products are judged"
    never = never_traded(product, snapshot.time, policy)
    if never is not None:
        return never
    if view is None or view.product is None:
        return _absent(product, view, snapshot)
    return (
        _untradable(view.product, snapshot.time, policy.universe.floors)
        or _unquoted(view, snapshot.time, policy)
        or _illiquid(view, tier, policy.universe.floors)
    )


def _absent(product: ProductId, view: ProductView | None, snapshot: Snapshot) -> Outcome:
    if snapshot.unreachable:
        return Outcome(Reason.NO_QUOTE, f"the market could not be read: {snapshot.unreachable}")
    trouble = view.trouble if view is not None else ""
    return Outcome(Reason.NOT_AT_VENUE, trouble or f"the venue lists no {product}")


def _untradable(product: Product, now: Instant, floors: UniverseFloors) -> Outcome | None:
    if product.status is not ProductStatus.ONLINE:
        return Outcome(Reason.NOT_TRADABLE, f"status {product.status.value}, online is needed")
    least = timedelta(days=floors.listing_days_min)
    if product.listed_at is None:
        text = f"day of listing unknown, {floors.listing_days_min} days are needed"
        return Outcome(Reason.NEWLY_LISTED, text)
    if now - product.listed_at < least:
        days = (now - product.listed_at) // DAY
        text = f"listed {days} days ago, {floors.listing_days_min} are needed"
        return Outcome(Reason.NEWLY_LISTED, text)
    return None


def _unquoted(view: ProductView, now: Instant, policy: Policy) -> Outcome | None:
    quote = view.quote
    if quote is None:
        return Outcome(Reason.NO_QUOTE, view.trouble or "no quote was read")
    age = check_in(policy.checks, QuoteAge)
    if not age.is_fresh(quote, now):
        seconds = figure(age_seconds(quote, now), 1, beside=Decimal(age.seconds_max))
        return Outcome(Reason.STALE_QUOTE, f"quote is {seconds} s old, at most {age.seconds_max} s")
    if view.product is not None and quote.bid < view.product.price_increment:
        text = f"bid {quote.bid} is below the product's increment, {view.product.price_increment}"
        return Outcome(Reason.NO_QUOTE, text)
    if quote.is_crossed:
        return Outcome(Reason.CROSSED_QUOTE, f"bid {quote.bid} is not below ask {quote.ask}")
    return None


def _illiquid(view: ProductView, tier: Tier, floors: UniverseFloors) -> Outcome | None:
    assert view.product is not None
    assert view.quote is not None
    return (
        _low_volume(view.product.volume_24h, max(tier.volume_24h_min, floors.volume_24h_min))
        or _wide(view.quote, min(tier.spread_bps_max, floors.spread_bps_max))
        or _shallow(view.depth, max(tier.depth_min, floors.depth_min))
    )


def _low_volume(volume: Money | None, least: Money) -> Outcome | None:
    if volume is None:
        return Outcome(Reason.VOLUME_UNKNOWN, f"24 h volume unknown, at least {least}")
    if volume < least:
        found = figure(volume.value, 0, beside=least.value)
        return Outcome(Reason.VOLUME_LOW, f"24 h volume {found}, at least {least}")
    return None


def _wide(quote: Quote, most: Bps) -> Outcome | None:
    if quote.spread > most:
        found = figure(quote.spread.value, 1, beside=most.value)
        return Outcome(Reason.SPREAD_WIDE, f"spread {found} bps, at most {most}")
    return None


def _shallow(depth: Depth | None, least: Money) -> Outcome | None:
    if depth is None:
        return Outcome(Reason.DEPTH_UNKNOWN, f"depth unknown, at least {least}")
    found = depth.within(DEPTH_BAND_BPS)
    if found < least:
        shown = figure(found.value, 0, beside=least.value)
        text = f"depth {shown} within {DEPTH_BAND_BPS} bps, at least {least}"
        return Outcome(Reason.DEPTH_LOW, text)
    return None


def _next(
    portfolio: Portfolio, product: ProductId, is_eligible: bool, floors: UniverseFloors
) -> Membership:
    if not portfolio.universe:
        return Membership(is_member=is_eligible)
    before = portfolio.universe.get(product, _OUTSIDE)
    if is_eligible == before.is_member:
        return Membership(before.is_member)
    cycles = floors.leave_cycles if before.is_member else floors.enter_cycles
    streak = before.streak + 1
    if streak >= cycles:
        return Membership(not before.is_member)
    return Membership(before.is_member, streak)
