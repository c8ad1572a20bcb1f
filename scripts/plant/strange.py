"""Mistakes as somebody would plant them who knows the promise, and has not read the others."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_INTAKE, _RECONCILER, _EXECUTION = (
    "engine/fill_intake.py",
    "engine/reconciler.py",
    "engine/execution.py",
)
_VENUE, _BUDGET = "adapters/coinbase/venue.py", "adapters/coinbase/budget.py"
_STOPS, _EXITS = "core/orders/venue_stops.py", "core/orders/exits.py"
_WILD = "F48.wild"
_WAITS = (
    "            if name is None and (_may_be_told(fill, unlisted, now) "
    "or self._may_be_ours(fill)):\n"
)

STRANGE = (
    _bug(
        "fill-before-its-order",
        "a fill whose order is listed later than it is set aside for good",
        _INTAKE,
        (_WAITS, "            if name is None and self._may_be_ours(fill):\n"),
        (
            "                found[order_id] = self._venue.order(order_id)\n",
            "                del order_id\n",
        ),
        needs="scene-epoch-lost F48.restored F19",
    ),
    _bug(
        "unknown-order-for-good",
        "a fill is set aside whose order the venue does not know yet, though it was asked",
        _INTAKE,
        (
            "    return fill.order_id not in unlisted or fill.time > now - LISTED_WITHIN\n",
            "    return fill.order_id not in unlisted\n",
        ),
        needs="scene-epoch-lost F48.restored F19",
    ),
    _bug(
        "waits-out-of-sight",
        "fills are read from the newest that is booked, whatever waits before it",
        _RECONCILER,
        (
            "        return min(known or oldest, oldest, waiting) - back\n",
            "        return min(known or oldest, oldest) - back\n",
        ),
        needs="scene-out-of-sight",
    ),
    _bug(
        "short-names",
        "an order's name says of its decision no more than the first two digits",
        "adapters/ids.py",
        (
            '{self._install[:6]}-{_written(epoch)}-{name}")',
            '{self._install[:6]}-{_written(epoch)}-{str(name)[:2]}")',
        ),
    ),
    _bug(
        "last-page-left-out",
        "of the fills the last page is left out where there is more than one",
        _VENUE,
        (
            '            page = self._client.get("/orders/historical/fills",'
            ' {**query, "cursor": cursor or None})\n'
            "            yield page\n"
            "            cursor = _cursor(page)\n",
            '            page = self._client.get("/orders/historical/fills",'
            ' {**query, "cursor": cursor or None})\n'
            "            if seen and not _cursor(page):\n"
            "                return\n"
            "            yield page\n"
            "            cursor = _cursor(page)\n",
        ),
        needs="scene-first-in-pieces",
    ),
    _bug(
        "equal-pieces-once",
        "of the pieces of an order that are alike in price and size the first alone is booked",
        _INTAKE,
        (
            "        booked: list[Fill] = []\n        for fill in fills:\n",
            "        booked: list[Fill] = []\n"
            "        alike = {(each.order_id, each.price, each.quantity): each"
            " for each in reversed(fills)}\n"
            "        for fill in alike.values():\n",
        ),
        needs="F24",
    ),
    _bug(
        "told-is-booked",
        "an order reserves what the venue says is left of it, though its fills are not booked",
        "domain/intents.py",
        (
            "        return self.intent.quantity - min(self.filled, self.intent.quantity)\n",
            "        told = self.filled if self.order is None else self.order.filled\n"
            "        return self.intent.quantity - min(max(told, self.filled),"
            " self.intent.quantity)\n",
        ),
        needs="scene-late-parts F22 F24",
    ),
    _bug(
        "resting-without-fee",
        "what rests is held to be paid for without its fee",
        "core/risk/reservations.py",
        (
            "                costs.append(notional * CONTEXT.add("
            "ONE, intent.taker_fee_fraction))\n",
            "                costs.append(notional)\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "stop-for-buys-alone",
        "a raised switch lets sales leave",
        "adapters/coinbase/guard.py",
        ("        refusal = self._permit.refusal()\n", "        refusal = None\n"),
        also=(
            _EXECUTION,
            "        refusal = self._permit.refusal() or self._halted(approved)\n",
            "        is_entry = approved.proposal.is_entry\n"
            "        refusal = (self._permit.refusal() if is_entry else None)"
            " or self._halted(approved)\n",
        ),
        besides=(
            _EXECUTION,
            "        refusal = self._permit.refusal()\n        if refusal is not None:\n"
            "            return refusal\n",
            "        refusal = self._permit.refusal()\n"
            "        if refusal is not None and approved.proposal.is_entry:\n"
            "            return refusal\n",
        ),
        needs="F48.touch F48.switch",
    ),
    _bug(
        "empty-switch-is-none",
        "a switch that was touched, and says nothing, is none",
        "adapters/kill_switch.py",
        (
            "        try:\n            os.lstat(self._path)\n"
            "        except FileNotFoundError:\n            return False\n"
            "        except OSError:\n            return True\n        return True\n",
            "        try:\n            return os.lstat(self._path).st_size > 0\n"
            "        except FileNotFoundError:\n            return False\n"
            "        except OSError:\n            return True\n",
        ),
        (
            '            return "unexamined"\n',
            '            return "unexamined"\n        if not found.st_size:\n'
            '            return ""\n',
        ),
        needs="F48.touch F48.switch",
    ),
    _bug(
        "figures-by-float",
        "a figure of the venue's is read as a float",
        "adapters/coinbase/fields.py",
        ("    return Decimal(shown)\n", "    return Decimal(repr(float(shown)))\n"),
    ),
    _bug(
        "fees-by-float",
        "what was paid in fees goes through a float",
        "core/book/fills.py",
        (
            "        fees_paid=portfolio.fees_paid + fill.fee,\n",
            "        fees_paid=Money(Decimal(repr(float("
            "(portfolio.fees_paid + fill.fee).value)))),\n",
        ),
    ),
    _bug(
        "equity-of-before",
        "the gate sizes by the equity of the cycle before",
        "core/valuation.py",
        (
            "    return portfolio.cash + held - taker.of_money(held)",
            "    before = portfolio.equity.equity\n"
            "    return before if before is not None"
            " else portfolio.cash + held - taker.of_money(held)",
        ),
    ),
    _bug(
        "stop-never-renewed",
        "a stop that rests stays as it is, whatever is held by now",
        _STOPS,
        (
            "    prices = stop_prices(position, view.product, policy)\n"
            "    placed = stop.intent.stop_price\n",
            '    if stop.filled.is_zero:\n        return ""\n'
            "    prices = stop_prices(position, view.product, policy)\n"
            "    placed = stop.intent.stop_price\n",
        ),
        needs="scene-two-prices F24",
    ),
    _bug(
        "guard-lets-in",
        "a second instance is let in while the first one trades",
        "adapters/instance_guard.py",
        (
            "        try:\n            self._acquire()\n        except OSError as error:\n"
            "            raise StorageError(\n"
            '                f"{self._path} cannot be locked',
            "        try:\n            with suppress(AlreadyRunning):\n"
            "                self._acquire()\n        except OSError as error:\n"
            "            raise StorageError(\n"
            '                f"{self._path} cannot be locked',
        ),
        needs="F48.second",
    ),
    _bug(
        "drift-is-capital",
        "cash that differs for a while is booked as moved by its owner, whom nobody asked",
        _RECONCILER,
        (
            "        self._ledger.record(*events)\n\n    def _standing",
            "        drift = [each for each in breaks if each.key.startswith('cash:')]\n"
            "        if drift:\n"
            "            moved = Money.of(drift[0].venue) - Money.of(drift[0].ledger)\n"
            "            events = [CashFlowed(moved, 'drift')]\n"
            "        self._ledger.record(*events)\n\n    def _standing",
        ),
        needs="F31 F23",
    ),
    _bug(
        "surplus-is-foreign",
        "coins that differ for a while are booked as somebody else's, whom nobody asked",
        _RECONCILER,
        (
            "        self._ledger.record(*events)\n\n    def _standing",
            "        for each in breaks:\n"
            "            what, _, name = each.key.partition(':')\n"
            "            more = Decimal(each.venue) - Decimal(each.ledger)"
            " if what == 'base' else 0\n"
            "            if more > 0:\n"
            "                known = self._ledger.portfolio.foreign.get(name, ZERO)\n"
            "                events = [ForeignSeen(name, known + more)]\n"
            "        self._ledger.record(*events)\n\n    def _standing",
        ),
        (
            "from datetime import timedelta\n",
            "from datetime import timedelta\nfrom decimal import Decimal\n",
        ),
        needs="F31",
    ),
    _bug(
        "difference-of-a-dollar",
        "cash may differ by a dollar, and nobody is told",
        _RECONCILER,
        ('_ROUNDED_AWAY = Money.of("0.000001")', '_ROUNDED_AWAY = Money.of("1")'),
        needs="F31 F23",
    ),
    _bug(
        "day-of-24-hours",
        "a day ends 24 hours after its first value, not at midnight",
        "core/book/equity.py",
        (
            "    if day is None or clocks.begin_day_after(day.time):\n",
            "    if day is None or at - day.time >= DAY:\n",
        ),
    ),
    _bug(
        "base-at-each-start",
        "a start takes the value that it finds for that of the day's beginning",
        "core/booking.py",
        (
            "def _session_started(portfolio: Portfolio, event: SessionStarted, at: Instant)"
            " -> Portfolio:\n",
            "def _session_started(portfolio: Portfolio, event: SessionStarted, at: Instant)"
            " -> Portfolio:\n"
            "    portfolio = replace(portfolio, equity=replace(portfolio.equity, day=None))\n",
        ),
        needs="F48.kill F48.term F48.point",
    ),
    _bug(
        "last-words-unsaid",
        "what waits for its channel as a process ends counts as told",
        "adapters/alerts.py",
        (
            '            self._post(Delivery(id, "outbox", False, 0, "not yet tried"))\n',
            '            self._post(Delivery(id, "outbox", True, 0, "not yet tried"))\n',
        ),
        needs="F48.channel F48.term",
    ),
    _bug(
        "sale-rests",
        "a sale that should fill at once or end rests until its end",
        "adapters/coinbase/render.py",
        (
            '    OrderType.LIMIT_IOC: "sor_limit_ioc",\n',
            '    OrderType.LIMIT_IOC: "limit_limit_gtd",\n',
        ),
        (
            "    if proposal.stop_price is not None:\n",
            "    if proposal.order_type is OrderType.LIMIT_IOC:\n"
            '        terms["end_time"] = str(end)\n'
            '        terms["post_only"] = False\n'
            "    if proposal.stop_price is not None:\n",
        ),
    ),
    _bug(
        "goes-on-after-429",
        "whoever is refused for asking too often asks on at once",
        _BUDGET,
        (
            "        self._reads.hold_off(self._clock.monotonic() + pause)\n\n    def told",
            "        del pause\n\n    def told",
        ),
        needs="F17",
    ),
    _bug(
        "another-products-bid",
        "a position is judged by the bid of the next one",
        _EXITS,
        (
            "    cause = due(position, view.quote.bid, snapshot.time)\n",
            "    names = sorted(portfolio.positions)\n"
            "    other = names[(names.index(position.product) + 1) % len(names)]\n"
            "    next_one = snapshot.views.get(other)\n"
            "    bid = view.quote.bid\n"
            "    if next_one is not None and next_one.quote is not None:\n"
            "        bid = next_one.quote.bid\n"
            "    cause = due(position, bid, snapshot.time)\n",
        ),
    ),
    _bug(
        "sells-what-is-there",
        "a sale is of all that the wallet has, whoever's it is",
        _EXITS,
        (
            "    return min(left, Quantity(there))\n",
            "    return Quantity(there)\n",
        ),
        also=(
            "core/risk/checks/buying_power.py",
            "        return value <= free, detail, value, free, product.base",
            "        return True, detail, value, free, product.base",
        ),
        needs="F31",
    ),
    _bug(
        "foreign-sale-counts",
        "a fill of an order that somebody placed by hand is booked where we hold the same",
        _INTAKE,
        (
            "            if name is None or not self._journal.knows_order(name):\n",
            "            if (name is None or not self._journal.knows_order(name))"
            " and fill.product in self._ledger.portfolio.positions:\n"
            "                self._ledger.record(FillBooked(fill, name or fill.order_id))\n"
            "                continue\n"
            "            if name is None or not self._journal.knows_order(name):\n",
        ),
        needs="F31",
    ),
)
