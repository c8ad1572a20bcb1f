"""Words of strangers: whatever a shell, a file or a venue hands over as text, UTF-8 can hold it."""

from __future__ import annotations


def legible(text: str) -> str:
    """`text` with a question mark for whatever is no character.

    A shell's argument of odd bytes, or half a pair in JSON, becomes a text that neither a database
    nor a mail takes.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


SAID_MAX = 1000
"""Characters of what a person says for the record."""


def one_line(text: str) -> str:
    """`text` as one line of printable characters, `SAID_MAX` at most.

    What a person gives as a reason stands in alerts, mails and reports among other lines: with a
    line end of its own it could say something there that nobody found.
    """
    shown = "".join(each if each.isprintable() else " " for each in legible(text))
    return " ".join(shown.split())[:SAID_MAX]
