from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.answers import (
    BODY_MAX,
    DEPTH_MAX,
    LISTINGS,
    Answer,
    Body,
    DecimalResponses,
    parse,
)
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


class Answering(BaseAdapter):
    """Answers with what it was told last."""

    content, status = b"{}", 200

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        response = requests.Response()
        response.status_code, response._content = self.status, self.content
        return response


def asked(transport: DecimalResponses, path: str) -> Body:
    request = requests.Request("GET", f"https://venue{path}?limit=2").prepare()
    return transport.send(request).json()


@pytest.mark.parametrize("path", LISTINGS)
def test_a_page_that_says_the_same_is_the_same_object_and_any_other_is_read(path: str) -> None:
    venue = Answering()
    transport = DecimalResponses(venue)
    venue.content = b'{"orders": [{"size": 0.5}]}'
    first = asked(transport, path)
    assert asked(transport, path) is first
    venue.content = b'{"orders": [{"size": 0.6}]}'
    assert asked(transport, path) == {"orders": [{"size": Decimal("0.6")}]}
    venue.content = b'{"orders": [{"size": 0.5}]}'
    assert asked(transport, path) == first == {"orders": [{"size": Decimal("0.5")}]}


def test_a_page_that_cannot_be_read_is_refused_each_time() -> None:
    venue = Answering()
    transport = DecimalResponses(venue)
    for content, status in ((b'{"orders": [', 200), (b'{"orders": []}', 201)) * 2:
        venue.content, venue.status = content, status
        with pytest.raises(MalformedAnswer):
            asked(transport, LISTINGS[0])


def test_what_is_no_page_is_read_each_time() -> None:
    venue = Answering()
    transport = DecimalResponses(venue)
    path = "/api/v3/brokerage/product_book"
    assert asked(transport, path) is not asked(transport, path)
