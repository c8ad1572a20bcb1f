from __future__ import annotations

import json

import pytest
from tests.simex.stand import FILES, MODERN, TRADE

from trader247.simex.door.keyring import Keyring


def test_a_ring_comes_back_from_its_text() -> None:
    ring = Keyring(each.key for each in FILES)
    ring.revoke(MODERN)
    again = Keyring.from_json(ring.to_json())
    assert again.to_json() == ring.to_json()
    assert again.find(TRADE) is not None
    assert again.find(MODERN) is None


def test_a_ring_holds_no_secret() -> None:
    text = Keyring(each.key for each in FILES).to_json()
    assert "PRIVATE" not in text
    for each in FILES:
        body = json.loads(each.content)["privateKey"].splitlines()[1]
        assert body not in text


def test_a_key_file_is_what_the_official_client_reads() -> None:
    for each in FILES:
        content = json.loads(each.content)
        assert content["name"] == each.key.name
        assert content["privateKey"].startswith("-----BEGIN ")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": [{"name": "a"}]}', '{"keys": [1]}'])
def test_what_is_no_ring_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Keyring.from_json(text)


def test_a_key_that_is_not_there_cannot_be_revoked() -> None:
    with pytest.raises(KeyError):
        Keyring(()).revoke("a")
