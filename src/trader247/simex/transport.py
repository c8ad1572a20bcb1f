"""The wire without a socket: mounted on the official client's session, it answers in-process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from trader247.simex.request import Request
from trader247.simex.wire import Wire

_INSTANT = timedelta(0)


class InProcess(BaseAdapter):
    """`session.mount("https://", InProcess(wire))` lets an unmodified client talk to a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(  # noqa: PLR0917 - the signature is that of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer at once: no simulated time passes, and nothing of the network's can fail."""
        del stream, timeout, verify, cert, proxies
        url = urlsplit(request.url or "")
        body = request.body or b""
        reply = self._wire.answer(
            Request(
                method=request.method or "GET",
                host=url.netloc,
                path=unquote(url.path),
                raw_query=url.query,
                raw_body=body.encode() if isinstance(body, str) else body,
                authorization=request.headers.get("Authorization"),
            )
        )
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

    def close(self) -> None:
        """There is nothing to close."""
