"""The stream over real sockets and TLS, from the simulated exchange in a process of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from coinbase.rest import RESTClient
from tests.cli.test_sim_serve import Served, serving

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.listening import Listening, steady
from trader247.adapters.coinbase.stream.streamed import MARKET, ORDERS
from trader247.adapters.coinbase.stream.tls import TlsBytes
from trader247.domain.ids import ProductId

pytestmark = pytest.mark.slow
SECONDS_MAX = 60.0
BTC, NOPE = ProductId.parse("BTC-USD"), ProductId.parse("NOPE-USD")


@contextmanager
def heard(served: Served, *, ca_file: Path | None, with_orders: bool = False) -> Iterator[Board]:
    """What is heard of a server while the context lasts."""
    board, over = Board(), threading.Event()
    makes = Listening(
        board,
        carrier=partial(TlsBytes, ca_file=ca_file),
        monotonic=steady,
        seed="test",
        pause=lambda seconds: over.wait(min(seconds, 0.05)),
        is_over=over.is_set,
        on_change=lambda *_: None,
        on_refused=lambda _: None,
    )
    url = "wss://" + served.told["base_url"]
    # One of them is none of the venue's: the other is streamed all the same.
    feeds = [makes.market(url, (NOPE, BTC))]
    if with_orders:
        key = json.loads((served.tls / "key.json").read_text())
        signer = Signer(Credentials(key["name"], key["privateKey"]), now=SystemClock().now)
        feeds.append(makes.orders(url, signer))
    threads = [threading.Thread(target=each.run) for each in feeds]
    for each in threads:
        each.start()
    try:
        yield board
    finally:
        over.set()
        for each in threads:
            each.join(SECONDS_MAX)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_MAX
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_books_and_news_of_orders_come_over_tls_and_a_dead_server_is_noticed(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, "--seed", "7") as served:
        ca_file = Path(served.told["ca"])
        with heard(served, ca_file=ca_file, with_orders=True) as board:
            until(lambda: board.condition(MARKET).is_up and board.book(BTC) is not None)
            until(lambda: board.condition(ORDERS).is_up)
            streamed = board.book(BTC)
            assert streamed is not None
            client: RESTClient = served.client()
            asked = client.get_product_book("BTC-USD", limit=5).to_dict()["pricebook"]
            gap = abs(Decimal(asked["bids"][0]["price"]) / streamed.levels.bids[0][0] - 1)
            assert gap < Decimal("0.01"), "the market of one second ago"
            board.take_order_news()
            client.limit_order_gtc_buy(
                "stream-1", "BTC-USD", base_size="0.001", limit_price="1000.00", post_only=True
            )
            until(board.has_order_news)
            # Nobody else is trusted for its name.
            with heard(served, ca_file=None) as stranger:
                until(lambda: "prove" in stranger.condition(MARKET).cause)
                assert stranger.condition(MARKET).connects == 0
            served.process.kill()
            until(lambda: not board.condition(MARKET).is_up)
            assert board.book(BTC) is None
