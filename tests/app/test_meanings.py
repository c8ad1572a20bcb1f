"""Nothing that trader247 says by a code is without words."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import trader247
from trader247.app.controls.manual import control_ids
from trader247.app.meanings import ALERTS, HALTS, REASONS, meaning_of, meanings
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.errors import UsageError
from trader247.domain.reasons import BreakerName, HaltName, Reason

SOURCE = Path(trader247.__file__).parent


def codes(kind: str) -> set[str]:
    return {each.code for each in meanings() if each.kind == kind}


def test_every_reason_halt_breaker_and_control_has_its_words() -> None:
    assert codes("reason") == {each.value for each in Reason}
    assert codes("halt") == {each.value for each in HaltName}
    assert codes("breaker") == {each.value for each in BreakerName}
    assert codes("control") == set(control_ids())
    assert set(HALTS) == set(HaltName)
    checks = {kind.id for kind in ALL_CHECKS}
    assert {each.value for each in REASONS}.isdisjoint(checks)


@cache
def raised_in_the_code() -> frozenset[str]:
    """The codes of `AlertRaised(…, code, …)` wherever it is made, as far as they are literal."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "AlertRaised(" not in text:
            continue
        tree = ast.parse(text)
        names = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            is_made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if not is_made or node.func.id != "AlertRaised":  # type: ignore[attr-defined]
                continue
            code = node.args[1]  # type: ignore[attr-defined]
            if isinstance(code, ast.Constant):
                found.add(str(code.value))
            elif isinstance(code, ast.Name):
                found.add(names[code.id])
            elif isinstance(code, ast.JoinedStr):
                found.add(str(code.values[0].value))  # type: ignore[attr-defined]
    return frozenset(found)


def test_every_alert_that_is_raised_has_its_words() -> None:
    raised = raised_in_the_code()
    assert {"unclean_start", "internal_error", "alert_storm", "breaker_"} <= raised
    for code in raised:
        assert any(each == code or each.startswith(code) for each in codes("alert")), code
    for name in HaltName:
        assert name.value in codes("alert")
    for breaker in BreakerName:
        assert f"breaker_{breaker.value}" in codes("alert")


def test_no_words_are_empty_and_none_are_for_an_alert_that_is_never_raised() -> None:
    for each in meanings():
        assert len(each.what) > 10, each
        assert each.does, each
        assert each.next, each
    made_elsewhere = {"folded", "confirm_PRODUCT"}
    raised = raised_in_the_code()
    for code in ALERTS.keys() - made_elsewhere:
        assert code in raised, code


def test_an_escalation_and_a_question_are_found_by_their_own_names() -> None:
    assert meaning_of("drawdown:escalated") == meaning_of("drawdown")
    assert {each.kind for each in meaning_of("drawdown")} == {"halt", "control", "alert"}
    (asked,) = meaning_of("confirm_BTC-USD")
    assert "waits for a person" in asked.what


def test_an_unknown_code_is_a_usage_error_that_names_near_ones() -> None:
    with pytest.raises(UsageError) as caught:
        meaning_of("drawdwn")
    assert "drawdown" in (caught.value.hint or "")


def test_the_runbook_has_a_line_for_each_alert_in_the_words_of_the_code() -> None:
    runbook = (SOURCE.parents[1] / "docs" / "operating.md").read_text(encoding="utf-8")
    assert ALERTS
    for code, (what, _, after) in ALERTS.items():
        assert f"| {code} | {what} | {after} |" in runbook
    for name in HaltName:
        assert name.value in runbook
    for breaker in BreakerName:
        assert f"\n| {breaker.value} | " in runbook
