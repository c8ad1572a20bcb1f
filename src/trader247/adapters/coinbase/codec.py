"""From the venue's answers to values of the domain.

Enumerations of the venue grow: an unknown one becomes UNKNOWN where the domain has such a member.
What cannot be read raises `VenueError` with the field's name; nothing is guessed, and a figure
that is not said is never zero where zero would matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.errors import clean
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.balances import Balance
from trader247.domain.errors import VenueError
from trader247.domain.fills import Fill, IrregularFill, Liquidity
from trader247.domain.ids import OWN_PREFIX, ClientOrderId, EntryId, OrderId
from trader247.domain.keys import KeyPermissions
from trader247.domain.market import FeeTier, Product, ProductStatus
from trader247.domain.money import CONTEXT, NO_MONEY, NOTHING, Bps, Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.outcomes import CancelResult
from trader247.domain.time import Instant

_GATES = (
    ("is_disabled", ProductStatus.DISABLED),
    ("trading_disabled", ProductStatus.DISABLED),
    ("view_only", ProductStatus.VIEW_ONLY),
    ("cancel_only", ProductStatus.CANCEL_ONLY),
    ("auction_mode", ProductStatus.AUCTION),
    ("post_only", ProductStatus.POST_ONLY),
    ("limit_only", ProductStatus.LIMIT_ONLY),
)
"""The flags, gravest first."""

_STATUSES = {
    "online": ProductStatus.ONLINE,
    "offline": ProductStatus.OFFLINE,
    "internal": ProductStatus.OFFLINE,
    "delisted": ProductStatus.DISABLED,
}


_MAY_HAVE_FILLED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED)
"""In which states an order is over that may have fills: of those nothing waits for more."""


def product(fields: Fields, read_at: Instant) -> Product:
    """A product's rules and its day."""
    increment = "price_increment" if fields.get("price_increment") else "quote_increment"
    return Product(
        id=read.product_id(fields),
        status=_status(fields),
        price_increment=read.price(fields, increment),
        base_increment=_positive(fields, "base_increment"),
        base_min=read.quantity(fields, "base_min_size"),
        base_max=read.quantity(fields, "base_max_size"),
        quote_min=read.money(fields, "quote_min_size"),
        quote_max=read.money(fields, "quote_max_size"),
        volume_24h=_quote_volume(fields),
        listed_at=read.instant(fields, "new_at"),
        read_at=read_at,
    )


def _positive(fields: Fields, name: str) -> Quantity:
    value = read.quantity(fields, name)
    if value.is_zero:
        raise read.malformed(name, fields.get(name), "a quantity above zero")
    return value


def _status(fields: Fields) -> ProductStatus:
    unsaid = False
    for name, status in _GATES:
        value = read.flag(fields, name)
        if value:
            return status
        unsaid = unsaid or value is None
    status = _STATUSES.get(read.text(fields, "status"), ProductStatus.UNKNOWN)
    return ProductStatus.UNKNOWN if unsaid and status is ProductStatus.ONLINE else status


def _quote_volume(fields: Fields) -> Money | None:
    stated = read.decimal(fields, "approximate_quote_24h_volume")
    if stated is not None:
        return Money(stated)
    base = read.decimal(fields, "volume_24h")
    last = read.decimal(fields, "price")
    if base is None or last is None:
        return None
    return Money(CONTEXT.multiply(base, last))


def order(fields: Fields) -> Order:
    """What the venue knows of an order, of any kind and by whomever."""
    terms = _terms(fields)
    filled = read.decimal(fields, "filled_size")
    state = _order_state(fields)
    if filled is None and state in _MAY_HAVE_FILLED:
        raise read.malformed("filled_size", None, "a quantity, as the order may have filled")
    fees = read.decimal(fields, "total_fees")
    if fees is None and filled:
        raise read.malformed("total_fees", None, "an amount, as the order has fills")
    limit = read.decimal(terms, "limit_price")
    size = read.decimal(terms, "base_size")
    return Order(
        order_id=OrderId(read.required(fields, "order_id")),
        client_order_id=ClientOrderId(read.text(fields, "client_order_id")),
        product=read.product_id(fields),
        side=_side(fields),
        state=state,
        price=Price(limit) if limit is not None and limit > 0 else None,
        quantity=Quantity(size) if size is not None and size >= 0 else None,
        filled=NOTHING if filled is None else read.quantity(fields, "filled_size"),
        fees=NO_MONEY if fees is None else Money(fees),
        fill_count=read.integer(fields, "number_of_fills"),
        created=read.moment(fields, "created_time"),
        end_time=read.instant(terms, "end_time"),
        reject_reason=_reject_reason(fields),
    )


def orders(answers: Iterable[Fields], understand: Callable[[Fields], Order] = order) -> list[Order]:
    """The orders of one page, in the order of the page, each as `understand` reads it.

    What cannot be read raises, unless it cannot be ours: a foreign order of a product that is no
    spot product, or of a kind unknown to us, is left out.
    """
    result = []
    for fields in answers:
        try:
            result.append(understand(fields))
        except VenueError:
            if read.text(fields, "client_order_id").startswith(OWN_PREFIX):
                raise
            read.required(fields, "order_id")
    return result


def _terms(fields: Fields) -> Fields:
    """The order's terms: its configuration holds them under the name of the order's kind."""
    configuration = fields.get("order_configuration")
    if isinstance(configuration, dict):
        for terms in configuration.values():
            if isinstance(terms, dict) and terms:
                return terms
    return {}


def _order_state(fields: Fields) -> OrderState:
    try:
        return OrderState(read.text(fields, "status"))
    except ValueError:
        return OrderState.UNKNOWN


def _side(fields: Fields) -> Side:
    try:
        return Side(read.text(fields, "side"))
    except ValueError:
        raise read.malformed("side", fields.get("side"), "BUY or SELL") from None


def _reject_reason(fields: Fields) -> str:
    value = fields.get("reject_reason")
    reason = clean(value) if isinstance(value, str) else ""
    return "" if reason == "REJECT_REASON_UNSPECIFIED" else reason


def fill(fields: Fields) -> Fill | IrregularFill | None:
    """One execution; a size in quote currency becomes base by its own price.

    None for what is no spot product's: it cannot be ours.
    """
    entry_id = EntryId(read.required(fields, "entry_id"))
    kind = read.text(fields, "trade_type")
    read.required(fields, "product_id")
    try:
        traded = read.product_id(fields)
    except VenueError:
        return None
    price = read.price(fields, "price")
    size = read.quantity(fields, "size")
    if read.flag(fields, "size_in_quote"):
        size = Money(size.value).at(price)
    entry = Fill(
        entry_id=entry_id,
        trade_id=read.text(fields, "trade_id"),
        order_id=OrderId(read.required(fields, "order_id")),
        product=traded,
        side=_side(fields),
        price=price,
        quantity=size,
        fee=read.money(fields, "commission"),
        liquidity=_liquidity(fields),
        time=read.moment(fields, "trade_time"),
        sequence_time=read.moment(fields, "sequence_timestamp"),
    )
    return entry if kind == "FILL" else IrregularFill(clean(kind) or "unnamed", entry)


def _liquidity(fields: Fields) -> Liquidity:
    try:
        return Liquidity(read.text(fields, "liquidity_indicator"))
    except ValueError:
        return Liquidity.UNKNOWN


def add_balance(balances: dict[str, Balance], fields: Fields) -> None:
    """Add one wallet to its currency: a currency may have several."""
    currency = read.required(fields, "currency")
    available = read.number(read.record(fields, "available_balance"), "value")
    hold = read.number(read.record(fields, "hold"), "value")
    before = balances.get(currency)
    if before is not None:
        available = CONTEXT.add(before.available, available)
        hold = CONTEXT.add(before.hold, hold)
    balances[currency] = Balance(available, hold)


def fee_tier(fields: Fields, read_at: Instant) -> FeeTier:
    """The fee tier; the venue states rates as fractions, 0.009 for 90 basis points."""
    tier = read.record(fields, "fee_tier")
    return FeeTier(
        name=clean(read.text(tier, "pricing_tier")),
        maker=_rate(tier, "maker_fee_rate"),
        taker=_rate(tier, "taker_fee_rate"),
        read_at=read_at,
    )


def _rate(tier: Fields, name: str) -> Bps:
    fraction = read.number(tier, name)
    if not Decimal("-0.1") < fraction < Decimal("0.1"):
        raise read.malformed(name, tier.get(name), "a fraction below 0.1")
    return Bps(CONTEXT.multiply(fraction, Decimal(10_000)))


def time(fields: Fields) -> Instant:
    """The venue's clock, to the millisecond where it says so."""
    millis = read.integer(fields, "epochMillis")
    if millis is not None:
        return Instant(millis * 1000)
    return read.moment(fields, "iso")


def cancel_result(fields: Fields) -> CancelResult:
    """The answer to one cancel; the reason of a taken one says nothing."""
    is_taken = fields.get("success") is True
    reason = fields.get("failure_reason")
    said = clean(reason) if isinstance(reason, str) else ""
    return CancelResult(
        order_id=OrderId(read.required(fields, "order_id")),
        is_taken=is_taken,
        reason="" if is_taken else said or "unnamed",
    )


def permissions(fields: Fields) -> KeyPermissions:
    """What the key may do; what the venue leaves unsaid is an error, never a no and never a yes."""
    kind = fields.get("portfolio_type")
    return KeyPermissions(
        can_view=_said(fields, "can_view"),
        can_trade=_said(fields, "can_trade"),
        can_transfer=_said(fields, "can_transfer"),
        portfolio=read.text(fields, "portfolio_uuid"),
        portfolio_type=clean(kind) if isinstance(kind, str) else "",
    )


def _said(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise read.malformed(name, value, "true or false")
    return value
