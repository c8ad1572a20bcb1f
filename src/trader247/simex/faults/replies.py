"""Answers of a venue that is overloaded, closed, or does not believe a token."""

from __future__ import annotations

from trader247.simex.door.limits import HTML_429, JSON_429
from trader247.simex.faults.plan import Shot
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import TEXT, Reply

HTML = "text/html; charset=UTF-8"
UNAUTHORIZED = Reply(401, b"Unauthorized\n", TEXT)

_INTERNAL = Reply(
    500,
    dumps({"error": "INTERNAL", "error_details": "internal error", "message": "internal error"}),
)
_PAGES = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
    520: "Web server is returning an unknown error",
}


def page(status: int, title: str) -> Reply:
    """A page as whoever stands before an exchange answers with."""
    body = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n"
        f"<body><center><h1>{title}</h1></center><hr><center>cloudflare</center></body></html>\n"
    )
    return Reply(status, body.encode(), HTML)


def failed(shot: Shot) -> Reply:
    """One of the errors that tell nothing about what was done."""
    answers = [
        _INTERNAL,
        *(page(status, f"{status} {title}") for status, title in _PAGES.items()),
        Reply(503, b"", TEXT),
    ]
    return answers[shot.pick(len(answers), "error")]


def limited(shot: Shot) -> Reply:
    """Too many requests, with the headers that say so or without."""
    reply = (JSON_429, HTML_429)[shot.pick(2, "body")]
    if shot.pick(2, "headers"):
        return reply
    headers = (("x-ratelimit-limit", "30"), ("x-ratelimit-remaining", "0"))
    return reply._replace(headers=(*headers, ("x-ratelimit-reset", "1")))


def refused_order(error: str, preview: str, message: str) -> Reply:
    """An order that was not taken."""
    body = {
        "success": False,
        "error_response": {
            "error": error,
            "message": message,
            "error_details": "",
            "preview_failure_reason": preview,
            "new_order_failure_reason": error,
        },
        "order_configuration": {},
    }
    return Reply(200, dumps(body))
