"""A wire that fails on purpose: it stands between the official client and the exchange.

Each rule says which requests it concerns, what becomes of them, and how often. Nothing below the
wire is pretended: what is delivered, the real simulated exchange answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import requests
from requests import Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from trader247.adapters.coinbase.errors import NotSent

Body = dict[str, Any]
Deliver = Callable[[], Response]
Fault = Callable[["Ask", Deliver], Response]

ORDERS = r"POST /orders\Z"
CANCELS = r"POST /orders/batch_cancel\Z"
LISTING = r"GET /orders/historical/batch\Z"
LOOKUP = r"GET /orders/historical/[0-9a-f-]{36}\Z"
FILLS = r"GET /orders/historical/fills\Z"
ACCOUNTS = r"GET /accounts\Z"
BOOKS = r"GET /market/product_book\Z"
TIME = r"GET /time\Z"
EVERYTHING = r".*"
READS = r"GET .*"
_PREFIX = "/api/v3/brokerage"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it came down: `line` is `POST /orders`, `sent` its body."""

    line: str
    query: str
    content: bytes

    @property
    def body(self) -> Body:
        body: Body = json.loads(self.content)
        return body


@dataclass(slots=True)
class Rule:
    """A fault for the requests whose line matches, `left` times; None means until it is lifted."""

    pattern: re.Pattern[str]
    fault: Fault
    left: int | None
    applied: int = 0


class FaultyWire(BaseAdapter):
    """The exchange's own transport, behind rules. The first rule that matches decides."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner
        self._rules: list[Rule] = []
        self.asked: list[Ask] = []

    def on(self, pattern: str, fault: Fault, *, times: int | None = None) -> Rule:
        """Let `fault` happen to what matches, from now on."""
        rule = Rule(re.compile(pattern), fault, times)
        self._rules.append(rule)
        return rule

    def lift(self, *rules: Rule) -> None:
        """End these faults; all of them if none is named."""
        self._rules = [each for each in self._rules if rules and each not in rules]

    def over(self, inner: BaseAdapter) -> FaultyWire:
        """The same wire to an exchange that was opened again: faults outlive the trader."""
        self._inner = inner
        return self

    def lines(self, pattern: str) -> list[Ask]:
        """Every request so far whose line matches."""
        return [ask for ask in self.asked if re.match(pattern, ask.line)]

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        path, _, query = request.path_url.partition("?")
        body = request.body or b""
        ask = Ask(
            line=f"{request.method} {path.removeprefix(_PREFIX)}",
            query=query,
            content=body.encode() if isinstance(body, str) else body,
        )
        self.asked.append(ask)

        def deliver() -> Response:
            answer: Response = self._inner.send(request, *args, **options)
            return answer

        for rule in self._rules:
            if rule.left != 0 and rule.pattern.match(ask.line):
                rule.left = None if rule.left is None else rule.left - 1
                rule.applied += 1
                answer = rule.fault(ask, deliver)
                answer.request, answer.url = request, request.url or ""
                return answer
        return deliver()

    def close(self) -> None:
        self._inner.close()


def request_lost(_: Ask, __: Deliver) -> Response:
    """The exchange never sees it, and nobody answers."""
    raise requests.ReadTimeout("no answer in time")


def answer_lost(_: Ask, deliver: Deliver) -> Response:
    """The exchange takes it, and its answer never arrives."""
    deliver()
    raise requests.ConnectionError("connection reset")


def never_left(_: Ask, __: Deliver) -> Response:
    """There is no connection, so that not one byte leaves."""
    raise NotSent("connection refused")


def answered(status: int, content: str, kind: str = "application/json") -> Fault:
    """Something else answers, and the exchange never sees the request."""

    def fault(_: Ask, __: Deliver) -> Response:
        return response(status, content.encode(), kind)

    return fault


def taken_but_answered(status: int, content: str, kind: str = "text/html") -> Fault:
    """The exchange takes it, and something before it answers otherwise."""

    def fault(_: Ask, deliver: Deliver) -> Response:
        deliver()
        return response(status, content.encode(), kind)

    return fault


def truncated(_: Ask, deliver: Deliver) -> Response:
    """The answer breaks off in the middle."""
    content = deliver().content
    return response(200, content[: len(content) // 2], "application/json")


def edited(change: Callable[[Body], None]) -> Fault:
    """The exchange's answer, changed on the way."""

    def fault(_: Ask, deliver: Deliver) -> Response:
        answer = deliver()
        body: Body = json.loads(answer.content)
        before = deepcopy(body)
        change(body)
        if body == before:
            return answer
        return response(answer.status_code, json.dumps(body).encode(), "application/json")

    return fault


def after(act: Callable[[Ask], None]) -> Fault:
    """Something happens at the very moment of sending; then the request goes its way."""

    def fault(ask: Ask, deliver: Deliver) -> Response:
        act(ask)
        return deliver()

    return fault


def before_answer(act: Callable[[], None]) -> Fault:
    """The exchange answers, and something happens before we read it."""

    def fault(_: Ask, deliver: Deliver) -> Response:
        answer = deliver()
        act()
        return answer

    return fault


def response_of(body: Body) -> Response:
    """A proper answer with this body."""
    return response(200, json.dumps(body).encode(), "application/json")


def response(status: int, content: bytes, kind: str) -> Response:
    answer = Response()
    answer.status_code = status
    answer.headers = CaseInsensitiveDict({"Content-Type": kind})
    answer._content = content
    answer.encoding = "utf-8"
    return answer


RATE_LIMITED = answered(429, '{"error":"RESOURCE_EXHAUSTED","message":"too many requests"}')
UNAUTHORIZED = answered(401, "Unauthorized\n", "text/plain")
FORBIDDEN = answered(403, '{"error":"PERMISSION_DENIED","message":"missing scope"}')
NOT_FOUND = answered(404, '{"error":"NOT_FOUND","message":"no such order"}')
BROKEN = answered(500, "<html>Internal Server Error</html>", "text/html")
EDGE_PAGE = answered(502, "<html>Bad gateway</html>", "text/html")
