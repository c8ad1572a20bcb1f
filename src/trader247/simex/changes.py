"""What goes into one commit of an exchange, and what comes out of the last one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trader247.simex.accounts import Account
from trader247.simex.orders.order import Fill, Order


@dataclass(slots=True)
class Changes:
    """What one commit writes."""

    state: Mapping[str, Any]
    orders: Iterable[Order] = ()
    fills: Sequence[Fill] = ()
    accounts: Iterable[Account] = ()
    minutes: Sequence[tuple[int, bytes]] = ()
    feed_state: bytes | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What the last commit left: all that an exchange needs to stand there again.

    `row` is the present minute's, empty before the first; `feed_state` likewise None.
    """

    state: Mapping[str, Any]
    accounts: Sequence[Account]
    live: Sequence[Order]
    row: bytes
    feed_state: bytes | None
    stamp: int
