"""What a stream says, typed: one envelope, and in it what we know how to use."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Everything that the connection is subscribed to, by channel."""

    channels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The venue lives; `counter` is None where it is not said in a way that we know."""

    counter: int | None


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Levels of one book: bids and asks as price and absolute quantity, zero for a level gone.

    A snapshot replaces the whole book.
    """

    product: ProductId
    is_snapshot: bool
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class OrdersChanged:
    """Something happened to orders of the account: a reason to ask, and never a record.

    The channel tells cumulative figures, merged and repeated as it likes; what was filled is read
    from the venue's list of fills alone.
    """

    count: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue did not do what was asked; the connection stays open."""

    text: str


@dataclass(frozen=True, slots=True)
class Unused:
    """A channel, or a kind of event, that means nothing to us."""

    channel: str


Message = Subscriptions | Heartbeat | BookChanged | OrdersChanged | Refused | Unused


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message of the wire; `sequence` and `time` are None where it has none: errors do not.

    `product` is what the first event is about, None where it is about none.
    """

    channel: str
    sequence: int | None
    time: Instant | None
    product: str | None
    messages: tuple[Message, ...]
