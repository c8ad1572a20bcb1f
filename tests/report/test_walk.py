"""Walk-forward: nothing that is judged was seen, and a gap lies between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.report.metrics import Missing
from trader247.report.walk import DAYS_LEAST, Fold, days_needed, folds_of, score, walked


def test_a_year_by_hand() -> None:
    given_days = {"in_sample_days": 90, "out_of_sample_days": 60, "gap_days": 5}
    folds = folds_of(365, given_days)
    assert [(each.begin, each.until, each.test, each.end) for each in folds] == [
        (0, 90, 95, 155), (60, 150, 155, 215), (120, 210, 215, 275), (180, 270, 275, 335),
        (240, 330, 335, 365),
    ]  # fmt: skip


def test_days_too_few_for_a_fold_of_their_own_go_with_the_one_before() -> None:
    # 58 days: 30 to choose by, 5 between, 10 to judge by; then eight are left, and ten are needed.
    assert folds_of(58, {"gap_days": 5})[-1] == Fold(10, 40, 45, 58)
    assert folds_of(55, {"gap_days": 5})[-1] == Fold(10, 40, 45, 55)
    # Thirty of sixty are a fold, 29 are not.
    sixty = {"in_sample_days": 90, "out_of_sample_days": 60, "gap_days": 5}
    assert [each.end for each in folds_of(364, sixty)] == [155, 215, 275, 364]


def test_no_fold_is_judged_by_fewer_days_than_a_score_needs() -> None:
    for days in range(400):
        for fold in folds_of(days, {"gap_days": 5}):
            assert fold.end - fold.test >= DAYS_LEAST
        if folds_of(days, {}):
            assert folds_of(days, {})[-1].end == days


@pytest.mark.parametrize("walk", [{}, {"gap_days": 9}, {"out_of_sample_days": 19}])
def test_the_days_that_are_needed_are_those_from_which_on_there_is_a_fold(
    walk: dict[str, int],
) -> None:
    needed = days_needed(5, walk)
    assert not folds_of(needed - 1, walk)
    assert folds_of(needed, walk)


@given(
    st.integers(0, 500),
    st.integers(1, 100),
    st.integers(1, 100),
    st.integers(0, 20),
)
def test_folds_never_judge_what_they_chose_by(days: int, train: int, test: int, gap: int) -> None:
    last = 0
    for fold in folds_of(
        days, {"in_sample_days": train, "out_of_sample_days": test, "gap_days": gap}
    ):
        assert fold.until - fold.begin == train
        assert fold.test - fold.until == gap
        assert fold.test < fold.end <= days
        assert fold.test >= last, "no day is judged twice"
        last = fold.end


def test_the_best_of_the_first_days_is_judged_on_the_later_ones() -> None:
    early, late = np.linspace(0.01, 0.02, 20), np.linspace(-0.02, -0.01, 20)
    returns = np.stack([np.concatenate([early, late]), np.concatenate([late, early])], axis=1)
    folds = folds_of(40, {"in_sample_days": 20, "out_of_sample_days": 18, "gap_days": 2})
    (judged,) = walked("return", folds, returns)
    assert judged.trial == 0
    assert judged.inside > 0
    assert isinstance(judged.outside, float)
    assert judged.outside < 0
    assert judged.returns == tuple(late[2:])


def test_what_never_traded_has_no_score() -> None:
    assert isinstance(score("sharpe", np.zeros(30)), Missing)
    assert isinstance(score("sharpe", np.ones(9)), Missing)
    assert isinstance(score("sortino", np.linspace(0.01, 0.02, 30)), Missing)
    assert score("return", np.zeros(30)) == 0.0
    assert walked("sharpe", folds_of(60, {}), np.zeros((60, 3))) == ()
