"""Which simulated market a book is on: chosen once, remembered beside the journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trader247.adapters.files import write_atomically
from trader247.app.books.places import Places
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import FeedMismatch, StorageError, UsageError
from trader247.domain.time import Instant
from trader247.simex.embedded import Embedded
from trader247.simex.errors import StoreFailed
from trader247.simex.feeds.feed import Feed
from trader247.simex.feeds.tape_file import TapeUnusable


@dataclass(frozen=True, slots=True)
class Market:
    """A synthetic market by its seed and start, or a replay by the path of its tape."""

    seed: int | None
    start: Instant | None
    replay: Path | None

    def feed(self) -> Feed:
        """The market itself.

        Raises:
            UsageError: the tape cannot be read or is too short.
        """
        # Both are drawn or read by numpy: who only asks which market it is does not wait for it.
        if self.replay is not None:
            try:
                from trader247.simex.feeds.replay import ReplayFeed

                return ReplayFeed(self.replay)
            except TapeUnusable as error:
                hint = error.hint or "see docs/operating.md, Replays"
                raise UsageError(str(error), hint=hint) from error
        assert self.seed is not None, "a market is a seed or a tape"
        assert self.start is not None, "a synthetic market starts somewhere"
        from trader247.simex.feeds.synthetic import SyntheticFeed

        return SyntheticFeed(self.seed, self.start.us)


def choose(
    places: Places, *, seed: int | None, replay: Path | None, default_seed: int, start: Instant
) -> Market:
    """The market to trade on: the one that the book is bound to, else the one asked for.

    Raises:
        FeedMismatch: the book is bound to another market than the one asked for.
        UsageError: both a seed and a tape are asked for.
    """
    if seed is not None and replay is not None:
        raise UsageError(
            "--seed and --replay exclude each other: a replayed market has no seed",
            hint="leave one of them out",
        )
    bound = _bound(places) if is_begun(places) else None
    if bound is None:
        if replay is not None:
            return Market(seed=None, start=None, replay=replay.resolve())
        return Market(seed=default_seed if seed is None else seed, start=start, replay=None)
    if (seed is not None and seed != bound.seed) or (
        replay is not None and replay.resolve() != bound.replay
    ):
        asked = f"seed {seed}" if seed is not None else f"the tape {replay}"
        raise FeedMismatch(
            f"{places.journal} was begun on {_described(bound)}; {asked} is another market",
            hint="use another --data folder, or --fresh to archive this book and begin anew",
        )
    return bound


def is_begun(places: Places) -> bool:
    """Whether the book's exchange exists: one that was cut short while it was made does not.

    Raises:
        StorageError: the exchange's file cannot be read.
    """
    return _orders_ever(places) is not None


def expect_whole(places: Places) -> None:
    """Refuse half a book: a journal and its exchange are of no use without each other.

    The exchange is made first, so no crash leaves a journal alone; and orders are journalled
    before they are sent, so none leaves an exchange that traded alone.

    Raises:
        StorageError: one of the two was lost.
    """
    orders = _orders_ever(places)
    has_journal = places.journal.exists() and places.journal.stat().st_size > 0
    if has_journal and orders is None:
        raise StorageError(
            f"{places.journal} has lost its exchange: there is none in {places.exchange}",
            hint="put the file back, or begin anew with --fresh",
        )
    if orders and not has_journal:
        raise StorageError(
            f"{places.exchange} holds {orders} orders, but their journal {places.journal} is gone",
            hint="trader247 state restore brings a backup back; --fresh begins anew",
        )


def _orders_ever(places: Places) -> int | None:
    try:
        return Embedded.orders_ever(places.exchange)
    except StoreFailed as error:
        raise StorageError(
            str(error), hint="free the disk, or mend it, and ask again; --fresh begins another book"
        ) from error


def bind(places: Places, market: Market) -> None:
    """Remember the book's market: before its exchange is made, which a crash may cut short.

    Raises:
        StorageError: the disk did not take it.
    """
    body = {
        "seed": market.seed,
        "start": None if market.start is None else str(market.start),
        "replay": None if market.replay is None else str(market.replay),
    }
    write_atomically(places.market, json.dumps(body, sort_keys=True).encode())


def _bound(places: Places) -> Market | None:
    try:
        return _parsed(json.loads(places.market.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise StorageError(
            f"{places.market} does not say which market this book is on: {error}",
            hint="restore the file, or begin anew with --fresh",
        ) from error


def _parsed(body: Any) -> Market:
    """Raises ValueError, KeyError, TypeError: it is no market."""
    seed, start, replay = body["seed"], body["start"], body["replay"]
    if replay is not None:
        return Market(seed=None, start=None, replay=Path(replay))
    if type(seed) is not int:
        raise ValueError(f"neither a seed nor a tape: {seed!r}")
    market = Market(seed=seed, start=Instant.parse(start), replay=None)
    market.feed()  # refuses a seed or a start that no market has
    return market


def _described(market: Market) -> str:
    if market.replay is not None:
        return f"the tape {market.replay}"
    return f"the synthetic market of seed {market.seed}"
