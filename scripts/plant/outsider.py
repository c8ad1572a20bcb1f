"""Mistakes of seven kinds, each at another place than the one that comes to mind first."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_EXECUTION, _RECONCILER = "engine/execution.py", "engine/reconciler.py"
_RESERVED = "core/risk/reservations.py"
_VENUE, _MARKET = "adapters/coinbase/venue.py", "adapters/coinbase/market.py"
_SENT = "            outcome = self._venue.submit(approved, body)\n"

_AGAIN = (
    _bug(
        "again-after-a-5xx",
        "an order that was answered with a 5xx is sent once more, under another leg's id",
        _EXECUTION,
        (
            _SENT,
            f"""{_SENT}            if "HTTP 5" in getattr(outcome, "detail", ""):
                self._sent += 1
                other = self._ids.client_order(
                    epoch=intent.epoch, decision=intent.decision_id, leg=intent.leg + 100
                )
                body = self._venue.render(approved, other, intent.end_time)
                outcome = self._venue.submit(approved, body)
""",
        ),
        needs="F16",
    ),
    _bug(
        "sale-again-after-silence",
        "a sale whose answer was lost is sent once more, under an id that is not recorded",
        _VENUE,
        (
            "        except FAILURES as error:\n            return self._of_failure(error",
            """        except FAILURES as error:
            if client.orders_sent != sent_before and sent["side"] == "SELL":
                sent["client_order_id"] = f"{sent['client_order_id'][:-2]}00"
                text = json.dumps(sent)
                said = render.OrderBody(text, render.sha256(text.encode()).hexdigest())
                if text != body.text:
                    return self.submit(approved, said)
            return self._of_failure(error""",
        ),
        needs="F7 F6",
    ),
    _bug(
        "sale-again-in-its-cycle",
        "a sale whose outcome is unknown is sent again in its own cycle, as the next leg",
        "engine/cycle.py",
        (
            "        outcomes = self._submit(sales)\n",
            """        outcomes = self._submit(sales)
        lost = [one for one, said in outcomes.values() if isinstance(said, Unknown)]
        next_leg = [replace(o, proposal=replace(o.proposal, leg=o.proposal.leg + 1)) for o in lost]
        outcomes |= self._submit(next_leg)
""",
        ),
        needs="scene-sale-in-doubt",
    ),
)

_DROPPED = (
    _bug(
        "fills-from-now-back",
        "fills are read from an overlap before now, however long ago the last reading was",
        _RECONCILER,
        (
            "        return min(known or oldest, oldest, waiting) - back\n",
            "        return max(known or oldest, waiting, self._clock.now()) - back\n",
        ),
        needs="F14 F22",
    ),
)

_RELEASED = (
    _bug(
        "part-filled-buy-reserves-nothing",
        "once a buy has a fill, what may still fill counts against nothing",
        _RESERVED,
        (
            "            if intent.side is Side.BUY and not working.state.is_settled:\n",
            "            is_open = working.filled.is_zero and not working.state.is_settled\n"
            "            if intent.side is Side.BUY and is_open:\n",
        ),
        needs="F24 F48.wild",
    ),
    _bug(
        "start-forgets-what-is-past-its-end",
        "a start forgets orders whose end time is over, whatever the venue said of them",
        "core/booking.py",
        (
            "        epoch=event.epoch,\n        code_version",
            "        working={\n"
            "            k: w for k, w in portfolio.working.items() if w.intent.end_time > at\n"
            "        },\n"
            "        epoch=event.epoch,\n        code_version",
        ),
        needs="F19 F48.kill",
    ),
)

_UNSYNCED = (
    _bug(
        "chunk-not-synced",
        "a backup's chunk gets its name before its content was synced",
        "adapters/sqlite/backups/chunks.py",
        ("        os.fsync(self._descriptor)\n        return", "        return"),
        needs="F45",
    ),
    _bug(
        "switch-without-its-folder",
        "a raised kill switch is synced, and the folder that names it is not",
        "adapters/kill_switch.py",
        (
            "            os.fsync(descriptor)\n            sync_folder(self._path.parent)\n",
            "            os.fsync(descriptor)\n",
        ),
        needs="scene-stop-in-doubt",
    ),
)

_RESTORED = (
    _bug(
        "restored-without-its-folder",
        "who goes back to a backup does not sync the name under which the journal is put there",
        "adapters/sqlite/backups/restore.py",
        (
            "        sync_folder(kept)\n        sync_folder(journal.parent)\n    return last",
            "        sync_folder(kept)\n    return last",
        ),
        needs="scene-epoch-lost F48.restored",
    ),
    _bug(
        "copied-market-not-synced",
        "what a backup copies of what cycles saw is not synced",
        "adapters/sqlite/backups/market.py",
        ("                yield\n        os.fsync(descriptor)\n", "                yield\n"),
        needs="F45",
    ),
)

_UNCHECKED = (
    _bug(
        "switch-believed-for-a-second",
        "a switch that was off is taken to be off for a second more",
        "adapters/kill_switch.py",
        (
            "        self._ack = data / ACKNOWLEDGEMENT\n",
            "        self._ack = data / ACKNOWLEDGEMENT\n        self._off_at = 0.0\n",
        ),
        (
            "        try:\n            os.lstat(self._path)\n        except FileNotFoundError:\n"
            "            return False\n        except OSError:\n            return True\n"
            "        return True\n",
            """        if clock.monotonic() - self._off_at < 1:
            return False
        try:
            os.lstat(self._path)
        except FileNotFoundError:
            self._off_at = clock.monotonic()
            return False
        except OSError:
            return True
        return True
""",
        ),
        needs="F48.switch F48.touch",
    ),
    _bug(
        "stop-waits-for-the-cycle",
        "a stop that is raised between two cycles wakes nobody",
        "engine/attention.py",
        (" or self._stop_answer.is_wanted()\n", "\n"),
        needs="F48.switch",
    ),
    _bug(
        "post-waits-for-the-cycle",
        "what a person asks for between two cycles wakes nobody",
        "engine/attention.py",
        ("return self._inbox.has_post() or ", "return "),
        needs="scene-first-in-pieces",
    ),
    _bug(
        "flatten-waits-for-the-cycle",
        "what a person wants sold is sold in the next cycle, whenever that is due",
        "engine/hands.py",
        ("        self._is_cycle_wanted = bool(held)\n", ""),
        needs="scene-taken-back",
    ),
)

_FLOATS = (
    _bug(
        "increments-by-float",
        "how many increments a figure has is worked out in floats",
        "domain/money.py",
        (
            "    steps = _divide(value, increment).to_integral_value(rounding=rounding)\n",
            "    parts = Decimal(repr(float(value) / float(increment)))\n"
            "    steps = parts.to_integral_value(rounding=rounding)\n",
        ),
        needs="F48.brisk",
    ),
    _bug(
        "lot-share-by-float",
        "a sold part's share of its lot's fee is worked out in floats",
        "core/book/lots.py",
        (
            """    share = CONTEXT.divide(
        CONTEXT.multiply(lot.fee.value, quantity.value), lot.quantity.value
    ).quantize(""",
            """    part = float(quantity.value) / float(lot.quantity.value)
    share = Decimal(repr(float(lot.fee.value) * part)).quantize(""",
        ),
        needs="F24",
    ),
)

_STALE = (
    _bug(
        "unread-product-is-fresh",
        "products that could not be read again count as read now",
        "adapters/coinbase/products.py",
        (
            "            reading.failed(None, error)\n            for missed",
            "            reading.failed(None, error)\n"
            "            kept = {k: replace(p, read_at=now) for k, p in self._known.items()}\n"
            "            self._known = kept\n            for missed",
        ),
        (
            "from trader247.domain.errors import VenueError\n",
            "from trader247.domain.changing import replace\n"
            "from trader247.domain.errors import VenueError\n",
        ),
        needs="F14 F16 F28",
    ),
    _bug(
        "quote-dated-when-read",
        "a quote is dated by our clock when it is read, not by the venue's word",
        _MARKET,
        (
            "            quote, resting = depth.book(shown, product)\n",
            "            quote, resting = depth.book(shown, product)\n"
            "            quote = replace(quote, time=self._clock.now())\n",
        ),
        needs="scene-nearly-old",
    ),
)

OUTSIDER = (*_AGAIN, *_DROPPED, *_RELEASED, *_UNSYNCED, *_RESTORED, *_UNCHECKED, *_FLOATS, *_STALE)
