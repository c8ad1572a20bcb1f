"""Every control explains itself, with the place of each of its limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.app.books.choice import Choice
from trader247.app.controls.manual import base_id, control_ids, manual_of, measured_ids
from trader247.app.controls.promises import GAPS
from trader247.app.controls.report import risk_report
from trader247.app.settings.location import SHIPPED
from trader247.domain.errors import UsageError


@pytest.mark.parametrize("name", control_ids())
def test_each_control_has_a_manual_and_each_limit_a_place(name: str) -> None:
    manual = manual_of(name, SHIPPED)
    assert manual.id == name
    assert manual.title.endswith(".")
    assert manual.source
    assert manual.row > 0
    for limit in manual.limits:
        assert limit.value
        assert limit.doc
        assert "policy.yaml" in limit.origin or "universe.yaml" in limit.origin


def test_every_row_of_the_matrix_has_a_control() -> None:
    assert {manual_of(each, SHIPPED).row for each in control_ids()} == set(range(1, 51))


@pytest.mark.parametrize(
    ("asked", "said"), [("12", "increments or min_notional"), ("cooldwn", "cooldown")]
)
def test_what_is_no_control_is_answered_with_those_of_its_row_or_its_like(
    asked: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        manual_of(asked, SHIPPED)
    assert said in str(refused.value.hint)


def test_a_gap_is_told_with_each_control_of_its_row() -> None:
    assert set(GAPS) <= set(range(1, 51))
    for each in control_ids():
        manual = manual_of(each, SHIPPED)
        assert manual.gap == GAPS.get(manual.row, "")


def test_whatever_the_status_shows_has_a_manual(traded: Path) -> None:
    shown = [each.id for each in risk_report(Choice(SHIPPED, traded)).controls]
    assert len(shown) > 30
    assert {base_id(each) for each in shown} == set(measured_ids())
    for each in shown:
        assert manual_of(each, SHIPPED).row > 0


def test_the_rows_of_status_and_manual_agree(traded: Path) -> None:
    for each in risk_report(Choice(SHIPPED, traded)).controls:
        assert manual_of(each.id, SHIPPED).row == each.row, each.id


def test_a_changed_limit_is_shown_with_its_line(tmp_path: Path) -> None:
    for file in SHIPPED.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    policy = tmp_path / "policy.yaml"
    text = policy.read_text().replace("max_quote_age_seconds: 30", "max_quote_age_seconds: 20")
    policy.write_text(text)
    line = next(
        number for number, each in enumerate(text.splitlines(), 1) if "max_quote_age" in each
    )
    limit = manual_of("quote_age", tmp_path).limits[0]
    assert limit.value == "20"
    assert limit.origin.endswith(f"policy.yaml:{line}")


def test_a_slip_of_the_pen_is_answered_with_what_was_meant() -> None:
    with pytest.raises(UsageError) as refused:
        manual_of("qote_age", None)
    assert "quote_age" in refused.value.hint
