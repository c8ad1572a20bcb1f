"""The project's own source as syntax trees, and what each floor may import."""

from __future__ import annotations

import ast
import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "trader247"
FLOORS = (
    "domain", "core", "ports", "engine", "adapters", "simex", "report",
    "backtest", "app", "simulation", "truth", "cli",
)  # fmt: skip


N = TypeVar("N", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its place in the package, like `core/risk/gate.py`, and its tree.

    Its nodes are by their kind: each rule is about one or two of them.
    """

    place: str
    tree: ast.Module
    nodes: Mapping[type[ast.AST], Sequence[ast.AST]]

    def of(self, kind: type[N]) -> Sequence[N]:
        """All nodes of one kind, those further out before those within."""
        return cast("Sequence[N]", self.nodes.get(kind, ()))

    @property
    def floor(self) -> str:
        """The floor that it stands on; nothing for `__main__` and the package's own."""
        return self.place.split("/")[0].removesuffix(".py")

    @property
    def imports(self) -> Iterator[tuple[str, int]]:
        """Every imported module by its full name, with the line; inside functions too."""
        for plain in self.of(ast.Import):
            for alias in plain.names:
                yield alias.name, plain.lineno
        for node in self.of(ast.ImportFrom):
            assert node.level == 0, f"{self.place}:{node.lineno}: a relative import"
            assert node.module
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package. Fails where there is nothing to see.

    They stay: a million nodes are no garbage to be looked through, now or later.
    """
    gc.disable()
    try:
        found = tuple(_module(path) for path in sorted(PACKAGE.rglob("*.py")))
    finally:
        gc.enable()
    gc.freeze()
    assert len(found) > 50, "the package is not where this test looks"
    return found


def _module(path: Path) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Module(str(path.relative_to(PACKAGE)), tree, by_kind(tree))


def by_kind(tree: ast.Module) -> Mapping[type[ast.AST], Sequence[ast.AST]]:
    """What `ast.walk` finds, but for what says whether a name is read or set."""
    found: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    todo: list[ast.AST] = [tree]
    for node in todo:  # it grows meanwhile
        found[type(node)].append(node)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                todo += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                todo.append(value)
    return dict(found)


def on_floor(name: str) -> tuple[Module, ...]:
    """The modules of one floor. Fails where the floor is absent or holds no code."""
    found = tuple(each for each in modules() if each.floor == name)
    assert sum(len(each.tree.body) for each in found) > 3, f"there is nothing on floor {name}"
    return found


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute; nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain or dotted name."""
    for node in module.of(ast.Call):
        if name := dotted(node.func):
            yield name, node
