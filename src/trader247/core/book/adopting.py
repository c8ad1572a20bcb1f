"""Making coins that came from elsewhere a position of ours: at a stated cost, with a plan to leave.

The ledger takes a person's word for the cost and for nothing else: the coins must be there, in full
and without a difference to the venue.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from trader247.core.book.by_hand import adoption_id
from trader247.domain.errors import NotAllowed
from trader247.domain.events.holdings import HoldingAdopted
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, ONE, ZERO, Money, Price, Quantity, plain
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitPlan

STOP_PCT = (Decimal("0.5"), Decimal(25))
TARGET_PCT = (Decimal("0.5"), Decimal(200))
HOURS = (Decimal(1), Decimal(720))


def adoption(
    portfolio: Portfolio, arguments: Mapping[str, str], bid: Price | None
) -> HoldingAdopted:
    """The event that a person's request makes, if it can be; `bid` is what a coin brings now.

    Raises:
        NotAllowed: it cannot; the message says what was found.
    """
    product = adopted_product(portfolio, arguments)
    there = portfolio.foreign.get(product.base, ZERO)
    if there <= 0:
        kept = ", ".join(f"{plain(each)} {name}" for name, each in portfolio.foreign.items())
        raise NotAllowed(
            f"no {product.base} is here that is not ours; foreign holdings: {kept or 'none'}",
            hint="what just came has to be accepted first: trader247 reconcile --accept",
        )
    quantity = Quantity(_number(arguments, "quantity", default=there))
    if quantity.is_zero or quantity.value > there:
        raise NotAllowed(f"{quantity} {product.base} is not within the {plain(there)} that is here")
    price = _price(arguments)
    if bid is None:
        raise NotAllowed(
            f"the market quotes no {product} now: what the coins are worth is not known",
            hint="try again; trader247 smoke asks the venue for quotes",
        )
    event = HoldingAdopted(
        product=product,
        quantity=quantity,
        price=price,
        fee=Money(_number(arguments, "fee", default=ZERO)),
        mark=bid,
        plan=_plan(arguments),
        decision_id=adoption_id(portfolio, product),
        reason=arguments.get("reason", ""),
        operator=arguments.get("operator", ""),
    )
    if product not in portfolio.positions and arguments.get("may_sell") != "yes":
        _expect_kept(event)
    return event


def sentence_of_adoption(portfolio: Portfolio, event: HoldingAdopted) -> str:
    """What was adopted and when it leaves, for the person who did it."""
    held = portfolio.positions[event.product]
    return (
        f"{event.quantity} {event.product} is a position now, at {event.price}: "
        f"stop {held.stop}, target {held.target}, until {held.leaves_at}"
    )


def adopted_product(portfolio: Portfolio, arguments: Mapping[str, str]) -> ProductId:
    """The product that the request names.

    Raises:
        NotAllowed: it is none of this book's, or the ledger and the venue differ on it.
    """
    try:
        product = ProductId.parse(arguments.get("product", "").upper())
    except ValueError as error:
        raise NotAllowed(str(error)) from error
    if product.quote != portfolio.quote_currency:
        raise NotAllowed(f"{product} is not traded against {portfolio.quote_currency}")
    key = f"base:{product.base}"
    if key in portfolio.differences:
        found = portfolio.differences[key]
        raise NotAllowed(
            f"ledger and venue differ on {product.base}: {found.ledger} and {found.venue}",
            hint="trader247 reconcile --accept --reason TEXT first",
        )
    return product


def _expect_kept(event: HoldingAdopted) -> None:
    """Refuse a plan that would sell at once what a person just handed over.

    Raises:
        NotAllowed: the last bid is past its stop or its target.
    """
    stop = event.price * CONTEXT.subtract(ONE, event.plan.stop_fraction)
    target = event.price * CONTEXT.add(ONE, event.plan.target_fraction)
    if stop < event.mark < target:
        return
    raise NotAllowed(
        f"at {event.price} its stop would be {stop} and its target {target}, and the last bid is "
        f"{event.mark}: it would be sold at once",
        hint="a wider --stop-pct or --target-pct keeps it; --may-sell sells it",
    )


def _plan(arguments: Mapping[str, str]) -> ExitPlan:
    def fraction(name: str, bounds: tuple[Decimal, Decimal]) -> Decimal:
        return CONTEXT.divide(_within(arguments, name, bounds), Decimal(100))

    hours = _within(arguments, "hours", HOURS)
    return ExitPlan(
        stop_fraction=fraction("stop_pct", STOP_PCT),
        target_fraction=fraction("target_pct", TARGET_PCT),
        longest_hold=timedelta(hours=int(hours)),
    )


def _within(arguments: Mapping[str, str], name: str, bounds: tuple[Decimal, Decimal]) -> Decimal:
    value = _number(arguments, name, default=None)
    low, high = bounds
    if not low <= value <= high:
        raise NotAllowed(f"{name} is {plain(value)}; it may be {plain(low)} to {plain(high)}")
    return value


def _price(arguments: Mapping[str, str]) -> Price:
    value = _number(arguments, "price", default=None)
    if value <= 0:
        raise NotAllowed(f"a cost of {plain(value)} is none")
    return Price(value)


def _number(arguments: Mapping[str, str], name: str, *, default: Decimal | None) -> Decimal:
    text = arguments.get(name, "")
    if not text and default is not None:
        return default
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or value.adjusted() > 15 or len(text) > 40:
        raise NotAllowed(f"{name} is {text[:40]!r}, and that is no figure")
    return value
