"""Arming a live book: a person types the account's name, and orders may go to it for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.adapters.files import private_folder
from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.granting.granting import expect_all, live_key, prepared
from trader247.app.granting.program import major_minor
from trader247.app.people.attending import attended
from trader247.app.people.operator import operator
from trader247.app.settings.load import Settings
from trader247.app.wiring.assembly import Trader
from trader247.app.wiring.world import MACHINE, World
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed, UsageError, VenueUnreachable
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.people import Armed
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import DAY, Instant

VALID_FOR = 30 * DAY


@dataclass(frozen=True, slots=True)
class Arming:
    """What a person is to read before they arm: the book, the account, and what may be sent.

    `account` is the id of the venue's portfolio, `account_name` what the venue calls it. `largest`
    is the largest entry now; `is_canary` says whether the canary stage sets it.
    """

    places: Places
    label: str
    account: str
    account_name: str
    equity: Money
    currency: str
    largest: Money
    ladder_since: Instant
    is_canary: bool
    policy: Policy
    until: Instant

    def is_named(self, typed: str) -> bool:
        """Whether somebody typed this very account."""
        return typed.strip() in (self.account, self.account_name) and typed.strip() != ""


def arm(choice: Choice, typed: Callable[[Arming], str]) -> Arming:
    """Let the book send orders for 30 days; `typed` shows what is armed and asks for the account.

    Raises:
        UsageError: the mode is another one.
        NotAllowed: something is missing, or what was typed is another account.
        AlreadyRunning: a trader runs on the folder.
        VenueError, StorageError, KeyRejected: the venue, a file or the key cannot be used.
    """
    settings, places = _live(choice)
    expect_all(prepared(settings, places, live_key(choice, settings, places)))
    with _recovered(choice, settings, places) as (trader, now):
        arming = _arming(trader, now)
        if not arming.is_named(typed(arming)):
            raise NotAllowed(
                "nothing was armed: what was typed is not this account",
                hint=f"type {arming.account_name!r} or {arming.account} when asked; a script says "
                "--yes-i-mean PORTFOLIO",
            )
        trader.ledger.record(_armed(arming, operator()))
    return arming


def arm_simulated(choice: Choice, world: World, *, valid_for: timedelta = VALID_FOR) -> str:
    """Arm a book whose whole world is simulated, as a person would; answers its account.

    `valid_for` may be shorter there: no simulation lasts until an arming ends.

    Raises:
        As `arm` does, but for what a person must have shown: nobody's money is in it.
    """
    settings, places = _live(choice)
    with _recovered(choice, settings, places, world) as (trader, now):
        arming = _arming(trader, now)
        until = min(arming.until, Instant.from_seconds((now + valid_for).seconds))
        trader.ledger.record(_armed(replace(arming, until=until), "simulation"))
    return arming.account


def _armed(arming: Arming, by: str) -> Armed:
    return Armed(
        account=arming.account,
        policy_hash=arming.policy.hash,
        version=major_minor(),
        largest=arming.largest,
        ladder_since=arming.ladder_since,
        until=arming.until,
        operator=by,
    )


def _live(choice: Choice) -> tuple[Settings, Places]:
    settings, places = choice.settle()
    if places.mode is not Mode.LIVE:
        raise UsageError(
            f"{places.mode.value} needs no arming",
            hint="trader247 arm --mode live, with app.mode: LIVE",
        )
    return settings, places


@contextmanager
def _recovered(
    choice: Choice, settings: Settings, places: Places, world: World = MACHINE
) -> Iterator[tuple[Trader, Instant]]:
    """The book's trader, its books read: the first reading of an account begins the journal.

    With it, the venue's time: by a clock that is ahead until it is put right, an arming would last
    that much longer.
    """
    private_folder(places.data)
    guard = InstanceGuard(places.data)
    guard.take(since=str(world.clock.now()), book=places.book)
    try:
        with attended(choice, settings, places, world=world) as trader:
            # Nothing may be begun for a venue that is not there.
            now = trader.venue.time()
            trader.startup.recover()
            try:
                assert trader.key_watch is not None, "a live trader watches its key"
                trader.key_watch.begin()
                yield trader, now
            finally:
                trader.ledger.record(SessionEnded(trader.ledger.portfolio.epoch, "arming"))
                trader.journal.save_portfolio(trader.ledger.portfolio)
    finally:
        guard.release()


def _arming(trader: Trader, now: Instant) -> Arming:
    portfolio, policy = trader.ledger.portfolio, trader.policy
    equity = _equity(portfolio)
    if equity is None:
        raise VenueUnreachable(
            "the account's equity is unknown, and with it the largest order",
            hint="`trader247 reconcile --mode live` says what the venue answers",
        )
    account, venue = portfolio.pinned, trader.venue
    assert isinstance(venue, CoinbaseVenue), "a live book is at the venue itself"
    canary = check_in(policy.checks, Canary)
    is_canary = canary.is_small(equity)
    largest = check_in(policy.checks, MaxOrder).cap(equity, canary if is_canary else None)
    assert largest is not None, "known equity has a cap"
    since = now
    if portfolio.stage is not None:
        # Arming again goes on with the ladder that is climbed: it does not begin a higher one.
        largest, since = portfolio.stage.largest, portfolio.stage.ladder_since
    return Arming(
        places=trader.places,
        label=trader.label,
        account=account,
        account_name=venue.portfolio_name(account),
        equity=equity,
        currency=policy.quote_currency,
        largest=largest,
        ladder_since=since,
        is_canary=is_canary,
        policy=policy,
        # To the second: people read it.
        until=Instant.from_seconds((now + VALID_FOR).seconds),
    )


def _equity(portfolio: Portfolio) -> Money | None:
    """What the book is worth: where nothing is held that is its cash, else its last measure."""
    return portfolio.equity.equity if portfolio.holdings else portfolio.cash
