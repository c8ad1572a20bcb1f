"""A cycle in words: one line for the log of a run, a table for `cycle`, one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trader247.app.durations import in_words
from trader247.cli import figures
from trader247.cli.output import Cell, Column, Tone, show_table
from trader247.domain.money import CONTEXT, ONE, Percent
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Reason, TradingState
from trader247.domain.reports import CycleReport
from trader247.domain.words import counted

if TYPE_CHECKING:
    from trader247.app.running.opening import Opening
    from trader247.app.running.trading import Ended

ACTIONS = frozenset(
    {
        Reason.ENTRY_SENT,
        Reason.EXIT_SENT,
        Reason.DRY_RUN,
        Reason.DECLINED,
        Reason.NOT_SENT,
        Reason.UNKNOWN_OUTCOME,
    }
)
_PASSIVE = frozenset(
    {
        Reason.NO_TRIGGER,
        Reason.HOLDING,
        Reason.ORDER_WORKING,
        Reason.WAITING_TO_ENTER,
        Reason.NOT_AT_VENUE,
    }
)


def line(report: CycleReport) -> str:
    """The cycle on one line of at most 80 columns, as far as the figures allow."""
    portfolio = report.portfolio
    parts = [
        figures.clock(report.time),
        f"#{report.cycle:<4}",
        f"{report.regime:<5}",
        f"equity {figures.money(report.equity)}",
        f"day {change(portfolio)}",
        f"{len(portfolio.positions)} held",
    ]
    if portfolio.working:
        parts.append(f"{len(portfolio.working)} open")
    if report.trading_state is not TradingState.ACTIVE:
        parts.append(report.trading_state.value)
    return "  ".join(parts)


def opening_lines(opening: Opening) -> list[str]:
    """What is said before the first cycle: whose figures follow, and what was found."""
    places, start = opening.places, opening.start
    seed = "" if opening.seed is None else f", seed {opening.seed}"
    lines = [f"{places.mode.value} on {opening.label}{_unless_said(seed, opening.label)}"]
    lines += opening.stage
    if opening.archived is not None:
        lines.append(f"the book before this one is in {opening.archived}")
    if start.is_first:
        lines.append(f"a new book in {places.data}; a cycle every {in_words(opening.interval)}")
    else:
        ended = "" if start.was_clean else "; the last run did not end properly, all was recovered"
        lines.append(f"down {in_words(opening.away)} of market time{ended}")
    if opening.stops_missed:
        names = ", ".join(str(product) for product in opening.stops_missed)
        lines.append(f"{counted(len(opening.stops_missed), 'stop')} would have fired: {names}")
    if start.unresolved:
        lines.append(f"being resolved: {counted(start.unresolved, 'order')} of unknown outcome")
    lines += [f"note: {remark}" for remark in opening.remarks]
    if opening.halts:
        state = opening.portfolio.trading_state.value
        lines.append(f"{state} by {', '.join(opening.halts)}: see trader247 risk status")
    return lines


def how_to_stop(data: Path) -> str:
    """How a run is ended, in an emergency too, whatever folder the other shell is in."""
    return f"stop: Ctrl-C, or `trader247 kill on --data {data.resolve()}` from any shell"


def _unless_said(seed: str, label: str) -> str:
    return "" if seed.removeprefix(", ") in label else seed


def ended_lines(ended: Ended, data: Path) -> list[str]:
    """What a run says at its end: why, and what it leaves behind."""
    portfolio = ended.portfolio
    currency = portfolio.quote_currency
    held = len(portfolio.positions)
    stops = ended.stops
    working = len(portfolio.working) - len(stops)
    left = f"{counted(held, 'position')} kept" if held else "no position"
    lines = [
        f"ended: {ended.cause}",
        f"equity {figures.money(portfolio.equity.equity)} {currency}, {left}, "
        f"fees {figures.money(portfolio.fees_paid)}, "
        f"realised {figures.money(portfolio.realised, is_signed=True)}",
    ]
    if working:
        orders = counted(working, "order")
        lines.append(f"{orders} could not be proven cancelled: trader247 reconcile")
    if stops:
        until = figures.moment(min(each.intent.end_time for each in stops))
        lines.append(
            f"{counted(len(stops), 'stop')} left at the venue, the first until {until}: "
            "the next run takes over"
        )
    if held:
        after = "after that nobody watches" if stops else "nobody watches"
        lines.append(
            f"{after} the stops of what is held until the next run: "
            f"trader247 run --data {data.resolve()}"
        )
    return lines


def table(report: CycleReport) -> None:
    """Every product with its one reason."""
    rows = [
        (
            str(product),
            Cell(outcome.reason.value, tone_of(outcome.reason)),
            figures.for_people(outcome.detail),
        )
        for product, outcome in report.endings.items()
    ]
    show_table((Column("product"), Column("reason"), Column("detail", is_wide=True)), rows)


def body(report: CycleReport, opening: Opening) -> dict[str, object]:
    """The JSON object of a cycle."""
    return {
        "cycle": report.cycle,
        "time": report.time,
        "mode": opening.places.mode,
        "venue": opening.places.venue,
        "market": opening.label,
        "seed": opening.seed,
        "regime": report.regime,
        "equity": report.equity,
        "trading_state": report.trading_state,
        "products": [
            {"product": product, "reason": outcome.reason, "detail": outcome.detail}
            for product, outcome in report.endings.items()
        ],
        "orders_sent": report.orders_sent,
        "fills": report.collected.fills,
    }


def change(portfolio: Portfolio) -> str:
    """The day's change of equity in per cent, flow-adjusted."""
    nav, day = portfolio.equity.nav, portfolio.equity.day
    if nav is None or day is None:
        return figures.UNKNOWN
    share = Percent.from_fraction(CONTEXT.subtract(CONTEXT.divide(nav, day.nav), ONE))
    return figures.percent(share, is_signed=True)


def tone_of(reason: Reason) -> Tone:
    """How a product's reason is coloured."""
    if reason in (Reason.ENTRY_SENT, Reason.EXIT_SENT):
        return Tone.GOOD
    if reason in ACTIONS:
        return Tone.BAD
    return Tone.DIM if reason in _PASSIVE else Tone.PLAIN
