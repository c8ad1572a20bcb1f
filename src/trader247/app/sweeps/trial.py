"""One trial: the backtest of a policy with other values, and what it made, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trader247.adapters.clock import SystemClock
from trader247.app.garbage import nothing_collected
from trader247.app.sweeps.space import with_values
from trader247.backtest.fast import quickest
from trader247.backtest.run import Setup
from trader247.domain.dataclass import dataclass
from trader247.report.curve import daily_closes, returns_of

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial. `returns` has one of each UTC day; `seconds` is what it took."""

    days: tuple[int, ...]
    returns: tuple[float, ...]
    trades: int
    pnl: float
    fees: float
    decisions: str
    halts: tuple[str, ...]
    seconds: float


def tried(setup: Setup, values: Mapping[str, str]) -> Outcome:
    """Trade the past under other values.

    Raises:
        SettingsInvalid: a value is out of its bounds.
    """
    clock = SystemClock()
    begin = clock.monotonic()
    run = quickest(replace(setup, policy=with_values(setup.policy, values)))
    with nothing_collected():
        run.run()
    series = run.columns.equity()
    days, closes = daily_closes(series.minute * _MINUTE_US, series.cents.astype(float))
    closed = [each for each in run.recorder.trades if not each.is_open]
    return Outcome(
        days=tuple(days[1:].tolist()),
        returns=tuple(returns_of(closes).tolist()),
        trades=len(closed),
        pnl=sum(float(each.realised.value) for each in closed),
        fees=sum(float(each.fees.value) for each in closed),
        decisions=run.recorder.decision_hash,
        halts=tuple(each.name for each in run.recorder.stops if each.kind == "halt"),
        seconds=(clock.monotonic() - begin).total_seconds(),
    )
