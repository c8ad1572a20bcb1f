"""Comparing a book with its venue: by itself where nobody trades, else by looking on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta

from trader247.adapters.inbox import ask
from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places, nothing_yet
from trader247.app.books.reading import Book, opened
from trader247.app.granting.granting import credentials_of
from trader247.app.people.asking import ANSWERED_WITHIN
from trader247.app.people.attending import attended
from trader247.app.people.operator import operator
from trader247.app.settings.load import Settings
from trader247.app.venue.looking import readonly_venue, simulated_client
from trader247.app.wall import wall_clock
from trader247.core.book.acceptance import foreseen, prices_in, sentence_of
from trader247.core.book.aside import endings
from trader247.core.reconcile import compare
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, NotAllowed, UsageError
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.orders import FillsAccepted
from trader247.domain.orders import Order
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.reasons import TradingState
from trader247.domain.reports import Collected
from trader247.domain.time import MINUTE, Instant
from trader247.ports import CommandKind, Venue

_REASON = "TEXT"
"""In place of what whoever accepts will say."""
LOOKBACK_MIN = 5 * MINUTE
READINGS_MAX = 3
"""Looks at a market in motion before a difference that no look was without is called a break."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the comparison found, and who made it.

    `trader` is who trades on the book meanwhile; where there is one, nothing was booked: the
    figures of `collected` are zero, its differences are those seen. `currency` is what they are in;
    `acceptable` are orders that `accept` would end by fills that are set aside; `foreseen` says
    what that would come to. `note` is a sentence for people, or empty.
    """

    places: Places
    label: str
    seed: int | None
    time: Instant
    trading_state: TradingState
    collected: Collected
    currency: str
    trader: str
    note: str
    acceptable: tuple[FillsAccepted, ...]
    foreseen: tuple[str, ...]

    @property
    def is_read_only(self) -> bool:
        """Whether this was looking alone."""
        return bool(self.trader)


def reconcile(choice: Choice, lookback: timedelta | None) -> Reconciliation:
    """Book what the venue has and the ledger has not, and compare the two.

    `lookback` is how far back orders and fills are read; None leaves it to the policy. Beside a
    running trader nothing is booked: it does that itself, and the answer says who it is.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as for every command on a book.
    """
    settings, places = choice.settle()
    if not places.journal.exists():
        raise nothing_yet(places)
    guard = InstanceGuard(places.data)
    try:
        guard.take(since=str(wall_clock()))
    except AlreadyRunning:
        trader = str(guard.holder() or "a process that left no name")
        with opened(choice) as book:
            return _looked_at(book, lookback, trader)
    with ExitStack() as stack:
        stack.callback(guard.release)
        return _made(choice, settings, places, lookback)


def accept(choice: Choice, reason: str, prices: Sequence[str] = ()) -> tuple[str, ...]:
    """Book what a person moved at the venue as capital, as foreign or as sold; a sentence each.
    Orders end of which all that lacks is fills that are set aside, if the journal says so already:
    `reconcile` showed what that comes to.

    `prices` are those of lots that were sold, `BTC-USD=64000`, where no fill of the venue tells.

    A running trader does it itself, else this process. What it halted stays halted.

    Raises:
        UsageError: the book does not exist yet, or there is no reason.
        NotAllowed: there is nothing of the kind to accept, or the trader does not answer.
        SettingsInvalid, StorageError, FeedMismatch, VenueError: as for every command on a book.
    """
    if not reason.strip():
        raise UsageError("a movement is accepted for a reason", hint='--reason "what happened"')
    stated = " ".join(prices)
    prices_in(stated)
    settings, places = choice.settle()
    if not places.journal.exists():
        raise nothing_yet(places)
    with opened(choice) as book:
        shown = endings(book.portfolio(), book.journal.set_aside)
    orders = [each.client_order_id for each in shown]
    guard = InstanceGuard(places.data)
    try:
        guard.take(since=str(wall_clock()))
    except AlreadyRunning:
        return (_accepted_by_trader(places, reason.strip(), stated, " ".join(orders)),)
    with ExitStack() as stack:
        stack.callback(guard.release)
        with attended(choice, settings, places) as trader:
            trader.startup.recover()
            try:
                accepted = trader.accepting.accept(
                    reason.strip(), prices=prices_in(stated), orders=orders, is_alone=True
                )
            finally:
                trader.ledger.record(SessionEnded(trader.ledger.portfolio.epoch, "accepted"))
                trader.journal.save_portfolio(trader.ledger.portfolio)
            return tuple(sentence_of(movement) for movement in accepted)


def _accepted_by_trader(places: Places, reason: str, prices: str, orders: str) -> str:
    answer = ask(
        places.data,
        CommandKind.ACCEPT_MOVEMENT,
        {"reason": reason, "prices": prices, "orders": orders, "operator": operator()},
        seconds_max=ANSWERED_WITHIN.total_seconds(),
    )
    if answer is None:
        raise NotAllowed(
            "the trader did not answer, and the request was taken back",
            hint="it may be stopped or hanging: trader247 unlock shows it",
        )
    if not answer.is_done:
        raise NotAllowed(answer.text)
    return answer.text


def _made(
    choice: Choice, settings: Settings, places: Places, lookback: timedelta | None
) -> Reconciliation:
    with attended(choice, settings, places) as trader:
        start = trader.startup.recover()
        alone = trader.reconciler.collect(overlap=lookback, is_alone=True)
        collected = start.collected.plus(alone)
        trader.ledger.record(SessionEnded(trader.ledger.portfolio.epoch, "reconciled"))
        trader.journal.save_portfolio(trader.ledger.portfolio)
        acceptable = trader.accepting.offered(_REASON)
        is_assumed = (
            places.mode is not Mode.LIVE
            and not places.has_exchange
            and credentials_of(choice, settings, places) is None
        )
        return Reconciliation(
            places=places,
            label=trader.label,
            seed=trader.seed,
            time=trader.clock.now(),
            trading_state=trader.ledger.portfolio.trading_state,
            collected=collected,
            currency=trader.policy.quote_currency,
            trader="",
            note=_ASSUMED if is_assumed else "",
            acceptable=acceptable,
            foreseen=foreseen(trader.ledger.portfolio, acceptable),
        )


def _looked_at(book: Book, lookback: timedelta | None, trader: str) -> Reconciliation:
    if book.exchange is None:
        portfolio = book.portfolio()
        standing = tuple(portfolio.differences.values())
        note = _ASSUMED if book.is_assumed else ""
    else:
        venue = readonly_venue(simulated_client(book.exchange))
        portfolio, standing = differences(book, venue, lookback)
        note = ""
    acceptable = endings(portfolio, book.journal.set_aside, _REASON)
    return Reconciliation(
        places=book.places,
        label=book.label,
        seed=book.seed,
        time=book.now(),
        trading_state=portfolio.trading_state,
        collected=Collected(
            breaks=tuple(each for each in standing if each.is_break),
            pending=tuple(each for each in standing if not each.is_break),
        ),
        currency=book.policy.quote_currency,
        trader=trader,
        note=note,
        acceptable=acceptable,
        foreseen=foreseen(portfolio, acceptable),
    )


def differences(
    book: Book, venue: Venue, lookback: timedelta | None
) -> tuple[Portfolio, tuple[Difference, ...]]:
    """What differs now; ledger and venue move between two looks, so that a break takes several."""
    for _ in range(READINGS_MAX):
        back = lookback or book.policy.execution.overlap_minutes * MINUTE
        orders = venue.orders(book.now() - max(back, LOOKBACK_MIN))
        balances = venue.balances()
        portfolio, now = book.portfolio(), book.now()
        news = compare(
            portfolio,
            balances,
            _strangers(orders, portfolio),
            now,
            book.policy,
            is_alone=False,
            orders=orders,
        )
        standing = dict(portfolio.differences)
        for each in news:
            known = standing.pop(each.key, None)
            if isinstance(each, DifferenceFound):
                since = now if known is None else known.since
                standing[each.key] = Difference(
                    each.key, each.ledger, each.venue, since, each.is_break
                )
        if not any(each.is_break for each in standing.values()):
            break
    return portfolio, tuple(standing.values())


def _strangers(orders: tuple[Order, ...], portfolio: Portfolio) -> tuple[Order, ...]:
    """Orders that the ledger does not remember; those that ended lately are no strangers."""
    return tuple(each for each in orders if each.client_order_id not in portfolio.settled)


_ASSUMED = (
    "there is no key, so the account of this book is assumed: the venue has nothing of it to "
    "compare with"
)
