"""What the fields of a dataclass are annotated with, as the types themselves.

`typing.get_type_hints` compiles the text of every annotation of a class, those of constants too,
which for the hundred classes that a command reads takes longer than reading. Most of what is said
of a field is one name, which its module knows.
"""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import sys
import typing
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

_BUILT_IN = vars(builtins)


def field_hints(kind: type[Any]) -> Mapping[str, Any]:
    """By name, the type of each field of a dataclass, as its module wrote it.

    Raises:
        NameError: an annotation names what its module does not know.
    """
    wanted = {each.name for each in dataclasses.fields(kind)}
    hints: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        module = sys.modules.get(base.__module__)
        known = {} if module is None else vars(module)
        longer = {}
        for name, said in inspect.get_annotations(base).items():
            if name not in wanted:
                continue
            if said in known:
                hints[name] = known[said]
            elif said in _BUILT_IN:
                hints[name] = _BUILT_IN[said]
            else:
                longer[name] = said
        if longer:
            told = SimpleNamespace(__annotations__=longer)
            hints |= typing.get_type_hints(told, globalns=known)
    return hints
