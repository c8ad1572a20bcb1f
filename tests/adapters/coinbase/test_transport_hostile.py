"""A venue that means harm, or a box before it that is broken: what it may never bring about."""

from __future__ import annotations

import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.adapters.coinbase.scripted import approved, body_of
from tests.adapters.coinbase.tls import Certificate, Desk, Server, Talk, adapter, reply

from trader247.adapters.coinbase.stream.tls import TlsBytes
from trader247.domain.errors import VenueError
from trader247.domain.ids import OrderId
from trader247.domain.outcomes import Declined, Unknown

pytestmark = pytest.mark.slow

Serve = Callable[[Talk], Server]

REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n"
    b'{"error":"INVALID_ARGUMENT","message":"no"}'
)


@pytest.mark.parametrize("size", [10, 8_100, 8_142, 40_000])
def test_an_answer_that_nobody_asked_for_is_never_the_answer_to_an_order(
    certificate: Certificate, serve: Serve, size: int
) -> None:
    def twofold(connection: ssl.SSLSocket, received: bytes) -> None:
        if received.startswith(b"GET"):
            # At 8142 what is unasked begins exactly where a read of the client's ends.
            # One record: what is left of it waits inside the TLS layer, where no poll sees it.
            whole = reply(b'{"a": "' + b"x" * size + b'"}') + REFUSAL
            for at in range(0, len(whole), 16_000):
                connection.sendall(whole[at : at + 16_000])
        else:
            connection.close()

    server = serve(twofold)
    transport = adapter(certificate)
    desk = Desk(transport, server.host)
    desk.client.get("/path")
    time.sleep(0.05)
    order = approved()
    outcome = desk.venue.submit(order, body_of(order))
    orders = [each for each in server.requests if each.startswith(b"POST")]
    if orders:
        assert isinstance(outcome, Unknown), outcome
    else:
        assert isinstance(outcome, Declined), outcome
        assert not outcome.is_sent


def test_a_read_after_an_unasked_answer_says_so_and_the_next_one_is_well(
    certificate: Certificate, serve: Serve
) -> None:
    def once(connection: ssl.SSLSocket, _: bytes) -> None:
        is_first = len(server.requests) == 1
        whole = reply(b'{"a": "' + b"x" * (8_142 if is_first else 1) + b'"}')
        connection.sendall(whole + (REFUSAL if is_first else b""))

    server = serve(once)
    desk = Desk(adapter(certificate), server.host)
    desk.client.get("/path")
    with pytest.raises(VenueError, match="more than it was asked"):
        desk.client.get("/path")
    assert desk.client.get("/path") == {"a": "x"}


STOPPED = """
import sys
from dataclasses import replace
from tests.adapters.coinbase.scripted import approved, body_of, ScriptedPermit
from tests.adapters.coinbase.tls import Certificate, adapter
from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.venue import CoinbaseVenue
from pathlib import Path
host, chain = sys.argv[1:]
clock = SystemClock()
budget = RateBudget(clock=clock, is_stopped=lambda: False, reads_per_second=9, cancels_per_second=9)
client = CoinbaseClient(
    adapter(Certificate(Path(chain), Path(chain)), total=60, connect=60), Credentials.simulated(),
    clock=clock, permit=ScriptedPermit(), budget=budget, host=host,
)
now = clock.now()
order = replace(approved(), decided_at=now, quote_time=now)
print("deciding", flush=True)
print(CoinbaseVenue(client).submit(order, body_of(order)), flush=True)
"""


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_process_that_was_stopped_sends_nothing_on_waking(
    certificate: Certificate, *, is_stopped: bool
) -> None:
    """Decided, connecting, stopped by SIGSTOP for longer than a decision lives, and woken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    root = Path(__file__).parents[3]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-c", STOPPED, host, str(certificate.chain)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        try:
            listener.settimeout(30)
            plain, _ = listener.accept()
            if is_stopped:
                process.send_signal(signal.SIGSTOP)
                time.sleep(2.2)
            received: list[bytes] = []
            thread = threading.Thread(target=_take, args=(context, plain, received))
            thread.start()
            if is_stopped:
                time.sleep(0.1)
                process.send_signal(signal.SIGCONT)
            said, _ = process.communicate(timeout=30)
            thread.join(10)
        finally:
            process.kill()
            process.wait()
    assert said.startswith("deciding")
    if is_stopped:
        assert "too_late" in said
        assert received == [b""]
    else:
        assert received[0].startswith(b"POST /api/v3/brokerage/orders ")


def _take(context: ssl.SSLContext, plain: socket.socket, received: list[bytes]) -> None:
    with context.wrap_socket(plain, server_side=True) as connection:
        received.append(connection.recv(65_536))


CANARY = "canary-4f1d-in-a-body"
HEAD = b"HTTP/1.1 200 OK\r\n"
CANARIED = CANARY.encode()
SECRETLY = {
    "a page": HEAD.replace(b"200 OK", b"502 Bad") + b"Content-Length: 21\r\n\r\n" + CANARIED,
    "an error": reply(b'{"error": "x", "details": "' + CANARIED + b'"}').replace(b"200", b"500"),
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: https://"
    + CANARIED
    + b"/\r\nContent-Length: 0\r\n\r\n",
    "no json": reply(CANARIED),
    "an answer": reply(b'{"accounts": {"a": "' + CANARIED + b'"}, "has_next": false}'),
    "a header": reply(b"{}", b"X-Canary: " + CANARIED + b"\r\n"),
    "a cookie": reply(b"{}", b"Set-Cookie: " + CANARIED + b"=1; Domain=127.0.0.1\r\n"),
    "a broken status": b"HTTP/1.1 " + CANARIED + b"\r\n\r\n",
    "a broken header": HEAD + CANARIED + b"\r\n\r\n",
    "a broken length": HEAD + b"Content-Length: " + CANARIED + b"\r\n\r\n",
    "a broken chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CANARIED + b"\r\n",
    "a broken encoding": reply(CANARIED, b"Content-Encoding: gzip\r\n"),
}


@pytest.mark.parametrize("kind", list(SECRETLY))
def test_nothing_of_an_answer_or_of_the_key_is_in_any_log_or_error(
    kind: str, certificate: Certificate, serve: Serve,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def talk(connection: ssl.SSLSocket, _: bytes) -> None:
        # Who closes says so: else the next request may leave on this connection, read by nobody.
        told = b"\r\nConnection: close\r\n"
        connection.sendall(SECRETLY[kind].replace(b"\r\n", told, 1))
        connection.close()

    server = serve(talk)
    desk = Desk(adapter(certificate, total=2), server.host)
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "coinbase", "coinbase.RESTClient", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    said: list[str] = []
    order = approved()
    for ask_it in (desk.venue.balances, lambda: desk.venue.submit(order, body_of(order))):
        try:
            said.append(str(ask_it()))
        except VenueError as error:
            said += [repr(error), error.hint, "".join(_chain(error))]
    assert len(server.requests) == 2
    captured = capfd.readouterr()
    everything = "\n".join([*said, caplog.text, captured.out, captured.err])
    token = server.requests[0].split(b"Bearer ")[1].split(b"\r\n")[0].decode()
    assert len(token) > 100
    for secret in (CANARY, token, token.split(".")[2], "Bearer"):
        assert secret not in everything


def _chain(error: BaseException) -> list[str]:
    """What a handler that shows causes would show of them."""
    found: list[str] = []
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if each is not None and len(found) < 50:
            found.append(str(each))
            pending += [each.__cause__, None if each.__suppress_context__ else each.__context__]
    return found


def test_no_environment_variable_makes_the_session_keys_known(
    certificate: Certificate, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    desk = Desk(adapter(certificate), server.host)
    assert desk.client.get("/path") == {}
    assert not log.exists()


def test_a_client_serves_one_thread(certificate: Certificate, serve: Serve) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    desk = Desk(adapter(certificate), server.host)
    desk.client.get("/path")
    caught: list[BaseException] = []

    def elsewhere() -> None:
        for ask_it in (desk.venue.time, lambda: desk.venue.cancel([OrderId("a")])):
            try:
                ask_it()
            except AssertionError as error:
                caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(10)
    assert len(caught) == 2
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\n" + b"X-Padding: yes\r\n" * 200_000,
        b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;x=" + b"y" * 100_000,
        b"\x00" * 100_000,
        reply(b"[" * 1_000_000),
        reply(b'{"a": NaN}'),
        reply(b'{"a": 1e999999999}'),
        reply(b'{"a": ' + b"9" * 1_000_000 + b"}"),
        reply(b"{}", b"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n"),
    ],
    ids=range(13),
)
def test_an_answer_made_to_harm_is_one_typed_failure_within_the_time(
    certificate: Certificate, serve: Serve, whole: bytes
) -> None:
    def talk(connection: ssl.SSLSocket, _: bytes) -> None:
        connection.sendall(whole)
        connection.close()

    server = serve(talk)
    desk = Desk(adapter(certificate, total=2), server.host)
    begin = time.monotonic()
    try:
        desk.client.get("/path")
    except VenueError:
        assert desk.client.faults().running == 1
    assert time.monotonic() - begin < 4
    order = approved()
    assert isinstance(desk.venue.submit(order, body_of(order)), Unknown)
    assert desk.client.orders_sent == 1


def test_a_stream_s_session_keys_are_not_written_down_either(
    certificate: Certificate, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    server = serve(lambda connection, _: connection.close())
    host, _, port = server.host.partition(":")
    TlsBytes(host, int(port), ca_file=certificate.chain).close()
    assert server.connections == 1
    assert not log.exists()
