"""Ten looks at venue and set-up. Nothing here can send an order or change a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.books.choice import Choice
from trader247.app.books.markets import Market, is_begun
from trader247.app.books.modes import VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import Book, bound_market, opened, viewed_exchange
from trader247.app.settings.load import Settings
from trader247.app.venue.client import client_at
from trader247.app.venue.endpoint import endpoint_for
from trader247.app.venue.looking import simulated_client
from trader247.app.venue.smoke_checks import Answer, Result, SmokeChecks
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.simex.embedded import Embedded

IDS = (
    "connection",
    "accounts",
    "quotes",
    "candles",
    "book",
    "universe",
    "reconciliation",
    "preview",
    "breakers",
    "clock",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer; `reason` says what was found, in a few words."""

    id: str
    result: Result
    reason: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class SmokeReport:
    """All ten answers, in their order. `remarks` are warnings of the configuration."""

    venue: VenueName
    label: str
    seed: int | None
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]
    note: str = ""
    """Where the passed test was kept as evidence; empty where it is none."""

    @property
    def passed(self) -> bool:
        """Whether all ten passed, none of them skipped."""
        return all(each.result is Result.PASS for each in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The checks that failed."""
        return tuple(each for each in self.findings if each.result is Result.FAIL)

    @property
    def skipped(self) -> tuple[Finding, ...]:
        """The checks that could not be made."""
        return tuple(each for each in self.findings if each.result is Result.SKIPPED)

    @property
    def is_unreachable(self) -> bool:
        """Whether the venue itself could not be reached."""
        return any(each.id == "connection" for each in self.failed)


def smoke(choice: Choice) -> SmokeReport:
    """Make the ten checks on the chosen venue, beside a running trader.

    On `sim` the book's exchange is looked at; where there is none, one is made in memory and
    forgotten. LIVE on `sim` looks at the served one, and coinbase at Coinbase or what stands in for
    it, with a key where one was given.

    Raises:
        SettingsInvalid: the configuration cannot be used.
        UsageError, UnsafePermission, KeyRejected: the key that was given cannot be used.
        StorageError: the book is there and cannot be read.
    """
    settings, places = choice.settle_to_look()
    with _bench(choice, settings, places) as bench:
        report = SmokeReport(
            venue=places.venue,
            label=bench.label,
            seed=bench.seed,
            findings=_findings(bench),
            remarks=tuple(str(each) for each in settings.warnings),
        )
    if not report.passed or places.is_embedded:
        return report
    # Without evidence to keep, nothing of what writes a journal need be loaded.
    from trader247.app.granting.noting import note_smoke

    feed = endpoint_for(settings.app, places).evidence
    note = note_smoke(choice, places, feed=feed, policy_hash=settings.policy.hash)
    return replace(report, note=note)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What is looked at; `book` is None where nothing was traded yet.

    `is_whole` where every product of the venue is there, as a tape's are not.
    """

    label: str
    seed: int | None
    client: CoinbaseClient
    policy: Policy
    book: Book | None
    is_whole: bool


@contextmanager
def _bench(choice: Choice, settings: Settings, places: Places) -> Iterator[_Bench]:
    with ExitStack() as stack:
        book = stack.enter_context(opened(choice)) if _has_book(places) else None
        policy = settings.policy if book is None else book.policy
        if not places.is_embedded:
            endpoint = endpoint_for(settings.app, places)
            client = client_at(choice, settings, places, endpoint, stack)
            yield _Bench(
                endpoint.label, None, client, policy, book, is_whole=not endpoint.is_simulated
            )
            return
        seed: int | None = settings.app.sim_seed
        if book is not None and book.exchange is not None:
            exchange, seed = book.exchange, book.seed
        elif is_begun(places):
            exchange, seed = viewed_exchange(places), bound_market(settings, places).seed
            stack.callback(exchange.close)
        else:
            market = Market(settings.app.sim_seed, settings.app.sim_start, None)
            funding = {settings.app.quote_currency: settings.app.paper_equity.value}
            exchange = Embedded.open(":memory:", market.feed(), funding)
            stack.callback(exchange.close)
        yield _Bench(
            exchange.label,
            seed,
            simulated_client(exchange),
            policy,
            book,
            is_whole=seed is not None,
        )


def _has_book(places: Places) -> bool:
    is_whole = not places.has_exchange or is_begun(places)
    return is_whole and places.journal.exists()


def _findings(bench: _Bench) -> tuple[Finding, ...]:
    clock = SystemClock()
    checks = SmokeChecks(bench.client, bench.policy, bench.book, is_whole=bench.is_whole)
    asks: dict[str, Callable[[], Answer]] = {name: getattr(checks, name) for name in IDS}
    found: list[Finding] = []
    for name, ask in asks.items():
        begin = clock.monotonic()
        if found and found[0].result is Result.FAIL:
            result, reason = Result.SKIPPED, "no connection"
        else:
            try:
                result, reason = ask()
            except VenueError as error:
                result, reason = Result.FAIL, str(error)
        elapsed = (clock.monotonic() - begin) // timedelta(milliseconds=1)
        found.append(Finding(name, result, reason, elapsed))
    return tuple(found)
