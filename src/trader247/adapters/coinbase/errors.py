"""What the wire does to us, turned into the domain's typed errors in one place.

The classes here are `requests` exceptions, because they travel through the SDK and through
`requests` on their way up; `venue_error` is where they become ours. No raw body passes it: at
most 200 characters of a message, without control characters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from multiprocessing import AuthenticationError

import requests
from urllib3.exceptions import HTTPError as PoolError

from trader247.domain.errors import (
    KeyRejected,
    RateLimited,
    VenueError,
    VenueMaintenance,
    VenueUnreachable,
)

TEXT_MAX = 200
"""Characters of the venue's prose that may pass on."""

FAILURES: tuple[type[BaseException], ...] = (
    OSError,  # requests' own errors are OSErrors
    HTTPException,
    PoolError,
    AuthenticationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""All that a request through the SDK is known to raise; the SDK documents nothing of it."""

_EDGE_UNREACHABLE = frozenset({502, 504, *range(520, 528)})


class NotSent(requests.ConnectionError):
    """Not one byte of the request left us: no name, no connection, no TLS, or we withheld it."""


class OrderWithheld(NotSent):
    """Our own last look said no; `code` is a word for the record."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DeadlinePassed(requests.Timeout):
    """The answer was not complete when the request's whole time was over."""


class UnaskedAnswer(requests.ConnectionError):
    """Bytes of the venue's that belong to no request wait on the connection."""


class RedirectRefused(requests.RequestException):
    """The venue sent us elsewhere; we do not go."""


class MalformedAnswer(requests.RequestException):
    """An answer that is no bounded JSON object."""


def clean(text: str) -> str:
    """Foreign prose in one printable line of at most `TEXT_MAX` characters."""
    line = " ".join(text[: 4 * TEXT_MAX].split())
    return "".join(char for char in line if char.isprintable())[:TEXT_MAX]


def error_body(content: bytes) -> dict[str, object] | None:
    """The venue's own error object, or None: pages of the edge in front of it are no evidence."""
    if len(content) > 100_000:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not {"error", "errors", "message"} & body.keys():
        return None
    return body


def error_code(body: dict[str, object]) -> str:
    """The code in an error object: `error`, or the id of the first of `errors`."""
    listed = body.get("errors")
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return clean(str(listed[0].get("id") or listed[0].get("message") or ""))
    return clean(str(body.get("error") or body.get("message") or ""))


def error_message(body: dict[str, object]) -> str:
    """The prose in an error object."""
    listed = body.get("errors")
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return clean(str(listed[0].get("message") or ""))
    return clean(str(body.get("message") or body.get("error_details") or ""))


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an exception, or None where there was no answer."""
    response = getattr(error, "response", None)
    return response.status_code if isinstance(response, requests.Response) else None


def headers_of(error: BaseException) -> Mapping[str, str]:
    """The headers of the answer behind an exception; none where there was no answer."""
    response = getattr(error, "response", None)
    return response.headers if isinstance(response, requests.Response) else {}


def content_of(error: BaseException) -> bytes:
    """The body behind an exception, empty where there was no answer."""
    response = getattr(error, "response", None)
    return response.content if isinstance(response, requests.Response) else b""


def venue_error(error: BaseException) -> VenueError:
    """What `error`, caught around a request, means to us."""
    status = status_of(error)
    if isinstance(error, requests.HTTPError) and status is not None:
        return _by_status(status, content_of(error))
    if isinstance(error, VenueError):
        return error
    if isinstance(error, AuthenticationError):
        return KeyRejected("this needs a key, and none is configured", hint="give a key file")
    if isinstance(error, RedirectRefused | MalformedAnswer):
        return VenueError(clean(str(error)))
    if isinstance(error, OSError | HTTPException | PoolError):
        is_clear = isinstance(error, NotSent)
        words = str(error) if is_clear else f"no answer from the venue: {type(error).__name__}"
        return VenueUnreachable(clean(words))
    return VenueError(f"the request failed inside the client: {type(error).__name__}")


def _by_status(status: int, content: bytes) -> VenueError:
    body = error_body(content)
    said = f": {error_message(body)}" if body else ""
    text = f"HTTP {status}{said}"
    if status == 401:
        return KeyRejected(text, hint="the key is wrong, revoked or not for this address")
    if status == 403 and content.lstrip()[:1] != b"<":
        return KeyRejected(text, hint="the key lacks a permission")
    if status == 429:
        return RateLimited(text)
    if status == 503:
        return VenueMaintenance(text)
    if status in _EDGE_UNREACHABLE:
        return VenueUnreachable(text)
    return VenueError(text)
