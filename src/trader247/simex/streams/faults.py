"""Where a plan of faults takes hold of the streams.

One object is asked about every connection, subscription and message. Subclass `NoFaults`, override
what the plan is about, and hand it to `Streams(faults=...)` (`Embedded.application` passes it on).
Everything is asked on the server's one event loop, in a fixed order, so that a seeded plan does the
same to the same script. For example:

- a gap in the sequence: `acts` returns `()` once;
- a duplicate: `(Say(text), Say(text))`;
- out of order: `()` for one message, and with the next `(Say(next), Say(held))`;
- late: `Say(text, after_us=2_000_000)`, by the exchange's clock;
- heartbeats stop, without a gap: `is_silent` for the channel `heartbeats`;
- an abrupt drop: `Abort()`; a close: `Close(1011)`; half-open: `Hang()`. Returned by `acts` they
  come in place of a message or after it, by `occurs` at any time;
- a subscription refused while the socket is ready: `is_subscription_refused`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection: its number in order of arrival, from 0, and the address that it is from."""

    number: int
    peer: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that has its number and is about to go out.

    `channel` is the one subscribed to (`level2`, not `l2_data`), or `subscriptions`; `product` is
    empty where the message is about none.
    """

    channel: str
    product: str
    sequence: int
    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """Send this text, now or when so much of the exchange's time has passed."""

    text: str
    after_us: int = 0


@dataclass(frozen=True, slots=True)
class Close:
    """Close with this code, after what was said before."""

    code: int


@dataclass(frozen=True, slots=True)
class Abort:
    """End the TCP connection without a closing frame, after what was said before."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more, and do not close: pings are still answered."""


Act = Say | Close | Abort | Hang


class NoFaults:
    """Nothing goes wrong."""

    def connection_refused(self, connection: Connection) -> int | None:
        """The HTTP status that a connection is refused with; None where it is not."""
        del connection
        return None

    def is_subscription_refused(
        self, connection: Connection, channel: str, products: tuple[str, ...]
    ) -> bool:
        """Whether a subscription that is in order is answered with an error."""
        del connection, channel, products
        return False

    def is_silent(self, connection: Connection, channel: str, product: str) -> bool:
        """Whether a message is never made: it uses no sequence number."""
        del connection, channel, product
        return False

    def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
        """What happens in place of sending `message`."""
        del connection
        return (Say(message.text),)

    def occurs(self, connection: Connection, now_us: int) -> tuple[Act, ...]:
        """What happens by itself; asked a few times a second, `now_us` is the exchange's time."""
        del connection, now_us
        return ()
