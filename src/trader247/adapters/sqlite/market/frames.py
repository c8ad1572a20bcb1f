"""A snapshot as the few bytes by which it differs from earlier ones, and back, exactly.

A frame has two parts. The windows of bars are told as what is new since the frame before, because
a minute is told once. All else, quotes, depths, a product's rules, is told as what differs from
the base, a frame some cycles back: so a snapshot is rebuilt from its base and itself, whatever lies
between, but for the bars. Without a base everything is told.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import timedelta

from trader247.adapters.sqlite.market import bars as columns
from trader247.adapters.sqlite.market.bars import Columns
from trader247.adapters.sqlite.market.frame_parts import (
    pack_depth,
    pack_product,
    pack_quote,
    unpack_depth,
    unpack_product,
    unpack_quote,
)
from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, ProductView, Snapshot
from trader247.domain.time import MICROSECOND, Instant

FORMAT = 2
"""The version of what a frame holds."""

Windows = Mapping[ProductId, tuple[Bars | None, "array[int] | None"]]
"""The bars of each product, and the hours of those that have them, in the snapshot's order."""

_SAME, _ABSENT, _TOLD = 0, 1, 2
_NOTHING = ProductView(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Body:
    """A frame's parts: what is told of the windows, their columns, and all else."""

    windows: bytes
    columns: bytes
    rest: bytes


def pack(snapshot: Snapshot, *, base: Snapshot | None, before: Windows | None) -> Body:
    """What is new in `snapshot`."""
    windows, bytes_ = Packer(), bytearray()
    _pack_windows(windows, bytes_, windows_of(snapshot), before)
    rest = Packer()
    rest.natural(FORMAT)
    rest.whole(snapshot.cycle - (0 if base is None else base.cycle))
    rest.whole(snapshot.time.us - (0 if base is None else base.time.us))
    flags = (snapshot.clock_skew is not None) + 2 * snapshot.is_exits_only
    flags += 4 * snapshot.owes_reading + 8 * snapshot.cannot_follow + 16 * snapshot.is_unread
    rest.natural(flags + 32 * bool(snapshot.unfollowed))
    if snapshot.clock_skew is not None:
        rest.whole(snapshot.clock_skew // MICROSECOND)
    rest.text(snapshot.unreachable)
    if snapshot.unfollowed:
        rest.natural(len(snapshot.unfollowed))
        for name in sorted(map(str, snapshot.unfollowed)):
            rest.text(name)
    for product, view in snapshot.views.items():
        _pack_view(rest, view, _view(base, product), snapshot.time)
    return Body(windows.data, bytes(bytes_), rest.data)


def windows_of(snapshot: Snapshot) -> Windows:
    """What of a snapshot the next frame's windows are told from."""
    return {product: (view.bars, view.hourly) for product, view in snapshot.views.items()}


def unpack_windows(told: bytes, data: bytes, before: Windows | None) -> Windows:
    """The windows that `pack` told, given the same ones before.

    Raises:
        StorageError: the bytes tell no windows.
    """
    source, bytes_ = Unpacker(told), Columns(data)
    try:
        windows = _unpack_windows(source, bytes_, before)
    except (ValueError, IndexError, ArithmeticError) as error:
        raise StorageError(f"a market frame is unreadable: {error}") from error
    if not source.is_at_end or not bytes_.is_at_end:
        raise StorageError("a market frame holds more than its windows")
    return windows


def unpack(rest: bytes, windows: Windows, *, base: Snapshot | None) -> Snapshot:
    """The snapshot that `pack` told, given its windows and the same base.

    Raises:
        StorageError: the bytes tell no snapshot.
    """
    source = Unpacker(rest)
    try:
        snapshot = _unpack(source, windows, base)
    except (ValueError, IndexError, ArithmeticError) as error:
        raise StorageError(f"a market frame is unreadable: {error}") from error
    if not source.is_at_end:
        raise StorageError("a market frame holds more than a snapshot")
    return snapshot


def _pack_windows(out: Packer, bytes_: bytearray, windows: Windows, before: Windows | None) -> None:
    is_changed = before is None or list(windows) != list(before)
    out.natural(is_changed)
    if is_changed:
        out.natural(len(windows))
        for product in windows:
            out.text(str(product))
    for product, (bars, _) in windows.items():
        columns.pack(out, bytes_, bars, _window(before, product)[0])
    # One product has hours: which ones have changed is told by their places.
    hourly = {at: each for at, each in enumerate(windows) if _has_new_hours(windows, before, each)}
    out.natural(len(hourly))
    for at, product in hourly.items():
        out.natural(at)
        columns.pack_hours(out, windows[product][1], _window(before, product)[1])


def _unpack_windows(source: Unpacker, bytes_: Columns, before: Windows | None) -> Windows:
    if source.natural():
        products = [ProductId.parse(source.text()) for _ in range(source.natural())]
    elif before is not None:
        products = list(before)
    else:
        raise StorageError("a first market frame does not tell its products")
    windows = {}
    for product in products:
        bars, hours = _window(before, product)
        windows[product] = columns.unpack(source, bytes_, bars), hours
    for _ in range(source.natural()):
        product = products[source.natural()]
        bars, hours = windows[product]
        windows[product] = bars, columns.unpack_hours(source, hours)
    return windows


def _unpack(source: Unpacker, windows: Windows, base: Snapshot | None) -> Snapshot:
    version = source.natural()
    if version != FORMAT:
        raise StorageError(f"a market frame has format {version}; this program knows {FORMAT}")
    cycle = source.whole() + (0 if base is None else base.cycle)
    time = Instant(source.whole() + (0 if base is None else base.time.us))
    told = source.natural()
    if told > 63:
        raise StorageError(f"a market frame says {told} where it says what it holds")
    skew = timedelta(microseconds=source.whole()) if told & 1 else None
    unreachable = source.text()
    count = range(source.natural() if told & 32 else 0)
    unfollowed = frozenset(ProductId.parse(source.text()) for _ in count)
    views = {
        product: _unpack_view(source, _view(base, product), window, time)
        for product, window in windows.items()
    }
    return Snapshot(
        cycle,
        time,
        views,
        skew,
        unreachable,
        is_exits_only=bool(told & 2),
        owes_reading=bool(told & 4),
        cannot_follow=bool(told & 8),
        is_unread=bool(told & 16),
        unfollowed=unfollowed,
    )


def _pack_view(out: Packer, view: ProductView, old: ProductView, time: Instant) -> None:
    marks = [
        _mark(view.product, old.product),
        _mark(view.quote, old.quote),
        _mark(view.depth, old.depth),
        _mark(view.trouble, old.trouble),
    ]
    out.natural(sum(mark << 2 * place for place, mark in enumerate(marks)))
    if marks[0] == _TOLD and view.product is not None:
        pack_product(out, view.product, old.product, time)
    if marks[1] == _TOLD and view.quote is not None:
        pack_quote(out, view.quote, old.quote, time)
    if marks[2] == _TOLD and view.depth is not None:
        pack_depth(out, view.depth)
    if marks[3] == _TOLD:
        out.text(view.trouble)


def _unpack_view(
    source: Unpacker, old: ProductView, window: tuple[Bars | None, array[int] | None], time: Instant
) -> ProductView:
    marks = source.natural()

    def mark(place: int) -> int:
        return marks >> 2 * place & 3

    product, quote, depth = old.product, old.quote, old.depth
    if mark(0):
        product = unpack_product(source, old.product, time) if mark(0) == _TOLD else None
    if mark(1):
        quote = unpack_quote(source, old.quote, time) if mark(1) == _TOLD else None
    if mark(2):
        depth = unpack_depth(source) if mark(2) == _TOLD else None
    trouble = source.text() if mark(3) else old.trouble
    bars, hours = window
    return ProductView(product, quote, depth, bars, hours, trouble)


def _mark(part: object, before: object) -> int:
    if part is before or part == before:
        return _SAME
    return _ABSENT if part is None else _TOLD


def _view(base: Snapshot | None, product: ProductId) -> ProductView:
    return _NOTHING if base is None else base.views.get(product, _NOTHING)


def _has_new_hours(windows: Windows, before: Windows | None, product: ProductId) -> bool:
    hours, old = windows[product][1], _window(before, product)[1]
    return hours is not old and hours != old


def _window(before: Windows | None, product: ProductId) -> tuple[Bars | None, array[int] | None]:
    return (None, None) if before is None else before.get(product, (None, None))
