"""A story: what happened on one book over one period, whoever made it happen.

A journal tells it (`listening`), and so does a backtest: the report knows no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trader247.core.figures.funnel import FunnelDay
from trader247.core.valuation import PnlFigures
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Percent
from trader247.domain.time import Instant
from trader247.report.curve import Curve, Floats, Ints
from trader247.report.made import Made
from trader247.report.trades import Trade


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose figures these are. `market` says SIMULATED MARKET, or what else the data is."""

    title: str
    market: str
    currency: str
    code_version: str
    seed: int | None = None
    is_real_money: bool = False


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that the figures rest on, for the first screen; a warning stands out."""

    name: str
    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class DataFile:
    """A piece of data that the figures come from, with what it is labelled as and its SHA-256."""

    name: str
    label: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Held:
    """Equal amounts of some products, bought at their first prices: value over the amount paid."""

    products: tuple[ProductId, ...]
    times: Ints
    nav: Floats


@dataclass(frozen=True, slots=True)
class PriceBars:
    """A product's bars, for drawing; times are their openings."""

    minutes: int
    times: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of equity may be at risk in one product, in each cluster, in all."""

    product: Percent
    total: Percent
    clusters: Mapping[str, Percent]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was held of each product, where anything was: indices into the curve, and notional."""

    at: Ints
    notional: Floats


@dataclass(frozen=True, slots=True)
class Stop:
    """A halt that latched, and when a person cleared it; None while it stands.

    A ban is one of a product or a strategy alone: it is named `slippage:BTC-USD`.
    """

    name: str
    cause: str
    since: Instant
    cleared: Instant | None

    @property
    def is_of_all(self) -> bool:
        """Whether nothing at all was bought under it."""
        return ":" not in self.name


@dataclass(frozen=True, slots=True)
class Variant:
    """The same run under another model of fills; a fraction is None where it is unknown."""

    name: str
    trades: int
    total_return: float | None
    max_drawdown: float | None
    fees: Money
    slippage: Money | None
    is_shown: bool = False
    """Whether it is the one that the report is about."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a report is made from.

    `opening` is equity when the period began, None where it was unknown; `decisions` is the
    SHA-256 over every cycle's time, endings and intents, so that two runs are told apart.
    `trades` are closed, `still_open` are not. `bought` and `sold` are all notionals, `slippage`
    what prices cost against the mids of the decisions. `pnl` is the ledger as the period ended,
    `made` what the period added to it.
    """

    origin: Origin
    begin: Instant
    end: Instant
    cycles: int
    opening: Money | None
    trades: tuple[Trade, ...]
    still_open: tuple[Trade, ...]
    curve: Curve
    holdings: Mapping[ProductId, Holdings]
    clusters: Mapping[ProductId, str]
    caps: Caps | None
    pnl: PnlFigures
    made: Made
    bought: Money
    sold: Money
    fees: Money
    slippage: Money | None
    flows: Money
    entries_sent: int
    orders_sent: int
    fills: int
    funnel: tuple[FunnelDay, ...]
    refusals: Mapping[str, int]
    stops: tuple[Stop, ...]
    policy_hash: str
    settings: Mapping[str, object]
    decisions: str
    assumptions: tuple[Assumption, ...] = ()
    data: tuple[DataFile, ...] = ()
    prices: Mapping[ProductId, PriceBars] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What was asked for, on the command line or by a sweep: name and value."""
    held: Held | None = None
    """What buying and holding would have made, where it is known better than by `prices`."""
    variants: tuple[Variant, ...] = ()
    """How far the model of fills moves the result, from the harshest to the kindest."""
