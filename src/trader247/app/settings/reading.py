"""One file of the configuration, read against its model: its values, or every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from trader247.app.settings.layout import Branch, Path, Section, Slot, branch_of, slots_of
from trader247.app.settings.model import UNREADABLE, Reading, instance_of, model_of
from trader247.app.settings.problems import Problem
from trader247.app.settings.removed import REMOVED
from trader247.app.settings.yaml_tree import Items, Node, Scalar, Table
from trader247.domain.dataclass import dataclass

_WANTED = {
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "missing": "this key is required",
}


@dataclass(frozen=True, slots=True)
class FileValues:
    """A file that was read without a problem: its values, and the line of each that it sets."""

    label: str
    model: BaseModel
    table: Table
    lines: Mapping[Path, int]
    remarks: tuple[Problem, ...]

    def instance(self, section: Section) -> Any:
        """The section's dataclass."""
        return instance_of(section, self.model)

    def problem(self, path: Path, found: str, allowed: str = "", suggestion: str = "") -> Problem:
        """A problem of what stands at `path`, or of the nearest line above it."""
        line, _ = _find(self.table, path)
        return Problem(self.label, line, ".".join(path), found, allowed, suggestion)


@lru_cache(maxsize=8)
def file_model(sections: tuple[Section, ...]) -> tuple[Branch, type[BaseModel]]:
    """The tree of a file's settings, and the model that reads it."""
    branch = branch_of(sections)
    return branch, model_of("File", branch)


def read_values(
    table: Table,
    sections: Sequence[Section],
    *,
    label: str,
    environment: Mapping[str, str],
    beside: str = "",
) -> tuple[FileValues | None, list[Problem]]:
    """The values of a parsed file; None with the problems where it has any.

    What stands under the key `beside` is left to whoever knows it.
    """
    branch, model = file_model(tuple(sections))
    reading = Reading(environment)
    try:
        values = model.model_validate(_plain(_without(table, beside)), context=reading)
    except ValidationError as error:
        return None, [_problem(each, table, branch, label, beside) for each in error.errors()]
    lines = dict(_lines(table, ()))
    key_of = {line: ".".join(path) for path, line in lines.items()}
    remarks = tuple(
        Problem(label, line, key_of.get(line, ""), text, "") for line, text in reading.remarks
    )
    return FileValues(label, values, table, lines, remarks), []


def _without(table: Table, key: str) -> Table:
    kept = {name: node for name, node in table.entries.items() if name != key}
    return Table(kept, table.lines, table.line)


def _plain(node: Node) -> object:
    match node:
        case Scalar():
            return node
        case Items():
            return [_plain(each) for each in node.nodes]
        case Table():
            return {key: _plain(each) for key, each in node.entries.items()}


def _lines(node: Node, path: Path) -> list[tuple[Path, int]]:
    match node:
        case Table():
            found = [
                each for key, value in node.entries.items() for each in _lines(value, (*path, key))
            ]
            return found or [(path, node.line)]
        case _:
            return [(path, node.line)]


def _problem(error: Any, table: Table, branch: Branch, label: str, beside: str) -> Problem:
    path = tuple(str(each) for each in error["loc"])
    line, node = _find(table, path)
    key = ".".join(path)
    kind = error["type"]
    if kind == UNREADABLE:
        return Problem(label, line, key, **error["ctx"])
    if kind == "extra_forbidden" and key in REMOVED:
        return Problem(label, line, key, "was removed and is refused", "", REMOVED[key])
    if kind == "extra_forbidden":
        if beside and len(path) == 1:
            branch = {**branch, beside: {}}  # what is read elsewhere may stand here all the same
        return Problem(
            label, line, key, "unknown key", _known(branch, path[:-1]), _meant(branch, path)
        )
    if kind == "missing":
        return Problem(label, line, key, "is missing", _WANTED[kind])
    return Problem(label, line, key, _found(node), _WANTED.get(kind, str(error["msg"])))


def _found(node: Node | None) -> str:
    match node:
        case Scalar():
            return f"{node.text[:60]!r}"
        case Items():
            return "a list"
        case Table():
            return "a mapping"
        case None:
            return "nothing"


def _find(table: Table, path: Path) -> tuple[int, Node | None]:
    node: Node | None = table
    line = table.line
    for part in path:
        if isinstance(node, Table) and part in node.entries:
            line, node = node.lines[part], node.entries[part]
        elif isinstance(node, Items) and part.isdigit() and int(part) < len(node.nodes):
            node = node.nodes[int(part)]
            line = node.line
        else:
            return line, None
    return line, node


def _names(branch: Branch, path: Path) -> list[str]:
    at: Branch | Slot | None = branch
    for part in path:
        at = at.get(part) if isinstance(at, dict) else None
    return list(at) if isinstance(at, dict) else []


def _known(branch: Branch, path: Path) -> str:
    names = _names(branch, path)
    return ", ".join(names) or "no key: it has no number of its own"


def _meant(branch: Branch, path: Path) -> str:
    """The key that was probably meant: a neighbour, else one of nearly that name elsewhere."""
    near = difflib.get_close_matches(path[-1], _names(branch, path[:-1]), n=1, cutoff=0.6)
    if near:
        return near[0]
    elsewhere = {slot.path[-1]: slot.key for slot in slots_of(branch)}
    near = difflib.get_close_matches(path[-1], list(elsewhere), n=1, cutoff=0.8)
    return elsewhere[near[0]] if near else ""
