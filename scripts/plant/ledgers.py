"""Mistakes in the books and in what is told of them, by somebody who had read the code alone."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_BY_HAND, _ACCEPTANCE = "core/book/by_hand.py", "core/book/acceptance.py"
_BOOKING, _EQUITY, _FILLS = "core/booking.py", "core/book/equity.py", "core/book/fills.py"
_INTENTS, _RECONCILE, _RECOVERY = (
    "core/book/intents.py",
    "core/reconcile.py",
    "core/recovery.py",
)
_RECONCILER, _INTAKE = "engine/reconciler.py", "engine/fill_intake.py"
_BRISK, _WILD = "F48.brisk", "F48.wild"

LEDGERS = (
    _bug(
        "hand-sale-without-fee",
        "a sale by hand brings what it brought, and its fee is left out",
        _BY_HAND,
        (
            "    proceeds = event.price * event.quantity - event.fee\n",
            "    proceeds = event.price * event.quantity\n",
        ),
        needs="scene-sold-by-hand F31",
    ),
    _bug(
        "adopted-at-cost",
        "coins that are adopted move equity by what they are said to have cost",
        _BY_HAND,
        (
            "equity=flowed(portfolio.equity, event.mark * event.quantity)",
            "equity=flowed(portfolio.equity, lot.cost)",
        ),
        needs="scene-two-prices F31",
    ),
    _bug(
        "first-sale-by-hand",
        "lots that are missing were sold by the oldest sale that the venue lists",
        _ACCEPTANCE,
        ("for fill in reversed(statement.fills):", "for fill in statement.fills:"),
        needs="scene-sold-by-hand F31",
    ),
    _bug(
        "own-sale-by-hand",
        "a sale of our own explains lots that somebody sold by hand",
        _RECONCILER,
        (
            " and not names[fill.order_id].startswith(OWN_PREFIX)\n",
            "\n",
        ),
        needs="scene-sold-by-hand F31",
    ),
    _bug(
        "ours-and-foreign",
        "all that a wallet has is foreign once somebody explains what is beyond ours",
        _ACCEPTANCE,
        (
            "return [ForeignSeen(name, CONTEXT.subtract(there, own))]",
            "return [ForeignSeen(name, there)]",
        ),
        needs="scene-two-prices F31",
    ),
    _bug(
        "first-word-of-a-stop",
        "a stop that kept sales goes on keeping them, whoever raises it anew",
        _BOOKING,
        (
            "    elif known.keeps_sales and not event.keeps_sales:\n"
            "        halt = replace(known, keeps_sales=False)\n",
            "",
        ),
        needs="scene-stricter F48.switch",
    ),
    _bug(
        "one-clears-all",
        "who clears one halt has cleared all of them",
        _BOOKING,
        ("        halts=_without(portfolio.halts, event.name),\n", "        halts={},\n"),
        needs="F48.people F31",
    ),
    _bug(
        "difference-ever-young",
        "a difference is as old as its last figures",
        _BOOKING,
        ("since=at if known is None else min(known.since, at)", "since=at"),
        needs="scene-channel-down scene-beside-a-stop F31",
    ),
    _bug(
        "nothing-unexplained",
        "more is bought while a fill waits of which nobody knows whose it is",
        _INTAKE,
        ("                self._has_unexplained |= not self._may_be_ours(fill)\n", ""),
        needs="scene-told-late scene-out-of-sight",
    ),
    _bug(
        "correction-without-halt",
        "what the venue takes back is set aside, and buying goes on",
        _INTAKE,
        ("                halts = broken(self._ledger.portfolio, what)\n", ""),
        needs="F23",
    ),
    _bug(
        "waits-once",
        "a fill that waits is remembered while an intent of unknown outcome may explain it",
        _INTAKE,
        (
            "        self._waiting[fill.entry_id] = min(fill.time, fill.sequence_time)\n",
            "        if self._may_be_ours(fill):\n"
            "            self._waiting[fill.entry_id] = fill.time\n",
        ),
        needs="scene-out-of-sight",
    ),
    _bug(
        "page-begins-with-the-last",
        "the first row of a page is taken for the last one of the page before",
        "adapters/coinbase/venue.py",
        (
            '            for fields in read.records(page, "fills"):\n',
            '            for fields in read.records(page, "fills")[bool(found) :]:\n',
        ),
        needs="scene-first-in-pieces",
    ),
    _bug(
        "last-wallet-counts",
        "of several wallets of a currency the last one is all",
        "adapters/coinbase/codec.py",
        (
            "        available = CONTEXT.add(before.available, available)\n"
            "        hold = CONTEXT.add(before.hold, hold)\n",
            "        pass\n",
        ),
        needs="scene-wallets-unread",
    ),
    _bug(
        "fees-can-wait",
        "an order is whole once its quantity is, whatever its fees were",
        _INTENTS,
        ("    return is_counted or order.fees == working.filled_fees\n", "    return True\n"),
        needs="scene-other-words",
    ),
    _bug(
        "no-pace-given-back-but-all",
        "a post-only rejection gives back the pace of all entries",
        "core/orders/repricing.py",
        ("entries_sent=portfolio.entries_sent[:-1]", "entries_sent=()"),
        needs="F25",
    ),
    _bug(
        "every-no-is-forgiven",
        "an entry that was declined for whatever reason uses up no pace",
        "core/orders/repricing.py",
        (
            "    if not is_post_only_rejection(outcome):\n        return portfolio\n    count",
            "    count",
        ),
        needs="F26 F17",
    ),
    _bug(
        "fees-of-buys-alone",
        "the day's fees are those of its buys",
        _FILLS,
        (
            "return replace(before, bought=bought, fees=before.fees + fill.fee)",
            "paid = before.fees + fill.fee if fill.side is Side.BUY else before.fees\n"
            "    return replace(before, bought=bought, fees=paid)",
        ),
        needs="scene-day-of-fees",
    ),
    _bug(
        "staircase-of-one",
        "the highs of a day are those of now",
        _EQUITY,
        ("steps[end - 1].nav <= point.nav", "steps[end - 1].nav >= point.nav"),
        needs="scene-day-lost F37",
    ),
    _bug(
        "flows-at-the-first-value",
        "money that moves buys units at what the first one was worth",
        _EQUITY,
        ("going_nav=nav if nav > 0 else record.going_nav", "going_nav=record.going_nav"),
        needs="F31",
    ),
    _bug(
        "peak-in-money",
        "a high-water mark that a person accepts is one of money, not of units",
        _EQUITY,
        ("high_nav=CONTEXT.divide(accepted.value, record.units)", "high_nav=accepted.value"),
        needs="scene-lost-between F37",
    ),
    _bug(
        "worth-by-makers",
        "what is held is worth what a maker would get for it",
        "core/valuation.py",
        (
            "    _, taker = fee_rates(portfolio, policy)\n",
            "    taker, _ = fee_rates(portfolio, policy)\n",
        ),
    ),
    _bug(
        "foreign-unseen",
        "the venue's wallets are compared where the ledger knows the currency already",
        _RECONCILE,
        (
            "sorted({*ledger, *balances} - {portfolio.quote_currency})",
            "sorted({*ledger} - {portfolio.quote_currency})",
        ),
        needs="F31",
    ),
    _bug(
        "fills-missing-untold",
        "an order that ended with more than was booked for it is no difference",
        _RECONCILE,
        ("        *_fill_gaps(portfolio, now, policy),\n", ""),
        needs="scene-late-parts F22",
    ),
    _bug(
        "unknown-explains-for-ever",
        "an order of unknown fate explains what differs for as long as it is unknown",
        _RECONCILE,
        (
            "            if max(age, ages.get(name, age)) > UNRESOLVED_EXPLAINS:\n"
            "                continue\n",
            "",
        ),
        needs="scene-sale-in-doubt",
    ),
    _bug(
        "hold-without-fills",
        "what an order had filled already counts as on hold for it",
        _RECOVERY,
        ("left = order.quantity - min(order.filled, order.quantity)", "left = order.quantity"),
        needs="scene-held-alone",
    ),
    _bug(
        "terms-not-compared",
        "an order is ours by its name and product, whatever its size and price",
        _RECOVERY,
        (
            '        ("price", intent.price, order.price),\n'
            '        ("quantity", intent.quantity, order.quantity),\n',
            "",
        ),
        needs="scene-other-words",
    ),
    _bug(
        "same-difference",
        "what differs once explains no order as its trace any more",
        _RECOVERY,
        (
            " or is_held or _is_felt(intent, differences, unbooked, listed_at)\n",
            "\n",
        ),
        needs="scene-no-trace",
    ),
    _bug(
        "digest-of-all-time",
        "a day's digest tells what was made since the book began",
        "core/alerts/digest.py",
        (
            "realised = (portfolio.realised - tally.realised).value",
            "realised = portfolio.realised.value",
        ),
        needs="scene-slept-a-day",
    ),
)
"""In the order in which they were written down."""
