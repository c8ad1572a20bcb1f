"""The parts of a product's view as bytes: its rules and day, its quote, its depth."""

from __future__ import annotations

from decimal import Decimal

from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.ids import ProductId
from trader247.domain.market import Depth, Product, ProductStatus, Quote
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import Instant

_STATUS = list(ProductStatus)


def pack_quote(out: Packer, quote: Quote, before: Quote | None, time: Instant) -> None:
    """Prices as steps from the bid before, sizes as they are."""
    out.whole(time.us - quote.time.us)
    last = None if before is None else before.bid.value
    out.decimals([quote.bid.value, quote.ask.value], last)
    out.decimals([quote.bid_size.value, quote.ask_size.value])


def unpack_quote(source: Unpacker, before: Quote | None, time: Instant) -> Quote:
    """The quote that `pack_quote` told."""
    at = Instant(time.us - source.whole())
    bid, ask = source.decimals(2, None if before is None else before.bid.value)
    bid_size, ask_size = source.decimals(2)
    return Quote(Price(bid), Price(ask), Quantity(bid_size), Quantity(ask_size), at)


def pack_depth(out: Packer, depth: Depth) -> None:
    """Both sides' sums."""
    for side in (depth.bids, depth.asks):
        out.natural(len(side))
        if side:
            out.decimals([money.value for money in side])


def unpack_depth(source: Unpacker) -> Depth:
    """The depth that `pack_depth` told."""
    return Depth(_side(source), _side(source))


def _side(source: Unpacker) -> tuple[Money, ...]:
    count = source.natural()
    return tuple(Money(value) for value in source.decimals(count)) if count else ()


def pack_product(out: Packer, product: Product, before: Product | None, time: Instant) -> None:
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


def unpack_product(source: Unpacker, before: Product | None, time: Instant) -> Product:
    """The product that `pack_product` told.

    Raises:
        StorageError: it tells of unchanged rules, and there are none before.
    """
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
