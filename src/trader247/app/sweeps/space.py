"""SPACE.yaml: which settings are tried, over which values, by what they are judged.

A parameter is a setting of the policy by its place, `policy.rules.breakout.stop_pct`, with a list
of `choices`, or `from`, `to` and `step`. Values are exact: a step is counted, never added up.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

from trader247.app.settings.canonical import policy_from_text
from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.app.settings.yaml_tree import Items, Node, Scalar, Table, read_yaml
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.money import plain
from trader247.report.walk import DAYS_LEAST

_OF_DAYS = "a number of days"
_VALUES_MOST = 10_000
_TOP = ("objective", "backtest", "walk_forward", "parameters")
BACKTEST = ("from", "to", "products", "equity", "fees", "slippage", "operator", "seed")
WALK = ("in_sample_days", "out_of_sample_days", "gap_days")
_JUDGING = {"in_sample_days": "choose", "out_of_sample_days": "judge"}


class Objective(Enum):
    """What a trial is judged by, over the days that it may be judged by."""

    SHARPE = "sharpe"
    SORTINO = "sortino"
    RETURN = "return"
    CALMAR = "calmar"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting and the values that it may take, as their own text, in order."""

    name: str
    values: tuple[str, ...]
    is_range: bool = False

    @property
    def telling(self) -> tuple[str, ...]:
        """The values that tell whether all can be used: of a range its ends, of choices each."""
        return (self.values[0], self.values[-1]) if self.is_range else self.values


@dataclass(frozen=True, slots=True)
class Space:
    """What is tried. `walk` has the days that were given, `asked` the backtest's own options."""

    objective: Objective
    parameters: tuple[Parameter, ...]
    asked: Mapping[str, str]
    walk: Mapping[str, int]

    @property
    def size(self) -> int:
        """How many combinations there are."""
        result = 1
        for each in self.parameters:
            result *= len(each.values)
        return result

    def untried(self, tried: Collection[str]) -> dict[str, int]:
        """Places of values that were not tried together, from a blindly chosen one on.

        `tried` are keys of values; there has to be a combination that is not among them.
        """
        begin = int.from_bytes(sha256(f"{self.text()} {len(tried)}".encode()).digest())
        for at in range(self.size):
            rest = (begin + at) % self.size
            places = {}
            for each in self.parameters:
                rest, places[each.name] = divmod(rest, len(each.values))
            values = {each.name: each.values[places[each.name]] for each in self.parameters}
            if key(values) not in tried:
                return places
        raise AssertionError("every combination was tried")

    def text(self) -> str:
        """One spelling of it, for telling spaces apart."""
        return json.dumps(
            {
                "objective": self.objective.value,
                "parameters": {each.name: each.values for each in self.parameters},
                "asked": dict(self.asked),
                "walk": dict(self.walk),
            },
            sort_keys=True,
        )


def key(values: Mapping[str, str]) -> str:
    """One spelling of a trial's values."""
    return json.dumps(dict(values), sort_keys=True)


def read_space(path: Path) -> Space:
    """Read a space.

    Raises:
        SettingsInvalid: with every problem found.
    """
    label = str(path)
    table, problems = read_yaml(path, label=label)
    found = list(problems)
    found += [
        Problem(label, table.lines[key], key, "unknown", ", ".join(_TOP))
        for key in table.entries
        if key not in _TOP
    ]
    objective = _objective(table, label, found)
    asked = dict(_plain_table(table, "backtest", BACKTEST, label, found))
    walk = {}
    for name, text in _plain_table(table, "walk_forward", WALK, label, found):
        if not text.isdecimal() or int(text) > 10_000:
            found.append(
                Problem(label, _line_of(table, name), f"walk_forward.{name}", text, _OF_DAYS)
            )
        elif name in _JUDGING and int(text) < DAYS_LEAST:
            least = f"{DAYS_LEAST} or more: fewer {_JUDGING[name]} nothing"
            line = _line_of(table, name)
            found.append(Problem(label, line, f"walk_forward.{name}", text, least))
        else:
            walk[name] = int(text)
    parameters = tuple(_parameters(table, label, found))
    if not parameters and not found:
        found.append(
            Problem(label, table.line, "parameters", "nothing to try", "a setting or more")
        )
    if found:
        raise SettingsInvalid(found, hint="mend the file; trader247 sweep --help shows one")
    return Space(objective, parameters, asked, walk)


def _line_of(table: Table, name: str) -> int:
    """Where a setting of the walk stands."""
    walk = table.entries["walk_forward"]
    assert isinstance(walk, Table), "it has a setting"
    return walk.lines[name]


def with_values(policy: Policy, values: Mapping[str, str], *, file: str = "the space") -> Policy:
    """A policy with other values at some places; `file` is where a person wrote them.

    Raises:
        SettingsInvalid: there is no such place, or a value is out of its bounds.
    """
    body = json.loads(policy.text)
    wrong = []
    for name, value in values.items():
        place: Any = body
        *path, last = name.split(".")
        for part in path:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place or isinstance(place[last], dict | list):
            near = get_close_matches(name, list(places(policy)), 1)
            suggestion = near[0] if near else ""
            wrong.append(Problem(file, 0, name, "no setting of the policy", "", suggestion))
            continue
        place[last] = value
    if wrong:
        raise SettingsInvalid(wrong, hint="trader247 config check --json lists every setting")
    try:
        return policy_from_text(json.dumps(body, sort_keys=True, separators=(",", ":")))
    except SettingsInvalid as error:
        # Its lines are those of a text that nobody wrote.
        raise SettingsInvalid(
            [
                replace(each, file=file, line=0, key=_place(each.key, values))
                for each in error.problems
            ],
            hint="mend the file; trader247 sweep --help shows one",
        ) from None


def _place(key: str, values: Mapping[str, str]) -> str:
    """Where in SPACE.yaml the setting stands that a policy calls by its own key."""
    name = next((each for each in values if each.endswith(f".{key}")), key)
    return f"parameters.{name}"


def places(policy: Policy) -> Iterator[str]:
    """Every single setting of a policy, by its place."""
    yield from _places("", json.loads(policy.text))


def _places(at: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _places(f"{at}.{name}" if at else name, each)
    elif not isinstance(value, list):
        yield at


def _objective(table: Table, label: str, found: list[Problem]) -> Objective:
    node = table.entries.get("objective")
    names = [each.value for each in Objective]
    if node is None:
        return Objective.SHARPE
    if isinstance(node, Scalar) and node.text in names:
        return Objective(node.text)
    found.append(
        Problem(label, table.lines["objective"], "objective", _said(node), ", ".join(names))
    )
    return Objective.SHARPE


def _plain_table(
    table: Table, key: str, known: tuple[str, ...], label: str, found: list[Problem]
) -> Iterator[tuple[str, str]]:
    node = table.entries.get(key)
    if node is None:
        return
    if not isinstance(node, Table):
        found.append(Problem(label, table.lines[key], key, _said(node), "a table"))
        return
    for name, each in node.entries.items():
        if name not in known:
            found.append(
                Problem(label, node.lines[name], f"{key}.{name}", "unknown", ", ".join(known))
            )
        elif isinstance(each, Scalar):
            yield name, each.text
        elif isinstance(each, Items) and all(isinstance(item, Scalar) for item in each.nodes):
            yield name, ",".join(item.text for item in each.nodes if isinstance(item, Scalar))
        else:
            found.append(Problem(label, node.lines[name], f"{key}.{name}", "a table", "a value"))


def _parameters(table: Table, label: str, found: list[Problem]) -> Iterator[Parameter]:
    node = table.entries.get("parameters")
    if not isinstance(node, Table):
        if node is not None:
            found.append(
                Problem(label, table.lines["parameters"], "parameters", _said(node), "a table")
            )
        return
    for name, each in node.entries.items():
        try:
            values = _values(each)
        except ValueError as error:
            allowed = "choices: [1, 2, 3], or from: 1, to: 3, step: 0.5"
            found.append(
                Problem(label, node.lines[name], f"parameters.{name}", str(error), allowed)
            )
            continue
        yield Parameter(name, values, isinstance(each, Table) and "choices" not in each.entries)


def _values(node: Node) -> tuple[str, ...]:
    if isinstance(node, Items):
        return _choices(node)
    if not isinstance(node, Table):
        raise ValueError(f"{_said(node)} is no range")  # noqa: TRY004 - a file's value is wrong
    keys = set(node.entries)
    if keys == {"choices"}:
        return _choices(node.entries["choices"])
    if keys != {"from", "to", "step"}:
        raise ValueError(f"has {', '.join(sorted(keys)) or 'nothing'}")
    low, high, step = (_number(node.entries[key]) for key in ("from", "to", "step"))
    if step <= 0 or high < low:
        raise ValueError("a step above zero leads from the lower to the higher value")
    count = int((high - low) / step) + 1
    if count > _VALUES_MOST:
        raise ValueError(f"{count} values, at most {_VALUES_MOST}")
    return tuple(plain(low + index * step) for index in range(count))


def _choices(node: Node) -> tuple[str, ...]:
    if not isinstance(node, Items) or not node.nodes:
        raise ValueError(f"{_said(node)} is no list of choices")
    texts = [each.text for each in node.nodes if isinstance(each, Scalar)]
    if len(texts) != len(node.nodes) or len(set(texts)) != len(texts):
        raise ValueError("choices are single values, each once")
    return tuple(texts)


def _number(node: Node) -> Decimal:
    try:
        value = Decimal(node.text) if isinstance(node, Scalar) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"{_said(node)} is no number")
    return value


def _said(node: Node | None) -> str:
    match node:
        case Scalar(text=text):
            return repr(text)
        case Items():
            return "a list"
        case Table():
            return "a table"
        case _:
            return "nothing"
