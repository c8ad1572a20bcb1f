"""Requests that may reach the public internet alone, wherever a name or a redirect leads.

A web hook's address comes from a configuration, and its name from a DNS server that someone else
runs: looking the name up first and connecting later would let it change in between. So the check
sits in the look-up itself: within `public_only`, this thread is given public addresses or none,
and connects to exactly those.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_thread = threading.local()
_look_up = socket.getaddrinfo
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateHost(OSError):
    """A name that leads into a private network, or to this machine."""


@contextmanager
def public_only(*, is_needed: bool = True) -> Iterator[None]:
    """Within it, this thread's look-ups give public addresses alone; other threads' do not change.

    A look-up that would give another raises PrivateHost.
    """
    if not is_needed:
        yield
        return
    socket.getaddrinfo = _public_look_up
    _thread.depth = getattr(_thread, "depth", 0) + 1
    try:
        yield
    finally:
        _thread.depth -= 1


def is_public(address: str) -> bool:
    """Whether an address, in text, belongs to the public internet: embedded ones looked into."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _public_look_up(host: Any, *rest: Any, **more: Any) -> Any:
    found = _look_up(host, *rest, **more)
    if getattr(_thread, "depth", 0):
        for entry in found:
            if entry[0] not in (socket.AF_INET, socket.AF_INET6) or not is_public(str(entry[4][0])):
                raise PrivateHost("the name leads into a private network")
    return found
