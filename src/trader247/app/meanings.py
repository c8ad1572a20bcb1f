"""What each code means, what trader247 does about it, and what to do next.

Checks, controls, halts and breakers are told in the words that stand beside them in the code; the
words for the other reasons and for alerts stand here. Nothing has a code and no words.
"""

from __future__ import annotations

import inspect
from difflib import get_close_matches

from trader247.app.controls.entries import MEASURED
from trader247.app.controls.promises import PROMISES
from trader247.core.alerts.words import NOTES
from trader247.core.book.faulting import BANNING, ORDER_RATIO, SELF_MATCH
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.reasons import BreakerName, HaltName, Reason

_WHY = "trader247 why PRODUCT"
_WAITS = "Nothing is bought of this product in this cycle; the next one looks again."
_HELD = "What is held is watched: its stop, its target and its longest hold end it."
_ENTRY_REFUSED = "This order is not sent; the next cycle decides afresh."


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code of one kind: reason, halt, breaker, control, alert or exit code."""

    kind: str
    code: str
    what: str
    does: str
    next: str


Words = tuple[str, str, str]
"""What it means, what trader247 does, what to do next."""

REASONS: dict[Reason, Words] = {
    Reason.ENTRY_SENT: (
        "An order to buy was sent.",
        "It rests for five minutes at most, and what was filled is booked.",
        "trader247 orders",
    ),
    Reason.EXIT_SENT: (
        "An order to sell what is held was sent.",
        "It is looked after until the position is sold.",
        "trader247 orders",
    ),
    Reason.DRY_RUN: (
        "The order would have been sent, and nothing is sent in this mode.",
        "It counts for pace and cooldown as if it had been.",
        "trader247 run --mode paper, to trade on a simulated exchange",
    ),
    Reason.DECLINED: (
        "The venue did not take the order; the detail has its words.",
        "Nothing is reserved for it, and it is not sent again.",
        f"{_WHY}; at repeated declines: trader247 key check",
    ),
    Reason.NOT_SENT: (
        "The order was approved, and no byte of it left: the detail says why.",
        "Nothing is reserved for it, and it is not sent again.",
        "trader247 smoke",
    ),
    Reason.UNKNOWN_OUTCOME: (
        "The order was sent, and whether the venue took it is not known yet.",
        "It keeps its reservation, is looked for by its id, and is never sent again.",
        "trader247 reconcile",
    ),
    Reason.HOLDING: ("The product is held, and no exit is due.", _HELD, "trader247 status"),
    Reason.ORDER_WORKING: (
        "An order of this product still works.",
        "No second one is sent until it has ended.",
        "trader247 orders",
    ),
    Reason.NOT_AT_VENUE: (
        "The venue, or the tape, has no such product.",
        _WAITS,
        "take it out of universe.yaml, or spell it as the venue does",
    ),
    Reason.STABLECOIN: (
        "The product is a stablecoin: there is nothing to earn by its moves.",
        "It is never bought.",
        "nothing",
    ),
    Reason.RED_FLAGGED: (
        "A person has flagged this product; the detail says why, and until when.",
        _WAITS,
        "red_flags in universe.yaml",
    ),
    Reason.NOT_TRADABLE: (
        "The venue lets nobody trade it now.",
        _WAITS,
        "the venue's status page",
    ),
    Reason.NEWLY_LISTED: (
        "It has been listed for too short a time to be judged.",
        _WAITS,
        _WHY,
    ),
    Reason.NO_QUOTE: ("There is no bid and ask for it.", _WAITS, "trader247 smoke"),
    Reason.STALE_QUOTE: (
        "Its quote is older than a quote may be.",
        _WAITS,
        "trader247 risk controls quote_age",
    ),
    Reason.CROSSED_QUOTE: (
        "Its bid is not below its ask: one of them is wrong.",
        _WAITS,
        "trader247 risk controls quote_sanity",
    ),
    Reason.VOLUME_UNKNOWN: ("Its volume of a day is not known.", _WAITS, _WHY),
    Reason.VOLUME_LOW: ("Too little of it is traded in a day.", _WAITS, _WHY),
    Reason.SPREAD_WIDE: ("Bid and ask are too far apart.", _WAITS, _WHY),
    Reason.DEPTH_UNKNOWN: ("Its order book could not be read.", _WAITS, "trader247 smoke"),
    Reason.DEPTH_LOW: ("Too little rests near its price.", _WAITS, _WHY),
    Reason.WAITING_TO_ENTER: (
        "It is eligible again, and not for long enough to be believed.",
        _WAITS,
        _WHY,
    ),
    Reason.UNIVERSE_TOO_SMALL: (
        "Fewer products are eligible than trading takes.",
        "Nothing is bought at all; exits go on.",
        "trader247 cycle shows each product's reason",
    ),
    Reason.BARS_MISSING: (
        "Bars are missing that a signal needs.",
        _WAITS,
        _WHY,
    ),
    Reason.OUTLIER: ("Its last price is too far from the others to be true.", _WAITS, _WHY),
    Reason.VOLATILITY_HIGH: ("It moves too wildly to be sized.", _WAITS, _WHY),
    Reason.REGIME_CRASH: (
        "The market as a whole falls too fast.",
        "Nothing is bought at all; exits go on.",
        "trader247 status",
    ),
    Reason.NO_TRIGGER: ("No rule says that it should be bought.", _WAITS, _WHY),
    Reason.OUTRANKED: (
        "A rule would buy it, and others of this cycle are better.",
        _WAITS,
        _WHY,
    ),
    Reason.SIZE_BELOW_FLOOR: (
        "What may be bought of it is less than the smallest order.",
        _WAITS,
        f"{_WHY}; trader247 config check shows floors and caps",
    ),
}
"""The reasons that are no ids of checks."""

_ENDING = {
    HaltName.STORAGE: (
        "trader247 asks its orders to end and ends with code 8: nothing can be recorded, a halt "
        "neither. The next start goes on, if the disk takes its records.",
        "mend the disk; trader247 state verify; trader247 run",
    ),
    HaltName.CHAIN: (
        "No process trades on that journal: each start ends with code 8.",
        "trader247 state verify; trader247 state restore --list",
    ),
}
"""What stops trading without a halt that could be cleared: what it does, and what to do next."""

HALTS: dict[HaltName, str] = {
    HaltName.KILL_SWITCH: "A person raised the kill switch.",
    HaltName.INVARIANT: "The venue's answer contradicts what was sent, or the books themselves.",
    HaltName.STORAGE: "The disk did not take what must be recorded.",
    HaltName.CHAIN: "The journal is not what was written: it was changed or damaged.",
    HaltName.READ_ONLY: "The configuration forbids to send anything to a real venue.",
    HaltName.KEY: "The venue refuses the key, or the key may do too much.",
    HaltName.DAILY_STOP: "The loss of the UTC day, or of 24 hours, has reached its limit.",
    HaltName.WEEKLY_STOP: "The loss of the week, or of 7 x 24 hours, has reached its limit.",
    HaltName.DRAWDOWN: "Equity is too far below its greatest value.",
    HaltName.FEES: "The fees of the UTC day are over their share of equity.",
    HaltName.RECONCILIATION_BREAK: "Ledger and venue differ, and no order in flight explains it.",
    HaltName.CRASH_LOOP: "Too many sessions ended uncleanly within ten minutes.",
    HaltName.ALERTS: "No channel took a critical alert for five minutes.",
    HaltName.PAUSE: "A person paused trading.",
}

_KNOWN = "trader247 alerts ack, once it is known"

ALERTS: dict[str, Words] = {
    "test": ("Somebody tried the channels.", "Nothing.", "trader247 status"),
    "drill": (
        "A drill raised it in a book of its own: it is no emergency.",
        "Nothing.",
        "trader247 drill --list",
    ),
    "unclean_start": (
        "The last session did not end properly: killed, crashed, or the power failed.",
        "The ledger is folded again and the venue's books are read before anything is sent.",
        "trader247 state verify",
    ),
    "universe_too_small": REASONS[Reason.UNIVERSE_TOO_SMALL],
    "data_unavailable": (
        "Equity cannot be measured: what is held has no price.",
        "Nothing is bought, and the loss stops wait until it can be measured.",
        "trader247 smoke; for a product that the venue trades no more, "
        "trader247 reconcile --accept --reason TEXT --price PRODUCT=PRICE",
    ),
    "unknown_outcome": (
        "What became of an order is not known for a minute, or for ten (critical).",
        "It keeps its reservation and is never sent again; until it is known, what a sale would "
        "have sold has no other stop, and no other sale.",
        "trader247 reconcile",
    ),
    "cash_held": (
        "The venue holds cash for an order that nobody here knows: a buy that this journal lost, "
        "or something of yours.",
        "Nothing is bought until it is explained or gone, or is 16 minutes old; exits go on.",
        "trader247 reconcile, and the open orders on the venue's website",
    ),
    "fill_quarantined": (
        "The venue told of an execution that no order of ours explains.",
        "It is kept apart and not booked.",
        f"trader247 reconcile; {_KNOWN}",
    ),
    "late_order": (
        "An order that was written off turned up at the venue.",
        "It is looked after like any other, and what it filled is booked.",
        f"trader247 orders; {_KNOWN}",
    ),
    "answer_contradicts": (
        "The venue's answer is not about the order that was sent.",
        "The order counts as unknown, and trading halts (invariant).",
        f"trader247 state show orders; {_KNOWN}",
    ),
    "fee_differs": (
        "A fee differs by more than one basis point from the account's tier.",
        "It is booked as it was taken.",
        "trader247 state show fills",
    ),
    "trade_repeated": (
        "The venue told of one trade under two ids.",
        "Both are booked, and the books are compared.",
        "trader247 reconcile",
    ),
    "orders_not_ended": (
        "Trading was halted, and 30 s later an order is not known to have ended.",
        "Its cancel is asked for again and again. No order is sent.",
        f"trader247 kill on; {_KNOWN}",
    ),
    "foreign_orders": (
        "Orders rest on this account that trader247 did not send.",
        "They are left alone; what they buy is foreign and no part of the caps.",
        "trader247 reconcile",
    ),
    "version_changed": (
        "Another trader247, or another program below it, goes on with this book than kept it.",
        "The alert names them. LIVE needs evidence and arming for another major.minor of ours.",
        "trader247 preflight",
    ),
    "product_doubted": (
        "A product's quote cannot be true: crossed, jumped, or its currency off its peg.",
        "It is not bought for five minutes, and until a jump is confirmed; exits go on.",
        "trader247 why PRODUCT",
    ),
    "product_flipped": (
        "The venue stopped trading a product in which an order of ours was open.",
        "Its end was asked for; it counts as open until the venue says otherwise.",
        "trader247 orders",
    ),
    "key_age": (
        "The key is 83 days old, or 90 and more.",
        "Trading goes on.",
        "make a new key at the venue, then trader247 key check",
    ),
    "armed": ("A person let LIVE orders go out.", "Orders are sent.", "trader247 disarm ends it"),
    "disarmed": (
        "The arming was taken back, or what it was given for has changed.",
        "Nothing is bought; exits go on.",
        "trader247 preflight",
    ),
    "backup_failed": (
        "The hourly backup could not be made, or earlier ones do not hold any more.",
        "Trading goes on; it is tried again in an hour.",
        "free disk space, then trader247 state backup",
    ),
    "internal_error": (
        "A bug of ours ended the process.",
        "No further order is sent by it; those that rest end by themselves.",
        f"trader247 status; {_KNOWN}",
    ),
    "alert_storm": (
        "More than 20 warnings within an hour.",
        "They are folded into a digest every ten minutes.",
        f"trader247 alerts list; {_KNOWN}",
    ),
    "folded": (
        "A digest of alerts that were too many to tell each.",
        "What each of them says; trader247 alerts list has them all.",
        "trader247 alerts list",
    ),
    "daily_digest": (
        "A UTC day is over: its profit and loss, trades, refusals, halts and hours.",
        "Nothing.",
        "trader247 state show pnl",
    ),
    "confirm_PRODUCT": (
        "One of the first live trades waits for a person's yes.",
        "It is not sent without one; no answer is a refusal.",
        "trader247 confirm",
    ),
}
"""The alerts that are not those of a halt or a breaker, by code."""


def meanings() -> tuple[Meaning, ...]:
    """Every code but the exit codes, by kind."""
    return (*_reasons(), *_halts(), *_breakers(), *_controls(), *_alerts())


def meaning_of(code: str, others: tuple[Meaning, ...] = ()) -> tuple[Meaning, ...]:
    """What a code means, once for each kind that has it; `others` are further meanings.

    Raises:
        UsageError: there is no such code.
    """
    known = (*meanings(), *others)
    wish = code.removesuffix(":escalated")
    if wish.startswith("confirm_"):
        wish = "confirm_PRODUCT"
    found = tuple(each for each in known if each.code == wish)
    if found:
        return found
    near = get_close_matches(wish, {each.code for each in known}, n=3)
    raise UsageError(
        f"there is no code {code!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else "trader247 explain lists them",
    )


def _reasons() -> list[Meaning]:
    checks = {kind.id: kind for kind in ALL_CHECKS}
    found = []
    for reason in Reason:
        if reason in REASONS:
            found.append(Meaning("reason", reason.value, *REASONS[reason]))
            continue
        kind = checks[reason.value]
        does = _ENTRY_REFUSED if kind.binds_exits else f"{_ENTRY_REFUSED} It holds back no exit."
        found.append(
            Meaning(
                "reason",
                reason.value,
                f"A check refused: {_title(kind.__doc__)}",
                does,
                f"trader247 risk controls {kind.id}; {_WHY}",
            )
        )
    return found


def _halts() -> list[Meaning]:
    latching = [
        Meaning(
            "halt",
            name.value,
            HALTS[name],
            f"{NOTES[name].consequence} It stands until a person clears it.",
            NOTES[name].next_command,
        )
        for name in HaltName
        if name not in _ENDING
    ]
    ending = [
        Meaning("halt", name.value, HALTS[name], does, following)
        for name, (does, following) in _ENDING.items()
    ]
    return latching + ending


def _breakers() -> list[Meaning]:
    return [
        Meaning(
            "breaker",
            name.value,
            MEASURED[name.value].title,
            "Nothing is bought while it is open; it closes by itself after clean cycles.",
            "trader247 risk status",
        )
        for name in BreakerName
    ]


def _controls() -> list[Meaning]:
    entries = {**MEASURED, **PROMISES}
    found = [
        Meaning("control", id, each.title, each.text, f"trader247 risk controls {id}")
        for id, each in entries.items()
    ]
    for kind in ALL_CHECKS:
        text = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[2]
        found.append(
            Meaning(
                "control",
                kind.id,
                _title(kind.__doc__),
                " ".join(text.split()) or _ENTRY_REFUSED,
                f"trader247 risk controls {kind.id}",
            )
        )
    return found


def _alerts() -> list[Meaning]:
    halts = [
        Meaning("alert", each.code, f"The halt {each.code}: {each.what}", each.does, each.next)
        for each in _halts()
    ]
    breakers = [
        Meaning("alert", f"breaker_{each.code}", each.what, each.does, each.next)
        for each in _breakers()
    ]
    bans = [
        Meaning(
            "alert",
            f"ban_{control}",
            f"The control {control} found fault with a product or a strategy.",
            "It buys nothing until a person clears it; resting buys are cancelled, exits go on.",
            f"trader247 risk status; trader247 risk controls {control}",
        )
        for control in BANNING
    ]
    bans += [
        Meaning(
            "alert",
            f"conduct_{control}",
            what,
            "Trading goes on; nothing but this word follows.",
            "trader247 risk controls conduct",
        )
        for control, what in (
            (ORDER_RATIO, "Many orders were sent today for each that traded."),
            (SELF_MATCH, "An order was refused because it would have met one of ours."),
        )
    ]
    return [
        *halts,
        *breakers,
        *bans,
        *(Meaning("alert", code, *words) for code, words in ALERTS.items()),
    ]


def _title(doc: str | None) -> str:
    return " ".join(inspect.cleandoc(doc or "").partition("\n\n")[0].split())
