"""A snapshot as the few bytes by which it differs from the one before, and back, exactly.

Each part of each product is the same as before, absent, or told: bars as the minutes that are new,
a product's rules as the fields that changed. Without a snapshot before, everything is told.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from trader247.adapters.sqlite import bars as columns
from trader247.adapters.sqlite.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.ids import ProductId
from trader247.domain.market import (
    Depth,
    Product,
    ProductStatus,
    ProductView,
    Quote,
    Snapshot,
)
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import MICROSECOND, Instant

FORMAT = 1
"""The version of what a frame holds."""

_SAME, _ABSENT, _TOLD = 0, 1, 2
_STATUS = list(ProductStatus)


def pack(snapshot: Snapshot, before: Snapshot | None) -> bytes:
    """What is new in `snapshot`."""
    out = Packer()
    out.natural(FORMAT)
    out.natural(snapshot.cycle)
    out.whole(snapshot.time.us - (0 if before is None else before.time.us))
    out.natural((snapshot.clock_skew is not None) + 2 * snapshot.is_exits_only)
    if snapshot.clock_skew is not None:
        out.whole(snapshot.clock_skew // MICROSECOND)
    out.text(snapshot.unreachable)
    products = list(snapshot.views)
    is_changed = before is None or products != list(before.views)
    out.natural(is_changed)
    if is_changed:
        out.natural(len(products))
        for product in products:
            out.text(str(product))
    for product, view in snapshot.views.items():
        _pack_view(out, view, None if before is None else before.views.get(product), snapshot.time)
    return out.data


def unpack(data: bytes, before: Snapshot | None) -> Snapshot:
    """The snapshot that `pack` told, given the same one before.

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


def _pack_view(out: Packer, view: ProductView, before: ProductView | None, time: Instant) -> None:
    old = before or ProductView(None, None, None, None)
    marks = [
        _mark(view.product, old.product),
        _mark(view.quote, old.quote),
        _mark(view.depth, old.depth),
        _mark(view.bars, old.bars),
        _mark(view.hourly, old.hourly),
        _mark(view.trouble, old.trouble),
    ]
    out.natural(sum(mark << 2 * place for place, mark in enumerate(marks)))
    if marks[0] == _TOLD and view.product is not None:
        _pack_product(out, view.product, old.product, time)
    if marks[1] == _TOLD and view.quote is not None:
        _pack_quote(out, view.quote, old.quote, time)
    if marks[2] == _TOLD and view.depth is not None:
        for side in (view.depth.bids, view.depth.asks):
            out.natural(len(side))
            if side:
                out.decimals([money.value for money in side])
    if marks[3] == _TOLD and view.bars is not None:
        columns.pack(out, view.bars, old.bars)
    if marks[4] == _TOLD and view.hourly is not None:
        columns.pack_hours(out, view.hourly, old.hourly)
    if marks[5] == _TOLD:
        out.text(view.trouble)


def _unpack_view(source: Unpacker, before: ProductView | None, time: Instant) -> ProductView:
    old = before or ProductView(None, None, None, None)
    marks = source.natural()

    def mark(place: int) -> int:
        return marks >> 2 * place & 3

    product, quote, depth, bars, hourly = old.product, old.quote, old.depth, old.bars, old.hourly
    if mark(0):
        product = _unpack_product(source, old.product, time) if mark(0) == _TOLD else None
    if mark(1):
        quote = _unpack_quote(source, old.quote, time) if mark(1) == _TOLD else None
    if mark(2):
        depth = Depth(_side(source), _side(source)) if mark(2) == _TOLD else None
    if mark(3):
        bars = columns.unpack(source, old.bars) if mark(3) == _TOLD else None
    if mark(4):
        hourly = columns.unpack_hours(source, old.hourly) if mark(4) == _TOLD else None
    trouble = source.text() if mark(5) else old.trouble
    return ProductView(product, quote, depth, bars, hourly, trouble)


def _mark(part: object, before: object) -> int:
    if part is before or part == before:
        return _SAME
    return _ABSENT if part is None else _TOLD


def _pack_quote(out: Packer, quote: Quote, before: Quote | None, time: Instant) -> None:
    out.whole(time.us - quote.time.us)
    last = None if before is None else before.bid.value
    out.decimals([quote.bid.value, quote.ask.value], last)
    out.decimals([quote.bid_size.value, quote.ask_size.value])


def _unpack_quote(source: Unpacker, before: Quote | None, time: Instant) -> Quote:
    at = Instant(time.us - source.whole())
    bid, ask = source.decimals(2, None if before is None else before.bid.value)
    bid_size, ask_size = source.decimals(2)
    return Quote(Price(bid), Price(ask), Quantity(bid_size), Quantity(ask_size), at)


def _side(source: Unpacker) -> tuple[Money, ...]:
    count = source.natural()
    return tuple(Money(value) for value in source.decimals(count)) if count else ()


def _pack_product(out: Packer, product: Product, before: Product | None, time: Instant) -> None:
    """Rules seldom change, so all are told or none; status, volume and reading time change."""
    is_new = before is None or _rules(product) != _rules(before)
    out.natural(is_new)
    if is_new:
        out.text(str(product.id))
        for number in (
            product.price_increment.value,
            product.base_increment.value,
            product.base_min.value,
            product.base_max.value,
            product.quote_min.value,
            product.quote_max.value,
        ):
            out.decimals([number])
        out.natural(product.listed_at is not None)
        if product.listed_at is not None:
            out.whole(product.listed_at.us)
    out.natural(_STATUS.index(product.status))
    out.whole(time.us - product.read_at.us)
    out.natural(product.volume_24h is not None)
    if product.volume_24h is not None:
        out.decimals([product.volume_24h.value], _volume(before))


def _unpack_product(source: Unpacker, before: Product | None, time: Instant) -> Product:
    if source.natural():
        name = ProductId.parse(source.text())
        price_increment = Price(source.decimals(1)[0])
        base_increment, base_min, base_max = (Quantity(source.decimals(1)[0]) for _ in range(3))
        quote_min, quote_max = (Money(source.decimals(1)[0]) for _ in range(2))
        listed_at = Instant(source.whole()) if source.natural() else None
    elif before is None:
        raise StorageError("a first market frame does not tell a product's rules")
    else:
        (name, price_increment, base_increment, base_min, base_max, quote_min, quote_max) = (
            before.id,
            before.price_increment,
            before.base_increment,
            before.base_min,
            before.base_max,
            before.quote_min,
            before.quote_max,
        )
        listed_at = before.listed_at
    status = _STATUS[source.natural()]
    read_at = Instant(time.us - source.whole())
    volume = Money(source.decimals(1, _volume(before))[0]) if source.natural() else None
    return Product(
        id=name,
        status=status,
        price_increment=price_increment,
        base_increment=base_increment,
        base_min=base_min,
        base_max=base_max,
        quote_min=quote_min,
        quote_max=quote_max,
        volume_24h=volume,
        listed_at=listed_at,
        read_at=read_at,
    )


def _rules(product: Product) -> tuple[object, ...]:
    return (
        product.id,
        product.price_increment,
        product.base_increment,
        product.base_min,
        product.base_max,
        product.quote_min,
        product.quote_max,
        product.listed_at,
    )


def _volume(product: Product | None) -> Decimal | None:
    if product is None or product.volume_24h is None:
        return None
    return product.volume_24h.value
