"""The table of mutants is of this code: each control was taken out, and its own tests noticed."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from scripts.controls.proofs import ROOT
from scripts.mutants import deep_page
from scripts.mutants.catalogue import mutants
from scripts.mutants.deep_reasons import reason_of
from scripts.mutants.mutation import Mutant, source_hash
from scripts.mutants.table import read

from trader247.app.controls.manual import control_ids
from trader247.app.controls.promises import PROMISES

ALL = mutants()
LINES = read()
DEEP = ROOT / "docs" / "mutants-deep.md"
OLD = "the table is old: make mutants STALE=1"


def test_every_control_that_is_built_is_taken_out() -> None:
    unbuilt = {name for name, each in PROMISES.items() if each.text.startswith("Not built")}
    assert {each.control for each in ALL} == set(control_ids()) - unbuilt


def test_no_two_mutants_have_one_name_and_the_table_has_no_other() -> None:
    names = Counter((each.control, each.name) for each in ALL)
    assert max(names.values()) == 1
    assert set(LINES) == set(names), OLD


@pytest.mark.parametrize("mutant", ALL, ids=lambda each: f"{each.control}: {each.name}")
def test_its_own_tests_noticed_it_as_it_is_now(mutant: Mutant) -> None:
    line = LINES.get((mutant.control, mutant.name))
    assert line is not None, OLD
    assert line.killer, "nobody noticed that it was gone"
    file, _, test = line.killer.partition("::")
    assert any(each in (file, f"{file}::{test}") for each in mutant.tests)
    assert line.hash == source_hash(mutant, line.killer), OLD


@pytest.mark.parametrize("mutant", ALL, ids=lambda each: f"{each.control}: {each.name}")
def test_a_mutant_differs_from_the_code(mutant: Mutant) -> None:
    assert dumped(mutant.path) != ast.dump(mutant.tree)


@cache
def dumped(path: Path) -> str:
    """The tree of a file as it is."""
    return ast.dump(ast.parse(path.read_text(encoding="utf-8")))


def test_of_the_small_changes_nine_tenths_were_noticed_and_each_other_has_its_reason() -> None:
    found = deep_page.read(DEEP)
    tried = sum(each.tried for each in found.values())
    lost = [(each.file, left.said) for each in found.values() for left in each.survivors]
    assert {"core/booking.py", "core/reconcile.py", "core/risk/gate.py"} <= set(found)
    assert tried >= 90
    assert 10 * len(lost) <= tried, "make mutants-deep"
    assert [each for each in lost if not reason_of(*each)] == []
