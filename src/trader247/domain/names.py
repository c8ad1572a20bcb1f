"""Names derived from a text: the same text, the same name, on every machine and for ever.

A name is a UUID of version 5, in its text. It is made without an object around it: a backtest
derives one for each order of a year.
"""

from __future__ import annotations

from hashlib import sha1

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def derived_name(namespace: bytes, text: str) -> str:
    """`str(uuid.uuid5(namespace, text))`, for a namespace given by its sixteen bytes."""
    found = sha1(namespace + text.encode(), usedforsecurity=False).hexdigest()
    return (
        f"{found[:8]}-{found[8:12]}-5{found[13:16]}-"
        f"{_VARIANT[found[16]]}{found[17:20]}-{found[20:32]}"
    )
