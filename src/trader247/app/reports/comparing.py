"""Reports on disk held against each other, and against a baseline that nothing may differ from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from trader247.adapters.files import folder_for, write_atomically
from trader247.app.reports.files import JSON_NAME, NO_LIBRARY, plotting_library
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.report import plain
from trader247.report.compare_page import compare_page, differences_told
from trader247.report.comparing import Comparison, Row, compared
from trader247.report.report import Report

__all__ = ["Comparison", "Row", "differences_told"]

COMPARISON_NAME = "comparison.html"
_BYTES_MAX = 512 * 1024 * 1024
_NEEDED = (
    "decisions", "trades", "still_open", "metrics", "counts", "pnl", "groups", "settings",
    "parameters", "data", "equity", "refusals", "period", "cautions", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """What a baseline says of a run."""

    baseline: Path
    is_passed: bool
    is_decided_alike: bool
    differing_pct: Decimal
    tolerance_pct: Decimal
    differences: tuple[str, ...]


def read_report(path: Path) -> dict[str, Any]:
    """A report.json, or the one in a folder.

    Raises:
        UsageError: there is none, or it is none that this version can read.
    """
    file = path / JSON_NAME if path.is_dir() else path
    try:
        if file.stat().st_size > _BYTES_MAX:
            raise UsageError(f"{file} is too large to be a report")
        body = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}",
            hint="name a report.json, or the folder that --out wrote",
        ) from None
    except ValueError:
        raise UsageError(f"{file} is no report.json", hint="write one with --out DIR") from None
    lacking = [name for name in _NEEDED if not isinstance(body, dict) or name not in body]
    if lacking or body.get("schema_version") != plain.SCHEMA_VERSION:
        raise UsageError(
            f"{file} is no report.json of schema version {plain.SCHEMA_VERSION}",
            hint="write it again with this version: trader247 backtest --out DIR",
        )
    return dict(body)


def compared_files(paths: Sequence[Path]) -> tuple[Comparison, list[dict[str, Any]]]:
    """Reports on disk, compared; the trades of the first two. Raises as `read_report` does."""
    bodies = [read_report(path) for path in paths]
    names = _names(paths)
    _expect_one_currency(names, bodies)
    return compared(names, bodies), bodies


def write_comparison(
    comparison: Comparison, bodies: Sequence[dict[str, Any]], folder: Path
) -> tuple[Path | None, str]:
    """Write comparison.html; where it cannot be drawn, None and why.

    Raises:
        StorageError: the disk did not take it.
    """
    library = plotting_library()
    if library is None:
        return None, NO_LIBRARY
    folder_for(folder)
    path = folder / COMPARISON_NAME
    write_atomically(path, compare_page(comparison, bodies, library=library).encode())
    return path, ""


def baseline_of(path: Path, out: Path | None = None) -> dict[str, Any]:
    """A report to hold a run against; what is to be written into `out` must not take its place.

    Raises:
        UsageError: it cannot be read, has no trade, or would be written over.
    """
    kept = read_report(path)
    if not kept["trades"]:
        raise UsageError(
            f"{path} has no closed trade: it would let anything pass",
            hint="keep a baseline of a longer period, in which something was traded",
        )
    file = path / JSON_NAME if path.is_dir() else path
    if out is not None and file.resolve() == (out / JSON_NAME).resolve():
        raise UsageError(
            f"--out {out} would write over the baseline that the run is held against",
            hint="name another folder",
        )
    return kept


def gated(report: Report, baseline: Path, tolerance_pct: Decimal) -> Gate:
    """Hold a run against a baseline: with a tolerance of none, every decision must be the same.

    Raises:
        UsageError: the baseline cannot be read, or has no trade: then it would pass anything.
    """
    kept = baseline_of(baseline)
    names, bodies = ("the baseline", "this run"), [kept, plain.as_json(report)]
    _expect_one_currency(names, bodies)
    found = compared(names, bodies)
    share = found.share_pct
    is_passed = found.is_decided_alike if tolerance_pct == 0 else share <= tolerance_pct
    return Gate(
        baseline=baseline,
        is_passed=is_passed,
        is_decided_alike=found.is_decided_alike,
        differing_pct=share,
        tolerance_pct=tolerance_pct,
        differences=tuple(differences_told(found)),
    )


def _expect_one_currency(names: Sequence[str], bodies: Sequence[dict[str, Any]]) -> None:
    """Amounts of two currencies stand beside each other in no row. Raises UsageError."""
    for name, body in zip(names, bodies, strict=True):
        if body["currency"] != bodies[0]["currency"]:
            raise UsageError(
                f"{names[0]} is in {bodies[0]['currency']}, {name} in {body['currency']}",
                hint="compare reports of one currency",
            )


def _names(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names that tell the reports apart: the last part of each path, or the whole of it."""
    short = [path.parent.name if path.name == JSON_NAME else path.name for path in paths]
    return tuple(short if len(set(short)) == len(short) else map(str, paths))
