"""One listed product: its rules, its flags, its book, and the minute that it is in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from trader247.simex.book import Crowd, Side
from trader247.simex.exact import EXACT, Grid
from trader247.simex.feeds.feed import Listing, MinuteBar
from trader247.simex.matching import Match, Matching
from trader247.simex.path import prices, share


@dataclass(frozen=True, slots=True)
class Flags:
    """What may be done with a product now, in the wire's words."""

    status: str = "online"
    is_disabled: bool = False
    cancel_only: bool = False
    limit_only: bool = False
    post_only: bool = False
    trading_disabled: bool = False
    auction_mode: bool = False
    view_only: bool = False

    @property
    def is_halted(self) -> bool:
        """Whether nobody trades it, and no order is taken."""
        return self.status != "online" or self.trading_disabled or self.is_disabled

    @property
    def is_trading(self) -> bool:
        """Whether orders meet: not while it is halted, nor while an auction collects them."""
        return not (self.is_halted or self.auction_mode)

    @property
    def is_taking(self) -> bool:
        """Whether an order can take from the book."""
        return self.is_trading and not (self.cancel_only or self.view_only or self.post_only)

    def with_changes(self, changes: dict[str, str | bool]) -> Flags:
        """These flags with some of them set. Raises TypeError for a flag that does not exist."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names are checked by replace


class Market:
    """A product on this exchange. A price of 0 means that it never traded."""

    __slots__ = ("_flags", "bar", "listing", "matching", "own_flags", "price", "size")

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.price = Grid(listing.price_increment)
        self.size = Grid(listing.base_increment)
        self.flags = Flags()
        self.matching = Matching(Crowd(price=0, spread=1, depth=0))
        self.bar: MinuteBar | None = None

    @property
    def flags(self) -> Flags:
        """What may be done with it now."""
        return self._flags

    @flags.setter
    def flags(self, flags: Flags) -> None:
        self.own_flags = self._flags = flags

    @property
    def is_closed(self) -> bool:
        """Whether maintenance changes its flags now."""
        return self._flags is not self.own_flags

    def close(self, changes: dict[str, str | bool]) -> None:
        """Let maintenance change its flags; without changes they are its own again."""
        self._flags = self.own_flags.with_changes(changes) if changes else self.own_flags

    @property
    def last(self) -> int:
        """The price at which it last traded, in ticks; 0 if it never did."""
        return self.matching.crowd.price

    def begin(self, bar: MinuteBar | None) -> None:
        """Enter the next minute; None if the product does not trade in it."""
        self.bar = bar

    def pass_point(self, point: int) -> list[Match]:
        """Walk the leg to one of the minute's points; the fills of resting orders on the way."""
        bar = self.bar
        if bar is None or not self.flags.is_trading:
            return []
        price = prices(bar)[point]
        matching = self.matching
        if matching.crowd.price == 0:
            matching.crowd.move(price=price, spread=bar.spread, depth=bar.depth)
            return []
        volume = share(bar.volume, point)
        return matching.move(price=price, spread=bar.spread, depth=bar.depth, volume=volume)

    def value(self, price: int, lots: int) -> Decimal:
        """Ticks times lots, as money."""
        return EXACT.multiply(self.price.decimal(price), self.size.decimal(lots))

    def book_state(self) -> tuple[int, int, int, int, int]:
        """The crowd, in five numbers: price, spread, depth, bids taken, asks taken."""
        crowd = self.matching.crowd
        taken = crowd.taken(Side.BUY), crowd.taken(Side.SELL)
        return crowd.price, crowd.spread, crowd.depth, *taken

    def restore_book(self, state: tuple[int, int, int, int, int]) -> None:
        """Make the crowd stand as `book_state` told."""
        price, spread, depth, bids, asks = state
        self.matching = Matching(Crowd(price=price, spread=spread, depth=depth))
        self.matching.crowd.take(Side.BUY, bids)
        self.matching.crowd.take(Side.SELL, asks)
