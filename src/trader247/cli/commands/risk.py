"""`trader247 risk`: status, controls."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Protocol

import typer

from trader247.app.books.choice import Choice
from trader247.app.controls.manual import Manual, base_id, manual_of, manuals, measured_ids
from trader247.app.controls.report import RiskReport, risk_report
from trader247.cli.exits import ExitCode
from trader247.cli.figures import moment, to_the_second
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import Cell, Column, Tone, emit_json, show, show_table
from trader247.domain.errors import UsageError
from trader247.domain.money import plain
from trader247.domain.time import Instant

app = new_app(help="Every control: its limit, its present value, what is left, and its manual.")

_TONES = {
    "ok": Tone.GOOD,
    "warn": Tone.WARN,
    "tripped": Tone.BAD,
    "unknown": Tone.WARN,
}
_FIGURE_MAX = 9
_TIME = re.compile(r"\d{4}-\d\d-\d\dT.*Z")
_LONG = re.compile(r"-?\d+\.\d+")
TEXT_WIDTH = 78


class _Control(Protocol):
    """A control's standing, as the report has it."""

    @property
    def id(self) -> str: ...
    @property
    def limit(self) -> str: ...
    @property
    def value(self) -> str | None: ...
    @property
    def headroom(self) -> str | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def age_s(self) -> int | None: ...


@app.command()
def status(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Show every control now, and every stop that stands with what clears it.

    Reads only: safe at any time, also beside a running trader. A value that is not known is
    UNKNOWN, never 0, and forbids new entries (`continuity`: to arm LIVE). Controls marked "per
    order" measure every order when it is proposed.

    Examples:

      trader247 risk status

      trader247 risk status --json | jq '.halts'

    Exit codes: 0 nothing stands, 1 halted or the kill switch is on, 2 no such book yet,
    6 configuration invalid, 8 storage failed.
    """
    report = risk_report(Choice(config, data, mode, venue))
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    return ExitCode.REFUSED if report.is_halted else ExitCode.DONE


@app.command("controls")
def show_controls(
    control: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One control, as `quote_age` or `daily_stop`."),
    ] = None,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """List the controls, or print the manual of one: what it does, its limits, where they are set.

    The list and the manuals need no book; the present standing is shown where there is one.

    Examples:

      trader247 risk controls

      trader247 risk controls quote_age

    Exit codes: 0 shown, 2 no such control, 6 configuration invalid, 8 storage failed.
    """
    manual = None if control is None else manual_of(control, config)
    try:
        report = risk_report(Choice(config, data, mode, venue))
    except UsageError:
        # A book that was not begun yet has no standing; its controls have manuals all the same.
        report = None
    if as_json:
        emit_json(_controls_body(report, manual, config))
    elif manual is None:
        _list(config)
    else:
        _explain(manual, report)
    return ExitCode.DONE


def _draw(report: RiskReport) -> None:
    show(f"{report.market} · {report.mode.value} on {report.venue.value}")
    seen = "no cycle yet"
    if report.market_age is not None:
        seen = f"cycle {report.cycle}, market read {_age(report.market_age.total_seconds())} ago"
    show(to_the_second(f"at {report.time}, {seen}"))
    show(to_the_second(f"trader: {report.holder or 'none is running'}"))
    show(f"trading state: {report.trading_state.value}")
    for halt in report.halts:
        since = "not journalled yet" if halt.since is None else f"since {moment(halt.since)}"
        show()
        show(f"HALT {halt.name}, {since}")
        show(to_the_second(f"  cause:  {halt.cause}"))
        show(f"  clears: {halt.clears}")
    show_table(_columns("control"), [_row(each, each.state.value) for each in report.controls])
    counts = [each.state.value for each in report.controls]
    show(", ".join(f"{counts.count(word)} {word}" for word in _TONES if word in counts))
    for remark in report.remarks:
        show(f"note: {remark}")


def _columns(first: str) -> list[Column]:
    return [
        Column(first),
        Column("value", is_figure=True),
        Column("limit", is_wide=True),
        Column("left", is_figure=True),
        Column("state"),
        Column("age", is_figure=True),
    ]


def _row(control: _Control, state: str) -> list[str | Cell]:
    is_unknown = state == "unknown"
    value = _figure(control.value)
    if control.value is None:
        # A breaker may stand open because nothing can be measured.
        value = "per order" if state == "ok" else "UNKNOWN"
    return [
        control.id,
        Cell(value, Tone.DIM if value == "per order" else Tone.PLAIN),
        f"{_figure(control.limit)} {control.unit}".strip() or "-",
        _figure(control.headroom) or "-",
        Cell("UNKNOWN" if is_unknown else state, _TONES[state]),
        "-" if control.age_s is None else _age(control.age_s),
    ]


def _figure(text: str | None) -> str:
    """A long figure cut to two decimals, a time to its second: JSON has all of it."""
    if text is None or len(text) <= _FIGURE_MAX:
        return text or ""
    if _TIME.fullmatch(text):
        return moment(Instant.parse(text))
    if not _LONG.fullmatch(text):
        return text
    return plain(Decimal(text).quantize(Decimal("0.01")))


def _age(seconds: float) -> str:
    whole = int(seconds)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if whole >= 2 * size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def _list(config: ConfigDir) -> None:
    show_table(
        [Column("row", is_figure=True), Column("control"), Column("what it is", is_wide=True)],
        [[str(each.row), each.id, each.title] for each in manuals(config)],
    )
    show("one of them in full: trader247 risk controls ID")


def _explain(manual: Manual, report: RiskReport | None) -> None:
    show(f"{manual.id} · row {manual.row} · {manual.source}")
    show()
    _paragraph(manual.title)
    _paragraph(manual.text)
    if manual.is_for_exits is not None:
        show("It binds entries and exits." if manual.is_for_exits else "It binds entries alone.")
    for each in manual.limits:
        show()
        show(f"{each.key} = {each.value} {each.unit}".rstrip())
        _paragraph(f"{each.doc}; {each.allowed}; set by {each.origin}", indent="  ")
    if manual.gap:
        show()
        _paragraph(f"Not held yet, of row {manual.row}: {manual.gap}")
    if manual.id not in measured_ids():
        show()
        show("it holds by how trader247 is built: nothing of it is measured")
        return
    standing = [] if report is None else _of(report, manual.id)
    if not standing:
        show()
        show("no book yet: nothing is measured")
        return
    show_table(_columns("now"), [_row(each, state) for each, state in standing])


def _paragraph(text: str, *, indent: str = "") -> None:
    for line in wrap(text, TEXT_WIDTH, initial_indent=indent, subsequent_indent=indent):
        show(line)


def _of(report: RiskReport, name: str) -> list[tuple[_Control, str]]:
    return [(each, each.state.value) for each in report.controls if base_id(each.id) == name]


def _body(report: RiskReport) -> dict[str, object]:
    return {
        "mode": report.mode.value,
        "venue": report.venue.value,
        "market": report.market,
        "seed": report.seed,
        "time": report.time,
        "cycle": report.cycle,
        "trading_state": report.trading_state,
        "halts": report.halts,
        "controls": report.controls,
        "notes": report.remarks,
    }


def _controls_body(
    report: RiskReport | None, manual: Manual | None, config: Path | None
) -> dict[str, object]:
    body: dict[str, object] = {"trading_state": None, "halts": [], "controls": []}
    if report is not None:
        body = _body(report)
        if manual is not None:
            body["controls"] = [each for each, _ in _of(report, manual.id)]
    # Like the list that people get, what controls there are needs no book.
    told = {"manuals": manuals(config)} if manual is None else {"manual": manual}
    return {**body, **told}
