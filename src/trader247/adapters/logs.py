"""The log for people: one line an entry, on stderr and in DATA/logs/trader247.log.

A terminal shows an alert as what it says, and the rest is in the file.

The journal is the record; this is to be read. Whatever text comes from outside is bounded, its
control characters are escaped so that it can forge no line, and secrets are taken out last, after
every value and every traceback has been put in.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import unicodedata
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from trader247.adapters.files import private_folder
from trader247.adapters.redaction import Redactor
from trader247.domain.lines import fitted
from trader247.domain.time import Instant

FOLDER = "logs"
FILE = "trader247.log"
ROOT = "trader247"

MESSAGE_MAX = 2_000
TRACE_MAX = 12_000
LINE_MAX = 16_000
SEARCHED_MAX, SECRET_MAX = 64_000, 8_000
"""Of a longer text the beginning is searched for secrets, none of which is longer than that."""
BYTES_MAX = 10_000_000
FILES_KEPT = 5

_NOISY = {"coinbase": logging.WARNING, "urllib3": logging.WARNING, "requests": logging.WARNING}
"""Libraries that would log whole answers at DEBUG."""

_YELLOW, _RED, _PLAIN = "\x1b[33m", "\x1b[1;31m", "\x1b[0m"

_SILENT = ("apprise",)
"""Libraries that log the addresses, with their passwords, to which they send."""


def escaped(text: str) -> str:
    """Text with every character that could move the cursor, hide or begin a line spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(each) for each in text)


def _spelled(character: str) -> str:
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    # Controls, formats (bidirectional, zero width), surrogates, line and paragraph separators.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return f"\\u{ord(character):04x}"
    return character


class LineFormatter(logging.Formatter):
    """`TIME level=… logger=… message` on one line, whatever the message holds."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = f"unreadable log entry {record.msg!r}"
        line = (
            f"{Instant(int(record.created * 1_000) * 1_000)} level={record.levelname} "
            f"logger={record.name} {self._safe(message, MESSAGE_MAX)}"
        )
        if record.exc_info:
            line += f' trace="{self._safe(self.formatException(record.exc_info), TRACE_MAX)}"'
        return _capped(line, LINE_MAX)

    def _safe(self, text: str, most: int) -> str:
        """Without secrets and controls, and not longer than may be shown.

        Ten megabytes take seconds to search, and a trader waits: what is far behind the end of what
        is shown is not searched. A secret that was cut there is no longer known as one: nothing
        close to the cut is shown.
        """
        if len(text) > SEARCHED_MAX:
            known = escaped(self._redactor.redacted(text[:SEARCHED_MAX])[:-SECRET_MAX])
            return f"{known[:most]}\u2026({len(text)} characters)"
        return _capped(escaped(self._redactor.redacted(text)), most)


class ScreenFormatter(LineFormatter):
    """`LEVEL message` for somebody who looks at a terminal, broken between words.

    What carries the text of an alert, as `said`, shows that alone: the file has the rest.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(redactor)
        self._is_coloured = "NO_COLOR" not in os.environ

    def format(self, record: logging.LogRecord) -> str:
        said = getattr(record, "said", None)
        if said is None:
            return super().format(record)
        text = self._safe(said, MESSAGE_MAX)
        width = shutil.get_terminal_size().columns
        lines = fitted(f"{record.levelname} {text}", width, hanging="  ")
        if self._is_coloured and record.levelno >= logging.WARNING:
            tone = _RED if record.levelno >= logging.ERROR else _YELLOW
            lines[0] = lines[0].replace(record.levelname, f"{tone}{record.levelname}{_PLAIN}", 1)
        return "\n".join(lines)


class PrivateFileHandler(RotatingFileHandler):
    """A log of bounded size that only its owner can read.

    A log that cannot be written stops no one: the failure is said once, on stderr.
    """

    _has_failed = False

    def _open(self) -> TextIO:  # type: ignore[override]  # a text stream, as with mode "a"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.baseFilename, flags, 0o600)
        os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  # logging's
        if not self._has_failed:
            self._has_failed = True
            failure = sys.exc_info()[1]
            sys.stderr.write(f"trader247: the log file takes no more: {escaped(str(failure))}\n")


def setup(
    data: Path,
    redactor: Redactor,
    *,
    level: int = logging.INFO,
    screen_level: int | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send every log of this process to stderr (or `stream`) and to the data folder's file.

    `screen_level` is what stderr shows from, where that is not `level`.

    Raises:
        StorageError, UnsafePermission: the folder cannot be used.
    """
    folder = data / FOLDER
    private_folder(folder)
    out = stream or sys.stderr
    screen = logging.StreamHandler(out)
    screen.setFormatter(ScreenFormatter(redactor) if out.isatty() else LineFormatter(redactor))
    file = PrivateFileHandler(
        folder / FILE, maxBytes=BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    file.setFormatter(LineFormatter(redactor))
    for handler, least in ((screen, screen_level or level), (file, level)):
        handler.setLevel(least)
    root = logging.getLogger()
    close()
    root.setLevel(level)
    root.addHandler(screen)
    root.addHandler(file)
    for name, quiet in _NOISY.items():
        logging.getLogger(name).setLevel(max(quiet, level))
    for name in _SILENT:
        silent = logging.getLogger(name)
        silent.setLevel(logging.CRITICAL + 1)
        silent.propagate = False


def close() -> None:
    """Take our handlers away again and close the file."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, LineFormatter):
            root.removeHandler(handler)
            handler.close()


def _capped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…({len(text)} characters)"
