"""A control taken out of the code: one change of a syntax tree, and the tests that must notice."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from scripts.controls.proofs import ROOT, SOURCE

_PARSED_MAX = 32
"""Modules whose syntax trees are kept: those of the code and of the tests that notice."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One way in which a control is removed or inverted.

    `target` is the function, as `Class.method`, whose body becomes `body`; or the class in which
    yes and no are exchanged where `body` is empty; or nothing, and then `old` becomes `new` in the
    module's text. Only `tests` are run: they are the control's own.
    """

    control: str
    name: str
    file: str
    tests: tuple[str, ...]
    target: str = ""
    body: str = ""
    old: str = ""
    new: str = ""

    @property
    def path(self) -> Path:
        """The module that it changes."""
        return ROOT / SOURCE / self.file

    @property
    def tree(self) -> ast.Module:
        """The module's syntax tree, changed."""
        text = self.path.read_text(encoding="utf-8")
        if self.old:
            assert text.count(self.old) == 1, f"{self.file}: {self.old!r} is not there once"
            return ast.parse(text.replace(self.old, self.new))
        tree = ast.parse(text)
        node = _found(tree, self.target)
        if self.body:
            assert isinstance(node, ast.FunctionDef)
            node.body = ast.parse(self.body).body
        else:
            _exchange(node)
        return ast.fix_missing_locations(tree)


def _exchange(node: ast.FunctionDef | ast.ClassDef) -> None:
    """Make every yes of a check a no, and the reverse, also where another module says them."""
    _found(node, "assess").name = "assessed"
    node.body += ast.parse(_OPPOSITE).body


_OPPOSITE = """
def assess(self, proposal, context):
    is_allowed, *rest = self.assessed(proposal, context)
    return (not is_allowed, *rest)
"""


def source_hash(mutant: Mutant, killer: str) -> str:
    """What the result rests on: the code that is changed and the test that notices.

    Comments, and whatever else stands in the same files, change nothing.
    """
    text = mutant.path.read_text(encoding="utf-8")
    module = _parsed(text)
    code = _around(module, mutant.old, text) if mutant.old else _found(module, mutant.target)
    file, _, test = killer.partition("::")
    tests = _parsed((ROOT / "tests" / file).read_text(encoding="utf-8"))
    parts = (
        ast.dump(code),
        ast.dump(_found(tests, test)),
        mutant.target,
        mutant.body,
        mutant.old,
        mutant.new,
    )
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=_PARSED_MAX)
def _parsed(text: str) -> ast.Module:
    """A module's syntax tree, only to be looked at: a hundred mutants are of a dozen modules."""
    return ast.parse(text)


def _around(tree: ast.Module, old: str, text: str) -> ast.AST:
    """The function, or else the statement, that holds this text."""
    # Python's own way to a statement's text splits the whole module again for each.
    source = text.encode()
    begins = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    wanted = old.strip().encode()

    def holds(each: ast.stmt) -> bool:
        assert each.end_lineno is not None
        assert each.end_col_offset is not None
        begin = begins[each.lineno - 1] + each.col_offset
        return wanted in source[begin : begins[each.end_lineno - 1] + each.end_col_offset]

    node: ast.AST = tree
    while True:
        inner = [
            each
            for each in ast.iter_child_nodes(node)
            if isinstance(each, ast.stmt) and holds(each)
        ]
        if len(inner) != 1 or isinstance(node, ast.FunctionDef):
            return node
        node = inner[0]


def _found(tree: ast.AST, qualified: str) -> ast.FunctionDef | ast.ClassDef:
    """The function or class of this name.

    Raises:
        LookupError: there is none.
    """
    node: ast.AST = tree
    for name in qualified.split("."):
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name == name:
                node = each
                break
        else:
            raise LookupError(f"there is no {qualified}")
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    return node
