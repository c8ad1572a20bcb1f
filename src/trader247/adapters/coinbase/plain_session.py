"""A session of the SDK's whose reads are prepared at once, byte for byte as they would be slowly.

Preparing a request in general (cookies, files, netrc, redirects, every form of a URL) costs more
than all the rest of a read, of which there are thirty in a cycle. Whatever is not plain goes the
general way, and so does everything that changes something.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

import requests
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict

_PLAIN_URL = re.compile(r"https://[a-z0-9.:-]+/[A-Za-z0-9/._~-]*\Z")
_NO_BODY = b"{}"
"""The SDK gives every read the JSON of nothing as its body."""


class PlainSession(requests.Session):
    """Prepares plain reads by itself."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        if not _is_plain(request):
            return super().prepare_request(request)
        prepared = requests.PreparedRequest()
        prepared.method = "GET"
        query = urlencode(request.params, doseq=True)
        prepared.url = f"{request.url}?{query}" if query else request.url
        headers = CaseInsensitiveDict(request.headers)
        headers["Content-Length"] = str(len(_NO_BODY))
        prepared.headers = headers
        prepared.body = _NO_BODY
        prepared.hooks = default_hooks()
        return prepared


def _is_plain(request: requests.Request) -> bool:
    is_bare = not (request.data or request.files or request.auth or request.cookies)
    return (
        request.method == "GET"
        and is_bare
        and request.json == {}
        and isinstance(request.params, dict)
        and isinstance(request.url, str)
        and _PLAIN_URL.match(request.url) is not None
        and "Content-Type" in request.headers
    )
