from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase.test_key_text import ED_PEM, PUBLIC, SEC1

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.key_content import credentials_in, is_name_of_venue
from trader247.adapters.coinbase.key_text import private_key
from trader247.domain.errors import KeyRejected

NAME = "organizations/0a1b-2c/apiKeys/3d4e-5f"
RIGHT = {
    "as handed out": json.dumps({"name": NAME, "privateKey": SEC1}),
    "indented": json.dumps({"name": NAME, "privateKey": SEC1}, indent=3),
    "id": json.dumps({"id": NAME, "privateKey": SEC1}),
    "name wins": json.dumps({"id": "other", "name": NAME, "privateKey": SEC1}),
    "byte order mark": "\ufeff" + json.dumps({"name": NAME, "privateKey": SEC1}),
    "escaped twice": json.dumps({"name": NAME, "privateKey": SEC1.replace("\n", "\\n")}),
    "real line ends in the string": '{"name": "' + NAME + '", "privateKey": "' + SEC1 + '"}',
    "in single quotes": "'" + json.dumps({"name": NAME, "privateKey": SEC1}) + "'",
    "name quoted": json.dumps({"name": f'"{NAME}" ', "privateKey": SEC1}),
    "name above a pem": f"{NAME}\n{SEC1}",
    "name assigned above a pem": f'API_KEY="{NAME}"\nAPI_SECRET="{SEC1}"',
}


@pytest.mark.parametrize("shape", list(RIGHT))
def test_a_key_file_is_read(shape: str) -> None:
    found = credentials_in(RIGHT[shape])
    assert found.name == NAME
    assert private_key(found.secret)[1] == "ES256"


def test_a_bare_private_key_takes_its_name_from_elsewhere() -> None:
    assert credentials_in(ED_PEM, name=NAME) == Credentials(NAME, ED_PEM.strip())
    assert private_key(credentials_in(ED_PEM, name=NAME).secret)[1] == "EdDSA"


WRONG = {
    "empty": (" \n", "is empty"),
    "a list": ("[]", "neither JSON nor"),
    "an empty object": ("{}", "no privateKey, but only nothing"),
    "no secret": (json.dumps({"name": NAME}), "no privateKey, but only name"),
    "no name": (json.dumps({"privateKey": SEC1}), "no name, but only privateKey"),
    "a number for a name": (json.dumps({"name": 1, "privateKey": SEC1}), "no name"),
    "cut off": (json.dumps({"name": NAME, "privateKey": SEC1})[:150], "no whole JSON"),
    "nested": ("{" * 100_000, "no whole JSON"),
    "legacy": (json.dumps({"key": "a", "secret_": "b", "passphrase": "c"}), "no privateKey"),
    "a pem without a name": (SEC1, "not the name of the key"),
    "a public pem": (PUBLIC, "not the name of the key"),
    "prose": ("see the wiki", "neither JSON nor"),
}


@pytest.mark.parametrize("kind", list(WRONG))
def test_what_is_no_key_file_is_said(kind: str) -> None:
    text, expected = WRONG[kind]
    with pytest.raises(KeyRejected) as refused:
        credentials_in(text)
    assert expected in str(refused.value)
    assert refused.value.hint
    assert "PRIVATE KEY-----" not in str(refused.value)


@given(st.text(max_size=80) | st.from_regex(r'\{"name": ".*", "privateKey": ".*"\}'))
def test_no_content_crashes_the_reader(text: str) -> None:
    with suppress(KeyRejected):
        credentials_in(text)


def test_a_name_of_the_venue_is_known() -> None:
    assert is_name_of_venue(NAME)
    assert not is_name_of_venue("0a1b-2c")
    assert not is_name_of_venue(NAME + "\n")
