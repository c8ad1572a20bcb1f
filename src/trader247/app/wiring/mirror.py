"""PAPER on a real venue's prices: its market, our own exchange, and the machine's clock."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.adapters.ids import new_install
from trader247.app.books.markets import expect_whole, is_begun
from trader247.app.books.places import Places
from trader247.app.settings.load import Settings
from trader247.app.venue.endpoint import COINBASE, Endpoint, endpoint_for
from trader247.app.venue.looking import CANCELS_PER_SECOND, NoOrders
from trader247.app.venue.mirroring import LookingClock, LookingFirst, Mirroring, listings
from trader247.app.wiring import simulation
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.app.wiring.by_mode import (
    KEYLESS_READS_PER_SECOND,
    READS_PER_SECOND,
    SIMULATED_REQUESTS_PER_SECOND,
    genesis,
)
from trader247.app.wiring.stream import listening
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.errors import VenueError, VenueUnreachable
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.feed import Listing
from trader247.simex.mirror import MirrorFeed


def mirrored(
    settings: Settings,
    places: Places,
    around: Surroundings,
    *,
    interval: timedelta,
    credentials: Credentials | None,
    is_reach_needed: bool = True,
    client: CoinbaseClient | None = None,
) -> Trader:
    """PAPER on a real venue's prices: its exchange lies beside the journal, as on a simulated one.

    The venue is asked for its market alone. Where `is_reach_needed` is False, a book that exists
    is opened without asking it anything. `client` asks the venue, where it is not for this to make.

    Raises:
        VenueUnreachable: the venue does not answer.
        FeedMismatch, StorageError, KeyRejected: a file or the key cannot be used.
    """
    endpoint = endpoint_for(settings.app, places)
    client = client or _client(endpoint, around, credentials)
    if is_reach_needed:
        _reach(client, endpoint)
    with ExitStack() as stack:
        expect_whole(places)
        exchange = _opened(settings, places, endpoint, client)
        stack.callback(exchange.close)
        mirroring = Mirroring(exchange, client, is_stopped=around.stop.is_raised)
        install = new_install()
        stream = None
        if around.is_listening:
            stream = listening(endpoint, settings.policy, client.clock, stack, credentials=None)
        plugs = Plugs(
            policy=settings.policy,
            interval=interval,
            feed=exchange.identity,
            label=exchange.label,
            clock=LookingClock(client.clock, mirroring),
            transport=LookingFirst(exchange, mirroring),
            host=COINBASE.host,
            credentials=Credentials.simulated(),
            requests_per_second=SIMULATED_REQUESTS_PER_SECOND,
            install=install,
            genesis=genesis(install),
            is_read_only=False,
            market=CoinbaseMarket(client, on_book=mirroring.show, stream=stream),
            stream=stream,
            remarks=(
                *_unlisted(settings, exchange),
                *_slowness(settings, has_key=credentials is not None),
            ),
        )
        return assembled(places, plugs, around, stack)


def _client(
    endpoint: Endpoint, around: Surroundings, credentials: Credentials | None
) -> CoinbaseClient:
    """A client that asks the venue for its market, and could not order there."""
    clock = SystemClock()
    return CoinbaseClient(
        endpoint.transport(monotonic=clock.monotonic, is_stopped=around.stop.is_raised),
        credentials,
        host=endpoint.host,
        clock=clock,
        permit=NoOrders(),
        budget=RateBudget(
            clock=clock,
            is_stopped=around.stop.is_raised,
            reads_per_second=KEYLESS_READS_PER_SECOND if credentials is None else READS_PER_SECOND,
            cancels_per_second=CANCELS_PER_SECOND,
            share_of=2,
        ),
    )


def _reach(client: CoinbaseClient, endpoint: Endpoint) -> None:
    try:
        client.get("/time", is_public=True)
    except VenueError as error:
        raise _unreachable(endpoint, error) from error


def _opened(
    settings: Settings, places: Places, endpoint: Endpoint, client: CoinbaseClient
) -> Embedded:
    """The book's exchange; a new one lists what the venue lists of the universe, by its rules."""
    listed: tuple[Listing, ...] = ()
    if not is_begun(places):
        try:
            listed = listings(client, _wanted(settings))
        except VenueError as error:
            raise _unreachable(endpoint, error) from error
        if not listed:
            raise VenueUnreachable(
                f"{endpoint.label} lists none of the universe's products",
                hint="trader247 smoke shows what it answers",
            )
    feed = MirrorFeed(
        identity=endpoint.mirror_feed,
        label=f"MIRRORED MARKET of {endpoint.label}",
        listings=listed,
        start_us=client.clock.now().us,
    )
    funding = {settings.app.quote_currency: settings.app.paper_equity.value}
    return simulation.open_exchange(places, feed, funding)


def _wanted(settings: Settings) -> tuple[ProductId, ...]:
    policy = settings.policy
    return tuple(dict.fromkeys((*policy.universe.products, policy.regime.reference)))


def _unlisted(settings: Settings, exchange: Embedded) -> tuple[str, ...]:
    """What cannot be traded here, though the universe has it."""
    listed = set(exchange.products)
    missing = [str(each) for each in _wanted(settings) if str(each) not in listed]
    if not missing:
        return ()
    return (
        f"this paper exchange does not list {', '.join(missing)}: orders there are declined; "
        "--fresh begins a new one",
    )


def _slowness(settings: Settings, *, has_key: bool) -> tuple[str, ...]:
    """Whether polling is slower than quotes may be old."""
    seconds_max = check_in(settings.policy.checks, QuoteAge).seconds_max
    # A book and a candle request for each.
    polling = 2 * len(_wanted(settings)) * SECOND / KEYLESS_READS_PER_SECOND
    if has_key or seconds_max * SECOND >= polling:
        return ()
    return (
        f"without a key, reading all quotes takes about {polling // SECOND} s, longer than "
        f"max_quote_age_seconds: {seconds_max} lets them be: the stream is needed",
    )


def _unreachable(endpoint: Endpoint, error: VenueError) -> VenueUnreachable:
    return VenueUnreachable(
        f"{endpoint.label} cannot be reached: {error}",
        hint="`trader247 run --mode paper --venue sim` needs no network",
    )
