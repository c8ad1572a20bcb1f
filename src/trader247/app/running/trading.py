"""Trading, once or around the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from trader247.app.books.choice import Choice
from trader247.app.running.ending import Ending, signals_to
from trader247.app.running.opening import Opening
from trader247.app.running.plan import Plan
from trader247.app.running.tenure import tenure
from trader247.core.orders.cancellations import outlives
from trader247.domain.dataclass import dataclass
from trader247.domain.intents import WorkingIntent
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: why, and the book as it was left.

    `stops` are those that rest on at the venue, until their own end or the next run.
    """

    cause: str
    portfolio: Portfolio
    stops: tuple[WorkingIntent, ...]


def run(
    choice: Choice,
    plan: Plan,
    *,
    on_opening: Callable[[Opening], None],
    on_report: Callable[[CycleReport, Instant], None],
) -> Ended:
    """Trade until told to end. SIGINT and SIGTERM end it in order, however often they come.

    Raises:
        Trader247Error: what a person can cause, with what to do next.
        AskedToEnd: a signal came before anything was traded.
    """
    ending = Ending()
    with signals_to(ending.ask), tenure(choice, plan, on_report=on_report) as held:
        on_opening(held.opening)
        trader = held.trader
        until = None if plan.span is None else trader.clock.now() + plan.span
        ending.hand_to(trader.loop.end)
        cause = trader.loop.run(cycles=plan.cycles, until=until)
        held.pulse.ended(cause)
        portfolio = trader.ledger.portfolio
        stops = [each for each in portfolio.working.values() if outlives(each, portfolio)]
        return Ended(cause, portfolio, tuple(stops))


def cycle(choice: Choice, plan: Plan) -> tuple[Opening, CycleReport]:
    """Trade one cycle: on a simulated market one interval later than the last.

    Where something is being sold and cannot wait, more follow; the report is the last one's, with
    what all of them sent and booked.

    Working orders stay as they are: the next cycle looks after them, and each ends by itself.

    Raises:
        Trader247Error: what a person can cause, with what to do next.
    """
    reports: list[CycleReport] = []
    once = replace(plan, speed=None)
    with tenure(
        choice, once, on_report=lambda report, _: reports.append(report), is_once=True
    ) as held:
        held.trader.loop.run_once()
        return held.opening, reduce(lambda earlier, last: last.after(earlier), reports)
