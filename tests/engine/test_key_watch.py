"""What a key may do decides whether anything is sent with it: at the start, and every six hours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.engine import faulty
from tests.engine.faulty import ACCOUNTS, Body
from tests.engine.stage import BTC, Stage

from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.errors import KeyRejected, VenueUnreachable
from trader247.domain.events.book import KeyRead, PortfolioPinned
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName, Reason, Severity, TradingState
from trader247.domain.time import DAY, Instant
from trader247.engine.key_watch import KeyWatch
from trader247.ports import Clock

PERMISSIONS = r"GET /key_permissions\Z"
RIGHT = {
    "can_view": True,
    "can_trade": True,
    "can_transfer": False,
    "portfolio_uuid": "P-1",
    "portfolio_type": "DEFAULT",
}
FAILING: dict[str, tuple[dict[str, Any], str]] = {
    "transfer": ({"can_transfer": True}, "transfer money out"),
    "no trade": ({"can_trade": False}, "may not trade"),
    "no view": ({"can_view": False}, "may not view"),
    "no portfolio": ({"portfolio_uuid": ""}, "does not say"),
}
UNSAID: dict[str, dict[str, Any]] = {
    "transfer missing": {"can_transfer": None},
    "transfer as text": {"can_transfer": "false"},
    "trade missing": {"can_trade": None},
    "view as a number": {"can_view": 1},
}


@pytest.fixture
def watch(stage: Stage) -> KeyWatch:
    venue = stage.trader.venue
    assert isinstance(venue, CoinbaseVenue)
    watch = KeyWatch(ledger=stage.trader.ledger, key=venue, clock=stage.trader.clock)
    stage.trader.cycle._key_watch = watch
    return watch


def say(stage: Stage, **changed: Any) -> None:
    """Let the venue say this of the key, from now on."""
    stage.wire.lift()
    body = {**RIGHT, **changed}
    body = {key: value for key, value in body.items() if value is not None}
    stage.wire.on(PERMISSIONS, faulty.answered(200, json.dumps(body)))


def six_hours(stage: Stage) -> None:
    stage.wait(6 * 3600)
    stage.cycle()


def test_the_account_is_asked_for_where_none_is_pinned(stage: Stage, watch: KeyWatch) -> None:
    say(stage)
    assert watch.account() == "P-1"
    say(stage, portfolio_uuid="")
    with pytest.raises(KeyRejected, match="does not say"):
        watch.account()
    assert not stage.recorded(KeyRead)


def test_the_first_reading_pins_the_portfolio(stage: Stage, watch: KeyWatch) -> None:
    say(stage)
    watch.begin()
    watch.begin()
    assert stage.portfolio.pinned == "P-1"
    assert stage.portfolio.key is not None
    assert stage.portfolio.key.read_at == stage.now
    assert stage.recorded(PortfolioPinned) == [PortfolioPinned("P-1", "DEFAULT")]
    assert not stage.portfolio.halts


def test_a_key_of_another_portfolio_is_refused_before_anything_is_booked(
    stage: Stage, watch: KeyWatch
) -> None:
    say(stage, portfolio_uuid="P-2")
    watch.expect_own()
    say(stage)
    watch.begin()
    watch.expect_own()
    before = stage.portfolio.seq
    for uuid, found in (("P-2", "belongs to the portfolio P-2"), ("", "does not say")):
        say(stage, portfolio_uuid=uuid)
        with pytest.raises(KeyRejected, match=found):
            watch.expect_own()
    assert stage.portfolio.seq == before


@pytest.mark.parametrize("kind", list(FAILING))
def test_a_key_that_may_too_much_or_too_little_does_not_start(
    stage: Stage, watch: KeyWatch, kind: str
) -> None:
    changed, words = FAILING[kind]
    say(stage, **changed)
    with pytest.raises(KeyRejected, match=words):
        watch.begin()
    assert stage.portfolio.halts[HaltName.KEY].cause.count(words) == 1
    assert stage.portfolio.trading_state is TradingState.HALTED
    assert stage.portfolio.pinned == ""
    alert = stage.told.alerts[-1]
    assert (alert.code, alert.severity) == ("key", Severity.CRITICAL)
    done, text = stage.unlock(HaltName.KEY)
    assert not done
    assert words in text


@pytest.mark.parametrize("kind", list(UNSAID))
def test_what_the_venue_leaves_unsaid_does_not_start(
    stage: Stage, watch: KeyWatch, kind: str
) -> None:
    say(stage, **UNSAID[kind])
    with pytest.raises(VenueUnreachable, match="cannot be read"):
        watch.begin()
    assert not stage.recorded(KeyRead)


@pytest.mark.parametrize("fault", [faulty.FORBIDDEN, faulty.UNAUTHORIZED])
def test_a_key_that_the_venue_refuses_does_not_start(
    stage: Stage, watch: KeyWatch, fault: faulty.Fault
) -> None:
    stage.wire.on(PERMISSIONS, fault)
    with pytest.raises(KeyRejected, match="refuses the key"):
        watch.begin()


@pytest.mark.parametrize("fault", [faulty.BROKEN, faulty.EDGE_PAGE, faulty.RATE_LIMITED])
def test_a_venue_in_trouble_at_the_start_is_no_fault_of_the_key(
    stage: Stage, watch: KeyWatch, fault: faulty.Fault
) -> None:
    """A service manager starts it again then; a refused key waits for a person."""
    stage.wire.on(PERMISSIONS, fault)
    with pytest.raises(VenueUnreachable, match="cannot be read"):
        watch.begin()


def test_it_is_read_every_six_hours_and_no_oftener(stage: Stage, watch: KeyWatch) -> None:
    say(stage)
    watch.begin()
    stage.cycle(3)
    assert len(stage.wire.lines(PERMISSIONS)) == 1
    six_hours(stage)
    assert len(stage.wire.lines(PERMISSIONS)) == 2
    stage.cycle()
    assert len(stage.wire.lines(PERMISSIONS)) == 2


def test_a_key_that_may_transfer_later_halts_before_the_cycle_sends(
    stage: Stage, watch: KeyWatch
) -> None:
    say(stage)
    watch.begin()
    say(stage, can_transfer=True)
    stage.wait(6 * 3600)
    stage.breakout()
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.TRADING_STATE
    assert HaltName.KEY in stage.portfolio.halts
    assert not stage.orders
    say(stage)
    watch.begin()
    assert stage.unlock(HaltName.KEY)[0]


def test_another_portfolio_s_key_halts_and_the_book_stays_pinned(
    stage: Stage, watch: KeyWatch
) -> None:
    say(stage)
    watch.begin()
    say(stage, portfolio_uuid="P-2")
    with pytest.raises(KeyRejected, match="begun on P-1"):
        watch.begin()
    assert stage.portfolio.pinned == "P-1"
    assert HaltName.KEY in stage.portfolio.halts
    stage.restart()
    assert stage.portfolio.pinned == "P-1"


def test_a_reading_that_fails_is_tried_each_cycle_and_halts_after_twelve_hours(
    stage: Stage, watch: KeyWatch
) -> None:
    say(stage)
    watch.begin()
    stage.wire.lift()
    stage.wire.on(PERMISSIONS, faulty.BROKEN)
    six_hours(stage)
    stage.cycle()
    assert len(stage.wire.lines(PERMISSIONS)) == 3
    assert HaltName.KEY not in stage.portfolio.halts
    stage.wait(6 * 3600)
    stage.cycle()
    assert "12 h ago" in stage.portfolio.halts[HaltName.KEY].cause


class SetClock:
    """The machine's clock, set by so much; its steady one goes on."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.by = timedelta(0)

    def now(self) -> Instant:
        return self._inner.now() + self.by

    def monotonic(self) -> timedelta:
        return self._inner.monotonic()

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        return self._inner.wait_until(when - self.by, wake)


@pytest.fixture
def set_clock(stage: Stage, watch: KeyWatch) -> SetClock:
    clock = SetClock(stage.trader.clock)
    watch._clock = clock
    say(stage)
    return clock


def test_a_reading_by_a_clock_that_was_ahead_grows_old_like_any_other(
    stage: Stage, watch: KeyWatch, set_clock: SetClock
) -> None:
    """It counted until that day had come, whatever failed meanwhile."""
    watch.begin()
    read = stage.portfolio.key
    assert read is not None
    stage.trader.ledger._portfolio = replace(
        stage.portfolio, key=replace(read, read_at=read.read_at + 3 * DAY)
    )
    stage.wire.lift()
    stage.wire.on(PERMISSIONS, faulty.BROKEN)
    stage.wait(12 * 3600)
    watch.look()
    assert HaltName.KEY not in stage.portfolio.halts
    stage.wait(1)
    watch.look()
    assert "12 h ago" in stage.portfolio.halts[HaltName.KEY].cause


def test_a_clock_set_half_a_day_on_makes_no_reading_old_unless_others_fail_for_an_hour(
    stage: Stage, watch: KeyWatch, set_clock: SetClock
) -> None:
    """Or the machine slept so long: then it is as old as that, and waits no half day more."""
    watch.begin()
    stage.wire.lift()
    stage.wire.on(PERMISSIONS, faulty.BROKEN)
    set_clock.by = timedelta(hours=13)
    watch.look()
    stage.wait(3599)
    watch.look()
    assert HaltName.KEY not in stage.portfolio.halts
    stage.wait(1)
    watch.look()
    assert "14 h ago" in stage.portfolio.halts[HaltName.KEY].cause


def test_one_reading_between_ends_the_hour_of_failing(
    stage: Stage, watch: KeyWatch, set_clock: SetClock
) -> None:
    watch.begin()
    set_clock.by = timedelta(hours=13)
    for _ in range(3):
        stage.wire.lift()
        stage.wire.on(PERMISSIONS, faulty.BROKEN)
        watch.look()
        stage.wait(1800)
        say(stage)
        watch.look()
        set_clock.by += timedelta(hours=13)
    assert HaltName.KEY not in stage.portfolio.halts


def test_what_another_process_read_in_days_to_come_counts_for_nothing(
    stage: Stage, watch: KeyWatch
) -> None:
    say(stage)
    watch.begin()
    read = stage.portfolio.key
    assert read is not None
    stage.trader.ledger._portfolio = replace(
        stage.portfolio, key=replace(read, read_at=read.read_at + 3 * DAY)
    )
    stage.wire.lift()
    stage.wire.on(PERMISSIONS, faulty.BROKEN)
    other = KeyWatch(ledger=stage.trader.ledger, key=watch._key, clock=stage.trader.clock)
    other.look()
    assert "to come" in stage.portfolio.halts[HaltName.KEY].cause


def test_a_key_refused_twice_running_halts(stage: Stage) -> None:
    stage.wire.on(ACCOUNTS, faulty.UNAUTHORIZED, times=1)
    stage.cycle()
    assert HaltName.KEY not in stage.portfolio.halts
    stage.wire.on(ACCOUNTS, faulty.UNAUTHORIZED)
    stage.cycle()
    latched = stage.recorded(HaltLatched)
    assert [each.name for each in latched] == [HaltName.KEY]
    assert "twice running" in latched[0].cause


def test_an_unknown_portfolio_type_is_kept_as_it_is(stage: Stage, watch: KeyWatch) -> None:
    def grown(body: Body) -> None:
        body["portfolio_type"] = "SOMETHING_NEW"
        body["can_fly"] = True

    stage.wire.on(PERMISSIONS, faulty.edited(grown))
    watch.begin()
    assert stage.recorded(PortfolioPinned)[0].portfolio_type == "SOMETHING_NEW"


def test_an_old_key_is_told_of_once_a_day_and_still_trades(stage: Stage) -> None:
    venue = stage.trader.venue
    assert isinstance(venue, CoinbaseVenue)
    created = stage.now - 83 * DAY
    watch = KeyWatch(
        ledger=stage.trader.ledger, key=venue, clock=stage.trader.clock, created=created
    )
    watch.begin()
    watch.begin()
    assert [each.severity for each in stage.told.alerts] == [Severity.WARNING]
    assert stage.told.alerts[0].code == "key_age"
    older = KeyWatch(
        ledger=stage.trader.ledger, key=venue, clock=stage.trader.clock, created=created - 7 * DAY
    )
    older.begin()
    assert stage.told.alerts[-1].severity is Severity.CRITICAL
    assert not stage.portfolio.halts


def test_an_old_key_is_told_of_though_a_clock_ahead_has_told_of_it_tomorrow(
    stage: Stage,
) -> None:
    """Nobody was told of it until a day after that time had come."""
    venue = stage.trader.venue
    assert isinstance(venue, CoinbaseVenue)
    created = stage.now - 83 * DAY
    watch = KeyWatch(
        ledger=stage.trader.ledger, key=venue, clock=stage.trader.clock, created=created
    )
    watch.begin()
    stage.trader.ledger._portfolio = replace(
        stage.portfolio, alerts={key: at + 2 * DAY for key, at in stage.portfolio.alerts.items()}
    )
    watch.begin()
    assert [each.code for each in stage.told.alerts] == ["key_age", "key_age"]
    watch.begin()
    assert len(stage.told.alerts) == 2
