"""The policy's full text: one spelling for one set of numbers, and the way back from it.

The journal keeps this text, so that what was decided can be decided again. Mode, alerts and all
else of app.yaml but the quote currency are no part of it: they decide nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trader247.app.settings import policy_file, universe_file
from trader247.app.settings.layout import Section, Values
from trader247.app.settings.nodes import Scalar, Table
from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.core.policy import Policy
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent, Price, Quantity, plain
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.settings.reading import FileValues

_LABEL = "journalled policy"


def sealed(policy: Policy) -> Policy:
    """The policy with its canonical text, and the SHA-256 of that text as its hash."""
    text = canonical_text(policy)
    return replace(policy, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


def canonical_text(policy: Policy) -> str:
    """The policy as JSON: sorted keys, exact numbers as text, defaults written out."""
    own = _own(policy)
    body = {
        "policy": {**laid_out(policy_file.parts_of(policy)), **own},
        "quote_currency": policy.quote_currency,
        "universe": laid_out(universe_file.parts_of(policy.universe)),
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _own(policy: Policy) -> Mapping[str, Any]:
    if not policy.strategies:
        return {}
    from trader247.app.settings.own_strategies import KEY, written_strategies

    return {KEY: written_strategies(policy.strategies)}


def policy_from_text(text: str) -> Policy:
    """The policy of a canonical text, with the same text and hash.

    Raises:
        SettingsInvalid: this version cannot read the text.
    """
    from trader247.app.settings.yaml_tree import parse_yaml

    table, problems = parse_yaml(text.encode(), label=_LABEL)
    policy = _part(table, "policy", policy_file.SECTIONS)
    universe = _part(table, "universe", universe_file.SECTIONS)
    currency = table.entries.get("quote_currency")
    if problems or policy is None or universe is None or not isinstance(currency, Scalar):
        found = "is no policy that this version can read"
        raise SettingsInvalid(problems or [Problem(_LABEL, 0, "", found, "")])
    # Sealed by its own text: a setting that this version has beyond it would make another one.
    told = assembled(policy, universe, quote_currency=currency.text, base=None)
    return replace(told, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


def policy_of_file(path: Path, like: Policy) -> Policy:
    """The policy of a policy.yaml, over the universe and the quote currency of `like`.

    Raises:
        SettingsInvalid: with every problem found.
    """
    from trader247.app.settings.own_strategies import KEY
    from trader247.app.settings.reading import read_values
    from trader247.app.settings.yaml_tree import parse_yaml, read_yaml

    label = str(path)
    table, problems = read_yaml(path, label=label)
    values, wrong = read_values(
        table, policy_file.SECTIONS, label=label, environment={}, beside=KEY
    )
    if values is None or problems or wrong:
        raise SettingsInvalid([*problems, *wrong])
    caps = values.instance(policy_file.CAPS).caps_pct
    uncapped = [each.name for each in like.universe.clusters if each.name not in caps]
    if uncapped:
        found = f"no cap for {', '.join(uncapped)}"
        raise SettingsInvalid(
            [Problem(label, 0, "checks.cluster_exposure.caps_pct", found, "a cap for each cluster")]
        )
    own, _ = parse_yaml(like.text.encode(), label=_LABEL)
    universe = _part(own, "universe", universe_file.SECTIONS)
    assert universe is not None, "a sealed policy has its universe"
    currency = like.quote_currency
    return sealed(assembled(values, universe, quote_currency=currency, base=path.parent))


def assembled(
    policy: FileValues, universe: FileValues, *, quote_currency: str, base: Path | None
) -> Policy:
    """The policy of both files' values, not yet sealed. Each cluster must have its cap.

    A person's own strategies are found from the folder `base`; None takes whole paths alone.

    Raises:
        SettingsInvalid: one of them cannot be used.
    """
    from trader247.app.settings.own_strategies import KEY, own_strategies

    whole = shipped_part(policy, universe, quote_currency=quote_currency)
    node = policy.table.entries.get(KEY)
    return replace(whole, strategies=own_strategies(node, label=policy.label, base=base))


def shipped_part(policy: Values, universe: Values, *, quote_currency: str) -> Policy:
    """The policy of both files' values, without a person's own strategies."""
    return policy_file.policy_of(
        policy,
        universe_of(universe, caps=policy.instance(policy_file.CAPS).caps_pct),
        quote_currency=quote_currency,
    )


def universe_of(values: Values, *, caps: Mapping[str, Percent]) -> UniversePolicy:
    """The universe of its file's values."""
    return universe_file.universe_policy(
        {section.prefix[-1]: values.instance(section) for section in universe_file.TIERS},
        values.instance(universe_file.GROUPS),
        values.instance(universe_file.FLOORS),
        caps,
    )


def laid_out(parts: Mapping[Section, object]) -> dict[str, Any]:
    """The sections' values in the shape of their file."""
    root: dict[str, Any] = {}
    for section, part in parts.items():
        for name, slot in section.slots.items():
            at = root
            for step in slot.path[:-1]:
                at = at.setdefault(step, {})
            at[slot.path[-1]] = written(getattr(part, name))
    return root


def written(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """A setting's value as its file would hold it."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return plain(value)
        case Money() | Price() | Quantity() | Bps() | Percent() | ProductId() | Instant():
            return str(value)
        case Enum():
            return value.value
        case Mapping():
            return {str(key): written(each) for key, each in value.items()}
        case tuple() | list():
            return [written(each) for each in value]
    assert is_dataclass(value), f"no way to write {type(value).__name__}"
    return {each.name: written(getattr(value, each.name)) for each in fields(value)}


def _part(table: Table, name: str, sections: tuple[Section, ...]) -> FileValues | None:
    from trader247.app.settings.own_strategies import KEY
    from trader247.app.settings.reading import read_values

    part = table.entries.get(name)
    if not isinstance(part, Table):
        return None
    values, problems = read_values(part, sections, label=_LABEL, environment={}, beside=KEY)
    if problems:
        raise SettingsInvalid(problems)
    return values
