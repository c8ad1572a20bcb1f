"""A private key in any shape that people paste it, or a sentence that says what it is instead."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from trader247.domain.errors import KeyRejected

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
WANTED = "an EC P-256 or Ed25519 private key in PEM, or Ed25519 in base64"
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"  # typed ones, and those that word processors make
_LINE = 64
_SEED, _SEED_AND_PUBLIC = 32, 64
_CREATE = "create a key at Coinbase's developer platform with ECDSA, and download its JSON file"


def private_key(text: str) -> tuple[PrivateKey, str]:
    """The key in `text`, and the algorithm that it signs with.

    Line ends may be real, `\\n` in two characters or in three, or lost; quotes, a byte order mark
    and white space around are nobody's fault.

    Raises:
        KeyRejected: it is none that the venue takes; the message says what was found.
    """
    text = straightened(text)
    if not text:
        raise _rejected("the key's secret is empty", f"paste {WANTED}")
    if "-----" not in text:
        return _of_base64(text)
    begun = _BEGIN.search(text)
    if begun is None:
        raise _rejected("the PEM block has no BEGIN line", "copy the whole key file again")
    _expect_private(begun[1])
    block = next((each for each in _BLOCK.finditer(text) if "PRIVATE" in each[1]), None)
    if block is None:
        raise _rejected(
            "the private key is truncated: its END line is missing", "copy the whole key file again"
        )
    if "ENCRYPTED" in block[2]:
        raise _encrypted()
    return _of_pem(block[1], "".join(block[2].split()))


def straightened(text: str) -> str:
    """`text` with real line ends, and without what surrounds it by accident."""
    text = re.sub(r"\\+r", "", re.sub(r"\\+n", "\n", text.lstrip("\ufeff")))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip().strip(_QUOTES).strip()


def _expect_private(kind: str) -> None:
    """Raises KeyRejected: the block's own label says that it is no private key we can use."""
    match kind:
        case "ENCRYPTED PRIVATE KEY":
            raise _encrypted()
        case "RSA PRIVATE KEY":
            raise _rejected("this is an RSA key, which the venue does not take", _CREATE)
        case "OPENSSH PRIVATE KEY":
            raise _rejected("this is a key for SSH, not for the venue", _CREATE)
        case "CERTIFICATE":
            raise _rejected("this is a certificate, not a private key", "give the key file")
    if "PUBLIC" in kind:
        raise _rejected(
            "this is a public key; the private one signs",
            "use the file that was downloaded when the key was created",
        )


def _of_pem(kind: str, body: str) -> tuple[PrivateKey, str]:
    lines = [body[begin : begin + _LINE] for begin in range(0, len(body), _LINE)]
    pem = "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except UnsupportedAlgorithm:
        raise _rejected("this key is of a kind that the venue does not take", _CREATE) from None
    except (ValueError, TypeError):
        raise _rejected(
            "the private key is damaged or truncated: it does not decode",
            "copy the whole key file again, every character from BEGIN to END",
        ) from None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise _rejected(
                f"this is an EC key on the curve {key.curve.name}; the venue takes P-256", _CREATE
            )
        return key, "ES256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, "EdDSA"
    kind_found = "an RSA key" if isinstance(key, rsa.RSAPrivateKey) else type(key).__name__
    raise _rejected(f"this is {kind_found}, which the venue does not take", _CREATE)


def _of_base64(text: str) -> tuple[PrivateKey, str]:
    text = "".join(text.split())
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise _rejected(
            f"the key's secret cannot be read: {_guess(text)}", f"it is {WANTED}"
        ) from None
    if len(raw) not in (_SEED, _SEED_AND_PUBLIC):
        return _of_der(raw, text)
    key = ed25519.Ed25519PrivateKey.from_private_bytes(raw[:_SEED])
    if len(raw) == _SEED_AND_PUBLIC and key.public_key().public_bytes_raw() != raw[_SEED:]:
        # The venue's old secrets are 64 random bytes in base64, and look just like this.
        raise _rejected(
            "these 64 bytes are no Ed25519 key: probably the secret of a legacy (HMAC) key", _CREATE
        )
    return key, "EdDSA"


def _of_der(raw: bytes, text: str) -> tuple[PrivateKey, str]:
    """The inside of a PEM block whose BEGIN and END lines were left out."""
    for kind in ("PRIVATE KEY", "EC PRIVATE KEY"):
        try:
            return _of_pem(kind, text)
        except KeyRejected as error:
            if "damaged" not in str(error):
                raise
    raise _rejected(
        f"the key's secret decodes to {len(raw)} bytes, and Ed25519 has {_SEED} or "
        f"{_SEED_AND_PUBLIC}: truncated, or the secret of a legacy (HMAC) key",
        f"it is {WANTED}",
    )


def _guess(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9]{16,64}", text):
        return "it looks like a legacy (HMAC) key or secret"
    return "it is neither PEM nor base64"


def _encrypted() -> KeyRejected:
    return _rejected(
        "the private key is encrypted with a passphrase, and nobody is there to type it",
        "decrypt it once: openssl pkey -in KEY.pem -out KEY-plain.pem",
    )


def _rejected(message: str, hint: str) -> KeyRejected:
    return KeyRejected(message, hint=hint)
