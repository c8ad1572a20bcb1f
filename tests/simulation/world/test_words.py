"""What is read beside the trader, by nobody's code but its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trader247.simex.wire.request import Reply, Request
from trader247.simulation.world.words import last_send, taken

SENT = {
    "client_order_id": "t247-a-1-1",
    "product_id": "BTC-USD",
    "side": "BUY",
    "order_configuration": {"limit_limit_gtd": {"base_size": "0.1", "limit_price": "50000"}},
}
SAID = {"order_id": "b1", "client_order_id": "t247-a-1-1", "product_id": "BTC-USD", "side": "BUY"}
YES = {"success": True, "success_response": SAID}


def of(answer: Any, *, status: int = 200) -> str:
    body = json.dumps(SENT).encode()
    asked = Request("POST", "api.coinbase.com", "/orders", "", body, authorization=None)
    return taken(asked, Reply(status, json.dumps(answer).encode()))


def echoing(price: str) -> dict[str, Any]:
    terms = {"base_size": "0.1", "limit_price": price}
    return {**YES, "order_configuration": {"limit_limit_gtd": terms}}


def test_a_yes_to_what_was_sent_names_its_order() -> None:
    assert of(YES) == "b1"
    assert of(echoing("50000.00")) == "b1"


@pytest.mark.parametrize(
    "answer",
    [
        {**YES, "success": False},
        {**YES, "success_response": {**SAID, "side": "SELL"}},
        {**YES, "success_response": {"order_id": "b1"}},
        {"success": True},
        echoing("50500"),
        [],
    ],
)
def test_any_other_is_no_plain_one(answer: Any) -> None:
    assert of(answer) == ""


def test_an_error_is_none_whatever_it_says() -> None:
    assert of(YES, status=500) == ""


def test_the_moment_of_the_last_order_is_the_one_that_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "emergency.json"
    assert last_send(tmp_path) is None
    path.write_text(json.dumps({"last_send": " " * 27}))
    assert last_send(tmp_path) is None, "nothing was sent yet"
    path.write_text(json.dumps({"last_send": "2026-01-05T00:00:00.000001Z"}))
    assert last_send(tmp_path) == "2026-01-05T00:00:00.000001Z"
    path.write_text("{")
    assert last_send(tmp_path) is None
