"""What each halt means to whoever hears of it: its name, the money, what follows, what to type."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.events.people import AlertRaised
from trader247.domain.money import total
from trader247.domain.portfolio import Halt, Portfolio
from trader247.domain.reasons import HaltName, Severity, TradingState
from trader247.domain.time import Instant

TRIAL = AlertRaised(
    Severity.INFO, "test", "A test: nothing happened. Alerts reach you. Next: trader247 status"
)
"""What is raised to try the channels; every one of them gets it."""


@dataclass(frozen=True, slots=True)
class HaltNote:
    """A halt in words; `next_command` is what clears it, or leads there."""

    name: HaltName
    title: str
    next_command: str

    @property
    def consequence(self) -> str:
        """What trader247 does while the halt stands."""
        if self.name.state is TradingState.HALTED:
            return "No order is sent, open orders are cancelled, positions are kept."
        return "Nothing is bought, exits still work."


def _unlock(name: HaltName, extra: str = "") -> str:
    return f'trader247 unlock halt {name.value}{extra} --reason "..."'


def _note(name: HaltName, title: str, command: str = "") -> HaltNote:
    return HaltNote(name, title, command or _unlock(name))


_ALL = (
    _note(HaltName.KILL_SWITCH, "KILL SWITCH ACTIVATED", "trader247 kill off"),
    _note(HaltName.INVARIANT, "Invariant violated"),
    _note(HaltName.STORAGE, "Storage failed"),
    _note(HaltName.CHAIN, "Journal chain broken", "trader247 state verify"),
    _note(HaltName.READ_ONLY, "Read-only was turned on"),
    _note(HaltName.KEY, "Key rejected"),
    _note(HaltName.DAILY_STOP, "Daily stop loss hit"),
    _note(HaltName.WEEKLY_STOP, "Weekly stop loss hit"),
    _note(
        HaltName.DRAWDOWN,
        "Maximum drawdown hit",
        _unlock(HaltName.DRAWDOWN, " --accept-peak EQUITY"),
    ),
    _note(HaltName.FEES, "Fees of the day over their share"),
    _note(
        HaltName.RECONCILIATION_BREAK,
        "Reconciliation break",
        f"trader247 reconcile, then {_unlock(HaltName.RECONCILIATION_BREAK)}",
    ),
    _note(HaltName.CRASH_LOOP, "Crash loop"),
    _note(
        HaltName.ALERTS,
        "Nobody can be told",
        f"trader247 alerts test, then {_unlock(HaltName.ALERTS)}",
    ),
    _note(HaltName.PAUSE, "Paused", "trader247 resume"),
)

NOTES = {note.name: note for note in _ALL}
assert set(NOTES) == set(HaltName), "every halt has its note"


def cause_of(halt: Halt) -> str:
    """A halt's title and cause as one sentence, the title said once."""
    title = NOTES[halt.name].title
    if halt.cause.startswith(title):
        return halt.cause
    return f"{title}: {halt.cause}"


def severity_of(name: HaltName) -> Severity:
    """A pause is a person's own wish; every other halt wants a person."""
    return Severity.INFO if name is HaltName.PAUSE else Severity.CRITICAL


def stake(portfolio: Portfolio) -> str:
    """The money that a message is about: equity, and what is held."""
    equity = portfolio.equity.equity
    known = "UNKNOWN" if equity is None else f"{equity.value:,.2f} {portfolio.quote_currency}"
    held = portfolio.positions.values()
    if not held:
        return f"Equity {known}, no position"
    cost = total([position.cost for position in held])
    word = "position" if len(held) == 1 else "positions"
    return f"Equity {known}, {len(held)} {word} that cost {cost.value:,.2f}"


def storage_alert(error: StorageError, portfolio: Portfolio, now: Instant) -> AlertRaised:
    """That the journal takes nothing any more, which ends whoever trades on it.

    It says when: a receiver would else take it for the one of another time.
    """
    note = NOTES[HaltName.STORAGE]
    text = (
        f"{note.title} at {now}: {error}. {stake(portfolio)}. trader247 has ended, and sends "
        "nothing: its orders were asked to end, with the stops of what is held, which nobody "
        "watches. Next: mend the disk, trader247 state verify, trader247 run"
    )
    return AlertRaised(Severity.CRITICAL, HaltName.STORAGE.value, text)
