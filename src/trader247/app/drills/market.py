"""The market of a drill: the operator's own products, each liquid enough for the operator's limits.

Nothing about it is special but that it does what it is told: what is drilled is whether trader247
stops, and that must not hang on whether a random market happens to trade.
"""

from __future__ import annotations

from decimal import Decimal

from trader247.app.books.markets import Market
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant
from trader247.simex.feeds.feed import Feed, Listing
from trader247.simex.feeds.listings import CHARACTERS
from trader247.simex.feeds.told import Liquidity, ToldFeed

START = Instant.parse("2026-01-05T06:00:00Z")
"""A Monday morning: neither a day nor a week ends within a drill that does not mean it to."""
HISTORY = 1600
"""Minutes before the start: as far back as the longest signal looks, and a day's volume."""

_OF_EACH_TIER = 2
_PLENTY = 4
_LISTED_AT = 1_577_836_800
_USUAL_PRICE = Decimal(100)


@dataclass(frozen=True, slots=True)
class ToldMarket(Market):
    """A told feed where the wiring wants a market."""

    told: ToldFeed

    def feed(self) -> Feed:
        return self.told


def told_feed(policy: Policy) -> ToldFeed:
    """A flat market of products of the policy."""
    return ToldFeed(
        {_listing(product): _liquidity(policy, product) for product in _wanted(policy)},
        start_minute=START.minute,
        history=HISTORY,
        identity="drill:v1",
        label="SIMULATED MARKET of a drill",
    )


def market_of(feed: ToldFeed) -> ToldMarket:
    """A feed as the wiring wants it."""
    return ToldMarket(seed=None, start=START, replay=None, told=feed)


def _wanted(policy: Policy) -> tuple[ProductId, ...]:
    """Some of each tier, and as many as the operator's universe needs: the venue lists no more."""
    tiers = [tier.products for tier in policy.universe.tiers]
    some = [product for products in tiers for product in products[:_OF_EACH_TIER]]
    needed = policy.universe.products[: policy.universe.floors.products_min]
    return tuple(dict.fromkeys((*some, *needed, policy.regime.reference)))


def _listing(product: ProductId) -> Listing:
    for each in CHARACTERS:
        if each.listing.product_id == str(product):
            return each.listing
    increment = Decimal("0.00000001")
    return Listing(
        product_id=str(product),
        base=product.base,
        quote=product.quote,
        base_name=product.base,
        price_increment=Decimal("0.01"),
        base_increment=increment,
        base_min=increment,
        base_max=Decimal(1_000_000),
        quote_min=Decimal(1),
        quote_max=Decimal(50_000_000),
        listed_at=_LISTED_AT,
    )


def _liquidity(policy: Policy, product: ProductId) -> Liquidity:
    """More than the strictest of what the operator's tier, floors and checks ask for."""
    universe = policy.universe
    tier, floors = universe.tier_of(product), universe.floors
    volumes = [floors.volume_24h_min.value, Decimal(50_000_000)]
    depths = [floors.depth_min.value]
    if tier is not None:
        volumes.append(tier.volume_24h_min.value)
        depths.append(tier.depth_min.value)
    order = check_in(policy.checks, MaxOrder).quote_max.value
    depths.append(order * Decimal(check_in(policy.checks, DepthMultiple).multiple))
    price = next(
        (each.price for each in CHARACTERS if each.listing.product_id == str(product)),
        _USUAL_PRICE,
    )
    return Liquidity(
        price=price,
        turnover=_PLENTY * max(volumes) / 1440,
        depth=_PLENTY * max(depths),
    )
