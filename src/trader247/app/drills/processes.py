"""Emergencies of processes, with real ones: stopped, doubled, killed again and again."""

from __future__ import annotations

import signal
from datetime import timedelta
from functools import partial

from trader247.adapters.kill_switch import KillSwitch
from trader247.app.drills.buying import must_buy
from trader247.app.drills.drill import Account, Drill, Evidence, Yard, span
from trader247.app.drills.programs import Programs
from trader247.domain.events.book import InstanceRefused, SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.reasons import HaltName
from trader247.domain.time import SECOND

PROVEN_MAX = 5 * SECOND
REFUSED_MAX = 20 * SECOND
"""With the start of the interpreter, on a machine that is busy; the lock itself answers at once."""
_CRASHES = 6
_SPEED = 30


def _by_command(yard: Yard, account: Account) -> None:
    must_buy(yard)
    programs = Programs(yard)
    with programs.begun("run", "--speed", _SPEED):
        programs.expect("no cycle was made", lambda: bool(programs.recorded(CycleDecided)))
        ended = programs.run("kill", "on", "--reason", "drill")
        halt = _halt(programs, HaltName.KILL_SWITCH)
        account.claim(
            "`kill on` answers that nothing of ours rests",
            ended.code == 0,
            f"exit {ended.code}, {span(ended.took)}",
        )
        account.within("with its start, within its time", ended.took, PROVEN_MAX + 5 * SECOND)
        account.claim(
            "the journal has it, with the words of whoever did it",
            halt is not None and _cause(halt) == "drill",
            "none" if halt is None else _cause(halt),
        )
        seen = len(programs.recorded(CycleDecided))
        programs.wait(lambda: len(programs.recorded(CycleDecided)) > seen + 1, most=20 * SECOND)
        _claim_no_order_after(programs, account, halt)
    again = programs.run("run", "--speed", "max", "--cycles", 2)
    account.claim(
        "a new start does not resume",
        bool(programs.recorded(SessionStarted)) and not _orders_after(programs, halt),
        f"exit {again.code}, {len(_orders_after(programs, halt))} orders",
    )
    _show(account, halt)


def _stopped(yard: Yard, account: Account) -> None:
    must_buy(yard)
    programs = Programs(yard)
    switch = KillSwitch(programs.data)
    with programs.begun("run", "--speed", _SPEED) as process:
        programs.expect("no cycle was made", lambda: bool(programs.recorded(CycleDecided)))
        process.send_signal(signal.SIGSTOP)
        begun = _intents(programs)
        ended = programs.run("kill", "on", "--reason", "drill")
        account.claim(
            "`kill on` says that a trader which does not answer has proven nothing",
            ended.code == 7,
            f"exit {ended.code}, {span(ended.took)}",
        )
        process.send_signal(signal.SIGCONT)
        took = programs.wait(lambda: _is_clear(switch, process.pid), most=20 * SECOND)
        account.within("woken, it obeys before anything else", took, PROVEN_MAX)
        # One that was on its way at that very moment was begun before; it is cancelled.
        new = _intents(programs) - begun
        account.claim("no order is begun on waking", not new, f"{len(new)} begun")
        there = {str(each["client_order_id"]) for each in programs.orders()}
        account.claim(
            "nor is there any that was not begun before",
            there <= begun,
            f"{len(there - begun)} of {len(there)}",
        )
        halt = _halt(programs, HaltName.KILL_SWITCH)
        _claim_no_order_after(programs, account, halt)
    _show(account, halt)


def _second(yard: Yard, account: Account) -> None:
    programs = Programs(yard)
    with programs.begun("run", "--speed", _SPEED) as process:
        programs.expect("no cycle was made", lambda: bool(programs.recorded(CycleDecided)))
        ended = programs.run("run", "--speed", _SPEED)
        account.claim(
            "the second one is refused",
            ended.code == 5,
            f"exit {ended.code}",
        )
        account.within("at once", ended.took, REFUSED_MAX)
        programs.wait(lambda: bool(programs.recorded(InstanceRefused)), most=20 * SECOND)
        refused = programs.recorded(InstanceRefused)
        account.claim(
            "the first one has it in its journal", bool(refused), f"{len(refused)} events"
        )
        cycles = len(programs.recorded(CycleDecided))
        took = programs.wait(lambda: len(programs.recorded(CycleDecided)) > cycles)
        account.claim(
            "and goes on trading",
            took is not None and process.poll() is None,
            "no further cycle" if took is None else f"a cycle {span(took)} later",
        )
    epochs = {event.epoch for _, event in programs.recorded(SessionStarted)}
    account.claim("one process wrote the journal", len(epochs) == 1, f"epochs {sorted(epochs)}")
    _show(account, refused[0][0] if refused else None)


def _has_started(programs: Programs, times: int) -> bool:
    return len(programs.recorded(SessionStarted)) >= times


def _crashes(yard: Yard, account: Account) -> None:
    must_buy(yard)
    programs = Programs(yard)
    for number in range(1, _CRASHES + 1):
        with programs.begun("run") as process:
            programs.expect(
                f"start {number} did not come about",
                partial(_has_started, programs, number),
            )
            process.kill()
            process.wait()
    before = _halt(programs, HaltName.CRASH_LOOP)
    with programs.begun("run"):
        programs.expect(
            "the last start did not come about",
            lambda: len(programs.recorded(SessionStarted)) > _CRASHES,
        )
        took = programs.wait(
            lambda: _halt(programs, HaltName.CRASH_LOOP) is not None, most=10 * SECOND
        )
        halt = _halt(programs, HaltName.CRASH_LOOP)
        account.claim(
            f"after {_CRASHES} unclean ends within ten minutes it stops itself",
            before is None and took is not None and halt is not None,
            "never" if halt is None else _cause(halt),
        )
    _claim_no_order_after(programs, account, halt)
    ended = programs.run("state", "verify")
    account.claim("the journal is whole after all of them", ended.code == 0, f"exit {ended.code}")
    _show(account, halt)


def _intents(programs: Programs) -> set[str]:
    return {event.intent.client_order_id for _, event in programs.recorded(IntentRecorded)}


def _halt(programs: Programs, name: HaltName) -> Recorded | None:
    found = (each for each, event in programs.recorded(HaltLatched) if event.name is name)
    return next(found, None)


def _cause(halt: Recorded) -> str:
    assert isinstance(halt.event, HaltLatched), "that is what was looked for"
    return halt.event.cause


def _orders_after(programs: Programs, halt: Recorded | None) -> list[Recorded]:
    after = 0 if halt is None else halt.seq
    return [each for each, _ in programs.recorded(IntentRecorded) if each.seq > after]


def _claim_no_order_after(programs: Programs, account: Account, halt: Recorded | None) -> None:
    after = _orders_after(programs, halt)
    account.claim(
        "no order is begun after it",
        halt is not None and not after,
        "it never latched" if halt is None else f"{len(after)} orders",
    )


def _is_clear(switch: KillSwitch, pid: int) -> bool:
    word = switch.acknowledgement()
    return word is not None and word.pid == pid and word.is_clear


def _show(account: Account, found: Recorded | None) -> None:
    if found is not None:
        event: AnyEvent = found.event
        account.evidence.append(Evidence(found.seq, event.kind, event.ref))


PROCESSES = (
    Drill(
        name="kill_command",
        emergency="kill switch by command, beside a running trader",
        proves=("run.interval_seconds",),
        act=_by_command,
    ),
    Drill(
        name="kill_stopped",
        emergency="kill switch while the trader's process is stopped",
        proves=("execution.decision_seconds_max",),
        act=_stopped,
    ),
    Drill(
        name="second_instance",
        emergency="a second trader is started on the same folder",
        proves=(),
        act=_second,
    ),
    Drill(
        name="crash_loop",
        emergency="the process is killed again and again",
        proves=(),
        act=_crashes,
    ),
)
assert timedelta(0) < PROVEN_MAX, "a bound"
