"""New API keys for a served exchange: a file for the client, a public half for the keyring."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trader247.simex.door.keyring import Key


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One key and the file that its holder gets; the content holds the secret."""

    name: str
    content: bytes
    key: Key


def new_keys(organization: str, key_ids: tuple[str, str, str, str]) -> tuple[KeyFile, ...]:
    """The four keys that clients want to be tried with, the ordinary one first.

    It trades and is on P-256, which everyone accepts; the second trades and is Ed25519, the third
    only looks, the fourth may also move money out, as no trading program's key should.
    """
    trade, modern, view, transfer = (
        f"organizations/{organization}/apiKeys/{each}" for each in key_ids
    )
    return (
        _p256("key.json", trade),
        _ed25519("key-ed25519.json", modern),
        _p256("key-view.json", view, can_trade=False),
        _p256("key-transfer.json", transfer, can_transfer=True),
    )


def _p256(file: str, name: str, *, can_trade: bool = True, can_transfer: bool = False) -> KeyFile:
    secret = ec.generate_private_key(ec.SECP256R1())
    # The official client knows an elliptic key by its old heading.
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    key = Key(name, secret.public_key(), can_trade=can_trade, can_transfer=can_transfer)
    return KeyFile(file, _content(name, pem), key)


def _ed25519(file: str, name: str) -> KeyFile:
    secret = ed25519.Ed25519PrivateKey.generate()
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyFile(file, _content(name, pem), Key(name, secret.public_key()))


def _content(name: str, pem: bytes) -> bytes:
    return json.dumps({"name": name, "privateKey": pem.decode()}, indent=2).encode() + b"\n"
