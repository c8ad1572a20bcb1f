"""The page of the controls is what the code says, and every control has its proof."""

from __future__ import annotations

import ast

import pytest
from scripts.controls.page import PAGE, page
from scripts.controls.proofs import ROOT, ROWS, SOURCE, proofs

from trader247.app.controls.manual import control_ids, manuals
from trader247.app.controls.promises import PROMISES
from trader247.app.settings.location import SHIPPED


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make controls"


def test_all_fifty_rows_have_a_name_and_a_control() -> None:
    assert set(ROWS) == set(range(1, 51)) == {each.row for each in manuals(SHIPPED)}


def test_every_control_has_its_proof_and_every_proof_its_control() -> None:
    assert set(proofs()) == set(control_ids())


@pytest.mark.parametrize("control", control_ids())
def test_what_a_proof_names_is_there(control: str) -> None:
    proof = proofs()[control]
    if control in PROMISES and PROMISES[control].text.startswith("Not built"):
        assert proof.tests == ()
        return
    assert proof.code
    assert proof.tests
    for code in proof.code:
        assert (ROOT / SOURCE / code).is_file(), code
    for test in proof.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        names = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
        assert not name or name in names, test
        assert any(each.startswith("test_") for each in names), file
