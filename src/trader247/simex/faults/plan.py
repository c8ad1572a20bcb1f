"""A seeded plan of what goes wrong: the same questions in the same order get the same answers.

Each fault draws anew for each place, from the seed and how often it was asked there: what one
endpoint lives through does not depend on what happens at another. There is no clock in here: who
asks says what time it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from trader247.simex.faults.rules import Rule, read_rules

_WORD = 8
"""Bytes of a word: so many of what is drawn count."""
_WHOLE = 1 << 8 * _WORD
_ABOVE_ALL = bytes([0xFF] * 33)
"""More than anything that can be drawn."""
_MARKED_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A fault that strikes, and what it draws from: the same shot draws the same."""

    rule: Rule
    key: str

    def pick(self, count: int, what: str = "") -> int:
        """A number from 0 up to but not `count`."""
        return int.from_bytes(_drawn_again(f"{self.key}/{what}")[:_WORD]) % count

    def span_us(self) -> int:
        """How long it lasts, up to what its rule says, at least a millisecond; in microseconds."""
        return 1000 * (1 + self.pick(self.rule.ms, "span")) if self.rule.ms > 0 else 0


@dataclass(slots=True)
class _Standing:
    """How a rule stands at one place."""

    rule: Rule
    key: str
    """What each draw is from, but for the number of its asking."""
    strike: bytes
    """What is drawn strikes where it is less."""
    asked: int = 0
    struck: int = 0
    left: int = 0
    until_us: int = 0

    def strikes(self, now_us: int) -> bool:
        """Whether it strikes at this asking."""
        self.asked += 1
        if self.left > 0 or now_us < self.until_us:
            self.left = max(0, self.left - 1)
            return True
        rule = self.rule
        if self.asked <= rule.after or self.struck >= rule.times:
            return False
        if _drawn(f"{self.key}{self.asked}") >= self.strike:
            return False
        self.struck += 1
        self.left = rule.burst - 1
        self.until_us = now_us + rule.for_s * 1_000_000 if rule.for_s else 0
        return True


@dataclass(slots=True)
class Plan:
    """Rules with their chances, and how often each fault struck where."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0
    fired: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often, by name and place; it outlasts a change of rules."""
    _standings: dict[tuple[str, str], tuple[_Standing, ...]] = field(default_factory=dict)
    """Of the rules of a name that can strike at a place."""
    _marked: set[tuple[str, str, str]] = field(default_factory=set)
    _by_name: dict[str, list[tuple[int, Rule, bytes]]] = field(default_factory=dict)
    """Of each name its rules: their numbers, and what strikes where it is drawn."""
    _at: dict[str, frozenset[str]] = field(default_factory=dict)

    @staticmethod
    def parse(texts: Iterable[str], *, seed: int = 0) -> Plan:
        """The plan of some rules as they are written. Raises ValueError, saying what there is."""
        plan = Plan()
        plan.change(read_rules(texts), seed=seed)
        return plan

    def change(self, rules: tuple[Rule, ...], *, seed: int) -> None:
        """Go on with other rules, from their beginning."""
        self.rules, self.seed = rules, seed
        self._standings.clear()
        self._marked.clear()
        self._by_name.clear()
        self._at.clear()
        for number, rule in enumerate(rules):
            self._by_name.setdefault(rule.kind.name, []).append((number, rule, _strike(rule)))

    def has(self, *names: str) -> bool:
        """Whether any of these can strike anywhere."""
        return not self._by_name.keys().isdisjoint(names)

    def at(self, place: str) -> frozenset[str]:
        """The names of those that can strike at a place: most places of most plans know few."""
        names = self._at.get(place)
        if names is None:
            names = frozenset(rule.kind.name for rule in self.rules if place in rule.where)
            self._at[place] = names
        return names

    def meet(self, name: str, place: str, now_us: int) -> Shot | None:
        """Whether a fault strikes what happens now at a place; each asking is a new one."""
        standings = self._standings.get((name, place))
        if standings is None:
            standings = self._standings[name, place] = tuple(
                _Standing(rule, f"{self.seed}/{number}/{name}/{place}/", strike)
                for number, rule, strike in self._by_name.get(name, ())
                if place in rule.where
            )
        for standing in standings:
            if standing.strikes(now_us):
                self.fired[name, place] += 1
                return Shot(standing.rule, f"{standing.key}{standing.asked}")
        return None

    def hold(self, name: str, place: str, thing: str) -> Shot | None:
        """Whether a fault befalls one order or fill: the same at each asking."""
        for number, rule, strike in self._by_name.get(name, ()):
            key = f"{self.seed}/{number}/{name}/{thing}"
            if place in rule.where and _drawn_again(key) < strike:
                return Shot(rule, key)
        return None

    def mark(self, name: str, place: str, thing: str) -> None:
        """Count a fault that befell something and was seen, once for each thing and place."""
        if (name, place, thing) in self._marked:
            return
        if len(self._marked) >= _MARKED_MAX:
            self._marked.clear()
        self._marked.add((name, place, thing))
        self.fired[name, place] += 1

    def told(self) -> dict[str, dict[str, int]]:
        """How often each fault struck, by name and place."""
        told: dict[str, dict[str, int]] = {}
        for (name, place), count in sorted(self.fired.items()):
            told.setdefault(name, {})[place] = count
        return told


def _strike(rule: Rule) -> bytes:
    """What is drawn lets a rule strike where it is less: so many of all its first words do."""
    words = -(-rule.chance.numerator * _WHOLE // rule.chance.denominator)
    return words.to_bytes(_WORD) if words < _WHOLE else _ABOVE_ALL


def _drawn(key: str) -> bytes:
    """What is drawn is as long as it comes, and is compared as such: a dozen times a request."""
    return sha256(key.encode()).digest()


_drawn_again = lru_cache(maxsize=8192)(_drawn)
"""The same where it is asked for again and again: of one order or fill, as long as it is listed."""
