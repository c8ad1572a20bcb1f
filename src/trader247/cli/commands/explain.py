"""`trader247 explain`: what a code means, what trader247 does about it, what to do next."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import Json
from trader247.cli.output import emit_json, show

if TYPE_CHECKING:
    from trader247.app.meanings import Meaning

_WIDTH = 80
_EXIT_NEXT = {
    ExitCode.DONE: "nothing",
    ExitCode.REFUSED: "read what was said; trader247 status",
    ExitCode.USAGE: "the command with --help",
    ExitCode.BREAK: "trader247 reconcile",
    ExitCode.UNREACHABLE: "trader247 smoke",
    ExitCode.ALREADY_RUNNING: "trader247 unlock",
    ExitCode.CONFIG: "trader247 config check",
    ExitCode.STOP_UNPROVEN: "trader247 kill status; cancel at the venue by hand if it stays so",
    ExitCode.STORAGE: "trader247 state verify; df -h",
    ExitCode.PERMISSION: "the chmod that was said",
    ExitCode.BUG: "the log; trader247 status",
    ExitCode.INTERRUPTED: "the command again",
}


def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="[CODE]",
            help="A reason, halt, breaker, control, alert or exit code; without it: all of them.",
            show_default=False,
        ),
    ] = "",
    *,
    as_json: Json = False,
) -> ExitCode:
    """Say what a code means, what trader247 does about it, and what to do next.

    The words come from the code itself. A code that several kinds share is told once for each.

    Examples:

      trader247 explain drawdown

      trader247 explain 7

      trader247 explain --json | jq -r '.codes[].code'

    Exit codes: 0 shown, 2 there is no such code.
    """
    from trader247.app.meanings import meaning_of, meanings

    others = exit_codes()
    found = meaning_of(code, others) if code else (*meanings(), *others)
    if as_json:
        emit_json({"codes": found})
    elif code:
        for each in found:
            show("\n".join(_page(each)))
    else:
        for kind in dict.fromkeys(each.kind for each in found):
            codes = " ".join(each.code for each in found if each.kind == kind)
            show(
                "\n".join([kind, *wrap(codes, _WIDTH, initial_indent="  ", subsequent_indent="  ")])
            )
        show("next: trader247 explain CODE")
    return ExitCode.DONE


def exit_codes() -> tuple[Meaning, ...]:
    """The exit codes, as the other codes are told."""
    from trader247.app.meanings import Meaning

    return tuple(
        Meaning("exit code", str(each.value), f"{each.meaning}.", "It has ended.", _EXIT_NEXT[each])
        for each in ExitCode
    )


def _page(each: Meaning) -> list[str]:
    lines = [f"{each.code} ({each.kind})"]
    for head, text in (("means", each.what), ("does", each.does), ("next", each.next)):
        lines += wrap(
            f"{head:<7}{text}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent=" " * 9,
            break_on_hyphens=False,
        )
    return lines
