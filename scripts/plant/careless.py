"""What a careless hand makes of sizes, limits, books and leaving: a term left out, a wrong end."""

from __future__ import annotations

from scripts.plant.bug import Bug, mistake

CARELESS: tuple[Bug, ...] = (
    mistake(
        "proceeds-by-float",
        "the proceeds of a sale are worked out in floating point",
        "core/book/fills.py",
        (
            "    proceeds = fill.notional - fill.fee\n    made = proceeds - sale.cost\n"
            "    if sale.left or is_dust:",
            "    gross = float(fill.notional.value)\n"
            "    proceeds = Money(Decimal(str(gross - float(fill.fee.value))))\n"
            "    made = proceeds - sale.cost\n"
            "    if sale.left or is_dust:",
        ),
    ),
    mistake(
        "part-sold-without-its-fee",
        "a part of a lot that is sold has cost its price, without its share of the buy's fee",
        "core/book/lots.py",
        ("cost + piece.cost)", "cost + piece.price * piece.quantity)"),
        needs="F24",
    ),
    mistake(
        "stop-by-resting-ones-only",
        "only a stop that rested at the venue counts as one for the cooldown",
        "core/book/fills.py",
        (
            "is_stop = known is not None and known.intent.is_by_stop(is_loss=is_loss)",
            "is_stop = known is not None and known.intent.stop_price is not None",
        ),
    ),
    mistake(
        "each-part-a-trade",
        "each partial fill of an entry counts as a trade of its own",
        "core/book/fills.py",
        (
            "known.intent.purpose is Purpose.ENTRY and known.filled.is_zero",
            "known.intent.purpose is Purpose.ENTRY",
        ),
        needs="F24 scene-first-in-pieces",
    ),
    mistake(
        "slip-of-one-sign",
        "a sale that brought more than it was decided on counts as a slip",
        "core/book/fills.py",
        (
            "    cost = above if fill.side is Side.BUY else -above\n    return Bps(cost.quantize(",
            "    return Bps(abs(above).quantize(",
        ),
    ),
    mistake(
        "hand-sale-without-its-fee",
        "the fee of a sale by hand is not among the fees paid",
        "core/book/by_hand.py",
        (
            "        fees_paid=portfolio.fees_paid + event.fee,\n        positions=positions,\n",
            "        positions=positions,\n",
        ),
        needs="F31 scene-sold-by-hand",
    ),
    mistake(
        "places-without-open-buys",
        "a product that is being bought takes no place of those that may be held",
        "core/risk/reservations.py",
        ("return {*self.bought, *held}", "return {*held}"),
    ),
    mistake(
        "doubled-after-its-end",
        "an entry is not taken for one that ended lately sent again",
        "core/risk/checks/duplicate.py",
        (
            "        for intents in (portfolio.working, portfolio.settled):\n"
            "            for known in intents.values():\n"
            "                earlier = known.intent\n",
            "        for intents in (portfolio.working,):\n"
            "            for known in intents.values():\n"
            "                earlier = known.intent\n",
        ),
        needs="F48.brisk scene-in-circles",
    ),
    mistake(
        "clean-cycles-anyhow",
        "a breaker's clean cycles need not follow each other",
        "core/book/cycles.py",
        (
            "clean_cycles=0 if name in event.tripped else breaker.clean_cycles + 1,",
            "clean_cycles=breaker.clean_cycles + (name not in event.tripped),",
        ),
        needs="F16 F37",
    ),
    mistake(
        "day-of-new-york",
        "the day that losses are counted from begins at five in the morning",
        "core/book/equity.py",
        (
            "clocks.begin_day_after(day.time):",
            "(at - DAY * 5 / 24).begins_day_after(day.time - DAY * 5 / 24):",
        ),
        needs="F37 scene-day-lost",
    ),
    mistake(
        "hold-by-the-oldest-lot",
        "the longest hold is counted from the oldest lot that is left, not from the opening",
        "domain/position.py",
        (
            "return self.opened + self.plan.longest_hold",
            "return self.lots[0].opened + self.plan.longest_hold",
        ),
        needs="F24 scene-two-prices",
    ),
    mistake(
        "entry-price-with-dust",
        "the entry price that stop and target go by counts the dust that was there before",
        "domain/position.py",
        ("own = self.lots[self.inherited :]", "own = self.lots"),
        (
            "held = self.quantity if not self.inherited else _quantity_of(own)",
            "held = self.quantity",
        ),
        needs="F24 scene-dust-comes-back scene-dust-beside",
    ),
    mistake(
        "slice-leaves-dust",
        "the last but one slice of a sale may leave less than the venue sells",
        "core/orders/exits.py",
        (
            "    if whole - most < least and whole - least >= least:\n"
            "        return whole - least\n",
            "",
        ),
        needs="F31 F48.people scene-hardly-more",
    ),
    mistake(
        "stop-rounded-down",
        "the stop at the venue triggers a step below the level, not above it",
        "core/orders/venue_stops.py",
        ("trigger = position.stop.ceil_to(step)", "trigger = position.stop.floor_to(step)"),
    ),
    mistake(
        "unrealised-without-fees",
        "what is held has cost its price, without the fees of buying it",
        "core/valuation.py",
        (
            "mark * position.quantity - position.cost",
            "mark * position.quantity - position.entry_price * position.quantity",
        ),
    ),
    mistake(
        "exits-at-the-last-cycles-time",
        "between two cycles exits are judged at the time of the last reading",
        "engine/cycle.py",
        (
            "            time=self._clock.now(),\n            views=views,\n",
            "            views=views,\n",
        ),
        needs="F10 F37 scene-lost-between",
    ),
    mistake(
        "highs-between-cycles-forgotten",
        "a higher bid that is seen between two cycles moves no trailing stop",
        "core/book/cycles.py",
        (
            "        positions=_with_highs(portfolio.positions, event.marks),\n"
            "        reasons={**portfolio.reasons, **reasons},\n",
            "        reasons={**portfolio.reasons, **reasons},\n",
        ),
        needs="F10 scene-trailing scene-trailing-between",
    ),
    mistake(
        "inherited-for-ever",
        "the lots that were there as dust are counted still when they are sold",
        "core/book/dust.py",
        (
            "inherited=max(0, held.inherited - gone),",
            "inherited=held.inherited if gone >= 0 else 0,",
        ),
        needs="F24 scene-dust-comes-back scene-dust-beside",
    ),
    mistake(
        "made-by-the-last-sale",
        "what a position has made is what its last sale made",
        "core/book/dust.py",
        ("realised=held.realised + made,", "realised=made,"),
        needs="F24 scene-sold-by-hand scene-two-prices",
    ),
    mistake(
        "units-at-their-first-value",
        "a deposit buys units at the value of the first one, not at that of now",
        "core/book/equity.py",
        (
            "CONTEXT.divide(amount.value, record.going_nav))\n    equity",
            "amount.value)\n    equity",
        ),
        needs="F31",
    ),
    mistake(
        "peak-only-rises",
        "a lower high-water mark that a person accepts is not taken",
        "core/book/equity.py",
        (
            "return replace(record, high_nav=CONTEXT.divide(accepted.value, record.units))",
            "nav = CONTEXT.divide(accepted.value, record.units)\n"
            "    return replace(record, high_nav=max(nav, record.high_nav or nav))",
        ),
        needs="F48.people F37 scene-lost-between",
    ),
    mistake(
        "week-by-the-day",
        "the weekly stop compares with the high of the last day",
        "core/risk/stops.py",
        ("high_since(record.highs_7d, now, 7 * DAY)", "high_since(record.highs_24h, now, DAY)"),
        needs="F37 scene-stood-overnight scene-slept-a-day",
    ),
    mistake(
        "lesser-of-the-moves",
        "a flash crash is measured by the lesser of the moves of close and mid",
        "core/risk/breakers.py",
        (
            "return max([price.percent_off(base) for price in latest])",
            "return min([price.percent_off(base) for price in latest])",
        ),
        needs="F37",
    ),
    mistake(
        "stale-of-all-listed",
        "stale quotes are a share of all listed products, also of those not traded",
        "core/risk/breakers.py",
        ("Decimal(len(views))", "Decimal(len(policy.universe.products))"),
        needs="F28 F35",
    ),
    mistake(
        "stop-moves-up-only",
        "a resting stop that lies above its level stays there",
        "core/orders/venue_stops.py",
        (
            "abs(prices.trigger.bps_above(placed).value) > MOVED.value",
            "prices.trigger.bps_above(placed).value > MOVED.value",
        ),
        needs="F31 scene-stop-grows scene-two-prices",
    ),
    mistake(
        "budget-without-open-buys",
        "the budget of a person's strategy leaves out what it is buying",
        "core/sizing.py",
        ("tuple(sorted(held | wished))", "tuple(sorted(held))"),
        needs="F48.brisk",
    ),
    mistake(
        "depth-of-the-bids",
        "the book is as deep as its bids, however thin the asks",
        "domain/market.py",
        ("return bids if bids.value <= asks.value else asks", "return bids"),
        needs="scene-wide-books",
    ),
    mistake(
        "last-piece-by-its-share",
        "the last piece of a sale bears its share of the fee, not what is left of it",
        "core/figures/tax_lots.py",
        (
            "share = fee_left if is_last else _share(sale.fee, piece.quantity, sale.quantity)",
            "share = _share(sale.fee, piece.quantity, sale.quantity)",
        ),
        ("        is_last = piece.quantity == left\n", ""),
        needs="F24",
    ),
    mistake(
        "all-wait-for-one",
        "an exit that could not be sent makes those of all other products wait as well",
        "engine/exit_watch.py",
        (
            "            if position is not None and due(position, quote.bid, now) is not None:\n"
            "                self._not_before[product] = until",
            "            if position is not None:\n"
            "                self._not_before[product] = until",
        ),
        needs="F10 F37 scene-trailing-between",
    ),
    mistake(
        "pause-from-the-first-loss",
        "the pause after losses in a row is counted from the first of all",
        "core/book/fills.py",
        (
            "last_loss = _later(last_loss, fill.time) if change.is_loss else last_loss",
            "last_loss = last_loss or fill.time if change.is_loss else last_loss",
        ),
        needs="scene-losses-in-a-row",
    ),
)
