"""The kill switch in words and as JSON: raised, proven, lowered, and where it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trader247.app.killing.proof import Proof
from trader247.cli.figures import to_the_second
from trader247.cli.output import say, show
from trader247.cli.views.standing import books_body, holder_body, tell, tell_halts, tell_holder
from trader247.domain.words import counted

if TYPE_CHECKING:
    from trader247.app.killing.proof import VenueCleared
    from trader247.app.killing.raising import KillOn, KillRaised
    from trader247.app.killing.releasing import KillOff, KillStatus


_UNKNOWN_TIME = "a time that is not known"


def _time(text: str | None) -> str:
    return _UNKNOWN_TIME if text is None else to_the_second(text)


def tell_raised(raised: KillRaised) -> None:
    """Say that the switch is on, as soon as it is."""
    if not raised.is_on:
        tell(f"THE KILL SWITCH COULD NOT BE RAISED: {raised.trouble}")
        return
    already = f", already since {_time(raised.since)}" if raised.was_on else ""
    show(f"KILL SWITCH ON{already}")
    tell(f"{raised.path}", indent="  ")
    if raised.said.reason:
        tell(f"reason: {raised.said.reason}", indent="  ")
    if not raised.is_told:
        say("note: the disk took the switch, but not its reason")
    if raised.trader is not None:
        show("stops the trader of this folder:")
        tell_holder(raised.trader)


def tell_proof(report: KillOn) -> None:
    """Say what is known of our orders, and what to type next."""
    seconds = f"{report.elapsed.total_seconds():.1f} s"
    if report.venue is not None:
        _tell_venue(report.venue)
    match report.proof:
        case Proof.VENUE:
            show(f"PROVEN after {seconds}: the venue lists no such order, and none can still come")
            if report.raised.is_on:
                show("next: trader247 status; trader247 kill off ends it")
            else:
                tell("next: the trader is NOT stopped; trader247 unlock --force ends its process")
            _tell_running(report)
        case Proof.VENUE_UNPROVEN:
            tell(f"NOT PROVEN after {seconds}: orders of ours may live at the venue.")
            # Nobody was asked where the key itself could not be used.
            is_asked = report.venue is None or report.venue.outcome is not None
            again = ", again" if is_asked else " --key-file PATH"
            show(f"next: trader247 kill on{again}; or cancel on the venue's own website")
            _tell_running(report)
        case Proof.NO_WAY:
            tell(
                "NOT PROVEN: real orders may live, and the folder does not say where: "
                "emergency.json is missing or cannot be read"
            )
            show("next: trader247 kill on --key-file PATH, or with CB_API_SECRET_FILE=PATH")
        case Proof.ACKNOWLEDGED:
            rests = _rests(report.kept)
            tell(f"PROVEN after {seconds}: {rests}, and none will be sent")
            show("next: trader247 status; trader247 kill off ends it")
        case Proof.AT_NEXT_START:
            but = ", but for sales" if report.raised.said.keeps_sales else ""
            tell(f"no trader runs on this folder; the next start cancels our orders first{but}")
            show("next: trader247 kill off ends it")
        case Proof.NOT_WAITED:
            show("not waited for: it is not proven that none of our orders rests")
            show("next: trader247 kill status")
            _tell_running(report)
        case Proof.UNPROVEN:
            tell(
                f"NOT PROVEN after {seconds}: the trader has not said that none of our orders "
                "rests. It may hang, be stopped, or not reach the venue."
            )
            show("next: trader247 kill status; trader247 unlock --force ends the process")
        case Proof.ELSEWHERE | Proof.LOWERED:
            _tell_not_stopped(report, seconds)
        case Proof.NOTHING_HERE:
            _tell_elsewhere(report)


def _tell_not_stopped(report: KillOn, seconds: str) -> None:
    if report.proof is Proof.LOWERED:
        tell(
            f"NOT STOPPED after {seconds}: somebody turned the switch off meanwhile, and orders "
            "may be sent again"
        )
        show("next: trader247 kill status; trader247 kill on, again")
        return
    tell(
        f"NOT STOPPED after {seconds}: a trader of another folder goes on, which does not look at "
        "this switch"
    )
    _tell_running(report)


def _tell_venue(venue: VenueCleared) -> None:
    outcome = venue.outcome
    if outcome is None:
        tell(f"{venue.host}: nothing was cancelled: {to_the_second(venue.trouble)}")
        return
    portfolio = f", portfolio {outcome.portfolio}" if outcome.portfolio else ""
    if outcome.left is None:
        tell(f"{venue.host}{portfolio}: {_orders(outcome.found)} found; what is left is UNKNOWN")
    else:
        tell(f"{venue.host}{portfolio}: {_orders(outcome.found)} found, {outcome.left} left")
    if outcome.first_empty is not None:
        show(f"none was listed any more after {outcome.first_empty.total_seconds():.1f} s")
    if outcome.kept:
        show(f"{outcome.kept} resting sales of ours were kept")
    if venue.trouble:
        tell(to_the_second(venue.trouble))


def _rests(kept: int) -> str:
    if not kept:
        return "none of our orders rests"
    return f"none of our orders rests but {counted(kept, 'sale')}, kept as wished"


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count} orders"


def _tell_elsewhere(report: KillOn) -> None:
    show("NOTHING TRADES HERE: this folder has neither a trader nor a journal")
    if not report.running:
        show("no trader of this user is known to run on this machine")
        return
    _tell_running(report)


def _tell_running(report: KillOn) -> None:
    if not report.running:
        return
    show("running traders of this user, and what stops each:")
    for each in report.running:
        tell_holder(each.holder)
        where = "ITS_FOLDER, which its command names" if each.data is None else each.data
        tell(f"trader247 kill on --data {where}", indent="  -> ")


def tell_off(report: KillOff) -> None:
    """Say what ended, and what still stands."""
    word = "KILL SWITCH OFF" if report.was_on else "the kill switch was off already"
    show(f"{word}: {report.data}")
    for outcome in report.outcomes:
        tell(to_the_second(outcome))
    if not report.outcomes:
        show("no journal remembered it")
    if any(book.halts or book.trouble for book in report.books):
        show("still standing:")
        tell_halts([book for book in report.books if book.halts or book.trouble])


def tell_status(report: KillStatus) -> None:
    """Say whether it is on, who has seen it, and what the journals remember."""
    if report.is_on:
        by = f", by {report.said.operator}" if report.said.operator else ""
        show(f"kill switch: ON since {_time(report.since)}{by}")
        tell(f"reason: {report.said.reason or 'none was given'}", indent="  ")
        if report.said.keeps_sales:
            show("  resting sales are kept until their end")
    else:
        show("kill switch: off")
    show(f"  {report.path}")
    _tell_seen(report)
    for book in report.books:
        match book.is_kill_latched:
            case True:
                show(f"{book.book}: the journal remembers it: trading is HALTED")
            case False:
                show(f"{book.book}: not latched")
            case None:
                tell(f"{book.book}: UNKNOWN: {book.trouble}")
    if not report.is_on and any(book.is_kill_latched for book in report.books):
        show("the file is gone, and that does not resume trading")
    if not report.is_clear:
        show("next: trader247 kill off ends it")


def _tell_seen(report: KillStatus) -> None:
    word = report.acknowledgement
    if report.trader is None:
        show("no trader runs on this folder")
    else:
        show("trader:")
        tell_holder(report.trader)
    if not report.is_on:
        return
    if word is None:
        show("not acknowledged")
    elif word.is_clear:
        tell(f"acknowledged by process {word.pid} at {_time(word.time)}: {_rests(word.kept)}")
    else:
        seen = f"seen by process {word.pid} at {_time(word.time)}"
        tell(f"{seen}; NOT PROVEN that none of our orders rests")


def off_body(report: KillOff) -> dict[str, object]:
    """What lowering the switch ended, for programs."""
    return {
        "data": report.data,
        "was_on": report.was_on,
        "done": report.outcomes,
        "books": books_body(report.books),
    }


def on_body(report: KillOn) -> dict[str, object]:
    """A raised switch and its proof, for programs."""
    raised = report.raised
    return {
        "on": raised.is_on,
        "trouble": raised.trouble or None,
        "was_on": raised.was_on,
        "data": raised.path.parent,
        "path": raised.path,
        "since": raised.since,
        "reason": raised.said.reason,
        "reason_written": raised.is_told,
        "trader": holder_body(raised.trader),
        "proof": report.proof,
        "proven": report.is_proven,
        "elapsed_ms": _ms(report.elapsed),
        "venue": _venue_body(report.venue),
        "keeps_sales": raised.said.keeps_sales,
        "kept": report.kept,
        "running": [
            {**(holder_body(each.holder) or {}), "data": each.data} for each in report.running
        ],
    }


def _venue_body(venue: VenueCleared | None) -> dict[str, object] | None:
    if venue is None:
        return None
    outcome = venue.outcome
    body: dict[str, object] = {
        "host": venue.host,
        "book": venue.book or None,
        "trouble": venue.trouble or None,
    }
    if outcome is None:
        return body
    first = outcome.first_empty
    return body | {
        "proven": outcome.is_proven,
        "portfolio": outcome.portfolio or None,
        "found": outcome.found,
        "left": outcome.left,
        "kept": outcome.kept,
        "listings": outcome.listings,
        "first_empty_ms": None if first is None else _ms(first),
    }


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def status_body(report: KillStatus) -> dict[str, object]:
    """The switch and the journals' memory of it, for programs."""
    word = report.acknowledgement
    return {
        "on": report.is_on,
        "data": report.path.parent,
        "path": report.path,
        "since": report.since,
        "reason": report.said.reason,
        "operator": report.said.operator,
        "keeps_sales": report.said.keeps_sales,
        "trader": holder_body(report.trader),
        "acknowledged": None
        if word is None
        else {
            "pid": word.pid,
            "clear": word.is_clear,
            "kept": word.kept,
            "time": word.time,
        },
        "latched": _latched(report),
        "books": [
            {"book": book.book, "latched": book.is_kill_latched, "trouble": book.trouble or None}
            for book in report.books
        ],
    }


def _latched(report: KillStatus) -> bool | None:
    """Whether any journal remembers the switch; null where none is known to and one is unread."""
    words = {book.is_kill_latched for book in report.books}
    return True if True in words else None if None in words else False
