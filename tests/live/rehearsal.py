"""A rehearsal of LIVE: a served simulation in its own process, and a book that trades on it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from coinbase.rest import RESTClient
from tests import starting
from tests.begun_market import begin
from tests.live.evidence import Shown, shown

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.serving.doing import SimBook, Where, sim_do
from trader247.app.serving.places import served_places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue.endpoint import endpoint_for
from trader247.simex.embedded import Embedded

SECONDS_MAX = 60
MARKET = ("--seed", "496", "--speed", "0.01")
ACCOUNT = "Default"
"""What the served simulation calls its one portfolio."""


@dataclass(frozen=True)
class Rehearsal:
    """One data folder, its configuration, and the port of the simulation that serves from it."""

    data: Path
    config: Path
    port: int

    @property
    def choice(self) -> Choice:
        """The live book."""
        return Choice(self.config, self.data, Mode.LIVE, VenueName.SIM)

    @property
    def places(self) -> Places:
        """Where the live book's files are."""
        return Places(self.data, Mode.LIVE, VenueName.SIM)

    @property
    def orders_at_the_exchange(self) -> int:
        """How many orders the exchange was ever sent, by its own books."""
        found = Embedded.orders_ever(served_places(self.data).exchange)
        assert found is not None, "the exchange has its books"
        return found

    def show(self, **changes: Any) -> None:
        """Write the evidence that LIVE takes, or all but what `changes` leaves out."""
        settings = load_settings(self.config)
        what = Shown(settings.policy, endpoint_for(settings.app, self.places).evidence)
        shown(self.data, replace(what, **changes))

    def say(self, **settings: str) -> None:
        """Change lines of app.yaml, by key."""
        file = self.config / "app.yaml"
        text = file.read_text()
        for key, value in settings.items():
            text, count = re.subn(rf"(?m)^(\s*){key}: .*$", rf"\g<1>{key}: {value}", text)
            assert count == 1, key
        file.write_text(text)

    def point_at(self, port: int) -> None:
        """Rehearse on the simulation that is served at `port`."""
        file = self.config / "app.yaml"
        text, count = re.subn(
            r'"localhost:\d+"(   # where LIVE)', rf'"localhost:{port}"\1', file.read_text()
        )
        assert count == 1
        file.write_text(text)

    def allow(self, settings: Mapping[str, str]) -> None:
        """Change limits of policy.yaml by key, wherever that stands. Before the evidence."""
        file = self.config / "policy.yaml"
        text = file.read_text()
        for key, value in settings.items():
            text, count = re.subn(rf"(?m)^( +{key}: )\S+", rf"\g<1>{value}", text)
            assert count, f"policy.yaml has a {key}"
        file.write_text(text)


def do(rehearsal: Rehearsal, **asked: Any) -> Mapping[str, Any]:
    """Act on the exchange as whoever runs it."""
    where = Where(rehearsal.config, rehearsal.data, SimBook.SERVED, None)
    return sim_do(where, asked).told


def configured(data: Path, config: Path, port: int) -> Rehearsal:
    """Write a configuration that trades LIVE on the simulation at `port`."""
    shutil.copytree(SHIPPED, config)
    rehearsal = Rehearsal(data, config, port)
    rehearsal.say(mode="LIVE", read_only="false")
    rehearsal.point_at(port)
    return rehearsal


@contextmanager
def served(data: Path, *options: str) -> Iterator[int]:
    """Serve the simulation of a folder in a process of its own; the port that it is at."""
    begin(data, options)
    process = starting.begin(
        ["sim", "serve", "--json", "--data", data, *options],
        environ={key: value for key, value in os.environ.items() if "TRADER247" not in key},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate(timeout=SECONDS_MAX)[1]
        yield int(json.loads(line)["base_url"].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate(timeout=SECONDS_MAX)


@contextmanager
def rehearsing(
    folder: Path, *, market: Sequence[str] = MARKET, is_shown: bool = True
) -> Iterator[Rehearsal]:
    """Serve a simulation, and configure LIVE to trade on it, with its evidence if `is_shown`."""
    data, config = folder / "data", folder / "config"
    with served(data, "--port", "0", *market) as port:
        rehearsal = configured(data, config, port)
        if is_shown:
            rehearsal.show()
        yield rehearsal


@contextmanager
def resting_elsewhere(rehearsal: Rehearsal) -> Iterator[Callable[[], bool]]:
    """An order under our name that another folder's trader decided on; whether it still rests."""
    client = client_of(rehearsal)
    answer = client.limit_order_gtc_buy(f"t247-0ther1-1-{uuid4()}", "BTC-USD", "0.001", "20000.00")
    assert answer.success, answer.to_dict()
    order_id = answer.success_response["order_id"]

    def rests() -> bool:
        return bool(client.get_order(order_id).order.status == "OPEN")

    assert rests()
    yield rests
    client.cancel_orders([order_id])


def client_of(rehearsal: Rehearsal) -> RESTClient:
    """The exchange's own client, with the trader's key."""
    tls = served_places(rehearsal.data).tls
    made = RESTClient(key_file=str(tls / "key.json"), base_url=f"localhost:{rehearsal.port}")
    made.session.verify = str(tls / "ca.pem")
    made.session.trust_env = False
    return made
