"""How a stream ends: always in one way, whatever was the cause."""

from __future__ import annotations


class StreamBroken(Exception):
    """The connection is of no use any more; the text says why, without a secret."""
