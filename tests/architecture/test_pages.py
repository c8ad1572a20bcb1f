"""The pages of docs: each decision is listed by its title, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
_MODULE = re.compile(r"`([\w./-]+\.py)`")
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def test_every_decision_is_listed_by_its_own_title() -> None:
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    assert pages, "there are decisions"
    listed = [
        line
        for line in (DECISIONS / "README.md").read_text().splitlines()
        if line.startswith("- [")
    ]
    found = []
    for page in pages:
        number, _, title = page.read_text().partition("\n")[0].removeprefix("# ").partition(": ")
        assert page.name.startswith(f"{number}-"), page
        found.append(f"- [{number}]({page.name}): {title}")
    assert listed == found


def test_every_link_leads_to_a_page_and_a_heading_of_it() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    seen = 0
    for page in pages:
        for path, heading in _LINK.findall(page.read_text()):
            if "://" in path:
                continue
            seen += 1
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page}: {path}"
            if heading:
                assert heading in _headings(target), f"{page}: {path}#{heading}"
    assert seen, "there are links"


def test_every_module_that_a_page_names_is_there() -> None:
    """By its whole path, or by its end: a page that names a row of neighbours names one in full."""
    folders = [ROOT / name for name in ("src", "scripts", "tests", ".ci")]
    there = [path.as_posix() for folder in folders for path in folder.rglob("*.py")]
    named = {
        (page.name, name)
        for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
        for name in _MODULE.findall(page.read_text())
    }
    assert len(named) > 100, "pages name modules"
    gone = {each for each in named if not any(path.endswith(f"/{each[1]}") for path in there)}
    assert not gone


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of their words."""
    titles = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
