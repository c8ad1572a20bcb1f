"""What a check finds of a proposal, and what the gate makes of all of it: yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import Any

from trader247.domain.dataclass import dataclass
from trader247.domain.money import rounded
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant

Words = object
"""A text, a value whose text is meant, a derived figure with its decimals, a function with what it
is asked, or a template with its values: what a verdict's texts are made of. It is put together when
somebody reads it; nothing in it may change."""


Finding = tuple[bool, Words, Words, Words, str]
"""What a check finds: whether it allows the order, in which words, its value (None where that is
unknown), its limit, and the unit of both. A bare tuple: every order has one of each check, and most
nobody reads."""


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Verdict(tuple[Any, ...]):
    """One check's answer: what it found, what it allows, and what follows.

    `value` and `limit` are figures in `unit`, as text; `value` is None where it is unknown, and
    then the verdict is no. Each of `detail`, `value` and `limit` may be given as what its text is
    made of: a value whose text it is, a figure and its decimals, a function and what it is asked,
    or a template and its values. Nothing of that changes, so it is put together when somebody reads
    it. It is a tuple underneath: the check's id, and what it found.
    """

    __slots__ = ()

    check: str
    is_allowed: bool
    detail: str
    value: str | None
    limit: str | None
    unit: str

    @staticmethod
    def of(  # noqa: PLR0917 - its fields, in their order
        check: str,
        is_allowed: bool,
        detail: Words,
        value: Words = None,
        limit: Words = None,
        unit: str = "",
    ) -> Verdict:
        """A verdict of these fields."""
        return Verdict((check, is_allowed, detail, value, limit, unit))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and self.words == other.words

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Verdict{self.words}"

    @property
    def finding(self) -> Finding:
        """What the check found, as it came."""
        return self[1:]

    @property
    def words(self) -> tuple[str, bool, str, str | None, str | None, str]:
        """All of it as text: what it is compared by, and how it is copied."""
        check, is_allowed, detail, value, limit, unit = self
        told: Any = _text(detail)  # never None
        return check, is_allowed, told, _text(value), _text(limit), unit

    def __getnewargs__(self) -> tuple[tuple[object, ...]]:
        return (self.words,)


def _text(told: Words) -> str | None:
    """What somebody reads of a verdict's part."""
    if told is None or type(told) is str:
        return told
    if isinstance(told, Enum):
        return str(told.value)
    if type(told) is not tuple:
        return str(told)
    first, *rest = told
    if isinstance(first, Decimal):
        return rounded(first, *rest)
    if callable(first):
        return str(first(*rest))
    return str(first.format(*map(_text, rest)))


for _place, _field in enumerate(fields(Verdict)):
    _part: Callable[[Any], Any] = itemgetter(_place)
    if _field.name in ("detail", "value", "limit"):
        _part = partial(lambda part, verdict: _text(part(verdict)), _part)
    setattr(Verdict, _field.name, property(_part))


class _Judged:
    """What was asked of every check; its verdicts are made of that when somebody reads them."""

    __slots__ = ()
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One of each check, in their order."""
        pairs = zip(self.checks, self.findings, strict=True)
        return tuple([Verdict((check, *found)) for check, found in pairs])


@dataclass(frozen=True, slots=True)
class Approved(_Judged):
    """The gate's yes. Only the gate makes one, and only one of these can be sent."""

    proposal: Proposal
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    cycle: int
    decided_at: Instant
    quote_time: Instant


@dataclass(frozen=True, slots=True)
class Refused(_Judged):
    """The gate's no, with what every check found."""

    proposal: Proposal
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Verdict:
        """The first verdict that said no, in the order of the checks."""
        return next(verdict for verdict in self.verdicts if not verdict.is_allowed)
