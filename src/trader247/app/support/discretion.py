"""What leaves the machine in a bundle, made harmless: secrets, names, addresses, ids and amounts.

An id becomes another one, the same wherever it stands, so that what belongs together is still seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from trader247.adapters.redaction import MARK

HIDDEN = "#"

_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_IN_TEXT = re.compile(
    r"(?<![\w:.-])[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+\.[0-9]+)(?![.\d:\w-])"
    r"|(?<![\w:.-])[+-]?[0-9]+(?= (?:USDC?|EUR)\b)"
)
_EQUITY = re.compile(r"(?m)^(\s+equity:\s*)[^\s#]+")
_PERSONS = frozenset({"operator", "host", "process", "command"})


class Discretion:
    """One bundle's. `redacted` takes secrets out; `names` are words of this machine, such as its
    own name. Without `with_amounts` no sum of money, price or size is left.
    """

    def __init__(
        self, redacted: Callable[[str], str], *, names: tuple[str, ...], with_amounts: bool
    ) -> None:
        self._redacted = redacted
        self._names = tuple(each for each in names if each)
        self._with_amounts = with_amounts

    def text(self, text: str) -> str:
        """A text for somebody else's eyes."""
        text = self.written(text)
        return text if self._with_amounts else _IN_TEXT.sub(HIDDEN, text)

    def configuration(self, text: str) -> str:
        """A configuration: its figures are limits, but for what an account begins with."""
        text = self.written(text)
        return text if self._with_amounts else _EQUITY.sub(rf"\1{HIDDEN}", text)

    def written(self, text: str) -> str:
        """A text without secrets, names and ids; its figures stay."""
        text = self._redacted(text)
        for name in self._names:
            text = text.replace(name, MARK)
        text = _MAIL.sub(MARK, text)
        return _UUID.sub(lambda found: _alias(found[0]), text)

    def value(self, value: Any) -> Any:
        """A JSON value; its numbers as text are amounts, its whole numbers counts."""
        if isinstance(value, dict):
            return {
                self.text(key): MARK if key in _PERSONS and each else self.value(each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, float):
            return value if self._with_amounts else HIDDEN
        if not isinstance(value, str):
            return value
        if _NUMBER.match(value) and not self._with_amounts:
            return HIDDEN
        return self.text(value)


def _alias(name: str) -> str:
    return f"id-{sha256(name.encode()).hexdigest()[:12]}"
