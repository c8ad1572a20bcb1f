"""Every small change of the code where money is decided, and whether a test notices it.

`make mutants-deep` lists the mutants with cosmic-ray's operators (`deep_list.py`, in an environment
of the tool's own) and tries each in a fork with the tests of its module alone. What is known of a
module whose source has not changed is kept; a module may be named, and a part of its mutants tried.
Exit 1 where less than nine tenths of what was tried is noticed, or a survivor has no reason.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

# What the tests import besides the project: read once here, and shared by every fork.
import hypothesis.strategies
import numpy  # noqa: F401
import requests  # noqa: F401
from scripts.controls.proofs import ROOT, SOURCE
from scripts.mutants.deep_page import Module, Survivor, read, written
from scripts.mutants.deep_reasons import reason_of
from scripts.mutants.trial import tried

assert hypothesis.strategies

PAGE = ROOT / "docs" / "mutants-deep.md"
TOOL = ROOT / ".venv-mutation" / "bin" / "python"
LIST = Path(__file__).with_name("deep_list.py")
SECONDS_MAX = 240
"""A change under which tests do not end is noticed too."""
LEAST = 90
"""Of a hundred mutants, so many must be noticed."""

_RISK = "core/risk"
_VIEWS = (f"{_RISK}/test_controls.py",)
_TESTS = {
    "core/booking.py": (
        "core/test_booking.py",
        "core/book/test_intents.py",
        "core/book/test_equity.py",
        "core/risk/test_bans.py",
        "core/risk/test_doubts.py",
        "core/alerts/test_facts.py",
    ),
    "core/reconcile.py": ("core/test_reconcile.py",),
    "engine/execution.py": (
        "engine/test_execution.py",
        "engine/test_irregular.py",
        "engine/test_storage.py",
    ),
    f"{_RISK}/check.py": (f"{_RISK}/test_registry.py", f"{_RISK}/checks/test_collar.py"),
    f"{_RISK}/shares.py": (
        f"{_RISK}/checks/test_total_exposure.py",
        f"{_RISK}/checks/test_product_exposure.py",
        f"{_RISK}/checks/test_cluster_exposure.py",
        f"{_RISK}/checks/test_canary.py",
    ),
    f"{_RISK}/stages.py": (
        f"{_RISK}/checks/test_canary.py",
        f"{_RISK}/checks/test_max_order.py",
        f"{_RISK}/checks/test_min_notional.py",
    ),
    f"{_RISK}/reservations.py": (
        f"{_RISK}/test_reservations.py",
        f"{_RISK}/checks/test_buying_power.py",
        f"{_RISK}/test_gate.py",
    ),
    f"{_RISK}/controls.py": _VIEWS,
    f"{_RISK}/control_checks.py": _VIEWS,
    f"{_RISK}/control_view.py": _VIEWS,
    f"{_RISK}/standing.py": _VIEWS,
}
"""The tests of a module, where they are not the one of its own name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One mutant: the module, the operator that made it, and its whole text."""

    file: str
    operator: str
    text: str

    @property
    def path(self) -> Path:
        """The module that it changes."""
        return ROOT / SOURCE / self.file

    @property
    def tree(self) -> ast.Module:
        """The module's syntax tree, changed."""
        return ast.parse(self.text)

    @property
    def order(self) -> str:
        """Its place among the others: the same whenever they are listed, and no pattern."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def said(self) -> str:
        """The line that is gone and the one in its place."""
        before = self.path.read_text(encoding="utf-8").splitlines()
        lines = [
            each
            for each in difflib.unified_diff(before, self.text.splitlines(), lineterm="", n=0)
            if each[:1] in "-+" and each[:3] not in ("---", "+++")
        ]
        gone = " ".join(each[1:].strip() for each in lines if each[0] == "-")
        new = " ".join(each[1:].strip() for each in lines if each[0] == "+")
        return f"{gone} => {new}"


def modules() -> tuple[str, ...]:
    """The modules that are tried, those where an order is judged and booked first."""
    source = ROOT / SOURCE
    risk = sorted(str(path.relative_to(source)) for path in (source / _RISK).rglob("*.py"))
    named = [each for each in risk if Path(each).name not in ("__init__.py", "registry.py")]
    return ("core/reconcile.py", "core/booking.py", "engine/execution.py", *named)


def tests_of(module: str) -> tuple[str, ...]:
    """The tests of a module."""
    path = Path(module)
    own = str(path.with_name(f"test_{path.name}"))
    return _TESTS.get(module, (own,))


def source_hash(module: str) -> str:
    """What a result rests on."""
    return sha256((ROOT / SOURCE / module).read_bytes()).hexdigest()[:16]


def listed(module: str) -> list[Change]:
    """Every mutant of a module, in an order that is no pattern."""
    path = ROOT / SOURCE / module
    told = subprocess.run(
        [str(TOOL), str(LIST), str(path)], capture_output=True, text=True, check=True
    )
    lines = map(json.loads, told.stdout.splitlines())
    return sorted(
        (Change(module, each["name"], each["text"]) for each in lines), key=lambda each: each.order
    )


def main() -> int:
    """Try them; 0 if enough were noticed and each survivor has its reason."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", action="append", help="only this one, as core/booking.py")
    parser.add_argument("--most", type=int, help="so many mutants of a module, not all")
    parser.add_argument("--again", action="store_true", help="also what has not changed")
    asked = parser.parse_args()
    known = read(PAGE)
    for module in asked.module or modules():
        old = known.get(module)
        is_known = old is not None and old.hash == source_hash(module)
        if is_known and not asked.again:
            continue
        known[module] = _tried(module, asked.most)
        found = [known[each] for each in modules() if each in known]
        PAGE.write_text(written(found, reason_of), encoding="utf-8")
    return _verdict([known[each] for each in modules() if each in known])


def _tried(module: str, most: int | None) -> Module:
    changes, tests = listed(module), tests_of(module)
    chosen = changes if most is None else changes[:most]
    survivors: list[Survivor] = []
    for change in chosen:
        result = tried(change, tests, seconds=SECONDS_MAX)
        if not result.killer and not result.remark:
            survivors.append(Survivor(change.operator, change.said))
            print(f"NOT NOTICED {module}: {change.said}", flush=True)
    killed = len(chosen) - len(survivors)
    print(f"{module}: {killed} of {len(chosen)} noticed, {len(changes)} there are", flush=True)
    return Module(module, source_hash(module), len(changes), len(chosen), tuple(survivors))


def _verdict(found: list[Module]) -> int:
    count, lost = sum(each.tried for each in found), sum(len(each.survivors) for each in found)
    silent = [each for each in _said(found) if not reason_of(*each)]
    print(f"{count - lost} of {count} mutants noticed; {len(silent)} survivors without a reason")
    is_enough = count > 0 and 100 * (count - lost) >= LEAST * count
    return 0 if is_enough and not silent else 1


def _said(found: list[Module]) -> Iterator[tuple[str, str]]:
    for module in found:
        for each in module.survivors:
            yield module.file, each.said


if __name__ == "__main__":
    sys.exit(main())
