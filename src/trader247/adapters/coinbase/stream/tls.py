"""Bytes to and from a stream's server: TLS with verified certificates, and a bound on each wait.

The official client does not verify the server of its stream. Here it must prove its name, by the
authorities that requests trust, or by the one of a simulation on this machine.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from trader247.adapters.coinbase.stream.errors import StreamBroken

CONNECT_SECONDS = 3.0
SEND_SECONDS = 5.0
_CHUNK = 262_144


class Bytes(Protocol):
    """A connection below the protocol."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises StreamBroken."""

    def receive(self, seconds: float) -> bytes | None:
        """What has come, None if nothing does within `seconds`, empty at the end.

        Raises:
            StreamBroken: the connection failed.
        """

    def close(self) -> None:
        """Let go, at once."""


class TlsBytes:
    """A TLS connection to `host`, whose certificate is verified."""

    def __init__(self, host: str, port: int, *, ca_file: Path | None) -> None:
        """Connect.

        Raises:
            StreamBroken: it is not there, or cannot prove who it is.
        """
        try:
            # The default context would write session keys to wherever SSLKEYLOGFILE says.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cafile=str(ca_file or DEFAULT_CA_BUNDLE_PATH))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            plain = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = context.wrap_socket(plain, server_hostname=host)
        except OSError as error:
            raise StreamBroken(f"no connection: {_said(error)}") from None

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(SEND_SECONDS)
            self._socket.sendall(data)
        except OSError as error:
            raise StreamBroken(f"sending failed: {_said(error)}") from None

    def receive(self, seconds: float) -> bytes | None:
        try:
            self._socket.settimeout(max(seconds, 0.001))
            return self._socket.recv(_CHUNK)
        except TimeoutError:
            return None
        except OSError as error:
            raise StreamBroken(f"receiving failed: {_said(error)}") from None

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server cannot prove who it is ({error.verify_message})"
    return error.strerror or type(error).__name__
