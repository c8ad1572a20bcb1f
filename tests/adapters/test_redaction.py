from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters import redaction
from trader247.adapters.redaction import MARK, Redactor

SECRET = "s3cret/Value+with=signs"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nabc=\n-----END EC PRIVATE KEY-----"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"key {SECRET} end",
        json.dumps({"key": SECRET}),
        "https://x.example/?q=s3cret%2FValue%2Bwith%3Dsigns",
        repr([SECRET]),
    ],
)
def test_a_registered_secret_is_taken_out_in_every_form(text: str) -> None:
    redactor = Redactor()
    redactor.register(SECRET)

    redacted = redactor.redacted(text)

    assert "s3cret" not in redacted
    assert MARK in redacted


def test_a_secret_of_many_lines_is_taken_out_escaped_too() -> None:
    redactor = Redactor()
    redactor.register("first line\nsecond line")

    assert "second" not in redactor.redacted("x first line\nsecond line y")
    assert "second" not in redactor.redacted(json.dumps("first line\nsecond line"))


def test_a_secret_inside_another_leaves_nothing_behind() -> None:
    redactor = Redactor()
    redactor.register("abcdef")
    redactor.register("abcdefghijkl")

    assert redactor.redacted("abcdefghijkl") == MARK


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        (PEM, "MHcC"),
        (json.dumps(PEM), "MHcC"),
        (PEM[:40], "MHcC"),
        (f"Authorization: Bearer {TOKEN}", "eyJzdWIi"),
        (f"jwt={TOKEN}", "c2lnbmF0dXJl"),
        ("bearer abcdefgh12345678", "abcdefgh"),
        ("https://hooks.slack.com/services/T0/B0/zzzz", "zzzz"),
        ("token=zzzz1234", "zzzz"),
        ("export CB_API_SECRET=zzzz1234", "zzzz"),
        ('{"api_key": "zzzz1234"}', "zzzz"),
        (json.dumps('{"api_key": "zzzz1234"}'), "zzzz"),
        ("password: zzzz1234 # of the old box", "zzzz"),
        ("# the old one was me:zzzz1234@smtp.example.com", "zzzz"),
        (PEM.replace("\n", "\r\n"), "MHcC"),
        ("https://discord.com/api/webhooks/1/zzzz", "zzzz"),
        ("https://my-webhook.example.com/zzzz", "zzzz"),
        ("smtp://me:zzzz@mail.example.com:587", "zzzz"),
        ("https://x.example/?a=1&token=zzzz&b=2", "zzzz"),
        ("organizations/0a1b2c3d-4e5f/apiKeys/99887766-aabb", "99887766"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unregistered(text: str, leak: str) -> None:
    redacted = Redactor().redacted(text)

    assert leak not in redacted
    assert MARK in redacted


def test_ordinary_text_stays_as_it_is() -> None:
    text = "order 12 at 100.5 USD; see https://docs.example.com/page?x=1 and run trader247 status"
    redactor = Redactor()
    redactor.register("a")

    assert redactor.redacted(text) == text
    assert SECRET not in repr(redactor)


PARTS = [
    *("-----BEGIN EC KEY-----", "-----END EC KEY-----", "eyJabcde.fgh", "bearer ", "Token\t"),
    *("BASIC ", "abcdefgh1234", "https://", "hooks.x/", "webhook/", "user", "@host", "?token="),
    *("&Sig=", "api_key=", "APIKEY: ", "passwd='", "passphrase = ", "pwd:", "_secret="),
    *("organizations/", "0123abcd-ef", "/apiKeys/", "a:bcdef", " ", "\n", "x"),
    # Where case does not count, these letters are s, k and i.
    *("ba\u017fic ", "to\u212aen=", "s\u0131g=", "?\u017fig="),
]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=8).map("".join))
def test_nothing_is_left_that_looking_for_everything_would_take_out(text: str) -> None:
    thorough = text
    for _, pattern, replacement in redaction._PATTERNS:
        thorough = pattern.sub(replacement, thorough)
    assert Redactor().redacted(text) == thorough
