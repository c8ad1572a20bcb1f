"""Where the key comes from: a file that is the user's alone, and never the environment's content.

A path is no secret. A key's content in the environment is one that every child process, crash
report and `ps e` shows; it is refused, whoever put it there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.key_content import credentials_in
from trader247.adapters.files import read_secret
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import KeyRejected, UnsafePermission, UsageError

FILE_VARIABLE = "CB_API_SECRET_FILE"
NAME_VARIABLE = "CB_API_KEY_NAME"
"""The key's name, where the file holds a bare private key: a name is no secret."""
SYSTEMD_VARIABLE = "CREDENTIALS_DIRECTORY"
SYSTEMD_NAME = "coinbase-key"
"""What the service's unit calls it: `LoadCredential=coinbase-key:/path/to/key.json`."""
BYTES_MAX = 16_384
_OURS = re.compile(r"(CB|COINBASE|CDP|TRADER247)_")
_SECRET = re.compile(r"(SECRET|PRIVATE_?KEY|PASSPHRASE)\Z")
_BASE64_KEY = re.compile(r"[A-Za-z0-9+/]{42,87}={1,2}")
_PATH_MAX = 1024
GIVE_ONE = (
    f"--key-file PATH, or {FILE_VARIABLE}=PATH; `trader247 key check` says step by step what a "
    "key lacks"
)


@dataclass(frozen=True, slots=True)
class KeySource:
    """The file that holds the key, and who named it."""

    path: Path
    origin: str
    is_from_root: bool = False

    def text(self) -> str:
        """The file's content.

        Raises:
            UsageError: there is no such file, or it is no text.
            UnsafePermission: it is not this user's alone.
        """
        try:
            content = read_secret(self.path, bytes_max=BYTES_MAX, is_from_root=self.is_from_root)
        except OSError as error:
            raise UsageError(
                f"the key file {self.path} ({self.origin}) cannot be read: "
                f"{error.strerror or error}",
                hint=GIVE_ONE,
            ) from error
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(
                f"the key file {self.path} ({self.origin}) is no text",
                hint="it is the JSON file that was downloaded when the key was created",
            ) from None

    def credentials(self, environment: Mapping[str, str] | None = None) -> Credentials:
        """The key.

        Raises:
            UsageError, UnsafePermission: as `text` says.
            KeyRejected: the file holds no key.
        """
        found = os.environ if environment is None else environment
        try:
            return credentials_in(self.text(), name=found.get(NAME_VARIABLE) or None)
        except KeyRejected as error:
            raise KeyRejected(f"{self.path}: {error}", hint=error.hint) from None


def key_source(
    option: Path | None,
    *,
    environment: Mapping[str, str] | None = None,
    default: Path | None = None,
) -> KeySource | None:
    """Where the key is: `--key-file`, else the environment's file, else systemd's credentials.

    `default` is where a simulation leaves its own. None means that no key was given at all.

    Raises:
        UnsafePermission: a key's content stands in the environment.
    """
    found = os.environ if environment is None else environment
    expect_no_key_in(found)
    return named_source(option, found, default=default)


def named_source(
    option: Path | None, found: Mapping[str, str], *, default: Path | None
) -> KeySource | None:
    """As `key_source`, but what else stands in the environment is not judged.

    Raises:
        UsageError: what is named is a key's content, not the path of one.
    """
    named = found.get(FILE_VARIABLE)
    if option is not None:
        # The option's own variable may have filled it in.
        return _named(option, FILE_VARIABLE if str(option) == named else "--key-file")
    if named:
        return _named(Path(named), FILE_VARIABLE)
    if folder := found.get(SYSTEMD_VARIABLE):
        path = Path(folder) / SYSTEMD_NAME
        if path.exists():
            return KeySource(path, "systemd's credentials", is_from_root=True)
    if default is not None and default.exists():
        return KeySource(default, "the served simulation's own")
    return None


def _named(path: Path, origin: str) -> KeySource:
    text = str(path)
    if "PRIVATE KEY" in text or len(text) > _PATH_MAX or _BASE64_KEY.fullmatch(text):
        # Whatever is said of the path from here on shows it.
        raise UsageError(
            f"{origin} holds a key itself, not the path of a key file",
            hint="write the key to a file of mode 0600, and name that",
        )
    return KeySource(path.expanduser(), origin)


def expect_no_key_in(environment: Mapping[str, str]) -> None:
    """Refuse an environment that holds a key itself instead of the path of one.

    Raises:
        UnsafePermission: it does; the message names the variable alone.
    """
    for name, value in environment.items():
        if not value or not _OURS.match(name):
            continue
        is_content = "PRIVATE KEY" in value or _SECRET.search(name) is not None
        if is_content:
            raise UnsafePermission(
                f"the environment variable {name} holds a key: every program that is started "
                "from here can read it",
                hint=f"unset {name}, keep the key in a file of mode 0600, and name that with "
                f"--key-file or {FILE_VARIABLE}",
            )
