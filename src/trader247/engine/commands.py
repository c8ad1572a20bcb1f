"""What a person asks of the running trader from another process."""

from __future__ import annotations

from trader247.core.alerts.acknowledging import meant
from trader247.core.alerts.words import TRIAL
from trader247.core.book.acceptance import prices_in, sentence_of
from trader247.core.policy import Policy
from trader247.core.risk.bans import standing_ban_cause
from trader247.core.risk.halts import peak_meant, standing_cause
from trader247.domain.changing import replace
from trader247.domain.errors import NotAllowed, VenueError
from trader247.domain.events.halts import BanCleared, HaltCleared, HaltLatched
from trader247.domain.events.people import AlertsAcknowledged
from trader247.domain.ids import ClientOrderId
from trader247.domain.money import Money
from trader247.domain.reasons import HaltName
from trader247.domain.texts import legible, one_line
from trader247.engine.accepting import Accepting
from trader247.engine.alert_watch import AlertWatch
from trader247.engine.hands import Hands
from trader247.engine.ledger import Ledger
from trader247.engine.staging import Staging
from trader247.ports import Command, CommandKind, StopSignal

_SAID = frozenset({"reason", "operator"})
"""Arguments that are a person's words, and stand among other lines wherever they are told."""


class Commands:
    """Each request ends in an event, or in a sentence that says why not."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        stop: StopSignal,
        policy: Policy,
        accepting: Accepting | None = None,
        hands: Hands | None = None,
        alert_watch: AlertWatch | None = None,
    ) -> None:
        """`accepting` and `hands` are None where there is no venue to ask.

        `alert_watch` is None where no channel is used.
        """
        self._ledger = ledger
        self._hands = hands
        self._accepting = accepting
        self._stop = stop
        self._policy = policy
        self._staging = Staging(ledger)
        self._alert_watch = alert_watch

    def obey(self, command: Command) -> tuple[bool, str]:  # noqa: PLR0911, PLR0912 - one line a request
        """Do what was asked. Returns whether it was done, and a sentence for the person.

        Raises:
            StorageError: the journal failed.
        """
        words = {
            name: one_line(word) if name in _SAID else legible(word)
            for name, word in command.arguments.items()
        }
        command = replace(command, arguments=words)
        match command.kind:
            case CommandKind.CLEAR_HALT:
                return self._clear(command)
            case CommandKind.PAUSE:
                return self._pause(command)
            case CommandKind.RESUME:
                return self._release(HaltName.PAUSE, command, "trading is not paused")
            case CommandKind.RELEASE_KILL:
                return self._release(HaltName.KILL_SWITCH, command, "no kill switch was journalled")
            case CommandKind.ALERT_TEST:
                self._ledger.record(TRIAL)
                return True, "a test alert is on its way"
            case CommandKind.ALERT_ACK:
                return self._acknowledge(command)
            case CommandKind.ACCEPT_MOVEMENT:
                return self._accept(command)
            case CommandKind.CONFIRM:
                return self._staging.confirm(command.arguments)
            case CommandKind.DISARM:
                return self._staging.disarm(command.arguments)
            case CommandKind.NOTE_SMOKE:
                return self._staging.note_smoke(command.arguments)
            case CommandKind.NOTE_DRILLS:
                return self._staging.note_drills(command.arguments)
            case CommandKind.NOTE_REFUSED_INSTANCE:
                return self._staging.note_refused_instance(command.arguments)
            case CommandKind.CANCEL_ORDERS | CommandKind.FLATTEN | CommandKind.ADOPT:
                return self._by_hand(command)

    def _clear(self, command: Command) -> tuple[bool, str]:
        if not all(command.arguments.get(each, "").strip() for each in ("reason", "operator")):
            return False, "a halt is cleared by somebody and for a reason: both are journalled"
        if ":" in command.arguments.get("name", ""):
            return self._forgive(command)
        try:
            name = HaltName(command.arguments.get("name", ""))
        except ValueError:
            known = ", ".join(each.value for each in HaltName)
            return False, f"no halt of that name; the names are: {known}"
        return self._release(name, command, f"{name.value} is not latched")

    def _forgive(self, command: Command) -> tuple[bool, str]:
        """Let a banned product or strategy buy again."""
        portfolio, key = self._ledger.portfolio, command.arguments.get("name", "")
        ban = portfolio.bans.get(key)
        if ban is None:
            standing = ", ".join(portfolio.bans) or "none"
            return True, f"{key} is not banned; banned now: {standing}"
        now = portfolio.time or ban.since
        cause = standing_ban_cause(ban, portfolio, self._policy, now)
        if cause is not None:
            return False, cause
        reason = command.arguments.get("reason", "")
        operator = command.arguments.get("operator", "")
        in_force = self._policy.hash
        self._ledger.record(BanCleared(ban.control, ban.scope, reason, operator, in_force))
        rest = [*(each.value for each in portfolio.halts), *self._ledger.portfolio.bans]
        stands = f"still standing: {', '.join(rest)}" if rest else "nothing else stands"
        return True, f"{key} cleared; {stands}"

    def _acknowledge(self, command: Command) -> tuple[bool, str]:
        known = self._ledger.portfolio.open_alerts
        wish = command.arguments.get("alert", "")
        codes = meant(known, wish)
        if not codes:
            waiting = ", ".join(f"{each.ids[0]} {code}" for code, each in known.items())
            if wish == "all":
                return True, "no critical alert waits to be acknowledged"
            return False, (
                f"no critical alert {wish} waits to be acknowledged; "
                f"waiting now: {waiting or 'nothing'}"
            )
        self._ledger.record(AlertsAcknowledged(codes, command.arguments.get("operator", "")))
        halts = [each.value for each in self._ledger.portfolio.halts]
        stands = f"; still halted by: {', '.join(halts)}" if halts else ""
        return True, f"acknowledged: {', '.join(codes)}; not told again{stands}"

    def _accept(self, command: Command) -> tuple[bool, str]:
        if self._accepting is None:
            return False, "this needs the venue's books: `trader247 reconcile --accept`"
        try:
            accepted = self._accepting.accept(
                command.arguments.get("reason", ""),
                prices=prices_in(command.arguments.get("prices", "")),
                orders=[
                    ClientOrderId(each) for each in command.arguments.get("orders", "").split()
                ],
            )
        except (NotAllowed, VenueError) as error:
            return False, f"{error}; {error.hint}" if error.hint else str(error)
        return True, "; ".join(sentence_of(movement) for movement in accepted)

    def is_cycle_wanted(self) -> bool:
        """Whether a cycle should do at once what a person just asked for; asked, it is taken."""
        return self._hands is not None and self._hands.take_wish()

    def _by_hand(self, command: Command) -> tuple[bool, str]:
        if self._hands is None:
            return False, "this needs the venue"
        match command.kind:
            case CommandKind.CANCEL_ORDERS:
                return self._hands.cancel(command.arguments)
            case CommandKind.ADOPT:
                return self._hands.adopt(command.arguments)
            case _:
                return self._hands.flatten(command.arguments)

    def _pause(self, command: Command) -> tuple[bool, str]:
        if HaltName.PAUSE in self._ledger.portfolio.halts:
            return True, "trading was paused already"
        reason = command.arguments.get("reason") or "paused by hand"
        self._ledger.record(HaltLatched(HaltName.PAUSE, reason))
        return True, "paused: only orders that lower exposure are sent, until `trader247 resume`"

    def _release(self, name: HaltName, command: Command, absent: str) -> tuple[bool, str]:
        portfolio = self._ledger.portfolio
        if name not in portfolio.halts:
            return True, absent
        peak_text = command.arguments.get("accept_peak")
        try:
            peak = peak_meant(Money.of(peak_text) if peak_text else None, portfolio)
        except ValueError as error:
            return False, f"--accept-peak takes an amount of money: {error}"
        cause = standing_cause(
            name,
            portfolio,
            self._policy,
            is_stop_raised=self._stop.is_raised(),
            accepted_peak=peak,
        )
        if cause is None and name is HaltName.ALERTS and self._alert_watch is not None:
            said = self._alert_watch.standing_cause()
            hint = "mend the channel (`trader247 alerts test`), or `trader247 alerts ack --all`"
            cause = f"{said}: {hint}" if said else None
        if cause is not None:
            return False, cause
        self._ledger.record(
            HaltCleared(
                name=name,
                reason=command.arguments.get("reason", ""),
                operator=command.arguments.get("operator", ""),
                accepted_peak=peak,
                policy_hash=self._policy.hash,
            )
        )
        rest = [halt.value for halt in self._ledger.portfolio.halts]
        if rest:
            return True, f"{name.value} cleared; still halted by: {', '.join(rest)}"
        return True, f"{name.value} cleared; nothing else halts trading"
