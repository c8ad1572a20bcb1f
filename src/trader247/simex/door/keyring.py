"""The API keys that an exchange knows: their public halves, and what each may do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `name` is what a token calls it, `public` is what its tokens are verified with."""

    name: str
    public: PublicKey
    can_view: bool = True
    can_trade: bool = True
    can_transfer: bool = False
    is_revoked: bool = False
    algorithm: str = field(init=False, compare=False)
    """The only algorithm that a token of this key may be signed with; asked at each request."""

    def __post_init__(self) -> None:
        is_curve = isinstance(self.public, EllipticCurvePublicKey)
        object.__setattr__(self, "algorithm", "ES256" if is_curve else "EdDSA")


class Keyring:
    """All keys of one exchange, by name."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = {key.name: key for key in keys}

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

    def find(self, name: str) -> Key | None:
        """The key of this name, if there is one and it is not revoked."""
        key = self._keys.get(name)
        return None if key is None or key.is_revoked else key

    def revoke(self, name: str) -> None:
        """No token of this key is in order any more. Raises KeyError: there is no such key."""
        self._keys[name] = replace(self._keys[name], is_revoked=True)

    def restore(self, name: str) -> None:
        """Take a revocation back. Raises KeyError: there is no such key."""
        self._keys[name] = replace(self._keys[name], is_revoked=False)

    def let_transfer(self, name: str, *, is_allowed: bool) -> None:
        """Give a key the right to move money out, or take it. Raises KeyError: there is none."""
        self._keys[name] = replace(self._keys[name], can_transfer=is_allowed)

    def to_json(self) -> str:
        """The whole ring; it holds no secret."""
        rows = [
            {
                "name": key.name,
                "publicKey": key.public.public_bytes(
                    Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
                ).decode(),
                "can_view": key.can_view,
                "can_trade": key.can_trade,
                "can_transfer": key.can_transfer,
                "is_revoked": key.is_revoked,
            }
            for key in self
        ]
        return json.dumps({"keys": rows}, indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> Keyring:
        """The inverse of `to_json`. Raises ValueError: it is no such text."""
        try:
            return Keyring(_key(row) for row in json.loads(text)["keys"])
        except (KeyError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
            raise ValueError(f"no list of keys: {error}") from error


def _key(row: dict[str, str | bool]) -> Key:
    public = load_pem_public_key(str(row["publicKey"]).encode())
    if not isinstance(public, EllipticCurvePublicKey | Ed25519PublicKey):
        raise TypeError("a key is neither on the curve P-256 nor Ed25519")
    flags = {name: bool(row[name]) for name in ("can_view", "can_trade", "can_transfer")}
    return Key(str(row["name"]), public, is_revoked=bool(row["is_revoked"]), **flags)
