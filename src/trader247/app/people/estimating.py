"""What selling the positions would bring now: price, fee and slippage, asked of the market."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.app.books.choice import Choice
from trader247.app.books.reading import Book, opened
from trader247.app.venue.endpoint import endpoint_for
from trader247.app.venue.looking import endpoint_client, simulated_client
from trader247.core.orders.exits import sale, sellable
from trader247.core.orders.flattening import wishes
from trader247.core.risk.reservations import fee_rates
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, Money, Price, Quantity
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause

_BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One position's sale, as it would go now; a figure that is not known is None.

    `price` is the bid, `worst` the limit of its orders, `fee` at the bid, `slippage_bps` the bid
    under the mid. `trouble` says why it cannot be sold, or is empty.
    """

    product: ProductId
    quantity: Quantity
    price: Price | None
    worst: Price | None
    fee: Money | None
    slippage_bps: Decimal | None
    orders: int | None
    trouble: str


def estimates(choice: Choice, products: Sequence[str]) -> tuple[Estimate, ...]:
    """What selling `products` would bring, or all that is held. Nothing is changed.

    Raises:
        UsageError: the book does not exist yet.
        NotAllowed: nothing of a product is held, or nothing may be sold now.
        Trader247Error: as for every command on a book.
    """
    with opened(choice) as book:
        portfolio = book.portfolio()
        if not portfolio.positions and not portfolio.working and not products:
            return ()
        wanted = [
            each for each in wishes(portfolio, " ".join(products)) if each in portfolio.positions
        ]
        snapshot = CoinbaseMarket(quoting_client(choice, book)).snapshot(
            cycle=portfolio.cycle + 1,
            products=tuple(wanted),
            reference=book.policy.regime.reference,
        )
        return tuple(
            _estimate(portfolio.positions[each], portfolio, snapshot, book) for each in wanted
        )


def quoting_client(choice: Choice, book: Book) -> CoinbaseClient:
    """Whoever quotes this book's market, without a key: market data is public.

    For a mirror that is the venue itself: our own exchange has a quote only while it is shown one.

    Raises:
        VenueUnreachable: a simulation in the venue's place has not said whom to trust.
    """
    if book.exchange is not None and not book.places.is_mirrored:
        return simulated_client(book.exchange)
    settings, places = choice.settle_to_look()
    return endpoint_client(endpoint_for(settings.app, places), None)


def _estimate(position: Position, portfolio: Portfolio, snapshot: Snapshot, book: Book) -> Estimate:
    product = position.product
    unknown = Estimate(product, position.quantity, None, None, None, None, None, "")
    view = snapshot.views.get(product)
    if view is None or view.quote is None:
        return _with(unknown, snapshot.unreachable or "no quote was read")
    owned = sellable(position, portfolio)
    first = sale(
        position, view, book.policy, owned=owned, cause=ExitCause.FLATTEN, now=snapshot.time
    )
    if first is None:
        return _with(unknown, f"{owned} is less than the venue sells")
    bid, mid = view.quote.bid, view.quote.mid
    _, taker = fee_rates(portfolio, book.policy)
    under = CONTEXT.divide(CONTEXT.subtract(mid.value, bid.value), mid.value)
    slices = -(-owned.value // first.quantity.value)
    return Estimate(
        product=product,
        quantity=owned,
        price=bid,
        worst=first.price,
        fee=taker.of_money(bid * owned),
        slippage_bps=CONTEXT.multiply(under, _BPS).quantize(Decimal("0.01")),
        orders=int(slices),
        trouble="",
    )


def _with(estimate: Estimate, trouble: str) -> Estimate:
    return Estimate(estimate.product, estimate.quantity, None, None, None, None, None, trouble)
