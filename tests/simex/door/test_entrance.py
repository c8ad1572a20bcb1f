"""Who gets in: real signatures, every claim on its own, scopes and revocation."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from coinbase import jwt_generator
from cryptography.hazmat.primitives.asymmetric import ec
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import FILES, HOST, MODERN, PREFIX, TRADE, TRANSFER, VIEW, Stand

PATH = "/accounts"


def signed(
    secret: Any = None,
    *,
    header: Mapping[str, Any] | None = None,
    claims: Mapping[str, Any] | None = None,
    algorithm: str = "ES256",
    method: str = "GET",
) -> str:
    """A token as the official client makes it, but for what is asked to differ."""
    now_s = int(time.time())
    body = {
        "sub": TRADE,
        "iss": "cdp",
        "nbf": now_s,
        "exp": now_s + 120,
        "uri": f"{method} {HOST}{PREFIX}{PATH}",
        **(claims or {}),
    }
    head = {"kid": TRADE, "nonce": "0" * 64, **(header or {})}
    key = secret_of(TRADE) if secret is None else secret
    return "Bearer " + jwt.encode(body, key, algorithm=algorithm, headers=head)


def secret_of(name: str) -> str:
    content = next(each.content for each in FILES if each.key.name == name)
    secret: str = json.loads(content)["privateKey"]
    return secret


def status(stand: Stand, authorization: str | None, *, method: str = "GET") -> int:
    return stand.ask(method, PATH, authorization=authorization).status


@pytest.mark.parametrize("key", [TRADE, MODERN, VIEW, TRANSFER])
def test_every_key_that_is_known_gets_in(stand: Stand, key: str) -> None:
    assert stand.client(key).get_accounts().size == 1


def test_the_official_generator_s_own_token_is_in_order(stand: Stand) -> None:
    written = jwt_generator.build_rest_jwt(f"GET {HOST}{PREFIX}{PATH}", TRADE, secret_of(TRADE))
    assert status(stand, f"Bearer {written}") == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "coinbase"},
        {"sub": MODERN},
        {"uri": f"POST {HOST}{PREFIX}{PATH}"},
        {"uri": f"GET {HOST}{PREFIX}/orders"},
        {"uri": f"GET {HOST}{PREFIX}{PATH}?limit=1"},
        {"uri": f"GET api.coinbase.com{PREFIX}{PATH}"},
        {"exp": 0},
    ],
)
def test_c2_one_wrong_claim_is_enough(stand: Stand, claims: dict[str, Any]) -> None:
    refused(stand, claims)


def test_the_tokens_of_other_libraries_are_in_order_too(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    uri = f"GET {HOST}{PREFIX}{PATH}"
    old, listed = {"iss": "coinbase-cloud"}, {"uri": None, "uris": [uri]}
    assert status(stand, signed(claims=old)) == 200
    assert status(stand, signed(claims=listed)) == 200
    refused(stand, {"uri": None, "uris": [uri.replace("GET", "POST")]})
    refused(stand, {"uri": None, "uris": uri})
    refused(Stand(feed, "old_issuer=refused"), old)


@pytest.mark.parametrize("offsets", [{"nbf": 30}, {"nbf": -180, "exp": -60}, {"exp": 300}])
def test_c2_a_token_of_another_time_is_none(stand: Stand, offsets: dict[str, int]) -> None:
    now = int(time.time())
    refused(stand, {claim: now + offset for claim, offset in offsets.items()})


def refused(stand: Stand, claims: dict[str, Any]) -> None:
    assert status(stand, signed()) == 200
    reply = stand.ask("GET", PATH, authorization=signed(claims=claims))
    assert (reply.status, reply.body) == (401, b"Unauthorized\n")
    assert reply.content_type.startswith("text/plain")


def test_a_signature_of_another_key_is_none(stand: Stand) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    assert status(stand, signed(other)) == 401
    assert status(stand, signed(secret_of(VIEW))) == 401


def test_a_token_that_was_touched_is_none(stand: Stand) -> None:
    head, body, signature = signed().split(".")
    first = "A" if signature[0] != "A" else "B"
    for touched in (f"{head}.{body}.{first}{signature[1:]}", f"{head}.{body}.{signature[:40]}"):
        assert status(stand, touched) == 401
    other = signed(claims={"nonce": "1"}).split(".")[1]
    assert status(stand, f"{head}.{other}.{signature}") == 401


def test_a_key_cannot_be_used_with_another_algorithm(stand: Stand) -> None:
    assert status(stand, signed(header={"kid": MODERN}, claims={"sub": MODERN})) == 401


def test_an_unknown_key_does_not_get_in(stand: Stand) -> None:
    assert status(stand, signed(header={"kid": "x"}, claims={"sub": "x"})) == 401


def test_a_revoked_key_does_not_get_in_any_more(stand: Stand) -> None:
    client = stand.client()
    assert client.get_accounts().size == 1
    stand.keyring.revoke(TRADE)
    with pytest.raises(HTTPError, match="401 Client Error"):
        client.get_accounts()


def test_a_machine_whose_clock_is_off_is_told_so(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    for skew_s, is_in in ((-4, True), (-30, False), (60, True), (180, False)):
        stand.machine_skew_s = skew_s
        assert (status(stand, signed()) == 200) is is_in, skew_s


def test_a_token_of_the_venue_s_own_time_is_in_order(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "bearer_clock=venue")
    now_s = stand.exchange.now_us // 1_000_000
    assert status(stand, signed(claims={"nbf": now_s, "exp": now_s + 120})) == 200
    assert status(stand, signed()) == 401


def test_the_leeway_is_a_switch(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "bearer_leeway_s=0")
    stand.machine_skew_s = -3
    assert status(stand, signed()) == 401


def test_a_stray_token_on_a_public_path_is_a_switch(feed: ScriptedFeed) -> None:
    for value, expected in (("refused", 401), ("ignored", 200)):
        stand = Stand(feed, f"stray_bearer={value}")
        assert stand.ask("GET", "/time", authorization="Bearer a.b.c").status == expected
        assert stand.ask("GET", PATH, authorization="Bearer a.b.c").status == 401


def test_a_key_that_only_looks_does_not_trade(stand: Stand) -> None:
    client = stand.client(VIEW)
    with pytest.raises(HTTPError, match="Missing Required Scopes"):
        client.market_order_buy("1", "BTC-USD", quote_size="50")
    with pytest.raises(HTTPError, match="Missing Required Scopes"):
        client.cancel_orders(["x"])
    assert client.preview_market_order_buy("BTC-USD", quote_size="50").errs == []
    assert client.list_orders().orders == []


@pytest.mark.parametrize(
    ("key", "permissions"),
    [(TRADE, (True, True, False)), (VIEW, (True, False, False)), (TRANSFER, (True, True, True))],
)
def test_a_key_is_told_what_it_may(
    stand: Stand, key: str, permissions: tuple[bool, bool, bool]
) -> None:
    told = stand.client(key).get_api_key_permissions()
    assert (told.can_view, told.can_trade, told.can_transfer) == permissions
