"""A strict, small YAML: mappings, lists and scalars kept as their own text, each with its line.

Built from the parser's events, so that nothing is ever resolved: no type is guessed from a
scalar, no tag makes an object, no anchor multiplies a document. What YAML offers beyond that is
refused with the line where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from trader247.app.settings.nodes import Items, Node, Scalar, Table
from trader247.app.settings.problems import Problem

__all__ = ["Items", "Node", "Scalar", "Table"]

BYTES_MAX = 256 * 1024
DEPTH_MAX = 20
SCALAR_MAX = 2_000
_KEPT = 16
"""Texts whose trees are kept: a file is read anew whenever it counts, and seldom says otherwise."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(Exception):
    """What stands here is not taken; the document cannot be read on from it."""

    def __init__(self, line: int, found: str, allowed: str) -> None:
        super().__init__(found)
        self.line = line
        self.found = found
        self.allowed = allowed


def read_yaml(
    path: Path, *, label: str, absent: str = "a file that is there"
) -> tuple[Table, list[Problem]]:
    """Read a file; what cannot be read is told as problems, with an empty table where need be.

    `absent` says what helps where there is none.
    """
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device would hold us for ever.
            return _nothing(Problem(label, 0, "", "is no regular file", "a text file"))
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except FileNotFoundError:
        return _nothing(Problem(label, 0, "", "the file is missing", absent))
    except OSError as error:
        return _nothing(Problem(label, 0, "", f"cannot be read: {error.strerror}", "a text file"))
    return parse_yaml(data, label=label)


def parse_yaml(data: bytes, *, label: str) -> tuple[Table, list[Problem]]:
    """Read YAML text whose root is a mapping; an empty document is an empty mapping.

    The tree is shared with whoever reads the same text: nobody changes it.
    """
    table, problems = _parsed(data, label)
    return table, list(problems)


@lru_cache(maxsize=_KEPT)
def _parsed(data: bytes, label: str) -> tuple[Table, list[Problem]]:
    if len(data) > BYTES_MAX:
        return _nothing(
            Problem(label, 0, "", f"is larger than {BYTES_MAX} bytes", f"at most {BYTES_MAX} bytes")
        )
    try:
        reader = _Reader(data.decode("utf-8"), label)
        return reader.document(), reader.problems
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _nothing(Problem(label, line, "", "is not UTF-8 text", "UTF-8"))
    except _Refused as refused:
        return _nothing(Problem(label, refused.line, "", refused.found, refused.allowed))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        found = ", ".join(each for each in (error.context, error.problem) if each)
        return _nothing(Problem(label, line, "", f"is no YAML: {found}", "key: value"))
    except yaml.YAMLError as error:
        found = str(error).splitlines()[0]
        # The reader knows bytes alone; a control character is what it most often stumbles over.
        at = next((i for i, byte in enumerate(data) if byte < 32 and byte not in b"\t\n\r"), None)
        line = 0 if at is None else data[:at].count(b"\n") + 1
        return _nothing(Problem(label, line, "", f"is no YAML: {found}", "key: value"))


def _nothing(problem: Problem) -> tuple[Table, list[Problem]]:
    return Table({}, {}, 1), [problem]


class _Reader:
    def __init__(self, text: str, label: str) -> None:
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_LOADER))
        self.label = label
        self.problems: list[Problem] = []

    def document(self) -> Table:
        next(self.events)
        first = next(self.events)
        if isinstance(first, yaml.StreamEndEvent):
            return Table({}, {}, 1)
        if getattr(first, "version", None) or getattr(first, "tags", None):
            raise _Refused(_line(first), "a % directive", "plain YAML without directives")
        root = self.node(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Refused(_line(after), "a second document", "one document a file")
        if isinstance(root, Scalar) and root.is_null:
            return Table({}, {}, 1)
        if not isinstance(root, Table):
            raise _Refused(root.line, "a file that is no mapping", "key: value")
        return root

    def node(self, event: yaml.Event, path: tuple[str, ...]) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(line, f"an alias, *{event.anchor}", "write the value out")
        if getattr(event, "anchor", None):
            raise _Refused(line, "an anchor, &", "write each value out where it is used")
        if getattr(event, "tag", None):
            raise _Refused(line, f"a tag, {getattr(event, 'tag', '')}", "values without a tag")
        if len(path) >= DEPTH_MAX:
            raise _Refused(line, f"nested deeper than {DEPTH_MAX}", f"at most {DEPTH_MAX} levels")
        if isinstance(event, yaml.ScalarEvent):
            if len(event.value) > SCALAR_MAX:
                raise _Refused(line, f"a value of {len(event.value)} characters", "a shorter one")
            return Scalar(event.value, line, is_plain=bool(event.implicit[0]))
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self.items(path)), line)
        return self.table(line, path)

    def items(self, path: tuple[str, ...]) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, (*path, "-"))

    def table(self, line: int, path: tuple[str, ...]) -> Table:
        table = Table({}, {}, line)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, (*path, "?"))
            if not isinstance(key, Scalar):
                raise _Refused(key.line, "a key that is a mapping or a list", "a plain name")
            if key.is_plain and key.text == "<<":
                raise _Refused(key.line, "a merge key, <<", "write the values out")
            value = self.node(next(self.events), (*path, key.text))
            if key.text in table.entries:
                first = table.lines[key.text]
                self.problems.append(
                    Problem(
                        self.label,
                        key.line,
                        ".".join((*path, key.text)),
                        f"a second time; first on line {first}",
                        "each key once",
                    )
                )
                continue
            table.entries[key.text] = value
            table.lines[key.text] = key.line
        return table


def _line(event: yaml.Event) -> int:
    return 0 if event.start_mark is None else int(event.start_mark.line) + 1
