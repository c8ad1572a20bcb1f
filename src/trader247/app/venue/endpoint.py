"""Where a venue is reached, and whether what answers there is Coinbase or a simulation of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.adapters.files import read_small
from trader247.app.books.modes import VenueName
from trader247.app.books.places import Places
from trader247.app.books.source import (
    BY_KEY,
    COINBASE_FEED,
    MIRRORED_FEED,
    SERVED_FEED,
    SIMULATED_FEED,
    label_of,
)
from trader247.app.serving.places import served_places
from trader247.app.settings.app_file import AppSettings
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueUnreachable

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter


SERVED_AS = "served.as"
"""The file in which a served exchange says which one it is."""
_BYTES_MAX = 1_024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One venue's addresses. `host` is `name[:port]`, as the official client takes it.

    `ca_file` replaces the trusted authorities; None trusts those of the machine. `exchange` is
    which simulated one is served there by what it wrote; empty where that is not known.
    """

    host: str
    stream_url: str
    user_stream_url: str
    ca_file: Path | None
    is_simulated: bool
    exchange: str = ""

    @property
    def feed(self) -> str:
        """What a journal of this endpoint is bound to: a simulation's is never the real one's."""
        return f"{SIMULATED_FEED}{self.host}" if self.is_simulated else COINBASE_FEED

    @property
    def evidence(self) -> str:
        """What a passed smoke test counts for: an exchange, wherever it is served."""
        return f"{SERVED_FEED}{self.exchange}" if self.exchange else self.feed

    def feed_of_account(self, *, is_assumed: bool) -> str:
        """The feed of a book that only looks: an assumed account is never a key's."""
        return self.feed if is_assumed else f"{self.feed}{BY_KEY}"

    @property
    def label(self) -> str:
        """What people are told of whose figures these are."""
        return label_of(self.feed)

    @property
    def mirror_feed(self) -> str:
        """What the journal of a paper book on this endpoint's prices is bound to."""
        return MIRRORED_FEED + self.feed

    def transport(
        self,
        *,
        monotonic: Callable[[], timedelta],
        is_stopped: Callable[[], bool],
        ends: timedelta | None = None,
    ) -> BaseAdapter:
        """What carries requests there, and trusts nobody else; none from `ends` on, by `monotonic`.

        Raises:
            VenueUnreachable: the simulation has not said whom to trust.
        """
        # Importing it takes `requests` along: whoever asks the venue nothing is spared.
        from trader247.adapters.coinbase.transport import HardenedAdapter

        if self.ca_file is not None and not self.ca_file.is_file():
            raise VenueUnreachable(
                f"whom to trust at {self.host} is not known: there is no {self.ca_file}",
                hint="trader247 sim serve makes it; sim.tls_dir in app.yaml says where it is",
            )
        ca_file = None if self.ca_file is None else str(self.ca_file)
        return HardenedAdapter(
            monotonic=monotonic, is_stopped=is_stopped, ca_file=ca_file, ends=ends
        )


COINBASE = Endpoint(
    host="api.coinbase.com",
    stream_url="wss://advanced-trade-ws.coinbase.com",
    user_stream_url="wss://advanced-trade-ws-user.coinbase.com",
    ca_file=None,
    is_simulated=False,
)
"""The real one."""


def endpoint_for(settings: AppSettings, places: Places) -> Endpoint:
    """Where the venue of a book is: Coinbase, or what the settings put in its place.

    PAPER and DRY_RUN on `sim` have their exchange inside themselves, and ask for no endpoint.
    """
    if places.venue is VenueName.SIM:
        folder = tls_folder(settings, places.data)
        served = _served(settings.sim_endpoint, folder / "ca.pem")
        return replace(served, exchange=_exchange_in(folder))
    if not settings.exchange_endpoint:
        return COINBASE
    ca_file = settings.exchange_ca_file
    return _served(
        settings.exchange_endpoint,
        Path(ca_file).expanduser() if ca_file else tls_folder(settings, places.data) / "ca.pem",
    )


def tls_folder(settings: AppSettings, data: Path) -> Path:
    """Where a served simulation keeps its certificate and keys, by the settings."""
    if settings.sim_tls_dir:
        return Path(settings.sim_tls_dir).expanduser()
    return served_places(data).tls


def _exchange_in(folder: Path) -> str:
    try:
        written = read_small(folder / SERVED_AS, bytes_max=_BYTES_MAX)
    except OSError:
        return ""
    return written.decode("utf-8", "replace").strip()


def _served(host: str, ca_file: Path) -> Endpoint:
    url = f"wss://{host}"
    return Endpoint(host, url, url, ca_file, is_simulated=True)
