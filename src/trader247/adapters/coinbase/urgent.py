"""The shortest way to the venue for cancelling now: it lists, it cancels, and nothing else.

Beside the SDK, not through it: that takes most of a second to load, and here a second counts. The
transport, its bounds and the signing are those of every other request. What is read is as little
as will do, so that a field that drifted cannot stand between us and a cancel: an order whose state
is no known final one lives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

import requests
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.answers import parse
from trader247.adapters.coinbase.auth import Signer
from trader247.adapters.coinbase.errors import FAILURES, venue_error
from trader247.adapters.coinbase.guard import API, CANCELS
from trader247.adapters.coinbase.transport import HardenedAdapter
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.domain.ids import OWN_PREFIX
from trader247.domain.time import Instant

QUICK = timedelta(seconds=1)
PATIENT = timedelta(seconds=8)
"""A venue that is slow for everybody is waited for, once quick tries have failed."""
PAGE = 250
CANCELS_MAX = 100

_LISTING = f"{API}/orders/historical/batch"
_FINAL = frozenset({"FILLED", "CANCELLED", "EXPIRED", "FAILED"})
_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


@dataclass(frozen=True, slots=True)
class Listed:
    """An order that may live: `is_ours` by its name, `is_sale` by its side."""

    order_id: str
    name: str
    product: str
    is_ours: bool
    is_sale: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: those orders that may live, and where the next page begins.

    `unreadable` counts records of which not even the id could be read.
    """

    live: tuple[Listed, ...]
    orders: int
    unreadable: int
    cursor: str | None


class UrgentClient:
    """One connection for quick requests and one for patient ones. One thread uses it."""

    def __init__(
        self,
        host: str,
        signer: Signer,
        *,
        ca_file: str,
        monotonic: Callable[[], timedelta],
        transport: BaseAdapter | None = None,
    ) -> None:
        """Several clients may share a signer. `transport` carries the bytes where they go by
        another way than a connection of its own.
        """
        self._host = host
        self._signer = signer

        def adapter(total: timedelta) -> BaseAdapter:
            return transport or HardenedAdapter(
                monotonic=monotonic,
                # The stop is why we are here: it aborts nothing.
                is_stopped=lambda: False,
                ca_file=ca_file or None,
                total=total,
                connect=total,
            )

        self._adapters = {False: adapter(QUICK), True: adapter(PATIENT)}

    def time(self, *, is_patient: bool) -> Instant:
        """The venue's own clock. Raises VenueError."""
        body = self._ask("GET", f"{API}/time", is_patient=is_patient, is_public=True)
        try:
            seconds = int(str(body["epochSeconds"]))
        except (KeyError, ValueError):
            raise VenueError("the venue's time cannot be read") from None
        if seconds < 0:  # orders are listed from there on, and no calendar may reach so far back
            raise VenueError(f"the venue's time lies before 1970: {seconds} s")
        return Instant.from_seconds(seconds)

    def portfolio(self, *, is_patient: bool) -> str:
        """The portfolio that the key reaches. Raises VenueError."""
        body = self._ask("GET", f"{API}/key_permissions", is_patient=is_patient)
        found = body.get("portfolio_uuid")
        if not isinstance(found, str) or not found:
            raise VenueError("the venue does not say which portfolio the key reaches")
        return found

    def page(
        self, since: Instant | None, cursor: str, *, statuses: Sequence[str], is_patient: bool
    ) -> Page:
        """One page of the orders created since then, newest first; of every state, but for
        `statuses`.

        Raises:
            VenueError: there is no whole page.
        """
        query: list[tuple[str, str]] = [("limit", str(PAGE))]
        if since is not None:
            query.append(("start_date", str(since)))
        query += [("order_status", status) for status in statuses]
        if cursor:
            query.append(("cursor", cursor))
        body = self._ask("GET", _LISTING, query=query, is_patient=is_patient)
        records, has_next = body.get("orders"), body.get("has_next")
        if not isinstance(records, list) or not isinstance(has_next, bool):
            raise VenueError("the venue's listing of orders cannot be read")
        following = str(body.get("cursor") or "")
        if has_next and (not following or following == cursor):
            raise VenueError("the listing has a next page, but no new cursor to it")
        found = [_listed(each) for each in records]
        return Page(
            live=tuple(each for each in found if isinstance(each, Listed)),
            orders=len(records),
            unreadable=found.count(False),
            cursor=following if has_next else None,
        )

    def cancel(self, order_ids: Sequence[str], *, is_patient: bool) -> None:
        """Ask for the end of up to 100 orders; only a later listing tells what became of it.

        Raises:
            VenueError: no answer, or not the expected one.
        """
        assert 0 < len(order_ids) <= CANCELS_MAX, "the venue takes a hundred at most"
        body = self._ask(
            "POST", CANCELS, body={"order_ids": list(order_ids)}, is_patient=is_patient
        )
        if not isinstance(body.get("results"), list):
            raise VenueError("the venue's answer to a cancel cannot be read")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: Mapping[str, object] | None = None,
        is_patient: bool,
        is_public: bool = False,
    ) -> Mapping[str, object]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if not is_public:
            token = self._signer.token(method=method, host=self._host, path=path)
            headers["Authorization"] = f"Bearer {token}"
        request = requests.Request(
            method,
            f"https://{self._host}{path}" + (f"?{urlencode(query)}" if query else ""),
            headers=headers,
            data=None if body is None else json.dumps(body),
        ).prepare()
        try:
            answer = self._adapters[is_patient].send(request)
            if answer.status_code != 200:
                raise requests.HTTPError(f"HTTP {answer.status_code}", response=answer)
            return parse(answer.content)
        except FAILURES as error:
            raise venue_error(error) from None


def _listed(record: object) -> Listed | bool:
    """The order if it may live, True if it has ended, False if it cannot be read."""
    if not isinstance(record, dict):
        return False
    status = record.get("status")
    if isinstance(status, str) and status in _FINAL:
        return True
    order_id, name = record.get("order_id"), record.get("client_order_id")
    if not isinstance(order_id, str) or _ORDER_ID.match(order_id) is None:
        return False
    known = name if isinstance(name, str) else ""
    return Listed(
        order_id=order_id,
        name=known,
        product=str(record.get("product_id", "")),
        is_ours=known.startswith(OWN_PREFIX),
        is_sale=record.get("side") == "SELL",
    )
