"""A request as the wire reads it, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from trader247.simex.wire import times
from trader247.simex.wire.render import dumps

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

Headers = tuple[tuple[str, str], ...]
"""Names in lower case, with their values."""


class Reply(NamedTuple):
    """Status, body, content type, and what other headers there are."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Headers = ()


class BadRequest(Exception):
    """The request cannot be answered; carries the reply that says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode())
        self.reply = reply


def failure(status: int, error: str, message: str) -> BadRequest:
    """An error in the wire's form."""
    body = {"error": error, "error_details": message, "message": message}
    return BadRequest(Reply(status, dumps(body)))


def invalid(message: str) -> BadRequest:
    """A 400."""
    return failure(400, "INVALID_ARGUMENT", message)


def not_found(message: str) -> BadRequest:
    """A 404."""
    return failure(404, "NOT_FOUND", message)


@lru_cache(maxsize=256)
def _query(text: str) -> Mapping[str, Sequence[str]]:
    """A query taken apart: most are asked again, cycle by cycle."""
    return {name: tuple(values) for name, values in parse_qs(text).items()}


@dataclass(frozen=True)
class Request:
    """One request, with its query and body read on demand; `peer` is the address it comes from."""

    method: str
    host: str
    path: str
    raw_query: str
    raw_body: bytes
    authorization: str | None
    peer: str = ""

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        return _query(self.raw_query)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object of the body. Raises BadRequest."""
        try:
            value = json.loads(self.raw_body or b"{}")
            if b"\\u" in self.raw_body:
                # Half a character cannot be kept: nothing that holds one is taken.
                json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise invalid("malformed JSON") from None
        if not isinstance(value, dict):
            raise invalid("the body must be an object")
        return value

    def all_of(self, name: str) -> list[str]:
        """Every value of a repeated parameter."""
        return list(self.query.get(name, ()))

    def one(self, name: str, default: str = "") -> str:
        """A parameter, or its default."""
        values = self.query.get(name)
        return values[-1] if values else default

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole non-negative number. Raises BadRequest."""
        text = self.one(name)
        if not text and default is not None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise invalid(f"{name} is invalid")
        return int(text)

    def limit(self, *, default: int, most: int) -> int:
        """The page size, at least one and at most `most`. Raises BadRequest."""
        return max(1, min(most, self.whole("limit", default)))

    def time_us(self, name: str) -> int | None:
        """An RFC 3339 parameter, or None where it is absent. Raises BadRequest."""
        text = self.one(name)
        if not text:
            return None
        try:
            return times.parse(text)
        except ValueError:
            raise invalid(f"{name} is invalid") from None
