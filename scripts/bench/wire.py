"""What the wire costs: a signed request beside the bare SDK's, and a cycle beside its requests."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from coinbase.rest import RESTClient
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import BaseAdapter
from scripts.bench.cycle import Canned
from scripts.bench.measure import Pair, Row, Target, in_turn
from scripts.bench.simulation import Nobody

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.answers import Body
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.keys.files import KeySource
from trader247.app.settings.load import load_settings, with_tape_products
from trader247.app.venue.looking import NoOrders
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.live import Timing, live
from trader247.domain.ids import ProductId
from trader247.domain.time import MINUTE

NAME = "organizations/bench/apiKeys/bench"
PATH = "/products/BTC-USD/candles"
REQUESTS = 100
PRODUCTS = 30
TAPE_MINUTES = 27 * 60 + 180
WARM_UP, CYCLES = 5, 40

Ask = tuple[str, Mapping[str, object] | None, bool]


def signed_request() -> Iterator[Row]:
    """A signed read with its limits and checks, and the bare SDK's, over the same canned answers.

    The SDK parses its key for each request; that is in its figure, as it is in its users'.
    """
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
    )
    bare = RESTClient(api_key=NAME, api_secret=pem)
    bare.session.mount("https://", Canned())
    ours = _client(Canned(), Credentials(NAME, pem))
    query = {"limit": 18}

    def act() -> None:
        for _ in range(REQUESTS):
            ours.get(PATH, query)

    def baseline() -> None:
        for _ in range(REQUESTS):
            bare.get(f"/api/v3/brokerage{PATH}", params=query)

    name = f"{REQUESTS} signed requests, the bare SDK's"
    yield Row.paired(name, "ms", in_turn(act, baseline), Target.RATIO_AT_MOST, 1.0)


def served_cycle() -> Iterator[Row]:
    """A cycle of LIVE's own wiring over TLS, in CPU time, and then its requests once more alone.

    The exchange is another process, led minute by minute; no order may leave.
    """
    with tempfile.TemporaryDirectory(prefix="trader247-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        products = _write_tape(Path(folder) / "tape")
        with _served(data, Path(folder) / "tape") as host, _trader(data, host, products) as made:
            pairs = list(_cycles(made))
    name = f"cycle over {PRODUCTS} products over TLS, CPU"
    yield Row.paired(name, "ms", pairs[WARM_UP:], Target.RATIO_AT_MOST, 1.5)


def _cycles(trader: Trader) -> Iterator[Pair]:
    client: CoinbaseClient = trader.venue._client  # type: ignore[attr-defined] # measured inside
    asked: list[Ask] = []
    ask = client._read

    def noting(
        path: str, query: Mapping[str, object] | None, *, is_public: bool, is_lookup: bool = False
    ) -> Body | None:
        asked.append((path, query, is_public))
        return ask(path, query, is_public=is_public, is_lookup=is_lookup)

    for _ in range(WARM_UP + CYCLES):
        trader.clock.wait_until(trader.clock.now() + MINUTE, lambda: False)
        asked.clear()
        client._read = noting  # type: ignore[method-assign] # it is listened to
        began = time.process_time()
        report = trader.cycle.run()
        ended = time.process_time()
        client._read = ask  # type: ignore[method-assign] # its own again
        assert not report.unreachable, report.unreachable
        assert len(asked) >= 2 * PRODUCTS, "a cycle asks for bars and book of each product"
        between = time.process_time()
        for path, query, is_public in asked:
            ask(path, query, is_public=is_public)
        yield (ended - began) * 1000, (time.process_time() - between) * 1000


def _client(transport: BaseAdapter, credentials: Credentials) -> CoinbaseClient:
    clock = SystemClock()
    budget = RateBudget(
        clock=clock, is_stopped=lambda: False, reads_per_second=100_000, cancels_per_second=10
    )
    return CoinbaseClient(transport, credentials, clock=clock, permit=NoOrders(), budget=budget)


def _write_tape(folder: Path) -> list[ProductId]:
    folder.mkdir()
    chance = random.Random(7)
    products = [ProductId(f"P{number:02}", "USD") for number in range(PRODUCTS)]
    for number, product in enumerate(products):
        price = 10.0 * (number + 1)
        lines = ["time,open,high,low,close,volume"]
        for minute in range(TAPE_MINUTES):
            first, price = price, price * (1 + chance.gauss(0, 0.0005))
            high, low = max(first, price) * 1.0003, min(first, price) * 0.9997
            figures = ",".join(f"{each:.4f}" for each in (first, high, low, price))
            lines.append(f"{1_735_689_600 + minute * 60},{figures},{900_000 / price:.4f}")
        (folder / f"{product}.csv").write_text("\n".join(lines) + "\n")
    return products


@contextmanager
def _served(data: Path, tape: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "trader247", "sim", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--data", str(data), "--replay", str(tape)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["base_url"]).removeprefix("https://")
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _trader(data: Path, host: str, products: list[ProductId]) -> Iterator[Trader]:
    settings = load_settings(None)
    settings = replace(settings, app=replace(settings.app, sim_endpoint=host))
    settings = replace(settings, policy=with_tape_products(settings.policy, products))
    nobody = Nobody()
    key = KeySource(data / "served-sim.tls" / "key.json", "the served simulation's own")
    made = live(
        settings,
        Places(data, Mode.LIVE, VenueName.SIM),
        Surroundings(nobody, nobody, nobody, lambda _, __: None, lambda _, __: None),
        Timing(timedelta(seconds=60), speed=None),
        key=key,
        grant=None,
    )
    try:
        made.startup.recover()
        yield made
    finally:
        made.close(is_clean=True)
