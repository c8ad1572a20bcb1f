"""The one place that knows both sides: what each mode plugs into the engine.

One short function a mode; all of them end in `_assembled`, so that every mode runs the same
engine, the same decisions and the same checks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from importlib.metadata import version

from requests.adapters import BaseAdapter

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.adapters.coinbase.transport import HardenedAdapter
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.adapters.ids import DerivedIds, install_for_seed, new_install
from trader247.adapters.readonly_venue import AssumedAccount, ReadOnlyVenue
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.markets import Market, bind, is_begun
from trader247.app.modes import Mode
from trader247.app.permits import SimulatedPermit
from trader247.app.places import Places
from trader247.app.settings.load import Settings, with_tape_products
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.errors import FeedMismatch, StorageError, TapeEnded
from trader247.domain.ids import ProductId
from trader247.domain.market import FeeTier
from trader247.domain.orders import Balance
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.engine.commands import Commands
from trader247.engine.cycle import Cycle
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.engine.loop import Loop
from trader247.engine.reconciler import Reconciler
from trader247.engine.startup import Startup, folded
from trader247.ports import Alerts, Clock, Inbox, MarketData, StopSignal, Venue
from trader247.simex import errors
from trader247.simex.embedded import Embedded
from trader247.simex.feed import Feed, FeedEnded
from trader247.simex.replay import ReplayFeed

SIMULATED_REQUESTS_PER_SECOND = 100_000
"""A simulated market's time stands still within a cycle: its budget must not make it pass."""
READS_PER_SECOND = 15
KEYLESS_READS_PER_SECOND = 5
CANCELS_PER_SECOND = 10


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a trader needs besides a market: who stops it, who talks to it, whom it tells."""

    stop: StopSignal
    inbox: Inbox
    alerts: Alerts
    on_report: Callable[[CycleReport, Instant], None]
    on_halted: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Trader:
    """Everything that runs, plugged together."""

    places: Places
    policy: Policy
    label: str
    journal: SqliteJournal
    ledger: Ledger
    clock: Clock
    startup: Startup
    reconciler: Reconciler
    cycle: Cycle
    loop: Loop
    market: MarketData
    venue: Venue
    minutes_left: int | None
    """Minutes of a tape still to come; None where the market does not end."""
    remarks: tuple[str, ...]
    """What a person should know of the market's data."""
    _closing: ExitStack

    def close(self, *, is_clean: bool) -> None:
        """Let go of journal and exchange."""
        self.journal.close(is_clean=is_clean)
        self._closing.close()


def code_version() -> str:
    """The installed version of trader247."""
    return version("trader247")


def wall_clock() -> Instant:
    """The machine's time, for what stands outside the chain."""
    return SystemClock().now()


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
        if not is_begun(places):
            bind(places, market)
        funding = {settings.app.quote_currency: settings.app.paper_equity.value}
        exchange = open_exchange(places, feed, funding)
        stack.callback(exchange.close)
        if not places.market.exists():
            bind(places, market)
        policy = settings.policy
        if market.replay is not None:
            policy = with_tape_products(
                policy, [ProductId.parse(each.product_id) for each in feed.listings]
            )
        start = Instant(feed.start_minute * 60_000_000)
        trader = _assembled(
            places=places,
            policy=policy,
            around=around,
            label=exchange.label,
            feed=exchange.identity,
            clock=PacedClock(
                now=lambda: _now(exchange),
                advance=lambda when: _advance(exchange, when),
                speed=speed,
            ),
            transport=wire(exchange),
            credentials=Credentials.simulated(),
            requests_per_second=SIMULATED_REQUESTS_PER_SECOND,
            install=install_for_seed(exchange.identity),
            genesis=_genesis(exchange.identity, str(start), code_version()),
            interval=interval,
            is_read_only=places.mode is Mode.DRY_RUN,
            minutes_left=_minutes_left(feed.last_minute, exchange.now_us),
            remarks=_remarks(feed),
            is_market_public=True,
            stack=stack,
        )
        stack.pop_all()
        return trader


def observed(
    settings: Settings,
    places: Places,
    around: Surroundings,
    *,
    interval: timedelta,
    credentials: Credentials | None,
) -> Trader:
    """DRY_RUN on Coinbase's market: its public data, and not one order sent.

    Raises:
        StorageError, KeyRejected: a file or the key cannot be used.
    """
    with ExitStack() as stack:
        clock = SystemClock()
        install = new_install()
        rate = KEYLESS_READS_PER_SECOND if credentials is None else READS_PER_SECOND
        transport = HardenedAdapter(monotonic=clock.monotonic, is_stopped=around.stop.is_raised)
        return _assembled(
            places=places,
            policy=settings.policy,
            around=around,
            label="Coinbase",
            feed="coinbase",
            clock=clock,
            transport=transport,
            credentials=credentials,
            requests_per_second=rate,
            install=install,
            genesis=_genesis(install),
            interval=interval,
            is_read_only=True,
            minutes_left=None,
            remarks=(),
            is_market_public=False,
            stack=stack,
            assumed=None if credentials is not None else _assumed(settings, clock.now()),
        )


def _assembled(
    *,
    places: Places,
    policy: Policy,
    around: Surroundings,
    label: str,
    feed: str,
    clock: Clock,
    transport: BaseAdapter,
    credentials: Credentials | None,
    requests_per_second: int,
    install: str,
    genesis: str,
    interval: timedelta,
    is_read_only: bool,
    minutes_left: int | None,
    remarks: tuple[str, ...],
    is_market_public: bool,
    stack: ExitStack,
    assumed: AssumedAccount | None = None,
) -> Trader:
    journal = SqliteJournal.open(
        places.journal, clock_wall=wall_clock, genesis=genesis, install_id=install
    )
    try:
        journal.expect(book=places.book, feed=feed)
        permit = SimulatedPermit(around.stop, journal.has_tenure)
        client = CoinbaseClient(
            transport,
            credentials,
            clock=clock,
            permit=permit,
            budget=RateBudget(
                clock=clock,
                is_stopped=around.stop.is_raised,
                reads_per_second=requests_per_second,
                cancels_per_second=max(CANCELS_PER_SECOND, requests_per_second),
            ),
            is_market_public=is_market_public,
        )
        venue: Venue = CoinbaseVenue(client)
        if is_read_only:
            venue = ReadOnlyVenue(venue, assumed)
        ledger = Ledger(
            journal=journal, clock=clock, alerts=around.alerts, portfolio=folded(journal)
        )
        ids = DerivedIds(journal.install_id)
        market = CoinbaseMarket(client)
        execution = Execution(
            ledger=ledger,
            venue=venue,
            clock=clock,
            ids=ids,
            permit=permit,
            policy=policy,
            quote_seconds_max=check_in(policy.checks, QuoteAge).seconds_max,
            code_version=code_version(),
        )
        reconciler = Reconciler(
            ledger=ledger,
            journal=journal,
            venue=venue,
            execution=execution,
            clock=clock,
            policy=policy,
        )
        cycle = Cycle(
            ledger=ledger,
            journal=journal,
            market=market,
            venue=venue,
            clock=clock,
            stop=around.stop,
            execution=execution,
            reconciler=reconciler,
            policy=policy,
        )
        startup = Startup(
            ledger=ledger,
            journal=journal,
            clock=clock,
            stop=around.stop,
            execution=execution,
            reconciler=reconciler,
            policy=policy,
            book=places.book,
            feed=feed,
            code_version=code_version(),
        )
        loop = Loop(
            cycle=cycle,
            ledger=ledger,
            journal=journal,
            execution=execution,
            reconciler=reconciler,
            commands=Commands(ledger=ledger, stop=around.stop, policy=policy),
            clock=clock,
            ids=ids,
            inbox=around.inbox,
            stop=around.stop,
            interval=interval,
            on_report=around.on_report,
            on_halted=around.on_halted,
        )
    except BaseException:
        journal.close(is_clean=False)
        raise
    return Trader(
        places=places,
        policy=policy,
        label=label,
        journal=journal,
        ledger=ledger,
        clock=clock,
        startup=startup,
        reconciler=reconciler,
        cycle=cycle,
        loop=loop,
        market=market,
        venue=venue,
        minutes_left=minutes_left,
        remarks=remarks,
        _closing=stack.pop_all(),
    )


def background(work: Sequence[Callable[[], None]], *, name: str) -> Callable[[float], None]:
    """Run each function in a thread of its own: the only place where threads are made.

    Answers a function that waits, at most so many seconds, until all have returned. What still
    runs then does not keep the process alive.
    """
    threads = [
        threading.Thread(target=each, name=f"{name}-{number}", daemon=True)
        for number, each in enumerate(work)
    ]
    for thread in threads:
        thread.start()

    def finish(seconds_max: float) -> None:
        for thread in threads:
            thread.join(seconds_max / len(threads))

    return finish


def open_exchange(places: Places, feed: Feed, funding: Mapping[str, Decimal]) -> Embedded:
    """The book's own simulated exchange.

    Raises:
        FeedMismatch: its store belongs to another market.
        StorageError: the store cannot be read or written.
    """
    try:
        return Embedded.open(places.exchange, feed, funding)
    except errors.FeedMismatch as error:
        raise FeedMismatch(str(error), hint="use another --data, or --fresh") from error
    except errors.StoreFailed as error:
        raise StorageError(str(error), hint="free the disk, or use another --data") from error


def _assumed(settings: Settings, now: Instant) -> AssumedAccount:
    """The account that is taken for granted where there is no key: paper.equity, worst fees."""
    execution = settings.policy.execution
    cash = Balance(available=settings.app.paper_equity.value, hold=Decimal(0))
    return AssumedAccount(
        balances={settings.app.quote_currency: cash},
        fees=FeeTier("assumed", execution.fallback_maker_bps, execution.fallback_taker_bps, now),
    )


def _now(exchange: Embedded) -> Instant:
    try:
        return Instant(exchange.now_us)
    except errors.StoreFailed as error:
        raise StorageError(str(error), hint="free the disk, or use another --data") from error


def _advance(exchange: Embedded, when: Instant) -> None:
    try:
        exchange.advance(when.us)
    except FeedEnded as error:
        raise TapeEnded("the tape has ended") from error
    except errors.StoreFailed as error:
        raise StorageError(str(error), hint="free the disk, or use another --data") from error


def _remarks(feed: Feed) -> tuple[str, ...]:
    """What was found in a tape, and how much history precedes the trading."""
    if not isinstance(feed, ReplayFeed):
        return ()
    found = tuple(str(report) for report in feed.reports)
    if feed.is_warmed_up:
        return found
    return (*found, "the tape is short: 26 h of history instead of 8 days, so the regime is chop")


def _minutes_left(last_minute: int | None, now_us: int) -> int | None:
    return None if last_minute is None else max(0, last_minute - now_us // 60_000_000)


def _genesis(*parts: str) -> str:
    """The hash from which a chain starts: on a simulated market, equal for equal markets."""
    return sha256("\n".join(parts).encode()).hexdigest()
