"""Whether a request's token is in order.

Checked are its form, its claims, and its times by the exchange's own clock. The signature is not
verified: who can call an exchange inside his own process need not prove who he is, and the check
is there so that a client that signs the wrong thing is found out.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from typing import Any

_ALGORITHMS = ("ES256", "EdDSA")
_LEEWAY_S = 5
_LIFE_S_MAX = 120


def is_in_order(authorization: str, *, method: str, host: str, path: str, now_s: int) -> bool:
    """Whether `Authorization` holds a token for this very request, valid at `now_s`."""
    scheme, _, token = authorization.partition(" ")
    parts = token.split(".")
    if scheme != "Bearer" or len(parts) != 3 or not parts[2]:
        return False
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if header.get("alg") not in _ALGORITHMS or not header.get("kid"):
        return False
    starts, ends = claims.get("nbf"), claims.get("exp")
    if not isinstance(starts, int) or not isinstance(ends, int):
        return False
    return (
        claims.get("iss") == "cdp"
        and claims.get("sub") == header["kid"]
        and claims.get("uri") == f"{method} {host}{path}"
        and starts <= now_s + _LEEWAY_S
        and now_s < ends <= starts + _LIFE_S_MAX
    )


def _decoded(part: str) -> dict[str, Any]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
