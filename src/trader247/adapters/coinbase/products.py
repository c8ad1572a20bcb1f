"""The venue's products: read again often for their status, kept a while where that fails."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.adapters.coinbase import codec
from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.errors import clean
from trader247.adapters.coinbase.reading import Reading
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import Product
from trader247.domain.time import SECOND, Instant

PRODUCT_AGE_MAX = 300 * SECOND
"""A product that could not be read again is shown this long, with the time it was read."""
STATUS_AGE = 45 * SECOND
"""A status is read again when this old: so it is never older than 60 s when it decides."""

NOT_LISTED = "the venue does not list it"
"""The trouble of a product that is not there, and does not only fail to be read."""


class Products:
    """The products that snapshots ask for, and the list of all."""

    def __init__(self, client: CoinbaseClient) -> None:
        self._client = client
        self._known: dict[ProductId, Product] = {}
        self._asked: tuple[ProductId, ...] = ()
        self._asked_at: Instant | None = None
        self._unread: dict[ProductId, str] = {}
        self._listing: tuple[Product, ...] = ()
        self._listed_at: Instant | None = None

    def refresh(self, wanted: tuple[ProductId, ...], reading: Reading) -> None:
        """Read `wanted` again where they are old; what fails goes to `reading`."""
        now = self._client.clock.now()
        is_fresh = self._asked_at is not None and now - self._asked_at < STATUS_AGE
        if not (is_fresh and self._asked == wanted) and not reading.is_deaf:
            self._read(wanted, now, reading)
        for product in wanted:
            if product in self._unread:
                reading.note(product, self._unread[product])

    def get(self, product: ProductId) -> Product | None:
        """A product at most `PRODUCT_AGE_MAX` old, or None."""
        known = self._known.get(product)
        if known is None or self._client.clock.now() - known.read_at >= PRODUCT_AGE_MAX:
            return None
        return known

    def listing(self) -> tuple[Product, ...]:
        """Every spot product of the venue that can be read, at most `PRODUCT_AGE_MAX` old.

        Raises:
            VenueError: the list could not be read.
        """
        now = self._client.clock.now()
        if self._listed_at is None or now - self._listed_at >= PRODUCT_AGE_MAX:
            answer = self._client.market("/products", {"product_type": "SPOT"})
            readable = [_readable(fields, now) for fields in read.records(answer, "products")]
            self._listing = tuple(item for item in readable if isinstance(item, Product))
            self._listed_at = now
        return self._listing

    def _read(self, wanted: tuple[ProductId, ...], now: Instant, reading: Reading) -> None:
        query = {"product_ids": [str(product) for product in wanted], "product_type": "SPOT"}
        try:
            answered = read.records(self._client.market("/products", query), "products")
        except VenueError as error:
            reading.failed(None, error)
            for missed in wanted:
                reading.note(missed, clean(str(error)))
            return
        reading.answered()
        self._asked, self._asked_at = wanted, now
        self._unread = dict.fromkeys(wanted, NOT_LISTED)
        found: dict[ProductId, Product] = {}
        for fields in answered:
            product = _readable(fields, now)
            if isinstance(product, Product):
                found[product.id] = product
                self._unread.pop(product.id, None)
            elif product is not None:
                name, trouble = product
                self._unread[name] = trouble
        # What the venue no longer lists is gone at once; only an unanswered question keeps it.
        self._known = found


def _readable(fields: Mapping[str, object], now: Instant) -> Product | tuple[ProductId, str] | None:
    """A product, why one of ours cannot be read, or None for what is no spot product."""
    try:
        return codec.product(fields, now)
    except VenueError as error:
        try:
            return read.product_id(fields), clean(str(error))
        except VenueError:
            return None
