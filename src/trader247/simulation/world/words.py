"""What is read beside the trader: its word on the last order that left, and a plain yes to one."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from trader247.simex.wire.request import Reply, Request

_NAMED = ("client_order_id", "product_id", "side")
_FIGURES = ("base_size", "limit_price")
_OK = 200


def is_cleared(folder: Path) -> bool:
    """Whether a trader's folder says that nothing of it rests, as `kill on` would find it."""
    try:
        said = json.loads((folder / "emergency.json").read_text(encoding="utf-8"))
        return said["is_cleared"] is True
    except (OSError, ValueError, KeyError, TypeError):
        return False


def last_send(folder: Path) -> str | None:
    """When the last order left, by what `kill on` would find in a trader's folder; None: nothing.

    As the file has it: no line of the trader's reads it.
    """
    try:
        said = json.loads((folder / "emergency.json").read_text(encoding="utf-8"))["last_send"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(said).strip() or None


def taken(asked: Request, reply: Reply) -> str:
    """The order id in a yes to exactly what was asked for; empty where it is no plain one."""
    try:
        answer = json.loads(reply.body)
        said = answer["success_response"]
        sent = asked.body
        is_plain = (
            reply.status == _OK
            and answer["success"] is True
            and all(said[name] == sent[name] for name in _NAMED)
            and _is_as_sent(sent["order_configuration"], answer.get("order_configuration"))
        )
        return str(said["order_id"]) if is_plain else ""
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return ""


def _is_as_sent(sent: Any, echoed: Any) -> bool:
    if not echoed:
        return True
    ((kind, terms),) = sent.items()
    return all(Decimal(echoed[kind][name]) == Decimal(terms[name]) for name in _FIGURES)
