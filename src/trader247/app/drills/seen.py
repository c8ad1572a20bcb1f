"""What came of a drill, for judging it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from trader247.app.drills.drill import Account, Evidence
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.intents import WorkingIntent
from trader247.domain.orders import Side
from trader247.domain.reasons import Reason
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.drills.ground import Ground

E = TypeVar("E", bound=AnyEvent)


class Seen:
    """What came of a drill: by its journal, its exchange and the reports of its cycles."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @property
    def buys(self) -> Sequence[WorkingIntent]:
        """Our buys that are under way."""
        return [
            each for each in self._ground.portfolio.working.values() if each.intent.side is Side.BUY
        ]

    @property
    def live_orders(self) -> Sequence[dict[str, Any]]:
        """What works at the exchange, by its own word."""
        listed: list[dict[str, Any]] = self._ground.exchange.orders_json()["orders"]
        return [each for each in listed if each["status"] in ("OPEN", "PENDING", "QUEUED")]

    @property
    def orders(self) -> Sequence[dict[str, Any]]:
        """Every order that the exchange ever took."""
        listed: list[dict[str, Any]] = self._ground.exchange.orders_json()["orders"]
        return listed

    @property
    def fills(self) -> Sequence[dict[str, Any]]:
        """Every fill that the exchange ever made."""
        listed: list[dict[str, Any]] = self._ground.exchange.fills_json()["fills"]
        return listed

    def held(self, currency: str) -> Decimal:
        """What the exchange says the account has of a currency, held or not."""
        for wallet in self._ground.exchange.accounts_json()["accounts"]:
            if wallet["currency"] == currency:
                free, hold = wallet["available_balance"]["value"], wallet["hold"]["value"]
                return Decimal(free) + Decimal(hold)
        return Decimal(0)

    def journal(self, after: int = 0) -> Iterator[Recorded]:
        """The journal's events after one of them."""
        return self._ground.trader.journal.events(after)

    def recorded(self, kind: type[E], after: int = 0) -> list[tuple[Recorded, E]]:
        """Every event of one kind, with where it stands."""
        return [(each, each.event) for each in self.journal(after) if isinstance(each.event, kind)]

    def first(
        self, kind: type[E], which: Callable[[E], bool] = lambda _: True, after: int = 0
    ) -> Recorded | None:
        """The first event of a kind that is the one meant."""
        for recorded, event in self.recorded(kind, after):
            if which(event):
                return recorded
        return None

    def last(self, kind: type[E], which: Callable[[E], bool]) -> Recorded | None:
        """The last event of a kind that is one of those meant."""
        found = [recorded for recorded, event in self.recorded(kind) if which(event)]
        return found[-1] if found else None

    def show(self, account: Account, *found: Recorded | None) -> None:
        """Name events as evidence."""
        for each in found:
            if each is not None:
                account.evidence.append(Evidence(each.seq, each.event.kind, each.event.ref))

    def sent_entries(self, since: Instant) -> int:
        """Buys of which a byte went to the exchange from a moment on, as the wire saw it."""
        return sum(
            each.body["side"] == "BUY" for each in self._ground.wire.sent("create", since=since)
        )

    def refused(self, since: int, *reasons: Reason) -> int:
        """How often, from one report on, a product's cycle ended in one of some reasons."""
        return sum(
            ending.reason in reasons
            for report in self._ground.reports[since:]
            for ending in report.endings.values()
        )

    def reasons(self, cycles: int) -> str:
        """Why the product was not bought in the last cycles: each reason, as it was told last."""
        told = {}
        for each in self._ground.reports[-cycles:]:
            ending = each.endings[self._ground.product]
            told[ending.reason.value] = f"{ending.reason.value} ({ending.detail})"
        return "; ".join(text for _, text in sorted(told.items()))
