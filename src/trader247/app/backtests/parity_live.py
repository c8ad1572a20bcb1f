"""LIVE on a tape, for parity: the whole of it down to the signed request, and nobody's money.

The trader is the one that `live` plugs together: a key that the exchange verifies, a permit, a
watched app.yaml, the key's standing, the emergency file. Beneath it lies the embedded exchange on
the tape, whose time stands still within a cycle. What LIVE adds before a person trusts it, arming
and the confirmation of the first trades, is left out: it would decide otherwise on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from trader247.adapters.clock import PacedClock
from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.granting.granting import granted_beneath
from trader247.app.keys.files import KeySource
from trader247.app.settings.load import Settings
from trader247.app.settings.location import SHIPPED, ConfigSource
from trader247.app.wiring import simulation
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.live import Timing, live
from trader247.app.wiring.world import Beneath, World
from trader247.core.policy import Policy
from trader247.simex.door.key_files import new_keys
from trader247.simex.door.keyring import Keyring
from trader247.simex.faults.plan import Plan

_IDS = tuple(f"00000000-0000-4000-8000-{number:012x}" for number in range(5))
_ALLOWED = {'mode: "PAPER"': 'mode: "LIVE"', "read_only: true": "read_only: false"}


@contextmanager
def live_on_tape(
    folder: Path, tape: Path, settings: Settings, policy: Policy, around: Surroundings
) -> Iterator[Trader]:
    """A LIVE trader on a tape in a new folder, recovered and about to begin.

    Raises:
        TapeUnusable: the tape cannot be used.
        StorageError: a file cannot be written.
    """
    data = folder / "data"
    data.mkdir(mode=0o700)
    places = Places(data, Mode.LIVE, VenueName.SIM)
    source = _allowing(folder / "config")
    feed = Market(seed=None, start=None, replay=tape.resolve()).feed()
    funding = {settings.app.quote_currency: settings.app.paper_equity.value}
    exchange = simulation.open_exchange(places, feed, funding)
    try:
        key, keyring = _key(folder)
        adapter = exchange.troubled_adapter(Plan(), pass_us=lambda _: None, keyring=keyring)
        clock = PacedClock(
            now=lambda: simulation.now_at(exchange),
            advance=lambda when: simulation.advance(exchange, when),
            speed=None,
        )
        beneath = Beneath(
            transport=lambda _: adapter, account="", vfs=None, is_time_standing_still=True
        )
        asked = replace(settings, policy=policy, source=source)
        trader = live(
            asked,
            places,
            around,
            Timing(timedelta(seconds=60), speed=None),
            key=key,
            grant=granted_beneath(asked, beneath),
            world=World(clock=clock, beneath=beneath),
        )
        try:
            assert trader.key_watch is not None, "a live trader watches its key"
            trader.key_watch.begin()
            trader.startup.recover()
            yield trader
        finally:
            trader.close(is_clean=True)
    finally:
        exchange.close()


def _allowing(folder: Path) -> ConfigSource:
    """A configuration whose app.yaml lets a trader send: it is looked at before each order."""
    text = (SHIPPED / "app.yaml").read_text(encoding="utf-8")
    for old, new in _ALLOWED.items():
        assert old in text, f"the shipped app.yaml says {old}"
        text = text.replace(old, new)
    folder.mkdir(mode=0o700)
    (folder / "app.yaml").write_text(text, encoding="utf-8")
    return ConfigSource(folder, "parity")


def _key(folder: Path) -> tuple[KeySource, Keyring]:
    """A key that trades, in a file that is its user's alone, and an exchange's knowledge of it."""
    organization, *ids = _IDS
    _, key, _, _ = new_keys(organization, (ids[0], ids[1], ids[2], ids[3]))
    path = folder / key.name.rpartition("/")[2]
    path.touch(mode=0o600)
    path.write_bytes(key.content)
    return KeySource(path, "parity"), Keyring([key.key])
