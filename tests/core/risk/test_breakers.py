from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    EMPTY_SNAPSHOT,
    ETH,
    NOW,
    XRP,
    a_policy,
    a_portfolio,
    a_product,
    a_quote,
    a_snapshot,
    a_view,
    ago,
    some_bars,
)

from trader247.core.market.senses import FRESH
from trader247.core.risk.breakers import changes_by, fast_loss, move, stale_share, tripped
from trader247.domain.events.halts import BreakerClosed, BreakerOpened
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductStatus, ProductView, Snapshot
from trader247.domain.money import Money, Percent
from trader247.domain.portfolio import (
    Breaker,
    EquityRecord,
    FaultTimes,
    HighPoint,
    Membership,
    Portfolio,
)
from trader247.domain.reasons import BreakerName
from trader247.domain.time import DAY, MINUTE

POLICY = a_policy()
STALE = a_view(quote=a_quote(age=timedelta(seconds=31)))


def _open(
    faults: FaultTimes | None = None,
    market: Snapshot | None = None,
    portfolio: Portfolio | None = None,
) -> set[BreakerName]:
    book = portfolio or a_portfolio()
    book = replace(book, faults=faults or FaultTimes())
    return set(tripped(book, market or a_snapshot(), POLICY, NOW))


def changes_in(book: Portfolio) -> tuple[BreakerOpened | BreakerClosed, ...]:
    """What opens and closes in a cycle of this book in a sound market."""
    return changes_by(tripped(book, a_snapshot(), POLICY, NOW), book, POLICY, NOW)


def test_a_healthy_market_trips_nothing() -> None:
    assert _open() == set()


@pytest.mark.parametrize(("running", "is_open"), [(2, False), (3, True), (4, True)])
def test_three_errors_running_open_the_breaker(running: int, is_open: bool) -> None:
    assert (_open(FaultTimes(running=running)) == {BreakerName.API_ERRORS}) is is_open


@pytest.mark.parametrize(
    ("seconds", "is_open"),
    [((10, 20, 30, 40), False), ((10, 20, 30, 40, 299), True), ((10, 20, 30, 40, 300), False)],
)
def test_five_errors_in_five_minutes_open_it(seconds: tuple[int, ...], is_open: bool) -> None:
    faults = FaultTimes(errors=tuple(ago(each) for each in seconds), running=1)
    assert (_open(faults) == {BreakerName.API_ERRORS}) is is_open


@pytest.mark.parametrize(
    ("seconds", "is_open"), [((1, 2), False), ((1, 2, 599), True), ((1, 2, 600), False)]
)
def test_three_rate_limit_answers_in_ten_minutes_open_it(
    seconds: tuple[int, ...], is_open: bool
) -> None:
    faults = FaultTimes(rate_limited=tuple(ago(each) for each in seconds))
    assert (_open(faults) == {BreakerName.RATE_LIMIT}) is is_open


@pytest.mark.parametrize(("latest", "is_open"), [(299, True), (300, False)])
def test_what_the_venue_refused_for_holds_it_while_it_refused_within_the_probe(
    latest: int, is_open: bool
) -> None:
    """Reads that succeed for five minutes are the probe, though three were refused within ten."""
    faults = FaultTimes(rate_limited=tuple(ago(each) for each in (580, 590, latest)))
    assert (_open(faults) == {BreakerName.RATE_LIMIT}) is is_open


def test_what_the_last_cycle_was_refused_opens_it_however_long_ago_that_was() -> None:
    """Cycles may be further apart than the probe is long: none of them was clean since."""
    faults = FaultTimes(rate_limited=(ago(420), ago(420), ago(420)), is_refused=True)
    assert _open(faults) == {BreakerName.RATE_LIMIT}


@pytest.mark.parametrize(("overruns", "is_open"), [(2, False), (3, True)])
def test_three_cycles_over_their_budget_open_it(overruns: int, is_open: bool) -> None:
    assert (_open(FaultTimes(overruns=overruns)) == {BreakerName.CYCLE_BUDGET}) is is_open


def test_a_venue_that_is_closed_opens_it() -> None:
    market = replace(a_snapshot(), unreachable="down for maintenance")
    causes = tripped(a_portfolio(), market, POLICY, NOW)
    assert causes == {BreakerName.MAINTENANCE: "the venue could not be read: down for maintenance"}


@pytest.mark.parametrize(
    "bad",
    [STALE, a_view(quote=None), a_view(quote=a_quote("100", "99"))],
    ids=["stale", "unquoted", "crossed"],
)
def test_more_than_half_of_the_market_stale_opens_it(bad: ProductView) -> None:
    assert _open(market=a_snapshot(BTC=bad, ETH=bad)) == set()
    assert _open(market=a_snapshot(BTC=bad, ETH=bad, DOGE=bad)) == {BreakerName.STALE_MARKET}


def test_products_that_the_venue_does_not_trade_are_not_the_market() -> None:
    gone = a_view(product=None, quote=None)
    closed = a_view(product=a_product(DOGE, status=ProductStatus.OFFLINE), quote=None)
    market = a_snapshot(DOGE=closed, XRP=gone, ETH=STALE)
    assert stale_share(market, POLICY, NOW) == Percent.of(50)
    assert _open(market=market) == set()


def test_a_market_of_which_nothing_is_known_is_stale() -> None:
    assert stale_share(EMPTY_SNAPSHOT, POLICY, NOW) is None
    assert _open(market=EMPTY_SNAPSHOT, portfolio=Portfolio()) == {BreakerName.STALE_MARKET}


def _moved(product: ProductId, close: str, *, quote: bool = False) -> Snapshot:
    """A market in which one product's last close, or its mid alone, has moved to `close`."""
    if quote:
        mid, tick = Decimal(close), Decimal("0.01")
        view = a_view(product, quote=a_quote(str(mid - tick), str(mid + tick)))
    else:
        view = a_view(product, bars=some_bars(("100",) * 6 + (close,)))
    return a_snapshot(**{product.base: view})


@pytest.mark.parametrize(
    ("product", "close", "is_open"),
    [
        (BTC, "105", False),
        (BTC, "105.01", True),
        (BTC, "95", False),
        (BTC, "94.99", True),
        (DOGE, "110", False),
        (DOGE, "110.01", True),
        (DOGE, "89.99", True),
    ],
)
@pytest.mark.parametrize("quote", [False, True], ids=["close", "mid"])
def test_a_flash_move_of_a_member_opens_it(
    product: ProductId, close: str, is_open: bool, quote: bool
) -> None:
    opened = _open(market=_moved(product, close, quote=quote))
    assert (opened == {BreakerName.VOLATILITY}) is is_open


def test_the_move_is_over_five_minutes_and_no_longer() -> None:
    six_ago = a_view(bars=some_bars(("90", "100", "100", "100", "100", "100", "100")))
    assert move(six_ago, POLICY, NOW) == Percent.of(0)
    five_ago = a_view(bars=some_bars(("90", "100", "100", "100", "100", "100")))
    moved = move(five_ago, POLICY, NOW)
    assert moved is not None
    assert moved > Percent.of(11)
    assert move(a_view(bars=some_bars(("100",) * 5)), POLICY, NOW) is None
    assert move(a_view(bars=None), POLICY, NOW) is None


def test_once_there_is_a_universe_only_its_members_count() -> None:
    universe = {BTC: Membership(is_member=False), ETH: Membership(is_member=True)}
    book = a_portfolio(universe=universe)
    assert _open(market=_moved(BTC, "120"), portfolio=book) == set()
    assert _open(market=_moved(ETH, "120"), portfolio=book) == {BreakerName.VOLATILITY}
    assert _open(market=_moved(XRP, "120"), portfolio=a_portfolio()) == {BreakerName.VOLATILITY}


def _judged(
    running: int, standing: dict[BreakerName, Breaker]
) -> tuple[BreakerOpened | BreakerClosed, ...]:
    book = a_portfolio(faults=FaultTimes(running=running), breakers=standing)
    return changes_in(book)


def _standing(clean_cycles: int) -> dict[BreakerName, Breaker]:
    name = BreakerName.API_ERRORS
    return {name: Breaker(name, "errors", ago(600), clean_cycles)}


def test_a_breaker_opens_once() -> None:
    assert _judged(3, {}) == (BreakerOpened(BreakerName.API_ERRORS, "3 API errors running"),)
    assert _judged(3, _standing(0)) == ()


def test_it_closes_in_the_second_clean_cycle() -> None:
    assert _judged(0, _standing(0)) == ()
    assert _judged(0, _standing(1)) == (BreakerClosed(BreakerName.API_ERRORS),)


@pytest.mark.parametrize("lie", [2 * DAY, -2 * DAY])
def test_a_venue_that_tells_a_wrong_time_closes_none(lie: timedelta) -> None:
    """Two days on, no error is of the last minutes, and it has been open for long enough."""
    faults = FaultTimes(errors=tuple(ago(each) for each in (10, 20, 30, 40, 50)), running=1)
    book = a_portfolio(faults=faults)
    market = replace(a_snapshot(), clock_skew=lie)
    changes, names = FRESH.breakers(book, market, POLICY, equity=None)
    assert names == (BreakerName.API_ERRORS,)
    assert isinstance(changes[0], BreakerOpened)
    calm = a_portfolio(
        breakers={
            BreakerName.VOLATILITY: Breaker(BreakerName.VOLATILITY, "", ago(60), clean_cycles=9)
        }
    )
    assert FRESH.breakers(calm, market, POLICY, equity=None) == ((), ())


def test_it_stays_open_while_its_condition_holds_however_clean_it_was() -> None:
    assert _judged(3, _standing(9)) == ()


def test_several_conditions_are_told_apart() -> None:
    faults = FaultTimes(running=3, overruns=3)
    book = a_portfolio(faults=faults)
    names = [each.name for each in changes_in(book)]
    assert names == [BreakerName.API_ERRORS, BreakerName.CYCLE_BUDGET]


def _falling(lost: str, *, minutes_ago: int = 15) -> set[BreakerName]:
    """What opens when equity fell by so many per cent from a high so long ago."""
    high = HighPoint(NOW - minutes_ago * MINUTE, Decimal(1))
    record = EquityRecord(units=Decimal(10_000), equity=Money.of(10_000), highs_24h=(high,))
    equity = Money.of(10_000) - Percent.of(lost).of_money(Money.of(10_000))
    book = a_portfolio(equity=record)
    return set(tripped(book, a_snapshot(), POLICY, NOW, equity=equity))


@pytest.mark.parametrize(("lost", "is_open"), [("0.99", False), ("1", True), ("1.01", True)])
def test_one_per_cent_lost_in_a_quarter_of_an_hour_opens_it(lost: str, is_open: bool) -> None:
    assert (_falling(lost) == {BreakerName.LOSS_VELOCITY}) is is_open


def test_a_slower_loss_and_an_unknown_one_do_not() -> None:
    assert _falling("1", minutes_ago=16) == set()
    assert _falling("-5") == set()
    book = a_portfolio(equity=EquityRecord(highs_24h=(HighPoint(NOW, Decimal(1)),)))
    assert tripped(book, a_snapshot(), POLICY, NOW, equity=None) == {}


@pytest.mark.parametrize(
    ("high", "equity", "lost"), [("1", 9_800, "2"), ("1", 10_500, "0"), ("0", 10_500, None)]
)
def test_a_gain_is_a_loss_of_nothing_and_a_high_of_nothing_measures_none(
    high: str, equity: int, lost: str | None
) -> None:
    highs = (HighPoint(NOW, Decimal(high)),)
    book = a_portfolio(equity=EquityRecord(units=Decimal(10_000), highs_24h=highs))
    found = fast_loss(book, NOW, Money.of(equity))
    assert found == (None if lost is None else Percent.of(lost))


def _closes(name: BreakerName, minutes: int) -> bool:
    """Whether a breaker that has been clean for long closes so many minutes after it opened."""
    opened = Breaker(name, "a cause", NOW - minutes * MINUTE, clean_cycles=99)
    book = a_portfolio(breakers={name: opened})
    return changes_in(book) == (BreakerClosed(name),)


def test_after_a_fast_loss_nothing_is_bought_for_six_hours() -> None:
    assert not _closes(BreakerName.LOSS_VELOCITY, 359)
    assert _closes(BreakerName.LOSS_VELOCITY, 360)


def test_after_a_flash_crash_nothing_is_bought_for_half_an_hour() -> None:
    assert not _closes(BreakerName.VOLATILITY, 29)
    assert _closes(BreakerName.VOLATILITY, 30)
    assert _closes(BreakerName.RATE_LIMIT, 5)


@pytest.mark.parametrize("name", list(BreakerName))
def test_no_breaker_closes_within_five_minutes(name: BreakerName) -> None:
    opened = Breaker(name, "a cause", ago(299), clean_cycles=99)
    book = a_portfolio(breakers={name: opened})
    assert changes_in(book) == ()


@pytest.mark.parametrize(
    ("seconds", "is_open"),
    [
        ((1, 2, 3, 4, 5, 6), False),
        ((1, 2, 3, 4, 5, 6, 3599), True),
        ((1, 2, 3, 4, 5, 6, 3600), False),
    ],
)
def test_more_than_six_reconnects_in_an_hour_open_it(
    seconds: tuple[int, ...], is_open: bool
) -> None:
    faults = FaultTimes(reconnects=tuple(ago(each) for each in seconds))
    assert (_open(faults) == {BreakerName.RECONNECTS}) is is_open


def test_slow_answers_too_many_reconnects_and_a_full_disk_open_theirs() -> None:
    assert _open(FaultTimes(is_slow=True)) == {BreakerName.LATENCY}
    assert _open(FaultTimes(is_disk_low=True)) == {BreakerName.DISK}


@pytest.mark.parametrize("back", [timedelta(hours=1), 2 * DAY])
def test_a_clock_that_is_set_back_keeps_none_open(back: timedelta) -> None:
    """By that clock alone it would stay open until the hour at which it opened came again."""
    opened = Breaker(BreakerName.MAINTENANCE, "closed", ago(1200), clean_cycles=9)
    faults = FaultTimes(errors=tuple(ago(each) for each in (900, 910, 920, 930, 940, 950)))
    book = a_portfolio(breakers={opened.name: opened}, faults=faults, time=ago(60))
    market = a_snapshot()
    market = replace(market, time=market.time - back, clock_skew=back)
    changes, names = FRESH.breakers(book, market, POLICY, equity=None)
    assert BreakerName.API_ERRORS not in names
    assert BreakerClosed(opened.name) in changes
