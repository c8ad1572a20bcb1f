"""A second process that watches the account and stops the trader by itself, on its own criteria.

It reads the venue's books alone, and of the trader the age of its heartbeat. Over a limit, and
still over it in a second look at once, it raises the kill switch, cancels at the venue and tells
people through the channels of app.yaml. It takes no lock, writes no journal and sends no order.
What the day opened at it keeps beside the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from trader247.adapters.channels import NotDelivered
from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase import depth
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import viewed_exchange
from trader247.app.granting.granting import credentials_of, live_key
from trader247.app.killing.raising import KillOn, kill_on
from trader247.app.killing.target import NOTHING_NAMED, AtVenue
from trader247.app.monitoring.opening import KeptOpening
from trader247.app.monitoring.overseeing import Finding, Judged, Overseer, OverseerLimits, Seen
from trader247.app.outside.pulse import life_of
from trader247.app.outside.telling import channels_of
from trader247.app.settings.layout import Section
from trader247.app.settings.load import Settings
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.reading import read_values
from trader247.app.settings.yaml_tree import read_yaml
from trader247.app.venue.endpoint import endpoint_for
from trader247.app.venue.looking import endpoint_client, simulated_client
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import Trader247Error, UsageError, VenueError
from trader247.domain.ids import ProductId
from trader247.domain.money import Price
from trader247.domain.time import DAY, SECOND
from trader247.ports import Clock

FILE = "monitor.yaml"
LIMITS = Section(("limits",), OverseerLimits)
LOOK_MAX = 120 * SECOND
"""What reading an account may take, however many pages, coins and slow answers there are. What was
not read by then is not known. Two looks fit into the 300 s after which people are told."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the account; `trouble` says why there is none, else it is empty."""

    judged: Judged | None
    trouble: str

    @property
    def is_well(self) -> bool:
        """Whether everything is known and nothing is over a limit."""
        return self.judged is not None and self.judged.is_well


@dataclass(frozen=True, slots=True)
class Stopped:
    """The trader was stopped: for what, how that ended, and which channels took the alert."""

    breaches: tuple[Finding, ...]
    kill: KillOn
    told: tuple[str, ...]
    untold: tuple[str, ...]


def limits_of(settings: Settings, file: Path | None) -> OverseerLimits:
    """The limits of `file`, or of monitor.yaml in the configuration folder, or the shipped ones.

    Raises:
        UsageError: the file that was named is not there.
        SettingsInvalid: it cannot be used.
    """
    path = file or settings.source.path(FILE)
    if not path.is_file():
        if file is not None:
            raise UsageError(f"there is no file {file}", hint="leave --limits out for the defaults")
        return OverseerLimits()
    table, problems = read_yaml(path, label=str(path))
    values, wrong = read_values(table, (LIMITS,), label=str(path), environment={})
    if values is None or problems or wrong:
        raise SettingsInvalid([*problems, *wrong])
    found: OverseerLimits = values.instance(LIMITS)
    return found


class Monitor:
    """Looks at one book's account again and again."""

    def __init__(
        self, choice: Choice, *, limits: Path | None, foreign: dict[str, Decimal] | None = None
    ) -> None:
        """`foreign` are coins of the account that are not the trader's.

        Raises:
            SettingsInvalid, UsageError: the configuration or the limits cannot be used.
        """
        self.settings, self.places = choice.settle_to_look()
        self._choice = choice
        self._overseer = Overseer(limits_of(self.settings, limits), foreign or {})
        self._opening = KeptOpening(self.places.monitor, self._overseer.foreign)

    def look(self) -> Look:
        """Look once; what is over a limit is looked at again at once, because books move."""
        found = self._looked()
        if found.judged is not None and found.judged.breaches:
            return self._looked()
        return found

    def stop(self, breaches: tuple[Finding, ...], on_news: Callable[[str], None]) -> Stopped:
        """Raise the kill switch, cancel at the venue, and tell people.

        Raises:
            StorageError: the switch could not be made, and no venue is known.
        """
        reason = "monitor: " + "; ".join(each.text for each in breaches)
        kill = kill_on(
            self.places.data,
            reason=reason,
            is_waited_for=True,
            on_raised=lambda _: None,
            at_venue=self._way(),
            on_news=on_news,
        )
        orders = "Orders were cancelled" if kill.is_proven else "That no order rests is NOT PROVEN"
        text = (
            f"KILL SWITCH ACTIVATED by the independent monitor: {reason}. {orders}, "
            "positions are kept. Next: trader247 status; "
            f"{'trader247 kill off' if kill.is_proven else 'trader247 kill on --key-file PATH'}"
        )
        told, untold = self._tell("trader247 CRITICAL monitor", text, key=reason)
        return Stopped(breaches, kill, told, untold)

    @property
    def patience(self) -> timedelta:
        """How long a look may be unwell before people are told: as long as a trader may be
        silent."""
        return timedelta(seconds=self._overseer.limits.silence_seconds_max)

    def tell(self, look: Look) -> tuple[str, ...]:
        """Tell people why the account cannot be vouched for. Answers which channels took it."""
        why = look.trouble
        if look.judged is not None:
            why = "; ".join(each.text for each in look.judged.findings)
        text = (
            f"The independent monitor cannot vouch for {self.places.book}, for "
            f"{self.patience.total_seconds():.0f} s by now: {why}. Nothing was stopped by it. "
            "Next: trader247 status"
        )
        told, _ = self._tell("trader247 WARNING monitor", text, key=why)
        return told

    def _tell(self, title: str, text: str, *, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Which channels took a message, and which did not."""
        told: list[str] = []
        untold: list[str] = []
        for channel in channels_of(self.settings.app):
            try:
                channel.deliver(title=title, body=text, key=sha256(key.encode()).hexdigest()[:32])
                told.append(channel.name)
            except NotDelivered:
                untold.append(channel.name)
        return tuple(told), tuple(untold)

    def _way(self) -> AtVenue:
        """How it reaches a real venue by itself: by its own key, whatever the trader has left."""
        if self.places.mode is not Mode.LIVE:
            return NOTHING_NAMED
        source = live_key(self._choice, self.settings, self.places)
        endpoint = endpoint_for(self.settings.app, self.places)
        return AtVenue(
            key_file=None if source is None else source.path,
            host=endpoint.host,
            ca_file=endpoint.ca_file,
        )

    def _looked(self) -> Look:
        try:
            ends = SystemClock().monotonic() + LOOK_MAX
            with _venue(self._choice, self.settings, self.places) as client:
                seen = _seen(client, self.settings.app.quote_currency, ends)
                if self.places.venue is not VenueName.SIM:
                    seen = replace(seen, own=SystemClock().now())
        except VenueError as error:
            return Look(None, str(error))
        return Look(self._judged(seen), "")

    def _judged(self, seen: Seen) -> Judged:
        """What the account says, by what the day opened at, whoever saw that."""
        overseer, kept = self._overseer, self._opening
        overseer.opening = kept.on(seen.clocks)
        judged = overseer.judge(seen, silence=self._silence())
        if overseer.opening is not None:
            kept.keep(overseer.opening)
        if not kept.trouble:
            return judged
        unkept = Finding("opening", f"a day's loss may be missed: {kept.trouble}", is_breach=False)
        return replace(judged, findings=(*judged.findings, unkept))

    def _silence(self) -> timedelta | None:
        """The age of the heartbeat; nothing where single cycles are called from outside."""
        life = life_of(self.places.data)
        return timedelta(0) if life.is_once else life.age


@contextmanager
def _venue(choice: Choice, settings: Settings, places: Places) -> Iterator[CoinbaseClient]:
    """A client of the book's venue that sends no orders."""
    with ExitStack() as stack:
        if places.has_exchange:
            exchange = viewed_exchange(places)
            stack.callback(exchange.close)
            yield simulated_client(exchange)
            return
        credentials = credentials_of(choice, settings, places)
        if credentials is None:
            raise UsageError(
                "the account of a real venue takes a key to look at it",
                hint="--key-file PATH, a key that may view",
            )
        yield endpoint_client(endpoint_for(settings.app, places), credentials, patience=LOOK_MAX)


def _seen(client: CoinbaseClient, currency: str, ends: timedelta) -> Seen:
    """The account and its prices; open orders are read before balances, so that a fill between the
    two counts twice and not never. All of it by the venue's clock: a simulated one has its own.
    From `ends` on, by the machine's, no price is asked for any more.
    """
    venue = CoinbaseVenue(client)
    now = venue.time()
    orders = venue.orders(now - DAY)
    balances = venue.balances()
    holdings = {
        each: balance.total
        for each, balance in sorted(balances.items())
        if each != currency and balance.total > 0
    }
    cash = balances[currency].total if currency in balances else Decimal(0)
    machine = SystemClock()
    prices = {
        each: None if machine.monotonic() >= ends else _bid(client, ProductId(each, currency))
        for each in holdings
    }
    return Seen(now, cash, holdings, prices, orders)


def _bid(client: CoinbaseClient, product: ProductId) -> Price | None:
    try:
        answer = client.market("/product_book", {"product_id": str(product), "limit": 1})
        quote, _ = depth.book(answer, product)
    except VenueError:
        return None  # what it is worth is unknown, and that is told
    return None if quote.is_crossed else quote.bid


def watched(
    monitor: Monitor,
    *,
    every: timedelta,
    on_look: Callable[[Look], None],
    on_news: Callable[[str], None],
    clock: Clock | None = None,
) -> Stopped:
    """Look until something is over a limit, then stop the trader.

    What is not well, and no breach, is told through the channels once it has lasted: a watch that
    sees nothing must not look like one that sees that all is well. `clock` is the machine's.

    Raises:
        KeyboardInterrupt: a person ended the watch; the trader goes on.
        Trader247Error: not even the first look can be had. Whatever fails a later one is told.
    """
    clock = clock or SystemClock()
    since: timedelta | None = None
    is_told, is_first = False, True
    while True:
        try:
            look = monitor.look()
        except Trader247Error as error:
            if is_first:
                raise
            look = Look(None, str(error))
        is_first = False
        on_look(look)
        if look.judged is not None and look.judged.breaches:
            return monitor.stop(look.judged.breaches, on_news)
        now = clock.monotonic()
        if look.is_well:
            since, is_told = None, False
        elif since is None:
            since = now
        elif now - since >= monitor.patience and not is_told:
            is_told = True
            told = monitor.tell(look)
            on_news(f"told {', '.join(told) or 'nobody'} that the account cannot be vouched for")
        clock.wait_until(clock.now() + every, lambda: False)
