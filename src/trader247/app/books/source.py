"""Which venue and market figures come from: said wherever figures are shown."""

from __future__ import annotations

import re

from trader247.app.books.modes import Mode, VenueName
from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant

COINBASE_FEED = "coinbase"
"""The feed of a journal whose prices and orders are Coinbase's own."""
SIMULATED_FEED = "simulated coinbase at "
SERVED_FEED = "simulated coinbase of "
"""Before the exact name of the market that a served exchange is on, wherever it is served."""
BY_KEY = ", the account of a key"
MIRRORED_FEED = "mirror of "
_SYNTHETIC = re.compile(r"synthetic:v\d+:seed=(\d+):")


@dataclass(frozen=True, slots=True)
class Source:
    """Whose figures are shown: they say SIMULATED MARKET, and the seed, where they are.

    `time` is the present by the venue's clock.
    """

    mode: Mode
    venue: VenueName
    market: str
    seed: int | None
    time: Instant


def label_of(feed: str) -> str:
    """What people are told of a journal's feed."""
    feed = feed.removesuffix(BY_KEY)
    if feed == COINBASE_FEED:
        return "Coinbase"
    if feed.startswith(MIRRORED_FEED):
        return f"MIRRORED MARKET of {label_of(feed.removeprefix(MIRRORED_FEED))}"
    feed = feed.removeprefix(SERVED_FEED)
    if feed.startswith(SIMULATED_FEED):
        return f"SIMULATED MARKET at {feed.removeprefix(SIMULATED_FEED)}"
    seed = seed_of(feed)
    return (
        f"SIMULATED MARKET {feed}" if seed is None else f"SIMULATED MARKET synthetic, seed {seed}"
    )


def is_by_key(feed: str) -> bool:
    """Whether the account of a book that only looks is a key's own, not an assumed one."""
    return feed.endswith(BY_KEY)


def seed_of(feed: str) -> int | None:
    """The seed of a synthetic market's feed; None of any other."""
    found = _SYNTHETIC.match(feed.removeprefix(SERVED_FEED))
    return None if found is None else int(found[1])
