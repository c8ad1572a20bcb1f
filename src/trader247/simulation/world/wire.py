"""The way to the exchange and back, in virtual time: nothing but the network is not the real thing.

It stands where the sockets stand, under everything that the trader makes of a request: the official
client, its tokens, the guard's last look. What it carries goes into the served exchange's own
request handler. A request that has left is on its way whatever becomes of its sender.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from trader247.adapters.coinbase.errors import FAILURES, DeadlinePassed, NotSent
from trader247.adapters.coinbase.guard import CANCELS, ORDERS
from trader247.adapters.coinbase.transport import CONNECT_MAX, TOTAL_MAX
from trader247.domain.errors import ReadAborted
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import MICROSECOND
from trader247.simex.faults.delivery import Delivery
from trader247.simex.faults.line import Line
from trader247.simex.wire.request import Reply, Request
from trader247.simulation.death import Broken
from trader247.simulation.judged.history import Record
from trader247.simulation.world.network import Network, Trouble
from trader247.simulation.world.timeline import Timeline
from trader247.simulation.world.words import taken

_TOTAL_US = TOTAL_MAX // MICROSECOND
_CONNECT_US = CONNECT_MAX // MICROSECOND
_FOR_EVER_US = 1 << 62
_TOO_OFTEN = 429
_CANDLES = "/candles"
_BLANK = requests.Response().__dict__
_PHRASES = {each.value: each.phrase for each in HTTPStatus}


@dataclass(slots=True)
class _Journey:
    """One request under way: its answer, and when that is whole at the client's."""

    answered: Reply | None = None
    """What the exchange itself said to it."""
    delivery: Delivery | None = None
    back_us: int = _FOR_EVER_US
    is_reset: bool = False
    is_legible: bool = True


class SimulatedWire(BaseAdapter):
    """What is mounted on the official client's session, for the life of one process.

    `answer` is the exchange's; `tell` hears of each request as it leaves and arrives; `touch` is
    what the best bid and ask of a product are. `is_stopped` says that a stop was raised;
    `on_connected` hears that an order could leave now, before it is looked at for the last time;
    `kept` is what the trader's folder says of when the last order left.
    """

    def __init__(
        self,
        timeline: Timeline,
        network: Network,
        line: Line,
        *,
        answer: Callable[[Request], Reply],
        tell: Callable[[Record], None],
        touch: Callable[[str], Record | None],
        is_stopped: Callable[[], bool],
        on_leaving: Callable[[], None],
        on_connected: Callable[[], None],
        kept: Callable[[], str | None],
    ) -> None:
        super().__init__()
        self.last_look: Callable[[], None] = _nothing
        self.passing: Passing = unwatched
        self._timeline = timeline
        self._network = network
        self._line = line
        self._answer = answer
        self._tell = tell
        self._touch = touch
        self._is_stopped = is_stopped
        self._on_leaving = on_leaving
        self._on_connected = on_connected
        self._kept = kept

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One request and its whole answer.

        Raises:
            NotSent: no byte of it left.
            ReadAborted: it was a read, and a stop was raised meanwhile.
            requests.RequestException: it is unclear what became of it.
            Broken: the simulation itself has a bug, which nothing above may take for the venue's.
        """
        try:
            return self._carried(request)
        except (requests.RequestException, ReadAborted):
            raise
        except FAILURES as error:
            raise Broken from error

    def _carried(self, request: requests.PreparedRequest) -> requests.Response:
        asked = _asked(request)
        may_abort = asked.method == "GET" and not self._is_stopped()
        deadline_us = self._timeline.now_us + _TOTAL_US
        trouble = self._network.trouble(is_changing=asked.method == "POST")
        is_order = asked.method == "POST" and asked.path == ORDERS
        self._connect(asked, trouble, may_abort=may_abort)
        if is_order:
            self._on_connected()
        self.last_look()
        number = self._leave(asked, is_order=is_order)
        journey = self._begin(asked, number, trouble)
        if is_order:
            self.passing(Milestone.REQUEST_BEGUN)
            self.passing(Milestone.REQUEST_SENT)
        timeline = self._timeline
        while timeline.now_us < (until_us := min(journey.back_us, deadline_us)):
            if may_abort and self._is_stopped():
                raise ReadAborted("a stop was raised while the venue's answer was awaited")
            timeline.step(until_us)
        return self._ended(request, asked if is_order else None, number, journey)

    def _connect(self, asked: Request, trouble: Trouble, *, may_abort: bool) -> None:
        until_us = self._timeline.now_us + trouble.connect_us
        while self._timeline.now_us < until_us:
            if may_abort and self._is_stopped():
                raise ReadAborted("a stop was raised while the venue's answer was awaited")
            self._timeline.step(until_us)
        if trouble.refused:
            self._on_leaving()  # what was written down before was so before it
            self._tell({"kind": "unsent", "method": asked.method, "path": asked.path})
            raise NotSent(f"no connection to the venue: {trouble.refused}")

    def _leave(self, asked: Request, *, is_order: bool) -> int:
        self._on_leaving()
        number = self._network.next_number()
        record: Record = {
            "kind": "request",
            "id": number,
            "method": asked.method,
            "path": asked.path,
            "body": asked.raw_body.decode() if asked.method == "POST" else "",
        }
        if is_order:
            record["touch"] = self._touch(str(asked.body.get("product_id")))
            record["kept"] = self._kept()
        if asked.path.endswith(_CANDLES):
            record["until_us"] = int(asked.query["end"][0]) * 1_000_000
        self._tell(record)
        return number

    def _begin(self, asked: Request, number: int, trouble: Trouble) -> _Journey:
        """Set a request on its way: it arrives by itself, whoever still waits for it."""
        journey = _Journey()

        def answer(asked: Request) -> Reply:
            journey.answered = reply = self._answer(asked)
            return reply

        def arrive() -> None:
            self._tell({"kind": "arrived", "id": number})
            delivery = self._line.carry(asked, answer)
            if trouble.is_silent or (delivery.reply is None and not delivery.is_reset):
                return
            journey.delivery = delivery
            reply = delivery.reply
            # What the exchange itself says is legible, however its line garbles.
            is_its_own = reply is journey.answered and reply is not None and reply.status == 200
            if reply is not None and not is_its_own and self._line.is_garbling:
                journey.is_legible = _is_legible(reply)
            wait_us = delivery.wait_us + delivery.drip_us
            journey.back_us = self._timeline.now_us + trouble.back_us + wait_us

        if trouble.out_us is not None:
            late_us = self._line.late_us(asked)
            self._timeline.after(trouble.out_us + late_us, arrive)
            for again_us in trouble.again_us:
                self._timeline.after(again_us, lambda: self._once_more(asked, number))
        if trouble.reset_us is not None:
            journey.is_reset = True
            journey.back_us = self._timeline.now_us + trouble.reset_us
        return journey

    def _once_more(self, asked: Request, number: int) -> None:
        self._tell({"kind": "arrived", "id": number})
        self._answer(asked)

    def _ended(
        self,
        request: requests.PreparedRequest,
        order: Request | None,
        number: int,
        journey: _Journey,
    ) -> requests.Response:
        """The answer, or that there is none; `order` is the request where it was one."""
        delivery, is_over = journey.delivery, self._timeline.now_us >= journey.back_us
        is_whole = is_over and delivery is not None and not delivery.is_reset
        reply = delivery.reply if delivery is not None and is_whole else None
        record: Record = {"kind": "answer", "id": number, "status": reply and reply.status}
        if order is not None and reply is not None and (order_id := taken(order, reply)):
            record["order_id"] = order_id
        if not journey.is_legible:
            record["is_legible"] = False
        if reply is not None and reply.status == _TOO_OFTEN and self._network.wait_s:
            record["wait_s"] = self._network.wait_s
            told = ("retry-after", str(self._network.wait_s))
            reply = reply._replace(headers=(*reply.headers, told))
        self._tell(record)
        if reply is None:
            if is_over:
                raise requests.ConnectionError("answer lost: ConnectionResetError")
            raise DeadlinePassed("the answer was not complete in time")
        response = _blank()
        response.status_code = reply.status
        response.reason = _PHRASES.get(reply.status, "")
        response.headers = _headers(reply)
        response.url = request.url or ""
        response.request = request
        response.encoding = "utf-8"
        response.raw = BytesIO(reply.body)
        # requests reads a body in pieces; ours is whole already.
        response._content = reply.body
        response._content_consumed = True  # type: ignore[attr-defined]  # not in its stubs
        return response

    def close(self) -> None:
        """There is nothing to close."""


def _is_legible(reply: Reply) -> bool:
    """Whether it is a JSON object of plain numbers, as every answer is that nobody garbled."""
    try:
        return isinstance(json.loads(reply.body, parse_constant=_refuse), dict)
    except (ValueError, RecursionError):
        return False


def _refuse(name: str) -> None:
    raise ValueError(name)


def _blank() -> requests.Response:
    """A response like one just made: its jar of cookies, which none ever comes to, costs most."""
    response = requests.Response.__new__(requests.Response)
    response.__dict__.update(_BLANK, history=[])
    return response


def is_sending(request: Request) -> bool:
    """Whether a request can change something at the exchange."""
    return request.method == "POST" and request.path in (ORDERS, CANCELS)


def _headers(reply: Reply) -> CaseInsensitiveDict[str]:
    """Those of a reply, whose names are in lower case: put one by one they cost more than it."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
    told = (("content-type", reply.content_type), *reply.headers)
    headers.__dict__["_store"] = OrderedDict([(each[0], each) for each in told])
    return headers


@lru_cache(maxsize=256)
def _place(url: str) -> tuple[str, str]:
    """Host and path of a URL without its query."""
    parts = urlsplit(url)
    return parts.netloc, unquote(parts.path)


def _asked(request: requests.PreparedRequest) -> Request:
    url, _, query = (request.url or "").partition("?")
    host, path = _place(url)
    body = request.body or b""
    return Request(
        method=request.method or "GET",
        host=host,
        path=path,
        raw_query=query,
        raw_body=body.encode() if isinstance(body, str) else body,
        authorization=request.headers.get("Authorization"),
    )


def _nothing() -> None:
    """Nobody looks yet."""
