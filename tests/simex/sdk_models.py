"""What the official client's own classes know of an answer: read from its source."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import Any

from coinbase.rest.types.base_response import BaseResponse
from coinbase.websocket.types.base_response import BaseResponse as StreamedBase

RENAMED = {"epoch_seconds": "epochSeconds", "epoch_millis": "epochMillis"}
"""Fields that the client calls otherwise than the venue does."""


@dataclass(frozen=True)
class Model:
    """One class of the client: the fields that it reads, and which of them are of which class."""

    name: str
    fields: frozenset[str]
    parts: dict[str, type]


@dataclass(frozen=True)
class Found:
    """One object of an answer: what it has that the class does not know, and the reverse."""

    model: str
    unknown: frozenset[str]
    absent: frozenset[str]


@cache
def model_of(cls: type) -> Model:
    """What `cls` pops from what it is given; each such call stands in its constructor."""
    tree = ast.parse(dedent(inspect.getsource(cls)))
    fields: set[str] = set()
    parts: dict[str, type] = {}
    named = vars(inspect.getmodule(cls))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="pop"), args=[ast.Constant(value=str(name)), *_]):
                fields.add(name)
            case ast.AnnAssign(target=ast.Attribute(attr=name), annotation=annotation):
                for word in re.findall(r"\w+", ast.unparse(annotation)):
                    part = named.get(word)
                    if isinstance(part, type) and issubclass(part, (BaseResponse, StreamedBase)):
                        parts[name] = part
            case _:
                pass
    assert fields, f"{cls} reads something"
    return Model(cls.__name__, frozenset(fields), parts)


def seen_in(answer: Any, cls: type | None = None) -> Iterator[Found]:
    """Every object in an answer that the client has a class for, with what was not expected.

    The client leaves some of what it has a class for as it came: those are judged by it too.
    """
    if isinstance(answer, list):
        for each in answer:
            yield from seen_in(each, cls)
        return
    if isinstance(answer, (BaseResponse, StreamedBase)):
        cls, given = type(answer), vars(answer)
    elif isinstance(answer, dict) and cls is not None:
        given = answer
    else:
        return
    model = model_of(cls)
    here = frozenset(RENAMED.get(name, name) for name in given)
    yield Found(model.name, here - model.fields, model.fields - here)
    for name, value in given.items():
        yield from seen_in(value, model.parts.get(name))
