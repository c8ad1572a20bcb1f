from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from trader247.adapters.channels import (
    AppriseAddress,
    Channel,
    ChannelRefused,
    Mail,
    NotDelivered,
    WebHook,
)

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


class Receiver:
    """A web hook on this machine."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        self.location = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    each = Receiver()
    yield each
    each.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/x",
        "https://hooks.slack.com:8443/services/x",
        "https://user:pw@hooks.slack.com/x",
        "https://hooks.slack.com@evil.example/x",
        "file:///etc/passwd",
        "gopher://x",
        "https://",
        "hooks.slack.com/services/x",
        "https://hooks.slack.com:99999/services/x",
        "https://hooks.slack.com:https/services/x",
        "https://[hooks/x",
    ],
)
def test_an_odd_web_hook_is_refused(url: str) -> None:
    with pytest.raises(ChannelRefused):
        WebHook("slack", url)


def test_no_address_is_ever_told_by_its_channel() -> None:
    channels: list[Channel] = [
        WebHook("slack", SLACK),
        Mail("email", "smtps://me:hunter2@mail.example.com", "me@example.com"),
        AppriseAddress("url-1", "jsons://me:hunter2@host.example.com/path"),
    ]

    assert [each.name for each in channels] == ["slack", "email", "url-1"]
    for each in channels:
        assert "hunter2" not in repr(each)
        assert "TIiaj" not in repr(each)


@pytest.mark.parametrize(
    ("server", "to"),
    [
        ("https://mail.example.com", "me@example.com"),
        ("smtp://", "me@example.com"),
        ("smtp://mail.example.com", "nobody"),
        ("smtp://mail.example.com", "me@example.com\nBcc: all@example.com"),
        ("smtp://mail.example.com:99999", "me@example.com"),
        ("smtp://mail.example.com:mail", "me@example.com"),
        ("smtp://[mail", "me@example.com"),
    ],
)
def test_mail_that_cannot_be_sent_is_refused(server: str, to: str) -> None:
    with pytest.raises(ChannelRefused):
        Mail("email", server, to)


def test_a_text_that_mail_cannot_hold_is_not_delivered_and_ends_no_worker() -> None:
    mail = Mail("email", "smtp://127.0.0.1:9", "me@x.org", is_private_allowed=True)
    for title, body in (("CRITICAL kill", "half a pair \ud800"), ("two\nlines", "text")):
        with pytest.raises(NotDelivered, match="Error"):
            mail.deliver(title=title, body=body, key="1")


@pytest.mark.parametrize("url", ["", "nonsense", "json://host.example.com/x", "http://x/y"])
def test_an_address_that_apprise_does_not_know_or_that_is_plain_is_refused(url: str) -> None:
    with pytest.raises(ChannelRefused):
        AppriseAddress("url-1", url)


def test_services_with_a_fixed_address_are_taken() -> None:
    for url in (SLACK, "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz12345678/12315544"):
        assert AppriseAddress("url-1", url).name == "url-1"


@pytest.mark.slow
def test_a_web_hook_gets_the_message(receiver: Receiver) -> None:
    hook = WebHook("slack", f"http://127.0.0.1:{receiver.port}/x", is_private_allowed=True)

    hook.deliver(title="CRITICAL kill", body="text", key="1")

    assert json.loads(receiver.bodies[0]) == {"text": "*CRITICAL kill*\ntext"}


@pytest.mark.slow
@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_a_web_hook_that_does_not_take_it_or_redirects_has_not_delivered(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    receiver.location = f"http://127.0.0.1:{receiver.port}/elsewhere"
    hook = WebHook("slack", f"http://127.0.0.1:{receiver.port}/x", is_private_allowed=True)

    with pytest.raises(NotDelivered, match=str(status)):
        hook.deliver(title="x", body="y", key="1")
    assert len(receiver.bodies) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]"]
)
def test_a_web_hook_into_this_machine_is_refused_in_each_disguise(host: str) -> None:
    hook = WebHook("slack", f"https://{host}/x")

    with pytest.raises(NotDelivered, match="private network"):
        hook.deliver(title="x", body="y", key="1")


@pytest.mark.slow
def test_apprise_delivers_and_is_kept_out_of_private_networks_too(receiver: Receiver) -> None:
    url = f"json://127.0.0.1:{receiver.port}/x"

    AppriseAddress("url-1", url, is_private_allowed=True).deliver(title="a", body="b", key="1")
    with pytest.raises(NotDelivered):
        AppriseAddress("url-1", f"jsons://127.0.0.1:{receiver.port}/x").deliver(
            title="a", body="b", key="1"
        )

    assert json.loads(receiver.bodies[0])["title"] == "a"
    assert len(receiver.bodies) == 1


@pytest.mark.slow
def test_a_server_that_is_not_there_has_not_taken_it() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        hook = WebHook("slack", f"http://127.0.0.1:{port}/secretpath", is_private_allowed=True)
        mail = Mail(
            "email", f"smtp://me:hunter2@127.0.0.1:{port}", "me@x.org", is_private_allowed=True
        )
        for channel in (hook, mail):
            with pytest.raises(NotDelivered) as caught:
                channel.deliver(title="x", body="y", key="1")
            assert "secretpath" not in str(caught.value)
            assert "hunter2" not in str(caught.value)


@pytest.mark.slow
def test_mail_is_sent_and_no_password_without_encryption() -> None:
    said: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def serve() -> None:
        for _ in range(2):
            peer, _address = server.accept()
            with peer, peer.makefile("rwb") as talk:
                _converse(talk, said)

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(NotDelivered, match="encryption"):
        Mail(
            "email", f"smtp://me:hunter2@127.0.0.1:{port}", "me@x.org", is_private_allowed=True
        ).deliver(title="title", body="body", key="1")
    Mail("email", f"smtp://127.0.0.1:{port}", "me@x.org", is_private_allowed=True).deliver(
        title="title", body="body", key="1"
    )
    thread.join(5)
    server.close()

    assert "Subject: title" in said
    assert not any("AUTH" in line or "hunter2" in line for line in said)


def _converse(talk: object, said: list[str]) -> None:
    """Speak just enough SMTP."""
    from typing import BinaryIO, cast

    stream = cast(BinaryIO, talk)

    def reply(text: str) -> None:
        stream.write(f"{text}\r\n".encode())
        stream.flush()

    reply("220 here")
    is_data = False
    while line := stream.readline().decode().rstrip("\r\n"):
        said.append(line)
        verb = line[:4].upper()
        if is_data:
            while line != ".":
                line = stream.readline().decode().rstrip("\r\n")
                said.append(line)
            is_data = False
            reply("250 taken")
        elif verb == "DATA":
            is_data = True
            reply("354 go on")
        elif verb == "QUIT":
            reply("221 bye")
            return
        else:
            reply("250 ok")
