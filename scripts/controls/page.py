"""The page of all controls, as an auditor reads it: made from the code, never written by hand."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.controls.proofs import ROOT, ROWS, SOURCE, Proof, proofs

from trader247.app.controls.manual import LimitLine, Manual, manuals
from trader247.app.settings.location import SHIPPED

PAGE = ROOT / "docs" / "controls.md"

_HEAD = """# Controls

Made from the code by `make controls`; a test fails where it is old. Each of the fifty rows has its
controls, what they do, their limits as shipped with the bounds that no file can pass, where the
idea comes from, where it lives and which tests fail when it does not work. What a row asks for and
is not built is said under it. RTS 6 (EU 2017/589), SEC Rule 15c3-5 and the FIA papers bind firms,
not a person trading their own account: they are a measure of quality here, no claim of compliance.

`trader247 risk controls ID` shows the same with the state of your book, `trader247 risk status` all
of them now. `make mutants` takes each control out of the code and shows that its tests notice:
[mutants.md](mutants.md).
"""


def page() -> str:
    """The whole page."""
    known = proofs()
    by_row: dict[int, list[Manual]] = {row: [] for row in ROWS}
    for manual in manuals(SHIPPED):
        by_row[manual.row].append(manual)
    lines = [_HEAD]
    lines += _summary(by_row)
    for row, found in by_row.items():
        assert found, f"row {row} has no control"
        lines += ["", f"## {row}. {ROWS[row]}", ""]
        if found[0].gap:
            lines += [f"**Partial:** {found[0].gap}", ""]
        for manual in found:
            lines += _control(manual, known[manual.id])
    return "\n".join(lines).rstrip() + "\n"


def _summary(by_row: dict[int, list[Manual]]) -> Iterator[str]:
    partial = [row for row, found in by_row.items() if found[0].gap]
    yield f"{len(by_row) - len(partial)} rows are held as asked for, {len(partial)} in part."
    yield ""
    yield "| row | | controls | held |"
    yield "|---|---|---|---|"
    for row, found in by_row.items():
        names = ", ".join(f"`{each.id}`" for each in found)
        yield f"| {row} | {ROWS[row]} | {names} | {'in part' if found[0].gap else 'yes'} |"


def _control(manual: Manual, proof: Proof) -> Iterator[str]:
    yield f"### `{manual.id}`"
    yield ""
    yield " ".join(each for each in (manual.title, manual.text, _side(manual)) if each)
    yield ""
    for limit in manual.limits:
        yield _limit(limit)
    yield f"- source: {manual.source}"
    if proof.code:
        yield "- code: " + ", ".join(f"`{SOURCE}/{each}`" for each in proof.code)
    for test in proof.tests:
        file, _, name = test.partition("::")
        yield f"- test: `tests/{file}`" + (f" `{name}`" if name else "")
    yield ""


def _side(manual: Manual) -> str:
    if manual.is_for_exits is None:
        return ""
    return "Binds entries and exits." if manual.is_for_exits else "Binds entries alone."


def _limit(limit: LimitLine) -> str:
    file = limit.origin.rpartition("/")[2].partition(":")[0]
    where = "the code's default" if limit.origin == "default" else f"config/{file}"
    allowed = f" {limit.allowed};" if limit.allowed else ""
    value = f"{limit.value} {limit.unit}".strip()
    return f"- limit: `{limit.key}` = {value}: {limit.doc};{allowed} set in {where}"
