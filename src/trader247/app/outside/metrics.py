"""A book as OpenMetrics: one family a figure, unknown is NaN and never zero.

Gauges and counters alone: so the same text is read by Prometheus itself and, as a file, by the
textfile collector, which knows no other kinds. It is written by our own few lines; the format is a
page long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from decimal import Decimal

from trader247.app.books.overview import Overview
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Money, Percent, plain
from trader247.domain.reasons import BreakerName, HaltName, TradingState
from trader247.domain.time import Instant

NAN = "NaN"
PREFIX = "trader247"


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure, as text; `labels` say of what."""

    value: str
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Figures of one name; a counter's only rise."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def families_of(view: Overview, *, now: Instant, is_alive: bool | None = None) -> list[Family]:
    """Every family of a book. `is_alive` is whether a trader runs on it; None is not known."""
    return [*_whole(view, now, is_alive), *_money(view), *_standing(view), *_parts(view)]


def rendered(families: Iterable[Family]) -> str:
    """The families in OpenMetrics' text format."""
    return "".join(f"{line}\n" for each in families for line in _lines(each)) + "# EOF\n"


def _whole(view: Overview, now: Instant, is_alive: bool | None) -> Iterator[Family]:
    labels = {"mode": view.mode.slug, "venue": view.venue.slug, "market": view.market}
    info = Sample("1", {**labels, "currency": view.quote_currency})
    yield _many("book", "Whose figures these are.", [info])
    yield _gauge("up", "Whether a trader runs on this book.", _flag(is_alive))
    yield _gauge("written_seconds", "The machine's time of these figures.", _seconds(now))
    yield _gauge("last_cycle_seconds", "The market's time of the last cycle.", _seconds(view.time))
    yield _counter("cycles", "Cycles since the book began.", str(view.cycle))


def _money(view: Overview) -> Iterator[Family]:
    pnl = view.pnl
    for name, text, amount in (
        ("equity", "Cash and positions at the bid, less the fees of selling.", pnl.equity),
        ("cash", "Quote currency.", pnl.cash),
        ("realised", "What sales have made, after all fees.", pnl.realised),
        ("unrealised", "Positions at the bid, less their cost.", pnl.unrealised),
        ("flows", "Capital that came and went.", pnl.flows),
        ("day", "Profit and loss since 00:00 UTC.", pnl.day),
        ("week", "Profit and loss since Monday 00:00 UTC.", pnl.week),
        ("high_water_mark", "The greatest equity so far.", pnl.high_water_mark),
    ):
        yield _gauge(name, text, _amount(amount))
    yield _counter("fees", "Fees paid since the book began.", _amount(pnl.fees))
    yield _gauge("drawdown_percent", "Below the high-water mark.", _percent(pnl.drawdown_pct))


def _standing(view: Overview) -> Iterator[Family]:
    yield _many(
        "trading_state",
        "ACTIVE trades, REDUCING only sells, HALTED only cancels.",
        (Sample(_flag(each is view.trading_state), {"state": each.value}) for each in TradingState),
    )
    standing = {each.name for each in view.halts}
    yield _many(
        "halt",
        "Whether a halt stands.",
        (Sample(_flag(each.value in standing), {"name": each.value}) for each in HaltName),
    )
    opened = {each.name for each in view.breakers}
    yield _many(
        "breaker_open",
        "Whether a circuit breaker is open.",
        (Sample(_flag(each in opened), {"name": each.value}) for each in BreakerName),
    )
    yield _many(
        "loss_percent",
        "The change of equity that a loss stop counts.",
        (Sample(_percent(each.change), {"stop": each.name.value}) for each in view.stops),
    )
    yield _many(
        "loss_limit_percent",
        "The change of equity at which it latches.",
        (Sample(_percent(each.limit), {"stop": each.name.value}) for each in view.stops),
    )
    breaks = sum(each.is_break for each in view.differences)
    yield _gauge("breaks", "Differences to the venue that latched.", str(breaks))
    pending = str(len(view.differences) - breaks)
    yield _gauge("differences_pending", "Younger differences to the venue.", pending)
    unreachable = _flag(bool(view.unreachable))
    yield _gauge("unreachable", "Whether the last cycle could not read the venue.", unreachable)


def _parts(view: Overview) -> Iterator[Family]:
    yield _gauge("positions", "Products held.", str(len(view.positions)))
    yield _gauge("dust", "Products of which less is left than is sold.", str(len(view.dust)))
    yield _gauge("orders", "Orders under way.", str(len(view.orders)))
    yield _many(
        "exposure",
        "Notional at risk of the book, and of each cluster.",
        (Sample(_amount(each.amount), {"of": each.name}) for each in view.exposures),
    )
    yield _many(
        "exposure_percent",
        "The same as a share of equity.",
        (Sample(_percent(each.share), {"of": each.name}) for each in view.exposures),
    )
    yield _many(
        "exposure_cap_percent",
        "What it may be at most.",
        (Sample(_percent(each.cap), {"of": each.name}) for each in view.exposures),
    )
    yield _many(
        "decision",
        "The one reason in which each product's last cycle ended.",
        (
            Sample("1", {"product": str(each.product), "reason": each.reason.value})
            for each in view.decisions
        ),
    )


def _gauge(name: str, text: str, value: str) -> Family:
    return Family(f"{PREFIX}_{name}", "gauge", text, (Sample(value),))


def _counter(name: str, text: str, value: str) -> Family:
    return Family(f"{PREFIX}_{name}", "counter", text, (Sample(value, suffix="_total"),))


def _many(name: str, text: str, samples: Iterable[Sample]) -> Family:
    return Family(f"{PREFIX}_{name}", "gauge", text, tuple(samples))


def _lines(family: Family) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.kind}"
    yield f"# HELP {family.name} {_escaped(family.help)}"
    for each in family.samples:
        labels = ",".join(f'{name}="{_escaped(text)}"' for name, text in each.labels.items())
        shown = f"{{{labels}}}" if labels else ""
        yield f"{family.name}{each.suffix}{shown} {each.value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _flag(is_so: bool | None) -> str:
    return NAN if is_so is None else str(int(is_so))


def _amount(amount: Money | None) -> str:
    return NAN if amount is None else plain(amount.value)


def _percent(share: Percent | None) -> str:
    return NAN if share is None else plain(share.value)


def _seconds(at: Instant | None) -> str:
    return NAN if at is None else plain(Decimal(at.us).scaleb(-6))
