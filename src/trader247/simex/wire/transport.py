"""The wire without a socket: mounted on the official client's session, it answers in-process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from urllib.parse import unquote, urlsplit

from requests import ConnectionError as Disconnected
from requests import PreparedRequest, ReadTimeout, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ChunkedEncodingError
from requests.structures import CaseInsensitiveDict

from trader247.simex.faults.line import Line
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.request import Reply, Request

_INSTANT = timedelta(0)


class InProcess(BaseAdapter):
    """`session.mount("https://", InProcess(wire))` lets an unmodified client talk to a wire.

    What goes wrong on the `line` shows as it does to whoever uses sockets. `pass_us` is told how
    long its client waited; without it no time passes.
    """

    def __init__(
        self, wire: Wire, line: Line | None = None, pass_us: Callable[[int], None] | None = None
    ) -> None:
        super().__init__()
        self._wire = wire
        self._line = line
        self._pass_us = pass_us

    def send(  # noqa: PLR0917 - the signature is that of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer at once, but for what the line does to it.

        Raises:
            ReadTimeout: the answer was lost, or is later than the client would wait.
            ConnectionError, ChunkedEncodingError: the connection was reset.
        """
        del stream, verify, cert, proxies
        url = urlsplit(request.url or "")
        body = request.body or b""
        asked = Request(
            method=request.method or "GET",
            host=url.netloc,
            path=unquote(url.path),
            raw_query=url.query,
            raw_body=body.encode() if isinstance(body, str) else body,
            authorization=request.headers.get("Authorization"),
        )
        patience_s = timeout[1] if isinstance(timeout, tuple) else timeout
        reply = self._carried(asked, patience_s)
        response = Response()
        response.status_code = reply.status
        response.reason = HTTPStatus(reply.status).phrase
        response.headers = CaseInsensitiveDict(
            {"content-type": reply.content_type, **dict(reply.headers)}
        )
        response.url = request.url or ""
        response.request = request
        response.encoding = "utf-8"
        response.elapsed = _INSTANT
        response.raw = BytesIO(reply.body)
        # requests reads a body in pieces; ours is whole already.
        response._content = reply.body
        response._content_consumed = True  # type: ignore[attr-defined]  # not in its stubs
        return response

    def _carried(self, request: Request, patience_s: float | None) -> Reply:
        if self._line is None:
            return self._wire.answer(request)
        late_us = self._line.late_us(request)
        if late_us:
            # It arrives, whoever still waits for its answer.
            self._passed(late_us)
        delivery = self._line.carry(request, self._wire.answer)
        if delivery.is_reset:
            reset = Disconnected if delivery.reply is None else ChunkedEncodingError
            raise reset("Connection reset by peer")
        waited_us = late_us + delivery.wait_us
        is_late = patience_s is not None and waited_us > patience_s * 1_000_000
        if delivery.reply is None or is_late:
            if patience_s is not None:
                self._passed(max(0, int(patience_s * 1_000_000) - late_us))
            raise ReadTimeout("Read timed out.")
        self._passed(delivery.wait_us)
        return delivery.reply

    def _passed(self, span_us: int) -> None:
        if self._pass_us is not None and span_us:
            self._pass_us(span_us)

    def close(self) -> None:
        """There is nothing to close."""
