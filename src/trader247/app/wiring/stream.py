"""Listening to a venue's streams beside the trading thread, which looks at their board."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.feed import Feed
from trader247.adapters.coinbase.stream.listening import Carrier, Listening, steady
from trader247.adapters.coinbase.stream.streamed import StreamedBooks
from trader247.adapters.coinbase.stream.tls import TlsBytes
from trader247.app.venue.endpoint import Endpoint
from trader247.app.wiring.threads import background
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.ids import ProductId
from trader247.domain.time import HOUR, SECOND
from trader247.ports import Clock

AGAIN_AFTER = HOUR
_FIGURES = re.compile(r"[0-9]+")
_LAST_WORDS_SECONDS = 1.0


class Hearing(Protocol):
    """Who listens, and where the bytes come from: threads and sockets, or a simulation."""

    def carrier(self, ca_file: Path | None) -> Carrier:
        """What connects to a stream's server."""

    def monotonic(self) -> timedelta:
        """When messages arrive."""

    def begin(self, feeds: Sequence[Feed]) -> Callable[[], None]:
        """Keep the feeds up. Answers what waits a moment for their end, once they are over."""


class InThreads:
    """Each feed has a thread of its own, and a socket."""

    def carrier(self, ca_file: Path | None) -> Carrier:
        return partial(TlsBytes, ca_file=ca_file)

    def monotonic(self) -> timedelta:
        return steady()

    def begin(self, feeds: Sequence[Feed]) -> Callable[[], None]:
        finish = background([feed.run for feed in feeds], name="stream")
        return lambda: finish(_LAST_WORDS_SECONDS)


def listening(
    endpoint: Endpoint,
    policy: Policy,
    clock: Clock,
    stack: ExitStack,
    *,
    credentials: Credentials | None,
    hearing: Hearing | None = None,
) -> StreamedBooks:
    """Begin to listen to the market's books, and to our orders with the `credentials` they go by.

    It ends with `stack`. Until a stream is up, and whenever it is down, the venue is asked.
    Threads listen, unless `hearing` does.

    Raises:
        KeyRejected: the credentials cannot be read.
    """
    board, over = Board(), threading.Event()
    hearing = InThreads() if hearing is None else hearing
    makes = Listening(
        board,
        carrier=hearing.carrier(endpoint.ca_file),
        monotonic=hearing.monotonic,
        seed=endpoint.host,
        pause=over.wait,
        is_over=over.is_set,
        on_change=StreamLog(hearing.monotonic),
        on_refused=_logged_refusal,
    )
    products = dict.fromkeys((*policy.universe.products, policy.regime.reference))
    feeds = [makes.market(endpoint.stream_url, tuple(products))]
    if credentials is not None:
        signer = Signer(credentials, now=clock.now)
        feeds.append(makes.orders(endpoint.user_stream_url, signer))
    finish = hearing.begin(feeds)

    def end() -> None:
        over.set()
        finish()

    stack.callback(end)
    age_max = check_in(policy.checks, QuoteAge).seconds_max * SECOND
    return StreamedBooks(board, now=clock.now, monotonic=hearing.monotonic, age_max=age_max)


class StreamLog:
    """Says that a stream went down or came up; where it goes down again for the same cause, once.

    A venue that confirms and then says nothing, as a served market that somebody else leads does,
    would otherwise fill the log with one line every ten seconds.
    """

    def __init__(self, monotonic: Callable[[], timedelta]) -> None:
        self._monotonic = monotonic
        self._told: dict[str, tuple[str, timedelta]] = {}

    def __call__(self, name: str, cause: str) -> None:
        """`cause` is why it went down, empty when it came up."""
        log, now = logging.getLogger("trader247"), self._monotonic()
        kind = _FIGURES.sub("", cause)
        before, since = self._told.get(name, ("", -AGAIN_AFTER))
        is_old = now - since < AGAIN_AFTER
        if not cause:
            # After the first time it goes on as it began.
            log.log(logging.DEBUG if is_old else logging.INFO, "the stream of the %s is up", name)
        elif kind == before and is_old:
            log.debug("the stream of the %s is down again: %s", name, cause)
        else:
            self._told[name] = (kind, now)
            log.warning(
                "the stream of the %s is down, the venue is asked instead: %s; that it goes on so "
                "is not said again within the hour",
                name,
                cause,
            )


def _logged_refusal(products: Sequence[ProductId]) -> None:
    logging.getLogger("trader247").warning(
        "the venue does not stream %s: it is asked for instead, the others are streamed",
        ", ".join(map(str, products)),
    )
