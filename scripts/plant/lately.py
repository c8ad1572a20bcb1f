"""Mistakes in what was added lately: alerts, backups, streams, stops, the switch, paces."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_BRISK, _WILD = "F48.brisk", "F48.wild"
_ALERTS, _GATE = "adapters/alerts.py", "adapters/alert_gate.py"
_INTENTS, _RECOVERY = "core/book/intents.py", "core/recovery.py"
_STOPS, _INTAKE = "core/orders/venue_stops.py", "engine/fill_intake.py"
_STARTUP, _VENUE = "engine/startup.py", "adapters/coinbase/venue.py"

LATELY = (
    _bug(
        "minute-without-end",
        "a minute may have as many entries as an hour",
        "core/risk/checks/pace.py",
        (
            "        if minute >= self.per_minute:\n",
            "        if False:\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "cancels-without-end",
        "a minute may have as many cancels as it likes",
        "adapters/coinbase/budget.py",
        (
            "        while not self._is_stopped() and (left := bucket.wait(now)) > timedelta(0):\n",
            "        while False:\n            left = timedelta(0)\n",
        ),
        needs="scene-ends-refused F48.people",
    ),
    _bug(
        "first-of-a-message",
        "of several alerts in a message that was not taken the first alone is tried again",
        _ALERTS,
        (
            "                mine.is_delivered = failure is None\n",
            "                mine.is_delivered = failure is None or each is not batch[0]\n",
        ),
        needs="F48.channel F31 F23",
    ),
    _bug(
        "known-is-known-of-all",
        "who acknowledges one alert is not told of the others that wait",
        _ALERTS,
        (
            "            self._waiting = [each for each in self._waiting"
            " if not _is_critical(each, code)]\n",
            "            self._waiting = []\n",
        ),
        needs="F48.channel F31 F23",
    ),
    _bug(
        "never-again",
        "what nobody acknowledged is told of once",
        _GATE,
        (
            "            if now - each.last >= AGAIN_SECONDS and",
            "            if False and",
        ),
        needs="F31 F23 F48.switch",
    ),
    _bug(
        "digest-of-nothing",
        "a digest does not say which alerts it holds",
        _GATE,
        (
            "text = (\n            f\"Folded within {minutes} min: {'; '.join(lines)}{rest}. "
            'trader247 did what each of "\n            "them says. Next: trader247 alerts list"\n'
            "        )\n",
            'text = f"{len(lines)} alerts{rest}, {minutes} min: trader247 alerts list"\n',
        ),
    ),
    _bug(
        "log-left-behind",
        "who goes back to a backup finds the write-ahead log of the journal that it replaces",
        "adapters/sqlite/backups/restore.py",
        ("        for end in (_SHM, _WAL):\n", "        for end in (_SHM,):\n"),
        needs="F48.restored scene-epoch-lost",
    ),
    _bug(
        "one-entry-a-trade",
        "of the entries of a trade the first alone is booked",
        _INTAKE,
        (
            "            if self._journal.has_fill(fill.entry_id):\n"
            "                self._expect_unchanged(fill)\n",
            "            if self._journal.repeats_trade(fill):\n"
            "                continue\n"
            "            if self._journal.has_fill(fill.entry_id):\n"
            "                self._expect_unchanged(fill)\n",
        ),
        needs="F24",
    ),
    _bug(
        "age-from-the-first-look",
        "an order's age goes by the wall's clock until it is looked for the first time",
        "engine/reconciler.py",
        (
            "            self._ages.begin(name, self._execution.recorded_at(name))\n",
            "            del name\n",
        ),
        needs="scene-clock-set F40",
    ),
    _bug(
        "over-by-its-time",
        "an order of unknown fate is given up once its time is over",
        _RECOVERY,
        (
            "    if not _is_evidence(working, listed_at):\n        return None\n",
            "    if listed_at > intent.end_time:\n"
            "        return SubmissionSettled(\n"
            "            intent.client_order_id,\n"
            "            Declined(code=NOT_CREATED, message='its time is over', is_sent=False),\n"
            "        )\n"
            "    if not _is_evidence(working, listed_at):\n        return None\n",
        ),
        needs="F8 F9 F6 scene-sale-in-doubt",
    ),
    _bug(
        "pending-reserves-nothing",
        "an order that is over reserves nothing, though its fills are not booked",
        "core/risk/reservations.py",
        (
            "    if working.state.is_settled:\n        return NOTHING\n",
            "    if working.state.is_settled or working.state is IntentState.FILLS_PENDING:\n"
            "        return NOTHING\n",
        ),
        needs="F22 F24 scene-late-parts",
    ),
    _bug(
        "leaving-reserves-nothing",
        "an order whose end was asked for reserves nothing any more",
        "core/risk/reservations.py",
        (
            "    if working.state.is_settled:\n        return NOTHING\n",
            "    if working.state.is_settled or working.cancel_requested is not None:\n"
            "        return NOTHING\n",
        ),
        needs="F29 F48.people scene-ends-refused",
    ),
    _bug(
        "sales-rest-under-the-switch",
        "under a raised switch sales rest, whether anybody wanted that or not",
        "core/orders/cancellations.py",
        (
            "    return working.intent.side is Side.SELL and portfolio.keeps_sales\n",
            "    return working.intent.side is Side.SELL\n",
        ),
        needs="F48.switch F48.touch",
    ),
    _bug(
        "stop-at-any-price",
        "a stop that rests sells as far under its price as the market goes",
        _STOPS,
        (
            "    limit = trigger.shifted(-policy.execution.exit_collar_bps).ceil_to(step)\n",
            "    deep = policy.execution.exit_collar_bps + policy.execution.exit_collar_bps\n"
            "    limit = trigger.shifted(-(deep + deep)).ceil_to(step)\n",
        ),
        also=(
            "core/risk/checks/collar.py",
            "        return lowest <= proposal.price <= trigger, detail",
            "        return proposal.price <= trigger, detail",
        ),
    ),
    _bug(
        "unclean-for-ever",
        "a process that dies again and again is started again and goes on buying",
        _STARTUP,
        (
            "            if len(lately) + 1 > UNCLEAN_ENDS_MAX:\n",
            "            if False:\n",
        ),
        needs="scene-crash-loop F48.kill F48.point",
    ),
    _bug(
        "adopted-without-fee",
        "coins that are adopted cost no fee, whatever was said",
        "core/book/by_hand.py",
        (
            "    lot = Lot(event.quantity, event.price, event.fee, at)\n",
            "    lot = Lot(event.quantity, event.price, event.fee - event.fee, at)\n",
        ),
        needs="scene-two-prices F31",
    ),
    _bug(
        "flows-by-float",
        "what came in by hand goes through a float",
        "core/book/acceptance.py",
        (
            "    moved = Money(CONTEXT.subtract(there, known.value))\n",
            "    moved = Money(CONTEXT.subtract(there, known.value))\n"
            "    moved = Money.of(repr(float(there) - float(known.value)))\n",
        ),
        needs="F31",
    ),
    _bug(
        "gate-before-reserving",
        "what is approved in a cycle is judged as if nothing before it was",
        "core/risk/gate.py",
        (
            "            held = with_reserved(held, before, policy)\n",
            "            with_reserved(held, before, policy)\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "words-of-one-order",
        "the venue's word on one order is taken for that on all of its product",
        _INTENTS,
        (
            "    known = found(portfolio, order.client_order_id)\n"
            "    if known is None or not is_news(known, order):\n        return portfolio\n",
            "    known = found(portfolio, order.client_order_id)\n"
            "    if known is None or not is_news(known, order):\n        return portfolio\n"
            "    if order.state.is_final:\n"
            "        for other in tuple(portfolio.working.values()):\n"
            "            if other.intent.product == order.product and other is not known:\n"
            "                portfolio = placed(portfolio, replace("
            "other, state=IntentState.DONE), at)\n",
        ),
        needs="F24 F27",
    ),
    _bug(
        "cancels-in-one-batch",
        "of the ends that are asked for together one is left out",
        _VENUE,
        (
            "        wanted = tuple(dict.fromkeys(orders))\n",
            "        wanted = tuple(dict.fromkeys(orders))\n"
            "        wanted = wanted[:-1] if len(wanted) > 1 else wanted\n",
        ),
        needs="F48.switch F48.touch F48.people scene-ends-refused",
    ),
    _bug(
        "breakers-never-open",
        "no breaker opens, whatever the market or the venue does",
        "core/risk/breakers.py",
        (
            "    return {name: cause for name, cause in causes.items() if cause}\n",
            "    return {}\n",
        ),
        needs="F17 F37 F16",
    ),
)
