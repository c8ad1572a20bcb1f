"""What runs, so that a change of it is seen: the version, and every program that it stands on."""

from __future__ import annotations

import json
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

from trader247.adapters.sqlite.schema import VERSION

OURS = "trader247"

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_DASHES = re.compile(r"[-_.]+")


@cache
def programs() -> str:
    """Each program's version, as canonical JSON: Python, the journal's schema, us and all below.

    What is below us is what our own record asks for, and theirs in turn; extras are no part of it.
    """
    found = {"python": platform.python_version(), "schema": str(VERSION)}
    _take(OURS, found)
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def changes(before: str, now: str) -> str:
    """What differs between two such records, in words; empty where nothing does or is known."""
    if not before or before == now:
        return ""
    old, new = json.loads(before), json.loads(now)
    return ", ".join(
        f"{name} {new.get(name, 'gone')} instead of {old.get(name, 'none')}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def _take(name: str, found: dict[str, str]) -> None:
    try:
        text = distribution(name).read_text("METADATA") or ""
    except PackageNotFoundError:
        return  # asked for on other systems alone
    # The headers alone are read: a description of a hundred pages may follow.
    headers = text.partition("\n\n")[0].splitlines()
    found[name] = _after("Version: ", headers)[0]
    for line in _after("Requires-Dist: ", headers):
        wanted = _NAME.match(line)
        if wanted is None or "extra ==" in line.replace("extra==", "extra =="):
            continue
        below = _DASHES.sub("-", wanted[0]).lower()
        if below not in found:
            _take(below, found)


def _after(header: str, lines: list[str]) -> list[str]:
    return [line.removeprefix(header) for line in lines if line.startswith(header)]
