from __future__ import annotations

from dataclasses import fields

import pytest

from trader247.simex.switches import Switches


def test_without_a_choice_all_is_as_is_most_likely() -> None:
    assert Switches.parse(()) == Switches()


def test_each_switch_takes_each_of_its_values() -> None:
    tried = 0
    for each in fields(Switches):
        values = each.metadata.get("values") or (
            ("0", str(each.metadata["most"])) if "most" in each.metadata else ("on", "off")
        )
        for value in values:
            read = getattr(Switches.parse([f"{each.name}={value}"]), each.name)
            assert read in (value, value == "on", int(value) if value.isdigit() else None)
            tried += 1
    assert tried > 5


@pytest.mark.parametrize(
    "assignment",
    ["nope=1", "bearer_clock", "bearer_clock=", "bearer_leeway_s=61", "bearer_leeway_s=-1", "=1"],
)
def test_what_does_not_exist_is_refused_with_what_does(assignment: str) -> None:
    with pytest.raises(ValueError, match=r"there are|is one of"):
        Switches.parse([assignment])


def test_the_manual_says_what_each_takes_and_decides() -> None:
    manual = Switches.manual()
    assert set(manual) == {each.name for each in fields(Switches)}
    assert all(takes and doc for takes, doc in manual.values())
