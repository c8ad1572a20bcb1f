"""The content of a key file: the JSON that the venue hands out, or a bare private key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.key_text import straightened
from trader247.domain.errors import KeyRejected

_NAMES = ("name", "id", "apiKeyName", "api_key", "keyName")
_SECRETS = ("privateKey", "private_key", "api_secret", "apiSecret", "secret")
_NAME = re.compile(r"organizations/[0-9A-Za-z-]+/apiKeys/[0-9A-Za-z-]+")
_FORM = 'it holds {"name": "organizations/…/apiKeys/…", "privateKey": "…"}'


def credentials_in(text: str, *, name: str | None = None) -> Credentials:
    """The key in a key file's text. `name` counts where the file holds a bare private key.

    Raises:
        KeyRejected: there is none; the message says what was found.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise KeyRejected("the key file is empty", hint=_FORM)
    if not text.lstrip("'\"").startswith("{"):
        return _bare(text, name)
    body = _parsed(text)
    found, secret = _first(body, _NAMES), _first(body, _SECRETS)
    if secret is None:
        raise KeyRejected(
            f"the key file has no privateKey, but {_keys(body)}", hint=_legacy_hint(body)
        )
    if found is None and name is None:
        raise KeyRejected(f"the key file has no name, but {_keys(body)}", hint=_FORM)
    return Credentials((found or name or "").strip().strip("'\""), secret)


def is_name_of_venue(name: str) -> bool:
    """Whether a key's name is of the venue's own form."""
    return _NAME.fullmatch(name) is not None


def _parsed(text: str) -> Mapping[str, object]:
    # Real line ends inside a string are the commonest damage of a pasted key file.
    for candidate in (text, text.strip("'")):
        try:
            body = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(body, dict):
            return body
    raise KeyRejected("the key file is no whole JSON object: truncated or damaged", hint=_FORM)


def _bare(text: str, name: str | None) -> Credentials:
    named = _NAME.search(text)
    found = name or (named[0] if named else None)
    if found is None:
        if "PRIVATE KEY" not in text and "PUBLIC KEY" not in text:
            raise KeyRejected("the key file is neither JSON nor a private key", hint=_FORM)
        raise KeyRejected(
            "the key file holds a private key, but not the name of the key",
            hint="use the JSON file that was downloaded with it, or put the name, "
            "organizations/…/apiKeys/…, on a line of its own above the private key",
        )
    secret = straightened(text.replace(named[0], "", 1) if named else text)
    return Credentials(found, secret)


def _first(body: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = body.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _keys(body: Mapping[str, object]) -> str:
    return "only " + (", ".join(sorted(str(key)[:30] for key in body)[:6]) or "nothing")


def _legacy_hint(body: Mapping[str, object]) -> str:
    if {"passphrase", "key", "apiKey"} & body.keys():
        return "this is a legacy key; create one at Coinbase's developer platform with ECDSA"
    return _FORM
