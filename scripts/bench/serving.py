"""Signed requests that `sim serve` answers, beside a bare application on the same server.

Both are processes of their own, over TLS, asked in turn by the same client with the same bytes:
tokens are signed beforehand. What is counted is the server's own processor time, which does not
depend on who else uses the machine: what one core manages is its reciprocal. The bare application
answers as many bytes; it neither reads a token nor knows an exchange.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import jwt
from scripts.bench.measure import Pair, Row, Target

CONNECTIONS = 8
REQUESTS = 800
TURNS = 7
LEAST_A_SECOND = 1_000
SHARE = 0.25
"""Of what a bare application manages: who verifies a signature pays for it."""

_PREFIX = "/api/v3/brokerage"
_ASKED = (
    ("/product_book", "product_id=BTC-USD&limit=50"),
    ("/accounts", "limit=250"),
    ("/orders/historical/batch", "limit=100"),
    ("/best_bid_ask", "product_ids=BTC-USD&product_ids=ETH-USD"),
)
_FREELY = ("private_per_s=1000000", "public_per_s=1000000")
_TICKS = os.sysconf("SC_CLK_TCK")

BARE = """
import sys
from uvicorn import Config, Server

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    body = b"x" * int(scope["query_string"].rpartition(b"size=")[2] or 0)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

port, certificate, key = sys.argv[1:]
Server(Config(application, port=int(port), ssl_certfile=certificate, ssl_keyfile=key,
              loop="asyncio", log_config=None, access_log=False)).run()
"""


@dataclass(frozen=True)
class Running:
    """A server, how to trust it, and what to ask it."""

    process: subprocess.Popen[str]
    port: int
    authority: Path

    @property
    def processor_s(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def serving() -> Iterator[Row]:
    """Requests a second of processor time."""
    with tempfile.TemporaryDirectory() as folder, _exchange(Path(folder)) as ours:
        key = json.loads((ours.authority.parent / "key.json").read_text())
        sizes = asyncio.run(_load(ours, _signed(key, ours.port, count=len(_ASKED)), lanes=1))
        with _bare(ours) as bare:
            pairs = [_turn(ours, bare, key, sizes) for _ in range(TURNS + 1)][1:]
    rate = statistics.median(mine for mine, _ in pairs)
    name = "signed requests to sim serve, one core"
    yield Row.paired(name, "/s", pairs, Target.RATIO_AT_LEAST, SHARE)
    yield Row(name, "/s", rate, None, None, Target.MEASURED_AT_LEAST, LEAST_A_SECOND)


def _turn(ours: Running, bare: Running, key: dict[str, str], sizes: Sequence[int]) -> Pair:
    signed = _signed(key, ours.port, count=REQUESTS)
    plain = [
        _request(f"/?size={sizes[number % len(sizes)]}", bare.port, "Bearer " + "x" * 500)
        for number in range(REQUESTS)
    ]
    return _rate(ours, signed), _rate(bare, plain)


def _rate(server: Running, requests: Sequence[bytes]) -> float:
    before = server.processor_s
    asyncio.run(_load(server, requests, lanes=CONNECTIONS))
    return len(requests) / (server.processor_s - before)


def _signed(key: dict[str, str], port: int, *, count: int) -> list[bytes]:
    now_s = int(time.time())
    made = []
    for number in range(count):
        path, query = _ASKED[number % len(_ASKED)]
        claims = {
            "sub": key["name"],
            "iss": "cdp",
            "nbf": now_s,
            "exp": now_s + 120,
            "uri": f"GET localhost:{port}{_PREFIX}{path}",
        }
        headers = {"kid": key["name"], "nonce": uuid4().hex}
        token = jwt.encode(claims, key["privateKey"], algorithm="ES256", headers=headers)
        made.append(_request(f"{_PREFIX}{path}?{query}", port, f"Bearer {token}"))
    return made


def _request(target: str, port: int, authorization: str) -> bytes:
    return (
        f"GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: bench\r\n"
        f"Authorization: {authorization}\r\nAccept: */*\r\n\r\n"
    ).encode()


async def _load(server: Running, requests: Sequence[bytes], *, lanes: int) -> list[int]:
    """Send everything over so many connections; the sizes of the answers, lane by lane."""
    context = ssl.create_default_context(cafile=str(server.authority))
    parts = [requests[lane::lanes] for lane in range(lanes)]
    sizes = await asyncio.gather(*(_lane(server.port, context, part) for part in parts))
    return [size for part in sizes for size in part]


async def _lane(port: int, context: ssl.SSLContext, requests: Sequence[bytes]) -> list[int]:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    sizes = []
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        sizes.append(len(await reader.readexactly(int(length))))
    writer.close()
    await writer.wait_closed()
    return sizes


@contextmanager
def _exchange(data: Path) -> Iterator[Running]:
    options = [part for each in _FREELY for part in ("--switch", each)]
    command = [sys.executable, "-m", "trader247", "sim", "serve", "--port", "0", "--json"]
    with _process([*command, "--seed", "7", "--data", str(data), *options]) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Running(process, int(told["base_url"].rpartition(":")[2]), Path(told["ca"]))


@contextmanager
def _bare(like: Running) -> Iterator[Running]:
    """The bare application, with the same certificate, on the next free port."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = like.authority.parent
    files = [str(folder / "server.pem"), str(folder / "server-key.pem")]
    with _process([sys.executable, "-c", BARE, str(port), *files]) as process:
        server = Running(process, port, like.authority)
        ends = time.monotonic() + 30
        while not _is_listening(port):
            assert time.monotonic() < ends, "the bare server does not listen"
        yield server


def _is_listening(port: int) -> bool:
    import socket

    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)
