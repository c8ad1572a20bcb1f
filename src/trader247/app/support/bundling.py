"""A bundle for a helper: what is needed to understand a trader, and nothing that is secret.

Each part is gathered by itself. One that cannot be had, because the configuration or the journal is
what is broken, is named with its reason: that is when a bundle is wanted most.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import platform
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from trader247.adapters.files import read_small
from trader247.adapters.redaction import Redactor
from trader247.app.books.choice import Choice
from trader247.app.books.places import books_in
from trader247.app.books.reading import opened
from trader247.app.books.status import status_of
from trader247.app.books.verifying import verified
from trader247.app.outside.health import health_of
from trader247.app.outside.telling import secrets_of
from trader247.app.settings import app_file, policy_file, universe_file
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import find_config
from trader247.app.settings.secrets import Secret
from trader247.app.support.discretion import Discretion
from trader247.app.wall import wall_clock
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError, Trader247Error, UsageError

EVENTS_MAX = 2_000
LOG_MAX = 1_000_000
_CONFIG_MAX = 262_144
_FILES_MAX = 2_000
_LIBRARIES = ("apsw", "coinbase-advanced-py", "requests", "pydantic", "numpy", "rich", "typer")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle: what it is, how large, or why it is not there."""

    name: str
    what: str
    size: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written, and where; `path` is None where it was only shown."""

    path: Path | None
    parts: tuple[Part, ...]
    with_amounts: bool


@dataclass(frozen=True, slots=True)
class _Source:
    choice: Choice
    discretion: Discretion


def bundle(choice: Choice, path: Path | None, *, with_amounts: bool) -> Bundle:
    """Gather a bundle and write it to `path`; without one it is only said what would be in it.

    Raises:
        UsageError: there is such a file already.
        StorageError: the disk did not take it.
    """
    if path is not None and path.exists():
        raise UsageError(f"{path} is there already", hint="name a new file")
    source = _Source(choice, _discretion(choice, with_amounts=with_amounts))
    parts: list[Part] = []
    contents: dict[str, bytes] = {}
    for name, (what, gather) in _PARTS.items():
        try:
            content = gather(source).encode(errors="replace")
        except (Trader247Error, OSError, ValueError) as error:
            words = source.discretion.text(str(error))
            parts.append(Part(name, what, 0, words or type(error).__name__))
            continue
        contents[name] = content
        parts.append(Part(name, what, len(content)))
    found = Bundle(path, tuple(parts), with_amounts)
    if path is not None:
        contents["MANIFEST.txt"] = manifest(found).encode()
        _write(path, contents)
    return found


def manifest(found: Bundle) -> str:
    """What is in a bundle, a line each, and what was taken out."""
    lines = [f"{each.name}: {each.trouble or each.what}" for each in found.parts]
    amounts = "kept" if found.with_amounts else "hidden"
    return "\n".join(
        [
            "Support bundle of trader247.",
            "Taken out: keys, tokens, addresses of channels, mail addresses, names of people and "
            f"of the machine; ids are replaced by others; amounts, prices and sizes: {amounts}.",
            "",
            *lines,
            "",
        ]
    )


def _discretion(choice: Choice, *, with_amounts: bool) -> Discretion:
    redactor = Redactor()
    for secret in _secrets(choice):
        redactor.register(secret.reveal())
    names = (str(Path.home()), os.uname().nodename, _user())
    return Discretion(redactor.redacted, names=names, with_amounts=with_amounts)


def _secrets(choice: Choice) -> tuple[Secret, ...]:
    """What the settings name; where those are broken, a secret is told by its shape alone."""
    try:
        return secrets_of(load_settings(choice.config).app)
    except Trader247Error:
        return ()


def _user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        return ""
    # Short and common words would tear holes into everything else.
    return name if len(name) > 3 and name != "root" else ""


def _about(_: _Source) -> str:
    return _json(
        {
            "trader247": version("trader247"),
            "python": sys.version,
            "platform": platform.platform(),
            "libraries": {name: version(name) for name in _LIBRARIES},
            "at": str(wall_clock()),
        }
    )


def _config(file: str) -> Callable[[_Source], str]:
    def gather(source: _Source) -> str:
        path = find_config(source.choice.config).path(file)
        text = read_small(path, bytes_max=_CONFIG_MAX).decode(errors="replace")
        return source.discretion.configuration(text)

    return gather


def _files(source: _Source) -> str:
    """Names, sizes and modes of the data folder; no content."""
    data = source.choice.data
    found: list[Mapping[str, object]] = []
    for path in sorted(data.rglob("*"))[:_FILES_MAX]:
        status = path.lstat()
        name = str(path.relative_to(data))
        found.append({"file": name, "bytes": status.st_size, "mode": oct(status.st_mode & 0o7777)})
    return _json(source.discretion.value({"files": found}))


def _health(source: _Source) -> str:
    return _json(source.discretion.value({"facts": _plain(health_of(source.choice).facts)}))


def _status(source: _Source) -> str:
    status = status_of(source.choice)
    return _json(source.discretion.value(_plain(asdict(status.overview))))


def _verified(source: _Source) -> str:
    found = verified(source.choice)
    return _json(
        source.discretion.value(
            {
                "market": found.market,
                "events": found.events,
                "cycles": found.cycles,
                "head_hash": found.head_hash,
                "problems": list(found.problems),
                "notes": list(found.notes),
            }
        )
    )


def _events(source: _Source) -> str:
    with opened(source.choice) as book:
        rows = [each.as_json() for each in book.journal.events(limit=EVENTS_MAX)]
    return "".join(f"{json.dumps(source.discretion.value(row))}\n" for row in rows)


def _alerts(source: _Source) -> str:
    with opened(source.choice) as book:
        rows = book.journal.alerts(limit=EVENTS_MAX)
        return "".join(
            f"{json.dumps(source.discretion.value(_plain(asdict(row))))}\n" for row in rows
        )


def _books(source: _Source) -> str:
    return _json({"books": [each.book for each in books_in(source.choice.data)]})


def _log(source: _Source) -> str:
    """The newest part of the people's log, beginning with a whole line."""
    path = source.choice.data / "logs" / "trader247.log"
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_MAX))
        content = file.read(LOG_MAX)
    if size > LOG_MAX:
        content = content.partition(b"\n")[2]
    return source.discretion.text(content.decode(errors="replace"))


_PARTS: Mapping[str, tuple[str, Callable[[_Source], str]]] = {
    "about.json": ("versions of the program, its libraries and the machine", _about),
    "books.json": ("which books the data folder has", _books),
    "files.json": ("names, sizes and modes of its files, no content", _files),
    "config/app.yaml": ("the file, its secrets taken out", _config(app_file.FILE)),
    "config/policy.yaml": ("the file", _config(policy_file.FILE)),
    "config/universe.yaml": ("the file", _config(universe_file.FILE)),
    "health.json": ("what `trader247 health` says", _health),
    "status.json": ("what `trader247 status` says", _status),
    "verify.json": ("what `trader247 state verify` says", _verified),
    "events.jsonl": (f"the newest {EVENTS_MAX:,} events of the journal", _events),
    "alerts.jsonl": ("alerts, and what became of them", _alerts),
    "trader247.log": ("the newest part of the log", _log),
}


def _plain(value: Any) -> Any:
    """As JSON holds it: figures as decimal text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if hasattr(value, "__dataclass_fields__") and not hasattr(value, "value"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    inner = getattr(value, "value", None)
    return inner if isinstance(inner, str) else str(value)


def _json(body: object) -> str:
    return json.dumps(body, indent=1, sort_keys=True) + "\n"


def _write(path: Path, contents: Mapping[str, bytes]) -> None:
    """Raises StorageError: the disk did not take it; nothing is left of it."""
    root = path.name.split(".")[0] or "bundle"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with (
                os.fdopen(descriptor, "wb") as file,
                tarfile.open(fileobj=file, mode="w:gz") as tar,
            ):
                for member in _members(root, contents):
                    tar.addfile(*member)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror or error}",
            hint="name a file in a folder of yours",
        ) from error


def _members(
    root: str, contents: Mapping[str, bytes]
) -> Iterator[tuple[tarfile.TarInfo, io.BytesIO]]:
    for name, content in sorted(contents.items()):
        info = tarfile.TarInfo(f"{root}/{name}")
        info.size, info.mode = len(content), 0o600
        yield info, io.BytesIO(content)
