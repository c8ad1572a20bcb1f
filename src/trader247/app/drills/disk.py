"""The disk fails: it is full, or the journal on it is damaged and comes back from a backup."""

from __future__ import annotations

import json
from pathlib import Path

from trader247.app.drills.drill import Account, Drill, Evidence, Unheld, Yard, span
from trader247.app.drills.programs import Ended, Programs
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.time import MINUTE

RESTORED_MAX = 5 * MINUTE
_CYCLES = 20
_ROOM = 300_000
"""How large a file may become on the disk that is full, in bytes."""
_PAGE = 4096


def _full(yard: Yard, account: Account) -> None:
    programs = Programs(yard)
    programs.run("run", "--speed", "max", "--cycles", _CYCLES).expect()
    before = len(programs.recorded(IntentRecorded))
    ended = programs.run("run", "--speed", "max", "--cycles", 3_000, file_max=_ROOM)
    account.claim(
        "the trader ends, and says that storage failed",
        ended.code == 8,
        f"exit {ended.code}, {span(ended.took)}",
    )
    _claim_every_order_recorded(programs, account)
    again = programs.run("run", "--speed", "max", "--cycles", 2)
    account.claim("with room again it goes on", again.code in (0, 1), f"exit {again.code}")
    _claim_whole(programs, account)
    starts = programs.recorded(SessionStarted)
    account.claim(
        "and knows that it did not end well",
        bool(starts) and not starts[-1][1].was_clean,
        f"{len(starts)} starts, {len(programs.recorded(IntentRecorded)) - before} orders meanwhile",
    )
    _show(account, programs)


def _restore(yard: Yard, account: Account) -> None:
    programs = Programs(yard)
    programs.run("run", "--speed", "max", "--cycles", _CYCLES).expect()
    programs.run("state", "backup").expect()
    programs.run("run", "--speed", "max", "--cycles", _CYCLES // 2).expect()
    lost = len(programs.orders())
    _damage(programs.places.journal)
    began = programs.clock.monotonic()
    refused = programs.run("run", "--speed", "max", "--cycles", 1)
    account.claim("a damaged journal is not traded on", refused.code == 8, f"exit {refused.code}")
    restored = programs.run("state", "restore", "--yes")
    account.claim("the backup is put back", restored.code == 0, f"exit {restored.code}")
    again = programs.run("run", "--speed", "max", "--cycles", 3)
    account.claim(
        "the trader starts on it, and reads at the venue what it had lost",
        again.code in (0, 1),
        f"exit {again.code}, {lost} orders at the exchange",
    )
    compared = programs.run("reconcile", "--json")
    body = _body(compared)
    account.claim(
        "books and venue agree",
        compared.code == 0 and body.get("breaks") == [],
        f"exit {compared.code}, breaks {body.get('breaks')}",
    )
    account.within(
        "from the damage to books that agree", programs.clock.monotonic() - began, RESTORED_MAX
    )
    _claim_whole(programs, account)
    _claim_every_order_recorded(programs, account)
    _show(account, programs)


def _body(ended: Ended) -> dict[str, object]:
    for line in ended.said.splitlines():
        if line.startswith("{"):
            body: dict[str, object] = json.loads(line)
            return body
    return {}


def _damage(journal: Path) -> None:
    """Overwrite every other page but the first ones: what a failing disk leaves.

    Raises:
        Unheld: there is too little to damage.
    """
    content = bytearray(journal.read_bytes())
    pages = range(4, len(content) // _PAGE, 2)
    if not pages:
        raise Unheld(f"{journal.name} has {len(content)} bytes: too few to damage")
    for page in pages:
        content[page * _PAGE : (page + 1) * _PAGE] = b"\xa5" * _PAGE
    journal.write_bytes(content)


def _claim_every_order_recorded(programs: Programs, account: Account) -> None:
    known = {event.intent.client_order_id for _, event in programs.recorded(IntentRecorded)}
    there = [str(each["client_order_id"]) for each in programs.orders()]
    strangers = [each for each in there if each not in known]
    account.claim(
        "the journal knows every order that the exchange ever took",
        not strangers and len(there) == len(set(there)),
        f"{len(there)} orders, {len(strangers)} unknown",
    )


def _claim_whole(programs: Programs, account: Account) -> None:
    ended = programs.run("state", "verify")
    account.claim("the journal verifies, to its first event", ended.code == 0, f"exit {ended.code}")


def _show(account: Account, programs: Programs) -> None:
    for recorded, event in programs.recorded(SessionStarted)[-1:]:
        account.evidence.append(Evidence(recorded.seq, event.kind, f"epoch {event.epoch}"))


DISK = (
    Drill(
        name="full_disk",
        emergency="the disk is full in the middle of trading",
        proves=(),
        act=_full,
    ),
    Drill(
        name="restore",
        emergency="the journal is damaged, and comes back from its backup",
        proves=("execution.overlap_start_hours",),
        act=_restore,
    ),
)
