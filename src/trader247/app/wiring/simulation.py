"""The embedded exchange as the engine's world: its clock, its tape's end, its store's failures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from trader247.adapters.ids import new_install
from trader247.app.books.places import Places
from trader247.domain.errors import EpochLost, FeedMismatch, StorageError, TapeEnded
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant
from trader247.simex import errors
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.feed import Feed, FeedEnded
from trader247.simex.feeds.replay import ReplayFeed

_NAME_DIGITS = 16
_LISTS_NOTHING = (
    "this market lists no product of universe.yaml, and nothing can be traded: its products are "
    "quoted in USD; --replay has candles of yours, --venue coinbase the venue's own prices"
)
_HINT = "free the disk, or mend it, then start again"


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
        raise storage_failed(error) from error


def named(exchange: Embedded) -> str:
    """What tells it from other exchanges on the same market: given the first time it is asked for.

    Raises:
        StorageError: its store did not take it.
    """
    try:
        return exchange.named(new_install()[:_NAME_DIGITS])
    except errors.StoreFailed as error:
        raise storage_failed(error) from error


def now_at(exchange: Embedded) -> Instant:
    """The exchange's time.

    Raises:
        StorageError: its store cannot be read.
    """
    try:
        return Instant(exchange.now_us)
    except errors.StoreFailed as error:
        raise storage_failed(error) from error


def advance(exchange: Embedded, when: Instant) -> None:
    """Let the exchange's time pass until `when`.

    Raises:
        TapeEnded: the market ends before that.
        StorageError: its store did not take it; nothing has happened.
    """
    try:
        exchange.advance(when.us)
    except FeedEnded as error:
        raise TapeEnded("the tape has ended") from error
    except errors.StoreFailed as error:
        raise storage_failed(error) from error


def remarks_on(feed: Feed, products: Collection[ProductId]) -> tuple[str, ...]:
    """What a person should know of a market before any of `products` is traded on it.

    What was found in a tape, and how much history precedes the trading.
    """
    if not isinstance(feed, ReplayFeed):
        listed = {each.product_id for each in feed.listings}
        return () if any(str(each) in listed for each in products) else (_LISTS_NOTHING,)
    found = tuple(str(report) for report in feed.reports)
    if feed.is_warmed_up:
        return found
    return (*found, "the tape is short: 26 h of history instead of 8 days, so the regime is chop")


def minutes_left(feed: Feed, now: Instant) -> int | None:
    """Minutes that a tape still has; None for a market without an end."""
    return None if feed.last_minute is None else max(0, feed.last_minute - now.minute)


def storage_failed(error: errors.StoreFailed) -> StorageError:
    """What the failure of an exchange's store is to the trader."""
    if isinstance(error, errors.WriterLost):
        return EpochLost(
            str(error), hint="another trader247 runs on this data folder: see trader247 unlock"
        )
    return StorageError(str(error), hint=_HINT)
