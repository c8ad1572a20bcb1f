"""An armed book: what ends it, what holds it, and what a person's file does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.core.risk.checks.staged_values import UNTIL, a_stage
from tests.live.rehearsal import ACCOUNT, Rehearsal, do, rehearsing, resting_elsewhere

from trader247.app.granting import arming, confirming
from trader247.app.granting.granting import expect_standing
from trader247.app.granting.live_book import portfolio_of
from trader247.app.people import by_hand
from trader247.app.people.attending import attended
from trader247.app.people.unlocking import clear_halt
from trader247.app.running import trading
from trader247.app.running.account_lock import account_lock
from trader247.app.running.plan import Plan
from trader247.app.serving.faults import sim_faults
from trader247.app.venue import reconciling
from trader247.app.wiring.assembly import Trader
from trader247.domain.errors import AlreadyRunning, KeyRejected, NotAllowed, VenueUnreachable
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, TradingState
from trader247.domain.reports import CycleReport
from trader247.domain.time import DAY, HOUR, MICROSECOND, Instant
from trader247.ports import Clock

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsing(tmp_path_factory.mktemp("armed")) as running:
        # Its owner has some coins from elsewhere.
        do(running, action="deposit", currency="LINK", amount="4")
        arming.arm(running.choice, lambda _: ACCOUNT)
        yield running


@pytest.fixture(autouse=True)
def as_it_was(armed: Rehearsal) -> Iterator[None]:
    """The configuration of before, after each test."""
    files = {path: path.read_bytes() for path in armed.config.iterdir()}
    yield
    for path, content in files.items():
        path.write_bytes(content)


def ran(
    rehearsal: Rehearsal, cycles: int, after: Callable[[CycleReport], None] = lambda _: None
) -> list[CycleReport]:
    reports: list[CycleReport] = []

    def report(done: CycleReport, _: object) -> None:
        reports.append(done)
        after(done)

    trading.run(
        rehearsal.choice,
        Plan(cycles=cycles, speed=None),
        on_opening=lambda _: None,
        on_report=report,
    )
    return reports


def cleared(rehearsal: Rehearsal, name: HaltName) -> None:
    answers = clear_halt(rehearsal.choice, name=name.value, reason="back", accepted_peak=None)
    assert all(each.is_done for each in answers), answers


@pytest.mark.parametrize("text", ["read_only: true", "read_only: perhaps", "{"])
def test_a_file_that_turns_read_only_or_unreadable_halts_the_trader(
    armed: Rehearsal, text: str
) -> None:
    file = armed.config / "app.yaml"
    safe = file.read_text()

    def turn(_: CycleReport) -> None:
        file.write_text(safe.replace("read_only: false", text) if text != "{" else text)

    reports = ran(armed, 2, turn)
    assert [each.trading_state for each in reports] == [TradingState.ACTIVE, TradingState.HALTED]
    halts = reports[1].portfolio.halts
    assert list(halts) == [HaltName.READ_ONLY]
    file.write_text(safe)
    # Only a person clears it, as every halt.
    cleared(armed, HaltName.READ_ONLY)


def test_two_folders_never_trade_one_account(armed: Rehearsal) -> None:
    portfolio = portfolio_of(armed.places)
    assert portfolio is not None
    assert portfolio.stage is not None
    account = portfolio.stage.account
    with account_lock(account), pytest.raises(AlreadyRunning, match="another live trader"):
        ran(armed, 1)
    with account_lock("another account"):
        assert len(ran(armed, 1)) == 1

    def held(_: CycleReport) -> None:
        with pytest.raises(AlreadyRunning, match="another live trader"), account_lock(account):
            raise AssertionError("whoever trades lets nobody else have its account")

    assert len(ran(armed, 2, held)) == 2


@pytest.mark.parametrize("hand", ["reconcile", "accept", "flatten", "arm"])
def test_no_command_acts_on_an_account_that_another_folder_trades(
    armed: Rehearsal, hand: str
) -> None:
    """It would end the other's stops, as orders under our name that this journal does not know."""
    acts: dict[str, Callable[[], object]] = {
        "reconcile": lambda: reconciling.reconcile(armed.choice, None),
        "accept": lambda: reconciling.accept(armed.choice, "a test"),
        "flatten": lambda: by_hand.flatten(armed.choice, [], reason="a test"),
        "arm": lambda: arming.arm(armed.choice, lambda _: ACCOUNT),
    }
    before = portfolio_of(armed.places)
    assert before is not None
    with resting_elsewhere(armed) as rests, account_lock(before.pinned):
        with pytest.raises(AlreadyRunning, match="another live trader"):
            acts[hand]()
        assert rests()
    after = portfolio_of(armed.places)
    assert after is not None
    assert (after.epoch, after.is_session_open) == (before.epoch, before.is_session_open)


def test_a_loosened_limit_takes_the_arming_with_it(armed: Rehearsal) -> None:
    policy = armed.config / "policy.yaml"
    policy.write_text(policy.read_text().replace("per_hour: 4", "per_hour: 5"))
    with pytest.raises(NotAllowed) as refused:
        ran(armed, 1)
    assert "what was armed has changed: checks.pace.per_hour 4 -> 5" in str(refused.value)
    policy.write_text(policy.read_text().replace("per_hour: 5", "per_hour: 3"))
    assert len(ran(armed, 1)) == 1


@pytest.mark.parametrize("key", ["key-view.json", "key-transfer.json"])
def test_a_key_that_may_too_little_or_too_much_sends_nothing(armed: Rehearsal, key: str) -> None:
    before = armed.orders_at_the_exchange
    choice = replace(armed.choice, key_file=armed.data / "served-sim.tls" / key)
    with pytest.raises(KeyRejected):
        trading.run(choice, Plan(cycles=1), on_opening=lambda _: None, on_report=lambda *_: None)
    assert armed.orders_at_the_exchange == before
    # The next start reads the key again, and what it latched is then a person's to clear.
    ran(armed, 1)
    cleared(armed, HaltName.KEY)


def test_what_sells_by_hand_takes_a_key_that_may_trade_and_not_transfer(armed: Rehearsal) -> None:
    ran(armed, 1)
    said = {
        "product": "LINK-USD", "price": "20", "quantity": "4", "fee": "0",
        "stop_pct": "25", "target_pct": "25", "hours": "720", "reason": "a test",
    }  # fmt: skip
    adopted = by_hand.adopt(armed.choice, said)
    assert adopted.is_done, adopted.text
    before = armed.orders_at_the_exchange
    choice = replace(armed.choice, key_file=armed.data / "served-sim.tls" / "key-transfer.json")
    with pytest.raises(KeyRejected, match="may transfer"):
        by_hand.flatten(choice, [], reason="with the wrong key")
    assert armed.orders_at_the_exchange == before
    ran(armed, 1)
    cleared(armed, HaltName.KEY)
    assert by_hand.flatten(armed.choice, [], reason="with the right one").is_done
    assert armed.orders_at_the_exchange > before


@pytest.fixture
def calm(armed: Rehearsal) -> Iterator[None]:
    """Whatever went wrong at the venue is over after the test."""
    yield
    sim_faults(armed.config, armed.data, None, faults=["calm"])


@pytest.mark.usefixtures("calm")
def test_a_start_bears_an_answer_that_is_lost(armed: Rehearsal) -> None:
    faults = ["error_before@time:times=1", "error_before@permissions:times=2"]
    sim_faults(armed.config, armed.data, None, faults=faults)
    assert len(ran(armed, 1)) == 1
    fired = sim_faults(armed.config, armed.data, None).fired["error_before"]
    assert fired == {"time": 1, "permissions": 2}


@pytest.mark.usefixtures("calm")
@pytest.mark.parametrize("endpoint", ["time", "permissions"])
def test_a_start_that_came_to_nothing_is_no_crash(armed: Rehearsal, endpoint: str) -> None:
    before = portfolio_of(armed.places)
    sim_faults(armed.config, armed.data, None, faults=[f"error_before@{endpoint}"])
    with pytest.raises(VenueUnreachable):
        ran(armed, 1)
    after = portfolio_of(armed.places)
    assert before is not None
    assert after is not None
    assert not after.is_session_open
    assert after.unclean_ends == before.unclean_ends


def test_an_arming_ends_at_its_time(armed: Rehearsal) -> None:
    book = Portfolio(stage=a_stage())
    expect_standing(book, UNTIL - MICROSECOND, armed.places)
    with pytest.raises(NotAllowed, match="it ended at"):
        expect_standing(book, UNTIL, armed.places)
    with pytest.raises(NotAllowed, match="nobody has armed"):
        expect_standing(Portfolio(), UNTIL, armed.places)


def test_an_arming_that_is_over_by_the_exchanges_clock_sends_nothing(
    armed: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exchange's time is months before the machine's: by that it is over, or is not."""
    monkeypatch.setattr(arming, "VALID_FOR", timedelta(seconds=1))
    arming.arm(armed.choice, lambda _: ACCOUNT)
    # Between its two cycles the exchange goes on by a minute.
    assert len(ran(armed, 2)) == 2
    before = armed.orders_at_the_exchange
    with pytest.raises(NotAllowed, match="it ended at 2026-01"):
        ran(armed, 1)
    assert armed.orders_at_the_exchange == before
    monkeypatch.undo()
    arming.arm(armed.choice, lambda _: ACCOUNT)
    assert len(ran(armed, 1)) == 1


class Ahead:
    """A clock that somebody has set three days on."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.monotonic, self.wait_until = inner.monotonic, inner.wait_until

    def now(self) -> Instant:
        return self._inner.now() + 3 * DAY


def test_an_arming_by_a_clock_that_is_ahead_lasts_no_longer(
    armed: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is dated by the exchange's: ours is put right, and nobody would arm for 33 days."""
    right = arming.arm(armed.choice, lambda _: ACCOUNT).until

    @contextmanager
    def ahead(*given: Any, **named: Any) -> Iterator[Trader]:
        with attended(*given, **named) as trader:
            yield replace(trader, clock=Ahead(trader.clock))

    monkeypatch.setattr(arming, "attended", ahead)
    assert timedelta(0) <= arming.arm(armed.choice, lambda _: ACCOUNT).until - right < HOUR


def test_what_was_disarmed_does_not_start_and_arming_again_keeps_the_ladder(
    armed: Rehearsal,
) -> None:
    first = arming.arm(armed.choice, lambda _: ACCOUNT)
    ran(armed, 2)
    assert arming.arm(armed.choice, lambda _: ACCOUNT).ladder_since == first.ladder_since
    assert all(each.is_done for each in confirming.disarm(armed.choice, reason="a while"))
    with pytest.raises(NotAllowed, match="taken back"):
        ran(armed, 1)
    again = arming.arm(armed.choice, lambda _: first.account)
    assert (again.largest, again.ladder_since) == (first.largest, first.ladder_since)
    assert len(ran(armed, 1)) == 1
