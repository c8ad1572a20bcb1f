"""One product's past as columns on a grid of minutes: what a whole run reads, made once.

The columns are those that the exchange trades by (ticks, lots, spread, depth) and those that
signals are measured by (ticks, hundredths of the quote currency, holes filled forward). Both come
from the same candles, by the same arithmetic as the exchange and the venue's reader have.
"""

from __future__ import annotations

from array import array
from decimal import Decimal
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from trader247.domain.dataclass import dataclass
from trader247.domain.market import Bars
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import Instant
from trader247.simex.book_model import depths, spreads
from trader247.simex.exact import plain
from trader247.simex.feeds.feed import Listing, MinuteBar
from trader247.simex.feeds.replay import listing_of
from trader247.simex.feeds.splitting import in_minutes
from trader247.simex.feeds.steps import fine
from trader247.simex.feeds.tape import Tape

Ints = NDArray[np.int64]

BARS_KEPT = 26 * 60
"""One-minute bars that a cycle sees, as the venue's reader keeps them."""
HOURS_KEPT = 7 * 24 + 2
_DAY = 1440
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class BookModel:
    """How the book that candles do not hold is taken to have been.

    `spread_times` and `depth_share` bend the modelled spread and depth; `volume_share` is how much
    of what was traded may have been with our resting orders.
    """

    name: str
    text: str
    spread_times: int = 1
    depth_share: tuple[int, int] = (1, 1)
    volume_share: tuple[int, int] = (1, 1)


BOOK = BookModel(
    "book",
    "a resting order fills when the price goes through its limit, or at it once all that stood "
    "ahead of it in the book has traded, by at most a quarter of a minute's volume on each leg; "
    "a taker walks the modelled book: spread 4 bps and an eighth of the minute's range, depth five "
    "minutes of volume within 20 bps, less in a wide minute, and what it takes stays taken",
)
HARSH = BookModel(
    "harsh",
    "as `book`, with twice the spread, half the depth and half the volume to trade with",
    spread_times=2,
    depth_share=(1, 2),
    volume_share=(1, 2),
)
OPTIMISTIC = BookModel(
    "optimistic",
    "as `book`, with a spread of one tick and four times the depth: hardly ever true",
    spread_times=0,
    depth_share=(4, 1),
)
BOOK_MODELS = {each.name: each for each in (BOOK, HARSH, OPTIMISTIC)}


@dataclass(frozen=True, slots=True)
class Rules:
    """A listing's rules as the domain has them."""

    base_increment: Quantity
    base_min: Quantity
    base_max: Quantity
    quote_min: Money
    quote_max: Money
    listed_at: Instant


def _rules(listing: Listing) -> Rules:
    return Rules(
        base_increment=Quantity(listing.base_increment),
        base_min=Quantity(listing.base_min),
        base_max=Quantity(listing.base_max),
        quote_min=Money(listing.quote_min),
        quote_max=Money(listing.quote_max),
        listed_at=Instant.from_seconds(listing.listed_at),
    )


class ProductHistory:
    """The columns of one product, from `first` on, a row for every minute.

    `traded` says in which minutes there was a trade. `last_row` is the latest row at or before each
    in which there was one, -1 before the first: prices stand still in between. `first_row` is the
    first one with a trade; the length where there is none.
    """

    __slots__ = (
        "_shown",
        "_sums",
        "cents",
        "close",
        "depth",
        "filled",
        "first",
        "first_row",
        "high",
        "last_row",
        "listing",
        "lots",
        "low",
        "open",
        "product_id",
        "rules",
        "spread",
        "tick",
        "traded",
    )

    def __init__(self, tape: Tape, *, first: int, last: int, model: BookModel = BOOK) -> None:
        minutes = in_minutes(fine(tape))
        self._sums: tuple[Ints, Ints] | None = None
        self.product_id = tape.product_id
        self.listing: Listing = listing_of(minutes)
        self.rules = _rules(self.listing)
        self.tick = Price(self.listing.price_increment)
        self.first = first
        is_traded = (minutes.volume > 0) & (minutes.minute >= first) & (minutes.minute <= last)
        at = minutes.minute[is_traded] - first
        count = last - first + 1
        high, low, close, lots, begin = (
            np.ascontiguousarray(column[is_traded])
            for column in (minutes.high, minutes.low, minutes.close, minutes.volume, minutes.open)
        )
        spread = spreads(high, low, close)
        depth = depths(high, low, close, lots)
        self.traded = np.zeros(count, dtype=bool)
        self.traded[at] = True
        rows = np.where(self.traded, np.arange(count), -1)
        self.last_row: Ints = np.maximum.accumulate(rows)
        self.first_row = int(at[0]) if len(at) else count
        whole = len(at) == count
        self.close = close if whole else _carried(close, at, self.last_row)
        self.open, self.high, self.low = (
            column if whole else _placed(column, self.close, self.traded)
            for column in (begin, high, low)
        )
        zero = np.zeros(count, dtype=np.int64)
        shown = np.maximum(lots * model.volume_share[0] // model.volume_share[1], 1)
        self.lots = shown if whole else _placed(shown, zero, self.traded)
        self.cents = _placed(self._hundredths(lots, close), zero, self.traded)
        self.filled = (~self.traded).astype(np.int64)
        spread = np.maximum(spread * model.spread_times, 1)
        depth = np.maximum(depth * model.depth_share[0] // model.depth_share[1], 1)
        self.spread = spread if whole else _placed(spread, zero, self.traded)
        self.depth = depth if whole else _placed(depth, zero, self.traded)
        self._shown = [
            column.data
            for column in (self.open, self.high, self.low, self.close, self.cents, self.filled)
        ]

    def _hundredths(self, lots: Ints, close: Ints) -> Ints:
        """Base volume times close in hundredths of the quote currency, halves to even."""
        step = self.listing.price_increment * self.listing.base_increment * 100
        numerator, denominator = step.as_integer_ratio()
        if not len(lots):
            return lots
        most = _INT64_MAX // 4 // max(int(close.max()) * numerator, 1)
        large = lots > most
        if not large.any():
            return _divided(lots * close * numerator, denominator)
        # What does not fit 64 bits is a minute here and there: those by Python's own integers.
        small = ~large
        result = np.empty(len(lots), dtype=np.int64)
        result[small] = _divided(lots[small] * close[small] * numerator, denominator)
        result[large] = _divided(lots[large].astype(object) * close[large] * numerator, denominator)
        return result

    def __len__(self) -> int:
        return len(self.close)

    def bar(self, minute: int) -> MinuteBar | None:
        """The minute as the exchange walks it; None where nothing was traded."""
        row = minute - self.first
        if not (0 <= row < len(self) and self.traded[row]):
            return None
        return self._bar(row)

    def last_before(self, minute: int) -> MinuteBar | None:
        """The latest minute before `minute` with a trade."""
        row = min(minute - self.first, len(self)) - 1
        if row < 0 or self.last_row[row] < 0:
            return None
        return self._bar(int(self.last_row[row]))

    def _bar(self, row: int) -> MinuteBar:
        return MinuteBar(
            open=self.open.item(row),
            high=self.high.item(row),
            low=self.low.item(row),
            close=self.close.item(row),
            volume=self.lots.item(row),
            spread=self.spread.item(row),
            depth=self.depth.item(row),
        )

    def bars(self, minute: int) -> Bars | None:
        """The closed bars before `minute`, the newest ones, as a cycle sees them."""
        end = min(minute - self.first, len(self))
        begin = max(end - BARS_KEPT, self.first_row)
        if begin >= end:
            return None
        # A window of the columns answers as an array of its own would, and is not copied.
        columns = [cast("array[int]", column[begin:end]) for column in self._shown]
        return Bars(self.tick, self.first + end - 1, *columns)

    def hourly(self, minute: int) -> array[int] | None:
        """The closes of the whole UTC hours before `minute`, oldest first."""
        end = minute // 60
        row = (self.first + self.first_row) // 60
        begin = max(end - HOURS_KEPT, row)
        if begin >= end or self.first_row == len(self):
            return None
        rows = np.arange(begin + 1, end + 1) * 60 - 1 - self.first
        return array("q", self.close[np.minimum(rows, len(self) - 1)].tobytes())

    def day_turnover(self, minute: int) -> int:
        """Ticks times lots traded in the 1440 closed minutes before `minute`, at their closes."""
        end = minute - self.first
        begin = max(end - _DAY, 0)
        if not begin < end:
            return 0
        last = min(end, len(self))
        high, low = self.turnover_sums
        return (_between(high, begin, last) << 20) + _between(low, begin, last)

    @property
    def turnover_sums(self) -> tuple[Ints, Ints]:
        """Running sums of lots times close: of the high and of the low parts of the lots.

        What two of a column are apart by is right over a day or less, not over more.
        """
        if self._sums is None:
            self._sums = (
                _running(self.lots >> 20, self.close),
                _running(self.lots & ((1 << 20) - 1), self.close),
            )
        return self._sums

    def volume_24h(self, minute: int) -> Decimal:
        """What was traded in the day before `minute` in the quote currency, as the venue says."""
        step = self.listing.price_increment * self.listing.base_increment
        worth = Decimal(self.day_turnover(minute)) * step
        return Decimal(plain(worth.quantize(Decimal("0.01"))))


def _divided(column: NDArray[Any], denominator: int) -> Ints:
    """Whole quotients, halves to even."""
    whole = column // denominator
    # The rest by what is whole: a second division would cost as much as the first.
    rest = column - whole * denominator
    twice = 2 * rest
    up = (twice > denominator) | ((twice == denominator) & (whole % 2 == 1))
    result: Ints = (whole + up).astype(np.int64)
    return result


def _running(lots: Ints, close: Ints) -> Ints:
    """Sums of lots times close up to each row.

    They may wrap around 64 bits where a day's fits them; where one might not, as of prices in
    millionths, they are Python's own integers.
    """
    most = int(lots.max(initial=0)) * int(close.max(initial=0)) * _DAY
    kind = np.dtype(np.int64) if most <= _INT64_MAX else np.dtype(object)
    sums = np.zeros(len(lots) + 1, dtype=kind)
    np.cumsum(lots.astype(kind, copy=False) * close, out=sums[1:])
    return sums


def _between(sums: Ints, begin: int, end: int) -> int:
    """What came together between two rows of a day: a sum that wrapped around is undone."""
    known: int = (sums[end : end + 1] - sums[begin : begin + 1]).item()
    return known


def _carried(column: Ints, at: Ints, last_row: Ints) -> Ints:
    """A column on the grid, each value standing until the next; 0 before the first."""
    numbers = np.zeros(len(last_row), dtype=np.int64)
    numbers[at] = column
    return np.where(last_row >= 0, numbers[np.maximum(last_row, 0)], 0)


def _placed(column: Ints, otherwise: Ints, traded: NDArray[np.bool_]) -> Ints:
    """A column on the grid, with `otherwise` where there was no trade."""
    result = otherwise.copy()
    result[traded] = column
    return result


class Histories:
    """Every product's columns on one grid, as the exchange asks for them."""

    def __init__(self, products: list[ProductHistory]) -> None:
        self.products = {each.product_id: each for each in products}

    def bar(self, product_id: str, minute: int) -> MinuteBar | None:
        """A product's minute; None where it did not trade in it."""
        return self.products[product_id].bar(minute)

    def last_before(self, product_id: str, minute: int) -> MinuteBar | None:
        """The latest minute before `minute` in which a product traded."""
        return self.products[product_id].last_before(minute)
