"""What really happened on a book, as a report: read from its journal, beside its trader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import Since
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import nothing_yet
from trader247.app.books.reading import Book, opened
from trader247.app.garbage import nothing_collected
from trader247.app.past.cycle import adopted_limits, limits_before, portfolio_before
from trader247.app.reports.files import Written, write_report
from trader247.core.booking import fold
from trader247.core.figures.steps import step_for
from trader247.domain.errors import UsageError
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Bps, plain
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.report.listening import Listener
from trader247.report.report import Report, report_of
from trader247.report.story import Assumption, DataFile, Origin, PriceBars, Story
from trader247.report.tape import PriceTape

Progress = Callable[[int, int], None]
"""Told how many of how many events are read, after each cycle."""


def reported(choice: Choice, *, since: Since, progress: Progress) -> Report:
    """The chosen book's report, from `since` on.

    Raises:
        UsageError: the book does not exist yet, or nothing was decided in the period.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
        LedgerError: the journal contradicts itself.
    """
    with opened(choice) as book, nothing_collected(is_last=True):
        return report_of(_story(book, _begin(since, book.now()), progress))


def written(choice: Choice, report: Report, folder: Path | None) -> Written:
    """Write report.json and report.html into `folder`, or among the book's own reports.

    Raises:
        StorageError: the disk did not take them.
        UnsafePermission: the folder is someone else's.
    """
    _, places = choice.settle_to_look()
    return write_report(report, folder or places.data / "reports" / places.book)


def _begin(since: Since, now: Instant) -> Instant | None:
    return since if since is None or isinstance(since, Instant) else now - since


def _story(book: Book, since: Instant | None, progress: Progress) -> Story:
    journal = book.journal
    first = next(journal.events(since=since), None)
    if first is None:
        raise _nothing_since(book, since)
    seq = first.row.seq
    start = portfolio_before(journal, seq) if seq > 1 else Portfolio()
    policy = limits_before(journal, seq) if start.policy_hash else None
    listener = Listener(start, policy, policy_of=adopted_limits)
    # No period begins before its book did.
    begin = since if since is not None and seq > 1 else Instant.parse(first.row.time)
    portfolio, last, seen = start, begin, list[SegmentRef]()
    day, newest, events = "", None, journal.head.seq - seq + 1
    version = ""
    for recorded in journal.briefly(seq - 1):
        before, portfolio = portfolio, fold(portfolio, recorded)
        listener.take(recorded, before, portfolio)
        event = recorded.event
        if isinstance(event, SessionStarted):
            version = event.code_version
        elif isinstance(event, CycleDecided):
            last = event.at
            newest = event.seen
            if str(event.at)[:10] != day:
                # The first frame of a day needs none before it, and holds the day before.
                day = str(event.at)[:10]
                seen.append(event.seen)
            progress(recorded.seq - seq + 1, events)
    if newest is None:
        raise _nothing_since(book, since)
    story = listener.told(_origin(book, version), portfolio, begin=begin, until=last)
    return replace(
        story,
        prices=_prices(book, [*seen, newest], story),
        assumptions=_assumptions(book, portfolio, story),
        data=(DataFile(book.places.journal.name, book.label, journal.head.hash),),
    )


def _nothing_since(book: Book, since: Instant | None) -> UsageError:
    if since is None:
        return nothing_yet(book.places)
    return UsageError(
        f"no cycle was decided since {since}",
        hint="an earlier --since, or none, shows more; trader247 status says how old the book is",
    )


def _origin(book: Book, version: str) -> Origin:
    places = book.places
    return Origin(
        title=f"{places.mode.value} on {places.venue.value}",
        market=book.label,
        currency=book.settings.policy.quote_currency,
        code_version=version,
        seed=book.seed,
        is_real_money=_is_real(book),
    )


def _prices(book: Book, seen: list[SegmentRef], story: Story) -> Mapping[ProductId, PriceBars]:
    tape = PriceTape(step=step_for(story.end - story.begin))
    for ref in seen:
        for product, view in book.journal.snapshot_of(ref).views.items():
            if view.bars is not None and len(view.bars):
                tape.take(product, view.bars)
    return tape.bars()


def _pct(rate: Bps) -> str:
    """A rate as a backtest says it."""
    return f"{plain(CONTEXT.divide(rate.value, Decimal(100)))} %"


def _assumptions(book: Book, portfolio: Portfolio, story: Story) -> tuple[Assumption, ...]:
    is_real = story.origin.is_real_money
    tier = portfolio.fee_tier
    fees = "not read yet"
    if tier is not None:
        rates = f"maker {_pct(tier.maker)}, taker {_pct(tier.taker)}"
        fees = f"as charged; at the end {tier.name}: {rates}"
    return (
        Assumption("data", book.label, is_warning=not is_real),
        Assumption("fees", fees),
        Assumption("fills", _fill_model(book)),
        Assumption(
            "equity",
            "cash, and what is held at the bid less the taker fee; flows are no profit",
        ),
        Assumption("days", "UTC, of 365 a year; the risk-free rate is 0"),
    )


def _fill_model(book: Book) -> str:
    places = book.places
    if places.mode is Mode.DRY_RUN:
        return "none: orders are declined, nothing is traded"
    if places.is_mirrored:
        return (
            "a resting order fills when a one-minute bar trades through its limit by a tick, up to "
            "a share of that bar's volume; a taker walks the mirrored book once"
        )
    if _is_real(book):
        return "as the venue booked them"
    return (
        "by the simulated exchange's book: price and time priority against its market's depth; "
        "real books are less kind"
    )


def _is_real(book: Book) -> bool:
    return book.places.mode is Mode.LIVE and book.places.venue is VenueName.COINBASE
