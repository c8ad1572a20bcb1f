"""Luck by published figures, by hand, and by trials that are nothing else."""

from __future__ import annotations

from math import isclose, sqrt

import numpy as np

from trader247.report import overfit
from trader247.report.metrics import Missing


def test_the_papers_own_example() -> None:
    """Bailey and Lopez de Prado 2014: a yearly Sharpe of 2.5 over 1250 days, the best of 100."""
    than = overfit.luckiest_sharpe(0.5 / 250, 100)
    assert round(than, 4) == 0.1132
    found = overfit.probabilistic_sharpe(
        2.5 / sqrt(250), than, days=1250, skewness=-3.0, kurtosis=10.0
    )
    assert isinstance(found, float)
    assert round(found, 4) == 0.9004
    fewer = overfit.luckiest_sharpe(0.5 / 250, 46)
    found = overfit.probabilistic_sharpe(
        2.5 / sqrt(250), fewer, days=1250, skewness=-3.0, kurtosis=10.0
    )
    assert isinstance(found, float)
    assert round(found, 2) == 0.95


def test_without_a_choice_there_is_nothing_to_deflate() -> None:
    assert overfit.luckiest_sharpe(1.0, 1) == 0.0
    assert overfit.luckiest_sharpe(0.0, 100) == 0.0
    more, less = overfit.luckiest_sharpe(1.0, 1000), overfit.luckiest_sharpe(1.0, 10)
    assert more > less > 0.0


def test_the_deflated_sharpe_of_the_best_falls_with_the_number_of_trials() -> None:
    rng = np.random.default_rng(1)
    returns = rng.normal(0.001, 0.01, 365)
    sharpes = rng.normal(0.0, 0.05, 50)
    few = overfit.deflated_sharpe(returns, sharpes, 50)
    many = overfit.deflated_sharpe(returns, sharpes, 5_000)
    assert isinstance(few, float)
    assert isinstance(many, float)
    assert 0.0 < many < few < 1.0
    assert isinstance(overfit.deflated_sharpe(returns[:10], sharpes, 50), Missing)
    assert isinstance(overfit.deflated_sharpe(np.zeros(50), sharpes, 50), Missing)
    assert isinstance(overfit.deflated_sharpe(returns, np.full(3, np.nan), 3), Missing)


def test_one_that_is_best_everywhere_is_not_overfitted() -> None:
    days = np.random.default_rng(2).normal(0.0, 0.01, 60)
    returns = np.stack([days + 0.02, days, days - 0.02], axis=1)
    assert overfit.overfitting(returns) == 0.0


def test_one_that_is_best_only_where_it_was_chosen_is() -> None:
    """Two blocks: whoever wins the first loses the second, and the other way round."""
    first = np.array([0.01, 0.02, 0.03])
    returns = np.concatenate([np.stack([first, -first], axis=1), np.stack([-first, first], axis=1)])
    assert overfit.overfitting(returns, blocks=2) == 1.0


def test_noise_overfits_about_half_of_the_time() -> None:
    rng = np.random.default_rng(3)
    found = [overfit.overfitting(rng.normal(0.0, 0.01, (200, 20))) for _ in range(30)]
    known = [each for each in found if isinstance(each, float)]
    assert len(known) == 30
    assert isclose(float(np.mean(known)), 0.5, abs_tol=0.15)


def test_too_little_is_unknown() -> None:
    assert isinstance(overfit.overfitting(np.zeros((100, 1))), Missing)
    assert isinstance(overfit.overfitting(np.zeros((29, 5))), Missing)
