from __future__ import annotations

import pytest
from tests.simex.client import HOST, token

from trader247.simex.door.bearer import is_in_order

NOW = 1_767_571_200
PATH = "/api/v3/brokerage/orders"


def check(written: str, now_s: int = NOW) -> bool:
    return is_in_order(written, method="POST", host=HOST, path=PATH, now_s=now_s)


def test_a_token_for_this_request_at_this_time_is_in_order() -> None:
    assert check("Bearer " + token("POST", PATH, NOW))
    assert check("Bearer " + token("POST", PATH, NOW, {"alg": "EdDSA"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "coinbase-cloud"},
        {"sub": "another"},
        {"uri": f"GET {HOST}{PATH}"},
        {"uri": f"POST {HOST}{PATH}?limit=1"},
        {"uri": f"POST elsewhere{PATH}"},
        {"nbf": NOW + 6},
        {"exp": NOW},
        {"exp": NOW + 121},
        {"exp": str(NOW + 60)},
        {"nbf": None},
    ],
)
def test_one_wrong_claim_is_enough(claims: dict[str, object]) -> None:
    assert not check("Bearer " + token("POST", PATH, NOW, claims=claims))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": ""}])
def test_one_wrong_header_is_enough(header: dict[str, object]) -> None:
    assert not check("Bearer " + token("POST", PATH, NOW, header))


def test_time_passes_for_a_token() -> None:
    written = "Bearer " + token("POST", PATH, NOW)
    assert check(written, NOW + 119)
    assert not check(written, NOW + 120)
    assert check(written, NOW - 5)
    assert not check(written, NOW - 6)


@pytest.mark.parametrize("written", ["", "Bearer", "Bearer a.b.c", "Bearer é.é.é", "Basic a.b.c"])
def test_garbage_is_not_in_order(written: str) -> None:
    assert not check(written)


def test_a_token_without_a_signature_is_not_in_order() -> None:
    head, body, _ = token("POST", PATH, NOW).split(".")
    assert not check(f"Bearer {head}.{body}.")
