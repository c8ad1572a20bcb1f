"""Sentences on lines of a terminal: broken between words, and a command to copy stays whole."""

from __future__ import annotations

import re
import textwrap

_COMMAND = re.compile(r"trader247 [^;,()`]*?(?=[;,()`]|\.(?: |$)|$)")
"""A command of ours up to where a sentence goes on; the words behind it may come along."""
_HELD = "\x00"
"""Stands for a blank that no line is broken at."""


def fitted(text: str, width: int, *, indent: str = "", hanging: str = "") -> list[str]:
    """`text` on lines of at most `width` columns; a longer word or command has a line of its own.

    The first line begins with `indent`, each further one with `hanging`. A command keeps to one
    line because a shell runs the first of two.
    """
    held = _COMMAND.sub(lambda found: found[0].rstrip().replace(" ", _HELD) + _tail(found[0]), text)
    lines = textwrap.wrap(
        held,
        width,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines] or [""]


def _tail(found: str) -> str:
    """The blanks at the end of what was found."""
    return found[len(found.rstrip()) :]
