"""`dataclasses.dataclass` for frozen values with slots, whose methods are made when first called.

Making them is most of what it costs to import such a class, and a command that starts uses few of
the hundred that it imports. What has other options is made as it always is.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The type checker knows what this one makes.
    from dataclasses import dataclass

    __all__ = ["dataclass"]

    def takes_its_fields(kind: type) -> bool:
        """Whether making one is to take its fields, and what its `__post_init__` does then."""
else:
    _LAZY = {"frozen": True, "slots": True}
    _LATER = ("__init__", "__repr__", "__eq__", "__hash__")
    _PLAIN: set[type] = set()

    def takes_its_fields(kind: type) -> bool:
        """Whether making one is to take its fields, and what its `__post_init__` does then."""
        return kind in _PLAIN

    def dataclass(**options: Any) -> Callable[[type], type]:
        """As `dataclasses.dataclass`; a frozen one of either may inherit from one of the other."""
        if options != _LAZY:
            return dataclasses.dataclass(**options)
        return _made

    def _made(kind: type) -> type:
        own = {name for name in _LATER if kind.__dict__.get(name) is not None}
        # It is frozen by what follows: for `dataclasses`, being so is two more methods to make.
        with _as_not_frozen(kind.__mro__[1:]):
            kind = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(kind)
        kind.__dataclass_params__.frozen = True
        kind.__setattr__, kind.__delattr__ = _frozen, _frozen
        kind.__getstate__, kind.__setstate__ = _state, _stand
        kind.__signature__ = _Signature()
        for name in _LATER:
            if name not in own:
                setattr(kind, name, _stub(kind, name))
        if "__init__" not in own:
            _PLAIN.add(kind)
        return kind

    @contextmanager
    def _as_not_frozen(bases: tuple[type, ...]) -> Iterator[None]:
        """`dataclasses` lets only frozen classes inherit from frozen ones."""
        known = [each.__dict__.get("__dataclass_params__") for each in bases]
        frozen = [each for each in known if each is not None and each.frozen]
        for each in frozen:
            each.frozen = False
        try:
            yield
        finally:
            for each in frozen:
                each.frozen = True

    def _stub(kind: type, name: str) -> Callable[..., Any]:
        def first(value: Any, /, *given: Any, **named: Any) -> Any:
            _complete(kind, name)
            return getattr(kind, name)(value, *given, **named)

        first.unmade = kind
        return first

    def _complete(kind: type, name: str) -> None:
        """Give a class the method of this name that `dataclasses` would have made for it."""
        shape: dict[str, Any] = {
            each.name: dataclasses.field(
                default=each.default,
                default_factory=each.default_factory,
                init=each.init,
                repr=each.repr,
                hash=each.hash,
                compare=each.compare,
                kw_only=each.kw_only,
            )
            for each in dataclasses.fields(kind)
        }
        shape["__annotations__"] = {each.name: each.type for each in dataclasses.fields(kind)}
        # `dataclasses` asks the module what it holds; a strategy's own is let go once it is loaded.
        shape["__module__"] = kind.__module__ if kind.__module__ in sys.modules else __name__
        shape["__doc__"] = kind.__doc__ or kind.__name__
        if hasattr(kind, "__post_init__"):
            shape["__post_init__"] = kind.__post_init__
        # No more than is asked for: each method is text that is compiled.
        make = dataclasses.dataclass(
            init=name == "__init__",
            frozen=name == "__init__",
            repr=name == "__repr__",
            eq=name == "__eq__",
            unsafe_hash=name == "__hash__",
        )
        setattr(kind, name, make(type(kind.__name__, (), shape)).__dict__[name])

    class _Signature:
        """What a class is called with, for whoever asks before the first call."""

        def __get__(self, _: object, kind: type) -> inspect.Signature:
            unmade = getattr(kind.__init__, "unmade", None)
            if unmade is not None:
                _complete(unmade, "__init__")
            signature = inspect.signature(kind.__init__)
            return signature.replace(parameters=list(signature.parameters.values())[1:])

    def _frozen(_: object, name: str, *__: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")

    def _state(value: Any) -> list[Any]:
        return [getattr(value, each.name) for each in dataclasses.fields(value)]

    def _stand(value: Any, state: list[Any]) -> None:
        for each, found in zip(dataclasses.fields(value), state, strict=True):
            object.__setattr__(value, each.name, found)
