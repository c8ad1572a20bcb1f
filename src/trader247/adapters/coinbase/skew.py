"""How far the venue's clock and ours are apart."""

from __future__ import annotations

from datetime import timedelta

from trader247.adapters.coinbase import codec
from trader247.adapters.coinbase.client import CoinbaseClient


def clock_skew(client: CoinbaseClient) -> timedelta:
    """The venue's clock minus ours, at half of the way of its answer.

    What the request waited for its turn is no part of the way: half of that would be skew.

    Raises:
        VenueError: the venue does not tell its time.
        ReadAborted: a stop was raised while waiting.
    """
    theirs = codec.time(client.get("/time", is_public=True))
    asked, answered = client.asked_at, client.clock.now()
    return theirs - (asked + (answered - asked) / 2)
