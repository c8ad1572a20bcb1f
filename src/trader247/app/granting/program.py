"""Which program this is, as far as evidence and arming go: major.minor of its version."""

from __future__ import annotations

from importlib.metadata import version


def major_minor(text: str | None = None) -> str:
    """The first two parts of a version; of the installed program where none is given."""
    return ".".join((version("trader247") if text is None else text).split(".")[:2])
