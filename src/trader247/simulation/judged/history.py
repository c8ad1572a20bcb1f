"""What a simulation hands to whoever judges it: one plain dict for everything that happened.

The judge imports nothing of trader247, so nothing here is a type of ours: texts, whole numbers,
lists and dicts, as JSON has them. Figures are exact decimal texts, times are microseconds since
1970 by the exchange's own clock. What the exchange says comes from its store's own commits, what
the trader says from its journal's own rows: neither passes through a line of the other's.

Each record has `kind`, `at_us` and, where a process did it, `incarnation`: a number that counts
the processes of a run from 1. The kinds:

`begun`     what the run is: `seed`, `quote` (a currency), `wallets` {currency: total}, `products`
            [{product_id, base, quote, price_increment, base_increment, base_min, quote_min}],
            `limits` (below), `clusters` {name: {pct, products}}, `spreads` {product: basis points
            that its book may be wide}, `checks` (names), `forbidden`
            (products that its owner lets nobody buy), and `secrets`, texts that may stand nowhere
            else.
`process`   `what`: "started" (before it reads anything), "recovered" (start-up is over, the first
            cycle may come), "ended" (properly), "died" (SIGKILL: what was written stays), "power"
            (what was not synced may be lost or torn), "failed" (by its own last net: `cause`, which
            begins with the kind of the error). Where it ended, whether it `wrote_on` after its
            journal's disk had failed, whether its folder says that it `is_cleared`, and whether the
            journal says that it `is_let_go` of (None: unread). Where it has begun, `kept` as below.
`request`   the first byte of it leaves now: `id` (counts up), `method`, `path`, `body` (text; empty
            for a read), and for a new order `touch` {bid, ask} of its product at the exchange now,
            and `kept`, the time at which by DATA/emergency.json the last order left, by the
            machine's clock (None: none, or the file is not there). For candles `until_us`, the time
            up to which it asks for them.
`arrived`   it is at the exchange now: `id`. A request may arrive late, twice or never.
`unsent`    no connection could be made, and nothing of a request left: `method`, `path`.
`answer`    what became of it, for the trader: `id`, `status` (None where no answer came); where it
            is a plain yes to an order, to the terms that were sent, its `order_id`; where it is
            no whole JSON object, that it is not `is_legible`; where it refuses who asks too often
            and says for how long, `wait_s`.
`exchange`  the exchange has written down: `orders`, `fills`, `wallets`, each a list of whole new
            rows (below); an order or wallet that was there before replaces its row.
`quotes`    the exchange has shown prices: `touches` {product: {bid, ask, time_us}}, the time as it
            claims it: prices that stand still under times that go on are no fault of the trader's;
            where it answered with them, `books` {product: the answer's text}. What a stream alone
            says, and is not so, `is_otherwise` in its touch.
`state`     a product is not traded as usual at the exchange from now on, or is again: `product_id`,
            `is_usual`.
`tier`      the exchange was asked what trading costs, and this is so: `maker`, `taker`, as shares.
`retold`    a listing of fills was answered in which some stand otherwise than the exchange made
            them, by the same id: `entries`.
`understated` orders were listed as ended with nothing filled, whatever they had filled: `orders`,
            their clients' names.
`otherwise` orders were listed, of which these stand with other terms, or other fees and without
            the number of their fills: `orders`, their clients' names; none: all are right again.
`older`     orders were listed in the words of an earlier listing, as if they had not ended:
            `orders`, their clients' names.
`leftout`   a page of a listing of orders was answered that lacks these, by our names: `orders`.
`unwhole`   a page of a listing of orders was answered that makes no whole one of it: `why`, what it
            does (it leads back to where it has been, or has an order of ours without its side, or
            its fees).
`unsaid`    an answer was given that lacks a figure which it has as a rule: `what`, its field.
`moved`     money that its owner moved by hand: `currency`, `amount` (negative: out).
`journal`   a transaction of the journal is committed: `events`, its rows in order, each {seq, v,
            time, kind, ref, payload (a dict), prev_hash, hash}.
`reopened`  a new process has opened the journal: `seq` and `hash` of the last event it finds.
`backed_up` a person has made a backup of the journal as it is: `seq`, of its last event.
`restored`  a person has put that backup in the journal's place, while nobody trades: `seq` and
            `hash` of its last event, and whether their names were synced: `is_synced`. What was
            committed since is not in the journal any more.
`asked`     a person has asked the trader for something by a command: `what`, and its `arguments`
            (`name` of a halt, `id` of a question).
`settings`  a person has written app.yaml: `may_send`, whether it lets a trader send.
`flipped`   a bit of the journal has flipped before this process read it: whether it `matters`, as
            one of an event does.
`room`      so much room is left from now on where the journal is: `megabytes`; None: nobody can
            tell.
`unguarded` the process that lives is about to change a `file` of its folder (`act`), and nobody
            holds the folder's guard.
`slept`     the machine has slept for `span_us`, which its steady clock does not count.
`stalled`   the process that lives hung, or was stopped, for `span_us`: both of its clocks went on.
`stuck`     the process that lives waits again and again for what is past, and no time passes.
`taken`     another process has taken the journal from the one that lives: `epoch`, its own.
`alert`     `what`: "raised" (handed over), "tried" or "delivered" on a channel; `id` (the journal's
            seq), `code`, `severity` (info, warning, critical), `text`.
`message`   what went out on the channel for alerts: `title`, `body`, and whether it `is_taken`.
`channel`   the channel for alerts: `is_up`.
`cleared`   a person has read in the folder that nothing of ours rests under the raised switch, but
            for so many sales that are `kept`; by the trader's clock that was `given` then.
`emptying`  a person's `kill on` begins to empty the exchange by itself: `keeps_sales`.
`ending`    the same asks the exchange for the end of orders: `order_ids`.
`emptied`   the same is done: whether it `is_proven` that nothing of ours rests, how many orders it
            `found` and how many sales it `kept`; whether a trader lived when it began: `is_beside`.
`kill`      the kill switch's file is there from now on, or gone: `is_on`; whether somebody wished
            with it that sales stay: `keeps_sales`; where the command raised it, whether its file
            and its name were synced: `is_synced`.
`folded`    the trader's own books after a cycle: `portfolio`, what `state show --json` shows of
            them (below); whether they could be compared with the exchange's, `is_compared`.
`tables`    what people are shown in the end, by the journal's tables: `orders`, each
            {client_order_id, state, filled}.
`lost`      something that was kept is not there any more: `text` says what.
`calm`      from here on no fault strikes.
`settled`   the simulation holds that all is settled: what must agree in the end must agree now.

`limits`: `product_pct`, `total_pct` (exposure over equity at a decision's marks), `quote_age_s`,
`collar_bps` (a price off the touch's middle), `order_life_s`, `late_s` (60: how long past its end
an order may live), `kill_s` (1), `alert_s` (5), `settle_s` (600), `requests_per_s` (documented),
`at_risk_max` (in money), `order_pct` and `order_max` (of an order, whichever is less), `order_min`,
`small_max` and `small_positions_max` (of an order, and products at risk, while equity is not known
to be `small_below` or more: an order may be of so much then, whatever its share),
`positions_max`, `entries_per_cycle`, `entries_per_minute`, `entries_per_hour`, `entries_per_day`,
`product_pause_s` (between entries of a product; `same_size_s` between two of one size),
`confirmed_first` (trades that wait for a yes),
`fill_pause_s`, `loss_pause_s`, `stop_pause_s` (how long a product is left alone after a fill, a
close that lost, a stop; `stops_pause_s` after a second one within a day), `decision_age_s`,
`interval_s` (between cycles),
`refusals_max` (for asking too often, in five minutes), `errors_max` (requests that failed, in five
minutes), `cancels_per_minute`, `breaker_cycles` and
`breaker_s` (how long a breaker holds; after a fast loss `losses_s`), `fees_pct` (of a day, of
equity), `quote_ahead_s` (of the clock), `depth_multiple` (of an entry, what rests beside it at the
least), `strikes_max` and `strikes_s` (prices outside the collar until a product is banned),
`doubt_s` (how long one is in doubt), `room_mb` (the least room on the disk), `digests` (whether a
day is told of), `reads` (whether all that is read is told of), `risk_pct` (what a position may lose
at its stop, of equity), `closes_max` (losing closes in a row, then nothing is bought for
`streak_pause_s`), `stops_rest` (whether a position's stop is kept at the exchange), `hears_s`
(within how long an exit is looked at that streams show, of which nothing is lost).

An order's row: order_id, client_order_id, product_id, side (BUY, SELL), kind (LIMIT, STOP_LIMIT,
OTHER), post_only (bool), price, stop_price (or None), size, filled, filled_value, fees, status (in
the wire's words), created_us, updated_us, end_us (or None), is_ours (whether a trader sent it).

A fill's row: number, entry_id, trade_id, order_id, product_id, side, price, size, fee, is_maker,
time_us, kind (FILL; REVERSAL and CORRECTION take back and book anew; SYNTHETIC moves nothing).

A wallet's row: currency, total, hold.

`portfolio`: cash, equity (or None), fees, realised, unrealised (or None), positions and dust (so
little that the exchange does not sell it), both [{product, quantity, cost}], positions with what
they have `made`, halts [name], breakers [name], bans [control:scope], doubts [product], arming
["armed" or "disarmed"; empty: never armed], state (ACTIVE, REDUCING, HALTED), working
[{client_order_id, order_id, product, side, state}], high_water_mark, day_high, week_high, day_open,
week_open (each or None).

Who judges is a `Judge`: it is told of each record at once, and answers what is broken now.
`trader247.truth.checker` has `Checker()`, which is one, and `check(records)`, for all of a history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Record = dict[str, Any]
"""One thing that happened."""


class Violation(Protocol):
    """A promise that was broken: which, when and how."""

    @property
    def invariant(self) -> str:
        """`I1` to `I24`."""

    @property
    def at_us(self) -> int:
        """When, by the exchange's clock."""

    @property
    def text(self) -> str:
        """What was found, and what was promised."""


class Judge(Protocol):
    """Whoever knows what must hold."""

    def see(self, record: Record) -> Sequence[Violation]:
        """Take the next thing that happened; what is broken by it."""
