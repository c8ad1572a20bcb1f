"""The same book under a second name: `BTC-USDC` is `BTC-USD`, paid for in another currency.

Orders of both meet the one crowd; each moves the wallets of the product that it named.
"""

from __future__ import annotations

from dataclasses import replace

from trader247.simex.market import Flags, Market
from trader247.simex.matching import Matching

_QUOTE, _TWIN = "USD", "USDC"
# These have a market of their own against the twin.
_APART = ("USDT", "EURC", _TWIN)


class Alias(Market):
    """A market's second name; it has no book, no flags and no minute of its own."""

    __slots__ = ("canonical",)

    def __init__(self, canonical: Market) -> None:
        self.canonical = canonical
        super().__init__(
            replace(canonical.listing, product_id=f"{canonical.listing.base}-{_TWIN}", quote=_TWIN)
        )

    @property
    def matching(self) -> Matching:
        return self.canonical.matching

    @matching.setter
    def matching(self, _: Matching) -> None:
        """The book stays the canonical market's."""

    @property
    def flags(self) -> Flags:
        return self.canonical.flags

    @flags.setter
    def flags(self, _: Flags) -> None:
        """The flags stay the canonical market's."""


def alias_of(market: Market) -> Alias | None:
    """The market's second name, if it has one."""
    listing = market.listing
    return Alias(market) if listing.quote == _QUOTE and listing.base not in _APART else None


def canonical(market: Market) -> Market:
    """The market whose book this is."""
    return market.canonical if isinstance(market, Alias) else market
