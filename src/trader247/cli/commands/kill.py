"""`trader247 kill`: on, off, status."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from trader247.app.killing import raising as killing
from trader247.app.killing.raising import KillRaised
from trader247.app.killing.target import AtVenue
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, DataDir, DataDirInRuins, Json
from trader247.cli.output import emit_json, say
from trader247.cli.views.kill import (
    off_body,
    on_body,
    status_body,
    tell_off,
    tell_proof,
    tell_raised,
    tell_status,
)

app = new_app(
    help="The kill switch: no order is sent while it is on. Needs the data folder alone.",
    no_args_is_help=True,
)

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever finds it.")]


@app.command("on")
def turn_on(
    *,
    reason: Reason = "",
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="Do not wait for the proof; always exits 7."),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="At the venue: orders that are not ours go too."),
    ] = False,
    keep_stops: Annotated[
        bool,
        typer.Option("--keep-stops", help="Leave resting sales: they only reduce."),
    ] = False,
    # No environment variable: a key that is set for another book must not send this one there.
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="PATH",
            help="The key, where the data folder is lost. Else as the trader left it, or "
            "CB_API_SECRET_FILE.",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="HOST[:PORT]",
            help="The venue, where the data folder is lost. Else as the trader left it.",
        ),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", metavar="PEM", help="Trust this authority: for a simulation."),
    ] = None,
    data: DataDirInRuins = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Stop trading NOW: no order begins after it, working orders are cancelled.

    Positions are kept: nothing is sold. Works with the configuration broken, the database locked
    or damaged, the disk full and the network gone; `touch data/KILL_SWITCH` does the same by hand.
    It stays on over restarts, and deleting the file does not end it: `trader247 kill off` does.

    In LIVE it then cancels at the venue by itself, with the key alone, whatever the trader does:
    it lists every order, cancels ours of any installation, and lists again until none is left.
    The proof is a second empty listing, begun when nothing sent before can arrive any more: some
    40 s after the last order, 10 s where the trader is dead or has answered. Otherwise it waits at
    most 5 s for the running trader to say that nothing of ours rests. Ctrl-C ends the waiting,
    never the stop.

    With --keep-stops resting sales stay until their end, 15 minutes at most, and are not renewed.
    A trader that runs keeps them too, and says how many. Raised once more without it, or by touch
    alone, the switch leaves nothing.

    Examples:
      trader247 kill on --reason "looks odd"
      trader247 kill on --key-file ~/key.json   the data folder is lost
      trader247 kill on --keep-stops            resting sales go on protecting

    Exit codes: 0 stopped and proven, or no trader runs here; 7 the switch is on, but it is not
    proven that nothing rests, or nothing trades in this folder; 8 not even the switch could be
    written (orders at the venue are cancelled all the same); 130 Ctrl-C: the switch stays on.
    """
    # A terminal that is closed has been told enough; the orders are cancelled all the same.
    # What is said to it from here on leads nowhere: cli/outlets.py.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    is_raised = False

    def told(raised: KillRaised) -> None:
        nonlocal is_raised
        is_raised = raised.is_on
        if not as_json:
            tell_raised(raised)

    try:
        report = killing.kill_on(
            data,
            reason=reason,
            is_waited_for=not no_wait,
            on_raised=told,
            at_venue=AtVenue(key_file, host, ca_file, everything, keep_stops),
            on_news=say,
        )
    except KeyboardInterrupt:
        word = "stays on, and nothing is proven" if is_raised else "may not be on"
        say(f"interrupted: the switch {word}; trader247 kill status")
        raise
    finally:
        signal.signal(signal.SIGHUP, before)
    if as_json:
        emit_json(on_body(report))
    else:
        tell_proof(report)
    if not report.raised.is_on:
        return ExitCode.STORAGE
    return ExitCode.DONE if report.is_proven else ExitCode.STOP_UNPROVEN


@app.command("off")
def turn_off(reason: Reason = "", data: DataDir = DEFAULT_DATA, as_json: Json = False) -> ExitCode:
    """End the kill switch; trading goes on unless another halt stands, which it says.

    A running trader is asked and goes on with its next cycle. Where none runs, the halt is
    cleared in the journal, for the next start.

    Exit codes: 0 it is off; 1 the trader did not answer: trading stays halted; 8 the journal
    cannot be written: trading stays halted, or it says that this is not known.
    """
    from trader247.app.killing.releasing import kill_off

    report = kill_off(data, reason=reason)
    if as_json:
        emit_json(off_body(report))
    else:
        tell_off(report)
    return ExitCode.DONE


@app.command("status")
def show_status(data: DataDir = DEFAULT_DATA, as_json: Json = False) -> ExitCode:
    """Show whether the switch is on, who has seen it, and what the journals remember.

    Exit codes: 0 off and nowhere latched; 1 on, or latched, or a journal cannot be read.
    """
    from trader247.app.killing.releasing import kill_status

    report = kill_status(data)
    if as_json:
        emit_json(status_body(report))
    else:
        tell_status(report)
    return ExitCode.DONE if report.is_clear else ExitCode.REFUSED
