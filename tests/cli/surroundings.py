"""What a command that runs as a process of its own is given."""

from __future__ import annotations

import os


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would steer the program; no colours, 200 columns."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TRADER247_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **more}
