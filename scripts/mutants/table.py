"""The table of all mutants: which test noticed which, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.controls.proofs import ROOT
from scripts.mutants.mutation import Mutant

PAGE = ROOT / "docs" / "mutants.md"

_HEAD = """# Controls taken out

A control whose removal no test notices does not exist. Each line is one change of the code that
removes or inverts a control, made on the syntax tree, and the first of that control's own tests
that failed under it. `make mutants` makes the table anew; `make mutants STALE=1` tries only what
has changed since. The last column is a hash of the code that is changed and of the test that
notices; a test fails where one of them is no longer what it was.

| control | without it | in | noticed by | hash |
|---|---|---|---|---|
"""
_SURVIVED = "**nobody**"


@dataclass(frozen=True, slots=True)
class Line:
    """One mutant and the test that noticed it; `killer` is empty where none did."""

    control: str
    name: str
    file: str
    killer: str
    hash: str

    @property
    def key(self) -> tuple[str, str]:
        """What names a mutant."""
        return self.control, self.name

    @staticmethod
    def of(mutant: Mutant, killer: str, hash: str) -> Line:
        """The line of a mutant that was tried."""
        return Line(mutant.control, mutant.name, mutant.file, killer, hash)


def written(lines: Iterable[Line]) -> str:
    """The page with these lines."""
    return _HEAD + "".join(
        f"| `{each.control}` | {each.name} | `{each.file}` | "
        f"{f'`{each.killer}`' if each.killer else _SURVIVED} | {each.hash} |\n"
        for each in lines
    )


def read() -> dict[tuple[str, str], Line]:
    """The lines of the page as it stands; none where there is no page."""
    if not PAGE.is_file():
        return {}
    found = {}
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [each.strip() for each in text.strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`"):
            control, name, file, killer, hash = cells
            killer = "" if killer == _SURVIVED else killer.strip("`")
            line = Line(control.strip("`"), name, file.strip("`"), killer, hash)
            found[line.key] = line
    return found
