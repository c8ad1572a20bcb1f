"""What becomes of a client's message on a stream: a request that is in order, or an error."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from trader247.simex.alias import canonical
from trader247.simex.buckets import Buckets
from trader247.simex.door.entrance import Entrance
from trader247.simex.exchange import Exchange
from trader247.simex.streams.request import NotUnderstood, StreamRequest, read_request
from trader247.simex.streams.user import NAME as USER
from trader247.simex.switches import Switches

HEARTBEATS = "heartbeats"
_UNKNOWN = "failure to subscribe"


class StreamRefused(Exception):
    """A request is not granted: the words of the error for the client."""


class Reception:
    """Judges requests on `public` channels, heartbeats and the account's own orders.

    How often one may knock goes by the machine's monotonic clock.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        public: Collection[str],
        entrance: Entrance,
        switches: Switches,
        monotonic_us: Callable[[], int],
    ) -> None:
        self._exchange = exchange
        self._public = public
        self._entrance = entrance
        self._per_s = switches.stream_per_s
        self._knocks = Buckets(monotonic_us)

    def may_connect(self, peer: str) -> bool:
        """Whether an address has connected less often than it may, within a second."""
        return self._may("connect", peer)

    def judge(self, text: str, peer: str) -> StreamRequest:
        """The request in a message, about books instead of their second names.

        On the user channel the products stay as they were named.

        Raises:
            StreamRefused: it is not understood, not allowed, or one too many.
        """
        try:
            request = read_request(text)
        except NotUnderstood as error:
            raise StreamRefused(f"failure to parse the message: {error}") from None
        if request.token is None and not self._may("speak", peer):
            raise StreamRefused("rate limit exceeded")
        judged = replace(request, products=self._products(request))
        is_public = request.channel != USER
        if request.is_subscribing and not self._entrance.is_admitted(
            request.token, is_public=is_public
        ):
            raise StreamRefused("authentication failure")
        return judged

    def _may(self, deed: str, peer: str) -> bool:
        is_taken, _ = self._knocks.spend((deed, peer), self._per_s)
        return is_taken

    def _products(self, request: StreamRequest) -> tuple[str, ...]:
        """What a request is about; on heartbeats that is nothing but their one name."""
        if request.channel == HEARTBEATS:
            return ("",)
        if request.channel not in self._public and request.channel != USER:
            raise StreamRefused(_UNKNOWN)
        found = [self._exchange.find(each) for each in request.products]
        books = [canonical(each).listing.product_id for each in found if each is not None]
        if len(books) < len(found):
            raise StreamRefused(_UNKNOWN)
        if request.channel == USER:
            return request.products
        if not books and request.channel == "status":
            return tuple(self._exchange.markets)
        if not books and request.is_subscribing:
            raise StreamRefused(_UNKNOWN)
        return tuple(dict.fromkeys(books))
