"""What holds a book back: by the figures of its last cycle, and never a zero for an unknown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.small_books import copied, trader_in

from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.controls import report as of_risk
from trader247.app.controls.report import RiskReport, risk_report
from trader247.app.settings.location import SHIPPED
from trader247.core.risk.control_view import ControlState, ControlView
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.reasons import HaltName, TradingState


def report(data: Path) -> RiskReport:
    return risk_report(Choice(SHIPPED, data))


def control(found: RiskReport, name: str) -> ControlView:
    return next(each for each in found.controls if each.id == name)


def with_events(data: Path, *events: AnyEvent) -> Path:
    trader = trader_in(data)
    trader.startup.recover()
    trader.ledger.record(*events)
    trader.close(is_clean=True)
    return data


def test_a_book_in_order_is_not_halted_and_shows_every_control(traded: Path) -> None:
    found = report(traded)
    assert not found.is_halted
    assert found.trading_state is TradingState.ACTIVE
    assert found.holder == ""
    assert found.market_age is not None
    shown = {each.id.partition(".")[0] for each in found.controls}
    assert {kind.id for kind in ALL_CHECKS} <= shown
    assert {"kill_switch", "daily_stop", "weekly_stop", "drawdown", "volatility"} <= shown
    assert {"reconciliation", "alerts", "single_instance", "continuity"} <= shown


def test_a_book_without_a_cycle_has_unknowns_and_no_zeros(tmp_path: Path) -> None:
    data = with_events(tmp_path / "data")
    found = report(data)
    for name in ("daily_stop", "drawdown", "quote_age", "total_exposure", "equity_known"):
        assert control(found, name).state is ControlState.UNKNOWN
        assert control(found, name).value is None
    assert found.market_age is None
    assert any("no cycle has been run yet" in each for each in found.remarks)


def test_between_two_cycles_nothing_trips_for_its_age(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    before = {each.id: each.state for each in report(data).controls}
    trader = trader_in(data)
    trader.clock.wait_until(trader.clock.now() + timedelta(seconds=55), lambda: False)
    trader.close(is_clean=True)
    found = report(data)
    assert {each.id: each.state for each in found.controls} == before
    age = control(found, "stale_market").age_s
    assert age is not None
    assert age >= 55


def test_an_old_market_is_unknown(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    trader = trader_in(data)
    trader.clock.wait_until(trader.clock.now() + timedelta(minutes=20), lambda: False)
    trader.close(is_clean=True)
    found = report(data)
    assert control(found, "quote_age").state is ControlState.UNKNOWN
    assert control(found, "total_exposure").state is ControlState.UNKNOWN
    assert found.market_age is not None
    assert found.market_age >= timedelta(minutes=20)
    assert any("too old" in each for each in found.remarks)


def test_a_switch_made_by_hand_halts_before_any_trader_saw_it(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    KillSwitch(data).path.touch()
    found = report(data)
    assert found.is_halted
    assert found.trading_state is TradingState.HALTED
    (halt,) = found.halts
    assert (halt.name, halt.since, halt.clears) == (
        HaltName.KILL_SWITCH.value,
        None,
        "trader247 kill off",
    )
    assert control(found, "kill_switch").state is ControlState.TRIPPED
    assert control(found, "trading_state").value == "HALTED"


def test_the_switchs_reason_is_told(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    KillSwitch(data).raise_(reason="looks odd", operator="me", time="2026-01-05T00:00:00Z")
    assert report(data).halts[0].cause == "KILL SWITCH ACTIVATED: looks odd"


def test_a_latched_switch_stands_when_its_file_is_gone(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with_events(data, HaltLatched(HaltName.KILL_SWITCH, "the kill switch is on"))
    found = report(data)
    assert found.is_halted
    assert found.halts[0].since is not None
    assert control(found, "kill_switch").value == "off"


@pytest.mark.parametrize("name", [each for each in HaltName if each is not HaltName.KILL_SWITCH])
def test_each_halt_says_what_clears_it(name: HaltName, traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with_events(data, HaltLatched(name, "a cause"))
    (halt,) = report(data).halts
    assert halt.cause.endswith("a cause")
    assert halt.since is not None
    wanted = "trader247 resume" if name is HaltName.PAUSE else f"unlock halt {name.value}"
    assert wanted in halt.clears


def test_a_halt_whose_cause_stands_says_so(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    with_events(
        data,
        DifferenceFound("cash:USD", "10", "9", is_break=True),
        HaltLatched(HaltName.RECONCILIATION_BREAK, "cash:USD"),
    )
    found = report(data)
    assert "not yet: ledger and venue still differ on cash:USD" in found.halts[0].clears
    assert control(found, "reconciliation").state is ControlState.TRIPPED
    assert control(found, "reconciliation").value == "1"


def test_who_trades_is_named(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    found = report(data)
    guard.release()
    assert "since 2026-01-05T00:00:00Z" in found.holder
    assert control(found, "single_instance").value == "1"


def test_another_configuration_than_the_traders_is_remarked(traded: Path, tmp_path: Path) -> None:
    for file in SHIPPED.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    policy = tmp_path / "policy.yaml"
    assert "daily_stop_pnl_pct: -3.0" in policy.read_text()
    policy.write_text(
        policy.read_text().replace("daily_stop_pnl_pct: -3.0", "daily_stop_pnl_pct: -2.0")
    )
    found = risk_report(Choice(tmp_path, traded))
    assert control(found, "daily_stop").limit == "-2"
    assert any("the configuration has changed" in each for each in found.remarks)


@pytest.mark.parametrize(
    ("free", "value", "left", "state"),
    [
        (1_000_000_000, "1000", "0", ControlState.OK),
        (999_999_999, "999", "-1", ControlState.TRIPPED),
        (None, None, None, ControlState.UNKNOWN),
    ],
    ids=["at the limit", "below", "unknown"],
)
def test_the_room_on_the_disk_is_that_of_now(
    traded: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int | None,
    value: str | None,
    left: str | None,
    state: ControlState,
) -> None:
    monkeypatch.setattr(of_risk, "free_bytes", lambda _: free)
    disk = control(report(traded), "disk")
    assert (disk.value, disk.headroom, disk.state, disk.limit) == (value, left, state, "1000")
