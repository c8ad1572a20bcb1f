"""A report in the terminal: the summary, the curve, what was made where, at 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.app.reports import screen as report_screen
from trader247.cli import figures
from trader247.cli.layout import Field, columns, wrapped
from trader247.cli.output import Cell, Tone, clean, is_writable, say, show, show_rows, width_of
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.reports.screen import Group, Metric, Report, Written
    from trader247.domain.money import Money

_CURVE_HEIGHT = 8
_LABEL = 13
_PART, _AMOUNT = 28, 12
_REFUSALS_SHOWN = 5


def emit(report: Report) -> None:
    """Print report.json on one line."""
    emit_body(report_screen.json_body(report))


def emit_body(body: object) -> None:
    """Print a body that has its `schema_version` already."""
    import json

    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def draw(report: Report) -> None:
    """The whole summary."""
    _head(report)
    _curve(report)
    _metrics(report.metrics, report.win_interval)
    _money(report)
    _models(report)
    for by, title in (("product", "by product"), ("rule", "by rule"), ("exit", "by exit")):
        _groups(title, report.groups[by])
    _refusals(report)


def tell_files(files: Written) -> None:
    """Where the report was written."""
    sys.stdout.flush()
    say(f"wrote {files.json}, hash {files.hash[:16]}")
    if files.html is not None:
        say(f"wrote {files.html}: open it in a browser; it needs no network")
    elif files.trouble:
        say(f"no report.html: {files.trouble}")


def _head(report: Report) -> None:
    story = report.story
    tell(f"{story.origin.market} · {story.origin.title}")
    tell(
        f"{figures.moment(story.begin)} to {figures.moment(story.end)}: "
        f"{story.cycles:,} cycle{'' if story.cycles == 1 else 's'}, "
        f"{len(story.trades):,} trade{'s' * (len(story.trades) != 1)} closed, "
        f"{len(story.still_open):,} open"
    )
    for each in report.assumptions:
        mark = "! " if each.is_warning else "  "
        tell_labelled(f"{mark}{each.name}", each.text)
    for caution in report.cautions:
        warn(caution)


def tell_labelled(label: str, text: str) -> None:
    """A label, and a text beside it that stays in its column."""
    import textwrap

    room = max(min(width_of(), 80) - _LABEL, 20)
    for index, line in enumerate(textwrap.wrap(clean(text), room) or [""]):
        show(f"{label if index == 0 else '':<{_LABEL}}{line}")


def warn(text: str) -> None:
    """A caution, broken at words."""
    import textwrap

    for index, line in enumerate(textwrap.wrap(clean(text), min(width_of(), 80) - _LABEL)):
        label = "CAUTION" if index == 0 else ""
        show_rows([(Cell(f"{label:<{_LABEL}}"), Cell(line, Tone.WARN))])


def _curve(report: Report) -> None:
    width = min(width_of(), 80) - _LABEL
    drawn = report_screen.equity_drawn(report, width=width, height=_CURVE_HEIGHT)
    if drawn is None:
        return
    show()
    if not is_writable("".join(drawn.rows)):
        span = f"{figures.money(drawn.low)} to {figures.money(drawn.high)}"
        show(f"equity went through {span}; its curve takes a terminal of UTF-8")
        show()
        return
    tones = Tone.BAD if report.curve.nav[-1] < report.curve.nav[0] else Tone.GOOD
    for index, row in enumerate(drawn.rows):
        label = ""
        if index == 0:
            label = figures.money(drawn.high)
        elif index == len(drawn.rows) - 1:
            label = figures.money(drawn.low)
        show_rows([(Cell(f"{label:>{_LABEL - 1}} ", Tone.DIM), Cell(row, tones))])
    gap = width - len(drawn.first) - len(drawn.last)
    show(f"{'equity':>{_LABEL - 1}} {drawn.first}{' ' * max(gap, 1)}{drawn.last}")
    show()


def _metrics(metrics: Sequence[Metric], interval: tuple[float, float] | None) -> None:
    known = [each for each in metrics if each.value is not None]
    cells = [(each.name, _value(each)) for each in known]
    if interval is not None:
        text = f"{interval[0] * 100:.0f} to {interval[1] * 100:.0f} %"
        at = next(i for i, each in enumerate(known) if each.id == "win_rate")
        cells.insert(at + 1, ("  95 % interval", text))
    # Two beside each other, where name and value of each stay apart.
    whole = min(width_of(), 80)
    beside = 2 if all(len(n) + len(v) < whole // 2 - 2 for n, v in cells) else 1
    count = -(-len(cells) // beside)
    width = whole // 2 - 2 if beside == 2 else whole
    for index in range(count):
        row = [f"{name:<{width - len(value)}}{value}" for name, value in cells[index::count]]
        show("    ".join(row).rstrip())
    for each in metrics:
        if each.value is None:
            _unknown(each)


def _unknown(metric: Metric) -> None:
    rows = wrapped(f"{metric.name}: unknown, {metric.reason}", min(width_of(), 80))
    show_rows([tuple(Cell(each.text, Tone.DIM) for each in row) for row in rows])


def _value(metric: Metric) -> str:
    assert metric.value is not None, "an unknown figure is told apart"
    digits = 1 if metric.unit == "days" else 2
    # What is rounded to nothing is not told as less than that.
    value = round(metric.value, digits) + 0.0
    return f"{value:,.{digits}f} {metric.unit}".rstrip()


def _money(report: Report) -> None:
    story = report.story
    show()
    for each in report_screen.made_rows(report):
        amount = figures.money(each.amount, is_signed=True)
        show(f"{each.name:<{_PART}}{amount:>{_AMOUNT}}  {each.note}"[: width_of()].rstrip())
    paid = f"fees {figures.money(story.fees)}  slippage {figures.money(story.slippage)}"
    tell(f"paid, and in the figures above: {paid} {story.origin.currency}")


def models_body(report: Report) -> list[object]:
    """How far each model of fills moves the result, as JSON holds it."""
    return list(report_screen.json_body(report)["fill_models"])


def _models(report: Report) -> None:
    """How far the model of fills moves the result."""
    rows = report.story.variants
    if not rows:
        return

    def share(value: float | None) -> Cell:
        return Cell("unknown" if value is None else f"{value * 100:z,.2f} %")

    show()
    show_rows(
        columns(
            [
                Field(
                    "if fills were",
                    tuple(Cell(f"{e.name}{' (this one)' if e.is_shown else ''}") for e in rows),
                    is_figure=False,
                ),
                Field("return", tuple(share(e.total_return) for e in rows)),
                Field("max drawdown", tuple(share(e.max_drawdown) for e in rows)),
                Field("trades", tuple(Cell(f"{e.trades:,}") for e in rows)),
                Field("fees", tuple(Cell(figures.money(e.fees)) for e in rows)),
                Field("slippage", tuple(Cell(figures.money(e.slippage)) for e in rows)),
            ],
            width_of(),
        )
    )


def _groups(title: str, groups: Sequence[Group]) -> None:
    if not groups:
        return
    show()
    show_rows(
        columns(
            [
                Field(title, tuple(Cell(clean(each.name)) for each in groups), is_figure=False),
                Field("trades", tuple(Cell(f"{each.trades:,}") for each in groups)),
                Field("won", tuple(Cell(_share(each)) for each in groups)),
                Field("profit", tuple(_profit(each.pnl) for each in groups)),
                Field("fees", tuple(Cell(figures.money(each.fees)) for each in groups)),
                Field("slippage", tuple(Cell(figures.money(each.slippage)) for each in groups)),
            ],
            width_of(),
        )
    )


def _share(group: Group) -> str:
    return f"{100 * group.wins / group.trades:.0f} %" if group.trades else "-"


def _profit(amount: Money) -> Cell:
    tone = Tone.BAD if amount.value < 0 else Tone.GOOD
    return Cell(figures.money(amount, is_signed=True), tone)


def _refusals(report: Report) -> None:
    top = list(report.story.refusals.items())[:_REFUSALS_SHOWN]
    if top:
        show()
        said = ", ".join(f"{reason} {count:,}" for reason, count in top)
        tell(f"stopped most by: {said}")
    for each in report.story.stops:
        until = "stands" if each.cleared is None else f"until {figures.moment(each.cleared)}"
        tell(f"HALT {each.name} from {figures.moment(each.since)}, {until}: {each.cause}")
