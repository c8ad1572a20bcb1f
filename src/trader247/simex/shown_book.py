"""A crowd as another market showed it: its own levels, taken from the best price on."""

from __future__ import annotations

from trader247.simex.book import Crowd, Level, Side


class ShownCrowd(Crowd):
    """Everyone else's orders in one product, level by level, until the next showing.

    After `move` nothing is shown any more; what is stored of it is a crowd without quantity.
    """

    __slots__ = ("_shown",)

    def __init__(self, bids: tuple[Level, ...], asks: tuple[Level, ...]) -> None:
        """Levels best first, neither side empty, and not crossed."""
        spread = asks[0][0] - bids[0][0]
        assert spread > 0, "a crossed book is no book"
        self._shown: dict[Side, tuple[Level, ...]] = {}
        super().__init__(price=bids[0][0] + spread // 2, spread=spread, depth=0)
        self._shown = {Side.BUY: bids, Side.SELL: asks}

    @staticmethod
    def of(bids: tuple[Level, ...], asks: tuple[Level, ...]) -> ShownCrowd | None:
        """A book of these levels, or None where it is none: one-sided, or crossed."""
        if not bids or not asks or bids[0][0] >= asks[0][0]:
            return None
        return ShownCrowd(bids, asks)

    def move(self, *, price: int, spread: int, depth: int) -> None:
        """Forget what was shown."""
        self._shown = {}
        super().move(price=price, spread=spread, depth=depth)

    def ahead(self, side: Side, price: int) -> int:
        """What is shown at `price`; a resting order here waits for a trade beyond it anyway."""
        return dict(self.levels(side)).get(price, 0)

    def _remaining(self, side: Side) -> tuple[Level, ...]:
        consumed = self.taken(side)
        levels = []
        for price, lots in self._shown.get(side, ()):
            gone = min(consumed, lots)
            consumed -= gone
            if lots > gone:
                levels.append((price, lots - gone))
        return tuple(levels)
