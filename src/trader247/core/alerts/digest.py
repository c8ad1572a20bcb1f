"""A day in one message: profit and loss, trades, refusals, halts, how long it was up, what next."""

from __future__ import annotations

from trader247.core.alerts.words import NOTES, stake
from trader247.core.book.clocks import Clocks
from trader247.core.book.tally import up_to_midnight
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import Recorded
from trader247.domain.money import CONTEXT, ZERO, Money
from trader247.domain.portfolio import DayTally, Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import HOUR, MINUTE

REASONS_SHOWN = 3


def digest_for(recorded: Recorded, before: Portfolio) -> AlertRaised | None:
    """The digest of the UTC day that the first whole cycle of a later one ends; else None."""
    event, tally = recorded.event, before.tally
    if not isinstance(event, CycleDecided) or event.is_exits_only or tally is None:
        return None
    clocks = Clocks.of(event)
    if clocks.right.day_start <= tally.day or not clocks.begin_day_after(tally.day):
        return None
    up = up_to_midnight(before, tally, clocks.right)
    refused = sorted(tally.refusals.items(), key=lambda each: (-each[1], each[0]))[:REASONS_SHOWN]
    top = ", ".join(f"{reason} {count:,}" for reason, count in refused) or "none"
    halts = ", ".join(each.value for each in tally.halts) or "none"
    standing = next(iter(before.halts), None)
    following = "trader247 status" if standing is None else NOTES[standing].next_command
    fills = before.fills_booked - tally.fills
    text = (
        f"{str(tally.day)[:10]} UTC: {_profit(before, tally)}; "
        f"{fills:,} {'fill' if fills == 1 else 'fills'}; refused: {top}; halts: {halts}; "
        f"up {up // HOUR} h {up % HOUR // MINUTE} min, {tally.cycles:,} cycles. {stake(before)}. "
        f"{_head(recorded)}Next: {following}"
    )
    return AlertRaised(Severity.INFO, "daily_digest", text)


def _head(recorded: Recorded) -> str:
    """Where the chain stands: kept outside, it shows whether the journal was written anew since."""
    return f"Chain: event {recorded.seq:,}, {recorded.hash}. " if recorded.hash else ""


def _profit(portfolio: Portfolio, tally: DayTally) -> str:
    record, currency = portfolio.equity, portfolio.quote_currency
    realised = (portfolio.realised - tally.realised).value
    fees = (portfolio.fees_paid - tally.fees).value
    rest = f"realised {realised:+,.2f}, fees {fees:,.2f}"
    nav, day = record.nav, record.day
    if nav is None or day is None or day.time.day_start != tally.day or day.nav <= ZERO:
        return f"profit and loss UNKNOWN, {rest} {currency}"
    made: Money = record.money(CONTEXT.subtract(nav, day.nav))
    share = CONTEXT.multiply(CONTEXT.divide(CONTEXT.subtract(nav, day.nav), day.nav), 100)
    return f"{made.value:+,.2f} {currency} ({share:+.2f} %), {rest}"
