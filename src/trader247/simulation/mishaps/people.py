"""The people around a simulated trader: they confirm, unlock, stop it and let it go on again.

They do what the commands do: a file in the inbox, the kill switch's file. Their own files are not
the trader's, so nothing of theirs is lost with it. What they look at is what `risk status` shows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from pathlib import Path

from trader247.adapters.inbox import FOLDER
from trader247.adapters.kill_switch import SWITCH, KillSwitch
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState
from trader247.domain.orders import Side
from trader247.domain.portfolio import Halt, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant
from trader247.ports import CommandKind
from trader247.simulation.judged.history import Record
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.files import number_of
from trader247.simulation.world.timeline import Timeline

_SECOND_US = 1_000_000
_AT_PEACE_US = 120 * _SECOND_US
_LOOK_US = (10 * _SECOND_US, 60 * _SECOND_US)
_AGAIN_US, _AGAIN_MAX_US = 60 * _SECOND_US, 900 * _SECOND_US
_TRIES_COUNTED = 8
_SOMEBODY = "simulation"
_ADOPTS = 500_000
"""The chance that foreign coins are adopted, at each look, and that only half of them are."""
_CLEARS_TOO = 500_000
_GRAIN = Decimal("0.0001")
_RENAME, _REMOVE = os.rename, os.unlink
"""The system's own, before anybody stands in its way: the trader's disk has no part in what others
write, and cannot be full for them."""


def _unwatched() -> AbstractContextManager[set[tuple[int, int]]]:
    """Nobody looks at what is synced."""
    return nullcontext(set())


class People:
    """Whoever looks after one book. `books` are its books, None where nobody trades on them."""

    def __init__(
        self,
        dice: Dice,
        timeline: Timeline,
        data: Path,
        *,
        books: Callable[[], Portfolio | None],
        tell: Callable[[Record], None],
        now: Callable[[], Instant],
        apart: Callable[[], AbstractContextManager[set[tuple[int, int]]]] = _unwatched,
    ) -> None:
        """`apart` is how somebody writes past the trader's disk, and what he syncs then."""
        self._dice = dice
        self._timeline = timeline
        self._data = data
        self._books = books
        self._tell = tell
        self._now = now
        self._apart = apart
        self._asked = 0
        self._tried: dict[HaltName, tuple[Instant, int, int]] = {}
        """Since when each halt stands that somebody tried to clear, how often, and when next."""
        self._killed_us: int | None = None
        self._changes = 0
        self._raised = self._released = 0
        self._heard = "", ""
        """The word on a raised switch that was read last, and after how many were let go."""
        self.is_at_peace = False
        self.patience_us = dice.between(120, 1_200) * _SECOND_US
        """How long a halt stands before somebody clears it."""

    def begin(self) -> None:
        """Look after the book from now on."""
        self._timeline.after(self._dice.between(*_LOOK_US), self._look)

    def kill(self, *, keeps_sales: bool = False, is_touched: bool | None = None) -> None:
        """Raise the kill switch: by the command, by touching its file every other time (or as
        `is_touched` says), or with a wish that sales stay.
        """
        body: dict[str, object] = {
            "reason": "simulated", "operator": _SOMEBODY, "time": str(self._now())
        }  # fmt: skip
        self._raised += 1
        if keeps_sales:
            body["keeps_sales"] = True
        if is_touched is None:
            is_touched = not keeps_sales and self._raised % 2 == 1
        told: Record = {"kind": "kill", "is_on": True, "keeps_sales": keeps_sales}
        self._changes += 1
        switch = self._data / SWITCH
        if is_touched or (keeps_sales and os.path.lexists(switch)):
            switch.write_text("" if is_touched else json.dumps(body), encoding="utf-8")
        else:
            told |= self._raise(keeps_sales=keeps_sales)
        if self._killed_us is None:
            self._killed_us = self._timeline.now_us
        self._tell(told)

    def _raise(self, *, keeps_sales: bool) -> Record:
        """Raise it as the command does. Whether file and folder were synced, where it wrote."""
        switch = self._data / SWITCH
        before = switch.read_bytes() if switch.exists() else None
        with self._apart() as synced:
            KillSwitch(self._data).raise_(
                reason="simulated",
                operator=_SOMEBODY,
                time=str(self._now()),
                keeps_sales=keeps_sales,
            )
            if switch.read_bytes() == before:
                return {}  # on already: the first word stands
            wanted = {number_of(os.stat(each)) for each in (self._data, switch)}
        return {"is_synced": wanted <= synced}

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has raised the switch, and nobody let it go."""
        return self._killed_us is not None

    def lose_sight(self) -> None:
        """Nobody can look at the switch any more: it counts as raised, whether it is or not."""
        self._changes += 1
        if self._killed_us is None:
            self._killed_us = self._timeline.now_us
            self._tell({"kind": "kill", "is_on": True, "keeps_sales": False})

    def release(self) -> None:
        """Let trading go on after a kill switch."""
        switch = self._data / SWITCH
        self._changes += 1
        if switch.exists():
            _RENAME(switch, self._data.parent / SWITCH)
        if self._killed_us is not None:
            self._killed_us = None
            self._released += 1
            self._tell({"kind": "kill", "is_on": False})
        self.ask(CommandKind.RELEASE_KILL, {"reason": "simulated", "operator": _SOMEBODY})

    def looked_through(self, is_raised: Callable[[], bool]) -> Callable[[], bool]:
        """The same look at the switch, made anew where one of them has touched it since."""
        known, answer = -1, False

        def look() -> bool:
            nonlocal known, answer
            if known != self._changes:
                known, answer = self._changes, is_raised()
            return answer

        return look

    def ask(self, kind: CommandKind, arguments: Mapping[str, str]) -> None:
        """Put a request into the inbox, as a command does."""
        self._asked += 1
        folder = self._data / FOLDER
        if not folder.is_dir():
            return
        # They have read what they were answered, and take it away as the commands do.
        for answer in folder.glob("*.answer.json"):
            _REMOVE(answer)
        name = f"{self._timeline.now_us:020d}-{self._asked:08x}.request.json"
        body = {"kind": kind.value, "arguments": dict(arguments)}
        whole = folder / f"{name}.part"
        whole.write_bytes(json.dumps(body).encode())
        _RENAME(whole, folder / name)
        self._tell({"kind": "asked", "what": kind.value, "arguments": dict(arguments)})

    def orders(self) -> list[str]:
        """Our orders that are under way, as `orders` lists them."""
        portfolio = self._books()
        return [] if portfolio is None else list(portfolio.working)

    def bans(self) -> list[str]:
        """What is banned from buying, as `risk status` names it."""
        portfolio = self._books()
        return [] if portfolio is None else list(portfolio.bans)

    def is_buying(self) -> bool:
        """Whether a buy of ours rests, as far as the trader knows."""
        portfolio = self._books()
        working = () if portfolio is None else portfolio.working.values()
        return any(
            each.intent.side is Side.BUY and each.state is IntentState.ACCEPTED for each in working
        )

    def known_buys(self) -> list[str]:
        """The exchange's names of our buys that rest, as far as the trader knows."""
        portfolio = self._books()
        working = () if portfolio is None else portfolio.working.values()
        return [
            each.order_id
            for each in working
            if each.intent.side is Side.BUY
            and each.state is IntentState.ACCEPTED
            and each.order_id is not None
        ]

    def is_protected(self) -> bool:
        """Whether a stop of ours rests, as far as the trader knows."""
        portfolio = self._books()
        working = () if portfolio is None else portfolio.working.values()
        return any(
            each.intent.stop_price is not None and each.state is IntentState.ACCEPTED
            for each in working
        )

    def buys_in_doubt(self) -> dict[str, Decimal]:
        """How much money each buy of unknown fate is of, by its product."""
        portfolio = self._books()
        working = () if portfolio is None else portfolio.working.values()
        return {
            str(each.intent.product): (each.intent.price * each.intent.quantity).value
            for each in working
            if each.state is IntentState.UNKNOWN and each.intent.side is Side.BUY
        }

    def is_in_doubt(self, *sides: Side) -> bool:
        """Whether the fate of an order, of these sides, is unknown, or its answer is waited for."""
        portfolio = self._books()
        working = () if portfolio is None else portfolio.working.values()
        return any(
            each.state.is_unresolved and each.intent.side in (sides or Side) for each in working
        )

    def is_confirmed(self, prints: int) -> bool:
        """Whether a price that jumped was confirmed so often."""
        portfolio = self._books()
        doubts = () if portfolio is None else portfolio.doubts.values()
        return any(each.level is not None and each.prints == prints for each in doubts)

    def forget(self) -> None:
        """Whoever raised a switch lets it go, and nobody puts off what is theirs to explain."""
        self.is_at_peace = True
        self.patience_us = min(self.patience_us, _AT_PEACE_US)
        if self._killed_us is not None:
            self.release()

    def read_word(self) -> None:
        """Whether the folder says that nothing rests: told once for each word."""
        word = None if self._killed_us is None else KillSwitch(self._data).acknowledgement()
        if word is None or not word.is_clear:
            return
        heard = str(self._released), word.time
        if heard != self._heard:
            self._heard = heard
            self._tell({"kind": "cleared", "kept": word.kept, "given": word.time})

    def _look(self) -> None:
        self.read_word()
        portfolio = self._books()
        if portfolio is not None:
            self._confirm(portfolio)
            self._mend(portfolio)
            self._adopt(portfolio)
        self._timeline.after(self._dice.between(*_LOOK_US), self._look)

    def _confirm(self, portfolio: Portfolio) -> None:
        if portfolio.stage is None:
            return
        for each in portfolio.stage.confirmations.values():
            if each.given is None and each.is_open(self._now()):
                self.ask(CommandKind.CONFIRM, {"id": each.id, "operator": _SOMEBODY})

    def _adopt(self, portfolio: Portfolio) -> None:
        """Take coins that somebody bought by hand for ours, at a cost of their own."""
        quote = portfolio.quote_currency
        for base, quantity in portfolio.foreign.items():
            product = ProductId(base, quote)
            mark = portfolio.marks.get(product)
            if quantity <= 0 or mark is None or not self._dice.chance(_ADOPTS):
                continue
            paid = mark.value * self._dice.between(92, 108) / 100
            words = {"reason": "simulated", "operator": _SOMEBODY, "fee": "0.37"}
            plan = {"stop_pct": "15", "target_pct": "15", "hours": "1"}
            told = {"product": str(product), "price": str(paid), **plan, **words}
            half = (quantity / 2).quantize(_GRAIN)
            if half and self._dice.chance(_ADOPTS):
                told["quantity"] = str(half)
            self.ask(CommandKind.ADOPT, told)

    def _mend(self, portfolio: Portfolio) -> None:
        killed_us = self._killed_us
        if killed_us is not None and self._timeline.now_us - killed_us >= self.patience_us:
            self.release()
        for halt in portfolio.halts.values():
            if self._now().us - halt.since.us < self.patience_us or not self._tries(halt):
                continue
            self._clear(halt.name, portfolio)

    def _tries(self, halt: Halt) -> bool:
        """Whether it is time to try: who is refused waits longer each time, while all is not calm.

        Accepting what differs ends every stop and reads the books up to eight times: asked for at
        each look it was half of what some seeds cost.
        """
        since, count, next_us = self._tried.get(halt.name, (halt.since, 0, 0))
        if since != halt.since:
            count = next_us = 0
        now_us = self._timeline.now_us
        if now_us < next_us and not self.is_at_peace:
            return False
        wait_us = min(_AGAIN_US << count, _AGAIN_MAX_US)
        self._tried[halt.name] = halt.since, min(count + 1, _TRIES_COUNTED), now_us + wait_us
        return True

    def _clear(self, name: HaltName, portfolio: Portfolio) -> None:
        words = {"reason": "looked at it", "operator": _SOMEBODY}
        match name:
            case HaltName.KILL_SWITCH:
                if self._killed_us is None:
                    self.ask(CommandKind.RELEASE_KILL, words)
            case HaltName.PAUSE:
                self.ask(CommandKind.RESUME, words)
            case HaltName.RECONCILIATION_BREAK:
                # What `reconcile` shows may be accepted; of what is only late it is refused.
                shown = " ".join(
                    name
                    for name, each in portfolio.working.items()
                    if each.state is IntentState.FILLS_PENDING
                )
                told = {"reason": "looked at it", "orders": shown}
                self.ask(CommandKind.ACCEPT_MOVEMENT, told)
                # Whoever explains a movement has not let trading go on yet.
                if self.is_at_peace or self._dice.chance(_CLEARS_TOO):
                    self.ask(CommandKind.CLEAR_HALT, {"name": name.value, **words})
            case HaltName.DRAWDOWN:
                equity = portfolio.equity.equity
                if equity is not None:
                    peak = {"accept_peak": str(equity)}
                    self.ask(CommandKind.CLEAR_HALT, {"name": name.value, **words, **peak})
            case _:
                self.ask(CommandKind.ALERT_ACK, {"alert": "all", "operator": _SOMEBODY})
                self.ask(CommandKind.CLEAR_HALT, {"name": name.value, **words})
