"""`trader247 cycle`: trade one cycle and exit; safe for cron."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.running import trading
from trader247.app.running.plan import Plan
from trader247.cli import figures
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    KeyFile,
    ModeChoice,
    VenueChoice,
)
from trader247.cli.output import emit_json, say, show
from trader247.cli.views import cycle as cycle_view
from trader247.cli.views.news import Newsreader
from trader247.domain.reasons import TradingState
from trader247.domain.reports import CycleReport


def cycle(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Trade one cycle, show every product with its reason, exit.

    On the simulated market a cycle is one interval later than the one before, however much time
    has really passed. Safe from cron: where a trader runs already it does nothing and exits 5. A
    sale that cannot wait is seen through, for half an interval at most.

    Exit codes: 0 done, 1 halted, 3 a reconciliation break, 4 venue unreachable, 5 another
    instance is running, 6 configuration invalid.

    Example, each minute:

      * * * * *  trader247 cycle --data /home/me/data
    """
    opening, report = trading.cycle(Choice(config, data, mode, venue, key_file), Plan())
    if as_json:
        emit_json(cycle_view.body(report, opening))
    else:
        for each in cycle_view.opening_lines(opening):
            say(each)
        show(f"{figures.date(report.time)} UTC")
        show(cycle_view.line(report))
        for each in Newsreader(opening.portfolio).events(report):
            show(f"  {each}")
        cycle_view.table(report)
        show(report.collected.sentence(report.portfolio.quote_currency))
    return _code(report)


def _code(report: CycleReport) -> ExitCode:
    if report.collected.breaks:
        return ExitCode.BREAK
    if report.unreachable or report.collected.error:
        return ExitCode.UNREACHABLE
    if report.trading_state is not TradingState.ACTIVE:
        return ExitCode.REFUSED
    return ExitCode.DONE
