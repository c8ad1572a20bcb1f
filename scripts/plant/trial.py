"""Trying a bug: in a copy of the source, by the seeds that are the likeliest to show it first."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from scripts.plant.bug import Bug
from scripts.plant.result import Result

from trader247.simulation.mishaps.faults import Odds, early
from trader247.simulation.running import WORKER, Scope, Wanted
from trader247.simulation.settings import account_of

ROOT = Path(__file__).resolve().parents[2]
_BESIDE = ("tests", "scripts", "config", "docs", "data", "pyproject.toml", "README.md", "Makefile")
_FILES_MAX = 12
_SECONDS_MAX = 240
_HOUR_US = 3_600_000_000

Found = tuple[str, str, str]
_NOTHING: Found = ("", "", "")


def tried(bug: Bug, wanted: Wanted, *, most: int | None = None) -> Result:
    """Run the simulation with a bug until it is caught, or all is run.

    The likeliest few seeds first; then its own faults alone, at full strength; then the rest, and
    the tour last, which takes longer than any of them. With `most` the rest is left out.
    """
    begun = _seconds()
    seeds = likeliest(bug, wanted.seeds)
    few = 4 if most is None else most
    nothing = replace(wanted, tour=Scope.NOTHING)
    trials = [("", replace(nothing, seeds=seeds[:few]))]
    if bug.needs:
        pointed = replace(nothing, seeds=seeds[:3], faults=bug.needs, span_us=_HOUR_US)
        trials.append((f" with {', '.join(sorted(bug.needs))} alone", pointed))
    if most is None:
        trials.append(("", replace(wanted, seeds=seeds[few:] or seeds[:1])))
    elif wanted.tour is not Scope.NOTHING and bug.needs & {"F45", "F48.point", "F48.kill"}:
        trials.append(("", replace(wanted, seeds=())))
    with _planted(bug) as root:
        found = next(filter(any, (_caught(root, *each) for each in trials)), _NOTHING)
    return Result.of(bug, found, _seconds() - begun)


def likeliest(bug: Bug, seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds in an order in which a bug is found soon: it is caught whichever finds it."""

    def share(seed: int) -> int:
        odds = Odds.drawn(seed)
        if not bug.needs:
            return -odds.hostility
        sure = len(bug.needs & odds.chosen & early(seed))
        return odds.hostility * len(bug.needs & odds.chosen) + 100 * sure

    # One seed after the other has another account: the best of every kind first.
    kinds = [
        sorted((each for each in seeds if account_of(each) == kind), key=share, reverse=True)
        for kind in dict.fromkeys(map(account_of, seeds))
    ]
    firsts = sorted((each[0] for each in kinds), key=share, reverse=True)
    rest = sorted(set(seeds) - set(firsts), key=share, reverse=True)
    return (*firsts, *rest)


def noticed(bug: Bug) -> str:
    """The first of the project's own tests that fails on a bug: of those near what it is in."""
    files = _tests_of(bug)
    if not files:
        return "no test imports it"
    with _planted(bug) as root:
        for name in _BESIDE:
            (root / name).symlink_to(ROOT / name)
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "--no-header", "-p",
            "no:cacheprovider", *files]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"}
        try:
            done = subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, check=False,
                timeout=_SECONDS_MAX,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"none of {len(files)} files in {_SECONDS_MAX} s"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if failed is not None:
        return failed[1].removeprefix("tests/").split("[")[0]
    assert done.returncode in (0, 5), done.stdout[-2_000:]
    return f"none of {len(files)} files"


def _tests_of(bug: Bug) -> list[str]:
    """Test files that import a changed module, those named after it first."""
    modules = {
        f"trader247.{each.file.removesuffix('.py').replace('/', '.')}": Path(each.file)
        for each in bug.changes
    }
    found: dict[str, int] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for module, file in modules.items():
            is_named = file.stem in path.stem
            if is_named or re.search(rf"\b{re.escape(module)}\b", text):
                name = str(path.relative_to(ROOT))
                is_near = file.parent.name in path.parent.parts
                found[name] = min(found.get(name, 9), 2 - is_named - is_near)
    if not found:
        near = {ROOT / "tests" / Path(each.file).parent for each in bug.changes}
        found = {str(path.relative_to(ROOT)): 0 for each in near for path in each.glob("test_*.py")}
    return sorted(found, key=lambda name: (found[name], name))[:_FILES_MAX]


@contextmanager
def _planted(bug: Bug) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="t247-planted-") as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
        bug.plant(root)
        yield root


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _caught(root: Path, said: str, wanted: Wanted) -> Found:
    # Of neither seeds nor a tour there is nothing to run.
    first = wanted.seeds[:1] or (0,)
    arguments = replace(wanted, seeds=first).arguments
    command = [sys.executable, "-B", "-m", WORKER, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None, "it was asked for"
        assert worker.stdout is not None, "it was asked for"
        assert worker.stderr is not None, "it was asked for"
        tasks = sorted(wanted.tasks, key=lambda task: not task.isdecimal())
        worker.stdin.write("\n".join(tasks) + "\n")
        worker.stdin.close()
        for line in worker.stdout:
            outcome = json.loads(line)
            if outcome["broken"]:
                worker.terminate()
                first_one = outcome["broken"][0]
                where = "tour" if outcome["tour"] else f"seed {outcome['seed']}{said}"
                return first_one["invariant"], where, first_one["text"]
        errors = worker.stderr.read()
        if worker.wait() != 0:
            return "its own end", "", errors.strip().splitlines()[-1]
    return _NOTHING
