"""PAPER on another venue's prices: a whole trader on a mirrored market, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.app.small_books import NoPost, NoStop, Told

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import opened
from trader247.app.books.verifying import verified
from trader247.app.people.estimating import quoting_client
from trader247.app.serving.books import Listing, sim_books
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue.endpoint import COINBASE
from trader247.app.venue.looking import NoOrders
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.mirror import mirrored
from trader247.domain.errors import FeedMismatch, VenueUnreachable
from trader247.domain.events.orders import FillBooked
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.synthetic import SyntheticFeed

SEED = 496
CYCLES = 24


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Embedded]:
    """Another exchange, whose time passes when somebody waits."""
    start = load_settings(SHIPPED).app.sim_start
    feed = SyntheticFeed(SEED, start.us)
    with closing(Embedded.open(":memory:", feed, {"USD": Decimal(0)})) as exchange:
        yield exchange


@contextmanager
def trader(
    data: Path, elsewhere: Embedded, *, config: Path = SHIPPED, is_reach_needed: bool = True
) -> Iterator[Trader]:
    data.mkdir(mode=0o700, exist_ok=True)
    clock = PacedClock(
        now=lambda: Instant(elsewhere.now_us),
        advance=lambda when: elsewhere.advance(when.us),
        speed=None,
    )
    # The budget of a market whose time stands still must not make it pass.
    budget = RateBudget(
        clock=clock, is_stopped=lambda: False, reads_per_second=10**5, cancels_per_second=10
    )
    client = CoinbaseClient(
        elsewhere.adapter(), None, clock=clock, permit=NoOrders(), budget=budget
    )
    made = mirrored(
        load_settings(config),
        Places(data, Mode.PAPER, VenueName.COINBASE),
        Surroundings(NoStop(), NoPost(), Told(), _ignore, lambda is_clear, kept: None),
        interval=timedelta(seconds=60),
        credentials=None,
        is_reach_needed=is_reach_needed,
        client=client,
    )
    try:
        made.startup.recover()
        yield made
    finally:
        made.close(is_clean=True)


def _ignore(report: CycleReport, due: Instant) -> None: ...


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory, elsewhere: Embedded) -> Path:
    """A paper book after 24 minutes, in two tenures."""
    data = tmp_path_factory.mktemp("mirrored") / "data"
    with trader(data, elsewhere) as first:
        first.loop.run(cycles=CYCLES // 2, until=None)
    with trader(data, elsewhere) as second:
        second.loop.run(cycles=CYCLES - CYCLES // 2, until=None)
    assert not elsewhere.orders_json()["orders"], "no order leaves for the venue"
    return data


@pytest.fixture
def choice(traded: Path) -> Choice:
    return Choice(config=SHIPPED, data=traded, mode=Mode.PAPER, venue=VenueName.COINBASE)


def test_it_trades_on_paper_and_the_exchange_has_the_same_books(
    traded: Path, choice: Choice, elsewhere: Embedded
) -> None:
    fills = sim_books(choice, Listing.FILLS).rows
    assert {each["liquidity_indicator"] for each in fills} >= {"MAKER"}
    with trader(traded, elsewhere, is_reach_needed=False) as again:
        booked = [
            each.event for each in again.journal.events() if isinstance(each.event, FillBooked)
        ]
        assert sorted(each.fill.entry_id for each in booked) == sorted(
            each["entry_id"] for each in fills
        )
        assert again.label.startswith("MIRRORED MARKET")
        assert again.ledger.portfolio.cycle == CYCLES
        assert not again.ledger.portfolio.differences


def test_every_decision_is_decided_the_same_again(choice: Choice) -> None:
    found = verified(choice, with_decisions=True)
    assert not found.problems
    assert found.market.startswith("MIRRORED MARKET")


def served_instead(folder: Path) -> Path:
    """A configuration that puts a served simulation in Coinbase's place."""
    config = folder / "config"
    config.mkdir()
    for each in SHIPPED.iterdir():
        text = each.read_text(encoding="utf-8")
        (config / each.name).write_text(
            text.replace('endpoint: "" ', 'endpoint: "localhost:8443" '), encoding="utf-8"
        )
    return config


def test_a_sale_is_estimated_at_the_venue_that_is_mirrored(
    tmp_path: Path, elsewhere: Embedded
) -> None:
    config, data = served_instead(tmp_path), tmp_path / "data"
    with trader(data, elsewhere, config=config):
        pass
    choice = Choice(config, data, Mode.PAPER, VenueName.COINBASE)
    # The exchange of our own has no quote while nobody shows it any.
    with (
        opened(choice) as book,
        pytest.raises(VenueUnreachable, match="whom to trust at localhost:8443"),
    ):
        quoting_client(choice, book)


def test_a_book_is_bound_to_the_venue_whose_prices_it_has(traded: Path, tmp_path: Path) -> None:
    assert (traded / "paper-coinbase.exchange.db").exists()
    assert (traded / "paper-coinbase.db").exists()
    config = served_instead(tmp_path)
    settings = load_settings(config)
    assert settings.app.exchange_endpoint
    with pytest.raises(FeedMismatch):
        mirrored(
            settings,
            Places(traded, Mode.PAPER, VenueName.COINBASE),
            Surroundings(NoStop(), NoPost(), Told(), _ignore, lambda is_clear, kept: None),
            interval=timedelta(seconds=60),
            credentials=None,
            is_reach_needed=False,
            client=_deaf(),
        )


def test_a_venue_out_of_reach_makes_no_book(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with pytest.raises(VenueUnreachable):
        mirrored(
            load_settings(SHIPPED),
            Places(data, Mode.PAPER, VenueName.COINBASE),
            Surroundings(NoStop(), NoPost(), Told(), _ignore, lambda is_clear, kept: None),
            interval=timedelta(seconds=60),
            credentials=None,
            client=_deaf(),
        )
    assert not list(data.iterdir())


def _deaf() -> CoinbaseClient:
    """A client of a host that is not there."""
    clock = SystemClock()
    nowhere = replace(COINBASE, host="localhost:1")
    return CoinbaseClient(
        nowhere.transport(monotonic=clock.monotonic, is_stopped=lambda: False),
        None,
        clock=clock,
        permit=NoOrders(),
        budget=RateBudget(
            clock=clock, is_stopped=lambda: False, reads_per_second=5, cancels_per_second=5
        ),
        host=nowhere.host,
    )
