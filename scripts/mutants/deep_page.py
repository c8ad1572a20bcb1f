"""docs/mutants-deep.md: how many small changes of each module were noticed, and which were not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_HEAD = """# Small changes where money is decided

Each condition turned round, each bound moved by one, each `and` made an `or`, each number made its
neighbour, each loop left out: cosmic-ray's operators on `core/risk`, `core/booking`,
`core/reconcile` and `engine/execution`, each change tried with the tests of its own module alone.
Left out are changes that are the same program (annotations, docstrings), and the figures of limits,
which [controls.md](controls.md) holds word for word. Where a module has more changes than were
tried, those tried were drawn by the hash of their text.

`make mutants-deep` makes this page; it keeps what it knows of a module until its source changes.
`make mutants-deep MODULE=core/booking.py` tries one, `MOST=40` a part of each.

"""
_NO_REASON = "**no reason yet**"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test noticed, in the words of the lines that it changed."""

    operator: str
    said: str


@dataclass(frozen=True, slots=True)
class Module:
    """What was found of a module whose source had this hash; `there` are all its changes."""

    file: str
    hash: str
    there: int
    tried: int
    survivors: tuple[Survivor, ...]

    @property
    def share(self) -> int:
        """Of a hundred changes, so many were noticed; rounded down."""
        return 100 * (self.tried - len(self.survivors)) // self.tried if self.tried else 100


def written(found: Iterable[Module], reason_of: Callable[[str, str], str]) -> str:
    """The page with what was found of these modules."""
    modules = list(found)
    tried = sum(each.tried for each in modules)
    lost = sum(len(each.survivors) for each in modules)
    share = 100 * (tried - lost) / tried if tried else 100
    lines = [
        f"Noticed: {tried - lost} of {tried}, {share:.1f} %.\n",
        "| module | changes | tried | noticed | % | source |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.file}` | {each.there} | {each.tried} | {each.tried - len(each.survivors)} | "
        f"{each.share} | {each.hash} |"
        for each in modules
    ]
    lines += [
        "\n## Not noticed\n",
        "| module | by | change | why it may stay |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{module.file}` | {each.operator} | `{_cell(each.said)}` | "
        f"{reason_of(module.file, each.said) or _NO_REASON} |"
        for module in modules
        for each in module.survivors
    ]
    return _HEAD + "\n".join(lines) + "\n"


def read(page: Path) -> dict[str, Module]:
    """What the page says of each module; nothing where there is no page."""
    if not page.is_file():
        return {}
    rows = [
        [each.strip() for each in line.strip("|").split(" | ")]
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    lost: dict[str, list[Survivor]] = {}
    for cells in rows:
        if len(cells) == 4:
            said = cells[2].strip("`").replace("&#124;", "|")
            lost.setdefault(cells[0].strip("`"), []).append(Survivor(cells[1], said))
    found = {}
    for cells in rows:
        if len(cells) == 6:
            file = cells[0].strip("`")
            survivors = tuple(lost.get(file, ()))
            found[file] = Module(file, cells[5], int(cells[1]), int(cells[2]), survivors)
    return found


def _cell(text: str) -> str:
    return text.replace("|", "&#124;")
