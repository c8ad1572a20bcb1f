"""What was found in a journal is not looked for again; what was not is, each time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.adapters.sqlite.journal_values import a_fill

from trader247.adapters.sqlite import found
from trader247.adapters.sqlite.found import Agreed, Found
from trader247.domain.money import Money


class Looking:
    """Answers what it is told to, and counts how often it is asked."""

    def __init__(self, *, is_there: bool) -> None:
        self.is_there = is_there
        self.times = 0

    def __call__(self) -> bool:
        self.times += 1
        return self.is_there


def test_what_is_not_there_is_looked_for_each_time_and_what_is_there_once() -> None:
    known, look = Found(), Looking(is_there=False)
    assert not known.has("a", look)
    assert not known.has("a", look)
    look.is_there = True
    assert known.has("a", look)
    assert known.has("a", look)
    assert look.times == 3
    assert not known.has("b", Looking(is_there=False))


def test_a_look_that_fails_keeps_nothing() -> None:
    known = Found()

    def fails() -> bool:
        raise OSError("the disk fails")

    with pytest.raises(OSError, match="fails"):
        known.has("a", fails)
    assert not known.has("a", Looking(is_there=False))


def test_a_fill_that_is_told_anew_is_compared_anew() -> None:
    agreed, fill = Agreed(), a_fill(1)
    assert not agreed.has(fill)
    agreed.add(fill)
    assert agreed.has(fill)
    assert not agreed.has(replace(fill, fee=Money.of("9.99")))
    assert not agreed.has(replace(fill))
    assert not agreed.has(a_fill(2))


def test_where_there_are_too_many_all_are_looked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(found, "KEPT_MAX", 2)
    known, agreed, look = Found(), Agreed(), Looking(is_there=True)
    for name in "abc":
        known.has(name, look)
    known.has("a", look)
    assert look.times == 4
    for number in (1, 2, 3):
        agreed.add(a_fill(number))
    assert not agreed.has(a_fill(1))
