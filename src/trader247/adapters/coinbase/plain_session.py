"""The SDK's session with a shorter way for plain reads: the bytes that are sent are the same.

Preparing and sending a request in general (cookies, files, netrc, hooks, redirects, every form of a
URL) costs more than all the rest of a read, of which there are thirty in a cycle. Whatever is not
plain goes the general way, and so does everything that changes something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import requests

_PLAIN_URL = re.compile(r"https://[a-z0-9.:-]+/[A-Za-z0-9/._~-]*\Z")
_NO_BODY = b"{}"
"""The SDK gives every read the JSON of nothing as its body."""
_NO_BODY_SIZE = str(len(_NO_BODY))
_TEXTS = frozenset({str})
_OF_A_READ = {"params", "json", "headers", "timeout"}
"""What the SDK says of a read; who says more wants more."""


class PlainSession(requests.Session):
    """Sends plain reads by itself.

    It keeps no cookies and follows nothing: what is mounted refuses redirects, and answers whole.
    """

    def request(  # type: ignore[override] # sixteen more are passed on as they came
        self, method: str, url: Any, *given: Any, **options: Any
    ) -> requests.Response:
        """What `requests` does. Raises whatever that, or what is mounted, raises."""
        if given or not _is_plain(method, url, options):
            return super().request(method, url, *given, **options)
        prepared = _read(url, options["params"], options["headers"])
        adapter = self.get_adapter(url)
        response = adapter.send(
            prepared, stream=False, timeout=options["timeout"], verify=True, cert=None, proxies={}
        )
        _ = response.content  # the whole of it, or what went wrong on its way
        return response


def _is_plain(method: str, url: object, options: Mapping[str, Any]) -> bool:
    return (
        method == "GET"
        and options.keys() == _OF_A_READ
        and options["json"] == {}
        and isinstance(options["params"], dict)
        and isinstance(url, str)
        and _PLAIN_URL.match(url) is not None
        and "Content-Type" in options["headers"]
    )


def _read(
    url: str, params: Mapping[str, object], headers: Mapping[str, str]
) -> requests.PreparedRequest:
    """The read as `requests` prepares it."""
    prepared = requests.PreparedRequest()
    prepared.method = "GET"
    query = _query(params)
    prepared.url = f"{url}?{query}" if query else url
    sent = {**headers, "Content-Length": _NO_BODY_SIZE}
    # To allow for another spelling of their names would cost more than all of the rest.
    prepared.headers = sent  # type: ignore[assignment] # any mapping is taken
    prepared.body = _NO_BODY
    return prepared


def _query(params: Mapping[str, object]) -> str:
    if _TEXTS.issuperset(map(type, params.values())):
        return _of_texts(tuple(params.items()))
    return urlencode(params, doseq=True)


@lru_cache(maxsize=256)
def _of_texts(params: tuple[tuple[str, object], ...]) -> str:
    """A query of texts alone: twelve products are asked for the same minutes, cycle by cycle."""
    return urlencode(params)
