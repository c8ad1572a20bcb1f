"""Words of strangers: whatever a shell, a file or a venue hands over as text, UTF-8 can hold it."""

from __future__ import annotations


def legible(text: str) -> str:
    """`text` with a question mark for whatever is no character.

    A shell's argument of odd bytes, or half a pair in JSON, becomes a text that neither a database
    nor a mail takes.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
