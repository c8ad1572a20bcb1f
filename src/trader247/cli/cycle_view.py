"""A cycle in words: one line for the log of a run, a table for `cycle`, one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from trader247.app.durations import in_words
from trader247.app.trading import Opening
from trader247.cli.output import Cell, Column, Tone, show_table
from trader247.domain.decisions import Outcome
from trader247.domain.money import CONTEXT, Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Reason, TradingState
from trader247.domain.reports import CycleReport

_ACTIONS = frozenset(
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
        str(report.time)[11:19],
        f"#{report.cycle}",
        report.regime,
        f"equity {money(report.equity)}",
        f"day {change(portfolio)}",
        f"{len(portfolio.positions)} held",
    ]
    if report.trading_state is not TradingState.ACTIVE:
        parts.append(report.trading_state.value)
    if report.unreachable:
        parts.append(f"market unreachable: {report.unreachable}")
    return "  ".join(parts)


def news(report: CycleReport, known: Mapping[str, str]) -> list[str]:
    """What happened besides, a line each: orders, fills, breaks, and refusals that are new.

    `known` are the reasons of the cycle before.
    """
    lines = [
        f"  {product} {outcome.reason.value}: {outcome.detail}"
        for product, outcome in report.endings.items()
        if outcome.reason in _ACTIONS
        or (is_refusal(outcome) and known.get(str(product)) != outcome.reason.value)
    ]
    if report.collected.fills or report.collected.error:
        lines.append(f"  {report.collected.sentence}")
    lines += [
        f"  BREAK {each.key}: ledger {each.ledger}, venue {each.venue}"
        for each in report.collected.breaks
    ]
    return lines


def reasons(report: CycleReport) -> dict[str, str]:
    """Each product's reason, for telling what is new in the next cycle."""
    return {str(product): outcome.reason.value for product, outcome in report.endings.items()}


def opening_lines(opening: Opening) -> list[str]:
    """What a run says before its first cycle."""
    places, start = opening.places, opening.start
    seed = "" if opening.seed is None else f", seed {opening.seed}"
    lines = [f"{places.mode.value} on {opening.label}{_unless_said(seed, opening.label)}"]
    if opening.archived is not None:
        lines.append(f"the book before this one is in {opening.archived}")
    if start.is_first:
        lines.append(f"a new book in {places.data}; a cycle every {in_words(opening.interval)}")
    else:
        ended = "" if start.was_clean else "; the last run did not end properly, all was recovered"
        lines.append(f"down {in_words(opening.away)} of market time{ended}")
    if opening.stops_missed:
        names = ", ".join(str(product) for product in opening.stops_missed)
        lines.append(f"{len(opening.stops_missed)} stops would have fired: {names}")
    if start.unresolved:
        lines.append(f"{start.unresolved} orders of unknown outcome are being resolved")
    lines += [f"note: {remark}" for remark in opening.remarks]
    halts = opening.halts
    if halts:
        lines.append(f"HALTED by {', '.join(halts)}: see trader247 risk status")
    lines.append(f"stop: Ctrl-C, or `trader247 kill on --data {places.data}` from any shell")
    return lines


def _unless_said(seed: str, label: str) -> str:
    return "" if seed.removeprefix(", ") in label else seed


def is_refusal(outcome: Outcome) -> bool:
    """Whether a product got as far as a wish, and a check said no."""
    names = list(Reason)
    return names.index(outcome.reason) >= names.index(Reason.TRADING_STATE) or (
        outcome.reason is Reason.SIZE_BELOW_FLOOR
    )


def summary(report: CycleReport) -> str:
    """How many products ended in which reason."""
    counts = Counter(outcome.reason.value for outcome in report.endings.values())
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common())


def table(report: CycleReport) -> None:
    """Every product with its one reason."""
    rows = [
        (str(product), Cell(outcome.reason.value, _tone(outcome)), outcome.detail)
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


def money(amount: Money | None) -> str:
    """Money for people: two decimals, thousands apart; UNKNOWN where it is unknown."""
    return "UNKNOWN" if amount is None else f"{amount.value:,.2f}"


def change(portfolio: Portfolio) -> str:
    """The day's change of equity in per cent, flow-adjusted."""
    nav, day = portfolio.equity.nav, portfolio.equity.day
    if nav is None or day is None:
        return "UNKNOWN"
    share = CONTEXT.divide(nav, day.nav) - 1
    return f"{share * 100:+.2f} %"


def _tone(outcome: Outcome) -> Tone:
    if outcome.reason in (Reason.ENTRY_SENT, Reason.EXIT_SENT):
        return Tone.GOOD
    if outcome.reason in _ACTIONS:
        return Tone.BAD
    return Tone.DIM if outcome.reason in _PASSIVE else Tone.PLAIN
