"""`trader247 metrics`: the book as OpenMetrics, for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.outside.metering import metrics_of, write_metrics
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, show


def metrics(
    *,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Put them in a file's place, whole."),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Print the book's figures as OpenMetrics: equity, losses, limits, halts, breakers, exposure.

    Reads the journal alone, beside a running trader too. What is unknown is NaN, never zero. No
    port is opened: Prometheus' textfile collector reads a file. A running trader renews one by
    itself after each cycle where monitoring.metrics_file in app.yaml names it. A dashboard for
    Grafana is docs/grafana/trader247.json.

    Examples:

      trader247 metrics

      trader247 metrics --write /var/lib/node_exporter/trader247.prom

    Exit codes: 0 printed or written; 2 no such book yet; 6 configuration invalid; 8 storage failed.
    """
    text = metrics_of(Choice(config, data, mode, venue))
    if write is not None:
        write_metrics(write, text)
    if as_json:
        emit_json({"openmetrics": text, "file": write})
    elif write is None:
        show(text.rstrip("\n"))
    return ExitCode.DONE
