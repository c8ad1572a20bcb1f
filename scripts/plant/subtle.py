"""Mistakes that a careful reader passes by: one word, one sign, one boundary, one line too late."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_INTAKE, _CYCLE = "engine/fill_intake.py", "engine/cycle.py"
_RECONCILER, _FILLS, _RECOVERY = "engine/reconciler.py", "core/book/fills.py", "core/recovery.py"
_CHECKS, _RISK = "core/risk/checks", "core/risk"
_VENUE, _GUARD = "adapters/coinbase/venue.py", "adapters/coinbase/guard.py"
_WILD = "F48.wild"

SUBTLE = (
    _bug(
        "fee-of-a-sale",
        "the fee of a sale is added to what it brings",
        _FILLS,
        ("    proceeds = fill.notional - fill.fee\n", "    proceeds = fill.notional + fill.fee\n"),
    ),
    _bug(
        "cancelled-is-complete",
        "an order that was cancelled is over, however much of it was filled",
        "core/book/intents.py",
        (
            "    if order is None or not order.state.is_final or order.filled != working.filled:\n",
            "    if order is not None and order.state.value == 'CANCELLED':\n"
            "        return True\n"
            "    if order is None or not order.state.is_final or order.filled != working.filled:\n",
        ),
        needs="scene-late-parts F22 F24 F29 F48.switch",
    ),
    _bug(
        "listings-at-once",
        "three listings within a minute settle what three half a minute apart should",
        _RECOVERY,
        (
            "    return last is None or listed_at >= last + LISTING_GAP\n",
            "    return last is None or listed_at > last\n",
        ),
        needs="F7 F8",
    ),
    _bug(
        "quiet-from-the-answer",
        "a request may still arrive for a minute, not for three",
        _RECOVERY,
        ("QUIET = 180 * SECOND\n", "QUIET = 60 * SECOND\n"),
        needs="F7 F8 F9",
    ),
    _bug(
        "half-a-listing",
        "a listing that breaks off after its first page is taken for all of it",
        _VENUE,
        (
            "            page = self._client.get(path,"
            ' {**query, "cursor": cursor or None})\n            yield page\n',
            "            try:\n"
            '                page = self._client.get(path, {**query, "cursor": cursor or None})\n'
            "            except VenueError:\n"
            "                if not seen:\n"
            "                    raise\n"
            "                return\n"
            "            yield page\n",
        ),
        needs="F20 F18 F16",
    ),
    _bug(
        "wallets-of-before",
        "where wallets cannot be read, those of the last reading stand",
        _VENUE,
        (
            "        balances: dict[str, Balance] = {}\n"
            '        for page in self._pages("/accounts", {"limit": ACCOUNTS_PAGE}):\n'
            '            for fields in read.records(page, "accounts"):\n'
            "                codec.add_balance(balances, fields)\n"
            "        return balances\n",
            "        balances: dict[str, Balance] = {}\n"
            "        try:\n"
            '            for page in self._pages("/accounts", {"limit": ACCOUNTS_PAGE}):\n'
            '                for fields in read.records(page, "accounts"):\n'
            "                    codec.add_balance(balances, fields)\n"
            "        except VenueError:\n"
            "            return getattr(CoinbaseVenue, '_wallets', None) or {}\n"
            "        CoinbaseVenue._wallets = balances\n"
            "        return balances\n",
        ),
        needs="scene-wallets-unread F16 F18 F31",
    ),
    _bug(
        "hold-left-out",
        "what is on hold for an order is not the account's",
        "adapters/coinbase/codec.py",
        (
            "    balances[currency] = Balance(available, hold)\n",
            "    balances[currency] = Balance(available, hold - hold)\n",
        ),
    ),
    _bug(
        "sale-beside-unknown",
        "a sale of unknown fate does not hold the next one back",
        "core/orders/exits.py",
        (
            "        if is_sale and keeps_lots(working, snapshot, portfolio) and not",
            "        is_there = working.state.value == 'ACCEPTED'\n"
            "        if is_sale and is_there and not",
        ),
        also=(
            f"{_CHECKS}/duplicate.py",
            "(proposal.is_entry or working.state.is_unresolved)",
            "proposal.is_entry",
        ),
        besides=(
            f"{_CHECKS}/buying_power.py",
            "        return value <= free, detail, value, free, product.base",
            "        return True, detail, value, free, product.base",
        ),
        needs="scene-sale-in-doubt F8 F16 F18",
    ),
    _bug(
        "recorded-after-sending",
        "what a cycle decided is recorded once its orders are sent",
        _CYCLE,
        (
            "        self._record(snapshot, decisions, faults, self._clock.monotonic() - began)\n"
            "        cancels, outcomes = self._act(decisions)\n",
            "        cancels, outcomes = self._act(decisions)\n"
            "        self._record(snapshot, decisions, faults, self._clock.monotonic() - began)\n",
        ),
    ),
    _bug(
        "pace-one-more",
        "an hour may have one entry more than it may",
        f"{_CHECKS}/pace.py",
        ("        if hour >= self.per_hour:\n", "        if hour > self.per_hour:\n"),
        needs=_WILD,
    ),
    _bug(
        "pause-after-buys-alone",
        "a product rests after it was bought, and not after it was sold",
        _FILLS,
        (
            "        last_fill=_later(history.last_fill, fill.time),\n",
            "        last_fill=_later(history.last_fill, fill.time)"
            " if fill.side is Side.BUY else history.last_fill,\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "week-from-sunday",
        "a week begins on Sunday",
        "domain/time.py",
        ("(self.us - 4 * _DAY_US)", "(self.us - 3 * _DAY_US)"),
    ),
    _bug(
        "last-look-too-early",
        "the stop is looked at before the connection is made, not after",
        _GUARD,
        (
            "            inner.last_look = self._look\n",
            "            inner.last_look = lambda: None\n",
        ),
        needs="F48.touch",
    ),
    _bug(
        "names-without-epoch",
        "an order's name does not say in which epoch it was decided",
        "adapters/ids.py",
        (
            '{self._install}/{epoch}/{leg}/{decision}")\n',
            '{self._install}/{leg}/{decision}")\n        epoch = 2\n',
        ),
        needs="F48.restored",
    ),
    _bug(
        "after-its-snapshot",
        "a start leaves out the event that follows its snapshot",
        "engine/startup.py",
        (
            "    for recorded in journal.briefly(after=portfolio.seq):\n",
            "    begun = portfolio.seq + 1 if portfolio.seq else 0\n"
            "    for recorded in journal.briefly(after=begun):\n",
        ),
        needs="F48.kill F48.point F45",
    ),
    _bug(
        "fee-of-a-maker",
        "a buy reserves the fee of a maker, whatever a taker pays",
        f"{_RISK}/reservations.py",
        (
            "    return max(maker.fraction, taker.fraction)\n",
            "    return min(maker.fraction, taker.fraction)\n",
        ),
    ),
    _bug(
        "yes-to-any-size",
        "a yes to an order of a product is a yes to any size of it",
        f"{_CHECKS}/confirmation.py",
        ("        if proposal.notional > given.notional:\n", "        if False:\n"),
        needs=_WILD,
    ),
    _bug(
        "yes-for-ever",
        "a yes stands until it is used",
        "domain/stage.py",
        (
            "        return self.given is not None and self.is_open(now)\n",
            "        return self.given is not None\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "no-going-back",
        "fills are read from the last one on, however old an order is that still rests",
        _RECONCILER,
        (
            "        return min(known or oldest, oldest, waiting) - back\n",
            "        return known or oldest\n",
        ),
        needs="F22 F24",
    ),
    _bug(
        "fills-by-their-clock",
        "fills are read from when the last one was booked on",
        _FILLS,
        (
            "        fills_until=_later(portfolio.fills_until, fill.sequence_time),\n",
            "        fills_until=at,\n",
        ),
        also=(
            _RECONCILER,
            "        return min(known or oldest, oldest, waiting) - back\n",
            "        return (known or oldest) - back\n",
        ),
        needs="scene-late-parts F22 F24",
    ),
    _bug(
        "halt-after-sending",
        "an order that was approved is sent though an earlier one of its cycle halted trading",
        "engine/execution.py",
        (
            "        refusal = self._permit.refusal() or self._halted(approved)\n",
            "        refusal = self._permit.refusal()\n",
        ),
        also=(
            "core/invariants.py",
            "            TradingStateCheck,\n            Banned,\n            Duplicate,\n",
            "            Banned,\n            Duplicate,\n",
        ),
        needs="F30 F34 F48.wild",
    ),
    _bug(
        "units-of-other-sign",
        "money that comes in sells units, and money that goes out buys them",
        "core/booking.py",
        (
            "        equity=flowed(portfolio.equity, event.amount),\n",
            "        equity=flowed(portfolio.equity, -event.amount),\n",
        ),
        needs="F31",
    ),
)
