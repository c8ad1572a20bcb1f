from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from trader247.domain import events, orders, portfolio
from trader247.domain.dataclass import dataclass
from trader247.domain.hints import field_hints
from trader247.domain.money import Money


@dataclass(frozen=True, slots=True)
class Base:
    kept: ClassVar[NotThere] = 1  # type: ignore[name-defined] # noqa: F821
    price: Decimal
    name: str = ""


@dataclass(frozen=True, slots=True)
class Heir(Base):
    price: Money  # type: ignore[assignment]
    parts: Sequence[Mapping[str, Money | None]] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    price: NotThere  # type: ignore[name-defined] # noqa: F821


def _ours() -> Iterator[type[Any]]:
    for module in (events, orders, portfolio):
        for each in vars(module).values():
            if isinstance(each, type) and dataclasses.is_dataclass(each):
                yield each


@pytest.mark.parametrize("kind", sorted(set(_ours()), key=repr))
def test_they_are_what_the_library_says_of_what_a_journal_holds(kind: type[Any]) -> None:
    told = typing.get_type_hints(kind)
    assert field_hints(kind) == {each.name: told[each.name] for each in dataclasses.fields(kind)}


def test_an_heir_says_last_what_a_field_is_and_constants_are_not_asked() -> None:
    assert field_hints(Base) == {"price": Decimal, "name": str}
    assert field_hints(Heir) == {
        "price": Money,
        "name": str,
        "parts": Sequence[Mapping[str, Money | None]],
    }


def test_a_name_that_its_module_does_not_know_is_an_error() -> None:
    with pytest.raises(NameError, match="NotThere"):
        field_hints(Wrong)
