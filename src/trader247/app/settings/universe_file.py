"""universe.yaml: which products may be traded, what they must offer, and which fall together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, make_dataclass
from datetime import timedelta
from typing import Any

from trader247.app.settings.layout import Section, keyed
from trader247.core.limits import limit
from trader247.core.universe_policy import Cluster, RedFlag, Tier, UniverseFloors, UniversePolicy
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent
from trader247.domain.time import Instant

FILE = "universe.yaml"


def _tier(name: str, *, volume: int, spread: int, depth: int, base: str) -> Section:
    fields: list[Any] = [
        ("products", tuple[ProductId, ...], keyed((), f"tiers.{name}.products", doc="BASE-QUOTE")),
        (
            "volume_24h_min",
            Money,
            limit(Money.of(volume), unit="quote", at_least=1_000_000, doc="24 h volume"),
        ),
        (
            "spread_bps_max",
            Bps,
            limit(Bps.of(spread), unit="bps", at_least=0, at_most=200, doc="ask over bid"),
        ),
        (
            "depth_min",
            Money,
            limit(
                Money.of(depth),
                unit="quote",
                at_least=1_000,
                doc="resting notional within 20 bps of mid, the lesser side",
            ),
        ),
        (
            "base_position_pct",
            Percent,
            limit(
                Percent.of(base),
                unit="% of equity",
                at_least="0.01",
                at_most=5,
                doc="a position's size before multipliers and caps",
            ),
        ),
    ]
    kind = make_dataclass(f"Tier_{name}", fields, frozen=True, slots=True)
    return Section(("tiers", name), kind)


TIERS = (
    _tier("tier_1", volume=50_000_000, spread=20, depth=100_000, base="2"),
    _tier("tier_2", volume=20_000_000, spread=35, depth=25_000, base="1"),
    _tier("tier_3", volume=5_000_000, spread=60, depth=10_000, base="0.5"),
)


@dataclass(frozen=True, slots=True)
class RedFlagSection:
    """A product that a person bans, for a time."""

    product: ProductId
    reason: str
    banned_at: Instant
    expires_after_hours: int = limit(
        168, unit="h", at_least=1, at_most=87_600, doc="until it may trade again"
    )


@dataclass(frozen=True, slots=True)
class Groups:
    """Products that fall together, and those that are never traded."""

    clusters: Mapping[str, tuple[ProductId, ...]] = field(
        default_factory=dict, metadata={"doc": "products by the name of their cluster"}
    )
    stablecoins: tuple[str, ...] = field(
        default=(), metadata={"doc": "base currencies that are never traded"}
    )
    red_flags: tuple[RedFlagSection, ...] = field(
        default=(), metadata={"doc": "products banned for a time"}
    )


GROUPS = Section((), Groups)
FLOORS = Section(("floors",), UniverseFloors)
SECTIONS = (*TIERS, GROUPS, FLOORS)


def universe_policy(
    tiers: Mapping[str, Any],
    groups: Groups,
    floors: UniverseFloors,
    caps: Mapping[str, Percent],
) -> UniversePolicy:
    """The universe as the core takes it; every cluster has its cap in `caps`."""
    return UniversePolicy(
        tiers=tuple(
            Tier(
                name=name,
                products=tier.products,
                volume_24h_min=tier.volume_24h_min,
                spread_bps_max=tier.spread_bps_max,
                depth_min=tier.depth_min,
                base_position=tier.base_position_pct,
            )
            for name, tier in tiers.items()
        ),
        clusters=tuple(
            Cluster(name, members, caps[name]) for name, members in sorted(groups.clusters.items())
        ),
        stablecoins=groups.stablecoins,
        red_flags=tuple(
            RedFlag(
                product=each.product,
                reason=each.reason,
                banned_at=each.banned_at,
                expires_after=timedelta(hours=each.expires_after_hours),
            )
            for each in groups.red_flags
        ),
        floors=floors,
    )


def parts_of(universe: UniversePolicy) -> Mapping[Section, object]:
    """The dataclass of each section of universe.yaml, taken out of a universe."""
    tiers = {tier.name: tier for tier in universe.tiers}
    flags = tuple(
        RedFlagSection(
            product=each.product,
            reason=each.reason,
            banned_at=each.banned_at,
            expires_after_hours=each.expires_after // timedelta(hours=1),
        )
        for each in universe.red_flags
    )
    groups = Groups(
        clusters={each.name: each.members for each in universe.clusters},
        stablecoins=universe.stablecoins,
        red_flags=flags,
    )
    return {
        **{section: _tier_part(section, tiers[section.prefix[-1]]) for section in TIERS},
        GROUPS: groups,
        FLOORS: universe.floors,
    }


def _tier_part(section: Section, tier: Tier) -> object:
    return section.kind(
        products=tier.products,
        volume_24h_min=tier.volume_24h_min,
        spread_bps_max=tier.spread_bps_max,
        depth_min=tier.depth_min,
        base_position_pct=tier.base_position,
    )
