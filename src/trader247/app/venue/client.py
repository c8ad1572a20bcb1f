"""Who asks a venue outside this process for a command that only looks."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.granting.granting import live_key
from trader247.app.running.traders import running
from trader247.app.settings.load import Settings
from trader247.app.venue.endpoint import Endpoint
from trader247.app.venue.looking import ahead_of_machine, endpoint_client


def client_at(
    choice: Choice, settings: Settings, places: Places, endpoint: Endpoint, stack: ExitStack
) -> CoinbaseClient:
    """A client with the key if one was given; a rehearsal is asked by its own clock.

    Raises:
        UsageError, UnsafePermission, KeyRejected: the key that was given cannot be used.
        VenueError: the simulation's clock cannot be had.
    """
    key = live_key(choice, settings, places)
    credentials = None if key is None else key.credentials()
    if places.mode is not Mode.LIVE or not endpoint.is_simulated:
        return endpoint_client(
            endpoint, credentials, ahead=ahead_of_machine(endpoint), is_alone=not running()
        )
    from trader247.app.wiring.live import Timing, venue_clock

    clock = venue_clock(endpoint, settings, places, Timing(timedelta(0), is_once=True), stack).clock
    return endpoint_client(endpoint, credentials, clock=clock)
