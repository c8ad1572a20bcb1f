"""Reading one field of an answer: the right type, or a typed error that names the field.

Absent, null and empty text all mean "not said". Whether that is allowed is the caller's choice:
each reader has a form that returns None and a form that insists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.texts import legible
from trader247.domain.time import Instant

Fields = Mapping[str, object]
ID_MAX = 128
"""Characters of an id or of a code."""

_NUMBER = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?\Z")


def malformed(name: str, value: object, expected: str) -> VenueError:
    """The error for a field that cannot be read."""
    shown = repr(value)[:60] if value is None or isinstance(value, str | int | Decimal) else ""
    found = shown or f"a {type(value).__name__}"
    return VenueError(f"cannot read the venue's answer: {name} is {found}, expected {expected}")


def record(fields: Fields, name: str) -> Fields:
    """A nested object."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise malformed(name, value, "an object")
    return value


def records(fields: Fields, name: str) -> list[Fields]:
    """A list of objects; an absent list is malformed, not empty."""
    value = fields.get(name)
    if not isinstance(value, list):
        raise malformed(name, value, "a list")
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise malformed(f"{name}[{index}]", item, "an object")
    return value


def text(fields: Fields, name: str) -> str:
    """A short text, empty where it is not said."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > ID_MAX:
        raise malformed(name, value, f"a text of at most {ID_MAX} characters")
    return legible(value)


def required(fields: Fields, name: str) -> str:
    """A short text that must be there."""
    value = text(fields, name)
    if not value:
        raise malformed(name, value, "a text")
    return value


def flag(fields: Fields, name: str) -> bool | None:
    """True or False; None where it is not said."""
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise malformed(name, value, "true or false")


def decimal(fields: Fields, name: str) -> Decimal | None:
    """A finite number of sane size, from text or from a JSON number; None where it is not said."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        shown = value
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        shown = str(value)
    else:
        raise malformed(name, value, "a decimal number")
    if _NUMBER.match(shown) is None:
        raise malformed(name, value, "a decimal number")
    return Decimal(shown)


def number(fields: Fields, name: str) -> Decimal:
    """A number that must be there."""
    value = decimal(fields, name)
    if value is None:
        raise malformed(name, fields.get(name), "a decimal number")
    return value


def integer(fields: Fields, name: str) -> int | None:
    """A whole number; None where it is not said."""
    value = decimal(fields, name)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise malformed(name, fields.get(name), "a whole number")
    return int(value)


def price(fields: Fields, name: str) -> Price:
    """A price, above zero."""
    value = number(fields, name)
    if value <= 0:
        raise malformed(name, fields.get(name), "a price above zero")
    return Price(value)


def quantity(fields: Fields, name: str) -> Quantity:
    """A quantity, not below zero."""
    value = number(fields, name)
    if value < 0:
        raise malformed(name, fields.get(name), "a quantity not below zero")
    return Quantity(value)


def money(fields: Fields, name: str) -> Money:
    """An amount of quote currency."""
    return Money(number(fields, name))


def instant(fields: Fields, name: str) -> Instant | None:
    """A time; None where it is not said, or lies before 1970 (the venue's way of saying never)."""
    value = text(fields, name)
    if not value:
        return None
    try:
        moment = Instant.parse(value)
    except ValueError:
        raise malformed(name, value, "an RFC 3339 UTC time") from None
    return moment if moment.us > 0 else None


def moment(fields: Fields, name: str) -> Instant:
    """A time that must be there."""
    value = instant(fields, name)
    if value is None:
        raise malformed(name, fields.get(name), "an RFC 3339 UTC time")
    return value


def product_id(fields: Fields, name: str = "product_id") -> ProductId:
    """A product."""
    value = text(fields, name)
    try:
        return ProductId.parse(value)
    except ValueError:
        raise malformed(name, value, "a product id") from None
