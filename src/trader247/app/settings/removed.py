"""Settings that there were once: their names are refused for ever, and never mean anything else.

A file of an earlier version, or a flag that was given a second meaning, has cost others everything.
Whoever removes or renames a setting adds its name here, with what stands in its place.
"""

from __future__ import annotations

from collections.abc import Mapping

REMOVED: Mapping[str, str] = {
    "breakers.loss_pct": "breakers.velocity_pct",
    "breakers.loss_minutes": "breakers.velocity_minutes",
}
"""Each removed key, and the one that does its work now; empty where nothing does."""
