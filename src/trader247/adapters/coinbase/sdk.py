"""The official SDK, unmodified but for how it signs. Importing this is slow: do it late."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy

from coinbase.constants import USER_AGENT
from coinbase.rest import RESTClient
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.auth import Signer
from trader247.adapters.coinbase.plain_session import PlainSession

_PUBLIC = ("/api/v3/brokerage/market/", "/api/v3/brokerage/time")


class SignedClient(RESTClient):  # type: ignore[misc] # the SDK has no types
    """The SDK's client with tokens of our making and a session that goes where we say."""

    def __init__(
        self, *, host: str, signer: Signer | None, transport: BaseAdapter, timeout: object
    ) -> None:
        # The SDK logs bodies of error answers, to a handler that it installs when imported.
        logging.getLogger("coinbase.RESTClient").disabled = True
        # Given a key, the SDK lets private requests pass; the secret stays with the signer.
        held = (signer.name, "held by the signer") if signer else (None, None)
        super().__init__(api_key=held[0], api_secret=held[1], base_url=host, timeout=timeout)
        self._signer = signer
        self._host = host
        self._private = {
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
        }
        self._public = {**self._private, "Cache-Control": "no-cache"}
        session = PlainSession()
        session.trust_env = False
        session.max_redirects = 0
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # None spares each request the merging of nothing: a quarter of its cost.
        session.headers = None  # type: ignore[assignment] # requests takes it
        session.params = None  # type: ignore[assignment] # requests takes it
        session.proxies = None  # type: ignore[assignment] # requests takes it
        session.adapters.clear()
        session.mount("https://", transport)
        self.session = session

    def set_headers(self, method: str, path: str) -> dict[str, str]:
        """Headers with a fresh token; public paths go without one."""
        if self._signer is None or path.startswith(_PUBLIC):
            return dict(self._public)
        token = self._signer.token(method=method, host=self._host, path=path)
        return {**self._private, "Authorization": f"Bearer {token}"}
