"""A start that does not fail by one answer that got lost, and that ends in order if it fails.

A supervisor starts a trader again; but a venue that answers one request in fifty with a
502 would then end every other start, and each would count as a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from trader247.app.wiring.assembly import Trader
from trader247.domain.errors import (
    KeyRejected,
    NotAllowed,
    ReadAborted,
    StorageError,
    VenueError,
)
from trader247.domain.events.book import SessionEnded

T = TypeVar("T")

PAUSES = (timedelta(milliseconds=500), timedelta(milliseconds=1_500))
"""Between the tries: with the transport's own bounds, half a minute in all at the very worst."""
_NOT_BEGUN = "not begun"


def patiently(trader: Trader, ask: Callable[[], T], *, is_stopped: Callable[[], bool]) -> T:
    """Ask the venue, and twice more if it does not answer as it should.

    Raises:
        KeyRejected: it refuses the key: asking again would not help.
        VenueError: as the last try ended.
    """
    for pause in PAUSES:
        try:
            return ask()
        except KeyRejected:
            raise
        except VenueError:
            trader.clock.wait_until(trader.clock.now() + pause, is_stopped)
    return ask()


def expect_own_account(trader: Trader, *, is_stopped: Callable[[], bool]) -> None:
    """See that the key reaches the book's account, before what it shows is taken for the book's.

    Raises:
        KeyRejected: it reaches another one.
        VenueError: the venue does not say which.
    """
    if trader.key_watch is not None:
        patiently(trader, trader.key_watch.expect_own, is_stopped=is_stopped)


def begun(trader: Trader, begin: Callable[[], T]) -> T:
    """Start a trader. One that comes to nothing ends in order: it sent no order, and is no crash.

    The end of whoever came before it stays what it was.
    """
    try:
        return begin()
    except (VenueError, NotAllowed, ReadAborted):
        _end(trader)
        raise


def _end(trader: Trader) -> None:
    portfolio = trader.ledger.portfolio
    is_ours = portfolio.is_session_open and portfolio.epoch == trader.journal.epoch
    # A disk that does not take it is the next start's to find, as after any crash.
    with suppress(StorageError):
        if is_ours:
            trader.ledger.record(SessionEnded(portfolio.epoch, _NOT_BEGUN))
            trader.journal.save_portfolio(trader.ledger.portfolio)
