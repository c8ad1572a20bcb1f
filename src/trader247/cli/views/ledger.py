"""The ledger as text that holds at 80 columns; `--json` has every digit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from trader247.app.books.made import shown
from trader247.cli import figures
from trader247.cli.layout import Field, columns
from trader247.cli.output import Cell, Column, Tone, show, show_rows, show_table, width_of
from trader247.cli.views.standing import tell
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.books.earning import Earning
    from trader247.app.books.ledger_view import (
        AlertRow,
        FillRow,
        FunnelDay,
        LedgerView,
        OrderRow,
        PositionRow,
        Source,
    )
    from trader247.app.venue.orders import VenueOrder
    from trader247.domain.portfolio import Portfolio

_SEVERITIES = {"CRITICAL": Tone.BAD, "WARNING": Tone.WARN}
_DELIVERIES = {"delivered": Tone.GOOD, "failing": Tone.BAD}
_REASONS_SHOWN = 4
_LABEL_WIDTH = 28
_AMOUNT_WIDTH = 12


def head(source: Source) -> None:
    """Whose figures follow, and as of when."""
    tell(f"{source.market} · {source.mode.value} on {source.venue.value}")
    tell(f"at {figures.moment(source.time)}")


def summary(view: LedgerView) -> None:
    """The ledger on one screen."""
    portfolio = view.portfolio
    head(view.source)
    tell(f"the ledger after event {portfolio.seq}, cycle {portfolio.cycle}")
    show()
    amounts(view)
    show()
    standing(portfolio)
    if view.positions:
        show()
        positions(view.positions)
    dust(view.dust)


def amounts(view: LedgerView) -> None:
    """Every figure of profit and loss, one a line; what was made in parts that add up."""
    pnl = view.pnl
    _line("", view.portfolio.quote_currency)
    _amount("equity", pnl.equity, "cash, and what is held after fees")
    _amount("cash", pnl.cash)
    for each in shown(view.made):
        _line(each.name, figures.money(each.amount, is_signed=True), each.note)
    _amount("fees", pnl.fees, "paid so far, and in the figures above")
    _amount("flows", pnl.flows, "capital that came and went")
    _amount("day", pnl.day, "since 00:00 UTC")
    _amount("week", pnl.week, "since Monday 00:00 UTC")
    _amount("high-water mark", pnl.high_water_mark)
    _line("drawdown", figures.percent(pnl.drawdown_pct))


def _amount(label: str, amount: Money | None, note: str = "") -> None:
    _line(label, figures.money(amount), note)


def _line(label: str, text: str, note: str = "") -> None:
    show(f"{label:<{_LABEL_WIDTH}}{text:>{_AMOUNT_WIDTH}}  {note}".rstrip())


def standing(portfolio: Portfolio) -> None:
    """What stands against trading, and what is under way."""
    tell(f"trading state: {portfolio.trading_state.value}")
    for halt in portfolio.halts.values():
        tell(f"HALT {halt.name.value} since {figures.moment(halt.since)}: {halt.cause}")
    for breaker in portfolio.breakers.values():
        tell(f"breaker {breaker.name.value} is open: {breaker.cause}")
    for each in portfolio.differences.values():
        word = "BREAK" if each.is_break else "pending"
        tell(f"{word} {each.key}: ledger {each.ledger}, venue {each.venue}")
    tell(
        f"{len(portfolio.positions)} positions, {len(portfolio.working)} orders under way, "
        f"{portfolio.fills_booked} fills booked, {portfolio.fills_quarantined} quarantined"
    )


def positions(rows: Sequence[PositionRow]) -> None:
    """What is held, with the prices at which it leaves."""
    _table(
        Field("product", _cells(str(row.product) for row in rows), is_figure=False),
        Field("quantity", _cells(figures.quantity(row.quantity) for row in rows)),
        Field("cost", _cells(figures.money(row.cost) for row in rows)),
        Field("bid", _cells(figures.price(row.mark) for row in rows)),
        Field("gain", tuple(_gain(row.unrealised) for row in rows)),
        Field("stop", _cells(figures.price(row.stop) for row in rows)),
        Field("target", _cells(figures.price(row.target) for row in rows)),
        Field("opened", _cells(_moment(str(row.opened)) for row in rows), weight=1),
    )


def dust(rows: Sequence[PositionRow]) -> None:
    """What is left of positions and less than the venue sells, if there is any."""
    if not rows:
        return
    show()
    _table(
        Field("dust", _cells(str(row.product) for row in rows), is_figure=False),
        Field("quantity", _cells(figures.quantity(row.quantity) for row in rows)),
        Field("cost", _cells(figures.money(row.cost) for row in rows)),
        Field("bid", _cells(figures.price(row.mark) for row in rows)),
        Field("gain", tuple(_gain(row.unrealised) for row in rows)),
        Field("opened", _cells(_moment(str(row.opened)) for row in rows), weight=1),
    )
    tell("dust is less than the venue sells: it goes with what is bought of its product next")


def orders(rows: Sequence[OrderRow]) -> None:
    """Orders, oldest first."""
    _table(
        Field("product", _cells(row.product for row in rows), is_figure=False),
        Field("side", _cells(row.side for row in rows), is_figure=False),
        Field("price", _cells(_price(row.price) for row in rows)),
        Field("quantity", _cells(_quantity(row.quantity) for row in rows)),
        Field("filled", _cells(_quantity(row.filled) for row in rows)),
        Field("state", _cells(row.state for row in rows), is_figure=False),
        Field("ends", _cells(_moment(row.end_time) for row in rows), weight=1),
    )


def at_venue(rows: Sequence[VenueOrder]) -> None:
    """Orders as the venue has them, and what the ledger thinks of each."""
    _table(
        Field("product", _cells(row.product for row in rows), is_figure=False),
        Field("side", _cells(row.side for row in rows), is_figure=False),
        Field("price", _cells(_price(row.price) for row in rows)),
        Field("quantity", _cells(_quantity(row.quantity) for row in rows)),
        Field("filled", _cells(_quantity(row.filled) for row in rows)),
        Field("venue", _cells(row.state or "not listed" for row in rows), is_figure=False),
        Field("ledger", _cells(row.ledger or "unknown" for row in rows), is_figure=False),
        Field("whose", _cells(row.whose.value for row in rows), is_figure=False, weight=1),
    )


def fills(rows: Sequence[FillRow]) -> None:
    """Booked fills, oldest first."""
    _table(
        Field("time", _cells(_moment(row.time) for row in rows), is_figure=False),
        Field("product", _cells(row.product for row in rows), is_figure=False),
        Field("side", _cells(row.side for row in rows), is_figure=False),
        Field("price", _cells(_price(row.price) for row in rows)),
        Field("quantity", _cells(_quantity(row.quantity) for row in rows)),
        Field("fee", _cells(figures.money(Money.of(row.fee)) for row in rows)),
        Field("role", _cells(row.liquidity.lower() for row in rows), is_figure=False),
        Field("decision", _cells(row.decision_id for row in rows), is_figure=False, weight=1),
    )


def alerts(rows: Sequence[AlertRow]) -> None:
    """Alerts with what became of them, oldest first."""
    show_table(
        (Column("time"), Column("severity"), Column("sent"), Column("text", is_wide=True)),
        [
            (
                _moment(row.time),
                Cell(row.severity, _SEVERITIES.get(row.severity, Tone.PLAIN)),
                Cell(_sent(row), _DELIVERIES.get(row.state, Tone.DIM)),
                f"{row.code}: {row.text}",
            )
            for row in rows
        ],
    )


def funnel(days: Sequence[FunnelDay]) -> None:
    """How far products came, a line a day, and under it what stopped most of the others."""
    stages = list(days[0].counts) if days else []
    _table(
        Field("day", _cells(each.day[5:] for each in days), is_figure=False),
        Field("cycles", _cells(str(each.cycles) for each in days), weight=2),
        *(Field(stage.value, _cells(str(each.counts[stage]) for each in days)) for stage in stages),
        Field("filled", _cells(str(each.filled) for each in days)),
        Field("exits", _cells(str(each.exits) for each in days), weight=1),
    )
    for each in days:
        top = list(each.stopped.items())[:_REASONS_SHOWN]
        said = ", ".join(f"{reason} {count}" for reason, count in top) or "nothing"
        tell(f"{each.day[5:]} stopped by: {said}")
    tell("Counted are products in cycles; filled are entries decided that day. Days are UTC.")


def earnings(found: Earning) -> None:
    """What each part made, and all of them."""
    rows = [*found.rows, found.total]
    _table(
        Field(found.by.value, _cells(row.key for row in rows), is_figure=False),
        Field("realised", tuple(_gain(row.realised) for row in rows)),
        Field("fees", _cells(figures.money(row.fees) for row in rows)),
        Field("bought", _cells(figures.money(row.bought) for row in rows), weight=1),
        Field("sold", _cells(figures.money(row.sold) for row in rows), weight=1),
        Field("fills", _cells(str(row.fills) for row in rows), weight=2),
    )
    tell(
        f"In {found.currency}; days and weeks are UTC, by the time of the trade. Realised is after "
        "the fees of buy and sale; fees are those paid in it, its sales made or not."
    )


def _table(*fields: Field) -> None:
    if fields[0].cells:
        show_rows(columns(fields, width_of()))


def _cells(texts: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(Cell(text) for text in texts)


def _gain(amount: Money | None) -> Cell:
    if amount is None:
        return Cell(figures.UNKNOWN, Tone.WARN)
    tone = Tone.BAD if amount < Money.of("0") else Tone.GOOD
    return Cell(figures.money(amount, is_signed=True), tone)


def _price(text: str | None) -> str:
    return "-" if text is None else figures.price(Price.of(text))


def _quantity(text: str | None) -> str:
    return "-" if text is None else figures.quantity(Quantity.of(text))


def _moment(text: str | None) -> str:
    """Month, day and time to the second."""
    return "-" if text is None else str(Instant.parse(text))[5:19].replace("T", " ")


def _sent(row: AlertRow) -> str:
    return row.state if row.attempts <= 1 else f"{row.state}, {row.attempts} tries"
