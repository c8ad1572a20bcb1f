"""A made-up market: the same from the same seed, on every machine. `hours` draws it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from trader247.simex.feeds.feed import Listing, MinuteBar, Past
from trader247.simex.feeds.hours import HOUR, Hours, Rows, Standing
from trader247.simex.feeds.listings import CHARACTERS
from trader247.simex.history import ABSENT

DEFAULT_START_US = 1_767_571_200_000_000
"""2026-01-05T00:00:00Z."""
HISTORY_MINUTES = 8 * 1440
SEED_MAX = 2**63 - 1

_MINUTE_US = 60_000_000
_HEADER = struct.Struct("<8sq")
_SILENT = np.array(ABSENT, dtype=np.int64)
_PRODUCTS = tuple(character.listing.product_id for character in CHARACTERS)


class SyntheticFeed:
    """A simulated market of `CHARACTERS`, endless, from a seed and the instant trading begins."""

    _begun: Standing
    _after: Standing
    _rows: Rows
    _offset: int

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

    def lived(self, oldest: int) -> Past:
        """Live through all of the history, an hour at a time, as `next` would through its minutes.

        Nobody looks at its bars one by one: they are packed as `Packing` does, and the last one of
        each product is kept.
        """
        assert self._begun.hour == 0, "a history begins at its beginning"
        assert self._offset == 0, "a history begins at its beginning"
        rows: list[tuple[int, bytes]] = []
        begun = after = self._begun
        cells = np.empty((0, 0, 0), dtype=np.int64)
        last = np.zeros((len(_PRODUCTS), len(ABSENT)), dtype=np.int64)
        for hour in range(HISTORY_MINUTES // HOUR):
            begun = after
            cells, after = self._hours.cells(begun)
            has_traded = cells[:, :, 4] > 0
            packed: bytes = np.where(has_traded[:, :, None], cells, _SILENT).astype("<i8").tobytes()
            first, size = self.first_minute + hour * HOUR, len(packed) // HOUR
            rows += [
                (first + minute, packed[minute * size : (minute + 1) * size])
                for minute in range(max(0, oldest - first), HOUR)
            ]
            latest = HOUR - 1 - has_traded[::-1].argmax(axis=0)
            is_new = has_traded.any(axis=0)
            last[is_new] = cells[latest, np.arange(len(last))][is_new]
        # At the end of an hour, whose next one has not begun: there the last minute was taken.
        self._begun, self._rows, self._after = begun, cells.tolist(), after
        self._offset = HOUR
        bars = zip(_PRODUCTS, last.tolist(), strict=True)
        return Past(rows, {product: MinuteBar(*bar) for product, bar in bars if bar[4]})

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
