"""Mistakes by a stranger to the judge, in books, exits, stops, starts and pages."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

STRANGER = (
    _bug(
        "legs-of-the-ended-alone",
        "a position that opens again counts the exits that have ended alone",
        "core/book/fills.py",
        (
            "            for intents in (portfolio.working, portfolio.settled)",
            "            for intents in (portfolio.settled,)",
        ),
        needs="F24 F29 F48.brisk",
    ),
    _bug(
        "one-halt-keeps-for-all",
        "sales rest under every halt where one of them keeps them",
        "domain/portfolio.py",
        (
            "        return all(\n            halt.keeps_sales",
            "        return any(\n            halt.keeps_sales",
        ),
        needs="scene-kept-and-forbidden F48.switch",
    ),
    _bug(
        "trace-sought-in-the-quote",
        "the trace of an order of unknown fate is looked for in the quote currency",
        "core/recovery.py",
        (
            '    currency = intent.product.base\n    found = differences.get(f"base:{currency}")',
            '    currency = intent.product.quote\n    found = differences.get(f"base:{currency}")',
        ),
        needs="scene-no-trace scene-held-alone",
    ),
    _bug(
        "stop-trails-downwards",
        "a stop at the venue is laid anew where its level fell, and not where it rose",
        "core/orders/venue_stops.py",
        (
            "abs(prices.trigger.bps_above(placed).value) > MOVED.value",
            "-prices.trigger.bps_above(placed).value > MOVED.value",
        ),
        needs="scene-trailing",
    ),
    _bug(
        "sale-by-hand-without-fee",
        "what a person explains leaves out the fee of a sale by hand",
        "core/book/acceptance.py",
        (
            "        known = known + (each.price * each.quantity - each.fee)",
            "        known = known + each.price * each.quantity",
        ),
        needs="scene-sold-by-hand",
    ),
    _bug(
        "four-minutes-for-five",
        "a move in five minutes is measured over four",
        "core/risk/breakers.py",
        (
            "    base = bars.price(bars.close[-1 - MOVE_MINUTES])",
            "    base = bars.price(bars.close[-MOVE_MINUTES])",
        ),
        needs="F37",
    ),
    _bug(
        "stop-before-forgotten",
        "of two stops within a day the earlier one is not remembered",
        "core/book/fills.py",
        (
            "        previous_stop=history.last_stop if change.is_stop else history.previous_stop,",
            "        previous_stop=history.previous_stop,",
        ),
        needs="scene-stopped-twice",
    ),
    _bug(
        "first-buys-outlive-a-wish",
        "a wish to sell ends the buys of what is held alone",
        "engine/hands.py",
        (
            "            if each.intent.product in products and each.intent.side is Side.BUY",
            "            if each.intent.product in held and each.intent.side is Side.BUY",
        ),
        needs="scene-channel-down F48.people",
    ),
    _bug(
        "stop-keeps-exits-for-a-cycle",
        "what has a stop at the venue leaves between two cycles no more",
        "engine/exit_watch.py",
        (
            "            and not is_venue_stop(each)\n        }",
            "        }",
        ),
        needs="scene-trailing-between scene-lost-between F48.brisk",
    ),
    _bug(
        "last-minute-alone-revised",
        "the last minute alone is read again",
        "adapters/coinbase/bars.py",
        (
            "\nREREAD = 2\n",
            "\nREREAD = 1\n",
        ),
        needs="F39",
    ),
    _bug(
        "yes-not-used-up",
        "a person's yes is not used up by a trade",
        "core/book/staging.py",
        (
            "        if not each.covers(product, Side.BUY)\n",
            "        if not each.covers(product, Side.SELL)\n",
        ),
        needs="scene-stopped-twice",
    ),
    _bug(
        "buys-beside-their-sale",
        "a buy rests while its position is being sold",
        "core/orders/cancellations.py",
        (
            "    if product in leaving:\n"
            '        return f"the position of {product} is being sold"\n',
            "",
        ),
        needs="scene-ends-hidden scene-many-partials F24",
    ),
    _bug(
        "unsent-is-refused",
        "what was not sent counts as refused by the venue",
        "core/book/intents.py",
        (
            "            is_rejected = is_sent and known.state is IntentState.SUBMITTING",
            "            is_rejected = known.state is IntentState.SUBMITTING",
        ),
        needs="F3 F4",
    ),
    _bug(
        "rules-of-the-asked-before",
        "a product that joins is without rules until the others are read again",
        "adapters/coinbase/products.py",
        (
            "        if not (is_fresh and self._asked == wanted) and not reading.is_deaf:",
            "        if not is_fresh and not reading.is_deaf:",
        ),
        needs="scene-unlisted F31",
    ),
    _bug(
        "word-outlives-its-switch",
        "who lowers the switch leaves the word that nothing rests",
        "adapters/kill_switch.py",
        (
            "        self.forget_acknowledgement()\n        try:\n            self._path.unlink()",
            "        try:\n            self._path.unlink()",
        ),
        needs="scene-touched-again F48.switch",
    ),
    _bug(
        "dust-without-mark",
        "dust has no mark",
        "core/valuation.py",
        (
            "    for product in portfolio.holdings:\n        view = snapshot.views.get(product)",
            "    for product in portfolio.positions:\n        view = snapshot.views.get(product)",
        ),
        needs="scene-dust-beside scene-dust-sold-before",
    ),
    _bug(
        "dust-stays-beside",
        "dust stays dust beside the position that took it up",
        "core/book/fills.py",
        (
            "        if product in dust:\n            dust = placed_in(dust, product, None)\n",
            "",
        ),
        needs="scene-dust-beside scene-dust-sold-before",
    ),
    _bug(
        "kill-reads-two-pages",
        "`kill on` goes back to its second page for ever",
        "app/killing/clearing.py",
        (
            "            cursor = page.cursor",
            "            cursor = cursor or page.cursor",
        ),
        needs="scene-still-on-its-way",
    ),
    _bug(
        "sold-on-whatever-else-lies-there",
        "what a sale has left is sold on at once beside coins that are not ours",
        "engine/selling_on.py",
        (
            "        if held is None or _would_take_others(portfolio, held):",
            "        if held is None:",
        ),
        needs="scene-beside-a-stop scene-half-gone F31 F22",
    ),
    _bug(
        "fee-never-told-otherwise",
        "another fee of a fill that is booked says nothing",
        "adapters/sqlite/known.py",
        (
            "            fill.quantity.value,\n            fill.fee.value,\n        ]",
            "            fill.quantity.value,\n            Decimal(figures[2]),\n        ]",
        ),
        needs="scene-fills-retold",
    ),
    _bug(
        "untold-is-known",
        "what no channel took before a start is taken for known",
        "app/outside/telling.py",
        (
            "            if alert.severity is Severity.CRITICAL and alert.id not in open_ids:",
            "            if alert.id not in open_ids:",
        ),
        needs="scene-ended-unheard scene-unheard-for-long",
    ),
    _bug(
        "day-begins-24-hours-on",
        "a day begins 24 hours after the beginning of the last",
        "domain/time.py",
        (
            "        return known.us - known.us % _DAY_US < self.us - self.us % _DAY_US or",
            "        return self.us - known.us >= _DAY_US or",
        ),
        needs="scene-midnight-lost scene-slept-a-day scene-stood-overnight",
    ),
    _bug(
        "ended-is-ours",
        "an order of unknown fate that is found ended is ours, whatever it was",
        "core/recovery.py",
        (
            "    gap = mismatch(working.intent, order)\n    if not gap:",
            "    gap = mismatch(working.intent, order)\n    if not gap or order.state.is_final:",
        ),
        needs="scene-id-known scene-other-words F30",
    ),
    _bug(
        "breaker-binds-the-next",
        "a breaker that opens in a cycle lets that cycle buy",
        "core/risk/gate.py",
        (
            "halts={**portfolio.halts, **latched}, breakers=standing)",
            "halts={**portfolio.halts, **latched})",
        ),
        needs="F37 F14 F33",
    ),
)
