"""The one place that knows both sides: what each mode plugs into the engine.

One short function a mode. Each ends in `assembled`, so that every mode runs the same engine, the
same decisions and the same checks.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

from requests.adapters import BaseAdapter

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.ids import install_for_seed, new_install
from trader247.adapters.readonly_venue import AssumedAccount
from trader247.app.books.markets import Market, bind, expect_whole, is_begun
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.settings.load import Settings, expect_quoted, with_tape_products
from trader247.app.venue.endpoint import COINBASE, endpoint_for
from trader247.app.version import code_version
from trader247.app.wiring import simulation
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.app.wiring.stream import listening
from trader247.core.policy import Policy
from trader247.domain.balances import Balance
from trader247.domain.ids import ProductId
from trader247.domain.market import FeeTier
from trader247.domain.time import MINUTE, Instant
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.feed import Feed

SIMULATED_REQUESTS_PER_SECOND = 100_000
"""A simulated market's time stands still within a cycle: its budget must not make it pass."""
READS_PER_SECOND = 15
"""Half of what the venue documents for a key: the rest is for other commands and for cancels."""
KEYLESS_READS_PER_SECOND = 5


def simulated(
    settings: Settings,
    places: Places,
    market: Market,
    around: Surroundings,
    *,
    speed: Decimal | None,
    interval: timedelta,
    wire: Callable[[Embedded], BaseAdapter] = Embedded.adapter,
) -> Trader:
    """PAPER and DRY_RUN on the embedded exchange, whose store lies beside the journal.

    `wire` is what carries requests to it: in-process, and without a fault of its own.

    Raises:
        UsageError, FeedMismatch, StorageError: the market or a file cannot be used.
    """
    with ExitStack() as stack:
        feed = market.feed()
        policy = _policy_on(settings.policy, market, feed)
        expect_whole(places)
        if not is_begun(places):
            bind(places, market)
        funding = {settings.app.quote_currency: settings.app.paper_equity.value}
        exchange = simulation.open_exchange(places, feed, funding)
        stack.callback(exchange.close)
        if not places.market.exists():
            bind(places, market)
        start = Instant(0) + feed.start_minute * MINUTE
        plugs = Plugs(
            policy=policy,
            interval=interval,
            feed=exchange.identity,
            label=exchange.label,
            clock=PacedClock(
                now=lambda: simulation.now_at(exchange),
                advance=lambda when: simulation.advance(exchange, when),
                speed=speed,
            ),
            transport=wire(exchange),
            host=COINBASE.host,
            credentials=Credentials.simulated(),
            requests_per_second=SIMULATED_REQUESTS_PER_SECOND,
            install=install_for_seed(exchange.identity),
            genesis=genesis(exchange.identity, str(start), code_version()),
            is_read_only=places.mode is Mode.DRY_RUN,
            is_market_public=True,
            minutes_left=simulation.minutes_left(feed, simulation.now_at(exchange)),
            remarks=simulation.remarks_on(feed, policy.universe.products),
        )
        return assembled(places, plugs, around, stack)


def observed(
    settings: Settings,
    places: Places,
    around: Surroundings,
    *,
    interval: timedelta,
    credentials: Credentials | None,
) -> Trader:
    """DRY_RUN on the market at an endpoint, and not one order sent.

    With a key it looks at the key's account, else at one that is taken for granted.

    Raises:
        StorageError, KeyRejected: a file or the key cannot be used.
    """
    clock, install = SystemClock(), new_install()
    has_key = credentials is not None
    endpoint = endpoint_for(settings.app, places)
    plugs = Plugs(
        policy=settings.policy,
        interval=interval,
        feed=endpoint.feed_of_account(is_assumed=not has_key),
        label=endpoint.label,
        clock=clock,
        transport=endpoint.transport(monotonic=clock.monotonic, is_stopped=around.stop.is_raised),
        host=endpoint.host,
        credentials=credentials,
        requests_per_second=READS_PER_SECOND if has_key else KEYLESS_READS_PER_SECOND,
        install=install,
        genesis=genesis(install),
        is_read_only=True,
        assumed=None if has_key else _assumed(settings, clock.now()),
        remarks=(_account_remark(settings, has_key=has_key),),
    )
    with ExitStack() as stack:
        if around.is_listening:
            stream = listening(endpoint, settings.policy, clock, stack, credentials=None)
            plugs = replace(plugs, stream=stream)
        return assembled(places, plugs, around, stack)


def _policy_on(policy: Policy, market: Market, feed: Feed) -> Policy:
    """The policy for a market: a tape's products are its universe."""
    if market.replay is None:
        return policy
    products = [ProductId.parse(each.product_id) for each in feed.listings]
    expect_quoted(policy, products)
    return with_tape_products(policy, products)


def _account_remark(settings: Settings, *, has_key: bool) -> str:
    if has_key:
        return "the account is the key's own; it is only looked at"
    equity, currency = settings.app.paper_equity, settings.app.quote_currency
    return f"no key: the account is taken to hold {equity} {currency} (paper.equity)"


def _assumed(settings: Settings, now: Instant) -> AssumedAccount:
    """The account that is taken for granted where there is no key: paper.equity, worst fees."""
    execution = settings.policy.execution
    cash = Balance(available=settings.app.paper_equity.value, hold=Decimal(0))
    return AssumedAccount(
        balances={settings.app.quote_currency: cash},
        fees=FeeTier("assumed", execution.fallback_maker_bps, execution.fallback_taker_bps, now),
    )


def genesis(*parts: str) -> str:
    """The hash from which a chain starts: on a simulated market, equal for equal markets."""
    return sha256("\n".join(parts).encode()).hexdigest()
