"""The policy of a journalled text, without what reading a person's file takes.

The text was written by this program from a policy that held, so nobody needs to be told of each
problem in it: it is read straight into the dataclasses, and counts only if they give the same text
again. Where they do not, an earlier version wrote it, or it has strategies of a person's own: then
it is read as a file is.
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
from trader247.app.settings.scalars import Unreadable, is_scalar_kind, read_scalar
from trader247.core.policy import Policy


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
        is_exact = canonical_text(policy) == text
    except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
        is_exact = False
    if not is_exact:
        return policy_from_text(text)
    return replace(policy, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


def _instance(section: Section, body: Mapping[str, Any]) -> Any:
    values = {}
    for name, slot in section.slots.items():
        at: Any = body
        for part in slot.path:
            at = at[part]
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
        return read_scalar(Scalar(text, 0, is_plain), kind, metadata)
    return _instance(Section((), kind), told)
