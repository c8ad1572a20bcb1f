"""`trader247 smoke`: ten read-only checks of venue and set-up."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from trader247.app.books.choice import Choice
from trader247.cli.brief import uncollected
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
from trader247.cli.output import Cell, Column, Tone, emit_json, say, show, show_table

if TYPE_CHECKING:
    from trader247.app.venue.smoke import SmokeReport

_TONES = {"pass": Tone.GOOD, "fail": Tone.BAD, "skipped": Tone.WARN}
TEXT_WIDTH = 78
ALL_PASSED = "ALL SMOKE TESTS PASSED"


def smoke(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Look at the venue and the set-up in ten ways. No order can leave, no file is changed.

    connection, accounts, quotes (60 s), candles, book, universe, reconciliation, preview,
    breakers, clock. `quotes` is the first to read the whole market, so its time is that of the
    market. Runs beside a trader. On the simulated market it needs no network, no key and no data
    folder; on coinbase, without a key, what needs one is skipped. `--mode live --venue sim` looks
    at the simulation that `trader247 sim serve` serves, with its own key.

    Examples:

      trader247 smoke                    the venue of app.yaml

      trader247 smoke --venue sim        works anywhere

      trader247 smoke --venue coinbase   public market data

      trader247 smoke --venue coinbase --key-file ~/keys/coinbase.json

    It ends with ALL SMOKE TESTS PASSED when all ten did, else it says what failed or was skipped.

    Exit codes: 0 nothing failed, 1 a check failed, 4 venue unreachable, 6 configuration invalid,
    8 storage failed, 9 others can read or change the key file.
    """
    with uncollected():
        from trader247.app.venue.smoke import smoke as smoked

        report = smoked(Choice(config, data, mode, venue, key_file))
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    if report.is_unreachable:
        say(f"error: {report.label} cannot be reached")
        say("hint: without it: trader247 smoke --venue sim")
        return ExitCode.UNREACHABLE
    return ExitCode.REFUSED if report.failed else ExitCode.DONE


def _draw(report: SmokeReport) -> None:
    show(f"{report.label} · {report.venue.value}")
    show_table(
        [
            Column("check"),
            Column("result"),
            Column("found", is_wide=True),
            Column("ms", is_figure=True),
        ],
        [
            [
                each.id,
                Cell(each.result.value, _TONES[each.result.value]),
                each.reason,
                str(each.elapsed_ms),
            ]
            for each in report.findings
        ],
    )
    for remark in report.remarks:
        for line in wrap(f"warning: {remark}", TEXT_WIDTH, subsequent_indent="  "):
            show(line)
    show(_verdict(report))
    if report.note:
        say(report.note)


def _verdict(report: SmokeReport) -> str:
    if report.passed:
        return ALL_PASSED
    parts = []
    for word, findings in (("failed", report.failed), ("skipped", report.skipped)):
        if findings:
            parts.append(f"{len(findings)} {word}: {', '.join(each.id for each in findings)}")
    return "; ".join(parts)


def _body(report: SmokeReport) -> dict[str, object]:
    return {
        "venue": report.venue.value,
        "market": report.label,
        "seed": report.seed,
        "checks": report.findings,
        "passed": report.passed,
        "warnings": report.remarks,
    }
