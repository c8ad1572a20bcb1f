from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters.coinbase.key_text import PrivateKey, private_key
from trader247.domain.errors import KeyRejected

EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def pem(
    key: PrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey,
    form: PrivateFormat = PrivateFormat.PKCS8,
) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


SEC1, PKCS8, ED_PEM = pem(EC, PrivateFormat.TraditionalOpenSSL), pem(EC), pem(ED)
ED_PUBLIC = ED.public_key().public_bytes_raw()
PASTED: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "literal line ends": lambda text: text.replace("\n", "\\n"),
    "line ends escaped twice": lambda text: text.replace("\n", "\\\\n"),
    "from windows": lambda text: text.replace("\n", "\r\n"),
    "literal, from windows": lambda text: text.replace("\n", "\\r\\n"),
    "old mac": lambda text: text.replace("\n", "\r"),
    "one line": lambda text: text.replace("\n", ""),
    "spaces for line ends": lambda text: text.replace("\n", " "),
    "in quotes": lambda text: f'"{text}"',
    "in single quotes, literal": lambda text: "'" + text.replace("\n", "\\n") + "'",
    "indented": lambda text: text.replace("\n", "\n    "),
    "byte order mark": lambda text: "\ufeff" + text,
    "space around": lambda text: f"\n\n  {text}\t\n",
    "no last line end": lambda text: text.rstrip("\n"),
    "without begin and end": lambda text: "".join(text.split("-----")[2].split()),
}
BASE64 = {
    "seed": base64.b64encode(b"k" * 32).decode(),
    "seed and public": base64.b64encode(b"k" * 32 + ED_PUBLIC).decode(),
    "in lines": base64.encodebytes(b"k" * 32 + ED_PUBLIC).decode(),
    "literal line end": base64.b64encode(b"k" * 32).decode() + "\\n",
    "quoted": '"' + base64.b64encode(b"k" * 32).decode() + '"',
}


def public_of(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("shape", list(PASTED))
@pytest.mark.parametrize(
    ("text", "expected", "algorithm"),
    [(SEC1, EC, "ES256"), (PKCS8, EC, "ES256"), (ED_PEM, ED, "EdDSA")],
    ids=["sec1", "pkcs8", "ed25519"],
)
def test_a_key_is_read_however_it_was_pasted(
    shape: str, text: str, expected: PrivateKey, algorithm: str
) -> None:
    found, said = private_key(PASTED[shape](text))
    assert (public_of(found), said) == (public_of(expected), algorithm)


def test_curve_parameters_before_the_key_are_skipped() -> None:
    # `openssl ecparam -genkey` writes them.
    text = f"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{SEC1}"
    assert public_of(private_key(text)[0]) == public_of(EC)


@pytest.mark.parametrize("shape", list(BASE64))
def test_bare_base64_is_an_ed25519_key(shape: str) -> None:
    found, algorithm = private_key(BASE64[shape])
    assert (public_of(found), algorithm) == (public_of(ED), "EdDSA")


RSA = rsa.generate_private_key(65537, 1024)
PUBLIC = EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
LOCKED = EC.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
).decode()
LOCKED_OLD = EC.private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"word")
).decode()
SSH = ED.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
WRONG = {
    "nothing": ("  ", "empty"),
    "encrypted": (LOCKED, "encrypted with a passphrase"),
    "encrypted the old way": (LOCKED_OLD, "encrypted with a passphrase"),
    "rsa": (pem(RSA), "an RSA key"),
    "rsa the old way": (pem(RSA, PrivateFormat.TraditionalOpenSSL), "an RSA key"),
    "dsa": (pem(dsa.generate_private_key(1024)), "does not take"),
    "secp256k1": (pem(ec.generate_private_key(ec.SECP256K1())), "secp256k1"),
    "p384": (pem(ec.generate_private_key(ec.SECP384R1())), "secp384r1"),
    "public": (PUBLIC, "a public key"),
    "ssh": (SSH, "for SSH"),
    "no end": (SEC1[:120], "truncated: its END line"),
    "no begin": (SEC1[40:], "no BEGIN line"),
    "cut inside": (SEC1[:60] + SEC1[90:], "damaged or truncated"),
    "hmac key": ("Wm9OcmFuZG9tLWtleQ", "legacy (HMAC)"),
    "hmac secret": (base64.b64encode(bytes(range(64))).decode(), "legacy (HMAC)"),
    "short secret": (base64.b64encode(b"k" * 20).decode(), "decodes to 20 bytes"),
    "prose": ("my key is on my desk, under the lamp", "neither PEM nor base64"),
}


@pytest.mark.parametrize("kind", list(WRONG))
def test_what_is_no_key_is_said_by_its_name(kind: str) -> None:
    text, expected = WRONG[kind]
    with pytest.raises(KeyRejected) as refused:
        private_key(text)
    assert expected in str(refused.value)
    assert refused.value.hint
    body = "".join(text.split())
    assert not any(body[at : at + 24] in str(refused.value) for at in range(len(body) - 24))


@given(st.text(max_size=200) | st.text("-BEGIN PRIVATE KY\n\\=Aa0+/", max_size=200))
def test_no_text_crashes_the_parser(text: str) -> None:
    with suppress(KeyRejected):
        private_key(text)
