"""What a module's text says that a pure function does not need: clocks, dice, files, networks."""

from __future__ import annotations

import ast
from pathlib import Path

_MODULES = frozenset(
    {
        "asyncio", "http", "io", "multiprocessing", "os", "pathlib", "pickle", "random", "requests",
        "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
        "urllib", "uuid",
    }
)  # fmt: skip
_CALLS = frozenset({"open", "input", "exec", "eval", "compile", "__import__", "globals"})
_METHODS = frozenset({"now", "utcnow", "today", "default_rng", "rand", "randn", "load", "loadtxt"})


def impurities(path: Path) -> tuple[str, ...]:
    """Each with its line, in order of the text."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [
                    (node.lineno, f"imports {each.name}")
                    for each in names
                    if each.name.split(".")[0] in _MODULES
                ]
            case ast.ImportFrom(module=str(name)) if name.split(".")[0] in _MODULES:
                found.append((node.lineno, f"imports {name}"))
            case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
                found.append((node.lineno, f"calls {name}"))
            case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
                found.append((node.lineno, f"calls {name}"))
            case ast.Global(names=names):
                found.append((node.lineno, f"writes the global {', '.join(names)}"))
            case _:
                pass
    return tuple(f"line {line} {text}" for line, text in sorted(found))
