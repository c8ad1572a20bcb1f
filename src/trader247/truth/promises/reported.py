"""What a report says became of a cycle's orders: what the answer to each was, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class Reported(Promise):
    """A report says of an order what its answer was: taken, declined, not sent, or unknown.

    By the first word of the journal on each order of that cycle, whatever was found out later; a
    stop that waits at the exchange leaves its position as it was, whether it was taken or not.
    """

    id = "I18"

    _STOP = "stop_limit_gtd"
    _WORDS: ClassVar = {
        "taken": {"entry_sent", "exit_sent"},
        "declined": {"declined_by_venue"},
        "not sent": {"not_sent"},
        "unknown": {"unknown_outcome"},
    }

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycle = 0
        self._wanted: set[str] = set()
        self._answers: dict[str, str] = {}
        """What became of the orders of that cycle, by product."""

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = self.world.intents[payload["intent"]["client_order_id"]]
        if intent.cycle != self._cycle:
            self._cycle, self._wanted, self._answers = intent.cycle, set(), {}
        # What is taken back after the journal was lost is no order of this cycle.
        if intent.order_type != self._STOP and intent.name not in self.world.by_name:
            self._wanted.add(intent.name)
        return []

    def event_submission_settled(self, payload: Told, _: Told) -> Wrong:
        name, outcome = payload["client_order_id"], payload["outcome"]
        if name in self._wanted:
            self._wanted.discard(name)
            answer = {"Acknowledged": "taken", "Unknown": "unknown"}.get(outcome["is"])
            answer = answer or ("declined" if outcome["is_sent"] else "not sent")
            self._answers[self.world.intents[name].product] = answer
        return []

    def on_reported(self, record: Told) -> Wrong:
        found = []
        for product, word in record["endings"].items():
            is_of_it = record["cycle"] == self._cycle
            answer = self._answers.get(product) if is_of_it else None
            if answer is not None and word not in self._WORDS[answer]:
                found.append(f"an order of {product} is {answer}, and its cycle reports {word}")
            elif answer is None and word in self._WORDS["taken"]:
                found.append(f"a cycle reports {word} of {product}, and nothing was taken")
        return found
