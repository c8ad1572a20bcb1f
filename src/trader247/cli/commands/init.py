"""`trader247 init`: the configuration files, for editing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.app.settings.writing import init_config
from trader247.cli.exits import ExitCode
from trader247.cli.options import Json
from trader247.cli.output import emit_json, show


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the folder config/ goes.")
    ] = Path(),
    as_json: Json = False,
) -> ExitCode:
    """Write config/app.yaml, policy.yaml and universe.yaml with every default, for editing.

    A file that is there already is kept as it is. `trader247 run` in DIR finds config/ by itself;
    from elsewhere, name it with --config.

    Example:

      trader247 init && trader247 config check

    Exit codes: 0 done, 8 the files could not be written.
    """
    report = init_config(directory)
    if as_json:
        emit_json(report)
        return ExitCode.DONE
    for path in report.written:
        show(f"wrote {path}")
    for path in report.kept:
        show(f"kept {path}: it was there already")
    show(f"next: edit them, then trader247 config check --config {report.folder}")
    return ExitCode.DONE
