"""Mistakes in what decides, limits, leaves and stops, by somebody who had read the code alone."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

BOUNDS = (
    _bug(
        "unknown-buys-risk-nothing",
        "a buy whose outcome is unknown counts in no cap and reserves no cash",
        "core/risk/reservations.py",
        (
            (
                "            if intent.side is Side.BUY and not working.state.is_settled:\n"
                "                notional"
            ),
            (
                "            if intent.side is Side.BUY and working.order_id is not None:\n"
                "                notional"
            ),
        ),
        needs="F7 F8",
    ),
    _bug(
        "cluster-cap-each-product",
        "the cap of a cluster holds each of its products for itself",
        "core/risk/checks/cluster_exposure.py",
        (
            "exposure = context.at_risk.of_all(cluster.member_set)",
            "exposure = context.at_risk.of_product(proposal.product)",
        ),
        needs="F48.wild",
    ),
    _bug(
        "total-cap-without-open-buys",
        "buys that rest count nothing against the cap of the whole book",
        "core/risk/checks/total_exposure.py",
        (
            "exposure = context.at_risk.total",
            "exposure = context.at_risk.of_all(context.portfolio.positions)",
        ),
        needs="F48.wild",
    ),
    _bug(
        "day-counts-an-hour",
        "ten entries a day is never reached: 4 an hour all day long",
        "core/risk/checks/pace.py",
        ("count - bisect_right(times, us - _DAY_US)", "count - bisect_right(times, us - _HOUR_US)"),
        needs="F48.wild",
    ),
    _bug(
        "restart-renews-pace",
        "each restart gives a new allowance of entries",
        "core/booking.py",
        (
            "        is_session_open=True,\n",
            ("        is_session_open=True,\n        entries_sent=(),\n"),
        ),
        needs="F48.kill",
    ),
    _bug(
        "restart-closes-breakers",
        "a restart in a flash crash closes the breaker and buys at once",
        "core/booking.py",
        (
            "        is_session_open=True,\n",
            ("        is_session_open=True,\n        breakers={},\n"),
        ),
        needs="F48.kill",
    ),
    _bug(
        "restart-forgives-the-day",
        "a restart forgets what the day has lost: -3 % again from there",
        "core/booking.py",
        (
            "        is_session_open=True,\n",
            (
                "        is_session_open=True,\n"
                "        equity=replace(portfolio.equity, day=None, highs_24h=()),\n"
            ),
        ),
        needs="F48.kill scene-day-lost",
    ),
    _bug(
        "one-loss-more",
        "one losing close more than there may be goes before a pause",
        "core/risk/checks/losing_streak.py",
        ("if streak < most:", "if streak <= most:"),
        needs="scene-losses-in-a-row",
    ),
    _bug(
        "shortest-cooldown",
        "after a stop a product is bought again after 30 min, not 120",
        "core/risk/checks/cooldown.py",
        (
            "return Instant(max(ends)) if ends else None",
            "return Instant(min(ends)) if ends else None",
        ),
        needs="scene-sale-in-doubt",
    ),
    _bug(
        "greater-of-two-caps",
        "an entry is held by the greater of its two caps",
        "core/risk/checks/max_order.py",
        (
            "return min(self.equity_pct_max.of_money(equity), self.quote_max)",
            "return max(self.equity_pct_max.of_money(equity), self.quote_max)",
        ),
        needs="F48.wild",
    ),
    _bug(
        "unpriced-is-worth-nothing",
        "a position without a price is worth nothing to equity",
        "core/valuation.py",
        (
            (
                "    if portfolio.cash is None or len(marks) < len(holdings):\n"
                "        return None\n"
                "    held = worth([(marks[key], each.quantity) for key, each in holdings.items()])"
            ),
            (
                "    if portfolio.cash is None:\n"
                "        return None\n"
                "    held = worth([(marks[key], each.quantity) for key, "
                "each in holdings.items() if key in marks])"
            ),
        ),
        needs="F35",
    ),
    _bug(
        "old-bids-are-believed",
        "equity is measured on prices of whatever age",
        "core/risk/believing.py",
        ("    return quote.bid if age.is_fresh(quote, now) else None", "    return quote.bid"),
        needs="F35 scene-sold-by-hand",
    ),
    _bug(
        "one-print-thrice",
        "a quote that is seen three times confirms its own jump",
        "core/risk/doubts.py",
        ("prints = known.prints + is_later", "prints = known.prints + 1"),
        needs="scene-one-missing",
    ),
    _bug(
        "exit-waits-for-buy",
        "a position does not leave while the rest of its entry is still bought",
        "core/orders/exits.py",
        (
            "is_sale = intent.product == position.product and intent.side is Side.SELL",
            "is_sale = intent.product == position.product",
        ),
    ),
    _bug(
        "sell-what-the-ledger-says",
        "a sale is of what the ledger has, whatever somebody took away",
        "core/orders/exits.py",
        (
            "there = max(ZERO, Decimal(difference.venue))",
            "there = max(ZERO, Decimal(difference.ledger))",
        ),
        needs="scene-sold-by-hand scene-half-gone",
    ),
    _bug(
        "no-longest-hold",
        "positions stay twice as long as planned",
        "core/orders/exits.py",
        (
            "    return ExitCause.LONGEST_HOLD if now >= position.leaves_at else None",
            (
                "    return ExitCause.LONGEST_HOLD if now >= "
                "position.leaves_at + position.plan.longest_hold else None"
            ),
        ),
    ),
    _bug(
        "stop-limit-sign",
        "a stop's limit is its trigger: in a fall nobody takes it",
        "core/orders/venue_stops.py",
        (
            "limit = trigger.shifted(-policy.execution.exit_collar_bps).ceil_to(step)",
            "limit = trigger.shifted(policy.execution.exit_collar_bps).ceil_to(step)",
        ),
    ),
    _bug(
        "stop-does-not-grow",
        "what is bought after the stop was laid is covered by none for up to 15 min",
        "core/orders/venue_stops.py",
        (
            "if wanted is not None and wanted != stop.remaining and stop.filled.is_zero:",
            "if wanted is not None and wanted < stop.remaining and stop.filled.is_zero:",
        ),
        needs="scene-stop-grows",
    ),
    _bug(
        "stop-refused-for-ever",
        "one decline of a stop, and the product never has one again",
        "core/orders/venue_stops.py",
        (
            "    if refused is not None and timedelta(0) <= snapshot.time - refused < _patience(\n"
            "        position.product, portfolio\n"
            "    ):",
            "    if refused is not None:",
        ),
        needs="scene-stop-declined",
    ),
    _bug(
        "stop-given-up-for-nothing",
        "a stop makes way for a sale that the gate refuses",
        "core/orders/making_way.py",
        (
            ("        if isinstance(answer, Refused):\n            text"),
            (
                "        if isinstance(answer, Refused) and "
                'answer.first.check == "trading_state":\n'
                "            text"
            ),
        ),
        needs="scene-stop-kept",
    ),
    _bug(
        "reducing-leaves-buys",
        "after a daily stop or pause resting buys go on resting and fill",
        "core/orders/cancellations.py",
        (
            "    if state is not TradingState.ACTIVE:\n        return _bought_under(state)",
            "    if state is TradingState.HALTED:\n        return _bought_under(state)",
        ),
        needs="F48.switch",
    ),
    _bug(
        "halted-missing-not",
        "under a halt what may rest is cancelled, and what may not rests on",
        "core/orders/cancellations.py",
        (
            ("    if is_halted and not may_rest(working, portfolio):\n        return _HALTED"),
            ("    if is_halted and may_rest(working, portfolio):\n        return _HALTED"),
        ),
        needs="scene-stricter",
    ),
    _bug(
        "midnight-clears-daily-stop",
        "the daily stop ends by itself at midnight, without a person",
        "core/book/cycles.py",
        (
            "        universe={**universe, **event.universe} if event.universe else universe,\n",
            (
                "        universe={**universe, **event.universe} if event.universe else universe,\n"
                "        halts={\n"
                "            name: halt for name, halt in portfolio.halts.items()\n"
                '            if name.value != "daily_stop" or not '
                "event.at.begins_day_after(halt.since)\n"
                "        },\n"
            ),
        ),
        needs="scene-stood-overnight",
    ),
    _bug(
        "break-cleared-while-it-stands",
        "the halt of a difference is cleared while it stands, and not when it is over",
        "core/risk/halts.py",
        (
            "breaks = [each.key for each in portfolio.differences.values() if each.is_break]",
            "breaks = [each.key for each in portfolio.differences.values() if not each.is_break]",
        ),
        needs="scene-sold-by-hand scene-half-gone",
    ),
    _bug(
        "stop-not-asked-at-sending",
        "the switch is not looked at as an order is sent",
        "app/granting/permits.py",
        (
            (
                "        if self.stop.is_raised():\n"
                '            return "the kill switch is on"\n'
                "        if not self.has_tenure():"
            ),
            "        if not self.has_tenure():",
        ),
        needs="F48.switch",
    ),
    _bug(
        "skew-of-one-side",
        "a clock that is ahead of the venue by any amount may buy",
        "core/risk/checks/clock_skew.py",
        (
            "        apart, most = abs(microseconds(skew)), self.seconds_max",
            "        apart, most = microseconds(skew), self.seconds_max",
        ),
        needs="scene-clock-ahead F40",
    ),
    _bug(
        "quote-age-of-the-decision",
        "a quote that grew old since the decision is sent on",
        "engine/execution.py",
        (
            "        if now - approved.quote_time > self._quote_age_max:",
            "        if approved.decided_at - approved.quote_time > self._quote_age_max:",
        ),
        needs="scene-nearly-old F6 F7",
    ),
    _bug(
        "fees-read-once",
        "what trading costs is read once",
        "engine/cycle.py",
        (
            "        if known is not None and timedelta(0) <= "
            "self._clock.now() - known.read_at < HOUR:",
            "        if known is not None:",
        ),
    ),
    _bug(
        "unexplained-fill-buys-on",
        "buying goes on beside a fill that nothing explains",
        "engine/cycle.py",
        (
            "        elif self._reconciler.has_unexplained_fills and not snapshot.unreachable:",
            "        elif self._reconciler.has_unexplained_fills and snapshot.unreachable:",
        ),
        needs="scene-filled-unknown",
    ),
    _bug(
        "disarm-forgets-to-revoke",
        "`disarm` says done, and buying goes on",
        "core/book/staging.py",
        (
            "return replace(stage, is_revoked=True, confirmations={})",
            "return replace(stage, confirmations={})",
        ),
        needs="scene-taken-back F48.people",
    ),
    _bug(
        "any-fill-ends-streak",
        "each buy ends the streak of losses: the pause after three never comes",
        "core/book/fills.py",
        (
            (
                "    if change.is_loss is not None:\n"
                "        streak = streak + 1 if change.is_loss else 0\n"
            ),
            (
                "    streak = streak + 1 if change.is_loss else 0\n"
                "    if change.is_loss is not None:\n"
            ),
        ),
    ),
    _bug(
        "blind-books-buy",
        "whoever cannot read his own orders and balances buys on",
        "engine/cycle.py",
        (
            "        if collected.error and not snapshot.unreachable:",
            "        if collected.error and snapshot.unreachable:",
        ),
        needs="scene-wallets-unread",
    ),
    _bug(
        "fee-sign-in-equity",
        "equity is shown and limited too high by twice the fee of selling",
        "core/valuation.py",
        (
            "return portfolio.cash + held - taker.of_money(held)",
            "return portfolio.cash + held + taker.of_money(held)",
        ),
    ),
    _bug(
        "deposit-is-profit",
        "money paid in is profit, money taken out is loss",
        "core/booking.py",
        ("        equity=flowed(portfolio.equity, event.amount),\n", ""),
        needs="F32",
    ),
    _bug(
        "breaker-never-old",
        "no breaker ever closes again: the trader never buys after its first",
        "core/book/cycles.py",
        ("since=min(breaker.since, at),", "since=max(breaker.since, at),"),
    ),
    _bug(
        "exit-leg-again",
        "a second attempt to sell has the name of the first, and is refused",
        "core/orders/exits.py",
        ("        leg=position.exit_legs + 1,", "        leg=max(position.exit_legs, 1),"),
    ),
    _bug(
        "unexaminable-is-off",
        "a switch in a folder that cannot be examined counts as off",
        "adapters/kill_switch.py",
        (
            (
                "        except FileNotFoundError:\n"
                "            return False\n"
                "        except OSError:\n"
                "            return True\n"
                "        return True"
            ),
            ("        except OSError:\n            return False\n        return True"),
        ),
        needs="scene-stricter",
    ),
    _bug(
        "criticals-fold",
        "in a storm what is critical is folded as well",
        "adapters/alert_gate.py",
        (
            ("        if severity is Severity.CRITICAL:\n            return False\n        lately"),
            "        lately",
        ),
        needs="scene-storm",
    ),
    _bug(
        "owed-reading-forgotten",
        "who starts while nothing answers never reads back as far as a start should",
        "engine/reconciler.py",
        (
            "            back = max(back, owed.back)\n",
            ("            back = max(back, owed.back)\n            self._owed = None\n"),
        ),
        needs="scene-unread-at-first",
    ),
    _bug(
        "looser-spread",
        "products are bought at spreads that the tier forbids",
        "core/universe.py",
        (
            "min(tier.spread_bps_max, floors.spread_bps_max)",
            "max(tier.spread_bps_max, floors.spread_bps_max)",
        ),
        needs="scene-wide-books",
    ),
    _bug(
        "old-bars-serve",
        "signals on minutes-old bars where candles cannot be read",
        "adapters/coinbase/market.py",
        (
            (
                "                self._reading.failed(product, error)\n"
                "                return None\n"
                "            self._reading.answered()\n"
                "        window.absorb"
            ),
            (
                "                self._reading.failed(product, error)\n"
                "                return window.bars\n"
                "            self._reading.answered()\n"
                "        window.absorb"
            ),
        ),
        needs="F39",
    ),
    _bug(
        "key-judged-once",
        "a key that gets the right to transfer, or loses trade, trades on",
        "engine/key_watch.py",
        (
            ("        if cause is not None:\n            self._latch(cause)\n        return cause"),
            (
                "        if cause is not None and not pinned:\n"
                "            self._latch(cause)\n"
                "        return cause"
            ),
        ),
        needs="scene-key-may-transfer",
    ),
    _bug(
        "strategy-ban-ignored",
        "a strategy banned for conduct or repetition buys on",
        "core/book/faulting.py",
        ("scopes = (str(product), strategy)", "scopes = (str(product),)"),
        needs="scene-in-haste",
    ),
    _bug(
        "breaker-without-hold",
        "after a flash crash it buys after two calm minutes",
        "core/risk/breakers.py",
        ("    return now - breaker.since >= held_for(breaker.name, policy)", "    return True"),
    ),
    _bug(
        "errors-of-one-cycle",
        "errors spread over minutes never open the breaker",
        "core/book/cycles.py",
        (
            "errors=recent((*faults.errors, *errors), clocks, ERROR_WINDOW),",
            "errors=recent(errors, clocks, ERROR_WINDOW),",
        ),
        needs="F16",
    ),
    _bug(
        "stream-exit-blind",
        "a stop that the stream shows waits for the next cycle",
        "engine/exit_watch.py",
        ("return self.are_orders_news() or bool(self.due())", "return self.are_orders_news()"),
        needs="scene-lost-between",
    ),
    _bug(
        "frozen-book",
        "a book that stands still is traded on",
        "adapters/coinbase/stream/streamed.py",
        ("            and steady - streamed.moved <= STILL_MAX\n", ""),
        needs="scene-books-stand-still F13",
    ),
    _bug(
        "gap-ignored",
        "books of which changes were lost are traded on",
        "adapters/coinbase/stream/session.py",
        (
            (
                "        if step is Step.GAP:\n"
                '            raise StreamBroken(f"messages were lost '
                'before number {envelope.sequence}")\n'
            ),
            "",
        ),
        needs="scene-stream-in-pieces",
    ),
    _bug(
        "flatten-inverted",
        "`flatten` sells nothing",
        "core/orders/exits.py",
        ("now < position.flatten_until:", "now > position.flatten_until:"),
        needs="scene-taken-back F48.people",
    ),
    _bug(
        "first-halt-counts",
        "a kill after a pause does not halt: exits are sent",
        "domain/portfolio.py",
        (
            (
                "        if TradingState.HALTED in states:\n"
                "            return TradingState.HALTED\n"
                "        return TradingState.REDUCING"
            ),
            "        return next(iter(self.halts.values())).name.state",
        ),
    ),
    _bug(
        "clean-ends-counted",
        "a crash loop is never seen; six clean restarts are one",
        "core/booking.py",
        (
            "ends = portfolio.unclean_ends if event.was_clean else (*portfolio.unclean_ends, at)",
            "ends = (*portfolio.unclean_ends, at) if event.was_clean else portfolio.unclean_ends",
        ),
        needs="scene-crash-loop",
    ),
    _bug(
        "never-back-in-universe",
        "a product that left the universe never comes back",
        "core/universe.py",
        (
            "    return Membership(before.is_member, streak)\n",
            "    return Membership(before.is_member)\n",
        ),
    ),
    _bug(
        "rejected-for-ever",
        "after four post-only rejections a product is never bought again",
        "core/orders/repricing.py",
        (
            "return 0 if known is None or abs(now - known.last) > WINDOW else known.count",
            "return 0 if known is None else known.count",
        ),
        needs="scene-would-take",
    ),
)
