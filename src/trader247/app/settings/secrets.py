"""A value that must not be seen: it has no repr, and comes from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Secret:
    """Text that is shown to nobody. `origin` says where it came from, without its content."""

    __slots__ = ("_text", "origin")

    def __init__(self, text: str, *, origin: str) -> None:
        self._text = text
        self.origin = origin

    def reveal(self) -> str:
        """The text itself, for the one adapter that needs it."""
        return self._text

    def __repr__(self) -> str:
        return f"<secret {self.origin}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


def expand(text: str, environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """`text` with each `${VARIABLE}` replaced, and the names of those that are unset or empty."""
    unset = [name for name in VARIABLE.findall(text) if not environment.get(name)]
    return VARIABLE.sub(lambda match: environment.get(match[1], ""), text), unset
