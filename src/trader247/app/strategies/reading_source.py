"""What a module's text says that a pure function does not need: clocks, dice, files, networks.

What may be imported is listed, and not what may not: a library that reads files, or a helper beside
the strategy that remembers across calls, is no part of what the checks load anew, nor of the text
whose hash the policy holds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from trader247.app.strategies.subjects import file_of

_COMPUTING = frozenset(
    {
        "__future__", "abc", "array", "bisect", "collections", "copy", "dataclasses", "datetime",
        "decimal", "enum", "fractions", "functools", "heapq", "itertools", "math", "numbers",
        "operator", "re", "statistics", "string", "types", "typing",
        "bottleneck", "numba", "numexpr", "numpy", "pandas", "polars", "scipy", "sklearn",
        "statsmodels", "talib", "typing_extensions",
    }
)  # fmt: skip
_OURS = ("trader247.core", "trader247.domain")
_NAMES = frozenset(
    {"open", "input", "exec", "eval", "compile", "breakpoint", "__import__", "__builtins__"}
    | {"globals"}
)
_CALLED = frozenset({"load", "open", "rand", "randn", "urlopen"})
"""Methods: as a bar's `open` they would be columns."""
_NAMED = frozenset(
    {
        "default_rng", "fromfile", "genfromtxt", "loadtxt", "memmap", "now", "open_memmap",
        "today", "utcnow",
    }
)  # fmt: skip
_READING = ("read_", "scan_")
_CLOCKS = frozenset({"now", "today"})
_NUMPY = frozenset({"np", "numpy"})


def impurities_of(target: str) -> tuple[str, ...]:
    """As `impurities` of a module by its file or its dotted name, without running it.

    None where there is no such file, or where it is no Python: whoever loads it is told.
    """
    path = file_of(target)
    try:
        return () if path is None else impurities(path)
    except (OSError, SyntaxError, ValueError):
        return ()


def impurities(path: Path) -> tuple[str, ...]:
    """Each with its line, in order of the text."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    own = set(_bound(tree))
    libraries = set(_imported(tree))
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        said = (
            *_brought(node),
            *_called(node),
            *_used(node, own, libraries),
            *_reached(node, libraries),
        )
        found.update((getattr(node, "lineno", 0), each) for each in said)
    return tuple(f"line {line} {text}" for line, text in sorted(found))


def _brought(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            for each in names:
                if not _computes(each.name):
                    yield f"imports {each.name}"
        case ast.ImportFrom(module=module, level=level):
            name = "." * level + (module or "")
            if level or not _computes(name):
                yield f"imports {name}"
        case _:
            pass


def _called(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _CALLED:
            yield f"calls {name}"
        case ast.Call(func=ast.Attribute(attr="datetime64"), args=[ast.Constant(value=word), *_]):
            if word in _CLOCKS:
                yield f"calls datetime64({word!r})"
        case _:
            pass


def _used(node: ast.AST, own: set[str], libraries: set[str]) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES and name not in own:
            yield f"calls {name}"
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in _NAMED or name.startswith(
            _READING
        ):
            yield f"calls {name}"
        case ast.Attribute(value=ast.Name(id=name), attr="random") if name in _NUMPY:
            yield f"uses {name}.random"
        case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()) if name in libraries:
            yield f"writes into {name}"
        case ast.Attribute(value=ast.Name(id=name), attr="__dict__") if name in libraries:
            yield f"reaches into {name}"
        case ast.Call(func=ast.Name(id="setattr" | "vars"), args=[ast.Name(id=name), *_]):
            if name in libraries:
                yield f"reaches into {name}"
        case ast.Global(names=names):
            yield f"writes the global {', '.join(names)}"
        case _:
            pass


def _reached(node: ast.AST, libraries: set[str]) -> Iterator[str]:
    """By a name in a text, or past a library's own way of taking what is written into it."""
    match node:
        case ast.Call(
            func=ast.Name(id="getattr"), args=[ast.Name() | ast.Attribute() as where, name, *_]
        ) if _root(where) in libraries:
            if not isinstance(name, ast.Constant):
                yield f"reaches into {_root(where)} by a name that is computed"
            elif isinstance(name.value, str) and _is_telling(name.value):
                yield f"calls {name.value}"
        case ast.Call(func=ast.Attribute(attr="__setattr__"), args=[_, *_] as given):
            yield from (f"reaches into {_root(each)}" for each in given if _root(each) in libraries)
        case _:
            pass


def _is_telling(name: str) -> bool:
    return name in _NAMED | _CALLED or name.startswith(_READING)


def _root(node: ast.AST) -> str:
    """The name that a chain of attributes begins with; empty where there is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _computes(name: str) -> bool:
    is_ours = any(name == each or name.startswith(f"{each}.") for each in _OURS)
    return is_ours or name.split(".", maxsplit=1)[0] in _COMPUTING


def _bound(tree: ast.AST) -> Iterator[str]:
    """Names that the text itself gives: its own `open` is no file."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for each in node.names:
                yield (each.asname or each.name).split(".")[0]
