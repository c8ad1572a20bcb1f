"""A value is changed as the standard library changes it."""

from __future__ import annotations

import dataclasses

import pytest

from trader247.domain.changing import replace
from trader247.domain.money import Money
from trader247.domain.portfolio import HighPoint, Portfolio
from trader247.domain.time import Instant


def test_each_field_is_changed_alone_and_the_rest_stays() -> None:
    book = Portfolio(seq=3, cycle=7, cash=Money.of(5), entries_sent=(Instant(1),))
    for field in dataclasses.fields(Portfolio):
        changed = replace(book, **{field.name: field})  # type: ignore[arg-type]  # anything differs
        assert changed == dataclasses.replace(book, **{field.name: field})  # type: ignore[arg-type]
        assert changed != book
    assert replace(book) == book
    assert replace(Instant(4), us=5) == Instant(5)


def test_a_field_that_is_none_is_an_error() -> None:
    with pytest.raises(TypeError, match="HighPoint has no field 'value'"):
        replace(HighPoint(Instant(1), Money.of(1).value), value=1)  # type: ignore[call-arg]
