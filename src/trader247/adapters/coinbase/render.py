"""From an approved proposal to the exact text of the request that sends it."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import OrderBody
from trader247.domain.money import plain
from trader247.domain.orders import OrderType
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved

CONFIGURATIONS = {
    OrderType.POST_ONLY_GTD: "limit_limit_gtd",
    OrderType.LIMIT_IOC: "sor_limit_ioc",
    OrderType.STOP_LIMIT_GTD: "stop_limit_stop_limit_gtd",
}
"""The venue's names of the ways in which we order."""
_ENCODER = json.JSONEncoder(allow_nan=False)


def configuration(proposal: Proposal, end: Instant) -> dict[str, object]:
    """The venue's order configuration; figures without exponent."""
    terms: dict[str, object] = {
        "base_size": plain(proposal.quantity.value),
        "limit_price": plain(proposal.price.value),
    }
    if proposal.order_type is OrderType.POST_ONLY_GTD:
        terms["end_time"] = str(end)
        terms["post_only"] = True
    if proposal.stop_price is not None:
        terms["stop_price"] = plain(proposal.stop_price.value)
        terms["end_time"] = str(end)
        terms["stop_direction"] = "STOP_DIRECTION_STOP_DOWN"
    return {CONFIGURATIONS[proposal.order_type]: terms}


def self_trade_id(client_order_id: ClientOrderId) -> str:
    """One id for all orders of an installation, by which the venue keeps them from each other.

    The name `t247-<install>-...` begins with whose it is.
    """
    return _id_of("-".join(client_order_id.split("-")[:2]))


@lru_cache(maxsize=16)
def _id_of(install: str) -> str:
    return str(uuid5(NAMESPACE_OID, install))


def render(approved: Approved, client_order_id: ClientOrderId, end: Instant) -> OrderBody:
    """The body of the create request, byte for byte as the client will send it.

    Raises:
        ValueError: the client order id is empty: the SDK would then make one up.
    """
    if not client_order_id:
        raise ValueError("an order needs a client order id")
    proposal = approved.proposal
    body = {
        "client_order_id": client_order_id,
        "product_id": str(proposal.product),
        "side": proposal.side.value,
        "order_configuration": configuration(proposal, end),
        "self_trade_prevention_id": self_trade_id(client_order_id),
    }
    # Default separators: the form that requests gives a body. The transport's hash proves it.
    text = _ENCODER.encode(body)
    return OrderBody(text, sha256(text.encode()).hexdigest())
