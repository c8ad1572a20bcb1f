"""The real network, bounded: time, size, trust and destination.

`requests` bounds each single read, so a server that drips one byte a second holds a client for
ever. Here the deadline lives in the socket: every read waits in slices of at most 250 ms, looks
at the time left for the whole request, and, where the request is a read of ours, at a raised stop.
The socket also knows when the first byte of a request left, which makes "not sent" a fact.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as PoolError
from urllib3.exceptions import NameResolutionError

from trader247.adapters.coinbase.answers import BODY_MAX
from trader247.adapters.coinbase.connecting import SLICE, pool_kind
from trader247.adapters.coinbase.errors import (
    FAILURES,
    DeadlinePassed,
    MalformedAnswer,
    NotSent,
    OrderWithheld,
    UnaskedAnswer,
)
from trader247.adapters.coinbase.guard import ORDERS
from trader247.domain.errors import ReadAborted
from trader247.domain.milestones import Milestone, Passing, unwatched

CONNECT_MAX = timedelta(seconds=3)
TOTAL_MAX = timedelta(seconds=10)
_CHUNK = 65_536


class _Request:
    """The request on the wire: its deadline, and whether a byte of it left."""

    def __init__(self, monotonic: Callable[[], timedelta], is_stopped: Callable[[], bool]) -> None:
        self.last_look: Callable[[], None] = lambda: None
        self.passing: Passing = unwatched
        self._is_order = False
        self._is_answer_due = False
        self.is_begun = False
        self.withheld: OrderWithheld | None = None
        self._monotonic = monotonic
        self._is_stopped = is_stopped
        self._deadline = timedelta(0)
        self._connected_by = timedelta(0)
        self._may_abort = False

    def begin(
        self, total: timedelta, connect: timedelta, *, is_read: bool, is_order: bool = False
    ) -> None:
        now = self._monotonic()
        self._is_order = is_order
        self._is_answer_due = False
        self.is_begun = False
        self.withheld = None
        self._deadline = now + total
        self._connected_by = now + connect
        # A stop that was raised before does not abort: closing down needs reads too.
        self._may_abort = is_read and not self._is_stopped()

    def look(self) -> None:
        """Ask the last question before the first byte."""
        if self.is_begun:
            return
        try:
            self.last_look()
        except OrderWithheld as error:
            self.withheld = error
            raise
        self.is_begun = True

    def sent(self) -> None:
        """A part of the request left."""
        self._is_answer_due = True
        if self._is_order:
            self.passing(Milestone.REQUEST_BEGUN)

    def awaits(self) -> None:
        """The request left whole, as far as we know: its answer is waited for."""
        if self._is_order and self._is_answer_due:
            self._is_answer_due = False
            self.passing(Milestone.REQUEST_SENT)

    def left(self) -> timedelta:
        """What is left of the request's time.

        Raises:
            DeadlinePassed: nothing.
        """
        left = self._deadline - self._monotonic()
        if left <= timedelta(0):
            raise DeadlinePassed("the answer was not complete in time")
        return left

    def left_to_connect(self) -> timedelta:
        """What is left of the time to connect, the handshake included.

        Raises:
            TimeoutError: nothing.
        """
        left = self._connected_by - self._monotonic()
        if left <= timedelta(0):
            raise TimeoutError("no connection in time")
        return left

    def check_stop(self) -> None:
        if self._may_abort and self._is_stopped():
            raise ReadAborted("a stop was raised while the venue's answer was awaited")


def _context(on_wire: _Request) -> ssl.SSLContext:
    class BoundedSocket(ssl.SSLSocket):
        """A TLS socket that keeps one request's deadline."""

        def send(self, data: Any, flags: int = 0) -> int:
            if not on_wire.is_begun and self.pending():
                # It would be read as the answer to this request: a refusal, say, of an order.
                raise UnaskedAnswer("the venue said more than it was asked before")
            on_wire.look()
            self.settimeout(on_wire.left().total_seconds())
            count = super().send(data, flags)
            on_wire.sent()
            return count

        def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
            on_wire.awaits()
            while True:
                self.settimeout(min(SLICE, on_wire.left()).total_seconds())
                on_wire.check_stop()
                try:
                    return super().recv_into(buffer, nbytes, flags)
                except TimeoutError:
                    continue

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = BoundedSocket
    return context


class HardenedAdapter(HTTPAdapter):
    """HTTPS with verified certificates, no proxies, no retries, and a bound on everything.

    Name resolution alone has no bound of its own: the machine's resolver sets it. It comes before
    the first byte, so that an order which it delays is withheld as too late.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], timedelta],
        is_stopped: Callable[[], bool],
        ca_file: str | None = None,
        total: timedelta = TOTAL_MAX,
        connect: timedelta = CONNECT_MAX,
        ends: timedelta | None = None,
    ) -> None:
        """`ca_file` replaces the trusted authorities: for an exchange on this machine.

        From `ends` on, by `monotonic`, nothing is asked or waited for any more.
        """
        # It warns of headers that it cannot read, and quotes all of what the venue sent.
        logging.getLogger("urllib3.connection").disabled = True
        self._on_wire = _Request(monotonic, is_stopped)
        self._verify: bool | str = ca_file or True
        self._total = total
        self._connect = connect
        self._monotonic = monotonic
        self._ends = ends
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    @property
    def last_look(self) -> Callable[[], None]:
        """Asked after connecting, before the first byte of each request; raises to withhold."""
        return self._on_wire.last_look

    @last_look.setter
    def last_look(self, look: Callable[[], None]) -> None:
        self._on_wire.last_look = look

    @property
    def passing(self) -> Passing:
        """Told of the milestones of an order on the wire."""
        return self._on_wire.passing

    @passing.setter
    def passing(self, passing: Passing) -> None:
        self._on_wire.passing = passing

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        wire = self._on_wire
        super().init_poolmanager(*args, ssl_context=_context(wire), **kwargs)
        bounded = pool_kind(wire.left_to_connect, wire.check_stop)
        self.poolmanager.pool_classes_by_scheme = {"https": bounded}

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_options: Any
    ) -> requests.Response:
        """One request and its whole answer.

        Raises:
            NotSent: no byte of it left.
            ReadAborted: it was a read, and a stop was raised meanwhile.
            requests.RequestException: it is unclear what became of it.
        """
        wire = self._on_wire
        is_order = request.method == "POST" and request.path_url == ORDERS
        is_read = request.method == "GET"
        total = self._left_of_all()
        wire.begin(total, min(total, self._connect), is_read=is_read, is_order=is_order)
        seconds = (self._connect.total_seconds(), self._total.total_seconds())
        try:
            response = super().send(
                request, stream=True, timeout=seconds, verify=self._verify, cert=None, proxies=None
            )
            content = _content(response)
        except FAILURES as error:
            if wire.withheld is not None:
                raise wire.withheld from None
            if not wire.is_begun:
                raise NotSent(f"no connection to the venue: {_cause(error)}") from None
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(f"answer lost: {type(error).__name__}") from None
        response._content = content
        response._content_consumed = True  # type: ignore[attr-defined] # not in the stubs
        return response

    def _left_of_all(self) -> timedelta:
        """What the next request may take. Raises NotSent: the time for all of them is over."""
        if self._ends is None:
            return self._total
        left = self._ends - self._monotonic()
        if left <= timedelta(0):
            raise NotSent("the time for all that was to be asked is over")
        return min(left, self._total)


_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "its name cannot be resolved"),
    (socket.gaierror, "its name cannot be resolved"),
    (ConnectionRefusedError, "it refuses connections"),
    (ssl.SSLError, "TLS failed"),
    (requests.exceptions.SSLError, "TLS failed"),
    (UnaskedAnswer, "it said more than it was asked before"),
    (TimeoutError, "it does not answer in time"),
    (requests.ConnectTimeout, "it does not answer in time"),
)


def _cause(error: BaseException) -> str:
    """Why no connection came about, in words, as deep as the error tells."""
    pending: list[BaseException] = [error]
    for _ in range(10):
        if not pending:
            break
        each = pending.pop(0)
        for kind, words in _CAUSES:
            if isinstance(each, kind):
                return words
        deeper = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        pending += [inner for inner in deeper if isinstance(inner, BaseException)]
    return type(error).__name__


def _content(response: requests.Response) -> bytes:
    """The whole body, decompressed."""
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := response.raw.read(_CHUNK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > BODY_MAX:
                raise MalformedAnswer(f"the answer has more than {BODY_MAX} bytes")
    except PoolError as error:
        raise requests.ConnectionError(f"answer lost: {type(error).__name__}") from None
    finally:
        # Closing before the end drops the connection; after it, the pool keeps it.
        if response.raw.isclosed():
            response.raw.release_conn()
        else:
            response.raw.close()
    return b"".join(pieces)
