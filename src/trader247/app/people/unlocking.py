"""The instance guard and the latched halts in a person's hands: look, release, re-arm."""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.holder import Holder
from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.books.choice import Choice
from trader247.app.figures import figure_of
from trader247.app.killing.halted import HaltedBook, halted_books
from trader247.app.people.asking import Answered, carried_out
from trader247.app.people.operator import operator
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed, UsageError
from trader247.domain.reasons import HaltName
from trader247.ports import CommandKind


@dataclass(frozen=True, slots=True)
class LockReport:
    """Who holds the guard of a folder, and what halts its books.

    `is_held` is the kernel's word. `holder` is whom the file names, None where there is no file:
    somebody else may hold the guard, and the named one may have ended.
    """

    data: Path
    is_held: bool
    holder: Holder | None
    books: tuple[HaltedBook, ...]

    @property
    def is_holder_alive(self) -> bool | None:
        """Whether the named process lives; None where it is another host's, or nobody is named."""
        return None if self.holder is None else self.holder.is_alive


def lock_report(data: Path) -> LockReport:
    """Look at the guard and the halts; nothing is changed.

    Raises:
        UsageError: there is no such folder.
        StorageError: the guard cannot be examined.
    """
    folder = data.resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no data folder {folder}", hint="name it with --data")
    guard = InstanceGuard(folder)
    return LockReport(folder, guard.is_held(), guard.holder(), halted_books(folder))


def release_dead(report: LockReport) -> bool:
    """Clean up after a holder that has ended. Answers whether there was anything to clean.

    The lock itself went with its process: what is left is the file that names it.

    Raises:
        NotAllowed: the guard is held by now, or the file names a process of another host.
        StorageError: the file cannot be removed.
    """
    return InstanceGuard(report.data).forget_holder()


def end_holder(report: LockReport) -> str:
    """End the process that holds the guard, and wait for the kernel. Answers what was done.

    Raises:
        NotAllowed: nobody holds it by now, it is another process than the one that was shown, or
            the holder is on another host or cannot be verified.
        StorageError: the lock stays held.
    """
    guard = InstanceGuard(report.data)
    if guard.is_held() and guard.holder() != report.holder:
        raise NotAllowed(
            f"meanwhile another process holds the guard: {guard.holder() or 'holder unknown'}",
            hint="look again: trader247 unlock",
        )
    done = guard.end_holder()
    if guard.holder() is not None and not guard.is_held():
        guard.forget_holder()
    return done


def clear_halt(
    choice: Choice, *, name: str, reason: str, accepted_peak: str | None
) -> tuple[Answered, ...]:
    """Re-arm one latched halt, if its cause does not stand any more.

    Raises:
        UsageError: there is no halt of that name, no reason, or the peak is no amount of money.
        Trader247Error: as `asking.carried_out` says.
    """
    wish = ban_named(name) or halt_named(name)
    if not reason.strip():
        raise UsageError("a halt is cleared for a reason", hint='--reason "what was mended"')
    word = wish if isinstance(wish, str) else wish.value
    arguments = {"name": word, "reason": reason.strip(), "operator": operator()}
    if accepted_peak is not None:
        arguments["accept_peak"] = _peak(wish, accepted_peak)
    return carried_out(choice, CommandKind.CLEAR_HALT, arguments, needs_policy=True)


def halt_named(text: str) -> HaltName:
    """The halt that a person means.

    Raises:
        UsageError: there is none; it lists the names.
    """
    try:
        return HaltName(text.strip().lower().replace("-", "_"))
    except ValueError:
        names = ", ".join(each.value for each in HaltName)
        raise UsageError(
            f"there is no halt {text!r}",
            hint=f"the names: {names}; a ban with whom it bans, as collar:BTC-USD",
        ) from None


def ban_named(text: str) -> str:
    """The ban that a person means, as `collar:BTC-USD`; empty where it is the name of a halt."""
    control, colon, scope = text.strip().partition(":")
    if not colon:
        return ""
    # A product has a dash and is in capitals; a strategy has none, and is in small letters.
    scope = scope.strip()
    return f"{control.strip().lower()}:{scope.upper() if '-' in scope else scope.lower()}"


def _peak(wish: HaltName | str, text: str) -> str:
    if wish is not HaltName.DRAWDOWN:
        name = wish if isinstance(wish, str) else wish.value
        raise UsageError(
            f"--accept-peak is for drawdown; {name} has no high-water mark",
            hint="leave it out",
        )
    figure = figure_of(text)
    if figure is None:
        raise UsageError(
            f"--accept-peak takes an amount of money, like 9100.50, not {text!r}",
            hint="trader247 risk status shows the equity",
        )
    return str(figure)
