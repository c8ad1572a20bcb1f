"""Reading what version 1 wrote: each frame a difference to the one before, back to a day's first.

Journals that began with it keep those frames for ever; what is new is told as `frames` says.
"""

from __future__ import annotations

from datetime import timedelta

from trader247.adapters.sqlite.market import old_bars as columns
from trader247.adapters.sqlite.market.frame_parts import unpack_depth, unpack_product, unpack_quote
from trader247.adapters.sqlite.market.packing import Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.time import Instant

FORMAT = 1
"""The version of what a frame holds."""

_TOLD = 2


def unpack(data: bytes, before: Snapshot | None) -> Snapshot:
    """The snapshot that a frame told, given the one before.

    Raises:
        StorageError: the bytes tell no snapshot.
    """
    source = Unpacker(data)
    try:
        snapshot = _unpack(source, before)
    except (ValueError, IndexError, ArithmeticError) as error:
        raise StorageError(f"a market frame is unreadable: {error}") from error
    if not source.is_at_end:
        raise StorageError("a market frame holds more than a snapshot")
    return snapshot


def _unpack(source: Unpacker, before: Snapshot | None) -> Snapshot:
    version = source.natural()
    if version != FORMAT:
        raise StorageError(f"a market frame has format {version}; this program knows {FORMAT}")
    cycle = source.natural()
    time = Instant(source.whole() + (0 if before is None else before.time.us))
    told = source.natural()
    if told > 3:
        raise StorageError(f"a market frame says {told} where it says what it holds")
    skew = timedelta(microseconds=source.whole()) if told & 1 else None
    unreachable = source.text()
    if source.natural():
        products = [ProductId.parse(source.text()) for _ in range(source.natural())]
    elif before is not None:
        products = list(before.views)
    else:
        raise StorageError("a first market frame does not tell its products")
    views = {
        product: _unpack_view(source, None if before is None else before.views.get(product), time)
        for product in products
    }
    return Snapshot(cycle, time, views, skew, unreachable, is_exits_only=bool(told & 2))


def _unpack_view(source: Unpacker, before: ProductView | None, time: Instant) -> ProductView:
    old = before or ProductView(None, None, None, None)
    marks = source.natural()

    def mark(place: int) -> int:
        return marks >> 2 * place & 3

    product, quote, depth, bars, hourly = old.product, old.quote, old.depth, old.bars, old.hourly
    if mark(0):
        product = unpack_product(source, old.product, time) if mark(0) == _TOLD else None
    if mark(1):
        quote = unpack_quote(source, old.quote, time) if mark(1) == _TOLD else None
    if mark(2):
        depth = unpack_depth(source) if mark(2) == _TOLD else None
    if mark(3):
        bars = columns.unpack(source, old.bars) if mark(3) == _TOLD else None
    if mark(4):
        hourly = columns.unpack_hours(source, old.hourly) if mark(4) == _TOLD else None
    trouble = source.text() if mark(5) else old.trouble
    return ProductView(product, quote, depth, bars, hourly, trouble)
