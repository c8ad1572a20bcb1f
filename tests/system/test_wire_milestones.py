"""Killed at every milestone of an order on a real wire: TLS, the official client, a served market.

One book lives through all of them. Each process recovers what the one before left, sends one order
and dies where it should; in the end the venue has each intended order at most once, and both
books agree to the last digit.
"""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.cli.test_sim_serve import Served, serving
from tests.engine.stage import PostBox, Told, shipped

from trader247.adapters.clock import PacedClock
from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.transport import HardenedAdapter
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.core.book.cycle_event import cycle_event
from trader247.core.decide import decide
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.market import Product, Quote
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.money import ONE, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.proposals import ExitPlan, Proposal, Purpose
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.domain.verdicts import Approved

pytestmark = pytest.mark.slow

BTC = ProductId("BTC", "USD")
ON_THE_WIRE = (
    Milestone.INTENT_RECORDED,
    Milestone.REQUEST_BEGUN,
    Milestone.REQUEST_SENT,
    Milestone.ANSWER_ARRIVED,
    Milestone.ANSWER_READ,
    Milestone.ANSWER_CLASSIFIED,
    Milestone.OUTCOME_WRITTEN,
    Milestone.CANCEL_RECORDED,
    Milestone.CANCEL_ANSWERED,
    Milestone.CANCELS_HALF_SENT,
    Milestone.END_SEEN,
)


class Leading:
    """The served exchange's clock, led by whoever waits here."""

    def __init__(self, served: Served) -> None:
        self._url = f"https://{served.told['base_url']}/sim/clock"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = served.told["ca"]
        token = (served.tls / "admin.token").read_text().strip()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.advance(self._told(self._session.get(self._url, timeout=60)) + SECOND)

    def now(self) -> Instant:
        return self._now

    def advance(self, to: Instant) -> None:
        self._now = self._told(self._session.post(self._url, json={"to": str(to)}, timeout=60))

    @staticmethod
    def _told(response: requests.Response) -> Instant:
        assert response.status_code == 200, response.text
        return Instant.parse(response.json()["now"])


@dataclass
class Book:
    """One journal, whose venue is another process."""

    data: Path
    served: Served

    def trader(self, passing: Passing, closing: ExitStack) -> Trader:
        clock = Leading(self.served)
        key = json.loads((self.served.tls / "key.json").read_text())
        stop = KillSwitch(self.data)
        paced = PacedClock(now=clock.now, advance=clock.advance, speed=None)
        plugs = Plugs(
            policy=shipped().policy,
            interval=MINUTE,
            feed="served",
            label="SIMULATED",
            clock=paced,
            transport=HardenedAdapter(
                monotonic=paced.monotonic, is_stopped=stop.is_raised, ca_file=self.served.told["ca"]
            ),
            host=self.served.told["base_url"],
            credentials=Credentials(key["name"], key["privateKey"]),
            requests_per_second=1_000,
            install="ab" * 32,
            genesis="cd" * 32,
            is_read_only=False,
        )
        around = Surroundings(
            stop=stop,
            inbox=PostBox(),
            alerts=Told(),
            on_report=lambda *_: None,
            on_halted=lambda is_clear, kept: None,
            passing=passing,
        )
        places = Places(self.data, Mode.LIVE, VenueName.SIM)
        return assembled(places, plugs, around, closing)

    def asked(self, path: str) -> dict[str, Any]:
        """What the official client, without ours, hears."""
        body = self.served.client().get(f"/api/v3/brokerage{path}", params={"limit": 1000})
        assert isinstance(body, dict) or hasattr(body, "to_dict")
        return body if isinstance(body, dict) else body.to_dict()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    data = tmp_path_factory.mktemp("book")
    data.chmod(0o700)
    with serving(tmp_path_factory.mktemp("served"), "--seed", "7") as served:
        yield Book(data, served)


def an_order(trader: Trader, number: int, order_type: OrderType) -> Approved:
    """A small buy: at once if it may take, else resting below the market."""
    snapshot = trader.market.snapshot(cycle=number, products=(BTC,), reference=BTC)
    view = snapshot.views[BTC]
    assert isinstance(view.product, Product)
    assert isinstance(view.quote, Quote)
    step = view.product.price_increment
    price = view.quote.ask.shifted(trader.policy.execution.exit_collar_bps).floor_to(step)
    if order_type is OrderType.POST_ONLY_GTD:
        price = view.quote.bid.shifted(-trader.policy.execution.exit_collar_bps).floor_to(step)
    proposal = Proposal(
        product=BTC,
        side=Side.BUY,
        purpose=Purpose.ENTRY,
        order_type=order_type,
        price=price,
        # Two buys of one size within minutes would rightly be taken for one that was sent twice.
        quantity=Quantity.of("0.0003" if order_type is OrderType.LIMIT_IOC else "0.0004"),
        reference=view.quote.mid,
        strategy="standard",
        rule="momentum",
        decision_id=DecisionId(f"{number}:BTC-USD"),
        leg=0,
        score=ONE,
        lifetime=timedelta(minutes=5),
        plan=ExitPlan(Decimal("0.06"), Decimal("0.08"), timedelta(hours=72)),
    )
    now = trader.clock.now()
    return Approved(proposal, (), (), cycle=number, decided_at=now, quote_time=now)


def forked(act: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException:  # noqa: BLE001 # the parent is told by the exit code
            traceback.print_exc()
        finally:
            os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(milestone: Milestone) -> Passing:
    def passing(reached: Milestone) -> None:
        if reached is milestone:
            os.kill(os.getpid(), signal.SIGKILL)

    return passing


def story(book: Book, passing: Passing, number: int) -> None:
    """Recover, settle what is unknown, buy at once, let another order rest, and cancel it."""
    trader = book.trader(unwatched, ExitStack())
    trader.startup.recover()
    settle(trader)
    # Ends like these within ten minutes would rightly halt the buying.
    trader.clock.wait_until(trader.clock.now() + timedelta(minutes=11), lambda: False)
    value_the_account(trader)
    trader.close(is_clean=False)
    trader = book.trader(passing, ExitStack())
    trader.startup.recover()
    execution = trader.loop._execution
    execution.submit(an_order(trader, 2 * number, OrderType.LIMIT_IOC))
    trader.reconciler.collect()
    execution.submit(an_order(trader, 2 * number + 1, OrderType.POST_ONLY_GTD))
    trader.reconciler.collect()
    execution.cancel_all("the story ends")
    trader.reconciler.collect()


def value_the_account(trader: Trader) -> None:
    """Decide once and send nothing: without a known equity no order is allowed."""
    ledger = trader.ledger
    cycle = ledger.portfolio.cycle + 1
    snapshot = trader.market.snapshot(cycle=cycle, products=(BTC,), reference=BTC)
    decisions = decide(snapshot, ledger.portfolio, trader.policy)
    seen = trader.journal.record_market(snapshot)
    ledger.record(cycle_event(snapshot, ledger.portfolio, decisions, seen))


def settle(trader: Trader) -> None:
    """Let time pass until every outcome is known."""
    for _ in range(20):
        if not trader.ledger.portfolio.working:
            return
        trader.clock.wait_until(trader.clock.now() + timedelta(seconds=31), lambda: False)
        trader.reconciler.collect()
    raise AssertionError(trader.ledger.portfolio.working)


def test_killed_at_each_place_on_the_wire_books_agree_and_no_order_is_sent_twice(
    book: Book,
) -> None:
    for number, milestone in enumerate(ON_THE_WIRE, start=1):
        code = forked(partial(story, book, killed_at(milestone), number))
        assert code == -signal.SIGKILL, f"{milestone} was never passed"
    assert forked(lambda: story(book, unwatched, len(ON_THE_WIRE) + 1)) == 0

    with ExitStack() as closing:
        trader = book.trader(unwatched, closing)
        trader.startup.recover()
        settle(trader)
        agree(book, trader)
        trader.close(is_clean=True)


def agree(book: Book, trader: Trader) -> None:
    portfolio = trader.ledger.portfolio
    intents = {
        each.event.intent.client_order_id: each.event.intent
        for each in trader.journal.events()
        if isinstance(each.event, IntentRecorded)
    }
    orders: Sequence[dict[str, Any]] = book.asked("/orders/historical/batch")["orders"]
    names = Counter(each["client_order_id"] for each in orders)
    assert set(names.values()) == {1}, "an order was created twice"
    assert set(names) <= set(intents)
    assert len(names) >= len(ON_THE_WIRE), "most orders did arrive"
    assert {each["status"] for each in orders} <= {"FILLED", "CANCELLED", "EXPIRED"}
    fills: Sequence[dict[str, Any]] = book.asked("/orders/historical/fills")["fills"]
    assert all(trader.journal.has_fill(each["entry_id"]) for each in fills)
    assert portfolio.fills_booked == len(fills)
    assert portfolio.fills_quarantined == 0
    wallets = {each["currency"]: each for each in book.asked("/accounts")["accounts"]}
    held = Decimal(wallets["BTC"]["available_balance"]["value"])
    assert portfolio.positions[BTC].quantity.value == held
    cash = Decimal(wallets["USD"]["available_balance"]["value"])
    assert portfolio.cash is not None
    assert portfolio.cash.value == cash
