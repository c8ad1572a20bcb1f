"""The engine, assembled once for every mode: what differs between modes is what is plugged in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from requests.adapters import BaseAdapter

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.adapters.coinbase.stream.streamed import StreamedBooks
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.adapters.files import free_bytes
from trader247.adapters.ids import DerivedIds
from trader247.adapters.readonly_venue import AssumedAccount, ReadOnlyVenue
from trader247.adapters.sqlite.backups.hourly import HourlyBackups
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.lost_end import latch_if_lost
from trader247.app.books.places import Places
from trader247.app.books.source import seed_of
from trader247.app.granting.permits import Permits, SimulatedPermit
from trader247.app.version import code_version
from trader247.app.wall import wall_clock
from trader247.app.wiring.folding import ledger_of
from trader247.app.wiring.programs import changes, programs
from trader247.core.market.senses import FRESH, Senses
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.engine.accepting import Accepting
from trader247.engine.alert_watch import AlertWatch
from trader247.engine.attention import Attention
from trader247.engine.clearing import Clearing
from trader247.engine.commands import Commands
from trader247.engine.cycle import Cycle
from trader247.engine.exit_watch import ExitWatch
from trader247.engine.hands import Hands
from trader247.engine.key_watch import KeyWatch
from trader247.engine.ledger import Ledger
from trader247.engine.loop import Loop
from trader247.engine.parts import Ground, Parts
from trader247.engine.reconciler import Reconciler
from trader247.engine.startup import Startup
from trader247.engine.stop_answer import StopAnswer
from trader247.ports import Alerts, Clock, Inbox, MarketData, Permit, StopSignal, Upkeep, Venue

_CANCELS_PER_SECOND = 10
_SHARE_OF = 2
"""A trader reads with a half of what the venue allows."""
_KEPT_FOR_ORDERS = 3
"""Of a second's requests: a cycle that just asked for all of its products has room to act."""
_LIMITED_MAX = 30
"""Requests a second, the most that the venue documents: whoever asks oftener asks no real one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a trader needs besides a market: who stops it, who talks to it, whom it tells.

    `on_halted` hears, after a kill switch, whether nothing of ours rests but so many kept sales.
    `passing` sees how far it has come; in production nobody looks.
    """

    stop: StopSignal
    inbox: Inbox
    alerts: Alerts
    on_report: Callable[[CycleReport, Instant], None]
    on_halted: Callable[[bool, int], None]
    passing: Passing = unwatched
    on_turn: Callable[[], None] = lambda: None
    is_listening: bool = False
    """Whether the venue's streams are listened to, where it has any."""


@dataclass(frozen=True, slots=True)
class Plugs:
    """What a mode plugs into the engine.

    `feed` names the market that the journal is bound to, `label` is what people are told of it.
    `host` is where the venue is asked, and what a token is made out to.
    `install` and `genesis` count for a new journal alone. With `is_read_only` every order is
    declined before it is sent; `assumed` is the account where there is no key to ask with.
    `is_key_watched` is for a person's key that orders go out with, made at `key_created`
    by its owner's word. `permit` makes the right to send; `objection` is asked each cycle why
    nothing may be sent any more. `on_sending` keeps that an order is about to leave, `on_closed`
    whether the trader let go with nothing of ours left working.
    """

    policy: Policy
    interval: timedelta
    feed: str
    label: str
    clock: Clock
    transport: BaseAdapter
    host: str
    credentials: Credentials | None
    requests_per_second: int
    install: str
    genesis: str
    is_read_only: bool
    is_market_public: bool = False
    is_key_watched: bool = False
    key_created: Instant | None = None
    on_sending: Callable[[], None] = lambda: None
    on_closed: Callable[[bool], None] = lambda _: None
    permit: Permits = SimulatedPermit
    objection: Callable[[], str | None] = lambda: None
    assumed: AssumedAccount | None = None
    market: MarketData | None = None
    """What reads the market, where that is not done at the venue itself."""
    wall: Callable[[], Instant] = wall_clock
    """The machine's time, for what stands outside the chain."""
    monotonic: Callable[[], timedelta] = SystemClock().monotonic
    """Real time, of which backups take their share."""
    vfs: str | None = None
    """The file system that the journal is on, by SQLite's name for it; None: the machine's."""
    stream: StreamedBooks | None = None
    """What the venue streams meanwhile; None where it does not, or is not listened to."""
    senses: Senses = FRESH
    """How the market is measured."""
    minutes_left: int | None = None
    remarks: tuple[str, ...] = ()
    ahead: int = 1
    """How far after the journal's last epoch this process begins."""
    exchange: str = ""
    """What tells the venue from others on the same market; empty where there is one alone."""


@dataclass(frozen=True, slots=True)
class Trader:
    """Everything that runs, plugged together.

    `minutes_left` are those that a tape still has, None where the market does not end; `remarks`
    are what a person should know of the market's data.
    """

    places: Places
    policy: Policy
    label: str
    journal: SqliteJournal
    ledger: Ledger
    clock: Clock
    startup: Startup
    reconciler: Reconciler
    accepting: Accepting
    cycle: Cycle
    loop: Loop
    commands: Commands
    market: MarketData
    venue: Venue
    key_watch: KeyWatch | None
    upkeep: Upkeep
    minutes_left: int | None
    remarks: tuple[str, ...]
    _on_closed: Callable[[bool], None]
    _closing: ExitStack

    @property
    def seed(self) -> int | None:
        """The seed of the market that the book is bound to, a served one's too; None of others."""
        opening = self.journal.opened
        return None if opening is None else seed_of(opening.feed)

    def close(self, *, is_clean: bool) -> None:
        """Let go of journal and exchange."""
        self.upkeep.close()
        try:
            self.journal.close(is_clean=is_clean)
            self._on_closed(is_clean and not self.ledger.portfolio.working)
        finally:
            self._closing.close()


def assembled(places: Places, plugs: Plugs, around: Surroundings, closing: ExitStack) -> Trader:
    """The engine over a journal and a venue; `closing` is what ends with it.

    Raises:
        FeedMismatch: the journal belongs to another book or market.
        StorageError: the journal cannot be opened, or does not verify.
        KeyRejected: the credentials cannot be read.
    """
    journal = SqliteJournal.open(
        places.journal,
        clock_wall=plugs.wall,
        genesis=plugs.genesis,
        install_id=plugs.install,
        vfs=plugs.vfs,
        passing=around.passing,
        backups=places.backups,
        ahead=plugs.ahead,
    )
    try:
        currency = plugs.policy.quote_currency
        journal.expect(book=places.book, feed=plugs.feed, currency=currency)
        if plugs.exchange:
            journal.keep_to(plugs.exchange)
        latch_if_lost(journal, places)
        return _plugged(places, plugs, around, journal, closing=closing)
    except BaseException:
        journal.close(is_clean=False)
        raise


def _plugged(
    places: Places,
    plugs: Plugs,
    around: Surroundings,
    journal: SqliteJournal,
    *,
    closing: ExitStack,
) -> Trader:
    policy, clock, stop = plugs.policy, plugs.clock, around.stop
    permit = plugs.permit(stop, journal.has_tenure)
    ids = DerivedIds(journal.install_id)
    client = _client(plugs, around, permit, ids)
    coinbase = CoinbaseVenue(client, passing=around.passing)
    venue: Venue = coinbase
    if plugs.is_read_only:
        venue = ReadOnlyVenue(venue, plugs.assumed)
    ledger = Ledger(
        journal=journal,
        clock=clock,
        alerts=around.alerts,
        portfolio=ledger_of(journal),
        passing=around.passing,
    )
    market: MarketData = (
        CoinbaseMarket(client, stream=plugs.stream, known=journal.seen_last())
        if plugs.market is None
        else plugs.market
    )
    key_watch = (
        KeyWatch(ledger=ledger, key=coinbase, clock=clock, created=plugs.key_created)
        if plugs.is_key_watched
        else None
    )
    parts = Parts.on(
        Ground(
            policy=policy,
            ledger=ledger,
            journal=journal,
            market=market,
            venue=venue,
            clock=clock,
            ids=ids,
            stop=stop,
            permit=permit,
            book=places.book,
            feed=plugs.feed,
            code_version=code_version(),
            passing=around.passing,
            senses=plugs.senses,
            key_watch=key_watch,
            objection=plugs.objection,
            free_bytes=lambda: free_bytes(places.journal.parent),
            changes=changes(journal.keep_programs(programs()), programs()),
        )
    )
    execution, reconciler = parts.execution, parts.reconciler
    hands = Hands(
        ledger=ledger, execution=execution, reconciler=reconciler, market=market, clock=clock
    )
    accepting = Accepting(
        ledger=ledger,
        journal=journal,
        venue=venue,
        execution=execution,
        reconciler=reconciler,
        clock=clock,
    )
    alert_watch = AlertWatch(ledger=ledger, alerts=around.alerts)
    commands = Commands(
        ledger=ledger,
        stop=stop,
        policy=policy,
        accepting=accepting,
        hands=hands,
        alert_watch=alert_watch,
    )
    upkeep = HourlyBackups(
        places.journal,
        places.backups,
        monotonic=plugs.monotonic,
        passing=around.passing,
    )
    clearing = Clearing(ledger=ledger, execution=execution, reconciler=reconciler, clock=clock)
    stop_answer = StopAnswer(
        stop=stop,
        ledger=ledger,
        clearing=clearing,
        reconciler=reconciler,
        clock=clock,
        passing=around.passing,
        on_halted=around.on_halted,
    )
    attention = Attention(
        stop_answer=stop_answer,
        commands=commands,
        inbox=around.inbox,
        journal=journal,
        alert_watch=alert_watch,
        on_turn=around.on_turn,
    )
    loop = Loop(
        cycle=parts.cycle,
        ledger=ledger,
        journal=journal,
        execution=execution,
        reconciler=reconciler,
        clearing=clearing,
        attention=attention,
        stop_answer=stop_answer,
        commands=commands,
        clock=clock,
        ids=ids,
        interval=plugs.interval,
        on_report=around.on_report,
        upkeep=upkeep,
        watch=(
            None
            if plugs.stream is None
            else ExitWatch(ledger=ledger, live=plugs.stream, clock=clock)
        ),
    )
    return Trader(
        places=places,
        policy=policy,
        label=plugs.label,
        journal=journal,
        ledger=ledger,
        clock=clock,
        startup=parts.startup,
        reconciler=reconciler,
        accepting=accepting,
        cycle=parts.cycle,
        loop=loop,
        commands=commands,
        market=market,
        venue=venue,
        key_watch=key_watch,
        upkeep=upkeep,
        minutes_left=plugs.minutes_left,
        remarks=plugs.remarks,
        _on_closed=plugs.on_closed,
        _closing=closing.pop_all(),
    )


def _client(plugs: Plugs, around: Surroundings, permit: Permit, ids: DerivedIds) -> CoinbaseClient:
    # A market whose time stands still within a cycle is not to be waited for.
    is_real = plugs.requests_per_second <= _LIMITED_MAX
    budget = RateBudget(
        clock=plugs.clock,
        is_stopped=around.stop.is_raised,
        reads_per_second=plugs.requests_per_second,
        cancels_per_second=max(_CANCELS_PER_SECOND, plugs.requests_per_second),
        share_of=_SHARE_OF if is_real else None,
        kept_for_orders=0 if plugs.is_read_only else _KEPT_FOR_ORDERS,
        cancels_per_minute=plugs.policy.execution.cancels_per_minute if is_real else None,
        jitter=ids.jitter,
    )
    return CoinbaseClient(
        plugs.transport,
        plugs.credentials,
        host=plugs.host,
        clock=plugs.clock,
        permit=permit,
        budget=budget,
        is_market_public=plugs.is_market_public,
        passing=around.passing,
        on_sending=plugs.on_sending,
    )
