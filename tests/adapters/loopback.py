"""A web hook and a mail server on this machine, in order, broken, slow, dripping or mute."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

Manner = Literal["well", "broken", "reset", "slow", "drips", "mute"]


@dataclass
class Server:
    """Answers one connection after the other, each in a thread; `close` ends them all."""

    manner: Manner = "well"
    taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self._over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in [self._accepting, *self._threads]:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            peer.settimeout(0.05)
            thread = threading.Thread(target=self._serve, args=(peer,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            if self.manner == "reset":
                return
            self.converse(peer)

    def converse(self, peer: socket.socket) -> None:
        raise NotImplementedError

    def say(self, peer: socket.socket, text: str) -> None:
        """Say a line in the server's manner."""
        data = text.encode()
        if self.manner == "mute":
            self._over.wait()
        elif self.manner == "slow":
            self._over.wait(0.3)
            peer.sendall(data)
        elif self.manner == "drips":
            for byte in data:
                if self._over.wait(0.5):
                    return
                peer.sendall(bytes([byte]))
        else:
            peer.sendall(data)

    def heard(self, peer: socket.socket, end: bytes) -> bytes:
        """What the peer says, up to and with `end`; OSError where it goes."""
        data = b""
        while not data.endswith(end):
            if self._over.is_set():
                raise OSError("over")
            try:
                chunk = peer.recv(1)
            except TimeoutError:
                continue
            if not chunk:
                raise OSError("gone")
            data += chunk
        return data


class Hook(Server):
    """A web hook."""

    def converse(self, peer: socket.socket) -> None:
        head = self.heard(peer, b"\r\n\r\n").decode()
        length = next(
            (
                int(line.split(":")[1])
                for line in head.splitlines()
                if line.lower().startswith("content-length")
            ),
            0,
        )
        body = b""
        while len(body) < length:
            body += peer.recv(length - len(body))
        self.taken.append(body.decode() or head.split()[1])
        status = "500 Broken" if self.manner == "broken" else "200 OK"
        self.say(peer, f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")


class Post(Server):
    """A mail server without encryption: what a test may talk to."""

    def converse(self, peer: socket.socket) -> None:
        self.say(peer, "220 here\r\n")
        while True:
            verb = self.heard(peer, b"\r\n").decode()[:4].upper()
            if verb == "DATA":
                self.say(peer, "354 go on\r\n")
                mail = self.heard(peer, b"\r\n.\r\n").decode()
                self.taken.append(mail)
                self.say(peer, "250 taken\r\n")
            elif verb == "QUIT":
                self.say(peer, "221 bye\r\n")
                return
            elif verb == "MAIL" and self.manner == "broken":
                self.say(peer, "451 come back later\r\n")
            else:
                self.say(peer, "250 ok\r\n")
