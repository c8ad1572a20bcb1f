"""Write docs/controls.md."""

from __future__ import annotations

from scripts.controls.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
print(f"wrote {PAGE}")
