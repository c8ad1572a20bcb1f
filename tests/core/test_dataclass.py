from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import typing
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any

import pytest

from trader247.domain import dataclass as lazy


@lazy.dataclass(frozen=True, slots=True)
class Base:
    one: int


@lazy.dataclass(frozen=True, slots=True)
class Value(Base):
    """Every kind of field."""

    two: str = "two"
    seen: list[int] = field(default_factory=list, compare=False, repr=False)
    late: int = field(default=3, kw_only=True)

    def __post_init__(self) -> None:
        if self.one < 0:
            raise ValueError(self.one)


@lazy.dataclass(frozen=True, slots=True)
class Told:  # noqa: PLW1641 - its hash is made for it
    one: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told)

    def __repr__(self) -> str:
        return "told"


@lazy.dataclass(frozen=True, slots=True)
class Large:
    """Of so many fields that it is filled before it is frozen."""

    one: int
    two: str = "two"
    late: int = field(default=3, kw_only=True)
    three: list[int] = field(default_factory=list)
    four: int = 4
    latest: dict[str, int] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if type(self) is not Large or self.one < 0:
            raise ValueError(self.one)


@dataclasses.dataclass(frozen=True, slots=True)
class UsualLarge:
    one: int
    two: str = "two"
    late: int = field(default=3, kw_only=True)
    three: list[int] = field(default_factory=list)
    four: int = 4
    latest: dict[str, int] = field(default_factory=dict, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class UsualBase:
    one: int


@dataclasses.dataclass(frozen=True, slots=True)
class Usual(UsualBase):
    two: str = "two"
    seen: list[int] = field(default_factory=list, compare=False, repr=False)
    late: int = field(default=3, kw_only=True)


def test_it_is_made_compared_and_shown_like_the_usual_one() -> None:
    assert repr(Value(1, late=4)) == repr(Usual(1, late=4)).replace("Usual", "Value")
    assert Value(1) == Value(1, seen=[5])
    assert Value(1) != Value(1, late=4)
    assert Value(1) != Base(1)
    assert hash(Value(1)) == hash(Usual(1)) == hash(Value(1, seen=[5]))
    assert Value(1).seen is not Value(1).seen
    assert Value.__match_args__ == Usual.__match_args__
    assert [each.name for each in fields(Value)] == [each.name for each in fields(Usual)]
    assert replace(Value(1), two="2") == Value(1, "2")


def _sent(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _sent])
def test_it_is_copied_and_sent_to_other_processes(again: Any) -> None:
    value = Value(1, "b", [1], late=9)
    assert again(value) == value
    assert again(value).seen == [1]


def test_it_is_frozen_and_has_no_room_for_more() -> None:
    value: Any = Value(1)
    with pytest.raises(FrozenInstanceError, match="'one'"):
        value.one = 2
    with pytest.raises(FrozenInstanceError, match="'two'"):
        del value.two
    with pytest.raises(AttributeError):
        object.__setattr__(value, "more", 1)
    assert not hasattr(value, "__dict__")


def test_it_tells_what_it_is_called_with_before_it_is_called() -> None:
    @lazy.dataclass(frozen=True, slots=True)
    class Fresh:
        one: int
        two: str = "two"

    assert list(inspect.signature(Fresh).parameters) == ["one", "two"]
    assert Fresh(1).one == 1


def test_wrong_arguments_are_the_usual_error_also_the_first_time() -> None:
    @lazy.dataclass(frozen=True, slots=True)
    class Fresh:
        one: int

    for _ in range(2):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'one'"):
            Fresh()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="-1"):
        Value(-1)


def test_what_a_class_says_itself_stands() -> None:
    assert Told(1) == Told(2)
    assert repr(Told(1)) == "told"
    assert hash(Told(1)) == hash((1,))


def test_other_options_make_the_usual_one() -> None:
    @lazy.dataclass(frozen=True, slots=True, eq=False)
    class Same:
        one: int

    assert Same(1) != Same(1)


def test_a_class_of_the_usual_kind_inherits_from_one_made_here_and_the_reverse() -> None:
    """Somebody's own rule or signal is a plain dataclass."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class Usual(Value):
        more: int = 2

    @lazy.dataclass(frozen=True, slots=True)
    class Again(Usual):
        most: int = 3

    assert Again(1, more=5) == Again(1, more=5, most=3) != Again(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Usual(1).more = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="cannot inherit non-frozen"):
        dataclasses.dataclass(type("Loose", (Value,), {"__annotations__": {}}))


@pytest.mark.parametrize(("ours", "usual"), [(Value, Usual), (Large, UsualLarge)])
def test_it_is_called_with_what_the_usual_one_is_called_with(ours: Any, usual: Any) -> None:
    def told(kind: Any) -> list[tuple[str, Any, str]]:
        parameters = inspect.signature(kind).parameters.values()
        return [(each.name, each.kind, repr(each.default)) for each in parameters]

    assert told(ours) == told(usual)
    ours(1)
    assert typing.get_type_hints(ours.__init__) == typing.get_type_hints(usual.__init__)
    for kind in (ours, usual):
        with pytest.raises(TypeError, match=rf"{kind.__name__}.__init__\(\) got an unexpected"):
            kind(1, other=2)
        with pytest.raises(TypeError, match=rf"{kind.__name__}.__init__\(\) takes"):
            kind(1, "2", [3], 4, 5)


def test_a_large_one_is_filled_with_what_is_given_and_with_a_default_of_its_own() -> None:
    for _ in range(2):
        value = Large(1, "2", [3], late=9)
        assert type(value) is Large
        assert (value.one, value.two, value.late, value.three) == (1, "2", 9, [3])
        assert (value.four, value.latest) == (4, {})
        assert Large(1).three is not Large(1).three
        with pytest.raises(FrozenInstanceError, match="'one'"):
            value.one = 2  # type: ignore[misc]
        with pytest.raises(ValueError, match="-1"):
            Large(-1)
