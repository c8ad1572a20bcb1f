"""Answers, parsed once, by us: exact numbers, bounded size and depth, no NaN.

The SDK asks an answer for its JSON twice, once only to format it into a debug line, and would
make floats of numbers. `DecimalResponses` stands around any transport and hands out answers that
parse themselves once and whose text form is empty of content.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

import requests
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.errors import MalformedAnswer, RedirectRefused

BODY_MAX = 5_000_000
"""Bytes of an answer, decompressed."""
DEPTH_MAX = 50
"""Levels of nesting in an answer."""

LISTINGS = ("/orders/historical/batch", "/orders/historical/fills", "/accounts")
"""Where most answers say what the one before said, to the byte: asked twice in a cycle."""
_PAGES_KEPT = 8
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Body(dict[str, object]):
    """A JSON object that does not show itself in logs."""

    def __repr__(self) -> str:
        return f"<answer of {len(self)} fields>"

    __str__ = __repr__


def parse(content: bytes) -> Body:
    """Read a JSON object, numbers with a point as Decimal.

    Raises:
        MalformedAnswer: not JSON, no object, too large, too deep, or with NaN or Infinity.
    """
    if len(content) > BODY_MAX:
        raise MalformedAnswer(f"the answer has {len(content)} bytes, more than {BODY_MAX}")
    if _is_deep(content):
        raise MalformedAnswer(f"the answer is nested deeper than {DEPTH_MAX}")
    try:
        parsed = _DECODER.decode(content.decode(_encoding(content), "surrogatepass"))
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise MalformedAnswer(f"the answer is no JSON: {type(error).__name__}") from None
    if not isinstance(parsed, dict):
        raise MalformedAnswer(f"the answer is a JSON {type(parsed).__name__}, not an object")
    return Body(parsed)


_parse_page = lru_cache(maxsize=_PAGES_KEPT)(parse)
"""The same of a page of a listing. Nobody changes what was read: the same page is the same object.
"""


def _encoding(content: bytes) -> str:
    """What the JSON is written in, as the library finds it: an object in UTF-8 begins so alone."""
    return "utf-8" if content.startswith(b'{"') else json.detect_encoding(content)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
"""Made once: `json.loads` would make one for each answer."""


def _is_deep(content: bytes) -> bool:
    brackets = content.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(DEPTH_MAX):
        fewer = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(fewer) == len(brackets):
            return False
        brackets = fewer
    return bool(brackets)


class Answer(requests.Response):
    """A response whose JSON is parsed once, strictly."""

    _parsed: Body | None = None
    _is_page = False

    @staticmethod
    def of(response: requests.Response, *, is_page: bool = False) -> Answer:
        """`response`, with our parsing; `is_page` is one of a listing."""
        answer = Answer.__new__(Answer)  # all that its making would set is in the other one
        answer.__dict__.update(response.__dict__)
        # Without a declared charset `text` would guess one, at seconds for a large page.
        answer.encoding = "utf-8"
        answer._is_page = is_page
        return answer

    def json(self, **_: Any) -> Body:
        """The body.

        Raises:
            MalformedAnswer: it is no bounded JSON object, or the status is not 200.
        """
        if self._parsed is None:
            if self.status_code != 200:
                raise MalformedAnswer(f"HTTP {self.status_code} where 200 was expected")
            self._parsed = (_parse_page if self._is_page else parse)(self.content)
        return self._parsed


class DecimalResponses(BaseAdapter):
    """A transport around `inner` whose answers parse exactly, and which follows no redirect."""

    def __init__(
        self, inner: BaseAdapter, *, on_headers: Callable[[Mapping[str, str]], None] | None = None
    ) -> None:
        """`on_headers` is told the headers of every answer, before anyone judges it."""
        super().__init__()
        self._inner = inner
        self._on_headers = on_headers

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Answer:
        response = self._inner.send(request, *args, **options)
        if self._on_headers is not None:
            self._on_headers(response.headers)
        if 300 <= response.status_code < 400:
            raise RedirectRefused(f"HTTP {response.status_code}: a redirect, not followed")
        asked = (request.url or "").partition("?")[0]
        return Answer.of(response, is_page=asked.endswith(LISTINGS))

    def close(self) -> None:
        self._inner.close()
