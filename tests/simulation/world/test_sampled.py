"""A key that makes and verifies one signature in sixteen: no wrong one passes by it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.domain.time import Instant
from trader247.simex.door.bearer import Token, read_token
from trader247.simex.door.key_files import new_keys
from trader247.simex.door.keyring import Key
from trader247.simulation.world.sampled import Sampled

NOW = Instant(1_767_225_600_000_000)
NONE = bytes(64)


class Door:
    """Who signs with a new key, what stands for it at the exchange, and the key itself."""

    def __init__(self) -> None:
        _, made, _, _ = new_keys("an-organization", ("1", "2", "3", "4"))
        written = json.loads(made.content)
        self.signer = Signer(Credentials(written["name"], written["privateKey"]), now=lambda: NOW)
        self.signing = Sampled.of(made.key.public)
        self.real: Key = made.key
        self.key = replace(made.key, public=self.signing.public)

    def token(self) -> Token:
        token = read_token(f"Bearer {self.signer.token(method='GET', host='here', path='/a')}")
        assert token is not None
        return token


@pytest.fixture
def door() -> Door:
    return Door()


def test_the_first_are_signed_and_then_one_in_sixteen(door: Door) -> None:
    with door.signing.between():
        tokens = [door.token() for _ in range(160)]
    assert all(each.is_signed_by(door.key) for each in tokens)
    signed = [at for at, each in enumerate(tokens, 1) if each.signature != NONE]
    assert signed == [*range(1, 65), *range(80, 161, 16)]
    assert all(tokens[at - 1].is_signed_by(door.real) for at in signed)


def test_whatever_is_signed_is_verified(door: Door) -> None:
    stranger = Ed25519PrivateKey.generate()
    with door.signing.between():
        tokens = [door.token() for _ in range(160)]
    for each in tokens:
        forged = each._replace(signature=stranger.sign(each.signed))
        assert not forged.is_signed_by(door.key)
        if each.signature != NONE:
            assert not each._replace(signed=each.signed + b"0").is_signed_by(door.key)


def test_outside_of_it_each_is_signed(door: Door) -> None:
    with door.signing.between():
        for _ in range(100):
            door.token()
    assert all(door.token().is_signed_by(door.real) for _ in range(32))
