"""What the synthetic market lists, and how each product behaves there.

Increments and minimums are those of the real venue. Prices, volumes, spreads and depth are
plausible, no more: they are where a made-up market begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from trader247.simex.feeds.feed import Listing

LISTED_AT = 1_577_836_800
"""2020-01-01: every product of the synthetic market is long past its first month."""

QUOTE = "USD"


class Cluster(IntEnum):
    """Products that move together beyond what the whole market does."""

    MAJOR = 0
    LAYER1 = 1
    DEFI = 2
    MEME = 3
    STABLE = 4


@dataclass(frozen=True, slots=True)
class Character:
    """How a product behaves. Deviations are in bps a minute of ordinary weather.

    `beta` is the share of the market's return that it takes, `cluster_beta` likewise of its
    cluster's; `own_bps` is its own deviation. `volume_usd` is an ordinary day's, `depth_usd` what
    rests within 20 bps on each side, `silence` the share of ordinary minutes without a trade.
    `events` is how often it has news of its own, against the others.
    """

    listing: Listing
    cluster: Cluster
    price: Decimal
    beta: float
    cluster_beta: float
    own_bps: float
    volume_usd: float
    spread_bps: float
    depth_usd: float
    silence: float
    events: float


def _listing(base: str, name: str, price: str, size: str, size_max: str) -> Listing:
    return Listing(
        product_id=f"{base}-{QUOTE}",
        base=base,
        quote=QUOTE,
        base_name=name,
        price_increment=Decimal(price),
        base_increment=Decimal(size),
        base_min=Decimal(size),
        base_max=Decimal(size_max),
        quote_min=Decimal(1),
        quote_max=Decimal(50_000_000),
        listed_at=LISTED_AT,
    )


def _layer1(
    listing: Listing,
    price: str,
    *,
    own: float,
    volume: float,
    spread: float,
    depth: float,
    silence: float = 0.0,
) -> Character:
    """One of the many smaller chains: they differ in size far more than in kind."""
    return Character(
        listing,
        Cluster.LAYER1,
        Decimal(price),
        beta=1.45,
        cluster_beta=1.0,
        own_bps=own,
        volume_usd=volume,
        spread_bps=spread,
        depth_usd=depth,
        silence=silence,
        events=1.0,
    )


def _stable(listing: Listing, price: str, *, volume: float, silence: float) -> Character:
    return Character(
        listing,
        Cluster.STABLE,
        Decimal(price),
        beta=0.0,
        cluster_beta=1.0,
        own_bps=0.15,
        volume_usd=volume,
        spread_bps=0.2,
        depth_usd=volume / 40,
        silence=silence,
        events=0.0,
    )


CHARACTERS: tuple[Character, ...] = (
    Character(
        _listing("BTC", "Bitcoin", "0.01", "0.00000001", "3400"),
        Cluster.MAJOR,
        Decimal("91250"),
        beta=1.0,
        cluster_beta=0.6,
        own_bps=2.0,
        volume_usd=900e6,
        spread_bps=0.5,
        depth_usd=5e6,
        silence=0.0,
        events=0.3,
    ),
    Character(
        _listing("ETH", "Ethereum", "0.01", "0.00000001", "42000"),
        Cluster.MAJOR,
        Decimal("3140"),
        beta=1.2,
        cluster_beta=1.0,
        own_bps=3.5,
        volume_usd=520e6,
        spread_bps=0.8,
        depth_usd=3e6,
        silence=0.0,
        events=0.4,
    ),
    Character(
        _listing("SOL", "Solana", "0.01", "0.00000001", "300000"),
        Cluster.MAJOR,
        Decimal("134"),
        beta=1.35,
        cluster_beta=1.0,
        own_bps=5.0,
        volume_usd=210e6,
        spread_bps=1.2,
        depth_usd=1.2e6,
        silence=0.0,
        events=0.6,
    ),
    Character(
        _listing("DOGE", "Dogecoin", "0.00001", "0.1", "150000000"),
        Cluster.MEME,
        Decimal("0.1465"),
        beta=1.5,
        cluster_beta=1.5,
        own_bps=6.5,
        volume_usd=95e6,
        spread_bps=2.0,
        depth_usd=420e3,
        silence=0.0,
        events=1.3,
    ),
    _layer1(
        _listing("XRP", "XRP", "0.0001", "0.000001", "20000000"),
        "2.045",
        own=5.0,
        volume=170e6,
        spread=1.4,
        depth=800e3,
    ),
    _layer1(
        _listing("ADA", "Cardano", "0.0001", "0.00000001", "50000000"),
        "0.3915",
        own=6.0,
        volume=62e6,
        spread=3.0,
        depth=260e3,
    ),
    _layer1(
        _listing("AVAX", "Avalanche", "0.01", "0.00000001", "1600000"),
        "13.84",
        own=6.5,
        volume=40e6,
        spread=6.0,
        depth=170e3,
    ),
    _layer1(
        _listing("DOT", "Polkadot", "0.001", "0.00000001", "7500000"),
        "2.167",
        own=6.5,
        volume=30e6,
        spread=6.0,
        depth=120e3,
        silence=0.004,
    ),
    Character(
        _listing("LINK", "Chainlink", "0.001", "0.01", "1700000"),
        Cluster.DEFI,
        Decimal("13.405"),
        beta=1.4,
        cluster_beta=1.0,
        own_bps=6.0,
        volume_usd=52e6,
        spread_bps=3.0,
        depth_usd=220e3,
        silence=0.0,
        events=1.0,
    ),
    Character(
        _listing("UNI", "Uniswap", "0.001", "0.000001", "3900000"),
        Cluster.DEFI,
        Decimal("5.912"),
        beta=1.4,
        cluster_beta=1.2,
        own_bps=7.0,
        volume_usd=31e6,
        spread_bps=5.5,
        depth_usd=105e3,
        silence=0.006,
        events=1.2,
    ),
    _layer1(
        _listing("ATOM", "Cosmos", "0.001", "0.01", "10000000"),
        "2.318",
        own=6.5,
        volume=27e6,
        spread=7.0,
        depth=85e3,
        silence=0.015,
    ),
    _layer1(
        _listing("ALGO", "Algorand", "0.0001", "1", "150000000"),
        "0.1382",
        own=7.0,
        volume=25e6,
        spread=8.0,
        depth=75e3,
        silence=0.02,
    ),
    _layer1(
        _listing("XLM", "Stellar Lumens", "0.000001", "1", "100000000"),
        "0.231450",
        own=6.0,
        volume=36e6,
        spread=4.5,
        depth=140e3,
        silence=0.004,
    ),
    _layer1(
        _listing("HBAR", "Hedera", "0.00001", "0.1", "140000000"),
        "0.12140",
        own=7.5,
        volume=38e6,
        spread=5.0,
        depth=130e3,
        silence=0.003,
    ),
    _stable(
        _listing("USDT", "Tether", "0.00001", "0.01", "20000000"),
        "0.99940",
        volume=180e6,
        silence=0.0,
    ),
    _stable(
        _listing("DAI", "Dai", "0.0001", "0.00001", "20000000"),
        "0.9998",
        volume=6e6,
        silence=0.12,
    ),
)
"""The fourteen products that ship, and two stablecoins that are never traded."""

BUSY = 4
"""Times an ordinary day: what a product trades and offers on a busy one."""
VOLUME_MAX = Decimal(max(each.volume_usd for each in CHARACTERS))
DEPTH_MAX = Decimal(max(each.depth_usd for each in CHARACTERS))
"""What no product trades or offers more of on an ordinary day."""
