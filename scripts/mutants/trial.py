"""A trial of one mutant: its tests in a forked process in which the changed module is imported.

The parent has imported pytest and the libraries that the tests need, so that a fork costs no start
of Python. The child forgets what it knows of trader247 and reads it anew, one module of it changed.
"""

from __future__ import annotations

import ast
import io
import os
import signal
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Protocol

import pytest
from scripts.controls.proofs import ROOT

_PREIMPORTED = "ignore::pytest.PytestAssertRewriteWarning"
SECONDS_MAX = 120
"""A mutant under which tests never end is caught too, but by nobody in particular."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant: `killer` is the first test that failed, empty where none did."""

    killer: str
    remark: str = ""


class Changed(Protocol):
    """A module with another syntax tree."""

    @property
    def path(self) -> Path: ...

    @property
    def tree(self) -> ast.Module: ...


class _First:
    """The first test that fails."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid.removeprefix("tests/").partition("[")[0]


def tried(mutant: Changed | None, tests: tuple[str, ...], *, seconds: int = SECONDS_MAX) -> Result:
    """Run `tests` under a mutant, or on the code as it is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        signal.alarm(seconds)
        answer = _answer(mutant, tests)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        word, _, killer = pipe.read().partition(" ")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Result("", f"ended by signal {os.WTERMSIG(status)}")
    return Result(
        killer if word == "failed" else "", "" if word in ("failed", "passed") else killer
    )


def _answer(mutant: Changed | None, tests: tuple[str, ...]) -> str:
    told, first = io.StringIO(), _First()
    try:
        with redirect_stdout(told), redirect_stderr(told):
            if mutant is not None:
                _change(mutant)
            os.chdir(ROOT)
            code = pytest.main(
                ["-q", "-x", "-p", "no:cacheprovider", "-W", _PREIMPORTED]
                + [f"tests/{each}" for each in tests],
                plugins=[first],
            )
    except BaseException:  # noqa: BLE001 - a mutant that cannot even be imported is told of
        return "broken " + traceback.format_exc(limit=3)[-400:]
    if code == pytest.ExitCode.OK:
        return "passed "
    if code == pytest.ExitCode.TESTS_FAILED and first.name:
        return f"failed {first.name}"
    return "broken " + told.getvalue()[-600:]


def _change(mutant: Changed) -> None:
    """Have the mutant imported in place of its module."""
    before = SourceFileLoader.get_code
    changed, tree = mutant.path.resolve(), mutant.tree

    def get_code(self: Any, fullname: str) -> CodeType | None:
        if Path(self.get_filename(fullname)).resolve() != changed:
            return before(self, fullname)
        code: CodeType = compile(tree, str(changed), "exec")
        return code

    for name in [each for each in sys.modules if each.partition(".")[0] in ("trader247", "tests")]:
        del sys.modules[name]
    SourceFileLoader.get_code = get_code  # type: ignore[method-assign] # what is run is ours
