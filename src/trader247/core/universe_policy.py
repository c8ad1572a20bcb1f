"""Which products may be traded, by the policy: tiers, clusters, bans by hand, and their floors.

Defaults are the shipped ones; a bound in `limit(...)` is a ceiling in code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from decimal import Decimal

from trader247.core.limits import limit
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Tier:
    """A class of products: what the market must offer, and how large a position starts."""

    name: str
    products: tuple[ProductId, ...]
    volume_24h_min: Money
    spread_bps_max: Bps
    depth_min: Money
    base_position: Percent


class _MembersOnce:
    """Room for a set that is made once."""

    __slots__ = ("_member_set",)
    _member_set: frozenset[ProductId]


@dataclass(frozen=True, slots=True)
class Cluster(_MembersOnce):
    """Products that fall together, with a cap on their common exposure."""

    name: str
    members: tuple[ProductId, ...]
    cap: Percent

    @property
    def member_set(self) -> frozenset[ProductId]:
        """The members, for asking who is one."""
        try:
            return self._member_set
        except AttributeError:
            object.__setattr__(self, "_member_set", frozenset(self.members))
            return self._member_set


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A product banned by a person, for a time."""

    product: ProductId
    reason: str
    banned_at: Instant
    expires_after: timedelta


@dataclass(frozen=True, slots=True)
class UniverseFloors:
    """What any product must offer, whatever its tier: the stricter of the two wins."""

    volume_24h_min: Money = limit(
        Money(Decimal(8_000_000)),
        unit="quote",
        at_least=1_000_000,
        doc="24 h volume in quote currency",
    )
    spread_bps_max: Bps = limit(
        Bps(Decimal(80)), unit="bps", at_least=0, at_most=200, doc="ask over bid"
    )
    depth_min: Money = limit(
        Money(Decimal(10_000)),
        unit="quote",
        at_least=1_000,
        doc="resting notional within 20 bps of mid, the lesser side",
    )
    listing_days_min: int = limit(30, unit="days", at_least=7, doc="age of the product's listing")
    enter_cycles: int = limit(
        3,
        unit="cycles",
        at_least=1,
        at_most=60,
        doc="eligible cycles running before a product enters",
    )
    leave_cycles: int = limit(
        3,
        unit="cycles",
        at_least=1,
        at_most=60,
        doc="ineligible cycles running before a product leaves",
    )
    products_min: int = limit(
        2, unit="products", at_least=1, doc="eligible products below which nothing is bought"
    )


class _PlacesOnce:
    """Room for where each product stands: it is asked of every product in every cycle."""

    __slots__ = ("_clusters", "_products", "_tiers")
    _products: tuple[ProductId, ...]
    _clusters: Mapping[ProductId, Cluster]
    _tiers: Mapping[ProductId, Tier]


@dataclass(frozen=True, slots=True)
class UniversePolicy(_PlacesOnce):
    """Which products may be traded at all."""

    tiers: tuple[Tier, ...]
    clusters: tuple[Cluster, ...] = ()
    stablecoins: tuple[str, ...] = ()
    red_flags: tuple[RedFlag, ...] = ()
    floors: UniverseFloors = field(default_factory=UniverseFloors)

    def tier_of(self, product: ProductId) -> Tier | None:
        """The tier that lists a product."""
        try:
            return self._tiers.get(product)
        except AttributeError:
            # The first that lists it: what is told later stands.
            tiers = {each: tier for tier in reversed(self.tiers) for each in tier.products}
            object.__setattr__(self, "_tiers", tiers)
            return tiers.get(product)

    def cluster_of(self, product: ProductId) -> Cluster | None:
        """The cluster that a product belongs to."""
        try:
            return self._clusters.get(product)
        except AttributeError:
            clusters = {each: one for one in reversed(self.clusters) for each in one.members}
            object.__setattr__(self, "_clusters", clusters)
            return clusters.get(product)

    @property
    def products(self) -> tuple[ProductId, ...]:
        """Every listed product, by tier, in the order of the file."""
        try:
            return self._products
        except AttributeError:
            found = tuple(product for tier in self.tiers for product in tier.products)
            object.__setattr__(self, "_products", found)
            return found
