"""What happened in a cycle, a line each, in words: stops, orders, fills, and refusals once."""

from __future__ import annotations

from trader247.app.running.happenings import FillTold, OrderTold, happenings
from trader247.cli import figures
from trader247.domain.decisions import Outcome
from trader247.domain.fills import Liquidity
from trader247.domain.ids import ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import Price
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import Reason
from trader247.domain.reports import CycleReport

REMEMBERED_CYCLES = 10
"""A product's refusal is told again when it was none of those of so many cycles before."""

_CAUSES = {
    ExitCause.STOP: "stop hit",
    ExitCause.TRAILING_STOP: "trailing stop hit",
    ExitCause.TARGET: "target reached",
    ExitCause.LONGEST_HOLD: "held for the longest time",
    ExitCause.FLATTEN: "flattened",
}
_NOT_TAKEN = {
    Reason.DRY_RUN: "not sent, dry run",
    Reason.DECLINED: "declined by the venue",
    Reason.NOT_SENT: "not sent",
    Reason.UNKNOWN_OUTCOME: "no answer, outcome unknown",
}
_FIRST_CHECK = list(Reason).index(Reason.TRADING_STATE)


def is_refusal(reason: Reason) -> bool:
    """Whether a product got as far as a wish, and a check said no."""
    return reason is Reason.SIZE_BELOW_FLOOR or list(Reason).index(reason) >= _FIRST_CHECK


class Newsreader:
    """Tells each cycle's news; keeps what it told last, and the refusals of the latest cycles."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._portfolio = portfolio
        self._refusals: dict[tuple[ProductId, Reason], int] = {}
        self._stops: dict[ProductId, Price] = {}

    def lines(self, report: CycleReport) -> list[str]:
        """What is new, in order of weight."""
        return [*self.events(report), *map(figures.for_people, self._refused(report))]

    def events(self, report: CycleReport) -> list[str]:
        """What is new without the refusals."""
        told = happenings(self._portfolio, report)
        known = self._portfolio.differences
        self._portfolio = report.portfolio
        currency = report.portfolio.quote_currency
        lines = [
            f"HALT  {stop.cause}. {stop.consequence} Clear it with: {stop.clears}"
            for stop in told.stops
        ]
        lines += [
            f"BREAK {each.key}: ledger {each.ledger}, venue {each.venue}"
            for each in report.collected.breaks
            if each.key not in known or not known[each.key].is_break
        ]
        if report.unreachable:
            lines.append(f"market unreachable: {report.unreachable}")
        lines += [f"breaker {each.name.value} opened: {each.cause}" for each in told.opened]
        lines += [f"breaker {name.value} closed after clean cycles" for name in told.closed]
        lines += [order_line(each, currency) for each in told.orders if self._is_news(each)]
        lines += [fill_line(each, currency) for each in told.fills]
        lines += [
            f"dust  {each.product} {each.quantity} is left, less than the venue sells"
            for each in told.aside
        ]
        lines += [
            f"dust  {each.product} {each.quantity} can be sold, and is a position again"
            for each in told.back
        ]
        if told.fills or report.collected.error:
            lines.append(report.collected.sentence(currency))
        return lines

    def _is_news(self, told: OrderTold) -> bool:
        """A stop that is renewed where it was is none: that happens every quarter of an hour."""
        product, stop = told.intent.product, told.intent.stop_price
        if stop is None or told.outcome.reason in _NOT_TAKEN:
            return True
        known = self._stops.get(product)
        self._stops[product] = stop
        return stop != known

    def _refused(self, report: CycleReport) -> list[str]:
        """Refusals that are news; products that one check refused for one reason share a line.

        What is held and may not leave is news in every cycle.
        """
        stuck: list[str] = []
        grouped: dict[Outcome, list[ProductId]] = {}
        for product, outcome in report.endings.items():
            if not is_refusal(outcome.reason):
                continue
            if product in report.portfolio.positions:
                stuck.append(f"refused to sell {product} {outcome.reason.value}: {outcome.detail}")
                continue
            last = self._refusals.get((product, outcome.reason))
            self._refusals[product, outcome.reason] = report.cycle
            if last is None or report.cycle - last > REMEMBERED_CYCLES:
                grouped.setdefault(outcome, []).append(product)
        return stuck + [
            f"refused {', '.join(map(str, products))} {outcome.reason.value}: {outcome.detail}"
            for outcome, products in grouped.items()
        ]


def order_line(told: OrderTold, currency: str) -> str:
    """`BUY  SOL-USD 0.87 at 137.86 (119.94 USD) momentum, score 0.398`."""
    intent, outcome = told.intent, told.outcome
    if intent.stop_price is None:
        text = f"{_what(intent, currency)} {_why(told)}"
    else:
        text = _kept(intent, intent.stop_price)
    if outcome.reason in _NOT_TAKEN:
        detail = "" if outcome.reason is Reason.DRY_RUN else f": {outcome.detail}"
        text += f" - {_NOT_TAKEN[outcome.reason]}{detail}"
    return text


def _what(intent: RecordedIntent, currency: str) -> str:
    notional = figures.money(intent.price * intent.quantity)
    return (
        f"{intent.side.value:<4} {intent.product} {figures.quantity(intent.quantity)} at "
        f"{figures.price(intent.price)} ({notional} {currency})"
    )


def _kept(intent: RecordedIntent, stop: Price) -> str:
    """`STOP SOL-USD 0.87 at 131.2, rests at the venue; sells down to 130.6`."""
    return (
        f"STOP {intent.product} {figures.quantity(intent.quantity)} at {figures.price(stop)}, "
        f"rests at the venue; sells down to {figures.price(intent.price)}"
    )


def _why(told: OrderTold) -> str:
    intent = told.intent
    if intent.exit_cause is not None:
        cause = _CAUSES[intent.exit_cause]
        if told.level is None:
            return cause
        level = "target" if intent.exit_cause is ExitCause.TARGET else "stop"
        return f"{cause}: bid {figures.price(told.bid)}, {level} {figures.price(told.level)}"
    # A sent entry's detail begins with its rule and its score.
    rule, _, score = told.outcome.detail.partition(":")[0].partition(" ")
    return f"{intent.rule}, score {score}" if rule == intent.rule else intent.rule


def fill_line(told: FillTold, currency: str) -> str:
    """`FILL bought 0.87 SOL-USD at 137.86 (119.94 USD), fee 0.60, maker`."""
    verb = "bought" if told.side is Side.BUY else "sold"
    amount = told.fills[0].quantity
    for fill in told.fills[1:]:
        amount = amount + fill.quantity
    parts = [
        f"FILL {verb} {figures.quantity(amount)} {told.product} at "
        f"{figures.price(told.notional.per(amount))} "
        f"({figures.money(told.notional)} {currency})",
        f"fee {figures.money(told.fee)}",
    ]
    if told.liquidity not in (None, Liquidity.UNKNOWN):
        parts.append(told.liquidity.value.lower())
    if len(told.fills) > 1:
        parts.append(f"{len(told.fills)} fills")
    if told.stop is not None:
        parts.append(f"its stop at {figures.price(told.stop)} was hit")
    if told.realised is not None:
        parts.append(f"made {figures.money(told.realised, is_signed=True)}")
    return ", ".join(parts)
