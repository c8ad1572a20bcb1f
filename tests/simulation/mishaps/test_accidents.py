"""The peers' accidents: each is a scenario by name, and one that shows nothing fails."""

from __future__ import annotations

import pytest

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import ACCIDENTS, Accident
from trader247.simulation.running import run_accident

ROWS = 15
"""Rows of the table of what users of public systems met, and a restored journal."""


def test_every_row_is_a_scenario_with_words_of_its_own() -> None:
    assert len(ACCIDENTS) == ROWS
    assert len({each.met for each in ACCIDENTS.values()}) == ROWS
    assert all(each.here for each in ACCIDENTS.values())


@pytest.mark.parametrize("accident", ACCIDENTS.values(), ids=lambda each: each.name)
def test_a_scenario_in_which_nothing_happened_shows_nothing(accident: Accident) -> None:
    assert accident.shown(Witness())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["answer-lost", "suppressed-fill", "canary-secrets"])
def test_what_happened_to_others_ends_well_here(name: str) -> None:
    outcome = run_accident(ACCIDENTS[name], 0)
    assert [f"{each.invariant}: {each.text}" for each in outcome.broken] == []
    assert outcome.cycles > 10
