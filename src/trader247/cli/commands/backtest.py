"""`trader247 backtest`: trade the past by the code that trades live."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.figures import figure_of
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import emit_json, say, show
from trader247.cli.progress import nothing_kept, progress_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.backtests.backtesting import LaidOut, Result
    from trader247.app.reports.screen import Report


def _time(text: str) -> Instant:
    from trader247.app.backtests.backtesting import read_time

    try:
        return read_time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Products:
    """Typer takes a tuple's own type for several words: a list in one word is a value of ours."""

    ids: tuple[ProductId, ...]


def _products(text: str) -> _Products:
    names = [name for part in text.split(",") for name in part.split()]
    try:
        found = tuple(ProductId.parse(name.upper()) for name in names)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not found:
        # A variable of a script that is not set must not mean all of them.
        raise typer.BadParameter(f"{text!r} names no product; left out, it is all there are")
    return _Products(found)


def _amount(text: str) -> Decimal:
    from trader247.app.backtests.backtesting import read_amount

    try:
        return read_amount(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


app = new_app(invoke_without_command=True)
_DAY = 1440


def _share(text: str) -> Decimal:
    share = figure_of(text.removesuffix("%"))
    if share is None or not 0 <= share <= 100:
        raise typer.BadParameter(f"{text!r} is no share of 0 to 100 %")
    return share


@app.callback()
def backtest(
    context: typer.Context,
    *,
    begin: Annotated[
        Instant | None,
        typer.Option(
            "--from",
            parser=_time,
            metavar="TIME",
            help="First day or minute to trade (UTC).",
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        Instant | None,
        typer.Option(
            "--to",
            parser=_time,
            metavar="TIME",
            help="Where to stop, itself not included.",
            show_default=False,
        ),
    ] = None,
    products: Annotated[
        _Products | None,
        typer.Option(
            parser=_products,
            metavar="LIST",
            help="BTC-USD,ETH-USD; else all there are.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another policy.yaml.", show_default=False),
    ] = None,
    equity: Annotated[
        Decimal | None,
        typer.Option(
            parser=_amount,
            metavar="AMOUNT",
            help="To begin with. Else paper.equity.",
            show_default=False,
        ),
    ] = None,
    fees: Annotated[
        str,
        typer.Option(
            metavar="TIER", help="A tier, `schedule`, or maker/taker: 40/60 (bps), 0.4%/0.6%."
        ),
    ] = "Intro",
    slippage: Annotated[
        str,
        typer.Option(metavar="MODEL", help="How the book was: book, harsh or optimistic."),
    ] = "book",
    operator: Annotated[
        str,
        typer.Option(
            metavar="WHO", help="clears-at-midnight clears daily and weekly stops at 00:00 UTC."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="What ids are derived from besides.")] = 0,
    is_slow: Annotated[
        bool, typer.Option("--slow", help="Every minute in full: the reference.")
    ] = False,
    is_every_model: Annotated[
        bool | None,
        typer.Option(
            "--all-models/--one-model",
            help="Also run the other --slippage models, and compare. Usual with --out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write report.json and report.html there.", show_default=False
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An earlier report.json: exit 1 where decisions differ from its own.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        Decimal | None,
        typer.Option(
            parser=_share,
            metavar="PCT",
            help="Trades that may differ from the baseline's. Else 0: nothing decided may.",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Trade the candles in DATA/candles by the code that trades live: what would have happened?

    The same decisions, checks, sizes, orders, exits and booking as live, on the simulated
    exchange's own matching, with the policy in force or another one. Only time and prices come
    from the past. The first 8 days of history are warm-up, or 26 h where there is less.

    A halt stands to the end, as it would until a person looks.

    Examples:

      trader247 backtest --from 2026-01-01 --to 2026-02-01

      trader247 backtest --products BTC-USD,ETH-USD --fees 40/60 --policy own.yaml

      trader247 backtest --equity 1000000 --operator clears-at-midnight --json

      trader247 backtest --out reports/january

      trader247 backtest --baseline reports/january/report.json --tolerance 0

    Exit codes: 0 done; 1 other decisions than the baseline's; 2 no candles, too few, a baseline
    without trades, or wrong usage; 6 configuration or policy invalid; 8 --out cannot be written;
    130 interrupted.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    from trader247.app.backtests.backtesting import Asked, laid_out, measure

    asked = Asked(
        config=config,
        data=data,
        begin=begin,
        end=end,
        products=() if products is None else products.ids,
        policy=policy,
        equity=equity,
        fees=fees,
        slippage=slippage,
        seed=seed,
        operator=operator,
        is_slow=is_slow,
    )
    if tolerance is not None and baseline is None:
        raise UsageError(
            "--tolerance is of a baseline, and there is none", hint="name it with --baseline"
        )
    if begin is not None and end is not None and end <= begin:
        raise UsageError(
            f"--to {end} is not after --from {begin}", hint="--to itself is not traded any more"
        )
    if baseline is not None or out is not None:
        _ready(baseline, out)
    if is_every_model is None:
        # A report says how results move from pessimistic to optimistic fills.
        is_every_model = out is not None
    if as_json and out is None and baseline is None and not is_every_model:
        emit_json(_body(_traded(laid_out(asked))))
        return ExitCode.DONE
    from trader247.app.reports.backtest_story import as_variant, other_models, reported
    from trader247.app.wiring.models import run_beside

    others = other_models(asked) if is_every_model else ()
    if others and not is_slow:
        # Before they begin: they find what is measured here.
        measure(asked)
    with run_beside(as_variant, others) as models:
        if others:
            names = " and ".join(each.slippage for each in others)
            say(f"the same under the fill models {names} beside it …")
        result = _traded(laid_out(asked))
        report = reported(result, models())
    return _report(
        result,
        report,
        out=out,
        baseline=baseline,
        tolerance=tolerance or Decimal(0),
        as_json=as_json,
    )


def _ready(baseline: Path | None, out: Path | None) -> None:
    """Know before a long run that what it is held against is there, and where it is written."""
    from trader247.app.reports.comparing import baseline_of
    from trader247.app.reports.files import made_ready

    if baseline is not None:
        baseline_of(baseline, out)
    if out is not None:
        made_ready(out)


def _traded(past: LaidOut) -> Result:
    """Trade the past while somebody sees how far it has come."""
    with nothing_kept(), progress_of("trading the past", "days") as told:
        return past.traded(lambda done, of: told(done // _DAY, -(-of // _DAY)))


@app.command()
def compare(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="A B [MORE]", help="report.json files, or their folders."),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write comparison.html there.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> ExitCode:
    """Hold reports against each other: decisions, trades, figures, settings, data.

    Trades are compared between the first two. The page draws the curves over each other, and the
    profits and refusals side by side.

    Examples:

      trader247 backtest compare reports/before reports/after

      trader247 backtest compare a.json b.json c.json --out reports/abc

    Exit codes: 0 every decision is the same; 1 they differ; 2 no such report, or wrong usage; 8
    --out cannot be written.
    """
    from trader247.app.reports import comparing
    from trader247.cli.views import compare as compare_view

    if len(reports) < 2:
        raise UsageError("one report has nothing to be compared with", hint="name two or more")
    found, bodies = comparing.compared_files(reports)
    written = None if out is None else comparing.write_comparison(found, bodies, out)
    if as_json:
        compare_view.emit(found)
    else:
        compare_view.draw(found)
    if written is not None:
        page, trouble = written
        say(f"wrote {page}" if page is not None else f"no comparison.html: {trouble}")
    return ExitCode.DONE if found.is_decided_alike else ExitCode.REFUSED


def _report(
    result: Result,
    report: Report,
    *,
    out: Path | None,
    baseline: Path | None,
    tolerance: Decimal,
    as_json: bool,
) -> ExitCode:
    """The summary of a run, its files, and what a baseline says of it."""
    from trader247.app.reports import comparing
    from trader247.app.reports.files import write_report
    from trader247.cli.views import compare as compare_view
    from trader247.cli.views import report as report_view

    gate = None if baseline is None else comparing.gated(report, baseline, tolerance)
    files = None if out is None else write_report(report, out)
    if as_json:
        models = report_view.models_body(report)
        compare_view.emit_run({**_body(result), "fill_models": models}, files, gate)
    else:
        report_view.draw(report)
        show()
        show(f"decisions {result.decision_hash[:16]}, policy {result.policy_hash[:16]}")
        if files is not None:
            report_view.tell_files(files)
        if gate is not None:
            compare_view.tell_gate(gate)
    return ExitCode.DONE if gate is None or gate.is_passed else ExitCode.REFUSED


def _body(result: Result) -> dict[str, object]:
    return {
        "start": result.start,
        "end": result.end,
        "starting_equity": result.starting_equity,
        "final_equity": result.final_equity,
        "trades": len(result.trades),
        "closed": sum(not each.is_open for each in result.trades),
        "orders": len(result.orders),
        "fills": len(result.fills),
        "fees": result.fees,
        "slippage": result.slippage,
        "refusals": result.refusals,
        "stops": result.stops,
        "settings": result.settings,
        "data": result.data,
        "decision_hash": result.decision_hash,
        "policy_hash": result.policy_hash,
        "assumptions": result.assumptions,
        "warnings": result.warnings,
    }
