"""The real network path, against small servers on this machine, over TLS."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from tests.adapters.coinbase.scripted import approved, body_of
from tests.adapters.coinbase.tls import (
    Certificate,
    Desk,
    Server,
    Talk,
    adapter,
    ask,
    monotonic,
    reply,
)

from trader247.adapters.coinbase.errors import DeadlinePassed, MalformedAnswer, NotSent
from trader247.adapters.coinbase.transport import HardenedAdapter
from trader247.domain.errors import ReadAborted
from trader247.domain.outcomes import Declined, Unknown

pytestmark = pytest.mark.slow


def test_an_answer_comes_whole_and_the_connection_is_kept(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b'{"a": 1}')))
    transport = adapter(certificate)
    assert [ask(transport, server.host).content for _ in range(3)] == [b'{"a": 1}'] * 3
    assert server.connections == 1
    transport.close()


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_drips_meets_the_deadline(
    certificate: Certificate, serve: Callable[[Talk], Server], where: str
) -> None:
    def drip(connection: ssl.SSLSocket, _: bytes) -> None:
        whole = reply(b"{" + b" " * 500 + b"}")
        begin = 10 if where == "head" else len(whole) - 500
        connection.sendall(whole[:begin])
        for byte in whole[begin:]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    server = serve(drip)
    begin = time.monotonic()
    with pytest.raises((DeadlinePassed, requests.ConnectionError)):
        ask(adapter(certificate, total=0.6), server.host)
    assert time.monotonic() - begin < 2


def test_a_server_that_is_silent_meets_the_deadline(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: time.sleep(5))
    begin = time.monotonic()
    with pytest.raises(requests.RequestException) as caught:
        ask(adapter(certificate, total=0.6), server.host)
    assert not isinstance(caught.value, NotSent)
    assert time.monotonic() - begin < 2


def test_where_all_requests_have_one_end_each_has_what_is_left_and_none_begins_after_it(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    """Each of a thousand pages within its own time is hours of them."""

    def late(connection: ssl.SSLSocket, _: bytes) -> None:
        if len(server.requests) > 1:
            time.sleep(5)
        connection.sendall(reply(b"{}"))

    server = serve(late)
    begin = time.monotonic()
    transport = adapter(certificate, total=60, ends=monotonic() + timedelta(seconds=1))
    assert ask(transport, server.host).content == b"{}"
    with pytest.raises(requests.RequestException) as caught:
        ask(transport, server.host)
    assert not isinstance(caught.value, NotSent)
    with pytest.raises(NotSent, match="is over"):
        ask(transport, server.host)
    assert time.monotonic() - begin < 4
    assert len(server.requests) == 2


def test_a_raised_stop_aborts_a_read_and_not_the_answer_to_an_order(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: time.sleep(5))
    raised = threading.Event()
    transport = adapter(certificate, total=1.5, is_stopped=raised.is_set)
    threading.Timer(0.2, raised.set).start()
    begin = time.monotonic()
    with pytest.raises(ReadAborted):
        ask(transport, server.host)
    assert time.monotonic() - begin < 1
    raised.clear()
    threading.Timer(0.2, raised.set).start()
    with pytest.raises(requests.RequestException):
        ask(transport, server.host, "POST")


@pytest.mark.parametrize("is_compressed", [False, True])
def test_an_answer_beyond_its_bound_is_given_up(
    certificate: Certificate, serve: Callable[[Talk], Server], *, is_compressed: bool
) -> None:
    whole = (
        reply(gzip.compress(b" " * 50_000_000, 1), b"Content-Encoding: gzip\r\n")
        if is_compressed
        else reply(b" " * 6_000_000)
    )
    server = serve(lambda connection, _: connection.sendall(whole))
    with pytest.raises(MalformedAnswer):
        ask(adapter(certificate), server.host)


@pytest.mark.parametrize("end", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
def test_an_answer_cut_off_is_uncertain(
    certificate: Certificate, serve: Callable[[Talk], Server], end: bytes
) -> None:
    def cut(connection: ssl.SSLSocket, _: bytes) -> None:
        connection.sendall(end)
        connection.close()

    with pytest.raises(requests.RequestException) as caught:
        ask(adapter(certificate), serve(cut).host)
    assert not isinstance(caught.value, NotSent)


def test_a_refused_connection_is_not_sent(certificate: Certificate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent):
        ask(adapter(certificate), f"127.0.0.1:{port}")


def test_an_unknown_name_is_not_sent(certificate: Certificate) -> None:
    with pytest.raises(NotSent):
        ask(adapter(certificate), "no-such-host.invalid")


def test_a_certificate_that_nobody_vouches_for_is_not_sent(
    serve: Callable[[Talk], Server],
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    with pytest.raises(NotSent):
        ask(adapter(None), server.host)
    assert server.requests == []


def test_a_certificate_for_another_name_is_not_sent(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    with pytest.raises(NotSent):
        ask(adapter(certificate), server.host.replace("127.0.0.1", "localhost"))
    assert server.requests == []


def test_a_handshake_that_never_ends_is_not_sent(certificate: Certificate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begin = time.monotonic()
        with pytest.raises(NotSent):
            ask(adapter(certificate), f"127.0.0.1:{listener.getsockname()[1]}")
    assert time.monotonic() - begin < 4


def test_a_permit_lost_while_connecting_withholds_the_order(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    desk = Desk(adapter(certificate), server.host)

    class FadingPermit:
        asked = 0

        def refusal(self) -> str | None:
            self.asked += 1
            return "stopped meanwhile" if self.asked > 1 else None

    desk.client._guard._permit = FadingPermit()
    order = approved()
    outcome = desk.venue.submit(order, body_of(order))
    assert outcome == Declined("no_permit", "stopped meanwhile", is_sent=False)
    assert server.connections == 1
    assert server.requests == []
    assert desk.client.orders_sent == 0


def test_an_order_that_got_old_while_connecting_is_withheld(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    desk = Desk(adapter(certificate), server.host)

    class AgeingPermit:
        asked = 0

        def refusal(self) -> str | None:
            self.asked += 1
            desk.clock.passed += timedelta(seconds=3) * (self.asked > 1)
            return None

    desk.client._guard._permit = AgeingPermit()
    order = approved()
    outcome = desk.venue.submit(order, body_of(order))
    assert isinstance(outcome, Declined)
    assert outcome.code == "too_late"
    assert server.requests == []


def test_an_order_whose_answer_is_lost_is_unknown_and_counted(
    certificate: Certificate, serve: Callable[[Talk], Server]
) -> None:
    server = serve(lambda connection, _: connection.close())
    desk = Desk(adapter(certificate), server.host)
    order = approved()
    body = body_of(order)
    assert isinstance(desk.venue.submit(order, body), Unknown)
    assert desk.client.orders_sent == 1
    assert len(server.requests) == 1
    assert server.requests[0].endswith(body.text.encode())


def test_an_order_without_a_connection_is_declined_as_not_sent(certificate: Certificate) -> None:
    desk = Desk(adapter(certificate), "no-such-host.invalid")
    order = approved()
    outcome = desk.venue.submit(order, body_of(order))
    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.is_sent) == ("not_sent", False)
    assert desk.client.orders_sent == 0


def test_a_refused_connection_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    adapter = HardenedAdapter(monotonic=lambda: timedelta(0), is_stopped=lambda: False)
    request = requests.Request("GET", f"https://127.0.0.1:{port}/time").prepare()
    with pytest.raises(NotSent, match="it refuses connections"):
        adapter.send(request)


def full(addresses: int) -> list[socket.socket]:
    """Listeners on one port of several loopback addresses, with full queues: nobody gets in."""
    first = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = first.getsockname()[1]
    held = [first]
    held += [
        socket.create_server((f"127.0.0.{number}", port), backlog=0)
        for number in range(2, addresses + 1)
    ]
    for number in range(1, addresses + 1):
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex((f"127.0.0.{number}", port))
            held.append(waiting)
    return held


def test_all_addresses_of_a_name_share_the_time_to_connect(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = full(3)
    port = held[0].getsockname()[1]
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number}", port))
        for number in (1, 2, 3)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    begin = time.monotonic()
    with pytest.raises(NotSent, match="does not answer in time"):
        ask(adapter(certificate), f"many.invalid:{port}")
    assert 0.8 < time.monotonic() - begin < 2
    for each in held:
        each.close()


def test_the_next_address_is_tried_where_one_refuses(
    certificate: Certificate, serve: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda connection, _: connection.sendall(reply(b"{}")))
    port = int(server.host.rpartition(":")[2])
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        for address in ("127.0.0.9", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert ask(adapter(certificate), server.host).content == b"{}"


def test_a_raised_stop_aborts_a_read_that_is_still_connecting(certificate: Certificate) -> None:
    held = full(1)
    port = held[0].getsockname()[1]
    raised = threading.Event()
    transport = adapter(certificate, connect=3, is_stopped=raised.is_set)
    threading.Timer(0.2, raised.set).start()
    begin = time.monotonic()
    with pytest.raises(ReadAborted):
        ask(transport, f"127.0.0.1:{port}")
    assert time.monotonic() - begin < 1
    for each in held:
        each.close()
