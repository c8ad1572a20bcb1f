"""How old a key is, by its owner's word: the venue does not say, so a person attests it once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from trader247.adapters.files import private_folder, read_small, write_atomically
from trader247.core.keys import AGE_MAX, AGE_WARN
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError, UsageError
from trader247.domain.time import DAY, Instant

_FILE = "key-ages.json"
_BYTES_MAX = 65_536
ATTEST = "trader247 key attest --created YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a person said of a key: when it was created."""

    created: Instant
    said_at: Instant
    operator: str

    def age_days(self, now: Instant) -> int:
        """The key's age in whole days."""
        return (now - self.created) // DAY


def attest(data: Path, key_name: str, attestation: Attestation) -> None:
    """Remember when a key was created.

    Raises:
        UsageError: it is to have been created in the future.
        StorageError, UnsafePermission: the folder cannot be used.
    """
    if attestation.created > attestation.said_at:
        raise UsageError(
            f"a key created on {attestation.created} would be of the future",
            hint="--created takes the day on which the key was made, in UTC",
        )
    private_folder(data)
    known = dict(_known(data))
    known[_fingerprint(key_name)] = {
        "created": str(attestation.created),
        "said_at": str(attestation.said_at),
        "operator": attestation.operator,
    }
    write_atomically(data / _FILE, json.dumps(known, indent=1, sort_keys=True).encode())


def attestation_of(data: Path, key_name: str) -> Attestation | None:
    """What was said of a key; None where nobody said anything.

    Raises:
        StorageError: the record is there and cannot be read.
    """
    found = _known(data).get(_fingerprint(key_name))
    if found is None:
        return None
    try:
        return Attestation(
            Instant.parse(found["created"]), Instant.parse(found["said_at"]), found["operator"]
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _unreadable(data, error) from error


def remark_on_age(attestation: Attestation | None, now: Instant) -> str:
    """What a person should know of the key's age; empty where all is well."""
    if attestation is None:
        return "the key's age is unknown: nobody has attested it"
    days = attestation.age_days(now)
    if now - attestation.created >= AGE_MAX:
        return f"the key is {days} days old, over {AGE_MAX // DAY}: make a new one now"
    if now - attestation.created >= AGE_WARN:
        return f"the key is {days} days old: make a new one before day {AGE_MAX // DAY}"
    return ""


def _known(data: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        body = json.loads(read_small(data / _FILE, bytes_max=_BYTES_MAX))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(data, error) from error
    if not isinstance(body, dict):
        raise _unreadable(data, TypeError("it is no object"))
    return body


def _fingerprint(key_name: str) -> str:
    # The name is no secret, but a file of names is nobody's business either.
    return sha256(key_name.encode()).hexdigest()[:16]


def _unreadable(data: Path, error: Exception) -> StorageError:
    return StorageError(
        f"{data / _FILE} cannot be read: {error}", hint=f"remove it, and say it again: {ATTEST}"
    )
