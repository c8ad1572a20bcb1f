"""A sweep from the command line to its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trader247.adapters.files import folder_for, write_atomically
from trader247.app.backtests.backtesting import Asked
from trader247.app.reports.files import NO_LIBRARY, plotting_library
from trader247.app.sweeps.sweeping import SAMPLERS, OnTrial, OnWord, Wanted, swept
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.report.metrics import Measure, Missing
from trader247.report.plain import written
from trader247.report.sweep import SweepReport, as_json, day_of, stands_on, sweep_report
from trader247.report.sweep_page import sweep_page

__all__ = ["SweepReport"]

JSON_NAME = "sweep.json"
HTML_NAME = "sweep.html"


@dataclass(frozen=True, slots=True)
class SweepFiles:
    """What was written; `html` is None, with the reason, where it could not be drawn."""

    json: Path
    hash: str
    html: Path | None
    trouble: str = ""


def wanted(
    space: Path,
    *,
    config: Path | None,
    data: Path,
    trials: int,
    jobs: int,
    ray: str,
    sampler: str,
    seed: int,
) -> Wanted:
    """What was asked for. Raises UsageError: there is no such sampler."""
    if sampler not in SAMPLERS:
        raise UsageError(f"--sampler {sampler} is none", hint=f"there are {', '.join(SAMPLERS)}")
    return Wanted(space, Asked(config, data), trials, jobs, ray, sampler, seed)


def swept_report(asked: Wanted, on_trial: OnTrial, on_word: OnWord) -> SweepReport:
    """Run a sweep and judge it. Raises as `sweeping.swept` does."""
    return sweep_report(swept(asked, on_trial, on_word))


def write(report: SweepReport, folder: Path | None) -> SweepFiles:
    """Write sweep.json and sweep.html.

    Raises:
        StorageError: the disk did not take a file.
    """
    target = Path(report.story.folder) if folder is None else folder
    folder_for(target)
    body = as_json(report)
    path, html, hash = target / JSON_NAME, target / HTML_NAME, str(body["hash"])
    write_atomically(path, written(body))
    library = plotting_library()
    if library is None:
        return SweepFiles(path, hash, None, NO_LIBRARY)
    write_atomically(html, sweep_page(report, hash=hash, library=library).encode())
    return SweepFiles(path, hash, html)


def json_body(report: SweepReport) -> dict[str, Any]:
    """sweep.json, as JSON types."""
    return as_json(report)


def rows(report: SweepReport) -> list[tuple[str, str]]:
    """What stands before the figures: a name and a text each."""
    return stands_on(report.story)


def luck(report: SweepReport) -> list[tuple[str, str, str]]:
    """What luck makes of it: a name, the figure, and what it means."""
    objective, measure = report.story.objective, report.story.measure
    rows = [
        ("deflated", _percent(report.deflated), " likely that the best Sharpe ratio is no luck"),
        ("overfitting", _percent(report.overfitting), " likely that the best is luck of its days"),
        (
            "later",
            scored(report, report.later),
            f" {measure} out of sample, chosen before",
        ),
        *(
            ()
            if objective == "return"
            else (
                ("return later", _percent(report.later_return, digits=2), " return out of sample"),
            )
        ),
        (
            "luck alone",
            _plain(report.luckiest),
            " yearly Sharpe of the best of as many blind tries",
        ),
    ]
    # What is unknown has its reason, and means nothing else.
    return [(n, v, "" if v.startswith("unknown") else f"{note}") for n, v, note in rows]


def fold_lines(report: SweepReport) -> list[str]:
    """Each fold of the walk-forward in a line."""
    story = report.story
    return [
        f"chosen {day_of(each.fold.begin, story)} to {day_of(each.fold.until - 1, story)} "
        f"(trial {story.trials[each.trial].number}, {scored(report, each.inside)}); judged "
        f"{day_of(each.fold.test, story)} to {day_of(each.fold.end - 1, story)}: "
        f"{scored(report, each.outside)}"
        for each in report.judged
    ]


def scored(report: SweepReport, score: Measure) -> str:
    """A score as people read it: a return in per cent, with its reason where it is unknown."""
    if isinstance(score, Missing):
        return f"unknown: {score.reason}"
    story = report.story
    return f"{story.shown(score):z,.2f} {story.unit}".rstrip()


def _percent(measure: Measure, *, digits: int = 1) -> str:
    if isinstance(measure, Missing):
        return f"unknown: {measure.reason}"
    return f"{measure * 100:z,.{digits}f} %"


def _plain(measure: Measure) -> str:
    return f"unknown: {measure.reason}" if isinstance(measure, Missing) else f"{measure:z,.2f}"
