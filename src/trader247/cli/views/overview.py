"""A book on one screen: the same rows for `run --watch` and for `status`."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.app.books.made import shown
from trader247.app.books.overview import (
    DecisionView,
    ExposureView,
    OrderView,
    Overview,
    PositionView,
    StopView,
)
from trader247.cli import figures
from trader247.cli.layout import (
    Field,
    Row,
    Section,
    arranged,
    columns,
    flowed,
    plain_row,
    spread,
    wrapped,
)
from trader247.cli.output import Cell, Tone, clean
from trader247.cli.views.cycle import ACTIONS, tone_of
from trader247.cli.views.news import is_refusal
from trader247.domain.money import CONTEXT, ZERO, Money, Percent, plain
from trader247.domain.reasons import HaltName, Reason, TradingState

_NEAR = 80
"""Per cent of a limit from which a figure is coloured as a warning."""

_STATES = {
    TradingState.ACTIVE: Tone.GOOD,
    TradingState.REDUCING: Tone.WARN,
    TradingState.HALTED: Tone.BAD,
}


def rows_of(
    view: Overview,
    *,
    width: int,
    height: int | None,
    pulse: Row,
    footer: Sequence[Row],
) -> tuple[Row, ...]:
    """The whole screen; `pulse` says when the next cycle is, `footer` what a reader should know."""
    sections = [
        Section(_head(view, width, pulse)),
        _halts(view, width),
        Section((*_money(view, width), *_exposures(view, width))),
        _positions(view, width),
        _dust(view, width),
        _orders(view),
        _troubles(view),
        _decisions(view),
        Section(tuple(footer)),
    ]
    return arranged([each for each in sections if each.head or each.rows], width, height)


def _head(view: Overview, width: int, pulse: Row) -> tuple[Row, ...]:
    seed = "" if view.seed is None or f"seed {view.seed}" in view.market else f", seed {view.seed}"
    name = f"{view.mode.value} on {view.venue.value}"
    state = Cell(view.trading_state.value, _STATES[view.trading_state])
    regime = f"  regime {view.regime}" if view.regime else ""
    what = f"  cycle {view.cycle}{regime}" if view.cycle else "  no cycle yet"
    return (
        spread(
            (Cell(name), Cell(f"  {clean(view.market)}{seed}", Tone.WARN)),
            plain_row("" if view.time is None else figures.moment(view.time)),
            width,
        ),
        spread((state, Cell(what)), pulse, width),
    )


def _halts(view: Overview, width: int) -> Section:
    rows: list[Row] = []
    for halt in view.halts:
        since = "just now" if halt.since is None else f"since {figures.moment(halt.since)}"
        rows.append(plain_row(f"HALT {halt.name}, {since}", Tone.BAD))
        rows += wrapped(figures.for_people(f"{halt.cause}. {halt.consequence}"), width, indent=2)
        rows.append(plain_row(f"  clears: {halt.clears}"))
    return Section(tuple(rows))


def _money(view: Overview, width: int) -> tuple[Row, ...]:
    pnl = view.pnl
    worth = [
        _labelled(
            "equity", f"{figures.money(pnl.equity)} {view.quote_currency}", _known(pnl.equity)
        ),
        _labelled("cash", figures.money(pnl.cash), _known(pnl.cash)),
        *(
            _labelled(each.name, figures.money(each.amount, is_signed=True), _gain(each.amount))
            for each in shown(view.made)
        ),
        _labelled("fees", figures.money(pnl.fees)),
    ]
    stops = {stop.name: stop for stop in view.stops}
    losses = [
        _loss("day", pnl.day, stops.get(HaltName.DAILY_STOP)),
        _loss("week", pnl.week, stops.get(HaltName.WEEKLY_STOP)),
        _drawdown(pnl.drawdown_pct, stops.get(HaltName.DRAWDOWN)),
    ]
    return (*flowed(worth, width), *flowed(losses, width))


def _labelled(label: str, text: str, tone: Tone = Tone.PLAIN) -> Row:
    return (Cell(f"{label} ", Tone.DIM), Cell(text, tone))


def _loss(label: str, amount: Money | None, stop: StopView | None) -> Row:
    """What a span of time made, and how much of its stop is used up."""
    row = _labelled(label, figures.money(amount, is_signed=True), _gain(amount))
    if stop is None:
        return row
    # Not the change beside it: a stop counts from the highest of its bases, and only downwards.
    fall = None if stop.change is None else Percent(abs(stop.change.value))
    text = f" (down {figures.percent(fall)} of {plain(abs(stop.limit.value))} %)"
    return (*row, Cell(text, _near(stop.change, stop.limit)))


def _drawdown(share: Percent | None, stop: StopView | None) -> Row:
    text = figures.percent(share)
    if stop is None:
        return _labelled("drawdown", text)
    limit = f"{text} of {plain(abs(stop.limit.value))} %"
    return _labelled("drawdown", limit, _near(share, stop.limit))


def _exposures(view: Overview, width: int) -> tuple[Row, ...]:
    parts = [_exposure(each) for each in view.exposures if each.name == "total" or _is_used(each)]
    label = "exposure "
    first, *others = parts
    return flowed([(Cell(label, Tone.DIM), *first), *others], width, indent=len(label))


def _is_used(each: ExposureView) -> bool:
    return each.amount is None or not each.amount.is_zero


def _exposure(each: ExposureView) -> Row:
    return _labelled(
        each.name,
        f"{figures.percent(each.share)} of {plain(each.cap.value)} %",
        _near(each.share, each.cap),
    )


def _near(value: Percent | None, limit: Percent) -> Tone:
    """How a figure is coloured by its distance to a limit, whatever the sign of both."""
    if value is None:
        return Tone.WARN
    if limit.value == 0 or (value.value < 0) is not (limit.value < 0):
        return Tone.PLAIN
    used = CONTEXT.divide(abs(value.value), abs(limit.value)) * 100
    if used >= 100:
        return Tone.BAD
    return Tone.WARN if used >= _NEAR else Tone.PLAIN


def _known(amount: object | None) -> Tone:
    return Tone.WARN if amount is None else Tone.PLAIN


def _gain(amount: Money | None) -> Tone:
    if amount is None:
        return Tone.WARN
    if amount.value == ZERO:
        return Tone.PLAIN
    return Tone.GOOD if amount.value > 0 else Tone.BAD


def _positions(view: Overview, width: int) -> Section:
    held = view.positions
    if not held:
        return Section((_labelled("positions", "none"),))
    head, *rows = columns(
        (
            Field("position", tuple(Cell(str(each.product)) for each in held), is_figure=False),
            Field("quantity", tuple(Cell(figures.quantity(each.quantity)) for each in held)),
            Field("entry", tuple(Cell(figures.price(each.entry_price)) for each in held), weight=2),
            Field("bid", tuple(Cell(figures.price(each.mark), _known(each.mark)) for each in held)),
            Field("worth", tuple(Cell(figures.money(each.worth)) for each in held), weight=1),
            Field("gain", tuple(_gained(each) for each in held)),
            Field("%", tuple(_changed(each) for each in held)),
            Field("stop", tuple(Cell(figures.price(each.stop)) for each in held)),
            Field("target", tuple(Cell(figures.price(each.target)) for each in held)),
            Field(
                "leaves by",
                tuple(Cell(figures.moment(each.leaves_at)[5:16]) for each in held),
                weight=3,
            ),
            Field("rule", tuple(Cell(each.rule) for each in held), is_figure=False, weight=4),
        ),
        width,
    )
    return Section((head,), tuple(rows), least=3, more="trader247 state show positions")


def _dust(view: Overview, width: int) -> Section:
    """What is less than the venue sells, if there is any."""
    if not view.dust:
        return Section(())
    label = "dust "
    worths = (
        (each.product, f"{figures.quantity(each.quantity)} worth {figures.money(each.worth)}")
        for each in view.dust
    )
    first, *others = [_labelled(str(product), worth) for product, worth in worths]
    return Section(flowed([(Cell(label, Tone.DIM), *first), *others], width, indent=len(label)))


def _gained(each: PositionView) -> Cell:
    return Cell(figures.money(each.unrealised, is_signed=True), _gain(each.unrealised))


def _changed(each: PositionView) -> Cell:
    text = figures.percent(each.change, is_signed=True).removesuffix(" %")
    return Cell(text, _gain(each.unrealised))


def _orders(view: Overview) -> Section:
    if not view.orders:
        return Section((_labelled("open orders", "none"),))
    rows = tuple(_order(each) for each in view.orders)
    return Section(
        (plain_row("open orders", Tone.DIM),), rows, least=2, more="trader247 state show orders"
    )


def _order(each: OrderView) -> Row:
    filled = "" if each.filled.is_zero else f", {figures.quantity(each.filled)} filled"
    text = (
        f"  {each.side.value:<4} {each.product} {figures.quantity(each.quantity)} at "
        f"{figures.price(each.price)}{filled}, ends {figures.clock(each.end_time)}"
    )
    state = "" if each.order_id is not None else f"  {each.state.value}: not known at the venue yet"
    return (Cell(text), Cell(state, Tone.WARN))


def _troubles(view: Overview) -> Section:
    rows = [
        plain_row(f"  {each.name.value} since {figures.clock(each.since)}: {each.cause}", Tone.WARN)
        for each in view.breakers
    ]
    head = _labelled("breakers", "open, nothing is bought" if rows else "none open")
    rows += [
        plain_row(
            f"  {'BREAK' if each.is_break else 'pending'} {each.key}: "
            f"ledger {each.ledger}, venue {each.venue}",
            Tone.BAD if each.is_break else Tone.WARN,
        )
        for each in view.differences
    ]
    if view.unreachable:
        rows.append(plain_row(f"  market unreachable: {view.unreachable}", Tone.BAD))
    return Section((head,), tuple(rows), least=3, more="trader247 risk status")


def _decisions(view: Overview) -> Section:
    ordered = sorted(view.decisions, key=lambda each: _rank(each.reason))
    if not ordered:
        return Section((_labelled("last decisions", "none yet"),))
    product = max(len(str(each.product)) for each in ordered)
    reason = max(len(each.reason.value) for each in ordered)
    rows = tuple(_decision(each, product, reason) for each in ordered)
    return Section(
        (plain_row("last decisions", Tone.DIM),),
        rows,
        least=3,
        more="trader247 status shows all",
    )


def _rank(reason: Reason) -> int:
    """What happened first, then what was refused, then what was measured; holdings last."""
    if reason in ACTIONS:
        return 0
    if is_refusal(reason):
        return 1
    return 3 if reason is Reason.HOLDING else 2


def _decision(each: DecisionView, product: int, reason: int) -> Row:
    tone = tone_of(each.reason)
    return (
        Cell(f"  {each.product!s:<{product}}  "),
        Cell(f"{each.reason.value:<{reason}}  ", tone),
        Cell(
            clean(figures.for_people(each.detail)).replace("\n", " "),
            Tone.DIM if tone is Tone.DIM else Tone.PLAIN,
        ),
    )
