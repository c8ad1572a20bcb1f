"""The wire of a drill: it notes when what was asked, and can show the market as it is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant
from trader247.simex.faults.places import endpoint_of

Change = Callable[["Asked", dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it left, what it was for, by the exchange's short name, and its body."""

    at: Instant
    place: str
    path: str
    query: str
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.content)
        return body


class NotingWire(BaseAdapter):
    """Stands before the exchange's own transport; `changes` alter its answers, by place."""

    def __init__(
        self, inner: BaseAdapter, now: Callable[[], Instant], before: NotingWire | None = None
    ) -> None:
        """`before` is the wire of an earlier trader on the same exchange: its notes go on."""
        super().__init__()
        self._inner = inner
        self._now = now
        self.asked: list[Asked] = [] if before is None else before.asked
        self.changes: dict[str, Change] = {}

    def sent(self, *places: str, since: Instant | None = None) -> Sequence[Asked]:
        """What was asked at some places, from a moment on."""
        return [
            each
            for each in self.asked
            if each.place in places and (since is None or each.at >= since)
        ]

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        path, _, query = request.path_url.partition("?")
        content = request.body or b""
        asked = Asked(
            at=self._now(),
            place=endpoint_of(request.method or "GET", path),
            path=path,
            query=query,
            content=content.encode() if isinstance(content, str) else content,
        )
        self.asked.append(asked)
        answer: Response = self._inner.send(request, *args, **options)
        change = self.changes.get(asked.place)
        if change is not None and answer.status_code == 200:
            body: dict[str, Any] = json.loads(answer.content)
            change(asked, body)
            answer._content = json.dumps(body).encode()
        return answer

    def close(self) -> None:
        self._inner.close()
