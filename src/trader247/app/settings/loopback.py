"""Which addresses can only be this very machine."""

from __future__ import annotations

import ipaddress
import re

_HOST = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::(?P<port>\d{1,5}))?"
)
_HTTPS = 443


def is_loopback(host: str) -> bool:
    """Whether `name[:port]` can only be this very machine."""
    found = _HOST.fullmatch(host)
    if found is None or not 0 < int(found["port"] or _HTTPS) < 65_536:
        return False
    if found["name"] == "localhost":
        return True
    try:
        return ipaddress.ip_address(found["six"] or found["name"]).is_loopback
    except ValueError:
        return False
