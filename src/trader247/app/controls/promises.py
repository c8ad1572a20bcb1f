"""The controls that hold by how trader247 is built: nothing of them is measured, all is tested.

With the checks and the measured controls they make up the whole matrix. `GAPS` says for each row
what it asks for and is not built yet: whoever relies on a control must know where it ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.app.controls.entries import Entry
from trader247.app.settings import universe_file
from trader247.app.settings.layout import Section
from trader247.core.policy import ExecutionPolicy

_EXECUTION = Section(("execution",), ExecutionPolicy)

PROMISES: dict[str, Entry] = {
    "kill_at_venue": Entry(
        2,
        "The kill switch works without the trader: with a dead process, a ruined database, a full "
        "disk or an invalid configuration.",
        "`trader247 kill on` needs the data folder alone, and for a live book the key. It cancels "
        "at the venue by listings of every state, and calls it proven only by a second clean "
        "listing after which nothing of ours can still arrive. Exit code 7 says: not proven.",
        "RTS 6 Art 14(2)(e), (g); ESMA Q&A 1612",
    ),
    "latches": Entry(
        3,
        "A halt stands until a person clears it.",
        "Neither a restart nor a new day, another clock or an edited file clears one. `trader247 "
        "unlock halt NAME --reason TEXT` does, is refused while the cause stands, and is kept in "
        "the journal with who did it.",
        "RTS 6 Art 15(3)",
    ),
    "attribution": Entry(
        4,
        "Every order is traced to the decision that made it.",
        "The intent is on disk before the first byte leaves: decision, leg, strategy, rule, policy "
        "hash, code version, the exact body, and the verdict of every check with figure and limit. "
        "`trader247 why PRODUCT --cycle ID` reads it back.",
        "RTS 6 Art 12(3)",
    ),
    "rate_budget": Entry(
        13,
        "Requests keep to a budget of which a part is kept for cancels.",
        "All requests together are at most half of what the venue documents, a second. An order "
        "without room in the budget is dropped and not queued. Reads wait, and leave room for "
        "orders; cancels come first and are never held back by reads. Above `cancels_per_minute` "
        "cancels wait, two or three seconds each; those of a kill switch are not counted. What "
        "the venue says of its limits is followed where it is less, and after a refusal reads "
        "pause, longer each time and by a little chance.",
        "RTS 6 Art 15(1)(d)",
        _EXECUTION,
        ("cancels_per_minute",),
    ),
    "runaway": Entry(
        16,
        "What left by the wire's own count is compared with what was recorded.",
        "The transport counts the orders of which a byte left; the journal counts intents. Any "
        "difference latches `invariant`, in which nothing but cancels is sent. A fill beyond its "
        "order is not booked.",
        "Knight Capital, 2012",
    ),
    "reservations": Entry(
        21,
        "An order counts from its approval, whole while its outcome is unknown.",
        "Exposure, cash and lots are derived each time from positions and unsettled intents; later "
        "orders of a cycle are judged against the earlier ones. Only the venue's last word with "
        "all of its fills frees a reservation.",
        "RTS 6 Art 15(2)",
    ),
    "liquidity": Entry(
        24,
        "A product is bought only where its market is deep and narrow enough.",
        "Each tier has its own volume, spread and depth, and global floors apply besides; the "
        "stricter wins. An unknown figure is a no. Exits are not held by it.",
        "RTS 6 Art 5; FIA",
        universe_file.FLOORS,
        ("volume_24h_min", "spread_bps_max", "depth_min"),
        file=universe_file.FILE,
    ),
    "allow_list": Entry(
        25,
        "Only listed products are bought.",
        "universe.yaml names them by tier. Stablecoins, flagged products and products listed "
        "lately are not bought, whatever lists them; no strategy can add one while running.",
        "RTS 6 Art 8(a); 15c3-5(c)(2)(ii)",
        universe_file.FLOORS,
        ("listing_days_min", "products_min", "enter_cycles", "leave_cycles"),
        file=universe_file.FILE,
    ),
    "order_life": Entry(
        30,
        "Every order ends by itself.",
        "There is no order without an end time in the encoder: with a dead trader the venue's book "
        "is empty of ours after the longest life. Orders under our name that this journal does not "
        "know are cancelled.",
        "FIA; RTS 6 Art 14(2)(g)",
        _EXECUTION,
        ("entry_seconds", "exit_seconds"),
    ),
    "alert_noise": Entry(
        32,
        "An alert says the fact, what was done and the next command, and is not repeated at once.",
        "The same alert is not told again within 60 s, and makes at most 12 messages an hour. A "
        "critical one goes to every channel after 120 s and again every 5 min until `trader247 "
        "alerts ack`. More than 20 warnings an hour become a digest and one alert_storm.",
        "Knight Capital, 2012: 97 unread mails",
    ),
    "heartbeat": Entry(
        33,
        "A trader that hangs stops telling that it is well.",
        "The loop itself writes DATA/heartbeat.json after its work; `trader247 health` exits 1 "
        "where it is old. `monitoring.heartbeat_url` is pinged each minute, only while the loop "
        "turns and the last whole cycle and reconciliation are at most 180 s old: the thread that "
        "pings knows nothing by itself.",
        "RTS 6 Art 14, Art 16",
    ),
    "risk_monitor": Entry(
        34,
        "A second process watches the account by the venue's figures alone, and stops the trader.",
        "`trader247 monitor` computes equity and what is at risk from balances, open orders and "
        "prices, by limits of its own in monitor.yaml, a fifth above the trader's ceilings: 6 % in "
        "one product, 18 % in all, 300 an order, 16 minutes an order's age, 3.6 % lost in a UTC "
        "day. Over one of them in two looks it raises the kill switch, cancels at the venue, tells "
        "the channels and ends with exit code 1. It shares neither policy nor journal with the "
        "trader, takes no lock and sends no order.",
        "RTS 6 Art 16; 15c3-5(d)",
    ),
    "balances": Entry(
        40,
        "Cash and holdings must be what the venue says, to the last unit.",
        "Compared in every cycle. What a person moved is pending and then a break; `trader247 "
        "reconcile --accept` books it as a flow, never as profit, and refuses what fills or lots "
        "of ours would have to explain.",
        "RTS 6 Art 17(3)",
        _EXECUTION,
        ("reconcile_seconds",),
    ),
    "foreign_orders": Entry(
        41,
        "An order under our name that the journal does not know stops trading.",
        "It is cancelled and latches `reconciliation_break`: a lost journal or a second instance. "
        "Orders of other names are left alone and told of once; what they buy is foreign.",
        "FIA",
    ),
    "unknown_outcome": Entry(
        42,
        "An order whose fate is unknown is neither forgotten nor sent again.",
        "Its product and side wait, its reservation stays whole, and it is settled by positive "
        "evidence alone: a listing, a fill, or complete listings without it after its time. After "
        "ten minutes nothing is bought anywhere.",
        "reliability protocol",
    ),
    "exposure_view": Entry(
        43,
        "Equity, exposure and headroom can be read at any time, with the age of each input.",
        "`trader247 risk status` reads beside a running trader. What is not known is UNKNOWN, "
        "never zero.",
        "RTS 6 Art 17(2), (3)",
    ),
    "audit_trail": Entry(
        44,
        "The journal is append-only and chained: a changed past is found.",
        "Triggers refuse to change or delete an event, each event holds the hash of the one before "
        "it, and a start refuses a broken chain. `trader247 state verify` names the row.",
        "RTS 6 Art 28",
    ),
    "configuration": Entry(
        46,
        "One typed configuration, each limit once, with its ceiling in code.",
        "Unknown keys, wrong units and values outside their bounds are refused before anything "
        "else happens (exit 6). The hash of what decides is in every intent. No environment "
        "variable changes a limit, and nothing is loosened while running.",
        "RTS 6 Art 5, Art 11",
    ),
    "deployment": Entry(
        48,
        "What runs is what was tested.",
        "Each session's version and schema, Python and every package below it are kept beside the "
        "chain, and a change of any of them is told as `version_changed`; a journal of a newer "
        "schema is refused; a setting that was removed is refused for ever; evidence for LIVE and "
        "an arming are bound to version and policy. Arming compares every installed file of "
        "trader247 and of the venue's client with the hashes of its release, and refuses what was "
        "changed or added; what runs from a source tree has no such record, and it says so. "
        "`make coverage` fails where a branch on the way of an order (decision, gate, sending, "
        "booking) is run by none of its own tests: there is no dead path.",
        "Knight Capital, 2012",
    ),
    "startup_gate": Entry(
        49,
        "Starting is recovering: nothing is bought before the books agree.",
        "Integrity, unknown outcomes, fills and balances come first; a venue that cannot be read "
        "opens a breaker. More than five unclean ends in ten minutes latch `crash_loop`.",
        "Erlang's restart intensity",
    ),
}
"""The controls without a present standing, by id."""

GAPS: Mapping[int, str] = {}
"""What a row of the matrix asks for and is not built, by row."""
