"""A made-up market: the same from the same seed, on every machine. `hours` draws it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from trader247.simex.feeds.feed import Listing, MinuteBar
from trader247.simex.feeds.hours import Hours, Standing
from trader247.simex.feeds.listings import CHARACTERS

DEFAULT_START_US = 1_767_571_200_000_000
"""2026-01-05T00:00:00Z."""
HISTORY_MINUTES = 8 * 1440
SEED_MAX = 2**63 - 1

_MINUTE_US = 60_000_000
_HEADER = struct.Struct("<8sq")
_PRODUCTS = tuple(character.listing.product_id for character in CHARACTERS)


class SyntheticFeed:
    """A simulated market of `CHARACTERS`, endless, from a seed and the instant trading begins."""

    def __init__(self, seed: int, start_us: int = DEFAULT_START_US) -> None:
        """Raises ValueError: a seed out of bounds, or a start that is not on a minute."""
        if not 0 <= seed <= SEED_MAX:
            raise ValueError(f"seed {seed} is not from 0 to {SEED_MAX}")
        if start_us % _MINUTE_US or start_us < HISTORY_MINUTES * _MINUTE_US:
            raise ValueError(f"start {start_us} µs is not on a minute of 1970-01-09 or later")
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start_us)
        self._identity = f"synthetic:v1:seed={seed}:start={start:%Y-%m-%dT%H:%M:%SZ}"
        self._tag = sha256(self._identity.encode()).digest()[:8]
        self._label = f"SIMULATED MARKET synthetic, seed {seed}"
        self._start_minute = start_us // _MINUTE_US
        self._listings = tuple(character.listing for character in CHARACTERS)
        self._hours = Hours(seed, self.first_minute)
        self._enter(Standing.first())

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def label(self) -> str:
        return self._label

    @property
    def listings(self) -> tuple[Listing, ...]:
        return self._listings

    @property
    def first_minute(self) -> int:
        return self._start_minute - HISTORY_MINUTES

    @property
    def start_minute(self) -> int:
        return self._start_minute

    @property
    def last_minute(self) -> int | None:
        return None

    def next(self) -> Mapping[str, MinuteBar]:
        """The next minute, by product id; a product that is absent did not trade in it."""
        if self._offset == len(self._rows):
            self._enter(self._after)
        row = self._rows[self._offset]
        self._offset += 1
        return {
            product: MinuteBar(*cells)
            for product, cells in zip(_PRODUCTS, row, strict=True)
            if cells[4] > 0
        }

    def state(self) -> bytes:
        """Where the feed stands: how its hour began, and how far into it."""
        return _HEADER.pack(self._tag, self._offset) + self._begun.to_bytes()

    def restore(self, state: bytes) -> None:
        """Stand where `state` was taken.

        Raises:
            ValueError: it is no state of this market.
        """
        if state[:8] != self._tag:
            raise ValueError(f"the state belongs to another market than {self._identity}")
        _, offset = _HEADER.unpack_from(state)
        self._enter(Standing.from_bytes(state[_HEADER.size :]))
        if not 0 <= offset <= len(self._rows):
            raise ValueError(f"the state stands at minute {offset} of an hour")
        self._offset = offset

    def _enter(self, begun: Standing) -> None:
        self._begun = begun
        self._rows, self._after = self._hours.drawn(begun)
        self._offset = 0
