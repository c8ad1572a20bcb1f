"""What lives at the venue by the venue's own word, beside what the ledger thinks of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from enum import Enum

from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import Source, source_of
from trader247.app.books.reading import Book, opened
from trader247.app.granting.granting import live_key
from trader247.app.venue.client import client_at
from trader247.app.venue.endpoint import endpoint_for
from trader247.app.venue.looking import readonly_venue, simulated_client
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed
from trader247.domain.ids import OWN_PREFIX
from trader247.domain.intents import WorkingIntent
from trader247.domain.orders import Order
from trader247.domain.time import DAY, Instant
from trader247.ports import Venue

WINDOW = 30 * DAY
"""How far back the venue's orders are read: ours live for minutes, a person's own for weeks."""


_ENDED = "ended"


class Whose(Enum):
    """Who placed an order, as far as its name tells."""

    OURS = "ours"
    """This book sent it."""
    ANOTHER = "another trader247"
    """Its name is one of ours, but this ledger does not know it."""
    FOREIGN = "foreign"
    """A person or another program placed it: it is left alone."""


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """One order that the venue has, or that only the ledger does.

    `state` is the venue's word, None where it does not list the order; `ledger` is the ledger's,
    None where that does not know it.
    """

    order_id: str | None
    client_order_id: str
    product: str
    side: str
    price: str | None
    quantity: str | None
    filled: str
    state: str | None
    ledger: str | None
    whose: Whose
    created: Instant | None


@dataclass(frozen=True, slots=True)
class AtVenue:
    """All that lives at the venue, or should by the ledger, oldest first."""

    source: Source
    orders: Sequence[VenueOrder]


def orders_at_venue(choice: Choice) -> AtVenue:
    """Ask the venue which orders live, and compare with the ledger. Changes nothing.

    Raises:
        UsageError: the book does not exist yet.
        NotAllowed: the account of this book is assumed, or no key was given.
        VenueError: the venue does not answer.
        SettingsInvalid, StorageError, FeedMismatch: as for every command on a book.
    """
    with opened(choice) as book, ExitStack() as stack:
        venue = _venue(choice, book, stack)
        source = source_of(book)
        found = venue.orders(source.time - WINDOW)
        # Read after the venue was asked: what the trader sent meanwhile is known here.
        working = {str(name): each for name, each in book.portfolio().working.items()}
        sent = {each.client_order_id for each in book.journal.orders(since=None, limit=None)}
        named = {str(each.client_order_id): each for each in found}
        rows = [
            _row(each, working, sent)
            for each in found
            if not each.state.is_final or str(each.client_order_id) in working
        ]
        lost = [
            VenueOrder(
                order_id=None,
                client_order_id=name,
                product=str(each.intent.product),
                side=each.intent.side.value,
                price=str(each.intent.price),
                quantity=str(each.intent.quantity),
                filled="0",
                state=None,
                ledger=each.state.value,
                whose=Whose.OURS,
                created=None,
            )
            for name, each in working.items()
            if name not in named
        ]
        return AtVenue(source, [*lost, *rows])


def _row(order: Order, working: dict[str, WorkingIntent], sent: set[str]) -> VenueOrder:
    name = str(order.client_order_id)
    known = working.get(name)
    is_ours = known is not None or name in sent
    other = Whose.ANOTHER if name.startswith(OWN_PREFIX) else Whose.FOREIGN
    return VenueOrder(
        order_id=str(order.order_id),
        client_order_id=name,
        product=str(order.product),
        side=order.side.value,
        price=None if order.price is None else str(order.price),
        quantity=None if order.quantity is None else str(order.quantity),
        filled=str(order.filled),
        state=order.state.value,
        ledger=known.state.value if known is not None else _ENDED if is_ours else None,
        whose=Whose.OURS if is_ours else other,
        created=order.created,
    )


def _venue(choice: Choice, book: Book, stack: ExitStack) -> Venue:
    if book.exchange is not None:
        return readonly_venue(simulated_client(book.exchange))
    settings = book.settings
    if live_key(choice, settings, book.places) is None:
        raise NotAllowed(
            "there is no key, so the venue has no orders of this book to tell of",
            hint="--key-file PATH; trader247 orders shows the ledger's own",
        )
    endpoint = endpoint_for(settings.app, book.places)
    return readonly_venue(client_at(choice, settings, book.places, endpoint, stack))
