"""JSON that drifts: fields that come, go and change, as an API's do without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from trader247.simex.faults.plan import Shot
from trader247.simex.faults.replies import page, refused_order
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import Reply

_FIGURE = re.compile(rb'(":\s*)"(-?\d+(?:\.\d+)?)"')
_WORD = re.compile(
    rb'"(side|status|order_type|time_in_force|trade_type|liquidity_indicator|failure_reason|error'
    rb"|product_type|trigger_status|type|new_order_failure_reason|preview_failure_reason"
    rb'|order_placement_source|platform|portfolio_type)":"([A-Z][A-Z_]+)"'
)

Change = Callable[[Reply, Shot], Reply | None]
"""The answer as it is told; None where there is nothing in it that could drift so."""


def html(_: Reply, __: Shot) -> Reply:
    return page(200, "Just a moment...")


def empty(reply: Reply, _: Shot) -> Reply:
    return reply._replace(body=b"")


def truncated(reply: Reply, shot: Shot) -> Reply | None:
    size = len(reply.body)
    return reply._replace(body=reply.body[: 1 + shot.pick(size - 1, "cut")]) if size > 1 else None


def missing_field(reply: Reply, shot: Shot) -> Reply | None:
    def drop(fields: dict[str, Any], name: str) -> None:
        del fields[name]

    return _with_one(reply, shot, drop)


def renamed_field(reply: Reply, shot: Shot) -> Reply | None:
    def rename(fields: dict[str, Any], name: str) -> None:
        fields[f"{name}_v2"] = fields.pop(name)

    return _with_one(reply, shot, rename)


def extra_field(reply: Reply, shot: Shot) -> Reply | None:
    def add(fields: dict[str, Any], name: str) -> None:
        fields["is_new_here"] = {"since": "2026", "values": [1, None, name]}

    return _with_one(reply, shot, add)


def null_configuration(reply: Reply, _: Shot) -> Reply | None:
    body = _object(reply)
    found = [each for each in _objects(body) if each.get("order_configuration") is not None]
    for each in found:
        each["order_configuration"] = None
    return reply._replace(body=dumps(body)) if found else None


_UNCLEAR = (
    ("UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON"),
    ("INSUFFICIENT_FUND", "NEVER_HEARD_OF"),
    ("NEVER_HEARD_OF", "INSUFFICIENT_FUND"),
)


def unclear_no(reply: Reply, shot: Shot) -> Reply | None:
    """The order was taken, and the answer is a no of which nobody knows the reason, or not all."""
    if b'"success":true' not in reply.body:
        return None
    error, preview = _UNCLEAR[shot.pick(len(_UNCLEAR), "which")]
    return refused_order(error, preview, "")


def known_id(reply: Reply, _: Shot) -> Reply | None:
    """The order was taken, and the answer says that one of its id had been."""
    if b'"success":true' not in reply.body:
        return None
    return refused_order("DUPLICATE_CLIENT_ORDER_ID", "UNKNOWN_PREVIEW_FAILURE_REASON", "")


def other_price(reply: Reply, _: Shot) -> Reply | None:
    """The order was taken, and the answer tells of another limit price."""
    body = _object(reply)
    found = [each for each in _objects(body) if "limit_price" in each]
    for each in found:
        each["limit_price"] = f"{each['limit_price']}1"
    return reply._replace(body=dumps(body)) if found else None


def number_for_text(reply: Reply, shot: Shot) -> Reply | None:
    return _with_match(reply, shot, _FIGURE, rb"\1\2")


def unknown_enum(reply: Reply, shot: Shot) -> Reply | None:
    return _with_match(reply, shot, _WORD, rb'"\1":"NEVER_HEARD_OF"')


CHANGES: dict[str, Change] = {
    each.__name__: each
    for each in (
        html,
        empty,
        truncated,
        missing_field,
        extra_field,
        renamed_field,
        number_for_text,
        null_configuration,
        unclear_no,
        known_id,
        other_price,
        unknown_enum,
    )
}


def _with_match(reply: Reply, shot: Shot, pattern: re.Pattern[bytes], by: bytes) -> Reply | None:
    found = list(pattern.finditer(reply.body))
    if not found:
        return None
    match = found[shot.pick(len(found), "which")]
    body = reply.body[: match.start()] + match.expand(by) + reply.body[match.end() :]
    return reply._replace(body=body)


def _with_one(
    reply: Reply, shot: Shot, change: Callable[[dict[str, Any], str], None]
) -> Reply | None:
    """The answer with one field of it changed."""
    body = _object(reply)
    fields = [(each, name) for each in _objects(body) for name in each]
    if not fields:
        return None
    change(*fields[shot.pick(len(fields), "which")])
    return reply._replace(body=dumps(body))


def _object(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, outer ones first."""
    if isinstance(value, dict):
        yield value
        for each in list(value.values()):
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
