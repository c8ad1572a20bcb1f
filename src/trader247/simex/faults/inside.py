"""Faults within the exchange's own walls: it does something else, or shows it from a lagging copy.

They stand behind the door: who is not let in meets none of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlencode

from trader247.simex.faults.kinds import KINDS
from trader247.simex.faults.places import endpoint_of
from trader247.simex.faults.plan import Plan, Shot
from trader247.simex.faults.rows import Rows
from trader247.simex.wire import times
from trader247.simex.wire.render import Body, dumps
from trader247.simex.wire.request import Reply, Request, not_found

Answer = Callable[[Request], Reply]

_LISTED = (
    "skipped_page",
    "repeated_cursor",
    "looping_cursor",
    "stale_list",
    "stale_state",
    "early_end",
    "late_fills",
    "split_fills",
    "doubled_fills",
    "corrected_fills",
    "restated_fills",
)
"""What a listing, or a row of one, can be seen otherwise by."""
_SINCE = "start_sequence_timestamp"
_FIRST = "999999999999999"
"""A cursor that leads to the first page: rows are counted up, and listed down."""


class Grip(Protocol):
    """What the faults need of the exchange."""

    @property
    def now_us(self) -> int:
        """The exchange's time."""

    def other_order(self, order_id: str) -> tuple[str, str] | None:
        """Some order but this one: the exchange's id and the client's."""

    def entries_of(self, order_ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the fills of some orders."""

    def fill_resting(self, order_id: str, *, hundredths: int) -> bool:
        """Fill so much of a resting order at its limit; whether there was one."""


class Inside:
    """Answers requests as the exchange does, but for what its plan says."""

    def __init__(self, plan: Plan, grip: Grip) -> None:
        self._plan = plan
        self._grip = grip
        self._changed = {
            "order": self._order,
            "create": self._create,
            "cancel": self._cancel,
            "time": self._time,
        }

    def __call__(self, request: Request, answer: Answer) -> Reply:
        """The reply to a request that was let in; `answer` is the exchange's own."""
        if not self._plan.rules:
            return answer(request)
        place = endpoint_of(request.method, request.path)
        if place in ("orders", "fills"):
            return self._listing(place, request, answer)
        changed = self._changed.get(place)
        return answer(request) if changed is None else changed(request, answer)

    def skew_us(self) -> int:
        """How far the time that is told is off."""
        shot = self._meet("skewed_clock", "time") if self._plan.has("skewed_clock") else None
        return 0 if shot is None else shot.rule.ms * 1000

    def _meet(self, name: str, place: str) -> Shot | None:
        return self._plan.meet(name, place, self._grip.now_us)

    def _time(self, request: Request, answer: Answer) -> Reply:
        reply, skew_us = answer(request), self.skew_us()
        if not skew_us or reply.status != 200:
            return reply
        told_us = self._grip.now_us + skew_us
        body = {
            "iso": times.text(told_us),
            "epochSeconds": str(told_us // 1_000_000),
            "epochMillis": str(told_us // 1000),
        }
        return reply._replace(body=dumps(body))

    def _listing(self, place: str, request: Request, answer: Answer) -> Reply:
        # Orders count the entries of their fills.
        is_split = place == "orders" and self._plan.has("split_fills")
        if not is_split and self._plan.at(place).isdisjoint(_LISTED):
            return answer(request)
        since = request.one(_SINCE) if place == "fills" else ""
        if since and self._plan.has("corrected_fills"):
            # A correction is younger than its trade: it is found by its own time.
            early_us = (request.time_us(_SINCE) or 0) - KINDS["corrected_fills"].ms_max * 1000
            request = _with(request, **{_SINCE: times.text(early_us)})
        reply = answer(request)
        if reply.status != 200:
            return reply
        body = dict(_page(reply.body))
        told = body["cursor"], body[place]
        if body["cursor"] and self._meet("skipped_page", place):
            body = dict(_page(answer(_with(request, cursor=body["cursor"])).body))
        if body["cursor"] and self._meet("repeated_cursor", place):
            body["cursor"] = request.one("cursor") or _FIRST
        if not body["cursor"] and body[place] and self._meet("looping_cursor", place):
            body.update({"cursor": _FIRST, **({"has_next": True} if "has_next" in body else {})})
        seen = self._seen(place, body[place])
        body[place] = [each for each in seen if not since or _is_since(each, since)]
        if (body["cursor"], body[place]) == told:
            return reply  # it has been written out already
        return reply._replace(body=dumps(body))

    def _seen(self, place: str, found: list[Body]) -> list[Body]:
        rows = Rows(self._plan, place, self._grip.now_us)
        if place == "fills":
            return [each for row in found for each in rows.fill(row)]
        there = [
            row
            for row in found
            if not rows.is_young("stale_list", row["order_id"], row["created_time"])
        ]
        entries = self._entries([row["order_id"] for row in there])
        return [rows.order(row, entries.get(row["order_id"], [])) for row in there]

    def _entries(self, order_ids: Sequence[str]) -> dict[str, list[str]]:
        return self._grip.entries_of(order_ids) if self._plan.has("split_fills") else {}

    def _order(self, request: Request, answer: Answer) -> Reply:
        order_id = request.path.rpartition("/")[2]
        other = self._grip.other_order(order_id) if self._plan.has("other_order") else None
        if other is not None and self._meet("other_order", "order"):
            return answer(replace(request, path=request.path.replace(order_id, other[0])))
        reply = answer(request)
        if reply.status != 200:
            return reply
        row = json.loads(reply.body)["order"]
        rows = Rows(self._plan, "order", self._grip.now_us)
        if rows.is_young("stale_order", order_id, row["created_time"]):
            raise not_found("order with this orderID was not found")
        seen = rows.order(row, self._entries([order_id]).get(order_id, []))
        return reply._replace(body=dumps({"order": seen}))

    def _create(self, request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        if not self._plan.has("other_order") or reply.status != 200:
            return reply
        body = json.loads(reply.body)
        if not body["success"]:
            return reply
        told = body["success_response"]
        other = self._grip.other_order(told["order_id"])
        if other is None or not self._meet("other_order", "create"):
            return reply
        told["order_id"], told["client_order_id"] = other
        return reply._replace(body=dumps(body))

    def _cancel(self, request: Request, answer: Answer) -> Reply:
        """Cancel what is to be cancelled; some orders stay, some fill just before."""
        order_ids = request.body.get("order_ids")
        if (
            not self._plan.has("partial_cancel", "cancel_race")
            or not isinstance(order_ids, list)
            or not all(isinstance(each, str) for each in order_ids)
        ):
            return answer(request)
        stays = {each for each in order_ids if self._meet("partial_cancel", "cancel")}
        raced = set()
        for order_id in order_ids:
            if order_id in stays:
                continue
            if shot := self._meet("cancel_race", "cancel"):
                hundredths = 100 if shot.pick(2, "whole") else 1 + shot.pick(99, "part")
                if self._grip.fill_resting(order_id, hundredths=hundredths):
                    raced.add(order_id)
        left = [each for each in order_ids if each not in stays]
        results: list[Body] = []
        if left or not order_ids:
            reply = answer(replace(request, raw_body=dumps({**request.body, "order_ids": left})))
            if reply.status != 200:
                return reply
            results = json.loads(reply.body)["results"]
        answered = {each["order_id"]: each for each in results}
        for order_id in raced:
            answered[order_id] |= {
                "success": True,
                "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON",
            }
        for order_id in stays:
            answered[order_id] = {
                "success": False,
                "failure_reason": "COMMANDER_REJECTED_CANCEL_ORDER",
                "order_id": order_id,
            }
        told = [answered[each] for each in order_ids if each in answered]
        return Reply(200, dumps({"results": told}))


@lru_cache(maxsize=16)
def _page(body: bytes) -> Mapping[str, Any]:
    """A page of a listing: most say what they said when they were last asked for."""
    page: Body = json.loads(body)
    return page


def _is_since(row: Body, since: str) -> bool:
    return times.parse(row["sequence_timestamp"]) >= times.parse(since)


def _with(request: Request, **changes: str) -> Request:
    """A request with other values for some parameters."""
    query = [(name, each) for name, values in request.query.items() for each in values]
    kept = [(name, value) for name, value in query if name not in changes]
    return replace(request, raw_query=urlencode([*kept, *changes.items()]))
