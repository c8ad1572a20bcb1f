"""Asking a venue without a way to trade there: clients for commands that only look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.domain.errors import VenueError
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.adapters.coinbase.auth import Credentials
    from trader247.adapters.coinbase.client import CoinbaseClient
    from trader247.adapters.readonly_venue import AssumedAccount
    from trader247.app.venue.endpoint import Endpoint
    from trader247.ports import Clock, Venue
    from trader247.simex.embedded import Embedded

SIMULATED_REQUESTS_PER_SECOND = 100_000
"""Time stands still for whoever only looks at a simulated market: its budget must not wait."""
KEYLESS_READS_PER_SECOND = 2
KEYED_READS_PER_SECOND = 7
SHARE_OF = 4
"""A quarter of what the venue documents, or says: a trader may run beside this command."""
KEYLESS_ALONE_PER_SECOND = 8
"""Of the ten that the venue allows an address without a key, where nobody of ours trades from it.

Cancels are counted by the key that sends them: nothing has to be left to them here.
"""
CANCELS_PER_SECOND = 10
IN_STEP = timedelta(seconds=5)
"""Clocks that differ by less show the same time; what they differ by is a skew."""


class NoOrders:
    """A permit that is never given."""

    def refusal(self) -> str:
        """Why nothing may be sent: always the same."""
        return "this command sends no orders"


def viewing_clock(exchange: Embedded) -> Clock:
    """The clock of an exchange that is only looked at: its time passes elsewhere."""
    return PacedClock(now=lambda: Instant(exchange.now_us), advance=_stand_still, speed=None)


def simulated_client(exchange: Embedded) -> CoinbaseClient:
    """A client of a simulated exchange that nobody advances here."""
    from trader247.adapters.coinbase.auth import Credentials
    from trader247.adapters.coinbase.budget import RateBudget
    from trader247.adapters.coinbase.client import CoinbaseClient

    clock = viewing_clock(exchange)
    return CoinbaseClient(
        exchange.adapter(),
        Credentials.simulated(),
        clock=clock,
        permit=NoOrders(),
        budget=RateBudget(
            clock=clock,
            is_stopped=_never,
            reads_per_second=SIMULATED_REQUESTS_PER_SECOND,
            cancels_per_second=CANCELS_PER_SECOND,
        ),
    )


def endpoint_client(
    endpoint: Endpoint,
    credentials: Credentials | None,
    *,
    ahead: timedelta = timedelta(0),
    clock: Clock | None = None,
    is_alone: bool = False,
    patience: timedelta | None = None,
) -> CoinbaseClient:
    """A client of the venue at an endpoint; without a key, of its public market data.

    `ahead` is by how much the venue's time is before the machine's, where it is simulated; `clock`
    is the venue's own, where it can be had. `is_alone` says that no trader asks beside it. Once
    `patience` is over nothing is asked any more, however much there is.

    Raises:
        KeyRejected: the credentials cannot be read.
    """
    from trader247.adapters.coinbase.budget import RateBudget
    from trader247.adapters.coinbase.client import CoinbaseClient

    machine = SystemClock.ahead(ahead)
    reads, share_of = KEYED_READS_PER_SECOND, SHARE_OF
    if credentials is None:
        reads = KEYLESS_ALONE_PER_SECOND if is_alone else KEYLESS_READS_PER_SECOND
        share_of = 1 if is_alone else SHARE_OF
    return CoinbaseClient(
        endpoint.transport(
            monotonic=machine.monotonic,
            is_stopped=_never,
            ends=None if patience is None else machine.monotonic() + patience,
        ),
        credentials,
        host=endpoint.host,
        clock=clock or machine,
        permit=NoOrders(),
        budget=RateBudget(
            clock=machine,
            is_stopped=_never,
            reads_per_second=reads,
            cancels_per_second=CANCELS_PER_SECOND,
            share_of=share_of,
        ),
    )


def ahead_of_machine(endpoint: Endpoint) -> timedelta:
    """By how much a simulation's time is before the machine's; nothing where they keep step.

    Of the real venue nothing is taken on trust: there a difference is a fault, and is found.
    """
    if not endpoint.is_simulated:
        return timedelta(0)
    from trader247.adapters.coinbase.venue import CoinbaseVenue

    machine = SystemClock()
    try:
        client = endpoint_client(endpoint, None)
        ahead = CoinbaseVenue(client).time() - machine.now()
    except VenueError:
        return timedelta(0)  # whoever asks next meets the same, and says so
    return ahead if abs(ahead) > IN_STEP else timedelta(0)


def readonly_venue(client: CoinbaseClient, account: AssumedAccount | None = None) -> Venue:
    """The venue behind a client, without the door."""
    from trader247.adapters.coinbase.venue import CoinbaseVenue
    from trader247.adapters.readonly_venue import ReadOnlyVenue

    return ReadOnlyVenue(CoinbaseVenue(client), account)


def _never() -> bool:
    return False


def _stand_still(when: Instant) -> None:
    raise AssertionError(f"time does not pass for whoever only looks, not even to {when}")
