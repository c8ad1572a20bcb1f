"""PAPER on a real venue's prices: what the venue shows, the simulated exchange is shown.

The books come with each snapshot. While orders of ours rest, the minute's trades are looked at
every few seconds, also between cycles: on the trading thread, as everything that changes a book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from requests.adapters import BaseAdapter

from trader247.adapters.coinbase import codec
from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.depth import Levels
from trader247.adapters.coinbase.minutes import traded_minutes
from trader247.app.wiring.simulation import storage_failed
from trader247.domain.errors import ReadAborted, VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import Product
from trader247.domain.time import SECOND, Instant
from trader247.ports import Clock
from trader247.simex.embedded import Embedded
from trader247.simex.errors import StoreFailed
from trader247.simex.feeds.feed import Listing
from trader247.simex.mirror import Look

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

LOOK_AGE = 5 * SECOND
"""Between two looks at what was traded, while orders rest."""


class Mirroring:
    """Keeps the simulated exchange up to what the venue shows."""

    def __init__(
        self,
        exchange: Embedded,
        client: CoinbaseClient,
        *,
        is_stopped: Callable[[], bool],
    ) -> None:
        """`client` asks the venue whose market it is."""
        self._mirror = exchange.mirror()
        self._client = client
        self._clock = client.clock
        self._is_stopped = is_stopped
        self._looked: dict[str, Instant] = {}

    def show(self, product: ProductId, levels: Levels) -> None:
        """A book was read: takers trade on it until the next one."""
        self._mirror.show(str(product), bids=levels.bids, asks=levels.asks, time_us=levels.time.us)

    def keep(self) -> None:
        """Let the exchange's time be the machine's. Raises StoreFailed: for its wire."""
        self._mirror.keep(self._clock.now().us)

    def look(self) -> None:
        """See what was traded where orders rest, if it is time to.

        Raises:
            StorageError: the exchange's store did not take a fill.
        """
        if self._is_stopped():
            return  # closing down reads what the exchange knows, and waits for nothing else
        for name, first in self._mirror.waiting().items():
            if self._is_due(name):
                self._look(name, first)

    def _is_due(self, name: str) -> bool:
        """Whether it is time to look at a product, which it then counts as looked at."""
        now, known = self._clock.now(), self._looked.get(name)
        # A clock set back must not end the looking.
        is_due = known is None or not known <= now < known + LOOK_AGE
        if is_due:
            self._looked[name] = now
        return is_due

    def _look(self, name: str, first: int) -> None:
        product, last = ProductId.parse(name), self._clock.now().minute
        try:
            seen = traded_minutes(self._client, product, first=first, last=last)
        except (VenueError, ReadAborted):
            return  # nothing fills by what was not seen; the venue's faults are counted
        looks = [Look(each.minute, each.low, each.high, each.volume) for each in seen]
        try:
            self._mirror.saw(name, looks, at_us=self._clock.now().us)
        except StoreFailed as error:
            raise storage_failed(error) from error


class LookingFirst(BaseAdapter):
    """Carries requests to the exchange; before a reading, it is looked at what fills."""

    def __init__(self, exchange: Embedded, mirroring: Mirroring) -> None:
        super().__init__()
        self._inner = exchange.adapter(mirroring.keep)
        self._mirroring = mirroring

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Answer as the exchange does. An order never waits for a look: it would come late."""
        if request.method == "GET":
            self._mirroring.look()
        return self._inner.send(request, *args, **options)

    def close(self) -> None:
        """There is nothing to close."""


class LookingClock:
    """A clock whose waits are used to look at what fills."""

    def __init__(self, inner: Clock, mirroring: Mirroring) -> None:
        self._inner = inner
        self._mirroring = mirroring

    def now(self) -> Instant:
        return self._inner.now()

    def monotonic(self) -> timedelta:
        return self._inner.monotonic()

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Wait as the inner clock does, looking meanwhile."""

        def look_and_wake() -> bool:
            if wake():
                return True
            self._mirroring.look()
            return False

        return self._inner.wait_until(when, look_and_wake)


def listings(client: CoinbaseClient, wanted: Iterable[ProductId]) -> tuple[Listing, ...]:
    """What the exchange lists: those of `wanted` that the venue does, by its own rules.

    Raises:
        VenueError: they could not be read.
    """
    query = {"product_ids": [str(each) for each in wanted], "product_type": "SPOT"}
    answer = client.market("/products", query)
    now = client.clock.now()
    found: dict[ProductId, Listing] = {}
    for fields in read.records(answer, "products"):
        try:
            product = codec.product(fields, now)
        except VenueError:
            continue  # what cannot be read cannot be traded, as in every snapshot
        found[product.id] = _listing(product, read.text(fields, "base_name"))
    return tuple(found[each] for each in wanted if each in found)


def _listing(product: Product, name: str) -> Listing:
    return Listing(
        product_id=str(product.id),
        base=product.id.base,
        quote=product.id.quote,
        base_name=name or product.id.base,
        price_increment=product.price_increment.value,
        base_increment=product.base_increment.value,
        base_min=product.base_min.value,
        base_max=product.base_max.value,
        quote_min=product.quote_min.value,
        quote_max=product.quote_max.value,
        listed_at=0 if product.listed_at is None else product.listed_at.seconds,
    )
