"""A printed report has every picture and every row: paper has nothing that could be opened."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report.stories import story, trade

from trader247.app.reports.files import plotting_library
from trader247.report.page.page import page
from trader247.report.report import report_of

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
PRODUCTS = ("BTC-USD", "ETH-USD", "SOL-USD")

# What printing does, and what is there of the page meanwhile and after it.
_PRINTS = """
<script>
  const told = () => {
    const drawn = [...document.querySelectorAll("[data-chart]")];
    const closed = [...document.querySelectorAll("details:not(.data):not([open])")];
    const missing = drawn.filter((node) => !node.querySelector(".main-svg"));
    return `${drawn.length} pictures, ${missing.length} missing, ${closed.length} closed`;
  };
  addEventListener("load", () => setTimeout(() => {
    const before = told();
    dispatchEvent(new Event("beforeprint"));
    const printed = told();
    dispatchEvent(new Event("afterprint"));
    document.title = `before: ${before}; printed: ${printed}; after: ${told()}`;
  }, 3000));
</script>
"""


def test_no_page_has_the_footer_alone() -> None:
    text = page(report_of(story()), hash="0123", library="")
    settings = text[text.index('id="made-from"') :]
    assert settings.index('<p class="paper">report 0123') < settings.index("<pre>")
    assert "footer.screen { display: none; }" in text[text.index("@media print") :]


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser here: the page was not printed")
def test_what_is_folded_on_the_screen_is_printed_and_is_folded_again(tmp_path: Path) -> None:
    assert BROWSER is not None
    trades = tuple(trade(number, product=PRODUCTS[number % 3]) for number in range(1, 10))
    told = story(trades=trades)
    (prices,) = told.prices.values()
    told = replace(told, prices={each.product: prices for each in trades})
    library = plotting_library()
    assert library is not None
    text = page(report_of(told), hash="0123", library=library)
    file = tmp_path / "report.html"
    file.write_text(text.replace("</body>", f"{_PRINTS}</body>"), encoding="utf-8")
    dump = subprocess.run(
        [
            BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=390,800",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000", "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    found = re.search(
        r"<title>before: (\d+) pictures, \d+ missing, (\d+) closed; "
        r"printed: (\d+) pictures, (\d+) missing, (\d+) closed; "
        r"after: \d+ pictures, \d+ missing, (\d+) closed</title>",
        dump,
    )
    assert found is not None, dump[:2000]
    pictures, closed, printed, missing, still_closed, closed_again = map(int, found.groups())
    assert pictures == printed > len(PRODUCTS)
    # Two of the three products, every trade, and every setting.
    assert closed == closed_again == 4
    assert (missing, still_closed) == (0, 0)
