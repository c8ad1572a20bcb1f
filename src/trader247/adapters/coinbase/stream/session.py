"""What one connection was asked, and what it has said so far.

A venue that refuses one product of a subscription refuses it whole, and does not say which product
it was. So after a refusal each product is asked for in a message of its own, at a pace that the
venue takes: what is refused then is that product alone, and the others are streamed.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.messages import Envelope
from trader247.adapters.coinbase.stream.sequence import Sequence as Numbers
from trader247.adapters.coinbase.stream.sequence import Step
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND

OPEN_MAX = 5 * SECOND
"""For the server's agreement, and then again for its confirmation of each subscription."""
SILENCE_MAX = 3 * SECOND
"""Heartbeats come each second; a connection silent for longer is dead, whatever TCP says."""
STARTING = 10 * SECOND
"""While the first snapshots come, megabytes each, a heartbeat may wait behind them."""
APART = timedelta(milliseconds=250)
"""Between two products that are asked for singly: the venue takes eight messages a second."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to subscribe to on one connection, heartbeats apart.

    `token` makes a fresh one for each subscription; None subscribes without.
    """

    channel: str
    products: tuple[ProductId, ...]
    token: Callable[[], str] | None = None

    def message(self) -> str:
        """The request, one channel a message."""
        body: dict[str, object] = {
            "type": "subscribe",
            "product_ids": [str(each) for each in self.products],
            "channel": self.channel,
        }
        if self.token is not None:
            body["jwt"] = self.token()
        return json.dumps(body, separators=(",", ":"))

    def singly(self) -> Iterator[Wanted]:
        """The same, one product at a time."""
        for product in self.products:
            yield replace(self, products=(product,))


class Session:
    """One connection from its first request on."""

    def __init__(
        self, wanted: Sequence[Wanted], monotonic: Callable[[], timedelta], *, is_singly: bool
    ) -> None:
        self._wanted = wanted
        self._monotonic = monotonic
        many = [each for each in wanted if is_singly and len(each.products) > 1]
        self._is_singly = bool(many)
        self._first = [each for each in wanted if each not in many]
        self._later = deque(single for each in many for single in each.singly())
        self._numbers = Numbers()
        self._asked = monotonic()
        self._told: set[str] = set()
        self._is_told_of = False
        self.heard = self._asked
        self.refusals = 0
        self.is_confirmed = False

    def requests(self) -> Iterator[Wanted]:
        """What is to be asked for now."""
        yield from self._first
        self._first = []
        now = self._monotonic()
        if self._later and now - self._asked >= APART:
            self._asked = now
            yield self._later.popleft()

    def is_old(self, envelope: Envelope) -> bool:
        """Whether a message tells nothing new.

        Raises:
            StreamBroken: messages before it were lost.
        """
        self.heard = self._monotonic()
        if envelope.sequence is None:
            return False
        step = self._numbers.take(envelope.sequence, envelope.product)
        if step is Step.GAP:
            raise StreamBroken(f"messages were lost before number {envelope.sequence}")
        return step is Step.OLD

    def subscribed(self, channels: Mapping[str, Sequence[str]]) -> None:
        """Compare what the venue says we are subscribed to with what was asked for."""
        self.is_confirmed = all(channels.get(want.channel) for want in self._wanted)
        self._told = {each for told in channels.values() for each in told}

    def refused(self, text: str) -> None:
        """A request came to nothing: one product's, where they are asked for singly.

        Raises:
            StreamBroken: it is not known whose, or the connection is not what was asked for.
        """
        self.refusals += 1
        if not self._is_singly:
            raise StreamBroken(f"the venue refused: {text}")

    def expect_life(self) -> None:
        """Raises StreamBroken: nothing is heard, or what was asked for is not confirmed."""
        now = self._monotonic()
        silence = now - self.heard
        if silence > (STARTING if now - self._asked < STARTING else SILENCE_MAX):
            raise StreamBroken(f"nothing was heard for {silence // SECOND} s")
        if not self.is_confirmed and now - self._asked > OPEN_MAX:
            raise StreamBroken("the subscription was not confirmed in time")

    def take_refused(self) -> tuple[ProductId, ...]:
        """The products that the venue does not stream to us, once, when that is known."""
        is_known = not self._later and self._monotonic() - self._asked > OPEN_MAX
        if self._is_told_of or not self.refusals or not is_known:
            return ()
        self._is_told_of = True
        return tuple(
            product
            for want in self._wanted
            for product in want.products
            if str(product) not in self._told
        )
