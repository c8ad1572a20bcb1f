"""What came of a deed, for a person."""

from __future__ import annotations

from textwrap import TextWrapper
from typing import Any

from trader247.app.serving.doing import Done
from trader247.cli.figures import to_the_second
from trader247.cli.output import show, width_of


def tell(done: Done) -> None:
    """Show what came of it, a line a fact."""
    told = dict(done.told)
    action, time = told.pop("action"), told.pop("time")
    through = f"served at {done.server}" if done.server else "not served"
    # Names of keys are longer than a line, and must stay whole to be of use.
    lines = TextWrapper(
        width_of() - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    show(to_the_second(f"{action}: done on {done.book} ({through}), at {time}"))
    for name, value in told.items():
        for line in _lines(name.replace("_", " "), value):
            for part in lines.wrap(line):
                show(f"  {part}")


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{name} {key.replace('_', ' ')}: {_flat(each)}" for key, each in value.items()]
    if isinstance(value, list):
        return [f"{name} {_flat(each)}" for each in value] or [f"no {name}"]
    return [f"{name}: {_flat(value)}"]


def _flat(value: Any) -> str:
    """A nested value on one line: what is off or empty goes without saying."""
    if isinstance(value, dict):
        told = {key: each for key, each in value.items() if each not in (False, None, "")}
        said = [f"{key} {_flat(each)}" for key, each in told.items()]
        return ", ".join(part.removesuffix(" yes") for part in said)
    return "yes" if value is True else "no" if value is False else str(value)
