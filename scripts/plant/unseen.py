"""Mistakes in places where nobody had planted any: each file of them was without one."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CHECKS, _BOOK, _ORDERS = "core/risk/checks", "core/book", "core/orders"
_STREAM = "adapters/coinbase/stream"
_BRISK, _WILD = "F48.brisk", "F48.wild"

UNSEEN = (
    _bug(
        "row-as-first-said",
        "what a row of a listing said first is what it says for good",
        "adapters/coinbase/understood.py",
        ("known is not None and (known[0] is fields or known[0] == fields):", "known is not None:"),
    ),
    _bug(
        "gap-not-noticed",
        "a gap in a stream's numbers is no gap",
        f"{_STREAM}/sequence.py",
        ("number < min(expected) else Step.GAP", "number < min(expected) else Step.NEXT"),
        needs="scene-stream-in-pieces F12",
    ),
    _bug(
        "silence-is-fresh",
        "a book of a stream is fresh however long nothing was heard of it",
        f"{_STREAM}/streamed.py",
        (
            "        if not condition.is_up or steady - condition.heard > SILENCE_MAX:\n",
            "        if not condition.is_up:\n",
        ),
        (
            "            steady - streamed.heard <= self._age_max\n"
            "            and steady - streamed.moved <= STILL_MAX\n"
            "            and -AHEAD_MAX <= self._now() - streamed.levels.time <= self._age_max\n",
            "            streamed.levels is not None\n",
        ),
        (
            "        return streamed if is_young else None",
            "        streamed = replace(\n"
            "            streamed, levels=replace(streamed.levels, time=self._now())\n"
            "        )\n"
            "        return streamed if is_young else None",
        ),
        (
            "from decimal import Decimal\n",
            "from dataclasses import replace\nfrom decimal import Decimal\n",
        ),
        needs="scene-stream-in-pieces F11",
    ),
    _bug(
        "anything-explains",
        "any order under way explains whatever differs",
        "core/reconcile.py",
        (
            "        return -self.down <= gap <= self.up\n",
            "        return bool(self.down or self.up)\n",
        ),
        needs="F31",
    ),
    _bug(
        "skew-one-way",
        "a clock may be behind by as much as it likes",
        f"{_CHECKS}/clock_skew.py",
        ("abs(microseconds(skew)), self.seconds_max", "microseconds(skew), self.seconds_max"),
        also=(
            f"{_CHECKS}/quote_age.py",
            "        return -self.ahead_seconds_max * 1_000_000 <= age <= self",
            "        return age <= self",
        ),
        needs="scene-clock-set F40 F42",
    ),
    _bug(
        "streak-forgotten",
        "a losing close does not lengthen the streak",
        f"{_BOOK}/fills.py",
        (
            "streak = streak + 1 if change.is_loss else 0",
            "streak = 0",
        ),
        needs=_BRISK,
    ),
    _bug(
        "held-bought-again",
        "a product that is held may be bought once more",
        f"{_CHECKS}/max_positions.py",
        ("if proposal.product in context.portfolio.positions:", "if False:"),
        needs=_WILD,
    ),
    _bug(
        "spent-begins-anew",
        "what a day has bought is that of its last fill",
        f"{_BOOK}/fills.py",
        (
            "    bought = before.bought + fill.notional if fill.side",
            "    bought = fill.notional if fill.side",
        ),
        needs=_BRISK,
    ),
    _bug(
        "ages-by-the-wall",
        "how old an order of unknown fate is goes by the wall's clock",
        "engine/steady_ages.py",
        (
            "        return first.wall + (moment.steady - first.steady)\n",
            "        return moment.wall\n",
        ),
        needs="scene-clock-set F40 F8 F19",
    ),
    _bug(
        "lost-left-alone",
        "an order that a restored journal lost is taken back, and rests on",
        "engine/strays.py",
        (
            "        if names:\n            with contextlib.suppress(VenueError):\n",
            "        if False:\n            with contextlib.suppress(VenueError):\n",
        ),
        needs="scene-epoch-lost F48.restored",
    ),
    _bug(
        "asked-once",
        "the end of an order is asked for once, whatever came of it",
        f"{_ORDERS}/cancellations.py",
        (
            "    if working.cancel_requested is not None:\n        return f",
            "    if working.cancel_requested is not None:\n        return ''\n"
            "    if working.cancel_requested is not None:\n        return f",
        ),
        also=(
            "engine/execution.py",
            "            if each.cancel_requested is not None and not each.is_over\n",
            "            if False\n",
        ),
        needs="scene-ends-refused F29 F7 F16",
    ),
    _bug(
        "fee-shares-by-float",
        "the average of what was paid goes through a float",
        "domain/position.py",
        (
            "            known.entry_price = worth.per(held)\n",
            "            paid = float(worth.value) / float(held.value)\n"
            "            known.entry_price = Price.of(repr(paid))\n",
        ),
    ),
    _bug(
        "nothing-for-dust",
        "what is left of positions is worth nothing to equity",
        "core/valuation.py",
        (
            "    holdings = portfolio.holdings\n    if portfolio.cash is None",
            "    holdings = portfolio.positions\n    if portfolio.cash is None",
        ),
    ),
    _bug(
        "adopted-whole",
        "an order that is taken back is one of the size that it has left",
        f"{_ORDERS}/adoption.py",
        (
            "        quantity=terms.quantity,\n        reference",
            "        quantity=terms.quantity - order.filled if order.filled < terms.quantity"
            " else terms.quantity,\n        reference",
        ),
        needs="scene-epoch-lost F48.restored F24",
    ),
    _bug(
        "yes-after-its-time",
        "a yes stands though its question was asked long ago",
        "domain/stage.py",
        ("ASKED_FOR = 10 * MINUTE", "ASKED_FOR = 60 * MINUTE"),
    ),
    _bug(
        "trades-of-the-book",
        "who arms a book again has made no trades in it yet, or all of them",
        f"{_BOOK}/staging.py",
        (
            "trades=stage.trades + 1, confirmations=left",
            "trades=stage.trades + 2, confirmations=left",
        ),
    ),
    _bug(
        "commit-by-commit",
        "events that belong together are committed one by one",
        "adapters/sqlite/journal.py",
        (
            "        written: list[Recorded] = []\n\n        def write() -> None:\n"
            "            seq, hash = self._head\n",
            "        if len(events) > 1:\n"
            "            singly = [self.append([each], time) for each in events]\n"
            "            return tuple(one for each in singly for one in each)\n"
            "        written: list[Recorded] = []\n\n        def write() -> None:\n"
            "            seq, hash = self._head\n",
        ),
        needs="F45 F48.point F48.kill",
    ),
    _bug(
        "contradictions-believed",
        "a fill that is told otherwise than it was booked halts nothing",
        "adapters/sqlite/known.py",
        (
            "        if found is None:\n            return False\n        order_id, product, side",
            "        if True:\n            return False\n        order_id, product, side",
        ),
        needs="scene-fills-retold",
    ),
    _bug(
        "budget-of-thousands",
        "reads are paced a hundred times as fast",
        "adapters/coinbase/budget.py",
        (
            "        self._reads_per_second = self._paced = reads_per_second\n",
            "        self._reads_per_second = self._paced = reads_per_second * 100\n"
            "        self._reads.pace(self._paced)\n",
        ),
        (
            "max(1, limit // self._share_of))\n",
            "max(1, limit * 100))\n",
        ),
        needs="F20 F22",
    ),
)
