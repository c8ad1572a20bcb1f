"""What the way of alerts means for trading: nobody buys while nobody can be told."""

from __future__ import annotations

from tests.engine.stage import BTC, Stage

from trader247.domain.events.people import AlertRaised, AlertsAcknowledged
from trader247.domain.reasons import HaltName, Severity, TradingState
from trader247.ports import Command, CommandKind


def test_who_cannot_be_told_of_something_critical_buys_nothing_more(stage: Stage) -> None:
    stage.position()
    stage.told.is_stuck = "no channel has taken daily_stop for 5 min"
    stage.breakout()
    stage.cycle()
    stage.trader.loop.run(cycles=1, until=None)

    halt = stage.portfolio.halts[HaltName.ALERTS]
    assert "for 5 min" in halt.cause
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert BTC in stage.portfolio.positions, "it stays, and can leave"
    assert stage.told.codes.count("alerts") == 1
    stage.trader.loop.run(cycles=1, until=None)
    assert stage.told.codes.count("alerts") == 1


def test_the_halt_stays_until_a_person_clears_it_and_not_while_its_cause_stands(
    stage: Stage,
) -> None:
    stage.told.is_stuck = "no channel has taken daily_stop for 5 min"
    stage.trader.loop.run(cycles=1, until=None)
    is_done, text = stage.trader.commands.obey(clearing())
    assert not is_done
    assert "alerts test" in text
    assert "alerts ack --all" in text

    stage.told.is_stuck = ""
    stage.trader.loop.run(cycles=1, until=None)
    assert HaltName.ALERTS in stage.portfolio.halts
    assert stage.trader.commands.obey(clearing())[0]
    assert HaltName.ALERTS not in stage.portfolio.halts
    assert stage.told.known == ["alerts"]


def test_a_storm_is_told_of_as_one_critical_alert(stage: Stage) -> None:
    stage.told.storm = "More than 20 warnings within an hour."
    stage.trader.loop.run(cycles=2, until=None)
    (storm,) = [each for each in stage.recorded(AlertRaised) if each.code == "alert_storm"]
    assert storm.severity is Severity.CRITICAL
    assert "Next: trader247 alerts list" in storm.text
    assert stage.portfolio.trading_state is TradingState.ACTIVE


def test_acknowledging_is_journalled_and_clears_no_halt(stage: Stage) -> None:
    stage.told.is_stuck = "no channel has taken x for 5 min"
    stage.trader.loop.run(cycles=1, until=None)
    number = stage.portfolio.open_alerts["alerts"].ids[0]
    assert stage.trader.commands.obey(knowing("nonsense")) == (
        False,
        f"no critical alert nonsense waits to be acknowledged; waiting now: {number} alerts",
    )
    is_done, text = stage.trader.commands.obey(knowing(str(number)))
    assert is_done
    assert "still halted by: alerts" in text
    assert stage.recorded(AlertsAcknowledged) == [AlertsAcknowledged(("alerts",), "ann")]
    assert stage.told.known == ["alerts"]
    assert HaltName.ALERTS in stage.portfolio.halts

    assert stage.trader.commands.obey(knowing("all")) == (
        True,
        "no critical alert waits to be acknowledged",
    )


def test_what_is_acknowledged_at_once_is_told_of_in_the_order_in_which_it_was_raised(
    stage: Stage,
) -> None:
    codes = [f"of its own {number}" for number in range(12)]
    for code in codes:
        stage.trader.ledger.record(AlertRaised(Severity.CRITICAL, code, f"{code} happened"))
    assert stage.trader.commands.obey(knowing("all"))[0]
    assert stage.told.known == codes


def test_what_was_acknowledged_stays_so_after_a_restart(stage: Stage) -> None:
    stage.told.is_stuck = "no channel has taken x for 5 min"
    stage.trader.loop.run(cycles=1, until=None)
    stage.told.is_stuck = ""
    stage.restart()
    assert "alerts" in stage.portfolio.open_alerts
    assert stage.trader.commands.obey(knowing("alerts"))[0]
    stage.restart()
    assert "alerts" not in stage.portfolio.open_alerts
    stage.cycle(3)
    assert "alerts:escalated" not in stage.told.codes


def clearing() -> Command:
    arguments = {"name": "alerts", "reason": "mended", "operator": "ann"}
    return Command("1", CommandKind.CLEAR_HALT, arguments)


def knowing(alert: str) -> Command:
    return Command("1", CommandKind.ALERT_ACK, {"alert": alert, "operator": "ann"})
