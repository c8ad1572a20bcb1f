"""`trader247 key`: check, attest."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, KeyFile, VenueChoice
from trader247.cli.output import Cell, Column, Tone, emit_json, show, show_table

if TYPE_CHECKING:
    from trader247.app.keys.check import KeyReport

app = new_app(help="The key to the venue: what is wrong with it, and how old it is.")

_TONES = {"pass": Tone.GOOD, "warn": Tone.WARN, "fail": Tone.BAD, "skipped": Tone.DIM}
_WIDTH = 78
_DAY = "%Y-%m-%d"


@app.command("check")
def check(
    *,
    key_file: KeyFile = None,
    venue: VenueChoice = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Say step by step what is wrong with a key, and what to do.

    The environment, the file and who can read it, its content, the key's name, the private key,
    a token, the venue and its clock, whether it takes the key, what the key may do, its portfolio
    and its age. Only reads are sent. No secret is shown.

    The key comes from --key-file, else CB_API_SECRET_FILE, else systemd's credential coinbase-key;
    with --venue sim, else the key that `trader247 sim serve` wrote.

    Examples:

      trader247 key check --venue coinbase --key-file ~/keys/coinbase.json

      trader247 key check --venue sim       beside a `trader247 sim serve`

    Exit codes: 0 the key is one to trade with, 1 it is not, 4 venue unreachable, 6 configuration
    invalid, 9 others can read or change it.
    """
    from trader247.app.keys.check import check_key

    report = check_key(config, data, venue, key_file)
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    if report.is_unsafe:
        return ExitCode.PERMISSION
    if report.is_unreachable:
        return ExitCode.UNREACHABLE
    return ExitCode.DONE if report.passed else ExitCode.REFUSED


@app.command("attest")
def attest(
    *,
    created: Annotated[
        datetime,
        typer.Option(
            formats=[_DAY], metavar="YYYY-MM-DD", help="The day on which the key was made, in UTC."
        ),
    ],
    key_file: KeyFile = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Say when the key was made: the venue does not tell, and a key is to be replaced in time.

    From day 83 on trader247 warns, from day 90 on it alerts. Kept in the data folder, under a
    fingerprint of the key's name.

    Examples:

      trader247 key attest --created 2026-10-01 --key-file ~/keys/coinbase.json

    Exit codes: 0 noted, 1 the file holds no key, 2 wrong usage, 8 storage failed, 9 others can
    read or change the key.
    """
    from trader247.app.keys.check import attest_key
    from trader247.app.serving.places import served_places
    from trader247.app.wall import wall_clock
    from trader247.domain.time import Instant

    moment = Instant(int(created.replace(tzinfo=UTC).timestamp()) * 1_000_000)
    default = served_places(data).tls / "key.json"
    name = attest_key(data, key_file, default=default, created=moment, now=wall_clock())
    if as_json:
        emit_json({"name": name, "created": moment})
    else:
        show(f"noted: {name} was made on {created.strftime(_DAY)}")
    return ExitCode.DONE


def _draw(report: KeyReport) -> None:
    show(report.label)
    if report.source:
        show(f"key: {report.source}")
    show_table(
        [Column("step"), Column("result"), Column("found", is_wide=True)],
        [
            [each.id, Cell(each.result.value, _TONES[each.result.value]), each.found]
            for each in report.steps
        ],
    )
    for each in report.steps:
        if each.hint:
            line = f"{each.id}: {each.hint}"
            show("\n".join(wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)))
    show("THE KEY IS ONE TO TRADE WITH" if report.passed else "THE KEY IS NOT ONE TO TRADE WITH")


def _body(report: KeyReport) -> dict[str, object]:
    return {
        "market": report.label,
        "source": report.source,
        "steps": report.steps,
        "passed": report.passed,
    }
