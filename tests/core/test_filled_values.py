"""Frozen values are as the standard library makes them, however they are filled."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from typing import Any

import pytest

from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wide:
    """Of so many fields that it is filled before it is frozen."""

    a: int
    b: int = 2
    c: int = 3
    d: tuple[int, ...] = ()
    e: list[int] = field(default_factory=list)
    f: int = 6

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("a is below zero")


@dataclass(frozen=True, slots=True)
class Heir(Wide):
    """Inherits from one."""

    g: int = 7


class Plain(Wide):
    """Inherits from one, and is no dataclass itself."""


@pytest.mark.parametrize("number", range(3))
def test_the_first_and_the_later_ones_are_alike(number: int) -> None:
    made = Wide(number, f=1)
    assert type(made) is Wide
    assert dataclasses.astuple(made) == (number, 2, 3, (), [], 1)
    assert made == Wide(number, 2, 3, (), [], 1)
    assert made.e is not Wide(number).e, "each has its own default"
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.a = 5  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.a
    with pytest.raises(ValueError, match="below zero"):
        Wide(-1)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        Wide()  # type: ignore[call-arg]
    for each in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert type(each) is Wide
        assert each == made


@pytest.mark.parametrize("kind", [Heir, Plain])
def test_who_inherits_from_one_is_of_its_own_class(kind: type[Wide]) -> None:
    for number in (1, 2, 3):
        assert type(Wide(number)) is Wide
        made = kind(number, f=1)
        assert type(made) is kind
        assert (made.a, made.b, made.f) == (number, 2, 1)
        with pytest.raises(dataclasses.FrozenInstanceError):
            made.a = 5  # type: ignore[misc]

    class Later(kind):  # type: ignore[misc, valid-type]
        """Inherits after others were made."""

    assert type(Later(4)) is Later
    assert Later(4).a == 4


def test_who_inherits_later_is_of_its_own_class() -> None:
    @dataclass(frozen=True, slots=True)
    class Alone:
        """Nobody inherits from it when it is made."""

        a: int
        b: int = 2
        c: int = 3
        d: int = 4
        e: int = 5
        f: int = 6

    assert Alone(1) == Alone(1)

    class Later(Alone):
        """Inherits from one that was made."""

    @dataclass(frozen=True, slots=True)
    class LaterToo(Alone):
        """So does this one."""

        h: int = 8

    for kind in (Later, LaterToo):
        for number in (1, 2):
            assert type(kind(number)) is kind
            assert (kind(number).a, kind(number).f) == (number, 6)
    assert LaterToo(1, h=3).h == 3
    assert type(Alone(2)) is Alone


def test_what_it_takes_is_told() -> None:
    assert list(inspect.signature(Wide).parameters) == ["a", "b", "c", "d", "e", "f"]


@pytest.fixture
def turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("turns")
def test_threads_that_meet_at_a_first_call_all_have_their_value() -> None:
    """What several connections find is told in values of one class, and any may be the first."""

    def make(kind: Any, together: threading.Barrier) -> None:
        together.wait(30)
        for number in range(3):
            made = kind(number, b="x")
            assert type(made) is kind
            assert (made, hash(made), repr(made)) == (made, hash(made), repr(made))
            with pytest.raises(dataclasses.FrozenInstanceError):
                made.a = 5

    with ThreadPoolExecutor(4) as pool:
        for _ in range(40):
            shape = {"__annotations__": {"a": int, "b": str}, "__module__": __name__}
            kind: Any = dataclass(frozen=True, slots=True)(type("Met", (), shape))
            together = threading.Barrier(4)
            for each in [pool.submit(make, kind, together) for _ in range(4)]:
                each.result(30)
