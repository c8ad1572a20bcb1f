"""A market that was: candle files, minute by minute.

Candles hold no book, so spread and depth are modelled from what a bar shows (`book_model`).
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from trader247.domain.ids import ProductId
from trader247.simex.book_model import depths, spreads
from trader247.simex.feeds.feed import FeedEnded, Listing, MinuteBar
from trader247.simex.feeds.splitting import in_minutes
from trader247.simex.feeds.steps import fine
from trader247.simex.feeds.tape import Tape, TapeReport
from trader247.simex.feeds.tape_cleaning import read_tape
from trader247.simex.feeds.tape_file import TapeUnusable, tape_files
from trader247.simex.feeds.tape_numbers import Column

WARM_UP_MINUTES = 8 * 1440
SHORT_WARM_UP_MINUTES = 26 * 60
TRADING_MINUTES_MIN = 60

LISTED_AT = 1_230_768_000
"""2009-01-01: a tape does not say when its products were listed, only that they were."""

_STATE = struct.Struct("<8sq")
_BASE_MAX = Decimal(10**12)
_QUOTE_MAX = Decimal(10**8)


class TapeTooShort(TapeUnusable):
    """A tape with no room for a warm-up and an hour of trading."""


class ReplayFeed:
    """A simulated market replayed from a candle file, or a folder of them."""

    def __init__(self, path: Path) -> None:
        """Read the whole tape.

        Raises:
            TapeUnusable: the tape cannot be replayed (`ProductTwice` and `TapeTooShort` too).
        """
        tapes: list[Tape] = []
        reports: list[TapeReport] = []
        for product, file in tape_files(path).items():
            tape, report = read_tape(product, file)
            tapes.append(tape)
            reports.append(report)
        self._reports = tuple(reports)
        self._first = min(tape.first_minute for tape in tapes)
        self._last = max(tape.last_minute for tape in tapes)
        self._start = self._first + _warm_up(path, self.minutes_total)
        digest = sha256(b"".join(tape.canonical() for tape in tapes))
        self._tag = digest.digest()[:8]
        self._identity = f"replay:v2:{digest.hexdigest()}"
        interpolated = " (INTERPOLATED)" if any(tape.interval > 1 for tape in tapes) else ""
        self._label = f"SIMULATED MARKET replay of {path.resolve().name}{interpolated}"
        minutes = [in_minutes(fine(tape)) for tape in tapes]
        self._listings = tuple(listing_of(tape) for tape in minutes)
        self._rows = tuple(_Rows(tape) for tape in minutes)
        self._next = self._first

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
        return self._first

    @property
    def start_minute(self) -> int:
        return self._start

    @property
    def last_minute(self) -> int | None:
        return self._last

    @property
    def minutes_total(self) -> int:
        """Minutes from the first to the last, holes included."""
        return self._last - self._first + 1

    @property
    def minutes_available(self) -> int:
        """Minutes to trade in, after the warm-up."""
        return self._last - self._start + 1

    @property
    def is_warmed_up(self) -> bool:
        """Whether the history before trading is the usual 8 days; it is 26 h on a shorter tape."""
        return self._start - self._first == WARM_UP_MINUTES

    @property
    def reports(self) -> tuple[TapeReport, ...]:
        """What was found in each product's file, in the order of the products."""
        return self._reports

    def next(self) -> Mapping[str, MinuteBar]:
        """The next minute, by product id; a product that is absent did not trade in it.

        Raises:
            FeedEnded: the tape has no further minute.
        """
        if self._next > self._last:
            raise FeedEnded(f"the tape of {len(self._rows)} products has no further minute")
        minute, self._next = self._next, self._next + 1
        bars: dict[str, MinuteBar] = {}
        for rows in self._rows:
            bar = rows.taken(minute)
            if bar is not None:
                bars[rows.product_id] = bar
        return bars

    def state(self) -> bytes:
        """Where the feed stands: the minute that is next."""
        return _STATE.pack(self._tag, self._next)

    def restore(self, state: bytes) -> None:
        """Stand where `state` was taken.

        Raises:
            ValueError: it is no state of this tape.
        """
        if len(state) != _STATE.size or state[:8] != self._tag:
            raise ValueError(f"the state belongs to another market than {self._identity}")
        _, minute = _STATE.unpack(state)
        if not self._first <= minute <= self._last + 1:
            raise ValueError(f"the state stands at minute {minute}, off the tape")
        self._next = minute
        for rows in self._rows:
            rows.stand_before(minute)


class _Rows:
    """One product's minutes, and the next of them."""

    def __init__(self, tape: Tape) -> None:
        is_traded = tape.volume > 0
        columns = (tape.open, tape.high, tape.low, tape.close, tape.volume)
        self.product_id = tape.product_id
        self._minute = _array(tape.minute[is_traded])
        self._open, self._high, self._low, self._close, self._volume = (
            _array(column[is_traded]) for column in columns
        )
        high, low, close, volume = (column[is_traded] for column in columns[1:])
        self._spread = _array(spreads(high, low, close))
        self._depth = _array(depths(high, low, close, volume))
        self._at = 0

    def stand_before(self, minute: int) -> None:
        self._at = bisect_left(self._minute, minute)

    def taken(self, minute: int) -> MinuteBar | None:
        """The bar of `minute`, if the product traded; minutes are asked in order."""
        at = self._at
        if at == len(self._minute) or self._minute[at] != minute:
            return None
        self._at = at + 1
        return MinuteBar(
            open=self._open[at],
            high=self._high[at],
            low=self._low[at],
            close=self._close[at],
            volume=self._volume[at],
            spread=self._spread[at],
            depth=self._depth[at],
        )


def _array(column: Column) -> array[int]:
    return array("q", column.astype("<i8").tobytes())


def listing_of(tape: Tape) -> Listing:
    """What a market lists that trades a tape."""
    product = ProductId.parse(tape.product_id)
    lot = Decimal(1).scaleb(-tape.base_decimals)
    return Listing(
        product_id=tape.product_id,
        base=product.base,
        quote=product.quote,
        base_name=product.base,
        price_increment=Decimal(1).scaleb(-tape.price_decimals),
        base_increment=lot,
        base_min=lot,
        base_max=_BASE_MAX,
        quote_min=Decimal(1),
        quote_max=_QUOTE_MAX,
        listed_at=LISTED_AT,
    )


def _warm_up(path: Path, minutes: int) -> int:
    """How much of the tape comes before trading."""
    for warm_up in (WARM_UP_MINUTES, SHORT_WARM_UP_MINUTES):
        if minutes >= warm_up + TRADING_MINUTES_MIN:
            return warm_up
    needed = SHORT_WARM_UP_MINUTES + TRADING_MINUTES_MIN
    raise TapeTooShort(
        path,
        found=f"{minutes} minutes",
        allowed=f"27 h ({needed} minutes) or more; {needed - minutes} are missing",
    )
