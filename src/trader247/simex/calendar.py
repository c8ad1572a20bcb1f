"""What is to happen to an exchange at its time: maintenance, and prices that jump."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from trader247.simex.feeds.feed import MinuteBar

CLOSED = "closed"
"""The whole exchange answers 503, and nothing is traded."""
KINDS: Mapping[str, Mapping[str, str | bool]] = {
    "offline": {"status": "offline", "trading_disabled": True},
    "trading_disabled": {"trading_disabled": True},
    "cancel_only": {"cancel_only": True},
    "limit_only": {"limit_only": True},
    "post_only": {"post_only": True},
    "auction": {"auction_mode": True},
    "view_only": {"view_only": True},
    CLOSED: {"status": "offline", "trading_disabled": True},
}
"""What a window does to the flags of its products."""

_ONE = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """Maintenance from one time up to another; without products it is for all of them."""

    from_us: int
    to_us: int
    kind: str
    products: tuple[str, ...] = ()

    def is_on(self, now_us: int) -> bool:
        return self.from_us <= now_us < self.to_us

    def is_of(self, product_id: str) -> bool:
        return not self.products or product_id in self.products


@dataclass(frozen=True, slots=True)
class Jump:
    """A product's prices are off by so many basis points, from one minute up to another."""

    product_id: str
    from_minute: int
    to_minute: int | None
    bps: int

    def is_in(self, product_id: str, minute: int) -> bool:
        is_begun = self.from_minute <= minute
        return (
            product_id == self.product_id
            and is_begun
            and (self.to_minute is None or minute < self.to_minute)
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything that is scheduled."""

    windows: tuple[Window, ...] = ()
    jumps: tuple[Jump, ...] = field(default=())

    def changes(self, product_id: str, now_us: int) -> dict[str, str | bool]:
        """What the windows of now do to a product's flags."""
        changes: dict[str, str | bool] = {}
        for each in self.windows:
            if each.is_on(now_us) and each.is_of(product_id):
                changes.update(KINDS[each.kind])
        return changes

    def is_closed(self, now_us: int) -> bool:
        """Whether the exchange answers nobody now."""
        return bool(self.windows) and any(
            each.kind == CLOSED and each.is_on(now_us) for each in self.windows
        )

    def has_edge(self, after_us: int, until_us: int) -> bool:
        """Whether a window begins or ends meanwhile."""
        # Mostly there are none, and it is asked at each step of time.
        return bool(self.windows) and any(
            after_us < edge <= until_us
            for each in self.windows
            for edge in (each.from_us, each.to_us)
        )

    def jumped(self, product_id: str, minute: int, bar: MinuteBar | None) -> MinuteBar | None:
        """A product's minute, as far off as it is to be."""
        for jump in self.jumps:
            if bar is not None and jump.is_in(product_id, minute):
                bar = _moved(bar, _ONE + jump.bps)
        return bar

    def without_past(self, now_us: int, minute: int) -> Calendar:
        """What is still to happen, or goes on."""
        return Calendar(
            tuple(each for each in self.windows if each.to_us > now_us),
            tuple(each for each in self.jumps if each.to_minute is None or each.to_minute > minute),
        )

    def with_window(self, window: Window) -> Calendar:
        return replace(self, windows=(*self.windows, window))

    def with_jump(self, jump: Jump) -> Calendar:
        return replace(self, jumps=(*self.jumps, jump))

    def to_json(self) -> dict[str, list[Any]]:
        """All of it, where there is anything."""
        told = {"windows": list(map(asdict, self.windows)), "jumps": list(map(asdict, self.jumps))}
        return {name: rows for name, rows in told.items() if rows}

    @staticmethod
    def from_json(told: Mapping[str, Iterable[Mapping[str, Any]]]) -> Calendar:
        """The inverse of `to_json`."""
        return Calendar(
            tuple(
                Window(**{**row, "products": tuple(row["products"])})
                for row in told.get("windows", ())
            ),
            tuple(Jump(**row) for row in told.get("jumps", ())),
        )


def _moved(bar: MinuteBar, parts: int) -> MinuteBar:
    prices = {
        name: max(1, getattr(bar, name) * parts // _ONE)
        for name in ("open", "high", "low", "close")
    }
    return bar._replace(**prices)
