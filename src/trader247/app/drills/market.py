"""The market of a drill: the operator's own products, each as liquid as it is on a busy day.

Nothing about it is special but that it does what it is told: what is drilled is whether trader247
stops, and that must not hang on whether a random market happens to trade. Nor may it be made to
meet whatever is asked for: under floors that no product of a venue can meet nothing is ever bought,
and a drill that bought would show what cannot happen.
"""

from __future__ import annotations

from decimal import Decimal

from trader247.app.books.markets import Market
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.quote_sanity import peg_of
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant
from trader247.simex.feeds.feed import Feed, Listing
from trader247.simex.feeds.listings import BUSY, CHARACTERS, DEPTH_MAX, VOLUME_MAX, Character
from trader247.simex.feeds.told import Liquidity, ToldFeed

START = Instant.parse("2026-01-05T06:00:00Z")
"""A Monday morning: neither a day nor a week ends within a drill that does not mean it to."""
HISTORY = 1600
"""Minutes before the start: as far back as the longest signal looks, and a day's volume."""

_OF_EACH_TIER = 2
_ENOUGH = Decimal(50_000_000)
"""A day's volume where less is asked for."""
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
    """Some of each tier, and as many as the operator's universe needs: the venue lists no more.

    What tells the worth of a pegged quote currency is listed too, since nothing is bought without.
    """
    tiers = [tier.products for tier in policy.universe.tiers]
    some = [product for products in tiers for product in products[:_OF_EACH_TIER]]
    needed = policy.universe.products[: policy.universe.floors.products_min]
    peg = peg_of(policy.quote_currency)
    pegs = () if peg is None else (peg,)
    return tuple(dict.fromkeys((*some, *needed, policy.regime.reference, *pegs)))


def _listing(product: ProductId) -> Listing:
    for each in CHARACTERS:
        if each.listing.product_id == str(product):
            return each.listing
    increment = Decimal("0.00000001")
    is_peg = product == peg_of(product.base)
    return Listing(
        product_id=str(product),
        base=product.base,
        quote=product.quote,
        base_name=product.base,
        price_increment=Decimal("0.0001" if is_peg else "0.01"),
        base_increment=increment,
        base_min=increment,
        base_max=Decimal(1_000_000),
        quote_min=Decimal(1),
        quote_max=Decimal(50_000_000),
        listed_at=_LISTED_AT,
    )


def _liquidity(policy: Policy, product: ProductId) -> Liquidity:
    """More than the strictest of what the operator asks for, but no more than there ever is."""
    universe = policy.universe
    tier, floors = universe.tier_of(product), universe.floors
    volumes = [floors.volume_24h_min.value, _ENOUGH]
    depths = [floors.depth_min.value]
    if tier is not None:
        volumes.append(tier.volume_24h_min.value)
        depths.append(tier.depth_min.value)
    order = check_in(policy.checks, MaxOrder).quote_max.value
    depths.append(order * Decimal(check_in(policy.checks, DepthMultiple).multiple))
    known = _character(product)
    volume, depth = VOLUME_MAX, DEPTH_MAX
    if known is not None:
        volume, depth = Decimal(known.volume_usd), Decimal(known.depth_usd)
    price = _usual_price(product) if known is None else known.price
    return Liquidity(
        price=price,
        turnover=BUSY * min(max(volumes), volume) / 1440,
        depth=BUSY * min(max(depths), depth),
        spread=1 if known is None else _ticks(price, known),
    )


def _usual_price(product: ProductId) -> Decimal:
    """What is made up for a product that nothing is known of; a pegged currency is worth a unit."""
    return Decimal(1) if product == peg_of(product.base) else _USUAL_PRICE


def _character(product: ProductId) -> Character | None:
    """What is known of a product's ordinary market; None where nothing is."""
    return next((each for each in CHARACTERS if each.listing.product_id == str(product)), None)


def _ticks(price: Decimal, known: Character) -> int:
    """An ordinary spread, in ticks."""
    spread = price * Decimal(known.spread_bps) / 10_000
    return max(1, int(spread / known.listing.price_increment))
