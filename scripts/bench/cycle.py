"""One cycle, in CPU time, beside twelve signed requests of the bare SDK."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any

from coinbase.rest import RESTClient
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from scripts.bench.measure import Pair, Row, Target
from scripts.bench.simulation import trader

from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant

PRODUCTS = 12
CYCLES = 200
WARM_UP = 20
CPU_MS_MAX = 25


def cycle() -> Iterator[Row]:
    """A cycle over 12 products on the in-process exchange, its wait and the exchange included."""
    for products in (PRODUCTS, None):
        name = f"cycle over {products or 'all'} products, CPU"
        pairs = _cycles(products)
        yield Row.paired(name, "ms", pairs, Target.MEASURED_AT_MOST, CPU_MS_MAX)


def _cycles(products: int | None) -> Sequence[Pair]:
    """Milliseconds of CPU of a cycle, and of the baseline right after it."""
    baseline = twelve_requests()
    pairs: list[Pair] = []
    began = 0.0

    def on_report(report: CycleReport, _: Instant) -> None:
        nonlocal began
        ended = time.process_time()
        if report.cycle > WARM_UP:
            baseline()
            pairs.append(((ended - began) * 1000, (time.process_time() - ended) * 1000))
        began = time.process_time()

    with trader(on_report, products=products) as made:
        made.loop.run(cycles=WARM_UP + CYCLES, until=None)
    return pairs


def twelve_requests() -> Callable[[], None]:
    """Twelve signed reads through the SDK as it comes, answered at once with 2 kB of candles."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    client = RESTClient(api_key="organizations/bench/apiKeys/bench", api_secret=pem.decode())
    client.session.mount("https://", Canned())

    def act() -> None:
        for _ in range(12):
            client.get("/api/v3/brokerage/products/BTC-USD/candles", params={"limit": 18})

    return act


class Canned(BaseAdapter):
    """Answers everything with the same candles."""

    def __init__(self) -> None:
        super().__init__()
        candle = {
            "start": "1704067200",
            "low": "59964.01",
            "high": "60032.22",
            "open": "60000.10",
            "close": "59990.55",
            "volume": "3.10538800",
        }
        self._body = json.dumps({"candles": [candle] * 18}).encode()

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        response = Response()
        response.status_code = 200
        response.request = request
        response.url = request.url or ""
        response.encoding = "utf-8"
        response.raw = BytesIO(self._body)
        return response

    def close(self) -> None:
        pass
