"""Every kind of event by its name, and how an old version of one becomes the present one."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any

from trader247.adapters.sqlite.codec import UnreadableRecord, decode, encode
from trader247.domain.events.recorded import AnyEvent

KINDS: Mapping[str, type[AnyEvent]] = {kind.kind: kind for kind in typing.get_args(AnyEvent)}
"""The class of each kind of event."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _without_a_stop(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew no orders that wait for a price."""
    return {**payload, "intent": {**payload["intent"], "stop_price": None}}


def _keeping_nothing(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 of a halt left nothing resting."""
    return {**payload, "keeps_sales": False}


def _with_a_sound_machine(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 of a cycle measured neither the venue's latency nor streams and disk."""
    return {**payload, "reconnects": 0, "is_slow": False, "is_disk_low": False}


def _with_clocks_that_agree(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of a cycle said nothing of the clocks."""
    return {**payload, "skew": None}


UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("intent_recorded", 1): _without_a_stop,
    ("halt_latched", 1): _keeping_nothing,
    ("cycle_decided", 1): _with_a_sound_machine,
    ("cycle_decided", 2): _with_clocks_that_agree,
}
"""From a kind's version to the next one, on plain values: stored payloads never change."""


def to_payload(event: AnyEvent) -> dict[str, Any]:
    """An event's fields as plain JSON types."""
    payload: dict[str, Any] = encode(event)
    return payload


_ANOTHER_SHAPE = (
    "a newer trader247 may have written it: use that one; "
    "else it was damaged: trader247 state restore"
)


def from_payload(kind: str, v: int, payload: Any) -> AnyEvent:
    """The event of a stored payload, brought up to the present version.

    Raises:
        UnreadableRecord: the kind or the version is not known, or the payload has another shape.
    """
    cls = KINDS.get(kind)
    if cls is None:
        raise UnreadableRecord(
            f"unknown kind of event {kind!r}", hint="a newer trader247 wrote it: use that one"
        )
    while v < cls.v and (kind, v) in UPCASTERS:
        payload = UPCASTERS[kind, v](payload)
        v += 1
    if v != cls.v:
        raise UnreadableRecord(
            f"event {kind!r} has version {v}; this program reads version {cls.v}",
            hint="a newer trader247 wrote it: use that one",
        )
    try:
        return decode(cls, payload)
    except UnreadableRecord as error:
        # A later program may say more of an event, or know more names, and call it the same.
        raise UnreadableRecord(str(error), hint=error.hint or _ANOTHER_SHAPE) from error
