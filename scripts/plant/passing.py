"""Mistakes by somebody who had read the trader alone: what is told, kept, stopped and handed on."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

PASSING = (
    _bug(
        "asked-to-end-is-over",
        "a buy whose end was asked for reserves nothing any more",
        "core/risk/reservations.py",
        (
            "            if intent.side is Side.BUY and not working.state.is_settled:\n",
            (
                "            is_asked = working.cancel_requested is not None\n"
                "            is_over = is_asked or working.state.is_settled\n"
                "            if intent.side is Side.BUY and not is_over:\n"
            ),
        ),
        needs="scene-ends-refused",
    ),
    _bug(
        "untold-is-still-held",
        "what an ended sale took counts as held until its fill is told",
        "core/orders/exits.py",
        (
            "    left = position.quantity - min(position.quantity, taken)\n",
            "    left = position.quantity\n",
        ),
        needs="scene-lists-refused",
    ),
    _bug(
        "day-old-leaves-an-hour",
        "once an entry is a day old all but the last hour's are forgotten with it",
        "core/book/intents.py",
        (
            ("    since = now.us - _DAY_US\n    return tuple([time"),
            ("    since = now.us - microseconds(HOUR)\n    return tuple([time"),
        ),
        needs="scene-slept-nearly",
    ),
    _bug(
        "oldest-alert-given-up",
        "where too many alerts wait the oldest is given up, critical or not",
        "adapters/alerts.py",
        (
            "key=lambda each: (_RANK[each.alert.severity], each.alert.id))",
            "key=lambda each: each.alert.id)",
        ),
        needs="scene-storm",
    ),
    _bug(
        "untold-after-a-crash",
        "an alert that no attempt was kept of is told again after an end in order alone",
        "adapters/sqlite/beside.py",
        (
            "        (RESENT_WITHIN_EVENTS, not is_clean),",
            "        (RESENT_WITHIN_EVENTS, is_clean),",
        ),
        needs="scene-killed-unheard",
    ),
    _bug(
        "allowed-once-for-all",
        "app.yaml is not looked at again once it let something be sent",
        "app/granting/live_watch.py",
        (
            "        if content is not None and content == self._allowing:",
            "        if self._allowing is not None:",
        ),
        needs="scene-read-only",
    ),
    _bug(
        "cleared-while-unknown",
        "a stop of losses is cleared while equity is unknown",
        "core/risk/halts.py",
        (
            (
                "    if now is None or portfolio.equity.equity is None:\n"
                '        return "equity is unknown, so the loss'
            ),
            ('    if now is None:\n        return "equity is unknown, so the loss'),
        ),
        needs="scene-day-lost",
    ),
    _bug(
        "stop-given-up-unread",
        "a stop makes way though nobody could learn of its end",
        "core/orders/making_way.py",
        (
            "        if not snapshot.follows(proposal.product) and not is_asked:\n",
            "        if not snapshot.follows(proposal.product) and stop.is_over:\n",
        ),
        needs="scene-reading-refused",
    ),
    _bug(
        "strange-sales-rest",
        "of orders under our name that nobody knows buys alone are ended",
        "engine/strays.py",
        (
            "            if not (is_halted and order.side is Side.SELL and portfolio.keeps_sales)",
            "            if order.side is Side.BUY",
        ),
        needs="scene-terms-untold",
    ),
    _bug(
        "key-unread-for-ever",
        "a key is trusted for however long it cannot be read",
        "engine/key_watch.py",
        (
            (
                "            if cause is not None:\n"
                '                self._latch(f"{cause}, and cannot be read: {error}")\n'
            ),
            "            del cause, error\n",
        ),
        needs="scene-key-may-transfer",
    ),
    _bug(
        "each-sale-may-wait",
        "a sale of more than is held waits for ever, though nothing more is to be bought",
        "engine/fill_intake.py",
        (
            " and self._is_bought_later(fill, orders, awaited):",
            ":",
        ),
        needs="scene-adoption-lost",
    ),
    _bug(
        "ended-makes-room-at-once",
        "what a sale left is sold at once, by the first word of its end",
        "core/orders/ended_sales.py",
        (
            "    return since is not None and timedelta(0) <= now - since < FILLS_ARE_TOLD\n",
            "    return since is not None and now < since\n",
        ),
        needs="scene-reading-refused",
    ),
    _bug(
        "digest-of-other-fees",
        "a day's fees are counted from what was made before it",
        "core/book/tally.py",
        (
            ("            realised=portfolio.realised,\n            fees=portfolio.fees_paid,"),
            ("            realised=portfolio.realised,\n            fees=portfolio.realised,"),
        ),
        needs="scene-slept-a-day",
    ),
    _bug(
        "fees-of-today-left-out",
        "what a day has paid does not count among the fees that it may come to",
        "core/risk/checks/turnover.py",
        ("            fees = CONTEXT.add(fees, today.fees.value)\n", ""),
        needs="scene-day-of-fees",
    ),
    _bug(
        "first-alert-of-a-batch",
        "of the alerts of one transaction the first alone is handed over",
        "engine/ledger.py",
        (
            "        for seq, alert in raised:\n            self._alerts.send",
            "        for seq, alert in raised[:1]:\n            self._alerts.send",
        ),
        needs="scene-other-price",
    ),
    _bug(
        "pace-of-the-last-four",
        "entries before the last four are forgotten, and no window has more",
        "core/book/intents.py",
        (
            "(*within_a_day(portfolio.entries_sent, at), at)",
            "(*within_a_day(portfolio.entries_sent, at)[-3:], at)",
        ),
        needs="F48.brisk",
    ),
    _bug(
        "quote-as-old-as-its-snapshot",
        "at sending a quote is as old as the snapshot that it came with",
        "core/risk/gate.py",
        ("quote_time=quote.time,", "quote_time=context.snapshot.time,"),
        needs="scene-nearly-old",
    ),
    _bug(
        "stop-cleared-beside-itself",
        "a stop that stands is none that would latch: it is cleared while its loss stands",
        "core/risk/halts.py",
        ("    bare = replace(portfolio, halts=EMPTY)\n", "    bare = portfolio\n"),
        needs="scene-day-lost",
    ),
)
