"""What went wrong while one snapshot was read, and when to stop trying."""

from __future__ import annotations

from trader247.adapters.coinbase.errors import clean
from trader247.domain.errors import (
    KeyRejected,
    RateLimited,
    VenueError,
    VenueMaintenance,
    VenueUnreachable,
)
from trader247.domain.ids import ProductId

DEAF_MAX = 3
"""Requests in a row without a proper answer, after which the rest of a snapshot is not tried."""

_SILENCES = (VenueUnreachable, RateLimited, VenueMaintenance, KeyRejected)


class Reading:
    """What went wrong within one snapshot."""

    def __init__(self) -> None:
        self._troubles: dict[ProductId, str] = {}
        self._deaf = 0
        self._answers = 0
        self._last_error = ""

    @property
    def is_deaf(self) -> bool:
        """Whether the venue has stopped answering."""
        return self._deaf >= DEAF_MAX

    @property
    def unreachable(self) -> str:
        """Why nothing at all could be read; empty if anything could."""
        return "" if self._answers else self._last_error

    def answered(self) -> None:
        """A request was answered as it should be."""
        self.heard()
        self.readable()

    def heard(self) -> None:
        """The venue answered; whether that can be read is seen later."""
        self._deaf = 0

    def readable(self) -> None:
        """An answer that was heard can be read."""
        self._answers += 1

    def failed(self, product: ProductId | None, error: VenueError) -> None:
        """A request failed; where it was a product's, that is the product's trouble."""
        self._deaf = self._deaf + 1 if isinstance(error, _SILENCES) else 0
        self._last_error = clean(str(error))
        if product is not None:
            self.note(product, self._last_error)

    def unreadable(self, product: ProductId, error: VenueError) -> None:
        """An answer that was heard cannot be read: that is the product's trouble alone."""
        self._last_error = clean(str(error))
        self.note(product, self._last_error)

    def note(self, product: ProductId, text: str) -> None:
        """A product's trouble; the first one told is kept."""
        self._troubles.setdefault(product, text)

    def trouble(self, product: ProductId) -> str:
        """Why a part of this product is missing."""
        known = self._troubles.get(product)
        if known is None and self.is_deaf:
            return clean(f"not tried, as the venue does not answer: {self._last_error}")
        return known or ""
