"""What is asked of a trader once nothing goes wrong any more."""

from __future__ import annotations

from typing import Any

import pytest

from trader247.simulation.judged.judging import Liveness

SECOND_US = 1_000_000
CALM_S = 5_000


def said(*told: dict[str, Any], settled_s: int = 600) -> str:
    """What is broken once the run has ended, so long after its calm began."""
    liveness = Liveness()
    liveness.see({"kind": "begun", "limits": {"settle_s": 600}})
    liveness.see({"kind": "calm", "at_us": CALM_S * SECOND_US})
    for each in told:
        liveness.see(each)
    found = liveness.see({"kind": "settled", "at_us": (CALM_S + settled_s) * SECOND_US})
    return "".join(each.text for each in found)


def folded(after_s: int, state: str = "RESTING", halts: tuple[str, ...] = ()) -> dict[str, Any]:
    working = [{"client_order_id": "t247-1", "state": state}]
    return {
        "kind": "folded",
        "at_us": (CALM_S + after_s) * SECOND_US,
        "portfolio": {"halts": halts, "working": working},
    }


@pytest.mark.parametrize("settled_s", [570, 600])
def test_it_has_ten_minutes(settled_s: int) -> None:
    assert said(folded(540), settled_s=settled_s) == ""


def test_it_may_not_take_longer_than_that() -> None:
    late = said(folded(599), settled_s=601)
    assert late == "ten minutes after the last fault nothing is settled"


def test_a_cycle_is_run_within_the_ten_minutes() -> None:
    assert said() == "no cycle was run in the ten minutes after the last fault"


@pytest.mark.parametrize("state", ["SUBMITTING", "UNKNOWN"])
def test_what_became_of_an_order_is_known_within_the_ten_minutes(state: str) -> None:
    assert said(folded(500, state)) == "nobody knows yet what became of t247-1"
    assert said(folded(500, state), folded(599)) == ""


def test_a_break_that_stands_is_a_reason() -> None:
    assert said(folded(599, "UNKNOWN", ("reconciliation_break",))) == ""
