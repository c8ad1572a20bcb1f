"""From a scalar's own text to a typed, bounded value; never through float."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

from trader247.app.settings.nodes import Scalar
from trader247.app.settings.secrets import Secret
from trader247.core.limits import Bound, outside
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent, Price, Quantity, plain
from trader247.domain.time import Instant

_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,18})?\Z")
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})\Z")
_TEXT_MAX = 200
_AMOUNTS: Mapping[type, Callable[[Decimal], object]] = {
    Decimal: lambda number: number,
    Money: Money,
    Bps: Bps,
    Percent: Percent,
    Price: Price,
    Quantity: Quantity,
}


class Unreadable(Exception):
    """A scalar that is not what its key takes."""

    def __init__(self, found: str, allowed: str, suggestion: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.allowed = allowed
        self.suggestion = suggestion


def read_scalar(
    scalar: Scalar, kind: Any, metadata: Mapping[str, Any], *, is_past: bool = False
) -> object:
    """The value of `scalar` as `kind`, inside the bound or the choices of `metadata`.

    What was once decided by, `is_past`, needs not be inside the bound of today.

    Raises:
        Unreadable: it is none.
    """
    inner = optional_of(kind)
    if scalar.is_null:
        if inner is not None:
            return None
        raise Unreadable("nothing is written here", allowed_text(kind, metadata))
    kind = inner or kind
    if "${" in scalar.text:
        raise Unreadable(
            f"{shown(scalar)}: a variable",
            "${…} stands only in secrets of app.yaml; a limit never comes from the environment",
        )
    value = _converted(scalar, kind, metadata)
    bound: Bound | None = metadata.get("bound")
    problem = outside(value, bound) if bound and not is_past else ""
    if problem:
        raise Unreadable(f"{shown(scalar)} is {problem}", allowed_text(kind, metadata))
    choices = metadata.get("choices")
    if choices and value not in choices:
        raise _unknown(scalar, choices)
    return value


def is_scalar_kind(kind: Any) -> bool:
    """Whether a field of `kind` is written as one scalar."""
    kind = optional_of(kind) or kind
    return kind in _KIND_WORDS or (isinstance(kind, type) and issubclass(kind, Enum))


@lru_cache(maxsize=256)
def optional_of(kind: Any) -> Any:
    """`X` of `X | None`, or None where the kind is no such union."""
    if get_origin(kind) not in (Union, types.UnionType):
        return None
    others = [each for each in get_args(kind) if each is not type(None)]
    assert len(others) == 1, f"settings take X or X | None, not {kind}"
    return others[0]


def allowed_text(kind: Any, metadata: Mapping[str, Any]) -> str:
    """What may stand here, in words."""
    kind = optional_of(kind) or kind
    if metadata.get("choices"):
        return "one of " + ", ".join(metadata["choices"])
    bound: Bound | None = metadata.get("bound")
    words = _KIND_WORDS.get(kind) or _enum_words(kind)
    return f"{words} {span(bound)}" if bound else words.rstrip(",")


def span(bound: Bound) -> str:
    """A bound in words: `from 0.1 to 10 %`."""
    least = None if bound.at_least is None else plain(bound.at_least)
    most = None if bound.at_most is None else plain(bound.at_most)
    match least, most:
        case None, None:
            words = "of"
        case None, _:
            words = f"of at most {most}"
        case _, None:
            words = f"of at least {least}"
        case _:
            words = f"from {least} to {most}"
    return f"{words} {bound.unit}"


def shown(scalar: Scalar) -> str:
    """A scalar as a message quotes it: short, on one line."""
    text = scalar.text if len(scalar.text) <= 60 else scalar.text[:57] + "…"
    return repr(text)


def _converted(scalar: Scalar, kind: Any, metadata: Mapping[str, Any]) -> object:
    text = scalar.text
    try:
        if kind in _AMOUNTS:
            if not _NUMBER.match(text):
                raise ValueError(f"{shown(scalar)} is no plain decimal number")
        elif kind is int and not _WHOLE.match(text):
            raise ValueError(f"{shown(scalar)} is no plain whole number")
        elif kind is bool:
            if not scalar.is_plain or text not in ("true", "false"):
                raise ValueError(f"{shown(scalar)} is neither true nor false")
            return text == "true"
        return _made(text, kind)
    except ValueError as error:
        if isinstance(kind, type) and issubclass(kind, Enum):
            raise _unknown(scalar, [str(each.value) for each in kind]) from None
        raise Unreadable(str(error), allowed_text(kind, metadata)) from None


def _made(text: str, kind: Any) -> object:
    if kind in _AMOUNTS:
        return _AMOUNTS[kind](Decimal(text))
    if kind is int:
        return int(text)
    if kind is str:
        if len(text) > _TEXT_MAX or not text.isprintable():
            raise ValueError(f"text longer than {_TEXT_MAX} characters, or not printable")
        return text
    if kind in (ProductId, Instant):
        return kind.parse(text)
    assert isinstance(kind, type), f"no way to read {kind}"
    assert issubclass(kind, Enum), f"no way to read {kind}"
    return getattr(kind, "parse", kind)(text)


def _unknown(scalar: Scalar, choices: Sequence[str]) -> Unreadable:
    near = difflib.get_close_matches(scalar.text, choices, n=1)
    return Unreadable(shown(scalar), "one of " + ", ".join(choices), near[0] if near else "")


def _enum_words(kind: Any) -> str:
    return "one of " + ", ".join(str(each.value) for each in kind)


_KIND_WORDS: Mapping[Any, str] = {
    **dict.fromkeys(_AMOUNTS, "a decimal number written out, like 15 or 0.5,"),
    int: "a whole number",
    bool: "true or false",
    str: f"text of at most {_TEXT_MAX} characters",
    ProductId: "BASE-QUOTE in capitals, like BTC-USD",
    Instant: "a UTC time like 2026-01-05T00:00:00Z",
    Secret: "text or ${VARIABLE}",
}
