"""What whoever runs the exchange asks of it: one object of JSON, read field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from trader247.simex.wire import times

_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?\Z")
_YEAR_S = 365 * 86_400


class Undone(Exception):
    """It has not been done. `is_refused`: it could be read, and the exchange says no."""

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


class Asked:
    """The fields of one action; each reader raises Undone where the field is not what it needs."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        """Whether the field is given."""
        return self._fields.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._fields.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise Undone(f"{name} is needed, a text")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts; none where the field is absent."""
        value = self._fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise Undone(f"{name} is a list of texts")
        return value

    def number(self, name: str) -> Decimal:
        """A decimal number as plain text."""
        value = self.text(name)
        if _PLAIN.match(value) is None:
            raise Undone(f"{name} is a decimal number as plain text, not {value!r}")
        return Decimal(value)

    def above_zero(self, name: str) -> Decimal:
        """A decimal number above 0."""
        number = self.number(name)
        if number <= 0:
            raise Undone(f"{name} is above 0, not {number}")
        return number

    def yes(self, name: str) -> bool:
        """A flag; off where the field is absent."""
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise Undone(f"{name} is true or false")
        return value

    def table(self, name: str) -> Mapping[str, Any]:
        """An object."""
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise Undone(f"{name} is needed, an object")
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        """A list of objects."""
        value = self._fields.get(name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise Undone(f"{name} is a list of objects")
        return value

    def seconds(self, name: str) -> int:
        """A whole number of seconds above 0, of a year at most."""
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _YEAR_S:
            raise Undone(f"{name} is needed, a whole number of seconds from 1 to {_YEAR_S}")
        return value

    def time_us(self, name: str) -> int | None:
        """A time in RFC 3339; None where the field is absent."""
        if not self.has(name):
            return None
        try:
            return times.parse(self.text(name))
        except ValueError as error:
            raise Undone(f"{name}: {error}") from None
