"""The pages of docs: each decision is listed by its title, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
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


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of their words."""
    titles = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
