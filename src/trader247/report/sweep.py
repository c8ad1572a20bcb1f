"""A sweep, told and judged: the best of its trials, how it did later, and how much is luck."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trader247.domain.time import Instant
from trader247.domain.words import counted
from trader247.report.curve import DAY_US
from trader247.report.metrics import DAYS_A_YEAR, Measure, Missing
from trader247.report.overfit import daily_sharpe, deflated_sharpe, luckiest_sharpe, overfitting
from trader247.report.plain import canonical, number
from trader247.report.story import Assumption
from trader247.report.walk import Fold, Judged, score, walked

SCHEMA_VERSION = 1

FORMULAS: Mapping[str, tuple[str, str]] = {
    "deflated_sharpe": (
        "probability that the best trial's Sharpe ratio is above what the best of as many "
        "worthless trials is expected to have, given its days, skewness and kurtosis",
        "D. H. Bailey, M. Lopez de Prado, The Deflated Sharpe Ratio, J. of Portfolio Management 40 "
        "(2014)",
    ),
    "overfitting": (
        "share of all ways to halve ten blocks of days in which the best trial of one half is in "
        "the worse half of the trials on the other (CSCV)",
        "D. H. Bailey, J. Borwein, M. Lopez de Prado, Q. J. Zhu, The Probability of Backtest "
        "Overfitting, J. of Computational Finance 20 (2017)",
    ),
    "walk_forward": (
        "on each fold's in-sample days the best trial is chosen, and judged on the out-of-sample "
        "days after a gap that nobody is judged by",
        "R. Pardo, The Evaluation and Optimization of Trading Strategies (2008); the gap: M. Lopez "
        "de Prado, Advances in Financial Machine Learning (2018), purging",
    ),
}


@dataclass(frozen=True, slots=True)
class SweepTrial:
    """One set of values, and what each UTC day of the period returned under them."""

    number: int
    values: Mapping[str, str]
    days: tuple[int, ...]
    returns: tuple[float, ...]
    trades: int
    pnl: float
    fees: float
    halts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class SweepStory:
    """What was tried.

    `tried_ever` counts the trials of every sweep on the same data, `tried_otherwise` those of the
    same folder on any other.
    """

    objective: str
    parameters: Mapping[str, tuple[str, ...]]
    combinations: int
    trials: tuple[SweepTrial, ...]
    folds: tuple[Fold, ...]
    tried_ever: int
    tried_otherwise: int
    is_learning: bool
    sampler: str
    folder: str
    policy_hash: str
    asked: Mapping[str, str]
    data: tuple[tuple[str, str, str], ...]
    rests: tuple[Assumption, ...] = ()
    """What each of the backtests rests on, as a report of one says it."""

    @property
    def measure(self) -> str:
        """What a score is, in words."""
        ratio = self.objective.capitalize()
        return self.objective if self.objective == "return" else f"{ratio} ratio"

    @property
    def unit(self) -> str:
        """Of a score as it is shown: a return is told in per cent, and kept as a share."""
        return "%" if self.objective == "return" else ""

    def shown(self, score: float) -> float:
        """A score in its unit."""
        return score * 100.0 if self.unit == "%" else score


@dataclass(frozen=True, slots=True)
class Ranked:
    """A trial with its score over the whole period, or why it has none."""

    trial: SweepTrial
    score: Measure


@dataclass(frozen=True, slots=True)
class SweepReport:
    """A sweep and everything that was computed from it.

    `ranked` has the best over the whole period first: that is what luck picks, too. `later` is the
    score of the days out of sample, put together.
    """

    story: SweepStory
    ranked: tuple[Ranked, ...]
    judged: tuple[Judged, ...]
    later: Measure
    later_return: Measure
    deflated: Measure
    luckiest: Measure
    overfitting: Measure
    cautions: tuple[str, ...]


def sweep_report(story: SweepStory) -> SweepReport:
    """Judge a sweep."""
    returns = _matrix(story.trials)
    scores = [score(story.objective, returns[:, at]) for at in range(returns.shape[1])]
    ranked = sorted(
        (Ranked(t, s) for t, s in zip(story.trials, scores, strict=True)),
        key=lambda each: (
            (True, 0.0, each.trial.number)
            if isinstance(each.score, Missing)
            else (False, -each.score, each.trial.number)
        ),
    )
    judged = walked(story.objective, story.folds, returns) if story.trials else ()
    after = np.array([each for fold in judged for each in fold.returns])
    measured = [daily_sharpe(returns[:, at]) for at in range(returns.shape[1])]
    sharpes = np.array([each if isinstance(each, float) else np.nan for each in measured])
    known = sharpes[np.isfinite(sharpes)]
    missing = [each.reason for each in measured if isinstance(each, Missing)]
    luckiest: Measure = Missing(missing[0] if missing else "fewer than two trials")
    if len(known) == 1 and missing:
        luckiest = Missing(f"one trial alone has a Sharpe ratio; of another {missing[0]}")
    deflated: Measure = luckiest
    if len(known) >= 2:
        best = int(np.nanargmax(sharpes))
        deflated = deflated_sharpe(returns[:, best], sharpes, story.tried_ever)
        luckiest = luckiest_sharpe(float(np.var(known, ddof=1)), story.tried_ever) * float(
            np.sqrt(DAYS_A_YEAR)
        )
    nothing = Missing("no fold could be judged")
    return SweepReport(
        story=story,
        ranked=tuple(ranked),
        judged=judged,
        later=score(story.objective, after) if len(after) else nothing,
        later_return=float(np.prod(1.0 + after) - 1.0) if len(after) else nothing,
        deflated=deflated,
        luckiest=luckiest,
        overfitting=overfitting(returns),
        cautions=tuple(_cautions(story, ranked, judged)),
    )


def _matrix(trials: Sequence[SweepTrial]) -> NDArray[np.float64]:
    """Rows are days, columns trials."""
    if not trials:
        return np.zeros((0, 0))
    return np.array([each.returns for each in trials], dtype=np.float64).T


def _cautions(story: SweepStory, ranked: Sequence[Ranked], judged: Sequence[Judged]) -> list[str]:
    found = []
    days = len(story.trials[0].days) if story.trials else 0
    if not story.folds:
        found.append(f"No walk-forward: {days} days are too short for a fold.")
    elif not judged:
        found.append("No walk-forward: on no fold's in-sample days has any trial a score.")
    if story.is_learning:
        found.append(
            f"The sampler {story.sampler} learns: only the last fold's out-of-sample days were "
            "never seen by it."
        )
    few = sum(each.trial.trades < 30 for each in ranked)
    if few:
        found.append(f"{few:,} of {len(ranked):,} trials closed fewer than 30 trades.")
    halted = sum(bool(each.trial.halts) for each in ranked)
    if halted:
        found.append(
            f"{halted:,} of {len(ranked):,} trials were halted: from there on they bought nothing."
        )
    if story.tried_otherwise:
        found.append(
            f"On other candles {counted(story.tried_otherwise, 'trial')} more: if those are "
            "nearly the same, mended or a day longer, luck is counted over too few."
        )
    if story.tried_ever > len(story.trials):
        found.append(
            f"{story.tried_ever:,} trials were ever made on this data, {len(story.trials):,} of "
            "them here: luck is counted over all."
        )
    return found


def stands_on(story: SweepStory) -> list[tuple[str, str]]:
    """What stands before the figures, a name and a text each: period, fees, fills, data."""
    days = len(story.trials[0].days) if story.trials else 0
    return [
        *(
            [("period", f"{day_of(0, story)} to {day_of(days - 1, story)}, {days:,} days")]
            if days
            else []
        ),
        *((each.name, each.text) for each in story.rests),
        ("judged by", f"{story.measure}, of daily returns, after all fees"),
        (
            "tried",
            f"{len(story.trials):,} of {story.combinations:,} combinations here; "
            f"{story.tried_ever:,} trial{'s' * (story.tried_ever != 1)} ever on this data; "
            f"sampler {story.sampler}",
        ),
    ]


def day_of(index: int, story: SweepStory) -> str:
    """A day of the period, as a date."""
    days = story.trials[0].days
    at = days[min(index, len(days) - 1)] + max(0, index - len(days) + 1)
    return str(Instant(at * DAY_US))[:10]


def as_json(report: SweepReport) -> dict[str, Any]:
    """sweep.json, with its hash: the same trials give the same bytes."""
    story = report.story
    body: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "objective": story.objective,
        "sampler": story.sampler,
        "parameters": {name: list(values) for name, values in story.parameters.items()},
        "combinations": story.combinations,
        "trials_here": len(story.trials),
        "trials_on_this_data": story.tried_ever,
        "trials_on_other_data": story.tried_otherwise,
        "deflated_sharpe": _measure(report.deflated),
        "probability_of_overfitting": _measure(report.overfitting),
        "luckiest_sharpe": _measure(report.luckiest),
        "out_of_sample": {
            "score": _measure(report.later),
            "return": _measure(report.later_return),
        },
        "cautions": list(report.cautions),
        "formulas": {
            name: {"text": text, "source": source} for name, (text, source) in FORMULAS.items()
        },
        "folds": [
            {
                "in_sample": [day_of(each.fold.begin, story), day_of(each.fold.until - 1, story)],
                "out_of_sample": [day_of(each.fold.test, story), day_of(each.fold.end - 1, story)],
                "trial": story.trials[each.trial].number,
                "values": dict(story.trials[each.trial].values),
                "in_sample_score": number(each.inside),
                "out_of_sample_score": _measure(each.outside),
            }
            for each in report.judged
        ],
        "trials": [
            {
                "number": each.trial.number,
                "values": dict(each.trial.values),
                "score": _measure(each.score)["value"],
                "score_unknown": _measure(each.score)["reason"],
                "trades": each.trial.trades,
                "pnl": number(each.trial.pnl),
                "fees": number(each.trial.fees),
                "halts": list(each.trial.halts),
                "returns": [number(value) for value in each.trial.returns],
            }
            for each in report.ranked
        ],
        "days": [day_of(at, story) for at in range(len(story.trials[0].days))]
        if story.trials
        else [],
        "asked": dict(story.asked),
        "assumptions": [
            {"name": each.name, "text": each.text, "is_warning": each.is_warning}
            for each in story.rests
        ],
        "policy_hash": story.policy_hash,
        "data": [
            {"name": name, "label": label, "sha256": checksum}
            for name, label, checksum in story.data
        ],
    }
    return {**body, "hash": hashlib.sha256(canonical(body)).hexdigest()}


def _measure(measure: Measure) -> dict[str, str | None]:
    if isinstance(measure, Missing):
        return {"value": None, "reason": measure.reason}
    return {"value": number(measure), "reason": None}
