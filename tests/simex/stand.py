"""A served exchange without a socket: real keys and signatures, and a clock that tests turn."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from coinbase.rest import RESTClient
from tests.simex.scripted import ScriptedFeed

from trader247.simex.deeds.admin import Admin
from trader247.simex.deeds.by_name import Deeds
from trader247.simex.door.key_files import new_keys
from trader247.simex.door.keyring import Keyring
from trader247.simex.door.limits import Limits
from trader247.simex.exchange import Exchange
from trader247.simex.faults.hands import Hands
from trader247.simex.faults.inside import Inside
from trader247.simex.faults.line import Line
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.streaming import PlannedFaults
from trader247.simex.pace import Pace
from trader247.simex.schema import Identity
from trader247.simex.store import Store
from trader247.simex.streams.faults import NoFaults
from trader247.simex.streams.hub import Streams
from trader247.simex.switches import Switches
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.request import Reply, Request
from trader247.simex.wire.transport import InProcess

HOST = "localhost:8443"
PREFIX = "/api/v3/brokerage"
TOKEN = "0123456789abcdef" * 3
FILES = new_keys("o", ("trade", "modern", "view", "transfer"))
"""Made once: a key is a lot of arithmetic."""
TRADE, MODERN, VIEW, TRANSFER = (each.key.name for each in FILES)


class Stand:
    """One exchange of a scripted market behind a wire that verifies every token."""

    def __init__(
        self,
        feed: ScriptedFeed,
        *switches: str,
        usd: int = 10_000,
        faults: NoFaults | None = None,
        mishaps: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        store = Store.create(":memory:", Identity.of(feed))
        chosen = Switches.parse(switches)
        self.exchange = Exchange(store, feed, {"USD": Decimal(usd)})
        self.keyring = Keyring(each.key for each in FILES)
        self.passed_us = 0
        self.machine_skew_s = 0
        self.pace = Pace(
            self.exchange,
            from_us=self.exchange.now_us,
            monotonic_us=lambda: self.passed_us,
            speed=Decimal(1),
        )
        self.saved_keys = ""
        deeds = Deeds(
            self.exchange,
            keyring=self.keyring,
            save_keys=self._save_keys,
            keep_time=self.pace.keep,
        )
        self.admin = Admin(TOKEN, deeds.handlers())
        self.plan = Plan.parse(mishaps, seed=seed)
        self.line = Line(self.plan, lambda: self.exchange.now_us)
        self.wire = Wire(
            self.exchange,
            switches=chosen,
            keyring=self.keyring,
            machine_s=lambda: int(time.time()) + self.machine_skew_s,
            keep_time=self.pace.keep,
            limits=Limits(chosen, lambda: self.exchange.now_us),
            inside=Inside(self.plan, Hands(self.exchange)),
        )
        self.streams = Streams(
            self.exchange,
            entrance=self.wire.entrance,
            account=self.wire.account,
            switches=chosen,
            monotonic_us=lambda: self.passed_us,
            is_led=lambda: self.pace.is_led,
            faults=faults or PlannedFaults(self.plan, lambda: self.exchange.now_us),
        )

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.passed_us += round(seconds * 1_000_000)
        self.pace.keep()
        self.streams.pump()

    def client(self, key: str = TRADE, *, is_counting: bool = False) -> RESTClient:
        """The official client, unmodified, with one of the keys."""
        content = next(json.loads(each.content) for each in FILES if each.key.name == key)
        client = RESTClient(
            api_key=key,
            api_secret=content["privateKey"],
            base_url=HOST,
            rate_limit_headers=is_counting,
        )
        return self._mounted(client)

    def keyless(self) -> RESTClient:
        """The official client without a key."""
        return self._mounted(RESTClient(base_url=HOST))

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: Mapping[str, Any] | bytes = b"{}",
        authorization: str | None = None,
        peer: str = "127.0.0.1",
    ) -> Reply:
        """A request by hand."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.wire.answer(
            Request(method, HOST, PREFIX + path, query, raw, authorization, peer)
        )

    def do(self, action: str, *, token: str = TOKEN, **fields: Any) -> tuple[int, Any]:
        """Something that whoever runs the exchange does to it: status and body."""
        body = json.dumps({"action": action, **fields}).encode()
        asking = self.admin.answer(
            Request("POST", HOST, "/sim/do", "", body, f"Bearer {token}", "127.0.0.1")
        )
        reply = asyncio.run(asking)
        is_json = reply.content_type.startswith("application/json")
        return reply.status, json.loads(reply.body) if is_json else reply.body

    def _save_keys(self) -> None:
        self.saved_keys = self.keyring.to_json()

    def _mounted(self, client: RESTClient) -> RESTClient:
        client.session.trust_env = False
        client.session.mount("https://", InProcess(self.wire, self.line))
        return client
