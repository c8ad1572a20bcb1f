"""One hash over what was decided in a run: two runs that have it alike decided alike."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from trader247.domain.ids import DecisionId
from trader247.domain.intents import RecordedIntent
from trader247.domain.time import Instant


@dataclass(slots=True)
class _Again:
    """A stop that rests, and how often one of its terms took its place since it was decided on."""

    terms: tuple[object, ...]
    count: int
    last: Instant


def _terms(intent: RecordedIntent) -> tuple[object, ...]:
    """What a stop says, but for what differs when it is placed anew."""
    return (
        intent.product,
        intent.order_type,
        intent.price,
        intent.quantity,
        intent.stop_price,
        intent.rule,
        intent.exit_cause,
    )


class DecisionHash:
    """Every order and cancel decided on, and every halt and breaker, with their times.

    Of a stop that is placed anew as it was, when its time is over, the number and last time.
    """

    def __init__(self) -> None:
        self._hash = sha256()
        self._again: dict[DecisionId, _Again] = {}

    def hexdigest(self) -> str:
        """The hash of all that was said until now."""
        found = self._hash.copy()
        for decision, each in sorted(self._again.items()):
            if each.count:
                found.update(_line("again", decision, each.count, each.last))
        return found.hexdigest()

    def order(self, intent: RecordedIntent, time: Instant) -> None:
        """An order was decided on."""
        decision, terms = intent.decision_id, _terms(intent)
        again = self._again.get(decision)
        if again is not None and again.terms == terms:
            again.count += 1
            again.last = time
            return
        self._say_again(decision)
        cause = "" if intent.exit_cause is None else intent.exit_cause.value
        self._say(
            "order",
            time,
            decision,
            intent.leg,
            intent.side.value,
            intent.order_type.value,
            intent.price,
            intent.quantity,
            intent.reference,
            intent.stop_price,
            intent.rule,
            cause,
            intent.end_time,
        )
        if intent.stop_price is not None:
            self._again[decision] = _Again(terms, 0, time)

    def renewed(self, decision: DecisionId, count: int, last: Instant) -> None:
        """Its stop was placed anew so many times, the last time at `last`."""
        again = self._again[decision]
        again.count += count
        again.last = last

    def cancel(self, intent: RecordedIntent, time: Instant) -> None:
        """An order's end was asked for: it is told by its decision, for names are each book's."""
        self._say_again(intent.decision_id)
        self._say("cancel", intent.decision_id, intent.leg, time)

    def cancel_of(self, name: str, time: Instant) -> None:
        """The end of an order was asked for that nobody decided on."""
        self._say("cancel", name, time)

    def stop(self, kind: str, name: str, time: Instant) -> None:
        """A halt or a breaker began; one that is over is of the kind `ended`."""
        self._say(kind, name, time)

    def end(self, decision: DecisionId) -> None:
        """The position that it began is over: its stop is placed anew no more."""
        self._say_again(decision)
        self._again.pop(decision, None)

    def _say(self, *words: object) -> None:
        """Make the hash go on over what was decided."""
        self._hash.update(_line(*words))

    def _say_again(self, decision: DecisionId) -> None:
        """Say how often a decision's stop was placed anew, before anything else is said of it."""
        again = self._again.get(decision)
        if again is not None and again.count:
            self._say("again", decision, again.count, again.last)
            again.count = 0


def _line(*words: object) -> bytes:
    return ("|".join(map(str, words)) + "\n").encode()
