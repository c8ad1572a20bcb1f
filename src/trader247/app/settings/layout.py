"""Where each field of a dataclass stands in its file: by its own key, or under its section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, field, fields
from functools import cached_property
from typing import Any, Protocol

from trader247.core.limits import Bound
from trader247.domain.dataclass import dataclass
from trader247.domain.hints import field_hints

Path = tuple[str, ...]


def keyed(default: Any, key: str, *, doc: str) -> Any:
    """A dataclass field that stands at `key` in its file, and has no bound."""
    return field(default=default, metadata={"key": key, "doc": doc})


@dataclass(frozen=True, slots=True)
class Slot:
    """One setting: where it stands, and what it takes."""

    path: Path
    kind: Any
    metadata: Mapping[str, Any]
    default: Any

    @property
    def key(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    @property
    def doc(self) -> str:
        """What the setting is."""
        bound: Bound | None = self.metadata.get("bound")
        return bound.doc if bound else str(self.metadata.get("doc", ""))

    @property
    def unit(self) -> str:
        """The unit of its figure, or nothing."""
        bound: Bound | None = self.metadata.get("bound")
        return bound.unit if bound else ""


@dataclass(frozen=True)
class Section:
    """A dataclass of settings and the place of those of its fields that name none."""

    prefix: Path
    kind: type

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The settings, by the field's name."""
        hints = field_hints(self.kind)
        return {each.name: self._slot(each, hints[each.name]) for each in fields(self.kind)}

    def _slot(self, each: Field[Any], hint: Any) -> Slot:
        bound: Bound | None = each.metadata.get("bound")
        key = bound.key if bound else each.metadata.get("key")
        path = tuple(key.split(".")) if key else (*self.prefix, each.name)
        default = each.default if each.default_factory is MISSING else each.default_factory()
        return Slot(path, hint, each.metadata, default)


class Values(Protocol):
    """A file that was read: its sections' dataclasses."""

    def instance(self, section: Section) -> Any:
        """The section's dataclass."""
        ...


Branch = dict[str, "Branch | Slot"]


def branch_of(sections: Sequence[Section]) -> Branch:
    """The tree of all settings of a file. Two settings at one place are a bug."""
    root: Branch = {}
    for section in sections:
        _grow(root, section.prefix)
        for slot in section.slots.values():
            under = _grow(root, slot.path[:-1])
            assert slot.path[-1] not in under, f"two settings at {slot.key}"
            under[slot.path[-1]] = slot
    return root


def slots_of(branch: Branch) -> Iterator[Slot]:
    """Every setting of the tree."""
    for each in branch.values():
        if isinstance(each, Slot):
            yield each
        else:
            yield from slots_of(each)


def _grow(root: Branch, path: Path) -> Branch:
    for name in path:
        below = root.setdefault(name, {})
        assert isinstance(below, dict), f"{'.'.join(path)} is a setting and a section"
        root = below
    return root
