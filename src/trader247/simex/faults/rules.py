"""What is to go wrong, and how often: `NAME=CHANCE@WHERE:ms=1500`, and names for whole sets.

    lost_answer=0.05@create       one in twenty orders is taken, and not answered
    late_answer=20%:ms=3000       one answer in five is up to three seconds late
    unauthorized=1/500:burst=5    one request in 500, and the four after it
    lost_request=1%:for=60        and everything for a minute after it
    error_before@cancel:times=3   the first three cancels

Without a chance it always strikes. `where` is one or more names, joined by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from trader247.simex.faults.kinds import KINDS, Kind
from trader247.simex.faults.presets import PRESETS

_RULE = re.compile(r"([a-z_0-9]+)(?:=([0-9./%]+))?(?:@([a-z_0-9,]+))?((?::[a-z]+=-?[0-9]+)*)\Z")
_RULES_MAX = 200
_COUNT_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault with its chance.

    `after` requests are spared first, it strikes `times` times at most, each time for `burst`
    requests and for `for_s` seconds of the exchange's time. `ms` is how long, in milliseconds.
    """

    kind: Kind
    chance: Fraction
    where: tuple[str, ...]
    ms: int = 0
    times: int = _COUNT_MAX
    burst: int = 1
    for_s: int = 0
    after: int = 0

    def __str__(self) -> str:
        """As it would be written."""
        text = f"{self.kind.name}={self.chance}"
        if self.where != self.kind.where:
            text += f"@{','.join(self.where)}"
        told = {
            "ms": (self.ms, self.kind.ms),
            "times": (self.times, _COUNT_MAX),
            "burst": (self.burst, 1),
            "for": (self.for_s, 0),
            "after": (self.after, 0),
        }
        return text + "".join(
            f":{name}={value}" for name, (value, usual) in told.items() if value != usual
        )


def read_rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of texts that hold one or more each, separated by semicolons.

    Raises:
        ValueError: one is not to be understood; says what there is.
    """
    rules = tuple(_read(each) for each in _single(texts))
    if len(rules) > _RULES_MAX:
        raise ValueError(f"{len(rules)} faults are more than {_RULES_MAX}")
    return rules


def _single(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for part in text.split(";"):
            each = part.strip()
            if each in PRESETS:
                yield from _single([PRESETS[each]])
            elif each:
                yield each


def _read(text: str) -> Rule:
    match = _RULE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no NAME=CHANCE@WHERE:ms=NUMBER")
    name, chance, where, rest = match.groups()
    kind = KINDS.get(name)
    if kind is None:
        sets = ", ".join(PRESETS)
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(KINDS)}; sets: {sets}")
    options = {key: int(value) for key, value in (each.split("=") for each in rest.split(":")[1:])}
    bounds = {
        "ms": (kind.ms, -kind.ms_max if name == "skewed_clock" else 0, kind.ms_max),
        "times": (_COUNT_MAX, 1, _COUNT_MAX),
        "burst": (1, 1, _COUNT_MAX),
        "for": (0, 0, 86_400),
        "after": (0, 0, _COUNT_MAX),
    }
    if not kind.ms:
        del bounds["ms"]
    for key, value in options.items():
        if key not in bounds:
            raise ValueError(f"{name} has no {key!r}; it takes {', '.join(bounds)}")
        _, least, most = bounds[key]
        if not least <= value <= most:
            raise ValueError(f"{key} of {name} is {value}; it is from {least} to {most}")
    chosen = {key: options.get(key, usual) for key, (usual, _, _) in bounds.items()}
    return Rule(
        kind=kind,
        chance=_chance(name, chance),
        where=kind.where if where is None else _where(kind, where),
        ms=chosen.get("ms", 0),
        times=chosen["times"],
        burst=chosen["burst"],
        for_s=chosen["for"],
        after=chosen["after"],
    )


def _chance(name: str, text: str | None) -> Fraction:
    if text is None:
        return Fraction(1)
    try:
        value = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        value = Fraction(-1)
    if not 0 <= value <= 1:
        raise ValueError(f"the chance of {name} is {text!r}; it is from 0 to 1, or 5%, or 1/20")
    return value


def _where(kind: Kind, text: str) -> tuple[str, ...]:
    places = tuple(dict.fromkeys(text.split(",")))
    for place in places:
        if place not in kind.places:
            raise ValueError(
                f"{kind.name} does not strike at {place!r}; it does at {', '.join(kind.places)}"
            )
    return places
