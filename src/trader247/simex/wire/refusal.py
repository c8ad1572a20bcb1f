"""Refusing an order, in the wire's codes."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "UNKNOWN_FAILURE_REASON"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal in the wire's codes: `error` of the order, `preview` of its preview."""

    error: str
    preview: str
    message: str


class Refused(Exception):
    """Carries a `Rejection` to whoever asked for the order."""

    def __init__(self, error: str, preview: str, message: str = "") -> None:
        super().__init__(message or preview)
        self.rejection = Rejection(error, preview, message)


def refused(code: str, message: str = "") -> Refused:
    """A refusal whose code is known of orders and of previews."""
    return Refused(code, f"PREVIEW_{code}", message)


def refused_preview(code: str, message: str = "") -> Refused:
    """A refusal whose code is known of previews alone."""
    return Refused(UNKNOWN, f"PREVIEW_{code}", message)


def unsupported(message: str = "") -> Refused:
    """A refusal of what an order asks for as a whole."""
    return Refused("UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG", message)
