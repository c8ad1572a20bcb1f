"""The simulated exchange's own books, as it would answer a client over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from trader247.app.books.choice import Choice
from trader247.app.books.modes import VenueName
from trader247.app.books.reading import bound_market, viewed_exchange
from trader247.app.serving.places import served_places
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError, UsageError
from trader247.domain.time import Instant
from trader247.simex.errors import StoreFailed


class Listing(Enum):
    """What can be listed."""

    ACCOUNTS = "accounts"
    ORDERS = "orders"
    FILLS = "fills"


@dataclass(frozen=True, slots=True)
class SimBooks:
    """One listing; `body` is in Coinbase's words, newest first, all pages as one.

    `time` is when the exchange's clock stands.
    """

    label: str
    seed: int | None
    time: Instant
    listing: Listing
    body: Mapping[str, Any]

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The listing's own records."""
        rows: list[Mapping[str, Any]] = self.body[self.listing.value]
        return rows


def sim_books(choice: Choice, listing: Listing) -> SimBooks:
    """Read a listing from the exchange's store, beside a running trader.

    Raises:
        UsageError: the chosen venue is a real one, or there is no exchange yet.
        SettingsInvalid, NotAllowed, StorageError: as for every command on a book.
    """
    settings, places = choice.settle_to_look()
    if not places.has_exchange:
        if choice.venue is VenueName.COINBASE:
            raise UsageError(
                "the simulated exchange is not coinbase: its books are elsewhere",
                hint="add --mode paper for the exchange of paper trading, or leave --venue out",
            )
        settings, places = replace(choice, venue=VenueName.SIM).settle_to_look()
    if not places.has_exchange:
        # A rehearsal's exchange is served from this folder.
        places = served_places(choice.data)
    exchange = viewed_exchange(places)
    try:
        bodies = {
            Listing.ACCOUNTS: exchange.accounts_json,
            Listing.ORDERS: exchange.orders_json,
            Listing.FILLS: exchange.fills_json,
        }
        return SimBooks(
            label=exchange.label,
            seed=None if places.is_mirrored else bound_market(settings, places).seed,
            time=Instant(exchange.now_us),
            listing=listing,
            body=bodies[listing](),
        )
    except StoreFailed as error:
        raise StorageError(
            str(error), hint="free the disk, or mend it, and ask again; --fresh begins another book"
        ) from error
    finally:
        exchange.close()
