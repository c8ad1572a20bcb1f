"""A book opened for looking at, also beside the trader that writes it: nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.ledger import ledger_in
from trader247.app.books.markets import Market, choose, is_begun
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places, nothing_yet
from trader247.app.books.source import COINBASE_FEED, is_by_key, label_of, seed_of
from trader247.app.settings.load import Settings, with_tape_products
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import FeedMismatch, StorageError
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.simex import errors
from trader247.simex.embedded import Embedded


@dataclass(frozen=True, slots=True)
class Book:
    """One book, open for looking.

    `policy` is the one in force here and now: on a replay with what its tape has. `market` is None
    on a real venue's prices, `exchange` where its orders are not taken by one of ours.
    """

    settings: Settings
    places: Places
    policy: Policy
    journal: JournalReader
    exchange: Embedded | None
    market: Market | None

    @property
    def label(self) -> str:
        """Whose figures these are; it says SIMULATED MARKET, and the seed, where they are."""
        if self.exchange is not None:
            return self.exchange.label
        opening = self.journal.opened
        return label_of(COINBASE_FEED if opening is None else opening.feed)

    @property
    def is_assumed(self) -> bool:
        """Whether the account is one that was taken for granted: there was no key to ask with."""
        if self.exchange is not None or self.places.mode is Mode.LIVE:
            return False
        opening = self.journal.opened
        return opening is None or not is_by_key(opening.feed)

    @property
    def seed(self) -> int | None:
        """The market's seed, a served one's too; None on a replay and on a real venue."""
        if self.market is not None:
            return self.market.seed
        opening = self.journal.opened
        return None if opening is None else seed_of(opening.feed)

    def now(self) -> Instant:
        """The present by the venue's clock; on a simulated market, the time at which it stands.

        A served market is elsewhere: there it is the time of the journal's last event.
        """
        if self.exchange is not None and self.market is not None:
            return Instant(self.exchange.now_us)
        if self.places.venue is VenueName.SIM:
            last = next(self.journal.events(limit=1), None)
            if last is not None:
                return Instant.parse(last.row.time)
        return SystemClock().now()

    def portfolio(self) -> Portfolio:
        """The ledger as the journal tells it now.

        Raises:
            StorageError, LedgerError: the journal cannot be read or contradicts itself.
        """
        return ledger_in(self.journal)

    def snapshot(self, portfolio: Portfolio) -> Snapshot | None:
        """What the ledger's last cycle saw of the market; None before the first cycle.

        Raises:
            StorageError: it cannot be read, or is not what the journal refers to.
        """
        recorded = self.journal.cycle(portfolio.cycle)
        if recorded is None or not isinstance(recorded.event, CycleDecided):
            return None
        return self.journal.snapshot_of(recorded.event.seen)


@contextmanager
def opened(choice: Choice) -> Iterator[Book]:
    """The chosen book, open for looking while the context lasts.

    Raises:
        SettingsInvalid, NotAllowed: as `Choice.settle` says.
        UsageError: the book does not exist yet.
        StorageError, FeedMismatch: a file of it cannot be read, or is another book's.
    """
    settings, places = choice.settle_to_look()
    with ExitStack() as stack:
        journal = stack.enter_context(_journal(places))
        exchange, market = None, None
        if places.has_exchange:
            exchange = viewed_exchange(places)
            stack.callback(exchange.close)
        if places.is_embedded:
            market = bound_market(settings, places)
        yield Book(
            settings=settings,
            places=places,
            policy=_policy(settings, exchange, market),
            journal=journal,
            exchange=exchange,
            market=market,
        )


def bound_market(settings: Settings, places: Places) -> Market:
    """The simulated market that the book was begun on.

    Raises:
        StorageError: the book does not say.
    """
    return choose(
        places,
        seed=None,
        replay=None,
        default_seed=settings.app.sim_seed,
        start=settings.app.sim_start,
    )


def viewed_exchange(places: Places) -> Embedded:
    """The book's simulated exchange, to look at, also while a trader runs it.

    Raises:
        UsageError: there is none yet.
        StorageError: it cannot be read.
    """
    if not is_begun(places):
        raise nothing_yet(places)
    try:
        return Embedded.view(places.exchange)
    except errors.StoreFailed as error:
        raise StorageError(
            str(error), hint="free the disk, or mend it, and ask again; --fresh begins another book"
        ) from error


def _journal(places: Places) -> JournalReader:
    if not places.journal.exists():
        raise nothing_yet(places)
    journal = JournalReader.open(places.journal)
    try:
        opening = journal.opened
        if opening is not None and opening.book != places.book:
            raise FeedMismatch(
                f"{places.journal} is the journal of {opening.book}, not of {places.book}",
                hint="a journal belongs to one mode and venue for ever; put the file back",
            )
    except BaseException:
        journal.close()
        raise
    return journal


def _policy(settings: Settings, exchange: Embedded | None, market: Market | None) -> Policy:
    if exchange is None or market is None or market.replay is None:
        return settings.policy
    return with_tape_products(settings.policy, [ProductId.parse(p) for p in exchange.products])
