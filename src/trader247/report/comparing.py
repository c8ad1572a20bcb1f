"""Reports held against each other: what differs in decisions, trades, figures and settings.

It reads report.json alone, so that a report of another version or machine can be compared as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

Body = Mapping[str, Any]
"""A report.json, read."""

_WHAT_A_TRADE_IS = (
    "product", "rule", "opened", "closed", "quantity", "entry_price", "exit_price", "exit_cause",
)  # fmt: skip
DIFFERENCES_SHOWN = 10
_SHORT = Context(prec=8)
_MONEY, _DAYS = 2, 1
"""Decimals of figures, as reports say them."""
_DIGITS_MOST = 4


@dataclass(frozen=True, slots=True)
class TradeDifference:
    """A trade that only one of two reports has; `fields` are those in which a twin differs."""

    only_in: int
    trade: Mapping[str, Any]
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        each = self.trade
        end = (
            f", closed {each['closed']} at {_mean(each['exit_price'])}"
            if each["closed"]
            else ", open"
        )
        found = f" (differs in {', '.join(self.fields)})" if self.fields else ""
        return (
            f"{each['product']} {each['rule']} {each['quantity']} opened {each['opened']} "
            f"at {_mean(each['entry_price'])}{end}{found}"
        )


def _mean(price: str | None) -> str:
    """A mean of fills, short enough to read."""
    if price is None:
        return "an unknown price"
    return format(_SHORT.create_decimal(price).normalize(_SHORT), "f")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure or setting, as each of the reports has it; None where one lacks it.

    `digits` are the decimals of a figure; None is a text, shown as it stands.
    """

    name: str
    values: tuple[str | None, ...]
    unit: str = ""
    digits: int | None = None

    @property
    def is_alike(self) -> bool:
        return len(set(self.values)) == 1

    @property
    def texts(self) -> tuple[str, ...]:
        """As people read them: as a report alone says it, or finer where that hides a difference.

        What differs by less than a ten-thousandth is left alike.
        """
        if self.digits is None:
            return tuple("unknown" if each is None else each for each in self.values)
        wanted = len(set(self.values))
        found: tuple[str, ...] = ()
        for digits in range(self.digits, _DIGITS_MOST + 1):
            found = tuple(self._text(each, digits) for each in self.values)
            if len(set(found)) == wanted:
                return found
        return tuple(self._text(each, self.digits) for each in self.values)

    def _text(self, value: str | None, digits: int) -> str:
        return "unknown" if value is None else f"{Decimal(value):z,.{digits}f} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs. `is_decided_alike` means that every decision was the same, by its hash."""

    names: tuple[str, ...]
    is_decided_alike: bool
    figures: tuple[Row, ...]
    settings: tuple[Row, ...]
    data: tuple[Row, ...]
    differences: tuple[TradeDifference, ...]
    trades: tuple[int, ...]

    @property
    def share_pct(self) -> Decimal:
        """Trades that differ, in per cent of those of the larger report; 0 without a trade."""
        most = max(self.trades, default=0)
        differing = max(
            (sum(each.only_in == side for each in self.differences) for side in (0, 1)), default=0
        )
        return Decimal(100 * differing) / most if most else Decimal(0)

    @property
    def headline(self) -> str:
        """Whether they decided alike, in a sentence."""
        if self.is_decided_alike:
            return "every decision is the same"
        count = len(self.differences)
        if not count:
            return "decisions differ, and no trade does"
        return (
            f"decisions differ; {count:,} {'trade is' if count == 1 else 'trades are'} only in "
            "one of the first two"
        )


def compared(names: Sequence[str], bodies: Sequence[Body]) -> Comparison:
    """Two reports or more; trades are compared between the first two."""
    decisions = {str(each["decisions"]) for each in bodies}
    return Comparison(
        names=tuple(names),
        is_decided_alike=len(decisions) == 1,
        figures=tuple(_figures(bodies)),
        settings=tuple(
            row for row in _rows([_settings(each) for each in bodies]) if not row.is_alike
        ),
        data=tuple(
            row
            for row in _rows([{d["name"]: d["sha256"] for d in each["data"]} for each in bodies])
            if not row.is_alike
        ),
        differences=tuple(_trades(bodies[0], bodies[1])),
        trades=tuple(len(_all(each)) for each in bodies),
    )


def _figures(bodies: Sequence[Body]) -> Iterator[Row]:
    counts = ("trades", "fills", "orders_sent")
    for name in counts:
        counts_of = tuple(str(each["counts"][name]) for each in bodies)
        yield Row(name.replace("_", " "), counts_of, digits=0)
    for name in ("equity", "realised", "fees", "slippage"):
        values = tuple(each["pnl"][name] for each in bodies)
        yield Row(name, values, str(bodies[0]["currency"]), _MONEY)
    known = [{each["id"]: each for each in body["metrics"]} for body in bodies]
    for id, metric in known[0].items():
        values = tuple(each[id]["value"] if id in each else None for each in known)
        unit = str(metric["unit"])
        yield Row(str(metric["name"]), values, unit, _DAYS if unit == "days" else _MONEY)


def _rows(columns: Sequence[Mapping[str, str]]) -> Iterator[Row]:
    for name in sorted({name for column in columns for name in column}):
        yield Row(name, tuple(column.get(name) for column in columns))


def _settings(body: Body) -> Mapping[str, str]:
    return {
        **{f"asked.{name}": str(value) for name, value in body["parameters"].items()},
        **dict(_flat("", body["settings"])),
    }


def _flat(at: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(f"{at}.{name}" if at else str(name), each)
    else:
        yield at, str(value)


def _all(body: Body) -> list[Mapping[str, Any]]:
    return [*body["trades"], *body["still_open"]]


def _trades(first: Body, second: Body) -> Iterator[TradeDifference]:
    sides = [{_key(each): each for each in _all(body)} for body in (first, second)]
    twins = [{(each["product"], each["opened"]): each for each in side.values()} for side in sides]
    found = []
    for side in (0, 1):
        for key, each in sides[side].items():
            if key in sides[1 - side]:
                continue
            twin = twins[1 - side].get((each["product"], each["opened"]))
            fields = (
                ()
                if twin is None
                else tuple(name for name in _WHAT_A_TRADE_IS if each[name] != twin[name])
            )
            found.append(TradeDifference(side, each, fields))
    yield from sorted(found, key=lambda each: (each.trade["opened"], each.only_in))


def _key(trade: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(trade[name] for name in _WHAT_A_TRADE_IS)
