"""Which critical alerts wait for a person: an open one stays until it is acknowledged.

Clearing a halt acknowledges its alert: whoever clears it knows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from trader247.domain.events.people import AlertRaised
from trader247.domain.portfolio import OpenAlert
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant

ESCALATED = ":escalated"
"""What an escalation adds to the code of its cause."""
IDS_MAX = 20
OPEN_MAX = 64
"""Codes that may be open, far above those there are; the newest are kept."""


def with_open(
    known: Mapping[str, OpenAlert], alert: AlertRaised, *, id: int, at: Instant
) -> Mapping[str, OpenAlert]:
    """The open alerts after one more was raised."""
    if alert.severity is not Severity.CRITICAL:
        return known
    code = alert.code.removesuffix(ESCALATED)
    is_escalation = code != alert.code
    before = known.get(code)
    if before is None:
        others = [(name, each) for name, each in known.items() if name != code]
        opened = OpenAlert(code, (id,), at, alert.text, is_escalated=is_escalation)
        return dict([*others[-(OPEN_MAX - 1) :], (code, opened)])
    ids = (*before.ids, id)[-IDS_MAX:]
    if is_escalation:
        return {**known, code: replace(before, ids=ids, is_escalated=True)}
    return {**known, code: replace(before, ids=ids, text=alert.text)}


def acknowledged(known: Mapping[str, OpenAlert], codes: Collection[str]) -> Mapping[str, OpenAlert]:
    """The open alerts without those of some codes."""
    if not any(code in known for code in codes):
        return known
    return {code: each for code, each in known.items() if code not in codes}


def meant(known: Mapping[str, OpenAlert], wish: str) -> tuple[str, ...]:
    """The codes that a person means: by an alert's number, by a code, or `all`."""
    if wish == "all":
        return tuple(known)
    return tuple(code for code, each in known.items() if wish == code or wish in map(str, each.ids))
