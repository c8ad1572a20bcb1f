"""`trader247 config`: check, show, schema."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated

import typer

from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.report import (
    ConfigReport,
    ShownSetting,
    check_config,
    config_schema,
    show_config,
)
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import ConfigDir, Json
from trader247.cli.output import Cell, Column, Tone, emit_json, show, show_table

app = new_app(help="Check and show the configuration: app.yaml, policy.yaml, universe.yaml.")


class ConfigFile(Enum):
    """The three files, by name."""

    APP = "app"
    POLICY = "policy"
    UNIVERSE = "universe"


@app.command()
def check(config: ConfigDir = None, as_json: Json = False) -> ExitCode:
    """Say everything that is wrong or odd with the configuration.

    Each problem comes with its file, line and key, what was found, what is allowed, and what was
    probably meant. The table shows what each rule's target is worth in round-trip fees.

    Example:

      trader247 config check --config config

    Exit codes: 0 it can be used, with warnings or without; 6 it cannot.
    """
    report = check_config(config)
    if as_json:
        emit_json(_as_json(report))
        return ExitCode.DONE if report.is_valid else ExitCode.CONFIG
    if not report.is_valid:
        raise SettingsInvalid(report.problems, hint=report.hint)
    show(f"configuration {report.source}, hash {report.hash}")
    show_table(
        [
            Column("rule"),
            Column("target %", is_figure=True),
            Column("round trip %", is_figure=True),
            Column("worth x fees", is_figure=True),
            Column("verdict"),
        ],
        [
            [
                each.rule,
                "-" if each.target_pct is None else str(each.target_pct),
                str(each.round_trip_pct),
                "-" if each.worth is None else str(each.worth),
                Cell(each.verdict, Tone.GOOD if each.verdict == "ok" else Tone.WARN),
            ]
            for each in report.break_even
        ],
        title="Break-even at the fallback fees",
    )
    show(report.sizing)
    for warning in report.warnings:
        show(f"warning: {warning}")
    count = len(report.warnings)
    show(f"OK: it can be used, {count} {'warning' if count == 1 else 'warnings'}")
    return ExitCode.DONE


@app.command("show")
def show_all(config: ConfigDir = None, as_json: Json = False) -> ExitCode:
    """Print every value in force, with the file and line that set it, and the policy's hash.

    Exit codes: 0 done, 6 configuration invalid.
    """
    shown = show_config(config)
    if as_json:
        emit_json(shown)
        return ExitCode.DONE
    show(f"configuration {shown.source}, hash {shown.hash}")
    for file in dict.fromkeys(each.file for each in shown.settings):
        show_table(
            [Column("key"), Column("value", is_wide=True), Column("from")],
            [
                [each.key, f"{each.value} {each.unit}".rstrip(), _origin(each)]
                for each in shown.settings
                if each.file == file
            ],
            title=f"{shown.source}/{file}",
        )
    return ExitCode.DONE


@app.command()
def schema(
    file: Annotated[
        ConfigFile | None, typer.Argument(help="One file's schema alone, as editors take it.")
    ] = None,
    as_json: Json = False,
) -> ExitCode:
    """Print the JSON Schema of the configuration files, for editors.

    For example: trader247 config schema policy > policy.schema.json
    """
    schemas = config_schema()
    body = {"schema_version": 1, **schemas} if file is None else schemas[file.value]
    # The schema holds JSON numbers for its bounds, which `emit_json` has no form for on purpose.
    typer.echo(json.dumps(body, indent=None if as_json else 2))
    return ExitCode.DONE


def _as_json(report: ConfigReport) -> dict[str, object]:
    return {
        "valid": report.is_valid,
        "source": report.source,
        "hash": report.hash,
        "problems": report.problems,
        "warnings": report.warnings,
        "break_even": report.break_even,
        "sizing": report.sizing,
    }


def _origin(setting: ShownSetting) -> Cell:
    if setting.line == 0:
        return Cell("default", Tone.DIM)
    return Cell(f"line {setting.line}")
