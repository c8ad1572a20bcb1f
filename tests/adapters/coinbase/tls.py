"""Small servers on this machine that speak TLS as a test tells them to."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.adapters.coinbase.scripted import Bench, ScriptedPermit

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.transport import HardenedAdapter
from trader247.adapters.coinbase.venue import CoinbaseVenue

Talk = Callable[[ssl.SSLSocket, bytes], None]


def monotonic() -> timedelta:
    return timedelta(seconds=time.monotonic())


@dataclass
class Certificate:
    chain: Path
    key: Path


def certificate_in(folder: Path) -> Certificate:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trader247 test")])
    today = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pair = Certificate(folder / "chain.pem", folder / "key.pem")
    pair.chain.write_bytes(built.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pair


class Server:
    """Speaks TLS, reads one request at a time, and lets `talk` answer it."""

    def __init__(self, certificate: Certificate, talk: Talk) -> None:
        self._talk = talk
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.chain, certificate.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(plain,), daemon=True).start()

    def _converse(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as connection:
                while received := connection.recv(65536):
                    while b"\r\n\r\n" not in received or not received.endswith(b"}"):
                        received += connection.recv(65536)
                    self.requests.append(received)
                    self._talk(connection, received)
        except OSError:
            plain.close()


def reply(body: bytes, head: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n".encode()
    return b"HTTP/1.1 200 OK\r\n" + length + head + b"\r\n" + body


def adapter(
    certificate: Certificate | None,
    *,
    total: float = 5,
    connect: float = 1,
    is_stopped: Callable[[], bool] = lambda: False,
    ends: timedelta | None = None,
) -> HardenedAdapter:
    return HardenedAdapter(
        monotonic=monotonic,
        is_stopped=is_stopped,
        ca_file=str(certificate.chain) if certificate else None,
        total=timedelta(seconds=total),
        connect=timedelta(seconds=connect),
        ends=ends,
    )


def ask(transport: HardenedAdapter, host: str, method: str = "GET") -> requests.Response:
    request = requests.Request(method, f"https://{host}/path", json={}).prepare()
    return transport.send(request)


class Desk:
    """A venue over the real transport, with a clock that the test moves."""

    def __init__(self, transport: HardenedAdapter, host: str) -> None:
        self.clock = Bench().clock
        self.permit = ScriptedPermit()
        budget = RateBudget(
            clock=self.clock,
            is_stopped=lambda: False,
            reads_per_second=100,
            cancels_per_second=100,
        )
        self.client = CoinbaseClient(
            transport,
            Credentials.simulated(),
            clock=self.clock,
            permit=self.permit,
            budget=budget,
            host=host,
        )
        self.venue = CoinbaseVenue(self.client)
