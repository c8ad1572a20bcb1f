"""Connecting within a bound: all addresses of a name, and the handshake after it, in one span."""

from __future__ import annotations

import errno
import os
import selectors
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

SLICE = timedelta(milliseconds=250)
_UNDER_WAY = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})


def pool_kind(left: Callable[[], timedelta], look: Callable[[], None]) -> type[HTTPSConnectionPool]:
    """A kind of pool whose connections come about as `connected` says."""

    class BoundedConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self._dns_host, self.port, left=left, look=look)

    class BoundedPool(HTTPSConnectionPool):
        ConnectionCls = BoundedConnection

    return BoundedPool


def connected(
    host: str, port: int, *, left: Callable[[], timedelta], look: Callable[[], None]
) -> socket.socket:
    """A connection to the first address of `host` that takes one; what is left is its timeout.

    `left` is how much time there still is for all of it and raises where there is none; `look` is
    called every 250 ms, and raises to give up.

    Raises:
        OSError: none does, or not in time.
    """
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _connect(plain, address, left, look)
            plain.settimeout(left().total_seconds())
        except TimeoutError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            failure = error
        except BaseException:
            plain.close()
            raise
        else:
            return plain
    raise failure


def _connect(
    plain: socket.socket, address: Any, left: Callable[[], timedelta], look: Callable[[], None]
) -> None:
    plain.setblocking(False)
    code = plain.connect_ex(address)
    with selectors.DefaultSelector() as waiting:
        waiting.register(plain, selectors.EVENT_WRITE)
        while code in _UNDER_WAY:
            look()
            if waiting.select(min(SLICE, left()).total_seconds()):
                code = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                break
    if code:
        raise OSError(code, os.strerror(code))
