"""The venue behind the Venue port: Coinbase Advanced Trade, or whatever speaks as it does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from trader247.adapters.coinbase import codec, outcome, render
from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.answers import Body
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.errors import FAILURES, OrderWithheld, clean
from trader247.adapters.coinbase.understood import Understood
from trader247.domain.balances import Balance
from trader247.domain.errors import VenueError
from trader247.domain.fills import Fill, IrregularFill
from trader247.domain.ids import ClientOrderId, EntryId, OrderId
from trader247.domain.intents import OrderBody
from trader247.domain.keys import KeyPermissions
from trader247.domain.market import FeeTier
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.orders import Order
from trader247.domain.outcomes import (
    NOT_SENT,
    RATE_BUDGET,
    CancelResult,
    Declined,
    Outcome,
    Unknown,
)
from trader247.domain.proposals import Proposal
from trader247.domain.time import SECOND, Instant
from trader247.domain.verdicts import Approved

DECISION_AGE_MAX = 2 * SECOND
"""An order whose decision is older is not sent."""
CANCELS_MAX = 100
"""Orders in one request to cancel, by the venue's rule."""
ORDERS_PAGE = 250
FILLS_PAGE = 250
ACCOUNTS_PAGE = 250
PAGES_MAX = 400
"""Pages of one listing; more mean that the venue's cursor runs in circles."""

_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


class CoinbaseVenue:
    """The one door to the exchange."""

    def __init__(self, client: CoinbaseClient, *, passing: Passing = unwatched) -> None:
        self._client = client
        self._passing = passing
        self._irregular: dict[EntryId, IrregularFill] = {}
        self._orders_known = Understood("order_id", codec.order)
        self._fills_known = Understood("entry_id", codec.fill)

    def render(self, approved: Approved, client_order_id: ClientOrderId, end: Instant) -> OrderBody:
        """The exact body that `submit` will send."""
        return render.render(approved, client_order_id, end)

    def submit(self, approved: Approved, body: OrderBody) -> Outcome:
        """Send an order's recorded body, once. Never raises: what is unclear is `Unknown`."""
        client = self._client
        try:
            sent = json.loads(body.text)
        except ValueError:
            return Declined("body_unreadable", "the recorded body is no JSON", is_sent=False)
        if not client.has_leave_to_order():
            return Declined(RATE_BUDGET, "no room for an order in the rate budget", is_sent=False)
        sent_before = client.orders_sent
        try:
            answer = client.post_order(
                json.loads(body.text), body.sha256, until=approved.decided_at + DECISION_AGE_MAX
            )
        except FAILURES as error:
            return self._of_failure(error, is_sent=client.orders_sent != sent_before)
        self._passing(Milestone.ANSWER_READ)
        result = outcome.of_answer(sent, answer)
        if isinstance(result, Unknown):
            client.failed(VenueError(result.detail))
        else:
            client.answered()
        return result

    def _of_failure(self, error: BaseException, *, is_sent: bool) -> Outcome:
        if isinstance(error, OrderWithheld):
            return Declined(error.code, clean(str(error)), is_sent=False)
        self._client.failed(error)
        if not is_sent:
            return Declined(NOT_SENT, clean(f"{type(error).__name__}: {error}"), is_sent=False)
        return outcome.of_error(error)

    def cancel(self, orders: Sequence[OrderId]) -> tuple[CancelResult, ...]:
        """Ask for cancels, in batches; the answer means requested.

        An order without an answer of its own counts as not taken.

        Raises:
            VenueError: a request failed; cancels of earlier batches may have been taken.
        """
        wanted = tuple(dict.fromkeys(orders))
        results: dict[OrderId, CancelResult] = {}
        for start in range(0, len(wanted), CANCELS_MAX):
            batch = wanted[start : start + CANCELS_MAX]
            answer = self._client.post("/orders/batch_cancel", {"order_ids": list(batch)})
            for fields in read.records(answer, "results"):
                result = codec.cancel_result(fields)
                results[result.order_id] = result
            self._passing(Milestone.CANCELS_HALF_SENT)
        return tuple(
            results.get(order_id) or CancelResult(order_id, is_taken=False, reason="no_answer")
            for order_id in wanted
        )

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """Every order created at or after `since`, whatever its state, all pages, newest first.

        Raises:
            VenueError: a page is missing or cannot be read.
        """
        found: dict[OrderId, Order] = {}
        query = {"start_date": str(since), "limit": ORDERS_PAGE}
        for page in self._pages("/orders/historical/batch", query):
            for order in codec.orders(read.records(page, "orders"), self._orders_known.of):
                # Pages are no snapshot: an order may be met twice, and the later look is truer.
                found[order.order_id] = order
        return tuple(found.values())

    def order(self, order_id: OrderId) -> Order | None:
        """One order, or None if the venue does not know it.

        Raises:
            VenueError: nothing that can be read answers, or another order than was asked for.
        """
        if _ORDER_ID.match(order_id) is None:
            return None
        answer = self._client.lookup(f"/orders/historical/{order_id}")
        if answer is None:
            return None
        order = codec.order(read.record(answer, "order"))
        if order.order_id != order_id:
            raise VenueError(f"another order answers for {order_id}: {order.order_id}")
        return order

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """Every fill whose sequence time is at or after `since`, oldest first, all pages."""
        found: dict[EntryId, Fill] = {}
        self._irregular = {}
        for page in self._fill_pages(since):
            for fields in read.records(page, "fills"):
                fill = self._fills_known.of(fields)
                if fill is None:
                    continue
                if isinstance(fill, IrregularFill):
                    self._irregular[fill.fill.entry_id] = fill
                elif found.setdefault(fill.entry_id, fill) != fill:
                    raise VenueError(f"the venue lists fill {fill.entry_id} in two versions")
        return tuple(sorted(found.values(), key=lambda fill: (fill.sequence_time, fill.entry_id)))

    def irregular_fills(self) -> tuple[IrregularFill, ...]:
        """What the last reading of fills met besides: to be told of, never summed."""
        return tuple(self._irregular.values())

    @property
    def orders_sent(self) -> int:
        """Orders of which at least one byte left, by the transport's own count."""
        return self._client.orders_sent

    def balances(self) -> Mapping[str, Balance]:
        """Every currency of the account, all pages; several wallets of a currency are one."""
        balances: dict[str, Balance] = {}
        for page in self._pages("/accounts", {"limit": ACCOUNTS_PAGE}):
            for fields in read.records(page, "accounts"):
                codec.add_balance(balances, fields)
        return balances

    def fees(self) -> FeeTier:
        """The account's fee tier for spot."""
        answer = self._client.get("/transaction_summary", {"product_type": "SPOT"})
        return codec.fee_tier(answer, self._client.clock.now())

    def time(self) -> Instant:
        """The venue's own clock."""
        return codec.time(self._client.get("/time", is_public=True))

    def permissions(self) -> KeyPermissions:
        """What the key may do. Raises VenueError."""
        return codec.permissions(self._client.get("/key_permissions"))

    def portfolio_name(self, uuid: str) -> str:
        """What the venue calls a portfolio. Raises VenueError, also where it does not list it."""
        for each in read.records(self._client.get("/portfolios"), "portfolios"):
            if read.text(each, "uuid") == uuid:
                return read.required(each, "name")
        raise VenueError(f"the venue lists no portfolio {uuid}")

    def preview(self, proposal: Proposal, end: Instant) -> tuple[str, ...]:
        """Why the venue would decline this order, empty if it would take it. Creates nothing."""
        answer = self._client.post(
            "/orders/preview",
            {
                "product_id": str(proposal.product),
                "side": proposal.side.value,
                "order_configuration": render.configuration(proposal, end),
            },
        )
        said = answer.get("errs")
        if not isinstance(said, list):
            raise read.malformed("errs", said, "a list")
        return tuple(clean(str(reason)) for reason in said)

    def _pages(self, path: str, query: Mapping[str, object]) -> Iterator[Body]:
        """The pages of a listing that says itself whether there is a next one."""
        cursor, seen = "", set[str]()
        for _ in range(PAGES_MAX):
            page = self._client.get(path, {**query, "cursor": cursor or None})
            yield page
            has_next = read.flag(page, "has_next")
            if has_next is None:
                raise read.malformed("has_next", None, "true or false")
            if not has_next:
                return
            cursor = _cursor(page)
            if not cursor or cursor in seen:
                raise VenueError(f"{path} has a next page, but no new cursor to it")
            seen.add(cursor)
        raise VenueError(f"{path} has more than {PAGES_MAX} pages")

    def _fill_pages(self, since: Instant) -> Iterator[Body]:
        """The pages of fills: they end with no cursor, the same cursor, or an empty page."""
        cursor, seen = "", set[str]()
        query = {"start_sequence_timestamp": str(since), "limit": FILLS_PAGE}
        for _ in range(PAGES_MAX):
            page = self._client.get("/orders/historical/fills", {**query, "cursor": cursor or None})
            yield page
            cursor = _cursor(page)
            if not cursor or cursor in seen or not page["fills"]:
                return
            seen.add(cursor)
        raise VenueError(f"fills have more than {PAGES_MAX} pages")


def _cursor(page: Body) -> str:
    """Where the next page begins: opaque, and longer than an id may be."""
    value = page.get("cursor")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 4096:
        raise read.malformed("cursor", None, "a text")
    return value
