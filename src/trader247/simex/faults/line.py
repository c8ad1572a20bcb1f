"""The line between a client and the exchange: what is lost, late, doubled, cut or garbled on it.

Nothing here waits or sends: what becomes of a request is worked out, and carried out by whoever
owns the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from trader247.simex.faults import replies
from trader247.simex.faults.bodies import CHANGES, Change
from trader247.simex.faults.delivery import RESET, SILENCE, Delivery
from trader247.simex.faults.places import endpoint_of
from trader247.simex.faults.plan import Plan, Shot
from trader247.simex.wire.request import Reply, Request

Answer = Callable[[Request], Reply]

_INSTEAD: dict[str, Callable[[Shot], Delivery]] = {
    "lost_request": lambda _: SILENCE,
    "reset_before": lambda _: RESET,
    "unauthorized": lambda _: Delivery(replies.UNAUTHORIZED),
    "limited": lambda shot: Delivery(replies.limited(shot)),
    "error_before": lambda shot: Delivery(replies.failed(shot)),
    "no_funds": lambda _: Delivery(
        replies.refused_order(
            "INSUFFICIENT_FUND",
            "PREVIEW_INSUFFICIENT_FUND",
            "Insufficient balance in source account",
        )
    ),
    "post_only_met": lambda _: Delivery(
        replies.refused_order(
            "INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY", ""
        )
    ),
}
_TOLD = (
    "lost_answer",
    "reset_after",
    "reset_inside",
    "error_after",
    "late_answer",
    "dripping",
)
"""What an answer meets on its way back, in this order."""


class Line:
    """One exchange's line; `now_us` is the exchange's clock."""

    def __init__(self, plan: Plan, now_us: Callable[[], int]) -> None:
        self._plan = plan
        self._now_us = now_us

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all can go wrong on it."""
        return not self._plan.rules

    @property
    def is_garbling(self) -> bool:
        """Whether what is answered may be garbled on it."""
        return self._plan.has(*CHANGES)

    def late_us(self, request: Request) -> int:
        """How late a request arrives: to be asked first, and waited for."""
        shot = self._meet("late_request", self._place(request))
        return 0 if shot is None else shot.span_us()

    def carry(self, request: Request, answer: Answer) -> Delivery:
        """What becomes of a request that has arrived; `answer` is asked where it gets through."""
        if self.is_sound:
            return Delivery(answer(request))
        place = self._place(request)
        here = self._plan.at(place)
        if not here:
            return Delivery(answer(request))
        meet, now_us = self._plan.meet, self._now_us()
        for name, instead in _instead_of(here):
            is_apt = name != "post_only_met" or _is_post_only(request)
            if is_apt and (shot := meet(name, place, now_us)):
                return instead(shot)
        reply = answer(request)
        if "doubled_request" in here and meet("doubled_request", place, now_us):
            reply = answer(request)
        if changes := _changes_of(here):
            reply = self._garbled(reply, place, changes)
        told = _told_of(here)
        return self._told(reply, place, told) if told else Delivery(reply)

    def _garbled(self, reply: Reply, place: str, changes: tuple[tuple[str, Change], ...]) -> Reply:
        if reply.status != 200:
            return reply
        # A dozen can, and each is asked at each answer: by itself, and at one time.
        meet, now_us = self._plan.meet, self._now_us()
        for name, change in changes:
            shot = meet(name, place, now_us)
            if shot is not None and (changed := change(reply, shot)) is not None:
                reply = changed
        return reply

    def _told(self, reply: Reply, place: str, told: tuple[str, ...]) -> Delivery:
        wait_us = drip_us = 0
        for name in told:
            shot = self._plan.meet(name, place, self._now_us())
            if shot is None:
                continue
            match name:
                case "lost_answer":
                    return SILENCE
                case "reset_after":
                    return RESET
                case "reset_inside":
                    cut = shot.pick(max(1, len(reply.body)), "cut")
                    return Delivery(reply, cut=cut, is_reset=True)
                case "error_after":
                    reply = replies.failed(shot)
                case "late_answer":
                    wait_us = shot.span_us()
                case _:
                    drip_us = shot.rule.ms * 1000
        return Delivery(reply, wait_us=wait_us, drip_us=drip_us)

    def _meet(self, name: str, place: str) -> Shot | None:
        if name not in self._plan.at(place):
            return None
        return self._plan.meet(name, place, self._now_us())

    @staticmethod
    def _place(request: Request) -> str:
        return endpoint_of(request.method, request.path)


@lru_cache(maxsize=256)
def _instead_of(here: frozenset[str]) -> tuple[tuple[str, Callable[[Shot], Delivery]], ...]:
    """What can come in an answer's place, of all that can strike somewhere."""
    return tuple((name, instead) for name, instead in _INSTEAD.items() if name in here)


@lru_cache(maxsize=256)
def _told_of(here: frozenset[str]) -> tuple[str, ...]:
    """What an answer can meet on its way back, of all that can strike somewhere."""
    return tuple(name for name in _TOLD if name in here)


def _is_post_only(request: Request) -> bool:
    return b'"post_only":true' in request.raw_body.replace(b" ", b"")


@lru_cache(maxsize=256)
def _changes_of(here: frozenset[str]) -> tuple[tuple[str, Change], ...]:
    """What can garble an answer, of all that can strike somewhere."""
    return tuple((name, change) for name, change in CHANGES.items() if name in here)
