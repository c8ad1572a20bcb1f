"""Whether the installed files are those of their release: each hash compared with its RECORD.

What was installed in place, from a source tree, has no record to be compared with: that is said,
and is for whoever installed it so to answer for.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from trader247.domain.dataclass import dataclass

PROGRAMS = ("trader247", "coinbase-advanced-py")
"""What decides, and what carries orders to the venue."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What was compared: `changed` are files that are not what their release says, or no part of
    it; `in_place` are programs that have no record."""

    files: int
    changed: tuple[str, ...]
    in_place: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing that could be compared differs."""
        return not self.changed

    @property
    def said(self) -> str:
        """What was found, for people."""
        if self.changed:
            more = f" and {len(self.changed) - 3} more" if len(self.changed) > 3 else ""
            return f"changed since the release: {', '.join(self.changed[:3])}{more}"
        text = f"{self.files} files are those of their release"
        if self.in_place:
            names = ", ".join(self.in_place)
            text += f"; {names} runs from a source tree, with nothing to compare it with"
        return text


def installed(programs: tuple[str, ...] = PROGRAMS) -> Installed:
    """Compare every file of `programs` with the record of its installation."""
    files, changed, in_place = 0, [], []
    for name in programs:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            changed.append(f"{name} is not installed")
            continue
        if _is_in_place(found):
            in_place.append(name)
            continue
        count, wrong = _compared(found)
        files += count
        changed += wrong
        if not count:
            changed.append(f"{name} has no record")
    return Installed(files, tuple(changed), tuple(in_place))


def _is_in_place(found: Distribution) -> bool:
    text = found.read_text("direct_url.json")
    if text is None:
        return False
    told = json.loads(text)
    return bool(told.get("dir_info", {}).get("editable"))


def _compared(found: Distribution) -> tuple[int, list[str]]:
    """How many files were compared, and which are not what they should be."""
    known: set[Path] = set()
    folders: set[Path] = set()
    changed: list[str] = []
    count = 0
    for file in found.files or ():
        path = Path(str(file.locate())).resolve()
        known.add(path)
        if file.hash is None:
            continue  # the record itself, and what is compiled after it
        count += 1
        if file.suffix == ".py":
            folders.add(path.parent)
        if not path.is_file() or _hash(path) != file.hash.value:
            changed.append(str(file))
    changed += sorted(str(path) for path in _strangers(folders, known))
    return count, changed


def _strangers(folders: set[Path], known: set[Path]) -> Iterator[Path]:
    """Modules that lie among those of a release and are no part of it."""
    for folder in folders:
        yield from (path for path in folder.glob("*.py") if path.resolve() not in known)


def _hash(path: Path) -> str:
    digest = sha256(path.read_bytes()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
