"""Everything that can go wrong, each under one name: the list that the manual is made from.

Requests: those of `BEFORE` strike in place of the effect, those of `AFTER` when the exchange has
done what it was asked for. `VIEWS` are what somebody sees who reads from a copy that lags or errs;
whether one of them strikes is decided once for each order or fill, not for each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from trader247.simex.faults.places import CHANNELS, ENDPOINTS


class Stage(Enum):
    """When a fault strikes, in the words of the manual."""

    BEFORE = "nothing is done"
    DOING = "done otherwise"
    VIEW = "seen otherwise"
    BODY = "done, ill told"
    AFTER = "done, not told"
    STREAM = "stream"


_BOUND = (Stage.VIEW, Stage.DOING, Stage.STREAM)
"""Faults of these stages can strike where they do by themselves, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault: where it strikes if nothing else is said, and how long at most (0: no length)."""

    name: str
    stage: Stage
    doc: str
    where: tuple[str, ...] = ENDPOINTS
    ms: int = 0
    ms_max: int = field(default=170_000)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it can strike at all."""
        return self.where if self.stage in _BOUND else ENDPOINTS


_BEFORE = Stage.BEFORE
_ORDERS, _FILLS, _LISTS = ("orders",), ("fills",), ("orders", "fills")
_STREAM = Stage.STREAM
_MESSAGES, _CONNECTION = CHANNELS[:-1], CHANNELS[-1:]

_ALL = (
    Kind("lost_request", _BEFORE, "the request never arrives, and nothing is answered"),
    Kind("reset_before", _BEFORE, "the connection is reset"),
    Kind("unauthorized", _BEFORE, "401, though the token is in order"),
    Kind("limited", _BEFORE, "429, with either body"),
    Kind("error_before", _BEFORE, "500, 502, 503 or 504, as JSON or HTML"),
    Kind("no_funds", _BEFORE, "an order is refused as not funded, though it is", ("create",)),
    Kind("post_only_met", _BEFORE, "a post-only order is refused as crossing", ("create",)),
    Kind("late_request", Stage.DOING, "arrives late, whoever still waits", ENDPOINTS, 5_000),
    Kind("doubled_request", Stage.DOING, "is delivered twice; the second answer counts", ENDPOINTS),
    Kind("partial_cancel", Stage.DOING, "some of the orders are not cancelled", ("cancel",)),
    Kind("cancel_race", Stage.DOING, "cancelling succeeds, but the order fills", ("cancel",)),
    Kind("other_order", Stage.VIEW, "another order than the one asked for", ("create", "order")),
    Kind("stale_list", Stage.VIEW, "a new order is not listed yet", _ORDERS, 120_000,
         600_000),
    Kind("stale_order", Stage.VIEW, "a new order is not found yet", ("order",), 5_000, 600_000),
    Kind("stale_state", Stage.VIEW, "an order stands as before its last change: a fill is seen "
         "first", ("orders", "order"), 30_000, 600_000),
    Kind("early_end", Stage.VIEW, "an order that was cancelled or expired stands as ended with "
         "nothing filled", ("orders", "order"), 60_000, 600_000),
    Kind("late_fills", Stage.VIEW, "a fill is not listed yet, its order is filled", _FILLS, 60_000,
         600_000),
    Kind("doubled_fills", Stage.VIEW, "a fill is listed twice", _FILLS),
    Kind("split_fills", Stage.VIEW, "a fill is two entries of one trade", ("fills", "orders",
         "order")),
    Kind("corrected_fills", Stage.VIEW, "a commission is wrong at first, then reversed and "
         "corrected", _FILLS, 60_000, 600_000),
    Kind("restated_fills", Stage.VIEW, "after so long a fill is listed with another commission",
         _FILLS, 120_000, 600_000),
    Kind("repeated_cursor", Stage.VIEW, "the next page is this one once more", _LISTS),
    Kind("looping_cursor", Stage.VIEW, "the last page leads to the first", _LISTS),
    Kind("skipped_page", Stage.VIEW, "a page is left out", _LISTS),
    Kind("skewed_clock", Stage.VIEW, "the time told and the Date are off", ("time",), 45_000),
    Kind("html", Stage.BODY, "200 with a page of HTML"),
    Kind("empty", Stage.BODY, "200 with nothing"),
    Kind("truncated", Stage.BODY, "JSON that breaks off"),
    Kind("missing_field", Stage.BODY, "a field is not there"),
    Kind("extra_field", Stage.BODY, "a field that nobody knows"),
    Kind("renamed_field", Stage.BODY, "a field has another name"),
    Kind("number_for_text", Stage.BODY, "a figure is a number, not text"),
    Kind("null_configuration", Stage.BODY, "order_configuration is null", ("create", "orders",
         "order")),
    Kind("unclear_no", Stage.BODY, "an order is taken, and the answer is a no that is none",
         ("create",)),
    Kind("known_id", Stage.BODY, "an order is taken, and the answer says that its id was known",
         ("create",)),
    Kind("other_price", Stage.BODY, "an order is taken, and the answer tells of another limit",
         ("create",)),
    Kind("unknown_enum", Stage.BODY, "a word of a closed list that is not on it"),
    Kind("lost_answer", Stage.AFTER, "nothing is ever answered"),
    Kind("reset_after", Stage.AFTER, "the connection is reset before the answer"),
    Kind("reset_inside", Stage.AFTER, "the connection is reset amid the answer"),
    Kind("error_after", Stage.AFTER, "500, 502, 503 or 504, as JSON or HTML"),
    Kind("late_answer", Stage.AFTER, "the answer is late", ENDPOINTS, 2_000),
    Kind("dripping", Stage.AFTER, "the answer comes in drops, over so long", ENDPOINTS, 15_000),
    Kind("stream_gap", _STREAM, "a message is lost: its number is missing", _MESSAGES),
    Kind("stream_doubled", _STREAM, "a message comes twice", _MESSAGES),
    Kind("stream_swapped", _STREAM, "a message comes after the next one", _MESSAGES),
    Kind("stream_late", _STREAM, "a message is late", _MESSAGES, 3_000),
    Kind("stream_silent", _STREAM, "a message is never made: no number is missing", _MESSAGES),
    Kind("stream_hang", _STREAM, "nothing more comes, pings are answered: half-open", _MESSAGES),
    Kind("stream_drop", _STREAM, "the connection is reset", _MESSAGES),
    Kind("stream_close", _STREAM, "the server closes: 1000, 1001, 1009 or 1011", _MESSAGES),
    Kind("stream_refused", _STREAM, "a subscription is refused; the connection stays", _MESSAGES),
    Kind("stream_busy", _STREAM, "a connection is refused with 429 or 503", _CONNECTION),
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({each.name: each for each in _ALL})
