"""The mistakes that are planted: each one that a trader has been seen to make, or easily could.

None of them ends the trader by itself, and hardly one is seen in a calm market: what finds them is
the fault that each of them needs, and whoever keeps other books beside the trader's.
"""

from __future__ import annotations

from scripts.plant.accepting import ACCEPTING
from scripts.plant.adverse import ADVERSE
from scripts.plant.again import AGAIN
from scripts.plant.apart import APART
from scripts.plant.beside import BESIDE
from scripts.plant.blind import BLIND
from scripts.plant.bounds import BOUNDS
from scripts.plant.bug import mistake as _bug
from scripts.plant.careless import CARELESS
from scripts.plant.corners import CORNERS
from scripts.plant.doors import DOORS
from scripts.plant.dust import DUST
from scripts.plant.edges import EDGES
from scripts.plant.further import FURTHER
from scripts.plant.hidden import HIDDEN
from scripts.plant.lately import LATELY
from scripts.plant.ledgers import LEDGERS
from scripts.plant.left import LEFT
from scripts.plant.nearby import NEARBY
from scripts.plant.newcomer import NEWCOMER
from scripts.plant.outsider import OUTSIDER
from scripts.plant.overlooked import OVERLOOKED
from scripts.plant.passing import PASSING
from scripts.plant.sent import SENT
from scripts.plant.strange import STRANGE
from scripts.plant.stranger import STRANGER
from scripts.plant.subtle import SUBTLE
from scripts.plant.unasked import UNASKED
from scripts.plant.unseen import UNSEEN
from scripts.plant.untouched import UNTOUCHED

_EXECUTION, _RECONCILER = "engine/execution.py", "engine/reconciler.py"
_INTAKE = "engine/fill_intake.py"
_INTENTS, _FILLS, _RECOVERY = "core/book/intents.py", "core/book/fills.py", "core/recovery.py"
_RENDER, _GUARD = "adapters/coinbase/render.py", "adapters/coinbase/guard.py"
_OUTCOME, _LOTS = "adapters/coinbase/outcome.py", "core/book/lots.py"
_SUBMIT = "            outcome = self._venue.submit(approved, body)\n"
_RECORD = "        self._ledger.record(IntentRecorded(intent))\n"
_UNSURE = "            if not isinstance(outcome, (Acknowledged, Declined)):\n"

SENDING = (
    _bug(
        "retry-new-id",
        "an order without an answer is sent again under a new id",
        _EXECUTION,
        (
            _SUBMIT,
            f"{_SUBMIT}{_UNSURE}"
            "                other = ClientOrderId(name[:-4] + 'abcd')\n"
            "                body = self._venue.render(approved, other, intent.end_time)\n"
            f"    {_SUBMIT}",
        ),
        needs="F6 F7 F8",
    ),
    _bug(
        "retry-same-id",
        "an order without an answer is sent again under its id",
        _EXECUTION,
        (_SUBMIT, f"{_SUBMIT}{_UNSURE}    {_SUBMIT}"),
        needs="F6 F7 F8",
    ),
    _bug(
        "sent-before-recorded",
        "the intent is recorded after the order left",
        _EXECUTION,
        (
            _RECORD,
            "        early = self._venue.submit(approved, body)\n" + _RECORD,
        ),
        (_SUBMIT, "            outcome = early\n"),
    ),
    _bug(
        "unknown-is-declined",
        "no answer is taken for a no, and the reservation let go",
        _EXECUTION,
        (
            "        self._sent += not",
            "        if not isinstance(outcome, (Acknowledged, Declined)):\n"
            "            outcome = Declined('timeout', 'no answer', is_sent=True)\n"
            "        self._sent += not",
        ),
        needs="F6 F7 F8",
    ),
    _bug(
        "5xx-is-no",
        "a 5xx is taken for a no",
        _OUTCOME,
        (
            "    if status in (400, 401, 403, 429) and body is not None:",
            "    if status >= 500:\n"
            "        return Declined(f'HTTP_{status}', '', is_sent=True)\n"
            "    if status in (400, 401, 403, 429) and body is not None:",
        ),
        needs="F16",
    ),
    _bug(
        "unlisted-is-no",
        "a no without a known reason is believed",
        _OUTCOME,
        (
            '    return Unknown(f"the venue says no for a reason that we do not know: {unlisted}")',
            "    return Declined('OTHER', unlisted, is_sent=True)",
        ),
        needs="F18",
    ),
    _bug(
        "any-yes",
        "a yes for another order is taken for ours",
        _OUTCOME,
        ("    if differing or _differs(sent, answer):", "    if False:"),
        needs="F30",
    ),
    _bug(
        "kill-looked-at-after",
        "the stop is looked at after the bytes left, not before",
        _GUARD,
        (
            "        if refusal is not None:\n"
            '            raise OrderWithheld("no_permit", refusal)\n',
            "",
        ),
        needs="F48.touch",
    ),
    _bug(
        "kill-only-at-the-beginning",
        "the stop is not looked at again once the intent is recorded",
        _GUARD,
        ("        refusal = self._permit.refusal()\n", "        refusal = None\n"),
        also=(
            _EXECUTION,
            '        """Why an approved order may not leave any more, or None."""\n'
            "        refusal = self._permit.refusal()\n",
            "        refusal = None\n",
        ),
        needs="F48.touch",
    ),
    _bug(
        "decision-age",
        "an old decision is sent all the same",
        _EXECUTION,
        ("        if now - approved.decided_at > self._decision_age_max:", "        if False:"),
        also=(
            _GUARD,
            "        if clock.monotonic() > expected.until_monotonic"
            " or clock.now() > expected.until:",
            "        if False:",
        ),
        needs="F3 F7 F8 F9",
    ),
    _bug(
        "life-too-long",
        "an order may rest twenty times as long",
        _EXECUTION,
        ("now + proposal.lifetime", "now + 20 * proposal.lifetime"),
    ),
    _bug(
        "no-end",
        "an order rests until it is cancelled",
        _RENDER,
        ('"limit_limit_gtd"', '"limit_limit_gtc"'),
        (
            '        terms["end_time"] = str(end)\n        terms["post_only"] = True\n',
            '        terms["post_only"] = True\n',
        ),
    ),
    _bug(
        "takes",
        "a buy may take what rests",
        _RENDER,
        ('terms["post_only"] = True', 'terms["post_only"] = False'),
    ),
    _bug(
        "wrong-side",
        "the side of an exit is sent the wrong way round",
        _RENDER,
        (
            '        "side": proposal.side.value,',
            '        "side": "BUY",',
        ),
    ),
    _bug(
        "another-price",
        "what is sent is a per cent off what was decided",
        _RENDER,
        (
            "plain(proposal.price.value),",
            "plain((proposal.price.value * 99 / 100).quantize(proposal.price.value)),",
        ),
    ),
    _bug(
        "lease-not-looked-at",
        "a process whose journal was taken by another goes on sending",
        "app/granting/permits.py",
        ("        if not self.has_tenure():", "        if False:"),
        needs="F48.taken",
    ),
)

BOOKING = (
    _bug(
        "dropped-fill",
        "one fill in eight is never booked",
        _INTAKE,
        (
            "        for fill in fills:\n            if self._journal.has_fill",
            "        for fill in fills:\n            if fill.entry_id[0] in '01':\n"
            "                continue\n            if self._journal.has_fill",
        ),
    ),
    _bug(
        "booked-twice",
        "a fill that is read again is booked again",
        _INTAKE,
        (
            "        for fill in fills:\n            if self._journal.has_fill(fill.entry_id):",
            "        for fill in fills:\n"
            "            if self._journal.has_fill(fill.entry_id) and fill.entry_id[0] in '0123':\n"
            "                fill = replace(fill, entry_id=EntryId(fill.entry_id + '-'))\n"
            "            if self._journal.has_fill(fill.entry_id):",
        ),
        (
            "from collections.abc import Collection, Mapping\n",
            "from collections.abc import Collection, Mapping\nfrom dataclasses import replace\n",
        ),
        needs="F23",
    ),
    _bug(
        "correction-ignored",
        "what the venue takes back or corrects is not looked at",
        _RECONCILER,
        ("        self._intake.set_aside(irregular, orders, begun.wall)\n", ""),
        needs="F23",
    ),
    _bug(
        "set-aside",
        "fills of ours are set aside as somebody else's",
        _INTAKE,
        (
            "            if name is None or not self._journal.knows_order(name):\n"
            '                self._quarantine(fill, name, "no intent',
            "            if name is None or fill.entry_id[0] in '0123':\n"
            '                self._quarantine(fill, name, "no intent',
        ),
    ),
    _bug(
        "no-overlap",
        "fills are read from the last one on, without going back",
        _RECONCILER,
        (
            "        return min(known or oldest, oldest, waiting) - back",
            "        return known or oldest",
        ),
        needs="F22",
    ),
    _bug(
        "complete-without-fills",
        "an order that ended is over, whether its fills were seen or not",
        _INTENTS,
        (
            "if order is None or not order.state.is_final or order.filled != working.filled:",
            "if order is None or not order.state.is_final:",
        ),
        ("    return is_counted or order.fees == working.filled_fees", "    return True"),
        needs="F22 F21",
    ),
    _bug(
        "cash-by-float",
        "cash goes through a float",
        _FILLS,
        (
            "        cash=portfolio.cash + change.cash,",
            "        cash=Money(Decimal(repr(float((portfolio.cash + change.cash).value)))),",
        ),
    ),
    _bug(
        "quantity-by-float",
        "what is held goes through a float",
        _LOTS,
        (
            "    return piece, Lot(lot.quantity - quantity,",
            "    return piece, Lot(Quantity(Decimal(str("
            "float(lot.quantity.value) - float(quantity.value)))),",
        ),
    ),
    _bug(
        "fee-not-paid",
        "the fee of a buy is not taken from the cash",
        _FILLS,
        (
            "    return _Change(-(fill.notional + fill.fee), position)",
            "    return _Change(-fill.notional, position)",
        ),
    ),
    _bug(
        "fee-twice",
        "the fee of a sale counts twice in what was made",
        _FILLS,
        ("    made = proceeds - sale.cost", "    made = proceeds - sale.cost - fill.fee"),
    ),
    _bug(
        "fee-rounded",
        "a part of a lot bears its fee to the cent",
        _LOTS,
        ('FEE_STEP = Decimal("1E-16")', 'FEE_STEP = Decimal("0.01")'),
        needs="F24",
    ),
    _bug(
        "last-in-first-out",
        "the newest lot is sold first",
        _FILLS,
        (
            "    sale = sold(held.lots, fill.quantity)",
            "    sale = sold(held.lots[::-1], fill.quantity)",
        ),
        needs="F31",
    ),
    _bug(
        "flow-is-profit",
        "money that its owner moved counts as made",
        "core/book/equity.py",
        (
            "    moved = CONTEXT.add(record.units, CONTEXT.divide(amount.value, record.going_nav))",
            "    moved = record.units",
        ),
        needs="F31",
    ),
)

FOLLOWING = (
    _bug(
        "reservation-let-go",
        "an order of unknown fate reserves nothing",
        "core/risk/reservations.py",
        (
            "    return working.intent.quantity if working.state.is_unresolved "
            "else working.remaining",
            "    return NOTHING if working.state.is_unresolved else working.remaining",
        ),
        needs="F6 F7 F8",
    ),
    _bug(
        "positions-not-counted",
        "what rests counts at half of it",
        "core/risk/reservations.py",
        (
            "    return working.intent.price * open_quantity(working)",
            "    return (working.intent.price * open_quantity(working)) * Decimal('0.5')",
        ),
    ),
    _bug(
        "given-up-at-once",
        "a listing without the order settles that there is none",
        _RECOVERY,
        ("LISTINGS_MIN = 3", "LISTINGS_MIN = 1"),
        ("QUIET = 180 * SECOND", "QUIET = 5 * SECOND"),
        needs="F9 F19",
    ),
    _bug(
        "given-up-early",
        "three listings do, however young the order is",
        _RECOVERY,
        ("QUIET = 180 * SECOND", "QUIET = 5 * SECOND"),
        needs="F9 F19",
    ),
    _bug(
        "cancel-is-final",
        "an order is over once its cancel is asked for",
        _INTENTS,
        (
            "    return placed(portfolio, replace(known, cancel_requested=at), at)",
            "    return placed("
            "portfolio, replace(known, cancel_requested=at, state=IntentState.DONE), at)",
        ),
        needs="F29 F48.switch F48.people",
    ),
    _bug(
        "asked-is-over",
        "the word of a cancel that waits is taken for an end",
        "domain/orders.py",
        (
            '("FILLED", "CANCELLED", "EXPIRED", "FAILED")',
            '("FILLED", "CANCELLED", "EXPIRED", "FAILED", "CANCEL_QUEUED", "OPEN")',
        ),
    ),
    _bug(
        "differences-believed",
        "a wallet that differs is no break",
        _RECONCILER,
        (
            "        self.note_differences(strangers, balances, is_alone=is_alone, orders=orders)\n"
            "        self._strays.end(",
            "        self._strays.end(",
        ),
        needs="F31 F23",
    ),
    _bug(
        "stop-cancels-nothing",
        "a raised switch leaves what rests",
        "engine/clearing.py",
        (
            "                self._execution.cancel_all(cause, is_kept=is_kept)\n",
            "                pass\n",
        ),
        also=(
            "core/orders/cancellations.py",
            "    if is_halted and not may_rest(working, portfolio):\n",
            "    if is_halted and not portfolio:\n",
        ),
        besides=(
            "core/orders/cancellations.py",
            "    if state is not TradingState.ACTIVE:\n",
            "    if state is None:\n",
        ),
        needs="F48.switch F48.touch",
    ),
)

RISK = (
    _bug(
        "stale-prices",
        "decisions are made on the prices of the cycle before",
        "engine/cycle.py",
        (
            "        decisions = decide(snapshot, self._ledger.portfolio, self._policy,"
            " self._senses)\n",
            "        if self._seen is not None:\n"
            "            old = self._seen.views\n"
            "            snapshot = replace(snapshot, views={\n"
            "                key: replace(each, quote=replace(old[key].quote,"
            " time=each.quote.time))\n"
            "                if each.quote and key in old and old[key].quote else each\n"
            "                for key, each in snapshot.views.items()\n"
            "            })\n"
            "        decisions = decide(snapshot, self._ledger.portfolio, self._policy,"
            " self._senses)\n",
        ),
    ),
    _bug(
        "age-not-looked-at",
        "a price is fresh whatever its age",
        "core/risk/checks/quote_age.py",
        (
            "        return -self.ahead_seconds_max",
            "        return True or -self.ahead_seconds_max",
        ),
        needs="F35 F48.wild",
    ),
    _bug(
        "pace-tenfold",
        "ten times as many entries an hour",
        "core/risk/checks/pace.py",
        ("        if hour >= self.per_hour:", "        if hour >= 10 * self.per_hour:"),
        needs="F48.wild",
    ),
    _bug(
        "orders-twice-as-large",
        "an order may be twice the largest",
        "core/risk/checks/max_order.py",
        (
            "        return min(self.equity_pct_max.of_money(equity), self.quote_max)",
            "        return min(self.equity_pct_max.of_money(equity), self.quote_max)"
            " * CONTEXT.create_decimal(2)",
        ),
    ),
    _bug(
        "exit-late",
        "a stop waits for two per cent more",
        "core/orders/exits.py",
        (
            "    if bid <= position.stop:",
            "    if bid <= position.stop.shifted(-Bps(Decimal(200))):",
        ),
        ("import CONTEXT, ONE, ZERO, Price,", "import CONTEXT, ONE, ZERO, Bps, Price,"),
        needs="F37",
    ),
    _bug(
        "sells-more",
        "a sale is one step larger than what is held",
        "core/orders/exits.py",
        (
            "    whole, least = owned.floor_to(step), least_quantity(product, price)",
            "    whole, least = owned.floor_to(step) + Quantity(getattr(step, 'value', step)),"
            " least_quantity(product, price)",
        ),
    ),
    _bug(
        "worth-at-the-ask",
        "what is held is worth what others ask",
        "core/risk/believing.py",
        ("    return quote.bid if age.is_fresh", "    return quote.ask if age.is_fresh"),
    ),
    _bug(
        "worth-without-fee",
        "equity forgets what selling costs",
        "core/valuation.py",
        ("portfolio.cash + held - taker.of_money(held)", "portfolio.cash + held"),
    ),
    _bug(
        "no-daily-stop",
        "the daily stop never latches",
        "core/risk/stops.py",
        (
            "        if level.is_hit and level.name not in portfolio.halts\n",
            "        if level.is_hit and level.name not in portfolio.halts\n"
            "        and level.name is not HaltName.DAILY_STOP\n",
        ),
        needs="F37 scene-day-lost",
    ),
    _bug(
        "peak-forgotten",
        "the high-water mark is the value of now",
        "core/book/equity.py",
        (
            "high_nav=nav if record.high_nav is None else max(nav, record.high_nav)",
            "high_nav=nav",
        ),
    ),
    _bug(
        "halted-and-trading",
        "a halt refuses nothing",
        "core/risk/checks/trading_state.py",
        ("        if state is TradingState.ACTIVE:", "        if state in TradingState:"),
        also=(_EXECUTION, "        return None if is_allowed else f", "        return None and f"),
        needs="F48.switch F31 F23",
    ),
    _bug(
        "two-at-once",
        "a second order beside one of unknown fate",
        "core/risk/checks/duplicate.py",
        ("    return _standing(proposal, portfolio)", '    return ""'),
        needs="F6 F7 F8 F48.wild",
    ),
)

LASTING = (
    _bug(
        "no-sync",
        "the journal's commits are not synced",
        "adapters/sqlite/database.py",
        ("_FULL = 2", "_FULL = 0"),
        needs="F45 F48.point",
    ),
    _bug(
        "no-sync-of-files",
        "small files are replaced without a sync",
        "adapters/files.py",
        ("                os.fsync(file.fileno())\n", ""),
        needs="F45 F48.point",
    ),
    _bug(
        "market-not-synced",
        "what a cycle saw is not synced before it is referred to",
        "adapters/sqlite/market/segment_writer.py",
        ("        os.fdatasync(descriptor)\n", "        pass\n"),
        needs="F45 F48.point",
    ),
    _bug(
        "halt-forgotten",
        "a restart forgets what halts",
        "engine/startup.py",
        ("    return portfolio\n", "    return replace(portfolio, halts={})\n"),
        (
            "import contextlib\n",
            "import contextlib\nfrom dataclasses import replace\n",
        ),
        needs="F48.switch F48.kill F48.point F23",
    ),
    _bug(
        "reservations-forgotten",
        "a restart forgets what was never answered",
        "engine/startup.py",
        (
            "                SubmissionSettled(name, Unknown(_LOST))\n",
            "                SubmissionSettled(name, Declined('lost', _LOST, is_sent=False))\n",
        ),
        ("outcomes import Unknown\n", "outcomes import Declined, Unknown\n"),
        needs="F48.point F48.kill",
    ),
    _bug(
        "epoch-stands-still",
        "a new process goes on under the epoch of the one before",
        "adapters/sqlite/tenure.py",
        ('is_open = 1", (epoch + ahead,))', 'is_open = 1", (epoch,))'),
        ("    return epoch + ahead, not is_open", "    return epoch, not is_open"),
    ),
    _bug(
        "chain-by-payload",
        "an event's hash forgets the one before",
        "adapters/sqlite/chain.py",
        (
            """        f'{prev_hash}{{"kind":""",
            """        f'{"0" * 64}{{"kind":""",
        ),
    ),
    _bug(
        "halt-without-word",
        "nobody is told of a halt",
        "core/alerts/facts.py",
        (
            "            return None if halt is known else _halted",
            "            return None if name in after.halts else _halted",
        ),
        needs="F48.switch F23 F31",
    ),
    _bug(
        "told-once",
        "an alert that a channel did not take is not tried again",
        "adapters/alerts.py",
        ("mine.is_delivered = failure is None", "mine.is_delivered = True"),
        needs="F48.channel",
    ),
    _bug(
        "told-to-nobody",
        "an alert counts as told, and no channel was asked",
        "adapters/alerts.py",
        ("self._routes[place].channel.deliver(title=title, body=body, key=key)", "pass"),
    ),
    _bug(
        "folded-is-told",
        "what waits for a digest counts as told already",
        "adapters/alerts.py",
        (
            'FOLDED, False, 0, "waits for a digest"',
            'FOLDED, True, 0, "waits for a digest"',
        ),
        needs="F33 F17 F19",
    ),
    _bug(
        "secret-in-words",
        "an error's words hold the key",
        "adapters/coinbase/client.py",
        (
            "        self.has_key = signer is not None\n",
            "        self.has_key = signer is not None\n"
            "        self._words = credentials.secret if credentials else ''\n",
        ),
        (
            'f"the venue refused the key twice running, at {path}"',
            'f"the venue refused {self._words} twice running, at {path}"',
        ),
        needs="F34",
    ),
)

BUGS = (
    *SENDING,
    *BOOKING,
    *FOLLOWING,
    *RISK,
    *LASTING,
    *HIDDEN,
    *FURTHER,
    *SUBTLE,
    *ADVERSE,
    *UNSEEN,
    *DUST,
    *EDGES,
    *LATELY,
    *STRANGE,
    *LEDGERS,
    *DOORS,
    *NEARBY,
    *NEWCOMER,
    *BESIDE,
    *BLIND,
    *SENT,
    *AGAIN,
    *BOUNDS,
    *CARELESS,
    *OUTSIDER,
    *CORNERS,
    *ACCEPTING,
    *OVERLOOKED,
    *STRANGER,
    *PASSING,
    *LEFT,
    *UNASKED,
    *UNTOUCHED,
    *APART,
)
