"""Between the domain's frozen values and plain JSON types, strictly and both ways.

The shape of a stored value follows from the type hints of its class, resolved once: amounts are
plain decimal text, instants RFC 3339, time spans whole microseconds, product ids and enums their
text, and a member of a union carries the name of its class under `is`. Every field is written and
every field is expected: a stored value with one more or one less is not read, and says so.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from itertools import product
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from trader247.domain.errors import StorageError
from trader247.domain.hints import field_hints
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent, Price, Quantity, plain
from trader247.domain.time import MICROSECOND, Instant

_AMOUNTS: tuple[type[Any], ...] = (Price, Quantity, Money, Bps, Percent)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_TAG = "is"

T = TypeVar("T")


class UnreadableRecord(StorageError):
    """A stored value has another shape than this program's: newer, older or tampered with."""


class Codec(NamedTuple):
    """One type's way to plain values and back, and a text that describes its shape."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    shape: str


def encode(value: Any, hint: Any = None) -> Any:
    """A value as plain JSON types.

    Raises:
        TypeError: its type, or that of a field, has no stored form: a bug.
    """
    return _codec(type(value) if hint is None else hint).encode(value)


def decode(hint: type[T], stored: Any) -> T:
    """The value that `encode` stored.

    Raises:
        UnreadableRecord: `stored` has another shape.
    """
    try:
        value: T = _codec(hint).decode(stored)
    except UnreadableRecord:
        raise
    except (ValueError, KeyError, ArithmeticError) as error:
        raise UnreadableRecord(f"a stored {hint.__name__} is unreadable: {error}") from error
    return value


def shape_of(hint: type) -> str:
    """A hash of a type's stored shape: it changes when any field inside it does."""
    return sha256(_codec(hint).shape.encode()).hexdigest()


def _codec(hint: Any) -> Codec:
    codec = _CODECS.get(hint)
    if codec is None:
        codec = _CODECS[hint] = _generic(hint) or _named(hint)
    return codec


def _generic(hint: Any) -> Codec | None:
    """The codec of a type with parameters; None for any other."""
    if isinstance(hint, typing.NewType):
        return _codec(hint.__supertype__)
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _optional(arguments) if types.NoneType in arguments else _union(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _tuple(_codec(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_codec(arguments[0]), _codec(arguments[1]))
    return None


def _named(hint: Any) -> Codec:
    if isinstance(hint, type):
        if issubclass(hint, Enum):
            return _enum(hint)
        if hint in _AMOUNTS:
            return _amount(hint)
        if is_dataclass(hint):
            return _dataclass(hint)
    raise TypeError(f"{hint!r} has no stored form")


def _checked(kind: type, name: str) -> Codec:
    def check(value: Any) -> Any:
        # `type is`: True is no number, whatever Python says.
        if type(value) is not kind:
            raise UnreadableRecord(f"expected {name}, found {value!r:.80}")
        return value

    return Codec(check, check, name)


def _number(stored: Any) -> Decimal:
    if type(stored) is not str or _DECIMAL.match(stored) is None:
        raise UnreadableRecord(f"expected plain decimal text, found {stored!r:.80}")
    return Decimal(stored)


def _whole(stored: Any) -> int:
    if type(stored) is not int:
        raise UnreadableRecord(f"expected a whole number, found {stored!r:.80}")
    return stored


def _finite(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value} has no stored form")
    return plain(value)


@lru_cache(maxsize=4096)
def _instant(text: str) -> Instant:
    """An order's times are told with each word of it: one text is read once."""
    return Instant.parse(text)


def _string(stored: Any) -> str:
    if type(stored) is not str:
        raise UnreadableRecord(f"expected text, found {stored!r:.80}")
    return stored


_CODECS: dict[Any, Codec] = {
    str: _checked(str, "text"),
    int: _checked(int, "whole"),
    bool: _checked(bool, "bool"),
    Decimal: Codec(_finite, _number, "decimal"),
    Instant: Codec(str, lambda stored: _instant(_string(stored)), "instant"),
    ProductId: Codec(str, lambda stored: ProductId.parse(_string(stored)), "product"),
    timedelta: Codec(
        lambda span: span // MICROSECOND,
        lambda stored: timedelta(microseconds=_whole(stored)),
        "microseconds",
    ),
}


_BARE: dict[str, tuple[type, ...]] = {"text": (str,), "whole": (int,), "bool": (bool,)}
_BARE |= {f"{shape}?": (*kinds, types.NoneType) for shape, kinds in _BARE.items()}
"""Types that are stored as they are, by the shapes of their codecs."""


def _amount(kind: type[Any]) -> Codec:
    @lru_cache(maxsize=4096)
    def known(text: str) -> Any:
        # Prices and sizes of an order are told with each word of it: one text is read once.
        return kind(_number(text))

    def decode_amount(stored: Any) -> Any:
        return known(stored) if type(stored) is str else kind(_number(stored))

    return Codec(lambda amount: plain(amount.value), decode_amount, kind.__name__)


def _enum(kind: type[Enum]) -> Codec:
    members = {member.value: member for member in kind}
    if not all(isinstance(value, str) for value in members):
        raise TypeError(f"{kind.__name__} has values that are no text")

    def decode_member(stored: Any) -> Enum:
        member = members.get(_string(stored))
        if member is None:
            raise UnreadableRecord(f"{stored!r:.80} is no {kind.__name__}")
        return member

    return Codec(attrgetter("_value_"), decode_member, f"{kind.__name__}({'|'.join(members)})")


def _optional(arguments: tuple[Any, ...]) -> Codec:
    rest = tuple(each for each in arguments if each is not types.NoneType)
    inner = _codec(rest[0]) if len(rest) == 1 else _union(rest)
    to_plain, from_plain = inner.encode, inner.decode
    return Codec(
        lambda value: None if value is None else to_plain(value),
        lambda stored: None if stored is None else from_plain(stored),
        f"{inner.shape}?",
    )


def _union(members: tuple[Any, ...]) -> Codec:
    by_name = {member.__name__: _codec(member) for member in members}
    if not all(is_dataclass(member) for member in members):
        raise TypeError(f"a union of {sorted(by_name)} has no stored form")

    def encode_member(value: Any) -> Any:
        name = type(value).__name__
        if name not in by_name:
            raise TypeError(f"{name} is none of {sorted(by_name)}")
        return {_TAG: name, **by_name[name].encode(value)}

    def decode_member(stored: Any) -> Any:
        if type(stored) is not dict or stored.get(_TAG) not in by_name:
            raise UnreadableRecord(f"expected one of {sorted(by_name)}, found {stored!r:.80}")
        rest = {key: value for key, value in stored.items() if key != _TAG}
        return by_name[stored[_TAG]].decode(rest)

    return Codec(encode_member, decode_member, "|".join(each.shape for each in by_name.values()))


def _tuple(inner: Codec) -> Codec:
    to_plain, from_plain = inner.encode, inner.decode

    def decode_items(stored: Any) -> Any:
        if type(stored) is not list:
            raise UnreadableRecord(f"expected a list, found {stored!r:.80}")
        return tuple(from_plain(item) for item in stored)

    return Codec(lambda items: [to_plain(item) for item in items], decode_items, f"[{inner.shape}]")


def _mapping(key: Codec, inner: Codec) -> Codec:
    key_to, key_from, to_plain, from_plain = key.encode, key.decode, inner.encode, inner.decode

    def decode_items(stored: Any) -> Any:
        if type(stored) is not dict:
            raise UnreadableRecord(f"expected an object, found {stored!r:.80}")
        return MappingProxyType({key_from(k): from_plain(v) for k, v in stored.items()})

    return Codec(
        lambda items: {key_to(k): to_plain(v) for k, v in items.items()},
        decode_items,
        f"{{{key.shape}:{inner.shape}}}",
    )


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _item_getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda stored: tuple(stored[name] for name in names)


def _dataclass(kind: type[Any]) -> Codec:
    hints = field_hints(kind)
    parts = [(each.name, _codec(hints[each.name])) for each in fields(kind)]
    make = getattr(kind, "of", kind) if issubclass(kind, tuple) else kind
    if any(name == _TAG for name, _ in parts):
        raise TypeError(f"{kind.__name__} has a field named {_TAG!r}")
    # Fields that are stored as they are go together, their types looked up in one go.
    bare = [(name, _BARE[codec.shape]) for name, codec in parts if codec.shape in _BARE]
    names, fitting = (
        tuple(name for name, _ in bare),
        frozenset(product(*(each for _, each in bare))),
    )
    is_words = issubclass(kind, tuple) and len(names) == len(parts)
    bare_values = attrgetter("words") if is_words else _getter(names)
    bare_items = _item_getter(names)
    writers = [(name, codec.encode) for name, codec in parts if name not in names]
    readers = [(name, codec.decode) for name, codec in parts if name not in names]

    def encode_fields(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
        values = bare_values(value)
        if tuple(map(type, values)) not in fitting:
            raise TypeError(f"{kind.__name__} holds {values!r:.200} where {bare} belong")
        stored = dict(zip(names, values, strict=True))
        for name, write in writers:
            stored[name] = write(getattr(value, name))
        return stored

    def decode_fields(stored: Any) -> Any:
        if type(stored) is not dict or len(stored) != len(parts):
            raise UnreadableRecord(f"expected {kind.__name__}, found {stored!r:.200}")
        try:
            values = bare_items(stored)
            if tuple(map(type, values)) not in fitting:
                for name, codec in parts:
                    codec.decode(stored[name])  # one of them says what it is, and should be
            made = dict(zip(names, values, strict=True))
            for name, read in readers:
                made[name] = read(stored[name])
            return make(**made)
        except KeyError as error:
            raise UnreadableRecord(f"{kind.__name__} without {error}") from error

    shape = ",".join(f"{name}:{codec.shape}" for name, codec in parts)
    return Codec(encode_fields, decode_fields, f"{kind.__name__}({shape})")
