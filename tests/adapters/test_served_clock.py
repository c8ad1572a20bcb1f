"""The clock of a served simulation: whose it is, and where it stands once it is led."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.adapters.coinbase.tls import certificate_in

from trader247.adapters.served_clock import ServedClock
from trader247.domain.errors import VenueError
from trader247.domain.time import SECOND, Instant

NOW = "2026-01-05T00:00:00.123456Z"


class Answers(ThreadingHTTPServer):
    """A clock that goes where it is led; its book is another one once that is `changed`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.body = {
            "market": "a market", "book": "0a1b", "now": NOW,
            "is_led": False, "is_in_step": True, "is_over": False,
        }  # fmt: skip


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Answers

    def log_message(self, *_: object) -> None:
        """Nothing is told."""

    def do_GET(self) -> None:
        content = json.dumps(self.server.body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.body |= {"now": asked["to"], "is_led": True}
        self.do_GET()


@contextmanager
def answering(folder: Path) -> Iterator[tuple[Answers, ServedClock]]:
    certificate = certificate_in(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = Answers()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        host = f"127.0.0.1:{server.server_address[1]}"
        with closing(ServedClock(host, ca_file=certificate.chain, token="t")) as clock:
            yield server, clock
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_it_is_led_from_a_whole_second_on_whenever_it_was_asked(tmp_path: Path) -> None:
    with answering(tmp_path) as (_, clock):
        assert (clock.market, clock.book) == ("a market", "0a1b")
        clock.take_the_lead()
        assert clock.now() == Instant.parse("2026-01-05T00:00:02Z")
        clock.advance(clock.now() + SECOND)
        assert clock.now() == Instant.parse("2026-01-05T00:00:03Z")


@pytest.mark.parametrize("changed", [{"book": "2c3d"}, {"market": "another"}])
def test_another_exchange_at_its_address_is_not_led(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    with answering(tmp_path) as (server, clock):
        clock.take_the_lead()
        server.body |= changed
        with pytest.raises(VenueError, match="another exchange answers"):
            clock.advance(clock.now() + SECOND)


@pytest.mark.parametrize("odd", [{"book": ""}, {"market": None}, {"is_led": "no"}, {"now": 1}])
def test_what_is_no_clock_is_refused(tmp_path: Path, odd: dict[str, object]) -> None:
    with answering(tmp_path) as (server, clock):
        server.body |= odd
        with pytest.raises(VenueError, match="something else"):
            clock.take_the_lead()
