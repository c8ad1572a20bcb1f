"""All promises, each asked of what concerns it, after everything that happens."""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterable

from trader247.truth.facts import Row
from trader247.truth.promise import Lasting, Promise, Wrong
from trader247.truth.promises import (
    accepting,
    adopted,
    asking,
    awake,
    banning,
    beating,
    beginning,
    between,
    bidden,
    by_hand,
    cancels,
    clocks,
    covering,
    digests,
    doubling,
    doubting,
    dust,
    ending,
    escalating,
    failures,
    fates,
    figures,
    flattening,
    following,
    gate,
    holding,
    hurrying,
    lasting,
    leaving,
    left,
    leftover,
    limits,
    looked,
    meeting,
    money,
    named,
    nos,
    noticed,
    orders,
    otherwise,
    overdue,
    people,
    prices,
    proving,
    reaching,
    records,
    reported,
    restraint,
    senders,
    settling,
    standing,
    storage,
    streamed,
    switch,
    terms,
    unsettled,
    untold,
    whole,
)
from trader247.truth.promises.records import canonical
from trader247.truth.times import HOUR_US
from trader247.truth.violation import Violation
from trader247.truth.world import World

PROMISES: tuple[type[Promise], ...] = (
    limits.Exposure,
    limits.Risked,
    limits.Costs,
    gate.Weighed,
    figures.Laddered,
    figures.Unpriced,
    limits.Stopped,
    switch.Prompt,
    awake.OfTheSwitch,
    switch.Pressed,
    switch.Lived,
    switch.Standing,
    left.Left,
    proving.Proven,
    proving.Seen,
    proving.Emptied,
    proving.Spared,
    proving.Answered,
    lasting.LastSend,
    ending.Cleared,
    ending.LetGo,
    ending.InItsName,
    ending.Tidy,
    ending.Tabled,
    lasting.SwitchLasts,
    lasting.RestoredLasts,
    noticed.Looping,
    gate.Confirmed,
    bidden.Bidden,
    orders.Recorded,
    cancels.OwnEnds,
    restraint.Ended,
    whole.Untaken,
    whole.AskedAgain,
    orders.Once,
    doubling.Doubled,
    orders.OneUnresolved,
    money.EachFillOnce,
    noticed.Retold,
    noticed.Corrected,
    noticed.Owed,
    noticed.WentBack,
    beginning.Small,
    whole.Whole,
    whole.Unsaid,
    money.Balances,
    accepting.Accepted,
    noticed.Noticed,
    money.Profit,
    by_hand.SoldByHand,
    by_hand.Explained,
    money.DoubleEntry,
    adopted.InForce,
    records.Kept,
    orders.Lawful,
    fates.StaysEnded,
    fates.FoundOut,
    cancels.AskedAgain,
    cancels.Paced,
    terms.Selling,
    terms.There,
    terms.Apart,
    meeting.Apart,
    meeting.Open,
    terms.Lifetime,
    overdue.Overdue,
    terms.Collar,
    terms.Fresh,
    doubting.Doubted,
    storage.LeftBehind,
    storage.Silent,
    looked.Looked,
    looked.Reread,
    looked.OfNow,
    doubting.SeenAnew,
    figures.Measured,
    clocks.RightTime,
    prices.Young,
    prices.Marked,
    prices.StillYoung,
    prices.Narrow,
    prices.Minutes,
    prices.Over,
    streamed.FoundOut,
    restraint.Timed,
    limits.Pace,
    gate.Counted,
    figures.Reasoned,
    gate.LeftAlone,
    banning.Banned,
    storage.Room,
    restraint.Restrained,
    restraint.HeldOff,
    restraint.Backing,
    failures.Failures,
    failures.Owned,
    holding.HeldOpen,
    standing.Standing,
    standing.Closing,
    standing.Withdrawn,
    standing.Mended,
    nos.Reasons,
    holding.Bound,
    holding.Erring,
    looked.KeyRead,
    holding.KeyRefused,
    holding.Latching,
    otherwise.Otherwise,
    holding.DayFees,
    limits.Marks,
    limits.Losses,
    dust.Hardly,
    dust.TakenBack,
    leaving.Leaving,
    asking.Asked,
    flattening.Flattened,
    flattening.Wished,
    flattening.Over,
    flattening.TakenBack,
    leaving.Early,
    leaving.LetGo,
    between.AtOnce,
    leftover.LeftOver,
    leaving.Planned,
    following.Resting,
    following.Followed,
    following.GivenUp,
    reaching.Reaching,
    covering.Covered,
    covering.CoveredMeanwhile,
    covering.Yielding,
    hurrying.Hurrying,
    reported.Reported,
    people.Heard,
    named.Named,
    awake.OfPeople,
    people.Insisting,
    people.Repeated,
    escalating.Escalated,
    unsettled.Unanswered,
    untold.Untold,
    switch.Outlived,
    people.OnDisk,
    unsettled.Unended,
    digests.DayTold,
    records.Sound,
    records.Chained,
    records.Unflipped,
    senders.OneSender,
    senders.Guarded,
    records.Secret,
    senders.Recovery,
    settling.Alive,
    lasting.GoesOn,
    beating.Beating,
    records.Bounded,
)
"""In the order of their ids; one id may have two that look at different evidence."""

Asked = tuple[str, Callable[..., Wrong]]

_WELL, _ANY = 200, ""
_KEPT_US = HOUR_US
"""So long after a backup somebody may go back to it, while the machine is awake."""
_OF_THE_JOURNAL = frozenset({"journal", "reopened", "folded", "alert", "backed_up"})
"""What is told of a journal and of what was made of it: nothing of that is so, after going back."""


class Checker:
    """Whoever is told of everything, and answers what is broken by it.

    The work for a record is that of its own news: nothing is ever added up again.
    """

    def __init__(self) -> None:
        self._world = World()
        self._promises = tuple(each(self._world) for each in PROMISES)
        self._asked: dict[str, tuple[Asked, ...]] = {}
        self._of_reads = self._by_word("on_request", lambda each: each.of_reads)
        self._of_yeses = self._by_word("on_answer", lambda each: each.of_yeses)
        self._lasting = tuple(each for each in self._promises if isinstance(each, Lasting))
        self._then: Checker | None = None
        """As it stood when the last backup of the journal was made."""
        self._since: list[Row] = []
        """What was told since, while somebody may go back to it."""
        self._slept_us = 0
        """How long the machine slept since then."""

    def see(self, record: Row) -> list[Violation]:
        """Take the next thing that happened; what is broken by it."""
        match record["kind"]:
            case "backed_up":
                self._then, self._since, self._slept_us = None, [], 0
                self._then = copy.deepcopy(self)
            case "restored":
                return self._go_back(record)
            case _ if self._then is not None:
                self._keep(record)
        return self._see(record)

    def _keep(self, record: Row) -> None:
        if record["kind"] == "slept":
            self._slept_us += record["span_us"]
        if record["at_us"] - self._since_us - self._slept_us > _KEPT_US:
            self._then, self._since = None, []
        else:
            self._since.append(record)

    @property
    def _since_us(self) -> int:
        return self._world.now_us if self._then is None else self._then._world.now_us

    def _go_back(self, record: Row) -> list[Violation]:
        """The journal is as it was at the backup, and all else as it is: told anew, without it."""
        then, since, slept_us = self._then, self._since, self._slept_us
        now_us = record["at_us"]
        if then is None or (then._world.seq, then._world.hash) != (record["seq"], record["hash"]):
            return [Violation("I10", now_us, f"event {record['seq']} is none that was backed up")]
        self.__dict__.update(copy.deepcopy(then).__dict__)
        # The backup is there still: somebody may go back to it once more.
        self._then, self._since, self._slept_us = then, [*since, record], slept_us
        world = self._world
        for each in since:
            if each["kind"] == "journal":
                for event in each["events"]:
                    if event["kind"] == "intent_recorded":
                        world.lose(event["payload"]["intent"])
                    if event["kind"] == "holding_adopted":
                        world.lose_coins(event["payload"])
            elif each["kind"] not in _OF_THE_JOURNAL:
                self._see(each)
        found: list[Violation] = []
        world.see(record)
        self._ask("on_restored", found, record)
        return found

    def _see(self, record: Row) -> list[Violation]:
        world = self._world
        world.see(record)
        found: list[Violation] = []
        kind = record["kind"]
        if kind == "journal":
            for event in record["events"]:
                self._learn(event, found)
        if kind == "request":
            asked = self._of_request(record)
        elif kind == "answer":
            asked = self._of_answer(record)
        else:
            asked = self._who(f"on_{kind}")
        for id, ask in asked:
            if wrong := ask(record):
                self._add(id, wrong, found)
        if world.limits:
            for each in self._lasting:
                if each.due_us <= world.now_us and (wrong := each.every()):
                    self._add(each.id, wrong, found)
        return found

    def _learn(self, event: Row, found: list[Violation]) -> None:
        text = canonical(event)
        wrong = self._world.learn(event)
        if wrong:
            self._add("I8", [wrong], found)
        self._ask("on_event", found, event, text)
        self._ask(f"event_{event['kind']}", found, event["payload"], event)

    def _ask(self, method: str, found: list[Violation], *told: Row | str) -> None:
        for id, ask in self._who(method):
            if wrong := ask(*told):
                self._add(id, wrong, found)

    def _who(self, method: str) -> tuple[Asked, ...]:
        asked = self._asked.get(method)
        if asked is None:
            asked = self._asked[method] = self._having(method, self._promises)
        return asked

    def _of_request(self, record: Row) -> tuple[Asked, ...]:
        if record["method"] != "GET":
            return self._who("on_request")
        word = record["path"].rpartition("/")[2]
        return self._of_reads.get(word) or self._of_reads[_ANY]

    def _of_answer(self, record: Row) -> tuple[Asked, ...]:
        path = self._world.path_read
        if not path or record["status"] != _WELL or "is_legible" in record:
            return self._who("on_answer")
        return self._of_yeses.get(path.rpartition("/")[2]) or self._of_yeses[_ANY]

    def _by_word(
        self, method: str, words_of: Callable[[Promise], Container[str]]
    ) -> dict[str, tuple[Asked, ...]]:
        """Whom a reading concerns, by the last word of its path: by each that some promise names,
        and by any other.
        """
        told = [words_of(each) for each in self._promises]
        named = {word for words in told if isinstance(words, tuple) for word in words}
        return {
            word: self._having(method, [each for each in self._promises if word in words_of(each)])
            for word in (*sorted(named), _ANY)
        }

    @staticmethod
    def _having(method: str, promises: Iterable[Promise]) -> tuple[Asked, ...]:
        return tuple((each.id, getattr(each, method)) for each in promises if hasattr(each, method))

    def _add(self, id: str, wrong: Wrong, found: list[Violation]) -> None:
        found += [Violation(id, self._world.now_us, text) for text in wrong]


def check(records: Iterable[Row]) -> list[Violation]:
    """Everything that is broken in a history."""
    checker = Checker()
    return [found for record in records for found in checker.see(record)]
