from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters.coinbase.answers import BODY_MAX, DEPTH_MAX, Answer, parse
from trader247.adapters.coinbase.errors import MalformedAnswer


def test_numbers_are_exact() -> None:
    assert parse(b'{"a": 0.1, "b": 1}') == {"a": Decimal("0.1"), "b": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"1",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1',
        b'{"a": "\xff"}',
        b'{"a":' * 51 + b"1" + b"}" * 51,
        b"[" * 200_000,
        b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"a": "' + b"x" * BODY_MAX + b'"}',
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_bounded_object_is_a_typed_error(content: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        parse(content)


def test_nesting_is_allowed_to_its_bound_and_brackets_in_texts_do_not_count() -> None:
    deep: object = 1
    for _ in range(DEPTH_MAX):
        deep = {"a": deep}
    assert parse(json.dumps(deep).encode()) == deep
    assert parse(b'{"a": "' + b"[" * 1000 + b'"}')["a"] == "[" * 1000


@given(st.binary(max_size=300))
def test_any_bytes_give_an_object_or_a_typed_error(content: bytes) -> None:
    try:
        parsed = parse(content)
    except MalformedAnswer:
        return
    assert isinstance(parsed, dict)


def test_a_body_does_not_show_itself() -> None:
    body = parse(b'{"secret": "value"}')
    assert "value" not in f"{body} {body!r}"


def test_an_answer_is_parsed_once_and_only_if_it_is_a_200() -> None:
    response = requests.Response()
    response.status_code = 200
    response._content = b'{"a": 0.5}'
    one = Answer.of(response)
    assert one.json() is one.json()
    response.status_code = 201
    with pytest.raises(MalformedAnswer, match="201"):
        Answer.of(response).json()
