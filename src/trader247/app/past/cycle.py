"""A cycle of the past as it was decided: the world that it saw, and what was done after it."""

from __future__ import annotations

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.settings.journalled import journalled_limits, journalled_policy
from trader247.app.settings.problems import SettingsInvalid
from trader247.core.booking import fold
from trader247.core.policy import Policy
from trader247.core.why.world import World
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import LedgerError, StorageError, UsageError
from trader247.domain.events.book import PolicyAdopted, SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

_AS_IT_WAS = (
    "what decided a cycle must be as it was then: put the strategy's file back, or use the "
    "version that wrote the journal"
)


@dataclass(frozen=True, slots=True)
class PastCycle:
    """One cycle, ready to be decided again.

    `world` is what it was decided on, `acts` the events that followed up to the next cycle, and
    `code_version` the program that decided it first. `is_over` says that the next one has begun.
    """

    seq: int
    event: CycleDecided
    world: World
    code_version: str
    acts: tuple[AnyEvent, ...]
    is_over: bool


def number_of(journal: JournalReader, *, cycle: int | None, at: Instant | None) -> int:
    """The number of the cycle that is meant: the one named, the last one at a time, else the last.

    Raises:
        UsageError: there was no such cycle; it says which there are.
    """
    last = journal.cycle_at(Instant.parse("9999-12-31T23:59:59Z"))
    if last is None:
        raise UsageError("no cycle was decided yet", hint="trader247 cycle decides one")
    if cycle is not None:
        return cycle
    if at is None:
        return last
    found = journal.cycle_at(at)
    if found is None:
        raise UsageError(
            f"no cycle was decided at or before {at}",
            hint="trader247 state show events shows the first one",
        )
    return found


def past_cycle(journal: JournalReader, number: int) -> PastCycle:
    """The cycle of this number.

    Raises:
        UsageError: there was no such cycle.
        LedgerError: it has no policy, or an event contradicts what came before it.
        StorageError: what it saw cannot be read.
        SettingsInvalid: this version cannot read the policy that was adopted.
    """
    found = journal.cycle(number)
    if found is None or not isinstance(found.event, CycleDecided):
        last = journal.cycle_at(Instant.parse("9999-12-31T23:59:59Z"))
        raise UsageError(
            f"there is no cycle {number}; the last one is {last}",
            hint="cycles count from 1; --at TIME finds the one of a time",
        )
    acts, is_over = _acts(journal, found.seq)
    return PastCycle(
        seq=found.seq,
        event=found.event,
        world=World(
            snapshot=journal.snapshot_of(found.event.seen),
            portfolio=portfolio_before(journal, found.seq),
            policy=policy_before(journal, found.seq),
        ),
        code_version=version_before(journal, found.seq),
        acts=acts,
        is_over=is_over,
    )


def version_before(journal: JournalReader, seq: int) -> str:
    """The program that wrote event `seq`. Raises StorageError: no session was started."""
    started = journal.last(SessionStarted.kind, before=seq)
    if started is None or not isinstance(started.event, SessionStarted):
        raise StorageError(
            f"no session was started before event {seq}", hint="see: trader247 state verify"
        )
    return started.event.code_version


def portfolio_before(journal: JournalReader, seq: int) -> Portfolio:
    """The ledger as it stood before event `seq`.

    Raises:
        StorageError, LedgerError: the journal cannot be read or contradicts itself.
    """
    portfolio = journal.portfolio(before=seq) or Portfolio()
    for recorded in journal.recorded(portfolio.seq, until=seq - 1):
        portfolio = fold(portfolio, recorded)
    return portfolio


def policy_before(journal: JournalReader, seq: int) -> Policy:
    """The policy in force at event `seq`.

    Raises:
        LedgerError: none was adopted, or its text is not what its hash says.
        SettingsInvalid: this version cannot read it.
    """
    return adopted_policy(_adopted_before(journal, seq))


def limits_before(journal: JournalReader, seq: int) -> Policy:
    """As `policy_before`, where nothing is decided by it."""
    return adopted_limits(_adopted_before(journal, seq))


def adopted_policy(event: PolicyAdopted) -> Policy:
    """The policy whose text an event has.

    Raises:
        LedgerError: it is not what its hash says.
        SettingsInvalid: this version cannot read it, or a strategy's file is not what it was.
    """
    try:
        policy = journalled_policy(event.text)
    except SettingsInvalid as error:
        raise SettingsInvalid(error.problems, hint=_AS_IT_WAS) from error
    return _sealed(policy, event)


def adopted_limits(event: PolicyAdopted) -> Policy:
    """As `adopted_policy`, where nothing is decided by it."""
    return _sealed(journalled_limits(event.text), event)


def _adopted_before(journal: JournalReader, seq: int) -> PolicyAdopted:
    adopted = journal.last(PolicyAdopted.kind, before=seq)
    if adopted is None or not isinstance(adopted.event, PolicyAdopted):
        raise LedgerError("the cycle was decided before a policy was adopted")
    return adopted.event


def _sealed(policy: Policy, event: PolicyAdopted) -> Policy:
    if policy.hash != event.policy_hash:
        raise LedgerError(f"the text of policy {event.policy_hash} is that of {policy.hash}")
    return policy


def _acts(journal: JournalReader, seq: int) -> tuple[tuple[AnyEvent, ...], bool]:
    acts: list[AnyEvent] = []
    for recorded in journal.recorded(seq):
        if isinstance(recorded.event, CycleDecided):
            return tuple(acts), True
        acts.append(recorded.event)
    return tuple(acts), False
