"""Downloading from the venue that the settings name: Coinbase, or a served simulation of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.candles.downloading import KEPT, Wanted, downloaded, span_of
from trader247.app.candles.importing import COINBASE
from trader247.app.candles.store import Source, Stored
from trader247.app.settings.load import load_settings
from trader247.app.venue.endpoint import endpoint_for
from trader247.app.venue.looking import ahead_of_machine, endpoint_client
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant

__all__ = ["KEPT", "fetched"]


def fetched(
    product: ProductId,
    begin: Instant,
    end: Instant,
    *,
    granularity: str,
    config: Path | None,
    data: Path,
    progress: Callable[[int, int], None],
) -> Stored:
    """The candles of a product between two instants, kept in the data folder.

    Raises:
        UsageError: nothing is there, or what is asked for is none.
        VenueError: the venue did not answer; the next call goes on from there.
        SettingsInvalid: the configuration cannot be used.
    """
    first, last = span_of(begin, end)
    settings = load_settings(config)
    endpoint = endpoint_for(settings.app, Places(data, Mode.DRY_RUN, VenueName.COINBASE))
    source = Source(COINBASE)
    if endpoint.is_simulated:
        source = Source("simulation", f"candles of the {endpoint.label}, not Coinbase's own")
    client = endpoint_client(endpoint, None, ahead=ahead_of_machine(endpoint))
    return downloaded(
        client, Wanted(product, first, last, granularity), data, source=source, progress=progress
    )
