"""Every row of the classification of an order's answer, through the SDK and the transport."""

from __future__ import annotations

import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase.scripted import (
    Bench,
    Reply,
    answer,
    approved,
    body_of,
    failing,
    refusal,
    success,
)

from trader247.adapters.coinbase.errors import NotSent
from trader247.adapters.coinbase.outcome import DECLINE_CODES
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.outcomes import Acknowledged, Declined, Outcome, Unknown

ORDER = approved()
BODY = body_of(ORDER)


def outcome_of(reply: Reply) -> Outcome:
    bench = Bench()
    bench.transport.on("/orders", reply)
    return CoinbaseVenue(bench.client).submit(ORDER, BODY)


def test_a_yes_for_our_own_terms_is_acknowledged() -> None:
    assert outcome_of(answer(success(BODY))) == Acknowledged(
        success(BODY)["success_response"]["order_id"]  # type: ignore[index] # a known shape
    )


def test_a_yes_ignores_the_failure_reason_beside_it() -> None:
    body = {**success(BODY), "failure_reason": "UNKNOWN_FAILURE_REASON", "order_id": "x"}
    assert isinstance(outcome_of(answer(body)), Acknowledged)


def test_a_yes_without_terms_is_acknowledged() -> None:
    body = {**success(BODY), "order_configuration": None}
    assert isinstance(outcome_of(answer(body)), Acknowledged)


@pytest.mark.parametrize(
    "changes",
    [{"client_order_id": "t247-other"}, {"product_id": "ETH-USD"}, {"side": "SELL"}],
)
def test_a_yes_for_another_order_is_unknown_and_latches(changes: dict[str, object]) -> None:
    outcome = outcome_of(answer(success(BODY, **changes)))
    assert isinstance(outcome, Unknown)
    assert outcome.latch


@pytest.mark.parametrize(
    "configuration",
    [
        {"limit_limit_gtd": {"base_size": "0.002", "limit_price": "60000"}},
        {"limit_limit_gtd": {"base_size": "0.001", "limit_price": "60001"}},
        {"limit_limit_gtd": {"base_size": "some", "limit_price": "60000"}},
        {"market_market_ioc": {"base_size": "0.001"}},
    ],
)
def test_a_yes_for_other_terms_is_unknown_and_latches(configuration: object) -> None:
    outcome = outcome_of(answer({**success(BODY), "order_configuration": configuration}))
    assert isinstance(outcome, Unknown)
    assert outcome.latch


def test_terms_that_say_the_same_in_other_digits_are_the_same() -> None:
    same = {"limit_limit_gtd": {"base_size": "0.00100000", "limit_price": "60000.00"}}
    body = {**success(BODY), "order_configuration": same}
    assert isinstance(outcome_of(answer(body)), Acknowledged)


@pytest.mark.parametrize("missing", ["order_id", "client_order_id", "product_id", "side"])
def test_a_yes_that_lacks_a_field_is_unknown(missing: str) -> None:
    assert isinstance(outcome_of(answer(success(BODY, **{missing: ""}))), Unknown)


@pytest.mark.parametrize("taken", [None, [], "yes", {}])
def test_a_yes_without_its_response_is_unknown(taken: object) -> None:
    assert isinstance(outcome_of(answer({"success": True, "success_response": taken})), Unknown)


@pytest.mark.parametrize("field", ["error", "new_order_failure_reason", "preview_failure_reason"])
@pytest.mark.parametrize("code", ["INSUFFICIENT_FUND", "INVALID_LIMIT_PRICE_POST_ONLY"])
def test_a_no_with_a_pinned_code_in_any_field_is_declined(field: str, code: str) -> None:
    outcome = outcome_of(answer(refusal(**{field: code})))
    assert outcome == Declined(code, "no", is_sent=True)


def test_every_pinned_code_is_declined() -> None:
    for code in sorted(DECLINE_CODES):
        assert isinstance(outcome_of(answer(refusal(error=code))), Declined)


@pytest.mark.parametrize(
    "body",
    [
        refusal(),
        refusal(error="A_NEW_CODE"),
        refusal(error="INSUFFICIENT_FUND", preview_failure_reason="PREVIEW_A_NEW_CODE"),
        refusal(error="DUPLICATE_CLIENT_ORDER_ID"),
        {"success": False},
        {"success": False, "error_response": None},
        {"success": "false"},
        {"success": None},
        {},
    ],
)
def test_a_no_that_we_do_not_know_is_unknown(body: object) -> None:
    outcome = outcome_of(answer(body))
    assert isinstance(outcome, Unknown)
    assert not outcome.latch


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHORIZED"),
        (403, "PERMISSION_DENIED"),
        (429, "RATE_LIMITED"),
    ],
)
def test_a_refusal_by_status_with_the_venues_own_body_is_declined(status: int, code: str) -> None:
    body = {"error": "INVALID_ARGUMENT", "message": "no"}
    assert outcome_of(answer(body, status)) == Declined(code, "no", is_sent=True)


def test_a_plain_unauthorized_is_declined() -> None:
    outcome = outcome_of(Reply(b"Unauthorized\n", 401))
    assert outcome == Declined("UNAUTHORIZED", "Unauthorized", is_sent=True)


def test_a_rate_limit_by_the_list_of_errors_is_declined() -> None:
    body = {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}
    assert outcome_of(answer(body, 429)) == Declined(
        "RATE_LIMITED", "Too many requests", is_sent=True
    )


@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_a_refusal_by_a_page_of_the_edge_is_unknown(status: int) -> None:
    outcome = outcome_of(Reply(b"<html><body>no</body></html>", status))
    assert outcome == Unknown(f"the order was answered with HTTP {status}")


@pytest.mark.parametrize("status", [404, 405, 409])
def test_a_surprise_of_the_protocol_is_unknown_and_latches(status: int) -> None:
    outcome = outcome_of(answer({"error": "NOT_FOUND", "message": "?"}, status))
    assert isinstance(outcome, Unknown)
    assert outcome.latch


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_latches(status: int) -> None:
    bench = Bench()
    bench.transport.on("/orders", Reply(b"", status, {"Location": "http://elsewhere.test/"}))
    outcome = CoinbaseVenue(bench.client).submit(ORDER, BODY)
    assert isinstance(outcome, Unknown)
    assert outcome.latch
    assert len(bench.transport.requests) == 1


@pytest.mark.parametrize("status", [402, 408, 418, 500, 502, 503, 504, 520, 524])
def test_any_other_status_is_unknown(status: int) -> None:
    outcome = outcome_of(answer({"error": "INTERNAL", "message": "?"}, status))
    assert outcome == Unknown(f"the order was answered with HTTP {status}")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>"),
        Reply(b""),
        Reply(b'{"success": true'),
        Reply(b"\xff\xfe\x00"),
        Reply(b"[]"),
        Reply(b"null"),
        Reply(b'{"success": NaN}'),
        Reply(b"[" * 100_000),
        Reply(b"", 204),
        answer(success(BODY), 201),
    ],
)
def test_an_answer_that_is_no_plain_answer_is_unknown(reply: Reply) -> None:
    assert isinstance(outcome_of(reply), Unknown)


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout("slow"),
        requests.ConnectionError("reset"),
        requests.exceptions.SSLError("torn"),
        requests.exceptions.ChunkedEncodingError("cut"),
        ConnectionResetError(),
        TimeoutError(),
        ValueError("odd"),
        TypeError("odd"),
        KeyError("odd"),
        RuntimeError("odd"),
    ],
)
def test_a_failure_of_the_wire_is_unknown(error: BaseException) -> None:
    outcome = outcome_of(failing(error))
    assert isinstance(outcome, Unknown)
    assert not outcome.latch


def test_a_failure_before_the_first_byte_is_declined_as_not_sent() -> None:
    bench = Bench()
    bench.transport.on("/orders", failing(NotSent("no such name")))
    outcome = CoinbaseVenue(bench.client).submit(ORDER, BODY)
    assert outcome == Declined("not_sent", "NotSent: no such name", is_sent=False)
    assert bench.client.orders_sent == 0


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=10),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "success",
                            "success_response",
                            "error_response",
                            "order_id",
                            "error",
                            "side",
                        ]
                    ),
                    inner,
                )
            ),
        ).map(lambda body: json.dumps(body).encode()),
    ),
    st.sampled_from([200, 201, 302, 400, 401, 403, 404, 429, 500, 503]),
)
def test_no_answer_raises_and_none_is_taken_for_a_yes(content: bytes, status: int) -> None:
    outcome = outcome_of(Reply(content, status))
    assert isinstance(outcome, Declined | Unknown)


def test_the_venues_prose_is_cut_and_printable() -> None:
    body = refusal(error="INSUFFICIENT_FUND", message="\x1b[2J\u202e" + "x" * 5000)
    outcome = outcome_of(answer(body))
    assert isinstance(outcome, Declined)
    assert len(outcome.message) <= 200
    assert outcome.message.isprintable()
