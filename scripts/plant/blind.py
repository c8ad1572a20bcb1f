"""Mistakes that somebody wrote down who had read the code, and neither this list nor its table."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

BLIND = (
    _bug(
        "echoed-price-unread",
        "the limit price in an answer is not compared with what was sent",
        "adapters/coinbase/outcome.py",
        ('for name in ("base_size", "limit_price"):', 'for name in ("base_size",):'),
        needs="scene-other-price",
    ),
    _bug(
        "known-id-is-no",
        "an id that the venue knows already is taken for a no",
        "adapters/coinbase/outcome.py",
        (
            (
                '        "END_TIME_IS_IN_THE_PAST",\n'
                '        "END_TIME_TOO_FAR_IN_FUTURE",\n'
                '        "GEOFENCING'
            ),
            (
                '        "DUPLICATE_CLIENT_ORDER_ID",\n'
                '        "END_TIME_IS_IN_THE_PAST",\n'
                '        "END_TIME_TOO_FAR_IN_FUTURE",\n'
                '        "GEOFENCING'
            ),
        ),
        needs="scene-id-known",
    ),
    _bug(
        "owner-of-each-order",
        "each order names an owner of its own, and may trade with the others",
        "adapters/coinbase/render.py",
        (
            '    return _id_of("-".join(client_order_id.split("-")[:2]))',
            "    return _id_of(client_order_id)",
        ),
    ),
    _bug(
        "unknown-told-as-sent",
        "an order of unknown fate is reported as sent",
        "engine/cycle.py",
        (
            "            return Outcome(Reason.UNKNOWN_OUTCOME, outcome.detail)",
            "            return Outcome(Reason.ENTRY_SENT, decided.detail)",
        ),
        needs="F7 F8 scene-clock-set",
    ),
    _bug(
        "exact-hold-is-none",
        "a hold of exactly an order's size is no trace of it",
        "core/recovery.py",
        (
            "return CONTEXT.subtract(balance.hold, explained) >= own",
            "return CONTEXT.subtract(balance.hold, explained) > own",
        ),
        needs="F7 scene-held-alone",
    ),
    _bug(
        "owed-once",
        "the wide reading that a start owes is owed once, and forgotten where it failed",
        "engine/reconciler.py",
        (
            "            back = max(back, owed.back)\n",
            "            back, self._owed = max(back, owed.back), None\n",
        ),
        (("        self._owed = None\n        orders +="), "        orders +="),
        needs="scene-unread-at-first",
    ),
    _bug(
        "taken-back-and-left",
        "lost orders that are taken back are left to rest",
        "engine/reconciler.py",
        ("        self._strays.end_adopted()\n", ""),
        needs="F48.restored scene-epoch-lost",
    ),
    _bug(
        "last-slice-tells",
        "whether a close lost is told by its last part alone",
        "core/book/fills.py",
        ("is_loss = held.realised + made < NO_MONEY", "is_loss = made < NO_MONEY"),
        needs="F24",
    ),
    _bug(
        "flow-moves-nothing",
        "money that comes or goes buys and sells no units",
        "core/booking.py",
        ("equity=flowed(portfolio.equity, event.amount),", "equity=portfolio.equity,"),
        needs="F31",
    ),
    _bug(
        "rest-keeps-the-fee",
        "a lot that is sold in part keeps its whole fee",
        "core/book/lots.py",
        (
            ("return piece, Lot(lot.quantity - quantity, lot.price, lot.fee - fee, lot.opened)"),
            "return piece, Lot(lot.quantity - quantity, lot.price, lot.fee, lot.opened)",
        ),
        needs="F24 scene-late-parts",
    ),
    _bug(
        "legs-from-nothing",
        "a position that opens again counts its exits from nothing",
        "core/book/fills.py",
        ("exit_legs=_legs_used(portfolio, intent.decision_id),", "exit_legs=0,"),
        needs="F22 F24",
    ),
    _bug(
        "four-ended-remembered",
        "of orders that ended four are remembered",
        "core/book/intents.py",
        ("SETTLED_MAX = 64", "SETTLED_MAX = 4"),
        ("SURELY_KEPT = HOUR", "SURELY_KEPT = HOUR / 60"),
        needs="F22 F48.brisk scene-late-parts",
    ),
    _bug(
        "cluster-without-open-buys",
        "what may still be bought does not count in a cluster",
        "core/risk/reservations.py",
        (
            ("parts = [bought for product, bought in self.bought.items() if product in products]"),
            "parts: list[Money] = []",
        ),
        needs="F48.wild",
    ),
    _bug(
        "day-of-an-hour",
        "entries of a day are remembered for an hour",
        "core/book/cycles.py",
        (
            "entries_sent=within_a_day(portfolio.entries_sent, clocks.earlier),",
            "entries_sent=recent(portfolio.entries_sent, clocks.right, HOUR),",
        ),
        needs="F48.brisk F48.wild",
    ),
    _bug(
        "risk-or-share",
        "an entry is as large as the greater of its share and its risk",
        "core/sizing.py",
        (
            "wanted = ground.equity * CONTEXT.multiply(min(usual, risk), confidence)",
            "wanted = ground.equity * CONTEXT.multiply(max(usual, risk), confidence)",
        ),
        needs="scene-little-risked",
    ),
    _bug(
        "median-of-yesterday",
        "the collar's median is that of the oldest closes",
        "core/risk/checks/collar.py",
        ("sorted(bars.close[-count:])", "sorted(bars.close[:count])"),
        needs="F36 F37",
    ),
    _bug(
        "red-flag-upside-down",
        "a red flag forbids once it is over, and not before",
        "core/never_traded.py",
        (
            "if flag.product == product and now < expires:",
            "if flag.product == product and now >= expires:",
        ),
        needs="scene-red-flag",
    ),
    _bug(
        "sales-kept-unasked",
        "a switch that says nothing of sales keeps them",
        "adapters/kill_switch.py",
        ('body.get("keeps_sales") is True)', 'body.get("keeps_sales", True) is True)'),
        needs="F48.switch scene-stricter",
    ),
    _bug(
        "tenure-never-open",
        "a tenure is not marked as open: no crash is seen as one",
        "adapters/sqlite/tenure.py",
        ('"UPDATE lease SET epoch = ?, is_open = 1"', '"UPDATE lease SET epoch = ?"'),
        needs="F48.kill F45 F46",
    ),
    _bug(
        "key-may-transfer",
        "a key that may move money out is taken",
        "core/keys.py",
        (
            "    if permissions.can_transfer:\n",
            "    if permissions.can_transfer and not permissions.can_trade:\n",
        ),
        needs="scene-key-may-transfer F34",
    ),
    _bug(
        "anchor-after-a-crash",
        "after a crash the chain is verified from its last anchor alone",
        "adapters/sqlite/tenure.py",
        ("    if row is not None and was_clean:\n", "    if row is not None:\n"),
        needs="F46 F45",
    ),
    _bug(
        "findings-one-by-one",
        "what a cycle decided and what it found are transactions of their own",
        "engine/cycle.py",
        (
            ("        self._ledger.record(*events)\n\n    def _is_disk_low"),
            (
                "        for each in events:\n"
                "            self._ledger.record(each)\n"
                "\n"
                "    def _is_disk_low"
            ),
        ),
        needs="F48.kill F45",
    ),
    _bug(
        "told-before-recorded",
        "an alert leaves before its event is on disk",
        "engine/ledger.py",
        (
            "        written = self._journal.append(batch, now)\n",
            (
                "        for seq, alert in raised:\n"
                "            self._alerts.send(Alert(alert.severity, alert.code, "
                "alert.text, seq))\n"
                "        written = self._journal.append(batch, now)\n"
            ),
        ),
        (
            (
                "        self._pass_by(events)\n"
                "        for seq, alert in raised:\n"
                "            self._alerts.send(Alert(alert.severity, alert.code, "
                "alert.text, seq))\n"
            ),
            "        self._pass_by(events)\n",
        ),
        needs="F43 F44 F48.kill",
    ),
    _bug(
        "stop-upwards",
        "a stop waits for a price above",
        "adapters/coinbase/render.py",
        ('"STOP_DIRECTION_STOP_DOWN"', '"STOP_DIRECTION_STOP_UP"'),
    ),
    _bug(
        "stop-by-the-middle",
        "a stop looks at the middle of the market",
        "core/orders/exits.py",
        (
            "cause = due(position, view.quote.bid, snapshot.time)",
            "cause = due(position, view.quote.mid, snapshot.time)",
        ),
        needs="F37",
    ),
    _bug(
        "trail-falls",
        "a stop that trails follows the price down as well",
        "core/book/cycles.py",
        (
            "if (mark := marks.get(product)) is not None and mark > position.highest",
            "if (mark := marks.get(product)) is not None and mark != position.highest",
        ),
        needs="scene-trailing",
    ),
    _bug(
        "exit-at-the-bid",
        "a sale that is due takes the bid, and nothing less",
        "core/orders/exits.py",
        (
            "return min(lowest, quote.bid).ceil_to(product.price_increment)",
            "return max(lowest, quote.bid).ceil_to(product.price_increment)",
        ),
        needs="F37 scene-trailing",
    ),
    _bug(
        "sells-what-is-gone",
        "a sale is of all that the ledger has, though a break says that less is there",
        "core/orders/exits.py",
        (
            "    if difference is None:\n        return left\n",
            "    if difference is None or difference.is_break:\n        return left\n",
        ),
        needs="F31 scene-half-gone",
    ),
    _bug(
        "listed-positions-alone",
        "exits are judged of listed products alone",
        "core/orders/exits.py",
        (
            ("    for product in sorted(portfolio.positions, key=_NAME):\n        position"),
            (
                "    for product in sorted(set(portfolio.positions) & "
                "set(policy.universe.products), key=_NAME):\n"
                "        position"
            ),
        ),
        needs="scene-unlisted",
    ),
    _bug(
        "stream-time-unasked",
        "a streamed book is young whatever time it tells",
        "adapters/coinbase/stream/streamed.py",
        (
            (
                "            and steady - streamed.moved <= STILL_MAX\n"
                "            and -AHEAD_MAX <= self._now() - streamed.levels.time <= "
                "self._age_max\n"
            ),
            "            and steady - streamed.moved <= STILL_MAX\n",
        ),
        needs="F35 F12 scene-late-streams",
    ),
    _bug(
        "old-skew-kept",
        "where the venue does not tell its time the clock is as right as before",
        "adapters/coinbase/market.py",
        (
            (
                "        self._skew = None\n"
                "        try:\n"
                "            skew = clock_skew(self._client)\n"
                "        except VenueError as error:\n"
                "            self._reading.failed(None, error)\n"
                "            return None\n"
            ),
            (
                "        try:\n"
                "            skew = clock_skew(self._client)\n"
                "        except VenueError as error:\n"
                "            self._reading.failed(None, error)\n"
                "            return self._skew\n"
            ),
        ),
        needs="scene-time-untold F42 F40",
    ),
    _bug(
        "print-confirms-itself",
        "a jump is confirmed by the same quote three times",
        "core/risk/doubts.py",
        (
            "is_later = known.last_print is None or quote.time > known.last_print",
            "is_later = known.last_print is None or quote.time >= known.last_print",
        ),
        needs="F36 scene-shown-again",
    ),
    _bug(
        "status-of-an-hour",
        "a product's state is read once in three quarters of an hour",
        "adapters/coinbase/products.py",
        ("now - self._asked_at < STATUS_AGE", "now - self._asked_at < 60 * STATUS_AGE"),
        (
            "self._client.clock.now() - known.read_at >= PRODUCT_AGE_MAX",
            "self._client.clock.now() - known.read_at >= 60 * PRODUCT_AGE_MAX",
        ),
        needs="F28",
    ),
    _bug(
        "short-page-is-last",
        "a page of fills that is not full is the last one",
        "adapters/coinbase/venue.py",
        (
            'if not cursor or cursor in seen or not page["fills"]:',
            ('if not cursor or cursor in seen or len(read.records(page, "fills")) < FILLS_PAGE:'),
        ),
        needs="F20 scene-late-parts",
    ),
    _bug(
        "fees-per-mille",
        "fee rates are read ten times too small",
        "adapters/coinbase/codec.py",
        (
            "return Bps(CONTEXT.multiply(fraction, Decimal(10_000)))",
            "return Bps(CONTEXT.multiply(fraction, Decimal(1_000)))",
        ),
    ),
    _bug(
        "six-places",
        "a size is sent with six places",
        "adapters/coinbase/render.py",
        (
            '"base_size": plain(proposal.quantity.value),',
            '"base_size": f"{proposal.quantity.value:.6f}",',
        ),
    ),
    _bug(
        "odd-state-is-over",
        "an order in a state that nobody knows is over",
        "adapters/coinbase/codec.py",
        ("        return OrderState.UNKNOWN\n", "        return OrderState.CANCELLED\n"),
        needs="scene-odd-words F18",
    ),
    _bug(
        "folded-in-a-storm",
        "what is critical is folded in a storm of warnings",
        "adapters/alert_gate.py",
        (
            ("        if severity is Severity.CRITICAL:\n            return False\n        lately"),
            (
                "        if severity is Severity.CRITICAL and not self._is_storm:\n"
                "            return False\n"
                "        lately"
            ),
        ),
        needs="scene-storm",
    ),
    _bug(
        "unnamed-is-ended",
        "under a stop an order without a name at the venue counts as ended",
        "core/alerts/due.py",
        (
            (
                "        if not (each.order is not None and each.order.state.is_final)\n"
                "        and not is_sale_kept"
            ),
            (
                "        if each.order_id is not None\n"
                "        and not (each.order is not None and each.order.state.is_final)\n"
                "        and not is_sale_kept"
            ),
        ),
        needs="scene-stop-in-doubt",
    ),
    _bug(
        "one-word-for-all",
        "who acknowledges one critical alert acknowledges all that wait",
        "adapters/alerts.py",
        (
            (
                "return waiting.alert.severity is Severity.CRITICAL and "
                "base_code(waiting.alert) == code"
            ),
            "return waiting.alert.severity is Severity.CRITICAL and bool(code)",
        ),
        needs="F48.channel",
    ),
)
