"""Mistakes of one more stranger, who had read the trader alone: those of his that were not here."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CHECKS, _ALERTS, _BOOK = "core/risk/checks", "core/alerts", "core/book"

OVERLOOKED = (
    _bug(
        "trades-with-itself",
        "a sale may meet a buy of our own that rests",
        f"{_CHECKS}/self_match.py",
        (
            "    if ours.product != proposal.product or ours.side is proposal.side:\n",
            "    if ours.product:\n",
        ),
        needs="F24 F27",
    ),
    _bug(
        "bought-while-shut",
        "what is limit-only or post-only is bought, and what buys it rests on",
        f"{_CHECKS}/product_status.py",
        (
            "_ONLINE = frozenset({ProductStatus.ONLINE})",
            "_ONLINE = frozenset(\n"
            "    {ProductStatus.ONLINE, ProductStatus.LIMIT_ONLY, ProductStatus.POST_ONLY}\n"
            ")",
        ),
        needs="scene-shut-beneath",
    ),
    _bug(
        "one-break-told",
        "of two currencies that differ at once nobody is told of the second",
        f"{_ALERTS}/facts.py",
        (
            "_ONCE_EACH = (BanLatched, ProductDoubted, DifferenceFound)",
            "_ONCE_EACH = (BanLatched, ProductDoubted)",
        ),
        needs="F31",
    ),
    _bug(
        "back-and-untold",
        "nobody is told of a halt that latches within a minute of its clearing",
        f"{_ALERTS}/facts.py",
        (
            "    return isinstance(recorded.event, HaltLatched) and alert.code not in",
            "    return False and alert.code not in",
        ),
        needs="scene-back-at-once",
    ),
    _bug(
        "cent-is-nothing",
        "cash may differ by a cent, and nobody is told",
        "engine/reconciler.py",
        ('_ROUNDED_AWAY = Money.of("0.000001")', '_ROUNDED_AWAY = Money.of("0.01")'),
        needs="scene-channel-down",
    ),
    _bug(
        "day-bought-anew",
        "a clock that is set back over midnight begins the day's turnover anew",
        "domain/portfolio.py",
        (
            "        if not at.begins_day_after(self.day):\n            return self\n",
            "        if self.day != day:\n            return DaySpending(day)\n        else:\n"
            "            return self\n",
        ),
        also=(
            f"{_CHECKS}/turnover.py",
            "return None if spent is None else spent.counted(now)",
            "return None if spent is None or now.day_start != spent.day else spent",
        ),
        needs="scene-midnight-twice",
    ),
    _bug(
        "passed-by-the-newest",
        "a fill that comes after a newer one was booked is passed over",
        "engine/fill_intake.py",
        (
            "            if name in awaited:\n",
            "            until = self._ledger.portfolio.fills_until\n"
            "            if until is not None and fill.sequence_time < until:\n"
            "                continue\n"
            "            if name in awaited:\n",
        ),
        needs="scene-late-parts",
    ),
    _bug(
        "last-book-serves",
        "a book that cannot be read is the one before, with the time of now",
        "adapters/coinbase/market.py",
        (
            "        if shown is None:\n            return None, None\n",
            "        if shown is None:\n"
            "            last = self._last.get(product)\n"
            "            if last is None:\n"
            "                return None, None\n"
            "            return replace(last[0], time=self._clock.now()), last[1]\n",
        ),
        (
            "        self._reading.readable()\n",
            "        self._reading.readable()\n        self._last[product] = (quote, resting)\n",
        ),
        (
            "        self._skew_at: Instant | None = None\n",
            "        self._skew_at: Instant | None = None\n        self._last: dict = {}\n",
        ),
        needs="F14 F16",
    ),
    _bug(
        "day-without-its-night",
        "a day's loss is counted from midnight alone, not from the high of 24 hours",
        "core/risk/stops.py",
        (
            "_bases(record, nav, high_since(record.highs_24h, now, DAY), _of_24_hours)",
            "_bases(record, nav, day, _of_day)",
        ),
        needs="scene-midnight-lost",
    ),
    _bug(
        "final-is-deaf",
        "nothing more is heard of an order that has ended",
        f"{_BOOK}/intents.py",
        (
            "    if not order.state.is_final or order.filled < last.filled:\n"
            "        return order.filled > last.filled\n",
            "    if last.state.is_final:\n        return False\n",
        ),
        needs="scene-ends-understated",
    ),
    _bug(
        "order-itself-left-out",
        "a share of equity counts what is at risk already, and not the order that comes to it",
        "core/risk/shares.py",
        (
            "after = CONTEXT.add(exposure.value, proposal.notional.value)",
            "after = exposure.value",
        ),
        needs="F48.wild",
    ),
    _bug(
        "waits-for-the-wall",
        "woken amid a wait, the next cycle is waited for by the wall's clock, however it was set",
        "engine/loop.py",
        (
            "            due = min(due, self._clock.now() + (steady - self._clock.monotonic()))\n",
            "            due = min(due, due + 0 * (steady - self._clock.monotonic()))\n",
        ),
        needs="scene-put-right",
    ),
    _bug(
        "every-other-minute",
        "the next cycle is due two intervals after the last one",
        "engine/loop.py",
        (
            "        return timedelta(microseconds=int(micros))\n",
            "        return 2 * timedelta(microseconds=int(micros))\n",
        ),
    ),
    _bug(
        "untold-and-buying",
        "that nobody can be told halts nothing",
        "engine/alert_watch.py",
        (
            "            self._ledger.record(HaltLatched(HaltName.ALERTS, cause))\n",
            "            pass\n",
        ),
        needs="scene-unheard-for-long",
    ),
)
