"""The command line's front door: the table of commands, and how every command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from errno import ELOOP
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.lazy import LazyCommand, LazyGroup, new_app
from trader247.cli.narrow import fit
from trader247.cli.outlets import open_outlets, take_failure
from trader247.cli.plain_values import read_plainly
from trader247.domain.errors import Trader247Error

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

_TRADE = "Trade"
_STOP = "Stop"
_LOOK = "Look"
_CARE = "Set up and check"
_PAST = "Try on the past"


def _command(name: str, help_line: str, panel: str, attribute: str | None = None) -> LazyCommand:
    return LazyCommand(name, f"trader247.cli.commands.{name}", attribute or name, help_line, panel)


COMMANDS = (
    _command("run", "Trade, cycle after cycle, until Ctrl-C.", _TRADE),
    _command("cycle", "Trade one cycle and exit; safe for cron.", _TRADE),
    _command("arm", "LIVE: let orders go to an account for 30 days.", _TRADE),
    _command("disarm", "LIVE: take an arming back.", _TRADE),
    _command("confirm", "LIVE: say yes to a trade that waits for it.", _TRADE),
    _command("pause", "No new entries; exits go on.", _TRADE),
    _command("resume", "End a pause.", _TRADE),
    _command("orders", "Our orders: under way, and just ended.", _TRADE),
    _command("cancel", "End orders of ours.", _TRADE),
    _command("flatten", "Sell positions; --dry-run shows price and fee.", _TRADE),
    _command("adopt", "Make foreign coins a position, at a stated cost.", _TRADE),
    _command("kill", "The kill switch: on, off, status. Needs no config.", _STOP, "app"),
    _command("unlock", "Who holds the lock, which halts stand; clear them.", _STOP, "app"),
    _command("status", "Everything on one screen.", _LOOK),
    _command("health", "Exit 0 if all is well, else 1.", _LOOK),
    _command("monitor", "Watch the account from outside; stop the trader.", _STOP),
    _command("risk", "Every control: its limit, value and state.", _LOOK, "app"),
    _command("state", "What the ledger says; verify it, back it up, export it.", _LOOK, "app"),
    _command("report", "What really happened: figures, curves, pages.", _LOOK),
    _command("why", "Why a product traded or not, and what would change it.", _LOOK),
    _command("explain", "What a code means, and what to do next.", _LOOK),
    _command("replay", "Decide past cycles again, or under another policy.", _LOOK),
    _command("reconcile", "Compare the ledger with the venue.", _LOOK),
    _command("backtest", "Trade the past by the code that trades live.", _PAST, "app"),
    _command("sweep", "Many settings on the past, and how much is luck.", _PAST),
    _command("strategy", "Write a strategy; check that it does not look ahead.", _PAST, "app"),
    _command("parity", "The same tape by backtest and by paper: any difference?", _PAST),
    _command("data", "Candles for backtests: take in, list, verify.", _PAST, "app"),
    _command("sim", "The simulated exchange: its books; serve it.", _LOOK, "app"),
    _command("simulate", "Prove it: years under faults, from a seed.", _CARE),
    _command("metrics", "The book as OpenMetrics, for Prometheus.", _LOOK),
    _command("init", "Write the configuration files, for editing.", _CARE),
    _command("config", "Check and show the configuration.", _CARE, "app"),
    _command("key", "What is wrong with a key; how old it is.", _CARE, "app"),
    _command("smoke", "Ten read-only checks of venue and set-up.", _CARE),
    _command("drill", "Every emergency, under your own limits, measured.", _CARE),
    _command("support", "A redacted bundle for whoever helps you.", _CARE, "app"),
    _command("preflight", "What LIVE still needs to be shown, with evidence.", _CARE),
    _command("alerts", "Try the channels; list and acknowledge alerts.", _CARE, "app"),
)

_AFTER_HELP = """\
 Examples
   trader247 run --mode paper --speed 60    a simulated hour each minute
   trader247 status                         what is going on
   trader247 kill on --reason "looks odd"   stop: no order is sent after it
   touch data/KILL_SWITCH                   the same by hand

 Exit codes
"""


class Commands(LazyGroup):
    """The root group."""

    table = COMMANDS

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        super().format_help(ctx, formatter)
        formatter.write(_AFTER_HELP)
        for code in ExitCode:
            formatter.write(f"   {code.value:>3}  {code.meaning}\n")


root = new_app(cls=Commands, no_args_is_help=True)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"trader247 {version('trader247')}")
        raise typer.Exit


@root.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="TRADER247_DEBUG", help="Show the traceback of a bug."),
    ] = False,
) -> None:
    """Trades around the clock, and stops when it should.

    Without configuration it trades on a simulated market: no network, no key, no real money.
    """


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; answers its exit code. Nothing that a user can cause raises."""
    as_json = "--json" in arguments
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            # Python itself makes an error of one that comes while a class is made.
            return ExitCode.INTERRUPTED
        return _failed(error, arguments, as_json=as_json)
    return _kept(code, as_json=as_json)


def main() -> NoReturn:
    """The entry point."""
    open_outlets()
    sys.exit(execute(sys.argv[1:]))


def _invoke(arguments: Sequence[str]) -> int:
    read_plainly()
    command = typer.main.get_command(root)
    fit(command)
    answer = command.main(args=list(arguments), prog_name="trader247", standalone_mode=False)
    return answer if isinstance(answer, int) else ExitCode.DONE


def _kept(code: int, *, as_json: bool) -> int:
    """The code; 8 where all went well, but for an answer that stdout did not take."""
    lost = take_failure()
    if lost is None:
        return code
    from trader247.cli import failure

    return failure.report_unkept(lost, code, as_json=as_json)


def _failed(error: Exception, arguments: Sequence[str], *, as_json: bool) -> int:
    from trader247.cli import failure

    if isinstance(error, Trader247Error):
        return failure.report_failure(error, as_json=as_json)
    if isinstance(error, typer.Abort):
        return failure.report_unconfirmed(as_json=as_json)
    if isinstance(error, typer.TyperException):
        return _misused(error, as_json=as_json)
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):
        # Before Python 3.13 pathlib says so of what is ELOOP to the system.
        error = OSError(ELOOP, str(error))
    if isinstance(error, OSError):
        code = failure.report_os_error(error, as_json=as_json)
        if code is not None:
            return code
    if isinstance(error, MemoryError):
        return failure.report_no_memory(error, as_json=as_json)
    debug = "--debug" in arguments or os.environ.get("TRADER247_DEBUG", "") not in ("", "0")
    return failure.report_bug(error, log=_log_path(arguments), as_json=as_json, debug=debug)


def _misused(error: typer.TyperException, *, as_json: bool) -> int:
    from trader247.cli import failure

    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(error.format_message() + "\n")
        return ExitCode.USAGE
    path = "trader247" if context is None else context.command_path
    # Typer names the kind of the failure before our own words.
    said = error.format_message().replace("Value error, ", "")
    return failure.report_usage(said, hint=f"{path} --help", as_json=as_json)


def _log_path(arguments: Sequence[str]) -> Path:
    data = os.environ.get("TRADER247_DATA", "data")
    for index, each in enumerate(arguments):
        if each == "--data" and index + 1 < len(arguments):
            data = arguments[index + 1]
        elif each.startswith("--data="):
            data = each.removeprefix("--data=")
    return Path(data) / "logs" / "trader247.log"
