"""A venue in trouble: a TLS proxy before a served exchange that spoils answers by a seeded plan."""

from __future__ import annotations

import random
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import requests

HANG_S = 30


class Trouble:
    """What happens to each request: `kinds` are drawn with a seed, one for each."""

    def __init__(self, *kinds: str, seed: int = 1) -> None:
        self._kinds = kinds
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.asked: list[tuple[str, str, str]] = []

    def next(self, method: str, path: str) -> str:
        with self._lock:
            kind = self._random.choice(self._kinds)
            self.asked.append((kind, method, path))
            return kind


@contextmanager
def troubled(upstream: str, tls: Path, trouble: Trouble) -> Iterator[str]:
    """Serve on a port of its own with the upstream's certificate; yields `localhost:port`.

    Kinds: `well`, `before` (503, nothing happened), `after` (503, it happened), `html`, `cut`
    (a body that ends early), `hang`, `endless` (each page has a next one); `PENDING`, `QUEUED` or
    any other word: what is open is told to be in that state.
    """
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()  # the official client gives a question a body, too

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _serve(self, body: bytes) -> None:
            kind = trouble.next(self.command, urlsplit(self.path).path)
            if kind == "hang":
                over.wait(HANG_S)
                self.close_connection = True
                return
            if kind == "before":
                self._reply(503, b"", "text/html")
                return
            if kind == "html":
                self._reply(200, b"<html>maintenance</html>", "text/html")
                return
            token = self.headers.get("Authorization")
            headers = {} if token is None else {"Authorization": token}
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    self.command,
                    # Nobody but us gave this cursor out.
                    f"https://{upstream}{re.sub('&cursor=endless-[0-9]+', '', self.path)}",
                    data=body,
                    # The token is for this very host.
                    headers={**headers, "Host": self.headers["Host"]},
                    verify=str(tls / "ca.pem"),
                    timeout=20,
                )
            if kind == "after":
                self._reply(503, b"", "text/html")
            elif kind == "cut":
                self._reply(answer.status_code, answer.content[: len(answer.content) // 2])
            elif kind == "endless":
                said = answer.content.replace(b'"has_next":false', b'"has_next":true')
                cursor = f'"cursor":"endless-{len(trouble.asked)}"'
                self._reply(answer.status_code, said.replace(b'"cursor":""', cursor.encode()))
            elif kind.isupper():
                said = answer.content.replace(b'"OPEN"', f'"{kind}"'.encode())
                self._reply(answer.status_code, said)
            else:
                self._reply(answer.status_code, answer.content)

        def _reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is what happens here."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem", tls / "server-key.pem")
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"localhost:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
