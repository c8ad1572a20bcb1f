"""The faults of a simulation: an id for each, how likely it is, and how often it struck.

Each run draws its own few of them and how hostile it is, so that faults meet in company that a
list of all at once would never let them keep; one run in ten is calm, whatever its strategy wants.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from trader247.simulation.world.dice import MILLION, Dice

_RULE = re.compile(r"=(\d+)")
_NAME = re.compile(r"[=@:]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `per_million` are its chances at each occasion, in a hostile run.

    An occasion is a request, or a point of an order's way, where `hours` is 0; else it is time, and
    so many hours lie between two of them on average. `rules` are faults of the exchange in its own
    words, with their chances in a million.
    """

    id: str
    doc: str
    per_million: int = 0
    hours: int = 0
    rules: tuple[str, ...] = ()


def _each(*faults: Fault) -> MappingProxyType[str, Fault]:
    return MappingProxyType({each.id: each for each in faults})


FAULTS = _each(
    Fault("F1", "the venue's name cannot be resolved", 2_000),
    Fault("F2", "the venue refuses connections", 2_000),
    Fault("F3", "a connection is not made in time", 1_000),
    Fault("F4", "TLS fails", 1_000),
    Fault("F5", "the connection is reset before the request arrives", 3_000),
    Fault("F6", "the connection is reset amid request or answer", 3_000),
    Fault("F7", "the request is obeyed, the answer never comes", 2_000),
    Fault("F8", "the request never arrives, and nothing is answered", 2_000),
    Fault("F9", "request or answer is 10 to 170 s late", 1_000),
    Fault(
        "F10",
        "stream messages twice, late, in another order",
        rules=("stream_doubled=3000", "stream_swapped=1000", "stream_late=1000:ms=8000"),
    ),
    Fault(
        "F11",
        "a stream that is open and says nothing",
        # Its numbers have no gap then: a change of a book that is never told, nobody could miss.
        rules=("stream_hang=300", "stream_silent=700@heartbeats:burst=15"),
    ),
    Fault("F12", "a gap in a stream, or its end", rules=("stream_gap=1000", "stream_drop=300",
        "stream_close=300")),
    Fault(
        "F13",
        "a stream, or a subscription, that is refused",
        rules=("stream_refused=100000", "stream_busy=200000"),
    ),
    Fault("F14", "nothing gets through, for a minute to six hours", hours=5),
    Fault("F15", "requests arrive, answers do not, for a while", hours=5),
    Fault("F16", "5xx, several in a row", rules=(
        "error_before=20000@create,cancel", "error_after=60000@create,cancel",
        "error_before=3000:burst=3", "error_after=2000",
    )),
    Fault("F17", "429, several in a row", rules=("limited=20000@create", "limited=3000:burst=4")),
    Fault(
        "F18",
        "a page of HTML, half a body, odd words and figures",
        rules=(
            "html=1500", "empty=1000", "truncated=1500", "missing_field=600", "extra_field=3000",
            "renamed_field=500", "number_for_text=1500", "unknown_enum=600",
            "null_configuration=20000@create", "unclear_no=40000@create",
            "missing_field=30000@create", "truncated=20000@create", "unknown_enum=30000@create",
        ),
    ),
    Fault(
        "F19",
        "a new order is not listed, up to two minutes",
        rules=("stale_list=250000:ms=120000", "stale_order=150000:ms=120000"),
    ),
    Fault(
        "F20",
        "a listing's pages repeat, skip, or go round",
        rules=("repeated_cursor=30000", "skipped_page=30000", "looping_cursor=30000"),
    ),
    Fault("F21", "a fill is seen before its order", rules=("stale_state=200000:ms=60000",)),
    Fault(
        "F22",
        "an order is filled before its fills are seen",
        rules=("late_fills=450000:ms=600000",),
    ),
    Fault(
        "F23",
        "fills are listed twice; one is taken back, or comes again at another price",
        hours=4,
        rules=("doubled_fills=150000",),
    ),
    Fault("F24", "an order fills piece by piece", hours=1),
    Fault("F25", "a post-only order would not have rested", rules=("post_only_met=150000",)),
    Fault("F26", "no funds, though the balance said so", rules=("no_funds=90000",)),
    Fault("F27", "an order ends before its time, or a little after", hours=1),
    Fault("F28", "a product is halted, in part or for good", hours=3),
    Fault(
        "F29",
        "a cancelled order fills, or is not cancelled",
        rules=("partial_cancel=150000", "cancel_race=150000"),
    ),
    Fault(
        "F30",
        "another order is answered",
        rules=("other_order=250000@create", "other_order=30000@order"),
    ),
    Fault("F31", "its owner moves money and trades by hand", hours=2),
    Fault("F32", "the fee tier changes", hours=4),
    Fault("F33", "maintenance, and prices that gap at its end", hours=8),
    Fault("F34", "the key is refused, or revoked", hours=8, rules=("unauthorized=1000:burst=2",)),
    Fault("F35", "prices stand still under a clock that goes on", hours=4),
    Fault("F36", "crossed, empty and absurd quotes", hours=3),
    Fault("F37", "a crash of 40 % that is over in a minute or two", hours=6),
    Fault("F38", "a stablecoin loses its peg", hours=10),
    Fault("F39", "candles are missing, doubled, or revised later", hours=3),
    Fault("F40", "the wall clock jumps", hours=5),
    Fault("F41", "the machine is suspended for hours", hours=12),
    Fault("F42", "the wall clock drifts", hours=8),
    Fault("F43", "the disk is full", hours=8),
    Fault("F44", "a write or a sync fails", hours=8),
    Fault("F45", "the power fails: what was not synced is lost or torn", hours=4),
    Fault("F46", "a bit of a file flips, a reader holds the journal", hours=6),
    Fault("F47", "the disk is read-only for a while", hours=10),
    Fault("F48.kill", "SIGKILL, anywhere", hours=2),
    Fault("F48.point", "SIGKILL at a point of an order's way", 4_000),
    Fault("F48.term", "SIGTERM", hours=4),
    Fault("F48.stall", "the process hangs for 90 s, or is stopped for ten minutes", hours=4),
    Fault("F48.second", "a second instance is started", hours=3),
    Fault("F48.switch", "the kill switch is raised, and let go", hours=4),
    Fault("F48.touch", "the kill switch is raised amid an order", 15_000),
    Fault("F48.taken", "another process takes the journal amid an order", 25_000),
    Fault("F48.config", "app.yaml is edited, or becomes unreadable", hours=6),
    Fault("F48.people", "people pause, cancel, sell and accept", hours=2),
    Fault("F48.channel", "nobody can be told for a while", hours=4),
    Fault("F48.restored", "an older backup takes the journal's place", hours=2),
    Fault("F48.wild", "a strategy that runs wild: orders of any size, for anything"),
    Fault("F48.brisk", "a strategy that asks for a little all the time, and holds it for minutes"),
    Fault("F48.cron", "`cycle` is called each minute, and nothing runs between"),
)  # fmt: skip
"""Every kind, by id."""

STREAMS = frozenset({"F10", "F11", "F12", "F13"})
"""Those that strike only who listens."""
WILD, BRISK, CALLED = "F48.wild", "F48.brisk", "F48.cron"
_NOT_DRAWN = frozenset({WILD, BRISK, CALLED})
_TEMPERS = (BRISK, BRISK, WILD, None)
"""What kind of strategy a seed has, in turn: six of two dozen run wild, two of each account; twice
as many are brisk, and the others do as they were shipped.
"""
_CALLED_OF, _CALLED_AT = 47, 5
"""One of so many seeds is called by cron: each kind of strategy in turn. Sixty starts an hour cost
two to three times what one process does."""

_EARLY = 3
_TIMED = tuple(each.id for each in FAULTS.values() if each.hours)


def early(seed: int) -> frozenset[str]:
    """The faults that come with time which a seed has within its first hour, whatever it draws.

    They go round: a dozen seeds in a row have all of them, however short each is.
    """
    return frozenset(_TIMED[(_EARLY * seed + place) % len(_TIMED)] for place in range(_EARLY))


@dataclass(slots=True)
class Odds:
    """One run's faults: which, how likely, and how often each has struck."""

    seed: int
    chosen: frozenset[str]
    hostility: int
    """From 0 to 100: the share of its chances that each fault has."""
    counts: Counter[str] = field(default_factory=Counter)
    _dice: dict[str, Dice] = field(default_factory=dict)
    """A row of draws for each fault: one fault less leaves the luck of the others as it was."""
    _chances: dict[tuple[str, int], int] = field(default_factory=dict)
    """In a million, by fault and how many times as likely it is."""
    is_calm: bool = False
    scripted: tuple[str, ...] = ()
    """Faults of the exchange besides, in its own words, as a scenario wants them."""
    has_small_pages: bool = False
    """Whether listings have few rows on a page though no fault of pages strikes, as it may want."""
    is_listening: bool = False
    """Whether the trader listens to streams: else it asks, which costs a third of the time."""

    @property
    def is_called(self) -> bool:
        """Whether cron calls for each cycle, in peace too."""
        return CALLED in self.chosen

    @property
    def early(self) -> frozenset[str]:
        """What comes within the first hour: a seed's own, or the few that somebody named."""
        named = self.chosen & frozenset(_TIMED)
        return named if len(named) <= _EARLY else early(self.seed) & self.chosen

    @staticmethod
    def drawn(
        seed: int, *, only: frozenset[str] | None = None, strength: int | None = None
    ) -> Odds:
        """What a seed draws; `only` these, in this `strength`, where somebody says which."""
        dice = Dice(seed, "odds")
        if only is not None:
            hostility = 100 if strength is None else strength
            return Odds(seed, only, hostility, is_listening=bool(only & STREAMS))
        called = CALLED if seed % _CALLED_OF == _CALLED_AT else None
        temper = frozenset(filter(None, (_TEMPERS[seed % len(_TEMPERS)], called)))
        if dice.chance(100_000):
            return Odds(seed, temper, 0)
        share = dice.between(150_000, 600_000)
        chosen = frozenset(each for each in FAULTS if each not in _NOT_DRAWN and dice.chance(share))
        chosen |= temper | early(seed)
        if "F22" in chosen:
            chosen |= {"F24", "F27"}  # what ends in part is seen to have ended before its fills are
        if "F20" in chosen:
            chosen |= {"F24"}  # pages are told apart where there is more than one of fills
        hostility = dice.between(10, 100)
        if not dice.chance(160_000) or called:
            chosen -= STREAMS  # one cycle is over before a stream has told anything
        elif chosen & STREAMS:
            chosen |= STREAMS  # so few listen that these have to meet all of them
        return Odds(seed, chosen, hostility, is_listening=bool(chosen & STREAMS))

    def has(self, id: str) -> bool:
        """Whether this run has that fault, and it has not been made to stop."""
        return not self.is_calm and id in self.chosen

    def strikes(self, id: str, *, times: int = 1) -> bool:
        """Whether a fault strikes at this occasion, so many times as likely; counted if so."""
        if self.is_calm or id not in self.chosen:
            return False
        dice = self._dice.get(id) or self._dice.setdefault(id, Dice(self.seed, f"strikes/{id}"))
        chance = self._chances.get((id, times))
        if chance is None:
            chance = times * FAULTS[id].per_million * self.hostility // 100
            self._chances[id, times] = chance
        if dice.word() % MILLION >= chance:
            return False
        self.counts[id] += 1
        return True

    def rules(self) -> list[str]:
        """The exchange's own faults, as its plan reads them."""
        return [*self.scripted] + [
            _RULE.sub(
                lambda match: f"={int(match[1]) * self.hostility // 100}/1000000", rule, count=1
            )
            for id in FAULTS
            if self.has(id)
            for rule in FAULTS[id].rules
        ]

    def count_rules(self, fired: Mapping[str, Mapping[str, int]]) -> None:
        """Count what the exchange's plan says that struck."""
        for fault in FAULTS.values():
            names = {_NAME.split(rule)[0] for rule in fault.rules}
            struck = sum(sum(fired[name].values()) for name in names if name in fired)
            if struck:
                self.counts[fault.id] += struck

    def count(self, id: str) -> None:
        """A fault has struck."""
        self.counts[id] += 1

    def calm_down(self) -> None:
        """From here on nothing strikes."""
        self.is_calm = True
