"""The folder that clients of a served exchange look into: whom to trust, and keys to sign with.

`ca.pem` is what a client trusts, `key.json` what the official client takes as its key file. Beside
it lie an Ed25519 key, one that only looks and one that may transfer; `keys.json` is what the server
itself knows of them, and holds no secret. `admin.token` opens what only the operator may do.
"""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from trader247.adapters.files import private_folder, read_small, write_atomically
from trader247.adapters.ids import INSTALL_HEX, new_install
from trader247.adapters.sim_operator import ADMIN_TOKEN
from trader247.app.venue.endpoint import SERVED_AS
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant
from trader247.simex.door.authority import is_still_good, issue
from trader247.simex.door.key_files import new_keys
from trader247.simex.door.keyring import Keyring

SERVED_AT = "served.at"
_BYTES_MAX = 1 << 20
_HINT = "remove the folder: a new one is made, and its clients have to be told"


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificate, key and authority of one server, the keys of its clients, its operator's."""

    authority: Path
    server: Path
    server_key: Path
    client_key: Path
    keyring: Keyring
    admin_token: str = field(repr=False)


def trust_in(folder: Path, now: Instant) -> Trust:
    """What is in the folder, made where it is not there; a certificate is renewed in time.

    Raises:
        UnsafePermission: the folder is someone else's, or open to everyone.
        StorageError: a file cannot be read or written.
    """
    private_folder(folder)
    authority, server, server_key = (
        folder / name for name in ("ca.pem", "server.pem", "server-key.pem")
    )
    moment = datetime.fromtimestamp(now.seconds, UTC)
    if not (authority.exists() and server_key.exists() and _is_good(server, moment)):
        made = issue(moment)
        # The certificate goes last: where it is, the other two are.
        write_atomically(server_key, made.server_key)
        write_atomically(authority, made.authority)
        write_atomically(server, made.server)
    return Trust(
        authority=authority,
        server=server,
        server_key=server_key,
        client_key=folder / "key.json",
        keyring=_keyring(folder),
        admin_token=_admin_token(folder),
    )


def tell_where(folder: Path, port: int, exchange: str) -> None:
    """Write down where the server of this folder listens, and which it is. Raises StorageError."""
    write_atomically(folder / SERVED_AS, f"{exchange}\n".encode())
    write_atomically(folder / SERVED_AT, f"localhost:{port}\n".encode())


def served_at(folder: Path) -> str:
    """Where the server of this folder listens, `localhost:8443`.

    Raises:
        StorageError: the folder does not say: no server was started with it.
    """
    if not (folder / SERVED_AT).exists():
        raise StorageError(
            f"no server was started with {folder}: there is no {SERVED_AT} in it",
            hint="trader247 sim serve prints the folder of its keys at start: name it with "
            "--tls-dir",
        )
    host = _read(folder / SERVED_AT).decode("ascii", "replace").strip()
    name, _, port = host.rpartition(":")
    if not name or not port.isdigit():
        raise StorageError(
            f"{folder / SERVED_AT} does not say where the server is", hint="start the server again"
        )
    return host


def save_keyring(folder: Path, keyring: Keyring) -> None:
    """Write down what the keys may do by now. Raises StorageError."""
    write_atomically(folder / "keys.json", keyring.to_json().encode())


def _admin_token(folder: Path) -> str:
    kept = folder / ADMIN_TOKEN
    if not kept.exists():
        write_atomically(kept, new_install().encode() + b"\n")
    token = _read(kept).decode("ascii", "replace").strip()
    if len(token) != INSTALL_HEX:
        raise StorageError(f"{kept} holds no token", hint=f"remove {kept}: a new one is made")
    return token


def _is_good(server: Path, now: datetime) -> bool:
    if not server.exists():
        return False
    try:
        return is_still_good(_read(server), now)
    except ValueError as error:
        raise StorageError(f"{server} is no certificate: {error}", hint=_HINT) from error


def _keyring(folder: Path) -> Keyring:
    known = folder / "keys.json"
    if known.exists():
        try:
            return Keyring.from_json(_read(known).decode())
        except ValueError as error:
            raise StorageError(f"{known} cannot be used: {error}", hint=_HINT) from error
    files = new_keys(_new_id(), (_new_id(), _new_id(), _new_id(), _new_id()))
    for each in files:
        write_atomically(folder / each.name, each.content)
    keyring = Keyring(each.key for each in files)
    write_atomically(known, keyring.to_json().encode())
    return keyring


def _new_id() -> str:
    return str(UUID(new_install()[:32], version=4))


def _read(path: Path) -> bytes:
    try:
        return read_small(path, bytes_max=_BYTES_MAX)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read: {error.strerror or error}", hint=_HINT
        ) from error
