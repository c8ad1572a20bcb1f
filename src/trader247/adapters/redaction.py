"""What must never be seen, taken out of text just before it leaves us.

Secrets are known two ways: those that were registered when they were read, and those that look
like one: keys in PEM, tokens, web hooks, passwords in addresses.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

MARK = "***"

_SHORTEST = 6
"""Shorter secrets would tear holes into ordinary words; they are refused where they are read."""

_PATTERNS = (
    (
        ("-----begin ",),
        re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL),
        MARK,
    ),
    (
        ("eyj",),
        re.compile(r"\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"),
        MARK,
    ),
    (
        ("bearer", "basic", "token"),
        re.compile(r"(?i)\b(bearer|basic|token)(\s+)[A-Za-z0-9._~+/=-]{8,}"),
        rf"\1\2{MARK}",
    ),
    (
        ("://",),
        re.compile(
            r"(?i)(https?://(?:hooks\.|discord(?:app)?\.com/api/webhooks|[^\s/]*webhook)[^\s/]*)"
            r"/[^\s\"'<>]+"
        ),
        rf"\1/{MARK}",
    ),
    (("://",), re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@"), rf"\1{MARK}@"),
    (
        ("?", "&"),
        re.compile(r"(?i)([?&](?:token|key|secret|password|sig|signature)=)[^&\s\"'<>]+"),
        rf"\1{MARK}",
    ),
    # Whoever pastes a command or a file of settings into a comment names what he gives away.
    (
        ("token", "api", "secret", "pass", "pwd"),
        re.compile(
            r"(?i)((?:\b|_)(?:token|api_?-?key|secret|passw(?:or)?d|passphrase|pwd)"
            r"(?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?)[^\s\"'<>,;&\\]{6,}"
        ),
        rf"\1{MARK}",
    ),
    (
        ("@",),
        re.compile(r"(?<![\w:/])([\w.+-]+):[^\s:@/\"'<>]{4,}(@[\w-])"),
        rf"\1:{MARK}\2",
    ),
    (
        ("organizations/",),
        re.compile(r"(organizations/)[0-9a-f-]{8,}(/apiKeys/)[0-9a-f-]{8,}"),
        rf"\1{MARK}\2{MARK}",
    ),
)
"""What looks like a secret, each after words of which one stands in it, in small letters: most
lines have none of them, and to look for a word is cheap. In a text that is not plain ASCII each is
looked for, since some letters beyond it count as others where case does not."""


class Redactor:
    """Knows this process's secrets. It has no repr that tells them."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()

    def register(self, secret: str) -> None:
        """Take this text out of everything from now on, in each form in which it may appear."""
        text = secret.strip()
        if len(text) < _SHORTEST:
            return
        forms = {text, quote(text, safe=""), json.dumps(text)[1:-1], repr(text)[1:-1]}
        # Longest first: a secret inside another one must not leave the rest of it behind.
        self._known = tuple(sorted({*self._known, *forms}, key=len, reverse=True))

    def redacted(self, text: str) -> str:
        """The text without its secrets."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MARK)
        small = text.lower()
        for words, pattern, replacement in _PATTERNS:
            if not small.isascii() or any(word in small for word in words):
                text = pattern.sub(replacement, text)
                small = text.lower()
        return text
