"""Events as sums need them: a cycle comes without its verdicts and without its figures.

Of a year's journal most of what is read is why each product of each cycle ended as it did, in full.
The ledger and the figures of a report need the reason alone. So the verdicts, which come last in
the canonical text of a cycle, are cut off unread, and endings that were read before are not made
anew: most cycles end like others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import apsw

from trader247.adapters.sqlite.chain import Row
from trader247.adapters.sqlite.codec import UnreadableRecord
from trader247.adapters.sqlite.kinds import from_payload
from trader247.adapters.sqlite.rows import recorded, rows_after
from trader247.domain.changing import replace
from trader247.domain.events.cycles import CycleDecided, Ending
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant

_VERDICTS = ',"verdicts":'
"""Where they begin: inside a text a quote would be escaped, and no other field is called so."""

_NONE = f"{_VERDICTS}{{}}}}"
_ENDINGS_MAX = 4_096
"""So many ways in which a cycle ended are remembered, and then all are forgotten."""

Ways = tuple[tuple[str, str], ...]


class BriefReader:
    """Reads events one after another, and remembers the endings of cycles."""

    def __init__(self) -> None:
        self._known: dict[Ways, Mapping[ProductId, Ending]] = {}

    def recorded(self, row: Row) -> Recorded:
        """The event of a stored row; of a cycle, no verdicts and no details of endings.

        Raises:
            UnreadableRecord: it is of a kind, a version or a shape that this program does not know.
        """
        if row.kind != CycleDecided.kind or row.v != CycleDecided.v:
            return recorded(row)
        text, cut, _ = row.payload.partition(_VERDICTS)
        try:
            payload = json.loads(text + _NONE if cut else text)
            time = Instant.parse(row.time)
        except ValueError as error:
            raise UnreadableRecord(f"event {row.seq} is unreadable: {error}") from error
        try:
            return Recorded(row.seq, time, self._cycle(payload), row.hash)
        except UnreadableRecord as error:
            raise UnreadableRecord(f"event {row.seq}: {error}", hint=error.hint) from error

    def _cycle(self, payload: dict[str, Any]) -> CycleDecided:
        ways = _ways(payload)
        known = self._known.get(ways)
        payload["endings"] = (
            {} if known is not None else {name: _ending(reason) for name, reason in ways}
        )
        event = from_payload(CycleDecided.kind, CycleDecided.v, payload)
        assert isinstance(event, CycleDecided), "its kind says so"
        if known is None:
            if len(self._known) >= _ENDINGS_MAX:
                self._known.clear()
            self._known[ways] = event.endings
            return event
        return replace(event, endings=known)


def briefly_after(connection: apsw.Connection, after: int) -> Iterator[Recorded]:
    """Every event after `after`, in order."""
    return map(BriefReader().recorded, rows_after(connection, after))


def _ways(payload: dict[str, Any]) -> Ways:
    """How each product of a cycle ended, in the order in which it is stored."""
    try:
        endings = payload["endings"]
        return tuple([(str(name), str(each["reason"])) for name, each in endings.items()])
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableRecord(f"a cycle without its endings: {error!r}") from error


def _ending(reason: str) -> dict[str, str]:
    return {"reason": reason, "detail": ""}
