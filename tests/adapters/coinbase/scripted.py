"""A transport that answers from a script, a clock that waits for nobody, and values to send."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import requests
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.render import render
from trader247.domain.ids import ClientOrderId, DecisionId, ProductId
from trader247.domain.intents import OrderBody
from trader247.domain.money import Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved
from trader247.ports import Clock

START = Instant.parse("2026-10-01T12:00:00Z")
BTC = ProductId.parse("BTC-USD")
API = "/api/v3/brokerage"


class ScriptedClock:
    """Time passes when somebody waits, or when the test says so."""

    def __init__(self) -> None:
        self.passed = timedelta(0)
        self.ahead = timedelta(0)
        self.waits: list[timedelta] = []

    def now(self) -> Instant:
        return self.true_now + self.ahead

    @property
    def true_now(self) -> Instant:
        """The time that it should tell: somebody may have set it wrong."""
        return START + self.passed

    def monotonic(self) -> timedelta:
        return self.passed

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        if wake():
            return False
        self.waits.append(when - self.now())
        self.passed = max(self.passed, when - self.ahead - START)
        return True


@dataclass
class Reply:
    """One answer; an exception is raised instead."""

    content: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: BaseException | None = None


def answer(body: object, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)


def failing(error: BaseException) -> Reply:
    return Reply(error=error)


@dataclass(frozen=True)
class Sent:
    """A request as it reached the transport."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    headers: dict[str, str]
    options: dict[str, Any]


Handler = Callable[[Sent], Reply]


class ScriptedTransport(BaseAdapter):
    """Answers by path; several replies of a path are given in turn, the last one for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Sent] = []
        self._replies: dict[str, deque[Reply]] = {}
        self._handlers: dict[str, Handler] = {}

    def on(self, path: str, *replies: Reply) -> None:
        self._replies[API + path] = deque(replies)

    def handle(self, path: str, handler: Handler) -> None:
        self._handlers[API + path] = handler

    def sent(self, path: str) -> list[Sent]:
        return [request for request in self.requests if request.path == API + path]

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> Any:
        path, _, query = request.path_url.partition("?")
        body = request.body or b""
        sent = Sent(
            method=request.method or "",
            path=path,
            query=parse_qs(query),
            body=body.encode() if isinstance(body, str) else body,
            headers=dict(request.headers),
            options=options,
        )
        self.requests.append(sent)
        handler = self._handlers.get(path)
        reply = handler(sent) if handler else self._next(path)
        if reply.error is not None:
            raise reply.error
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response.request = request
        response.url = request.url or ""
        response._content = reply.content
        return response

    def close(self) -> None:
        pass

    def _next(self, path: str) -> Reply:
        replies = self._replies.get(path)
        if not replies:
            return answer({"error": "NOT_FOUND", "message": "no such path"}, 404)
        return replies.popleft() if len(replies) > 1 else replies[0]


class ScriptedPermit:
    """Says what the test says."""

    def __init__(self) -> None:
        self.answer: str | None = None
        self.asked = 0

    def refusal(self) -> str | None:
        self.asked += 1
        return self.answer


class Bench:
    """A client over a scripted transport, with everything that stands around it."""

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        per_second: int = 1000,
        transport: BaseAdapter | None = None,
        is_keyless: bool = False,
    ) -> None:
        self.clock = ScriptedClock()
        self.permit = ScriptedPermit()
        self.transport = ScriptedTransport()
        self.is_stopped = False
        port: Clock = self.clock
        self.budget = RateBudget(
            clock=port,
            is_stopped=lambda: self.is_stopped,
            reads_per_second=per_second,
            cancels_per_second=per_second,
        )
        key = None if is_keyless else credentials or Credentials.simulated()
        self.client = CoinbaseClient(
            transport or self.transport,
            key,
            clock=port,
            permit=self.permit,
            budget=self.budget,
            nonce=lambda: "00",
        )


def approved(
    *,
    side: Side = Side.BUY,
    order_type: OrderType = OrderType.POST_ONLY_GTD,
    price: str = "60000",
    quantity: str = "0.001",
    product: ProductId = BTC,
) -> Approved:
    proposal = Proposal(
        product=product,
        side=side,
        purpose=Purpose.ENTRY,
        order_type=order_type,
        price=Price.of(price),
        quantity=Quantity.of(quantity),
        reference=Price.of(price),
        strategy="default",
        rule="momentum",
        decision_id=DecisionId("1:BTC-USD"),
        leg=0,
        score=Price.of("1").value,
        lifetime=timedelta(seconds=60),
    )
    return Approved(proposal, (), (), cycle=1, decided_at=START, quote_time=START)


CLIENT_ORDER_ID = ClientOrderId("t247-abc123-1-0c5f3c6a-0000-4000-8000-000000000001")


def body_of(order: Approved) -> OrderBody:
    return render(order, CLIENT_ORDER_ID, START + timedelta(seconds=60))


def success(body: OrderBody, **changes: object) -> dict[str, object]:
    """The venue's yes to `body`."""
    sent = json.loads(body.text)
    taken: dict[str, object] = {
        "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
        "product_id": sent["product_id"],
        "side": sent["side"],
        "client_order_id": sent["client_order_id"],
        "attached_order_id": "",
    }
    return {
        "success": True,
        "success_response": {**taken, **changes},
        "order_configuration": sent["order_configuration"],
    }


def refusal(**codes: object) -> dict[str, object]:
    """The venue's no."""
    fields = {"error": "UNKNOWN_FAILURE_REASON", "message": "no", "error_details": "", **codes}
    return {"success": False, "error_response": fields}
