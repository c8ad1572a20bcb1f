"""Scenes: each is played in every check, and one in which nothing happened shows nothing."""

from __future__ import annotations

import pytest

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import ACCIDENTS, Accident
from trader247.simulation.mishaps.faults import FAULTS
from trader247.simulation.mishaps.scenes.by_name import SCENES
from trader247.simulation.wanted import Scope, Wanted


@pytest.mark.parametrize("scene", SCENES.values(), ids=lambda each: each.name)
def test_a_scene_in_which_nothing_happened_shows_nothing(scene: Accident) -> None:
    assert scene.shown(Witness())
    assert scene.faults <= FAULTS.keys()


def test_each_scene_is_played_where_points_are_visited_and_no_accident_has_its_name() -> None:
    tasks = Wanted((0, 1), 1, tour=Scope.POINTS).tasks
    assert [each for each in tasks if each.startswith("scene-")] == [f"scene-{n}" for n in SCENES]
    assert not [each for each in Wanted((0, 1), 1).tasks if each.startswith("scene-")]
    assert not SCENES.keys() & ACCIDENTS.keys()
