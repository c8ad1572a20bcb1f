"""What no single key can say: whether the settings fit together."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from decimal import Decimal

from trader247.app.settings import universe_file
from trader247.app.settings.app_file import AppSettings
from trader247.app.settings.loopback import is_loopback
from trader247.app.settings.policy_file import CAPS
from trader247.app.settings.problems import Problem
from trader247.app.settings.reading import FileValues
from trader247.app.settings.universe_file import GROUPS, TIERS, Groups
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.clock_skew import ClockSkew
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.signals.reversal import Reversal
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.time import Instant

EARLIEST = Instant.parse("2000-01-01T00:00:00Z")
LATEST = Instant.parse("2100-01-01T00:00:00Z")
"""When a simulated market may start."""
MINUTE_US = 60_000_000
_ANY_VOLUME, _ANY_DEPTH = Money.of(100_000_000), Money.of(1_000_000)
"""Floors up to these some product always meets: nobody has to be asked who."""

_Named = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Read:
    """The three files, read each by itself."""

    app: FileValues
    policy: FileValues
    universe: FileValues
    settings: AppSettings


def universe_problems(read: Read) -> Iterator[Problem]:
    """What is wrong between tiers, clusters, stablecoins and caps."""
    groups: Groups = read.universe.instance(GROUPS)
    yield from _listed_problems(read, groups)
    seen: dict[ProductId, str] = {}
    for name, members in groups.clusters.items():
        for index, product in enumerate(members):
            if product in seen:
                yield read.universe.problem(
                    ("clusters", name, str(index)),
                    f"{product} is in {seen[product]} already",
                    "each product in one cluster",
                )
            seen[product] = name
    yield from _cap_problems(read, groups)


def app_problems(read: Read) -> Iterator[Problem]:
    """What is wrong with when and where the simulated market is."""
    start = read.settings.sim_start
    if start.us % MINUTE_US or not EARLIEST <= start <= LATEST:
        yield read.app.problem(
            ("sim", "start"), f"'{start}'", f"a whole minute from {EARLIEST} to {LATEST}"
        )
    settings = read.settings
    for section, host in (("exchange", settings.exchange_endpoint), ("sim", settings.sim_endpoint)):
        if (host or section == "sim") and not is_loopback(host):
            yield read.app.problem(
                (section, "endpoint"),
                f"{host!r} is not on this machine",
                "host:port of a simulation on this machine, like localhost:8443",
            )
    if settings.exchange_ca_file and not settings.exchange_endpoint:
        yield read.app.problem(
            ("exchange", "ca_file"),
            "it would replace whom Coinbase itself is trusted by",
            "a ca_file beside exchange.endpoint alone",
        )


def policy_problems(read: Read, policy: Policy) -> Iterator[Problem]:
    """What is wrong between the numbers of the policy."""
    regime = policy.regime
    if not regime.crash_trend_pct < regime.bear_trend_pct < regime.bull_trend_pct:
        yield read.policy.problem(
            ("regime",),
            f"crash {regime.crash_trend_pct} %, bear {regime.bear_trend_pct} %, "
            f"bull {regime.bull_trend_pct} %",
            "trends that rise from crash over bear to bull",
        )
    least = check_in(policy.checks, MinNotional).quote_min
    most = check_in(policy.checks, MaxOrder).quote_max
    if most < least:
        yield read.policy.problem(
            ("checks", MaxOrder.id, "quote_max"),
            f"{most} is below risk.min_trade_notional_usd, {least}: no order could ever be sent",
            "at least the smallest order",
        )
    for path, limit, (low_name, low), (high_name, high) in _ordered_pairs(policy):
        if high < low:
            yield read.policy.problem(
                (*path, high_name), f"{high} is below {low_name}, {low}", limit
            )


def _ordered_pairs(policy: Policy) -> Iterator[tuple[tuple[str, ...], str, _Named, _Named]]:
    """Numbers of which the second may not be the lesser: where they stand, what is allowed."""
    clock = check_in(policy.checks, ClockSkew)
    yield (
        ("checks", ClockSkew.id),
        "a limit no lower than its warning",
        ("seconds_warn", Decimal(clock.seconds_warn)),
        ("seconds_max", Decimal(clock.seconds_max)),
    )
    fees = check_in(policy.checks, FeeWorth)
    yield (
        ("checks", FeeWorth.id),
        "a warning no lower than the limit",
        ("refuse_under", fees.refuse_under),
        ("warn_under", fees.warn_under),
    )
    reversal = policy.signals[Reversal.id]
    assert isinstance(reversal, Reversal), "each signal's settings are of its own class"
    yield (
        ("signals", Reversal.id),
        "a window with something in it",
        ("recovery_pct_min", reversal.recovery_pct_min.value),
        ("recovery_pct_max", reversal.recovery_pct_max.value),
    )


def warnings_of(read: Read, policy: Policy) -> Iterator[Problem]:
    """What may be meant so, and is worth a look."""
    settings = read.settings
    if not settings.are_alerts_enabled:
        yield read.app.problem(
            ("monitoring", "alerts_enabled"), "alerts are off: they go to the log alone"
        )
    if settings.email is not None and settings.smtp_url is None:
        yield read.app.problem(("monitoring", "email"), "left out: mail needs monitoring.smtp_url")
    reference = policy.regime.reference
    if policy.universe.tier_of(reference) is None:
        yield read.policy.problem(
            ("regime", "reference"),
            f"{reference} is in no tier: the regime is chop wherever it cannot be read",
        )
    yield from _universe_warnings(read, policy.universe)


def _universe_warnings(read: Read, universe: UniversePolicy) -> Iterator[Problem]:
    if len(universe.products) < universe.floors.products_min:
        yield read.universe.problem(
            ("tiers",),
            f"{len(universe.products)} listed, fewer than floors.products_min, "
            f"{universe.floors.products_min}: nothing will be bought",
        )
    yield from _unmet_floors(read, universe)
    for cluster in universe.clusters:
        path = ("clusters", cluster.name)
        if not cluster.members:
            yield read.universe.problem(path, "an empty cluster: its cap holds nothing")
        for product in cluster.members:
            if universe.tier_of(product) is None:
                yield read.universe.problem(path, f"{product} is in no tier: it is never traded")
    for flag in universe.red_flags:
        if universe.tier_of(flag.product) is None:
            yield read.universe.problem(
                ("red_flags",), f"{flag.product} is in no tier: it is never traded anyway"
            )


def _unmet_floors(read: Read, universe: UniversePolicy) -> Iterator[Problem]:
    """Floors that no product meets, not even on a busy day."""
    parts = ((("tiers", tier.name), tier) for tier in universe.tiers)
    floors: list[tuple[tuple[str, ...], Money, Money]] = [
        (("floors",), universe.floors.volume_24h_min, universe.floors.depth_min),
        *((path, tier.volume_24h_min, tier.depth_min) for path, tier in parts),
    ]
    if all(volume <= _ANY_VOLUME and depth <= _ANY_DEPTH for _, volume, depth in floors):
        return
    from trader247.simex.feeds.listings import BUSY, DEPTH_MAX, VOLUME_MAX

    for path, volume, depth in floors:
        for name, least, most in (
            ("volume_24h_min", volume, BUSY * VOLUME_MAX),
            ("depth_min", depth, BUSY * DEPTH_MAX),
        ):
            if least.value > most:
                text = f"{least} is more than any product offers on a busy day, about {most:,.0f}"
                yield read.universe.problem((*path, name), f"{text}: nothing will be bought")


def _listed_problems(read: Read, groups: Groups) -> Iterator[Problem]:
    currency = read.settings.quote_currency
    listed: dict[ProductId, str] = {}
    for section in TIERS:
        name = section.prefix[-1]
        for index, product in enumerate(read.universe.instance(section).products):
            path = ("tiers", name, "products", str(index))
            if product in listed:
                yield read.universe.problem(
                    path, f"{product} is in {listed[product]} already", "each product in one tier"
                )
            listed[product] = name
            if product.base in groups.stablecoins:
                yield read.universe.problem(
                    path, f"{product.base} is a stablecoin", "stablecoins are never traded"
                )
            if product.quote != currency:
                yield read.universe.problem(
                    path,
                    f"{product} is not quoted in {currency}",
                    f"products quoted in app.quote_currency, {currency}",
                )
    if not listed:
        yield read.universe.problem(
            ("tiers",), f"{universe_file.FILE} lists no product", "at least one in some tier"
        )


def _cap_problems(read: Read, groups: Groups) -> Iterator[Problem]:
    path = (*CAPS.prefix, "caps_pct")
    caps = read.policy.instance(CAPS).caps_pct
    is_written = any(each[: len(path)] == path for each in read.policy.lines)
    for name in caps:
        if name not in groups.clusters and is_written:
            near = difflib.get_close_matches(name, groups.clusters, n=1)
            yield read.policy.problem(
                (*path, name),
                "a cap for a cluster that does not exist",
                "clusters of universe.yaml: " + (", ".join(groups.clusters) or "none"),
                near[0] if near else "",
            )
    for name in groups.clusters:
        if name not in caps:
            yield read.universe.problem(
                ("clusters", name),
                "a cluster without a cap",
                f"a cap in policy.yaml, {'.'.join(path)}.{name}",
            )
