"""Mistakes that somebody would plant who wants the proof to miss them."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_INTAKE, _RECONCILER, _EXECUTION = (
    "engine/fill_intake.py",
    "engine/reconciler.py",
    "engine/execution.py",
)
_FILLS, _LOTS, _RECOVERY = "core/book/fills.py", "core/book/lots.py", "core/recovery.py"
_EXITS, _STOPS = "core/orders/exits.py", "core/orders/venue_stops.py"
_CHECKS, _RISK = "core/risk/checks", "core/risk"
_VENUE, _CLIENT = "adapters/coinbase/venue.py", "adapters/coinbase/client.py"
_POSITION = "domain/position.py"
_WILD = "F48.wild"

ADVERSE = (
    _bug(
        "reset-is-not-sent",
        "a connection that was reset amid an order counts as never made",
        _VENUE,
        (
            "        if not is_sent:\n",
            "        if not is_sent or 'Connection' in type(error).__name__:\n",
        ),
        needs="F5 F6",
    ),
    _bug(
        "tried-again-after-429",
        "an order that was answered with a 429, or a 5xx, is sent once more",
        _CLIENT,
        (
            "                answer: Body = self._sdk.post(ORDERS, data=body)\n",
            "                try:\n"
            "                    answer: Body = self._sdk.post(ORDERS, data=body)\n"
            "                except FAILURES as error:\n"
            "                    if (status_of(error) or 0) < 429:\n"
            "                        raise\n"
            "                    answer = self._sdk.post(ORDERS, data=body)\n",
        ),
        needs="F16 F17",
    ),
    _bug(
        "names-without-leg",
        "an order's name does not say which leg of its decision it is",
        "adapters/ids.py",
        ("{self._install}/{epoch}/{leg}/{decision}", "{self._install}/{epoch}/{decision}"),
    ),
    _bug(
        "cancels-another",
        "the end of another order is asked for than of the one that was meant",
        _EXECUTION,
        (
            "        return self._venue.cancel([request.order_id for request in requests])\n",
            "        known = [each.order_id for each in working.values() if each.order_id]\n"
            "        return self._venue.cancel(known[: len(requests)])\n",
        ),
    ),
    _bug(
        "share-rounded-down",
        "a part of a lot bears its fee rounded down",
        _LOTS,
        ("rounding=ROUND_CEILING", "rounding=ROUND_FLOOR"),
        ("import ROUND_CEILING, Decimal", "import ROUND_FLOOR, Decimal"),
        needs="scene-two-prices F24",
    ),
    _bug(
        "stops-at-what-it-knows",
        "fills are read page by page until one is known already",
        _VENUE,
        (
            "        for page in self._fill_pages(since):\n",
            "        known = self.__dict__.setdefault('_known', set())\n"
            "        for page in self._fill_pages(since):\n"
            "            ids = {each.get('entry_id') for each in page['fills']}\n"
            "            is_known = bool(ids & known)\n"
            "            known |= ids\n",
        ),
        (
            "                elif found.setdefault(fill.entry_id, fill) != fill:\n"
            "                    raise VenueError("
            'f"the venue lists fill {fill.entry_id} in two versions")\n',
            "                else:\n"
            "                    found.setdefault(fill.entry_id, fill)\n"
            "            if is_known:\n"
            "                break\n",
        ),
        needs="scene-late-parts F20 F22 F24",
    ),
    _bug(
        "same-moment-once",
        "of the pieces that an order filled in one moment the first alone is booked",
        _INTAKE,
        (
            "        booked: list[Fill] = []\n        for fill in fills:\n",
            "        booked: list[Fill] = []\n"
            "        moments = {(each.order_id, each.time): each for each in reversed(fills)}\n"
            "        for fill in moments.values():\n",
        ),
        needs="F24",
    ),
    _bug(
        "marks-of-before",
        "what is held counts at the prices of the cycle before",
        "core/decide.py",
        (
            "at_market(with_findings(portfolio, halts, breakers, now), snapshot, marks)\n",
            "with_findings(portfolio, halts, breakers, now)\n",
        ),
    ),
    _bug(
        "unmarked-at-cost",
        "a position without a price counts at what it cost",
        "core/valuation.py",
        ("or len(marks) < len(holdings)", ""),
        (
            "    held = worth([(marks[key], each.quantity) for key, each in holdings.items()])\n",
            "    held = worth([\n"
            "        (marks.get(key, each.entry_price), each.quantity)\n"
            "        for key, each in holdings.items()\n"
            "    ])\n",
        ),
        needs="F35 F36 F28",
    ),
    _bug(
        "clean-while-it-runs",
        "a session counts as properly ended from its start on",
        "adapters/sqlite/tenure.py",
        ('is_open = 1", (epoch + ahead,))', 'is_open = 0", (epoch + ahead,))'),
        needs="F46 F48.kill",
    ),
    _bug(
        "break-clears-itself",
        "a break that is gone clears its own halt",
        _RECONCILER,
        (
            "        self._ledger.record(*events)\n\n    def _standing",
            "        if not self._ledger.portfolio.differences and not events:\n"
            "            events += [\n"
            "                HaltCleared(name, 'nothing differs any more', 'itself')\n"
            "                for name in self._ledger.portfolio.halts\n"
            "                if name.value == 'reconciliation_break'\n"
            "            ]\n"
            "        self._ledger.record(*events)\n\n    def _standing",
        ),
        (
            "from trader247.domain.events.money import",
            "from trader247.domain.events.halts import HaltCleared\n"
            "from trader247.domain.events.money import",
        ),
        needs="F31 F23",
    ),
    _bug(
        "halted-exits",
        "a stop that lets positions go keeps them instead",
        f"{_CHECKS}/trading_state.py",
        (
            "        if state is TradingState.REDUCING and not proposal.is_entry:",
            "        if False:",
        ),
        needs="F31 F23 F37 F48.people",
    ),
    _bug(
        "exits-by-the-ask",
        "a stop looks at what others ask",
        _EXITS,
        (
            "due(position, view.quote.bid, snapshot.time)",
            "due(position, view.quote.ask, snapshot.time)",
        ),
    ),
    _bug(
        "adopted-and-foreign",
        "coins that were adopted stay somebody else's as well",
        "core/book/by_hand.py",
        (
            "    if rest:\n        foreign[product.base] = rest\n",
            "    foreign[product.base] = there\n",
        ),
        needs="F31",
    ),
    _bug(
        "sales-count-as-gone",
        "what a sale may bring is no longer at risk while it rests",
        f"{_RISK}/reservations.py",
        (
            "                held[product] = worth = mark * position.quantity\n",
            "                rests = reserved_base(product, portfolio)\n"
            "                left = position.quantity - min(rests, position.quantity)\n"
            "                held[product] = worth = mark * left\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "resolved-by-likeness",
        "an order of unknown fate is taken for any that looks like it",
        _RECOVERY,
        (
            "        if order.client_order_id == intent.client_order_id:\n",
            "        if (order.product, order.side) == (intent.product, intent.side):\n",
        ),
        needs="F6 F7 F8 F9",
    ),
    _bug(
        "stop-by-the-last-buy",
        "a stop follows from the last price that was paid, not from the average",
        _POSITION,
        (
            "stop = self.entry_price * CONTEXT.subtract(",
            "stop = self.lots[-1].price * CONTEXT.subtract(",
        ),
        needs=f"scene-two-prices {_WILD}",
    ),
    _bug(
        "age-from-the-last-buy",
        "a position's time begins anew with each buy",
        _FILLS,
        (
            "        position = replace(held, lots=(*held.lots, lot))\n",
            "        position = replace(held, lots=(*held.lots, lot), opened=lot.opened)\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "unheard-after-a-restart",
        "what a process could not tell anybody, the next one does not tell either",
        "app/outside/telling.py",
        ("            self._outbox.resume(unfinished(alert))\n", "            pass\n"),
        needs="F48.channel F48.kill F48.point",
    ),
    _bug(
        "halt-by-itself",
        "a halt of a broken ledger latches, and no alert is raised with it",
        "core/alerts/facts.py",
        (
            "            return None if halt is known else _halted",
            "            return None if name in before.halts or name.state.value == 'REDUCING'"
            " else _halted",
        ),
        needs="F31 F23",
    ),
    _bug(
        "base-for-quote",
        "the largest order is compared with how many coins it is of",
        f"{_CHECKS}/max_order.py",
        (
            "        notional = (proposal.notional.value, 8)\n",
            "        notional = (proposal.quantity.value, 8)\n",
        ),
        (
            "        if proposal.notional.value <= cap.value:",
            "        if notional[0] <= cap.value:",
        ),
        needs=_WILD,
    ),
    _bug(
        "stop-of-all-that-was",
        "a stop sells what was bought, whatever was sold since",
        _STOPS,
        (
            "    quantity = covered(owned, prices.limit, product, policy)\n",
            "    whole = max([owned, *(\n"
            "        each.filled for each in portfolio.settled.values()\n"
            "        if (each.intent.product, each.intent.side) == (position.product, Side.BUY)\n"
            "    )])\n"
            "    quantity = covered(whole, prices.limit, product, policy)\n",
        ),
        also=(
            f"{_CHECKS}/buying_power.py",
            "        return value <= free, detail, value, free, product.base",
            "        return True, detail, value, free, product.base",
        ),
        needs=f"F24 {_WILD}",
    ),
    _bug(
        "cleared-is-known-of-all",
        "who clears one halt, or asks for a test, has acknowledged every alert",
        "engine/commands.py",
        (
            "                self._ledger.record(TRIAL)\n",
            "                self._ledger.record(TRIAL)\n"
            "                codes = tuple(self._ledger.portfolio.open_alerts)\n"
            "                if codes:\n"
            "                    self._ledger.record(AlertsAcknowledged(codes, 'somebody'))\n",
        ),
        (
            "        try:\n            name = HaltName(",
            "        codes = tuple(self._ledger.portfolio.open_alerts)\n"
            "        if codes:\n"
            "            self._ledger.record(AlertsAcknowledged(codes, 'somebody'))\n"
            "        try:\n            name = HaltName(",
        ),
        needs="F31 F23 F48.switch",
    ),
    _bug(
        "peak-of-the-day",
        "the high-water mark begins anew with each day",
        "core/book/equity.py",
        (
            "nav if record.high_nav is None else max(nav, record.high_nav)",
            "nav if record.high_nav is None or day is point else max(nav, record.high_nav)",
        ),
    ),
    _bug(
        "maker-for-taker",
        "the fee of a maker is read for that of a taker",
        "adapters/coinbase/codec.py",
        ('_rate(tier, "taker_fee_rate")', '_rate(tier, "maker_fee_rate")'),
    ),
    _bug(
        "whole-wallet-came-in",
        "of a movement that a person explains twice as much is booked",
        "core/book/acceptance.py",
        (
            "    moved = Money(CONTEXT.subtract(there, known.value))\n",
            "    moved = Money(CONTEXT.subtract(there, known.value))\n    moved = moved + moved\n",
        ),
        needs="F31",
    ),
)
