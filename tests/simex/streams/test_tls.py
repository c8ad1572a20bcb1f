"""The streams as people meet them: a process, TLS, and the official client."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any

import pytest
import requests
import websockets
from coinbase.websocket import WSClient, WSUserClient
from tests.cli.test_sim_serve import Served, serving

pytestmark = [
    pytest.mark.slow,
    # The official client makes its TLS context and its connection in ways that are on their way
    # out of Python and of its library.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SECONDS_MAX = 30
BTC = "BTC-USD"
SWITCHES = ("subscribe_within_ms=1500", "private_per_s=1000000", "public_per_s=1000000")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A market a minute of which passes in a second."""
    options = [each for switch in SWITCHES for each in ("--switch", switch)]
    data = tmp_path_factory.mktemp("streams")
    with serving(data, "--seed", "7", "--speed", "60", *options) as running:
        yield running


def url(served: Served) -> str:
    return str(served.told["stream_url"])


class Heard:
    """What a client's callback is given, for the test's own thread to wait for."""

    def __init__(self) -> None:
        self._changed = Condition()
        self.messages: list[dict[str, Any]] = []

    def __call__(self, text: str) -> None:
        with self._changed:
            self.messages.append(json.loads(text))
            self._changed.notify_all()

    def until(self, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message like this; fails where none comes."""

        def found() -> dict[str, Any] | None:
            return next((each for each in self.messages if is_there(each)), None)

        with self._changed:
            message = self._changed.wait_for(found, SECONDS_MAX)
        assert message is not None, f"not among {len(self.messages)} messages"
        return message


@contextmanager
def listening(
    served: Served,
    kind: type[Any] = WSClient,
    key: str | None = "key.json",
    *,
    retry: bool = False,
) -> Iterator[tuple[Any, Heard]]:
    heard = Heard()
    client = kind(
        key_file=None if key is None else str(served.tls / key),
        base_url=url(served),
        on_message=heard,
        retry=retry,
        timeout=SECONDS_MAX,
    )
    client.open()
    try:
        yield client, heard
        client.raise_background_exception()
    finally:
        client.close()


def is_of(channel: str, kind: str) -> Callable[[dict[str, Any]], bool]:
    return lambda each: each["channel"] == channel and each["events"][0]["type"] == kind


def test_the_official_client_hears_every_market_channel_without_a_key(served: Served) -> None:
    with listening(served, key=None) as (client, heard):
        client.level2([BTC])
        client.ticker([BTC, "ETH-USD"])
        client.ticker_batch([BTC])
        client.market_trades([BTC])
        client.candles([BTC])
        client.status([BTC])
        client.heartbeats()
        for channel in ("l2_data", "ticker", "ticker_batch", "market_trades", "candles", "status"):
            for kind in ("snapshot", "update"):
                heard.until(is_of(channel, kind))
        heard.until(lambda each: bool(each["channel"] == "heartbeats"))
        client.unsubscribe([BTC], ["level2"])
        heard.until(
            lambda each: (
                each["channel"] == "subscriptions"
                and "level2" not in each["events"][0]["subscriptions"]
                and len(each["events"][0]["subscriptions"]) == 6
            )
        )
        numbers = [each["sequence_num"] for each in heard.messages]
        assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("key", ["key.json", "key-ed25519.json"])
def test_the_official_user_client_hears_of_its_orders(served: Served, key: str) -> None:
    with listening(served, WSUserClient, key) as (client, heard):
        client.user([])
        heard.until(is_of("user", "snapshot"))
        rest = served.client()
        rested = rest.limit_order_gtc_buy(f"rests {key}", BTC, "0.001", "10000")
        order_id = rested.success_response["order_id"]

        def is_told(status: str) -> Callable[[dict[str, Any]], bool]:
            return lambda each: any(
                (row["order_id"], row["status"]) == (order_id, status)
                for event in each["events"]
                for row in event.get("orders", ())
            )

        heard.until(is_told("OPEN"))
        assert rest.cancel_orders([order_id]).results[0].success
        heard.until(is_told("CANCELLED"))


@contextmanager
def failing(served: Served, *faults: str) -> Iterator[None]:
    """These faults, until the end of the block."""
    token = (served.tls / "admin.token").read_text().strip()

    def put(rules: tuple[str, ...]) -> None:
        answer = requests.post(
            f"https://{served.told['base_url']}/sim/faults",
            json={"faults": rules},
            headers={"Authorization": f"Bearer {token}"},
            verify=served.told["ca"],
            timeout=SECONDS_MAX,
        )
        assert answer.status_code == 200, answer.text

    put(faults)
    try:
        yield
    finally:
        put(())


def test_c55_the_official_client_comes_back_after_an_abrupt_drop(served: Served) -> None:
    with (
        listening(served, key=None, retry=True) as (client, heard),
        failing(served, "stream_drop@heartbeats:after=2:times=1"),
    ):
        # It subscribes again to what has products alone, and it only sees a drop while it waits
        # for a message: beats come one at a time.
        client.subscribe([BTC], ["heartbeats"])

        def is_begun_again(_: dict[str, Any]) -> bool:
            return [each["sequence_num"] for each in heard.messages].count(0) == 2

        heard.until(is_begun_again)
        assert len({each["sequence_num"] for each in heard.messages}) >= 3


def test_c55_half_open_answers_pings_and_says_nothing(served: Served) -> None:
    async def play() -> None:
        async with raw(served) as socket:
            await socket.send('{"type":"subscribe","channel":"heartbeats"}')
            assert json.loads(await socket.recv())["channel"] == "subscriptions"
            for _ in range(3):
                await asyncio.wait_for(await socket.ping(), SECONDS_MAX)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), 1)
            assert socket.open

    with failing(served, "stream_hang@heartbeats"):
        asyncio.run(play())


def raw(served: Served, **options: Any) -> Any:
    context = ssl.create_default_context(cafile=served.told["ca"])
    return websockets.connect(url(served), ssl=context, open_timeout=SECONDS_MAX, **options)


def test_c58_the_authority_is_enough_to_trust_it_and_pings_are_answered(served: Served) -> None:
    async def play(compression: str | None) -> list[str]:
        async with raw(served, compression=compression) as socket:
            await asyncio.wait_for(await socket.ping(), SECONDS_MAX)
            await socket.send('{"type":"subscribe","channel":"heartbeats"}')
            assert json.loads(await socket.recv())["channel"] == "subscriptions"
            return [each.name for each in socket.extensions]

    assert asyncio.run(play("deflate")) == ["permessage-deflate"]
    assert asyncio.run(play(None)) == []


def test_c48_who_says_nothing_is_put_out_without_a_closing_frame(served: Served) -> None:
    async def play() -> int | None:
        async with raw(served) as socket:
            await asyncio.wait_for(socket.wait_closed(), SECONDS_MAX)
            code: int | None = socket.close_code
            return code

    assert asyncio.run(play()) == 1006


def test_a_request_that_is_too_long_ends_the_connection(served: Served) -> None:
    async def play() -> int | None:
        async with raw(served) as socket:
            await socket.send(" " * (1 << 19))
            await asyncio.wait_for(socket.wait_closed(), SECONDS_MAX)
            code: int | None = socket.close_code
            return code

    assert asyncio.run(play()) == 1009


def test_the_server_ends_with_its_streams_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("ending")) as running:

        async def play() -> int | None:
            async with raw(running) as socket:
                await socket.send('{"type":"subscribe","channel":"heartbeats"}')
                await socket.recv()
                ending = asyncio.to_thread(running.end)
                await asyncio.gather(ending, asyncio.wait_for(socket.wait_closed(), SECONDS_MAX))
                code: int | None = socket.close_code
                return code

        assert asyncio.run(play()) == 1012
        assert running.process.returncode == 0


def test_c57_too_many_connections_are_refused_with_429(served: Served) -> None:
    async def status() -> int:
        try:
            async with raw(served):
                return 101
        except websockets.exceptions.InvalidStatusCode as refused:
            return int(refused.status_code)

    async def play() -> list[int]:
        return sorted(await asyncio.gather(*(status() for _ in range(30))))

    found = asyncio.run(play())
    assert set(found) == {101, 429}
