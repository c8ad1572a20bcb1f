"""What a day's digest says of the day."""

from __future__ import annotations

import re
from fractions import Fraction

from trader247.truth.exact import NONE
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import day_of, earlier_us
from trader247.truth.world import World


class DayTold(Promise):
    """The first whole cycle of a day tells of the one before: what was made, what was paid in fees,
    and how many fills there were, from its own first cycle on.
    """

    id = "I18"

    _CODE = "daily_digest"
    _WORDS = re.compile(r"realised ([+-][0-9,]+\.[0-9]{2}), fees (-?[0-9,]+\.[0-9]{2})")
    _FILLS = re.compile(r"; ([0-9,]+) fills?;")
    _CENT = Fraction(1, 100)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._day: int | None = None
        self._fills = 0
        self._begun = NONE, NONE, 0
        """What was made, paid and filled as the day's first cycle came."""
        self._due: tuple[Fraction, Fraction, int] | None = None
        """The same of the day that is over, until it is told of."""

    def event_fill_booked(self, _: Told, __: Told) -> Wrong:
        self._fills += 1
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        day = day_of(earlier_us(payload))
        if payload.get("regime") == EXITS_ONLY or (self._day is not None and day <= self._day):
            return []
        book = self.world.book
        now = book.realised, book.fees, self._fills
        if self._day is not None:
            made, paid, fills = self._begun
            self._due = now[0] - made, now[1] - paid, now[2] - fills
        self._day, self._begun = day, now
        return []

    def event_alert_raised(self, payload: Told, _: Told) -> Wrong:
        if payload["code"] != self._CODE:
            return []
        if self._due is None:
            return ["a digest tells of a day that is not over"]
        (made, paid, fills), self._due = self._due, None
        words, count = self._WORDS.search(payload["text"]), self._FILLS.search(payload["text"])
        if words is None or count is None:
            return ["the digest of a day does not say what was made, paid and filled"]
        told = [Fraction(each.replace(",", "")) for each in (words[1], words[2], count[1])]
        if abs(told[0] - made) <= self._CENT and abs(told[1] - paid) <= self._CENT:
            return (
                [] if told[2] == fills else [f"a day had {fills} fills, and {count[1]} were told"]
            )
        return [
            f"a day made {float(made):.2f} and paid {float(paid):.2f} in fees; it was told as "
            f"{words[1]} and {words[2]}"
        ]

    def on_journal(self, _: Told) -> Wrong:
        due, self._due = self._due, None
        is_told = due is None or "digests" not in self.world.limits
        return [] if is_told else ["a day is over, and no digest tells of it"]
