"""A book's trader for a command that does not trade: to compare, to cancel, to arm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

from trader247.adapters.inbox import FileInbox
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.books.markets import is_begun
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.books.reading import bound_market
from trader247.app.granting.granting import credentials_of
from trader247.app.outside.telling import Telling
from trader247.app.running.account_lock import account_lock
from trader247.app.running.patience import expect_own_account, patiently
from trader247.app.settings.load import Settings
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import observed, simulated
from trader247.app.wiring.live import attending
from trader247.app.wiring.mirror import mirrored
from trader247.app.wiring.world import MACHINE, World
from trader247.domain.errors import StorageError
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant


@contextmanager
def attended(
    choice: Choice,
    settings: Settings,
    places: Places,
    *,
    is_sending: bool = False,
    world: World = MACHINE,
) -> Iterator[Trader]:
    """The book's trader, with the guard in our hands; its market stands still.

    No order is sent, unless `is_sending`: then a live book takes what trading on it takes. A live
    book takes its account in any case: no trader of another folder has it meanwhile.

    Raises:
        AlreadyRunning: a trader of another folder trades the account.
        NotAllowed: a live book, and no key was given.
        StorageError, FeedMismatch, KeyRejected, VenueError: as for whoever trades on it.
    """
    with ExitStack() as stack:
        inbox = FileInbox(places.data)
        inbox.sweep()
        telling = Telling(settings.app, places, inbox, world)
        stack.callback(telling.close)
        kill = KillSwitch(places.data)
        around = Surroundings(kill, inbox, telling, _unreported, _unproven, world.passing)
        interval = timedelta(seconds=settings.app.interval_seconds)
        if places.has_exchange and not is_begun(places):
            raise StorageError(
                f"{places.exchange} is gone: there is nothing left to compare the ledger with",
                hint="restore the file, or begin anew with trader247 run --fresh",
            )
        if places.mode is Mode.LIVE:
            trader = attending(
                choice, settings, places, around, interval, is_sending=is_sending, world=world
            )
        elif places.is_mirrored:
            trader = mirrored(
                settings,
                places,
                around,
                interval=interval,
                credentials=None,
                is_reach_needed=False,
            )
        elif places.is_embedded:
            market = bound_market(settings, places)
            trader = simulated(settings, places, market, around, speed=None, interval=interval)
        else:
            trader = observed(
                settings,
                places,
                around,
                interval=interval,
                credentials=credentials_of(choice, settings, places),
            )
        is_clean = False
        try:
            telling.resume(trader.journal, trader.ledger.portfolio)
            expect_own_account(trader, is_stopped=around.stop.is_raised)
            if trader.key_watch is not None:
                # What rests there under our name and is not in this journal would be ended.
                stack.enter_context(account_lock(_account_of(trader, kill, world)))
            yield trader
            is_clean = True
        finally:
            telling.close()
            with suppress(StorageError):
                trader.journal.record_deliveries(inbox.deliveries())
            trader.close(is_clean=is_clean)


def _account_of(trader: Trader, stop: KillSwitch, world: World) -> str:
    """Whose books it is about to read, before it reads them."""
    if world.beneath is not None:
        return world.beneath.account
    assert trader.key_watch is not None, "a live book watches its key"
    return patiently(trader, trader.key_watch.account, is_stopped=stop.is_raised)


def _unreported(report: CycleReport, due: Instant) -> None:
    """No cycle is run here."""


def _unproven(is_clear: bool, kept: int) -> None:
    """No book is cleared here."""
