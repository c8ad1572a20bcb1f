"""The operator's side of a served simulation: what to ask of it under `/sim/`, with its token."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

from trader247.adapters.files import read_small
from trader247.domain.errors import NotAllowed, UnsafePermission, UsageError, VenueUnreachable

_SECONDS = 30
"""An answer takes as long as the exchange needs to catch up with its time."""
_BYTES_MAX = 1 << 20
ADMIN_TOKEN = "admin.token"  # noqa: S105 - the name of a file
"""Where the server leaves what its operator signs in with."""
_CA = "ca.pem"


class SimOperator:
    """Asks the server at `host`, `name:port`, whose certificate and token lie in `folder`."""

    def __init__(self, host: str, folder: Path) -> None:
        self._host = host
        self._folder = folder

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that it answers with.

        Raises:
            VenueUnreachable: nobody answers there.
            UnsafePermission: it is not ours: it does not take the token.
            UsageError: it cannot do what was asked.
            NotAllowed: it refuses.
        """
        status, content = self._exchanged(method, path, json.dumps(body or {}))
        if status == 401:
            raise UnsafePermission(
                f"the simulation at {self._host} does not take the token in {self._folder}",
                hint="name the folder that it prints at start with --tls-dir",
            )
        try:
            told = json.loads(content)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise VenueUnreachable(
                f"the simulation at {self._host} answered {status} with what is no JSON",
                hint="see what trader247 sim serve says",
            )
        if status == 200:
            return told
        message = str(told.get("message", f"status {status}"))
        if status == 409:
            raise NotAllowed(message)
        if status in (400, 404):
            raise UsageError(message, hint="trader247 sim do --help")
        raise VenueUnreachable(f"the simulation at {self._host}: {message}")

    def _exchanged(self, method: str, path: str, body: str) -> tuple[int, bytes]:
        try:
            token = read_small(self._folder / ADMIN_TOKEN, bytes_max=_BYTES_MAX).decode().strip()
            trusted = ssl.create_default_context(cafile=str(self._folder / _CA))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{self._folder} holds no token and certificate of a simulation: {error}",
                hint="name the folder that trader247 sim serve prints with --tls-dir",
            ) from error
        host, _, port = self._host.rpartition(":")
        connection = HTTPSConnection(host, int(port), timeout=_SECONDS, context=trusted)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_BYTES_MAX)
        except (OSError, HTTPException) as error:
            raise VenueUnreachable(
                f"the simulation at {self._host} does not answer: {error}",
                hint="trader247 sim serve starts it",
            ) from error
        finally:
            connection.close()
