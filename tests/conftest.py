"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no failure; where the suite decides, the same examples decide every time.
settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")
