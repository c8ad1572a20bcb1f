"""The two streams of a venue, each a feed of its own: the market, and the account's orders."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic_ns
from urllib.parse import urlsplit

from trader247.adapters.coinbase.auth import Signer
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.feed import BOOK, USER, Feed
from trader247.adapters.coinbase.stream.link import Link
from trader247.adapters.coinbase.stream.session import Wanted
from trader247.adapters.coinbase.stream.streamed import MARKET, ORDERS
from trader247.adapters.coinbase.stream.tls import Bytes
from trader247.domain.ids import ProductId

_TLS_PORT = 443

Carrier = Callable[[str, int], Bytes]


class Listening:
    """Makes the feeds of one venue; each is to be run in a thread of its own."""

    def __init__(
        self,
        board: Board,
        *,
        carrier: Carrier,
        monotonic: Callable[[], timedelta],
        seed: str,
        pause: Callable[[float], object],
        is_over: Callable[[], bool],
        on_change: Callable[[str, str], None],
        on_refused: Callable[[Sequence[ProductId]], None],
    ) -> None:
        """`carrier` connects to a host and a port, and `monotonic` tells when messages arrive.

        `seed` decides how long is waited before a stream begins anew.

        `on_change` hears of a stream's name and why it went down, empty when it came up;
        `on_refused` of products that the venue does not stream.
        """
        self._board = board
        self._carrier = carrier
        self._monotonic = monotonic
        self._seed = seed
        self._pause = pause
        self._is_over = is_over
        self._on_change = on_change
        self._on_refused = on_refused

    def market(self, url: str, products: Sequence[ProductId]) -> Feed:
        """The books of `products`: public, so that no trouble with a key reaches them."""
        return self._feed(MARKET, url, Wanted(BOOK, tuple(products)))

    def orders(self, url: str, signer: Signer) -> Feed:
        """Every order of the account."""
        return self._feed(ORDERS, url, Wanted(USER, (), signer.stream_token))

    def _feed(self, name: str, url: str, wanted: Wanted) -> Feed:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port or _TLS_PORT

        def connect() -> Link:
            carrier = self._carrier(host, port)
            try:
                return Link(carrier, url)
            except BaseException:
                carrier.close()
                raise

        return Feed(
            name,
            (wanted,),
            self._board,
            connect=connect,
            monotonic=self._monotonic,
            pause=self._pause,
            jitter=random.Random(f"{self._seed}/{name}").random,  # noqa: S311 - no secret
            is_over=self._is_over,
            on_change=lambda cause: self._on_change(name, cause),
            on_refused=self._on_refused,
        )


def steady() -> timedelta:
    """The machine's clock that never jumps: by it messages arrive."""
    return timedelta(microseconds=monotonic_ns() // 1_000)
