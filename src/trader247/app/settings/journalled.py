"""The policy of a journalled text, without what reading a person's file takes.

The text was written by this program from a policy that held, so nobody needs to be told of each
problem in it: it is read straight into the dataclasses, and counts only if they give back all that
it says. A setting that it does not know yet has its default, and a number that was allowed then
stays readable whatever is allowed now. Where something of it would be lost, or it has strategies of
a person's own, it is read as a file is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args, get_origin

from trader247.app.settings.canonical import canonical_text, policy_from_text, shipped_part
from trader247.app.settings.layout import Section
from trader247.app.settings.nodes import Scalar
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.scalars import Unreadable, is_scalar_kind, read_scalar
from trader247.core.policy import Policy

_OWN = "strategies"


class _Written:
    """A file's part of the text, as its sections."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def instance(self, section: Section) -> Any:
        return _instance(section, self._body)


def journalled_policy(text: str) -> Policy:
    """The policy of a canonical text, with the same text and hash.

    Raises:
        SettingsInvalid: this version cannot read the text.
    """
    try:
        body = json.loads(text)
        policy = shipped_part(
            _Written(body["policy"]),
            _Written(body["universe"]),
            quote_currency=body["quote_currency"],
        )
        is_whole = _is_within(body, json.loads(canonical_text(policy)))
    except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
        is_whole = False
    if not is_whole:
        return policy_from_text(text)
    return replace(policy, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


def journalled_limits(text: str) -> Policy:
    """As `journalled_policy`, where its limits and universe are read and nothing is decided.

    A person's own strategies are left out where their files are not any more what they were.

    Raises:
        SettingsInvalid: this version cannot read the text.
    """
    try:
        return journalled_policy(text)
    except SettingsInvalid:
        body = json.loads(text)
        if _OWN not in body["policy"]:
            raise
        shipped = {name: part for name, part in body["policy"].items() if name != _OWN}
        policy = journalled_policy(json.dumps({**body, "policy": shipped}))
        return replace(policy, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


def _is_within(told: Any, again: Any) -> bool:
    """Whether nothing of `told` is missing or other in `again`, which may say more."""
    if isinstance(told, dict) and isinstance(again, dict):
        return all(name in again and _is_within(told[name], again[name]) for name in told)
    return bool(told == again)


_MISSING = object()


def _instance(section: Section, body: Mapping[str, Any]) -> Any:
    values = {}
    for name, slot in section.slots.items():
        at: Any = body
        for part in slot.path:
            at = at.get(part, _MISSING) if at is not _MISSING else at
        if at is not _MISSING:
            values[name] = _value(at, slot.kind, slot.metadata)
    return section.kind(**values)


def _value(told: Any, kind: Any, metadata: Mapping[str, Any]) -> Any:
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_value(each, get_args(kind)[0], metadata) for each in told)
    if origin is Mapping:
        inner = get_args(kind)[1]
        return {name: _value(each, inner, metadata) for name, each in told.items()}
    if is_scalar_kind(kind):
        is_plain = not isinstance(told, str)
        text = told if isinstance(told, str) else json.dumps(told)
        return read_scalar(Scalar(text, 0, is_plain), kind, metadata, is_past=True)
    return _instance(Section((), kind), told)
