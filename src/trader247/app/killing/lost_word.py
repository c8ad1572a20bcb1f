"""A way to the venue where what the trader left for an emergency is missing or in ruins.

The trader's word has a second copy in the user's own state folder. Where that is gone too, whoever
types `kill on` may not know by heart which key and which address it takes. A key file of a served
simulation lies beside the certificate to trust and the address; the real venue has one address, and
its key is where a person, the environment or systemd names it. Light to import, and nothing here
judges a file: whatever is wrong with it is said when the venue is asked.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from trader247.adapters.emergency import Emergency, emergency_in
from trader247.adapters.files import read_small
from trader247.app.books.modes import VenueName
from trader247.app.running.traders import state_folder
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

COINBASE_HOST = "api.coinbase.com"
# Named as `serving_files`, `serving_places` and `keys` do, which load what `kill on` must not need.
SERVED_FOLDER = "served-sim.tls"
SERVED_AT = "served.at"
SERVED_KEY, SERVED_CA = "key.json", "ca.pem"
KEY_VARIABLE = "CB_API_SECRET_FILE"
SYSTEMD_VARIABLE, SYSTEMD_NAME = "CREDENTIALS_DIRECTORY", "coinbase-key"
_BYTES_MAX = 256
_NAME_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Way:
    """Where to cancel, whom to trust there, and with which key."""

    host: str
    ca_file: str
    key_file: Path


def second_copy(data: Path) -> Path:
    """Where the trader of a data folder keeps the second copy of its word.

    Raises:
        StorageError: this user has no folder of their own.
    """
    name = sha256(str(data.resolve()).encode()).hexdigest()[:_NAME_DIGITS]
    return state_folder() / "emergency" / f"{name}.json"


def second_word(data: Path, now: Instant) -> Emergency | None:
    """What the second copy says; None where there is none.

    It was not told of each sending: while the trader had not ended, the last one may be of `now`.
    """
    try:
        found = emergency_in(second_copy(data))
    except StorageError:
        return None
    if found is None or found.is_cleared:
        return found
    return replace(found, last_send=now, sent_steady=None)


def way_without_word(
    key_file: Path | None,
    host: str | None,
    *,
    books: Collection[VenueName],
    data: Path,
    environment: Mapping[str, str] | None = None,
) -> Way | None:
    """The way to the venue that LIVE sent to from `data`, or that a person names; None: there is
    none.

    `books` are the venues to which LIVE sends from there. Real money goes first where it is both.
    """
    if key_file is not None:
        beside = served_in(key_file.expanduser().parent)
        if beside is not None and host in (None, beside.host):
            return Way(beside.host, beside.ca_file, key_file)
        return Way(host or COINBASE_HOST, "", key_file)
    if VenueName.COINBASE in books:
        named = _named(os.environ if environment is None else environment)
        # Simulated orders that are gone would prove nothing of the real ones.
        return None if named is None else Way(host or COINBASE_HOST, "", named)
    served = served_in(data / SERVED_FOLDER) if VenueName.SIM in books else None
    if served is not None and host is not None:
        return Way(host, served.ca_file, served.key_file)
    return served


def served_in(folder: Path) -> Way | None:
    """The simulation whose clients' folder this is; None where it is none."""
    try:
        text = read_small(folder / SERVED_AT, bytes_max=_BYTES_MAX).decode("ascii").strip()
    except (OSError, ValueError):
        return None
    name, _, port = text.rpartition(":")
    if name != "localhost" or not port.isdigit():
        return None
    return Way(text, str(folder / SERVED_CA), folder / SERVED_KEY)


def _named(environment: Mapping[str, str]) -> Path | None:
    if named := environment.get(KEY_VARIABLE):
        return Path(named)
    if folder := environment.get(SYSTEMD_VARIABLE):
        path = Path(folder) / SYSTEMD_NAME
        if path.exists():
            return path
    return None
