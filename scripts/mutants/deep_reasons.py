"""Why a change that no test noticed may stay: by module and by the lines that it changes."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[tuple[str, str], str] = {}
"""A reason says why the change is no other program, or why its difference cannot hurt."""
