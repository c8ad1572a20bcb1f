from __future__ import annotations

import base64

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.adapters.coinbase.scripted import START

from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.key_text import private_key

EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)
EC_PEM = EC.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
ED_PEM = ED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
ED_PUBLIC = ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SECRETS = {
    "ec pem": (EC_PEM, "ES256"),
    "ec pem with literal line ends": (EC_PEM.replace("\n", "\\n"), "ES256"),
    "ed25519 pem": (ED_PEM, "EdDSA"),
    "ed25519 seed": (base64.b64encode(b"k" * 32).decode(), "EdDSA"),
    "ed25519 seed and public key": (base64.b64encode(b"k" * 32 + ED_PUBLIC).decode(), "EdDSA"),
    "ed25519 with a line end": (base64.b64encode(b"k" * 32).decode() + "\n", "EdDSA"),
}


def signer(secret: str, **options: int) -> Signer:
    return Signer(Credentials("name", secret), now=lambda: START, nonce=lambda: "ab", **options)


@pytest.mark.parametrize("name", list(SECRETS))
def test_a_token_says_what_the_venue_asks_for(name: str) -> None:
    secret, algorithm = SECRETS[name]
    token = signer(secret).token(method="GET", host="host.test", path="/a/b")
    key = EC.public_key() if algorithm == "ES256" else ED.public_key()
    claims = jwt.decode(
        token, key, algorithms=[algorithm], options={"verify_exp": False, "verify_nbf": False}
    )
    assert claims == {
        "sub": "name",
        "iss": "cdp",
        "nbf": START.seconds,
        "exp": START.seconds + 30,
        "uri": "GET host.test/a/b",
    }
    assert jwt.get_unverified_header(token) == {
        "alg": algorithm,
        "kid": "name",
        "nonce": "ab",
        "typ": "JWT",
    }


def test_a_token_lives_30_or_120_seconds_and_nothing_else() -> None:
    assert signer(ED_PEM, seconds=120) is not None
    with pytest.raises(ValueError, match="60"):
        signer(ED_PEM, seconds=60)


def test_a_token_is_the_one_that_the_library_would_make() -> None:
    about = {"uri": "GET api.coinbase.com/api/v3/brokerage/time"}
    claims = {"sub": "key", "iss": "cdp", "nbf": START.seconds, "exp": START.seconds + 30, **about}
    key, _ = private_key(ED_PEM)
    headers = {"kid": "key", "nonce": "5"}
    made = Signer(Credentials("key", ED_PEM), now=lambda: START, nonce=lambda: "5").token(
        method="GET", host="api.coinbase.com", path="/api/v3/brokerage/time"
    )
    assert made == jwt.encode(claims, key, algorithm="EdDSA", headers=headers)


def test_a_secret_does_not_show_itself() -> None:
    credentials = Credentials("name", EC_PEM)
    assert "PRIVATE" not in repr(credentials)
    assert "PRIVATE" not in str(vars(Signer(credentials, now=lambda: START)))


def test_the_simulated_key_signs() -> None:
    token = Signer(Credentials.simulated(), now=lambda: START).token(
        method="GET", host="h", path="/p"
    )
    assert jwt.get_unverified_header(token)["alg"] == "EdDSA"
