"""A frozen value with some fields changed: `dataclasses.replace`, at a tenth of its time.

A cycle changes the ledger some dozens of times, and the ledger has as many fields. Giving each to
the constructor of a frozen value is what takes the time. A copy is made of another class first,
which lies in memory as the value's own and is not frozen; as soon as it is whole, it is one of the
value's class, and before that nobody has seen it.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The type checker knows what this one takes and answers.
    from dataclasses import replace

    __all__ = ["replace"]
else:
    from dataclasses import fields, make_dataclass

    from trader247.domain.dataclass import takes_its_fields

    _Change = Callable[[Any, dict[str, Any]], Any]
    _CHANGES: dict[type, _Change] = {}

    def replace(value: Any, /, **changes: Any) -> Any:
        """The value with other fields of these names. Raises TypeError: it has none of a name."""
        kind = type(value)
        change = _CHANGES.get(kind)
        if change is None:
            change = _CHANGES[kind] = _change_of(kind)
        return change(value, changes)

    def _change_of(kind: type) -> _Change:
        own = fields(kind)
        assert all(each.init for each in own), "each field is given"
        assert not any(each.kw_only for each in own), "in turn"
        names = [each.name for each in own]
        # One name alone would be answered bare.
        read = attrgetter(*names) if len(names) > 1 else (lambda value: (getattr(value, names[0]),))
        places = {name: place for place, name in enumerate(names)}
        make = _filled(kind, names) if takes_its_fields(kind) else kind

        def change(value: Any, changes: dict[str, Any]) -> Any:
            found = list(read(value))
            try:
                for name, new in changes.items():
                    found[places[name]] = new
            except KeyError as error:
                raise TypeError(f"{kind.__name__} has no field {error}") from None
            return make(*found)

        return change

    def _filled(kind: type, names: list[str]) -> Callable[..., Any]:
        """Makes one of all its fields, where its constructor does no more than to take them."""
        shape = {"__slots__": kind.__slots__, "__setattr__": object.__setattr__}
        open_kind = type(f"_Open{kind.__name__}", kind.__bases__, shape)
        fill = make_dataclass(kind.__name__, names, repr=False, eq=False).__init__
        finish, new = getattr(kind, "__post_init__", None), object.__new__

        def make(*found: Any) -> Any:
            made = new(open_kind)
            fill(made, *found)
            made.__class__ = kind
            if finish is not None:
                finish(made)
            return made

        return make
