"""Booking a fill: cash, fees, lots and what the position made, from one execution of an order."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from trader247.core.book.clocks import not_before
from trader247.core.book.dust import left_of, placed_in, with_dust
from trader247.core.book.faulting import with_trade
from trader247.core.book.intents import after_fill, found, places, within_a_day
from trader247.core.book.lots import sold
from trader247.core.book.staging import traded
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import LedgerError, NotHeld
from trader247.domain.events.orders import FillBooked
from trader247.domain.fills import Fill
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.intents import RecordedIntent, WorkingIntent
from trader247.domain.money import CONTEXT, NO_MONEY, Bps, Money
from trader247.domain.orders import Side
from trader247.domain.portfolio import DaySpending, Portfolio, ProductHistory
from trader247.domain.position import Lot, Position
from trader247.domain.proposals import Purpose
from trader247.domain.time import Instant

SLIPS_MAX = 10
"""Of how many fills of a product the realised cost is remembered."""
_HUNDREDTH = Decimal("0.01")


def fill_booked(portfolio: Portfolio, event: FillBooked, at: Instant) -> Portfolio:
    """The portfolio after a fill of an order of ours.

    Raises:
        LedgerError: the fill contradicts its intent or the ledger; it belongs in quarantine.
    """
    fill = event.fill
    known = found(portfolio, event.client_order_id)
    contradiction = _contradiction(portfolio, fill, known)
    if contradiction:
        raise LedgerError(f"fill {fill.entry_id}: {contradiction}")
    if fill.side is Side.BUY:
        change = _bought(portfolio, fill, known)
    else:
        change = _sold(portfolio, fill, known)
    return _booked(portfolio, fill, known, change, at)


def _contradiction(portfolio: Portfolio, fill: Fill, known: WorkingIntent | None) -> str:
    """Why a fill cannot be what it says, in words; empty if it can."""
    if portfolio.cash is None:
        return "the ledger has no cash yet"
    if fill.quantity.is_zero:
        return "it fills nothing"
    return "" if known is None else _against_intent(fill, known)


def _against_intent(fill: Fill, known: WorkingIntent) -> str:
    """How a fill contradicts what was ordered; empty if it does not."""
    intent, side = known.intent, fill.side
    if fill.product != intent.product or side is not intent.side:
        ordered = f"{intent.side.value} {intent.product}"
        return f"a {side.value} of {fill.product} for an intent to {ordered}"
    if known.filled + fill.quantity > intent.quantity:
        return f"{known.filled} and {fill.quantity} are more than the {intent.quantity} ordered"
    is_worse = fill.price > intent.price if side is Side.BUY else fill.price < intent.price
    return f"its price {fill.price} is worse than the limit {intent.price}" if is_worse else ""


@dataclass(frozen=True, slots=True)
class _Change:
    """What a fill does to the ledger; `position` is None where nothing is left.

    `is_loss` says whether a closed position lost; None while nothing has closed. `is_dust` says
    that it is dust that was sold: its position has closed before.
    """

    cash: Money
    position: Position | None
    made: Money = NO_MONEY
    is_loss: bool | None = None
    is_stop: bool = False
    is_dust: bool = False


def _bought(portfolio: Portfolio, fill: Fill, known: WorkingIntent | None) -> _Change:
    lot = Lot(fill.quantity, fill.price, fill.fee, fill.time)
    held = portfolio.positions.get(fill.product)
    if held is None:
        position = _opened(portfolio, lot, known, fill.product)
        dust = portfolio.dust.get(fill.product)
        if dust is not None:
            position = with_dust(position, dust)
    else:
        position = replace(held, lots=(*held.lots, lot))
    return _Change(-(fill.notional + fill.fee), position)


def _opened(
    portfolio: Portfolio, lot: Lot, known: WorkingIntent | None, product: ProductId
) -> Position:
    """A new position, on the plan of the intent that bought it.

    Raises:
        LedgerError: no intent says how the position is to end.
    """
    plan = None if known is None else known.intent.plan
    if known is None or plan is None:
        raise LedgerError(f"a buy of {product} that no recorded entry explains")
    intent = known.intent
    return Position(
        product=product,
        lots=(lot,),
        strategy=intent.strategy,
        rule=intent.rule,
        decision_id=intent.decision_id,
        plan=plan,
        opened=lot.opened,
        highest=lot.price,
        exit_legs=_legs_used(portfolio, intent.decision_id),
    )


def _legs_used(portfolio: Portfolio, decision: DecisionId) -> int:
    """The last exit leg of a decision: a position that opens again must not repeat its ids."""
    return max(
        (
            each.intent.leg
            for intents in (portfolio.working, portfolio.settled)
            for each in intents.values()
            if each.intent.decision_id == decision and each.intent.purpose is Purpose.EXIT
        ),
        default=0,
    )


def _sold(portfolio: Portfolio, fill: Fill, known: WorkingIntent | None) -> _Change:
    held = portfolio.positions.get(fill.product)
    is_dust = held is None
    if held is None:
        held = portfolio.dust.get(fill.product)
    if held is None:
        raise NotHeld(f"fill {fill.entry_id}: sold {fill.product}, of which we hold nothing")
    sale = sold(held.lots, fill.quantity)
    proceeds = fill.notional - fill.fee
    made = proceeds - sale.cost
    if sale.left or is_dust:
        rest = left_of(held, sale, made) if sale.left else None
        return _Change(proceeds, rest, made, is_dust=is_dust)
    is_loss = held.realised + made < NO_MONEY
    is_stop = known is not None and known.intent.is_by_stop(is_loss=is_loss)
    return _Change(proceeds, None, made, is_loss, is_stop)


def _booked(
    portfolio: Portfolio, fill: Fill, known: WorkingIntent | None, change: _Change, at: Instant
) -> Portfolio:
    """The portfolio with everything that a fill changes, at once: this is the hot path."""
    assert portfolio.cash is not None, "a fill is booked against known cash"
    product = fill.product
    working, settled = portfolio.working, portfolio.settled
    if known is not None:
        working, settled = places(portfolio, _filled(known, fill), at)
    positions, dust = portfolio.positions, portfolio.dust
    if change.is_dust:
        dust = placed_in(dust, product, change.position)
    else:
        positions = placed_in(positions, product, change.position)
        if product in dust:
            dust = placed_in(dust, product, None)
    stage = portfolio.stage
    if stage is not None and _is_trade(known):
        stage = traded(stage, product)
    conduct = portfolio.conduct
    if known is not None and known.filled.is_zero and known.intent.stop_price is None:
        conduct = with_trade(portfolio, known, at)
    spent = _spent(portfolio, fill, not_before(portfolio, at))
    streak, last_loss = portfolio.losing_streak, portfolio.last_loss
    if change.is_loss is not None:
        streak = streak + 1 if change.is_loss else 0
        last_loss = _later(last_loss, fill.time) if change.is_loss else last_loss
    return replace(
        portfolio,
        seq=portfolio.seq + 1,
        cash=portfolio.cash + change.cash,
        realised=portfolio.realised + change.made,
        fees_paid=portfolio.fees_paid + fill.fee,
        fills_booked=portfolio.fills_booked + 1,
        positions=positions,
        dust=dust,
        working=working,
        settled=settled,
        history={**portfolio.history, product: _remembered(portfolio, fill, known, change)},
        spent=spent,
        losing_streak=streak,
        last_loss=last_loss,
        fills_until=_later(portfolio.fills_until, fill.sequence_time),
        stage=stage,
        conduct=conduct,
    )


def _is_trade(known: WorkingIntent | None) -> bool:
    """Whether this is the first fill of an entry."""
    return known is not None and known.intent.purpose is Purpose.ENTRY and known.filled.is_zero


def _filled(known: WorkingIntent, fill: Fill) -> WorkingIntent:
    """The intent with one fill more: it is at the venue, whatever we thought."""
    return after_fill(
        replace(
            known,
            filled=known.filled + fill.quantity,
            filled_fees=known.filled_fees + fill.fee,
            fill_count=known.fill_count + 1,
            order_id=fill.order_id,
        )
    )


def _spent(portfolio: Portfolio, fill: Fill, at: Instant) -> DaySpending:
    """What the day has bought and paid with this fill; a fill counts on the day of its booking."""
    known = portfolio.spent
    before = DaySpending(at.day_start) if known is None else known.going_on(at, portfolio.time)
    bought = before.bought + fill.notional if fill.side is Side.BUY else before.bought
    return replace(before, bought=bought, fees=before.fees + fill.fee)


def _remembered(
    portfolio: Portfolio, fill: Fill, known: WorkingIntent | None, change: _Change
) -> ProductHistory:
    """What the product's cooldowns will ask for."""
    history = portfolio.history.get(fill.product, ProductHistory())
    entries, running, slips = history.entries, history.entries_running, history.slips
    if _is_trade(known):
        entries, running = (*within_a_day(entries, fill.time), fill.time), running + 1
    if fill.side is Side.SELL:
        running = 0
    if known is not None:
        slips = (*slips, slip_of(fill, known.intent))[-SLIPS_MAX:]
    return ProductHistory(
        last_entry=history.last_entry,
        last_fill=_later(history.last_fill, fill.time),
        last_loss=_later(history.last_loss, fill.time) if change.is_loss else history.last_loss,
        last_stop=_later(history.last_stop, fill.time) if change.is_stop else history.last_stop,
        previous_stop=history.last_stop if change.is_stop else history.previous_stop,
        entries=entries,
        entries_running=running,
        slips=slips,
        last_price=fill.price,
    )


def slip_of(fill: Fill, intent: RecordedIntent) -> Bps:
    """How much worse than what it was decided on an order filled, in hundredths rounded up.

    That is the mid of its decision; for a stop that waited, the price that it waited for.
    """
    decided = intent.reference if intent.stop_price is None else intent.stop_price
    above = fill.price.bps_above(decided).value
    cost = above if fill.side is Side.BUY else -above
    return Bps(cost.quantize(_HUNDREDTH, rounding=ROUND_CEILING, context=CONTEXT))


def _later(known: Instant | None, time: Instant) -> Instant:
    return time if known is None or known < time else known
