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

from trader247.simulation.mishaps.faults import FAULTS, Odds, early
from trader247.simulation.running import WORKER
from trader247.simulation.settings import account_of
from trader247.simulation.wanted import Scope, Wanted
from trader247.simulation.world.exchange import START

ROOT = Path(__file__).resolve().parents[2]
_BESIDE = ("tests", "scripts", "config", "docs", "data", "pyproject.toml", "README.md", "Makefile")
_FILES_MAX = 12
_SECONDS_MAX = 240
_HOUR_US = 3_600_000_000

Found = tuple[str, str, str]
"""The promise, where it was broken and after how long, and in which words."""
_NOTHING: Found = ("", "", "")
_SPREAD = 3
"""After so many seeds comes the tour, where it is what a bug needs."""
_BEYOND = 200
"""So many seeds anybody may run: each bug is to be found by one of them."""


def tried(bug: Bug, wanted: Wanted, *, most: int | None = None, hint: str = "") -> Result:
    """Run what is wanted with a bug until it is caught, or all of it is run.

    Where it was caught last (`hint`) comes first, the likeliest seeds then: in whatever order, it
    is caught if one of them finds it. With `most` it is so many of the seeds, and no tour, besides
    the scenes that it needs.
    """
    begun = _seconds()
    tasks: list[str] = [str(each) for each in likeliest(bug, wanted.seeds)]
    scenes = [each for each in wanted.tasks if each.startswith("scene-")]
    own = [each for each in scenes if each in bug.needs]
    if most is None and wanted.tour is not Scope.NOTHING:
        is_likely = bug.needs & {"F45", "F48.point", "F48.kill"}
        tasks.insert(_SPREAD if is_likely else len(tasks), "tour")
        tasks[_SPREAD:_SPREAD] = [each for each in scenes if each not in own]
    tasks = own + tasks[:most]
    if hint in (*tasks, *scenes):
        tasks = [hint, *(each for each in tasks if each != hint)]
    with _planted(bug) as root:
        return Result.of(bug, _caught(root, wanted, tasks), _seconds() - begun)


def tried_further(bug: Bug, wanted: Wanted) -> Result:
    """The same by more than is wanted: its own faults alone at full strength, then more seeds."""
    begun = _seconds()
    more = likeliest(bug, range(max(wanted.seeds) + 1, _BEYOND))
    faults = bug.needs & FAULTS.keys()
    pointed = replace(wanted, faults=faults, span_us=_HOUR_US)
    trials = [(wanted, more, "")]
    if faults:
        said = f" with {', '.join(sorted(faults))} alone"
        trials.insert(0, (pointed, likeliest(bug, wanted.seeds)[:3], said))
    with _planted(bug) as root:
        for one, seeds, said in trials:
            promise, where, text = _caught(root, one, [str(each) for each in seeds])
            if promise:
                return Result.of(bug, (promise, f"{where}{said}", text), _seconds() - begun)
    return Result.of(bug, _NOTHING, _seconds() - begun)


def likeliest(bug: Bug, seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds in an order in which a bug is found soon: it is caught whichever finds it."""

    def share(seed: int) -> int:
        odds = Odds.drawn(seed)
        if not bug.needs & FAULTS.keys():
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
        # With the bytecode of all that is not changed: to compile it anew costs as much as a seed.
        shutil.copytree(ROOT / "src", root / "src")
        bug.plant(root)
        yield root


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _caught(root: Path, wanted: Wanted, tasks: Sequence[str]) -> Found:
    # The tour is that of the first seed that is wanted, whichever is run first.
    arguments = replace(wanted, seeds=wanted.seeds[:1]).arguments
    command = [sys.executable, "-m", WORKER, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
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
        worker.stdin.write("\n".join(tasks) + "\n")
        worker.stdin.close()
        for line in worker.stdout:
            outcome = json.loads(line)
            if outcome["broken"]:
                worker.terminate()
                first_one = outcome["broken"][0]
                where = outcome["tour"] or f"seed {outcome['seed']}"
                hours = (first_one["at_us"] - START.us) / _HOUR_US
                return first_one["invariant"], f"{where}, {hours:.1f} h", first_one["text"]
        errors = worker.stderr.read()
        if worker.wait() != 0:
            return "its own end", "", (errors.strip().splitlines() or ["it was ended"])[-1]
    return _NOTHING
