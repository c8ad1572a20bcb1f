"""`dataclasses.dataclass` for frozen values with slots, whose methods are made when first called.

Making them is most of what it costs to import such a class, and a command that starts uses few of
the hundred that it imports. What has other options is made as it always is.

A frozen value of more than one field is filled before it is frozen: it is made as one of a class
beneath its own that is not, and is of its own as soon as it is whole. Those of one that is frozen
already are set through `object.__setattr__`, one by one, which took an eighth of a backtest's time.

Threads may meet at a first call: who comes second waits, and finds the method there. Made twice at
once, a class could be left so that no value of it can be made any more.

One that is changed all the time is made with `slots=False`: its fields lie in one dictionary, which
`changing.replace` copies at once, however many they are.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from _thread import RLock  # a lock alone: nothing here begins a thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The type checker knows what this one makes.
    from dataclasses import dataclass

    __all__ = ["dataclass"]
else:
    _SLOTS = {"frozen": True, "slots": True}
    _DICT = {"frozen": True, "slots": False}
    _LATER = ("__init__", "__repr__", "__eq__", "__hash__")
    _MAKING = RLock()
    """Held while a class is made or given a method: either changes others for a moment."""
    _MANY = 2
    """Of fewer fields a value takes less time to be made frozen."""

    def dataclass(**options: Any) -> Callable[[type], type]:
        """As `dataclasses.dataclass`; a frozen one of either may inherit from one of the other."""
        if options not in (_SLOTS, _DICT):
            return dataclasses.dataclass(**options)
        return partial(_made, slots=options["slots"])

    def _made(kind: type, *, slots: bool) -> type:
        own = {name for name in _LATER if kind.__dict__.get(name) is not None}
        # It is frozen by what follows: for `dataclasses`, being so is two more methods to make.
        with _MAKING, _as_not_frozen(kind.__mro__[1:]):
            kind = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(kind)
        kind.__dataclass_params__.frozen = True
        kind.__setattr__, kind.__delattr__ = _frozen, _frozen
        kind.__getstate__, kind.__setstate__ = _state, _stand
        if "__reduce__" not in kind.__dict__:
            kind.__reduce__ = _reduced
        kind.__signature__ = _Signature()
        for name in _LATER:
            if name not in own:
                setattr(kind, name, _stub(kind, name))
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
        with _MAKING:
            if getattr(kind.__dict__[name], "unmade", None) is not kind:
                return  # another thread has made it meanwhile
            if name == "__init__" and _is_filled_first(kind):
                _fill_first(kind)
            else:
                setattr(kind, name, _usual(kind, name, getattr(kind, "__post_init__", None)))

    def _usual(kind: type, name: str, finish: Any, *, is_frozen: bool = True) -> Any:
        """A method as `dataclasses` makes it for a class of these fields.

        No more than is asked for: each method is text that is compiled, and so are two more of
        what is frozen.
        """
        own = dataclasses.fields(kind)
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
            for each in own
        }
        # What they are is known: a text would be searched for words that make it no field.
        shape["__annotations__"] = dict.fromkeys(shape, object)
        # `dataclasses` asks the module what it holds; a strategy's own is let go once it is loaded.
        shape["__module__"] = kind.__module__ if kind.__module__ in sys.modules else __name__
        shape["__doc__"] = kind.__doc__ or kind.__name__
        if finish is not None:
            shape["__post_init__"] = finish
        make = dataclasses.dataclass(
            init=name == "__init__",
            frozen=name == "__init__" and is_frozen,
            repr=name == "__repr__",
            eq=name == "__eq__",
            unsafe_hash=name == "__hash__",
            match_args=False,
        )
        method = make(type(kind.__name__, (), shape)).__dict__[name]
        if name == "__init__":
            method.__annotations__ = {each.name: each.type for each in own} | {"return": None}
        return method

    def _is_filled_first(kind: type) -> bool:
        """Whether a value is filled before it is frozen: not where others inherit from its class.

        Who inherits later is made as ever: what lies beneath this class is none of theirs.
        """
        is_alone = kind.__new__ is object.__new__ and not kind.__subclasses__()
        return is_alone and len(dataclasses.fields(kind)) >= _MANY

    def _fill_first(kind: type) -> None:
        finish = getattr(kind, "__post_init__", None)

        def freeze(value: Any) -> None:
            value.__class__ = kind
            if finish is not None:
                finish(value)

        fill = _usual(kind, "__init__", freeze, is_frozen=False)
        beneath = type(
            kind.__name__,
            (kind,),
            {
                "__slots__": (),
                "__module__": kind.__module__,
                "__new__": object.__new__,
                "__init__": fill,
                "__post_init__": freeze,
                "__setattr__": object.__setattr__,
                "__delattr__": object.__delattr__,
            },
        )

        def as_ever(heir: type, **named: Any) -> None:
            super(kind, heir).__init_subclass__(**named)
            heir.__new__ = _new

        @wraps(fill)
        def first(value: Any, /, *given: Any, **named: Any) -> None:
            # One that was made before; what an heir asks for is made for it.
            if type(value) is kind:
                object.__setattr__(value, "__class__", beneath)
                fill(value, *given, **named)
            else:
                kind.__init__ = _usual(kind, "__init__", finish)
                kind.__init__(value, *given, **named)

        kind.__init__ = first
        kind.__init_subclass__ = classmethod(as_ever)
        kind.__new__ = partial(object.__new__, beneath)

    def beneath(kind: type) -> type | None:
        """The class of which those of `kind` are made before they are frozen; None without one."""
        unmade = getattr(kind.__init__, "unmade", None)
        if unmade is kind:
            _complete(kind, "__init__")
        make = kind.__dict__.get("__new__")
        return make.args[0] if isinstance(make, partial) else None

    def _new(kind: type, *_: Any, **__: Any) -> Any:
        return object.__new__(kind)

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

    def _reduced(value: Any) -> tuple[Any, ...]:
        return object.__new__, (type(value),), value.__getstate__()

    def _state(value: Any) -> list[Any]:
        return [getattr(value, each.name) for each in dataclasses.fields(value)]

    def _stand(value: Any, state: list[Any]) -> None:
        for each, found in zip(dataclasses.fields(value), state, strict=True):
            object.__setattr__(value, each.name, found)
