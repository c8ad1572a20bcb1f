"""How often people are told: the first at once, the same rarely, a storm as one digest.

Whatever the trader raises passes here on its way to the channels. The same alert (code and
severity) goes out at most three times an hour by itself, a minute apart; more of it, and more than
twenty warnings or notes an hour, are folded into a digest. A critical one is told again every five
minutes until a person acknowledges it, or clears its cause; where it comes back after that, it is
told at once. No alert makes more than twelve messages an hour.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import field, replace

from trader247.domain.dataclass import dataclass
from trader247.domain.reasons import Severity
from trader247.ports import Alert

SAME_AGAIN_SECONDS = 60.0
AGAIN_SECONDS = 300.0
DIGEST_SECONDS = 600.0
HOUR_SECONDS = 3_600.0
BY_ITSELF_MAX = 3
MESSAGES_MAX = 12
"""Messages an hour about one code and severity, repetitions and digests among them."""
OTHERS_MAX = 20
"""Warnings an hour that go out by themselves; one more is a storm. As many notes."""

ESCALATED = ":escalated"
TEST = "test"
DIGEST = "folded"
HELD_MAX = 10_000
"""Alerts of which one digest knows that it tells of them: as many as their news have room for."""
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}

Key = tuple[str, Severity]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message; one channel is enough, unless it is for all of them."""

    alert: Alert
    is_for_all: bool
    held: tuple[int, ...] = ()
    """The alerts that are folded into it, and told of once it is delivered."""


@dataclass(slots=True)
class _Open:
    """A critical alert that nobody has acknowledged: the latest of its code."""

    alert: Alert
    since: float
    last: float
    raised: int = 1


@dataclass(slots=True)
class _Told:
    """When one code and severity went out lately: `by_itself`, and all in all."""

    by_itself: deque[float] = field(default_factory=deque)
    sent: deque[float] = field(default_factory=deque)


class AlertGate:
    """Decides on each alert; keeps what is folded and what is to be told again.

    It has no clock: `now` is in seconds of any steady clock, and never goes back.
    """

    def __init__(self) -> None:
        self._told: dict[Key, _Told] = {}
        self._others: dict[Severity, deque[float]] = {}
        self._open: dict[str, _Open] = {}
        self._folded: Counter[Key] = Counter()
        self._folded_since = 0.0
        self._held: deque[int] = deque(maxlen=HELD_MAX)
        self._is_storm = False
        self._storm = ""

    def passed(self, alert: Alert, now: float) -> Outgoing | None:
        """The message that an alert is, or None where it is folded."""
        code = base_code(alert)
        if alert.code == TEST:
            return Outgoing(alert, is_for_all=True)
        is_escalation = alert.code.endswith(ESCALATED)
        told = self._told.setdefault((code, alert.severity), _Told())
        is_back = alert.severity is Severity.CRITICAL and code not in self._open
        self._note(alert, code, now)
        is_folded = self._is_one_of_many(alert.severity, now)
        if not is_escalation and not is_back:
            is_folded |= _in_hour(told.by_itself, now) >= BY_ITSELF_MAX
            is_folded |= bool(told.sent) and now - told.sent[-1] < SAME_AGAIN_SECONDS
        if is_folded or _in_hour(told.sent, now) >= MESSAGES_MAX:
            self._fold(alert, code, now)
            return None
        told.sent.append(now)
        if not is_escalation:
            told.by_itself.append(now)
        if code in self._open and alert.severity is Severity.CRITICAL:
            self._open[code].last = now
        return Outgoing(alert, is_for_all=is_escalation)

    def remember(self, alert: Alert, *, now: float, told_ago: float, raised_ago: float) -> None:
        """Go on telling of an alert of an earlier process, raised first and told last so long ago.

        Counted from when it was told, two processes would repeat it in the same words.
        """
        since = now - max(raised_ago, told_ago)
        self._open[base_code(alert)] = _Open(alert, since, now - told_ago)

    def fold_again(self, alert: Alert, *, now: float, folded_ago: float) -> None:
        """Keep for the digest what an earlier process folded and could not tell of any more."""
        is_first = not self._folded
        self._fold(alert, base_code(alert), now)
        since = now - folded_ago
        self._folded_since = since if is_first else min(since, self._folded_since)

    def is_held(self, alert: Alert) -> bool:
        """Whether a folded alert waits for the digest, rather than for a repetition."""
        return bool(self._held) and self._held[-1] == alert.id

    def acknowledged(self, code: str) -> None:
        """A person knows of it, or its cause was cleared: it is not told again."""
        self._open.pop(code, None)

    def due(self, now: float, *, is_ending: bool = False) -> tuple[Outgoing, ...]:
        """What time alone makes worth a message: critical ones again, and the digest."""
        found = []
        for code, each in self._open.items():
            told = self._told.setdefault((code, Severity.CRITICAL), _Told())
            if now - each.last >= AGAIN_SECONDS and _in_hour(told.sent, now) < MESSAGES_MAX:
                each.last = now
                told.sent.append(now)
                found.append(Outgoing(_again(each, now), is_for_all=True))
        if self._folded and (is_ending or now - self._folded_since >= DIGEST_SECONDS):
            found.append(self._digest(now))
        return tuple(found)

    def take_storm(self) -> str:
        """That a storm of warnings began, in a sentence, once; else empty."""
        storm, self._storm = self._storm, ""
        return storm

    def _note(self, alert: Alert, code: str, now: float) -> None:
        if alert.severity is not Severity.CRITICAL:
            return
        known = self._open.get(code)
        if known is None:
            # Whoever is told of it the first time is told again five minutes later.
            self._open[code] = _Open(alert, now, now)
        elif not alert.code.endswith(ESCALATED):
            known.alert = alert
            known.raised += 1

    def _is_one_of_many(self, severity: Severity, now: float) -> bool:
        if severity is Severity.CRITICAL:
            return False
        lately = self._others.setdefault(severity, deque(maxlen=OTHERS_MAX + 1))
        is_calm = _in_hour(lately, now) < OTHERS_MAX
        lately.append(now)
        if severity is Severity.WARNING:
            if not is_calm and not self._is_storm:
                self._storm = (
                    f"More than {OTHERS_MAX} warnings within an hour: they are folded into a "
                    "digest every ten minutes."
                )
            self._is_storm = not is_calm
        return not is_calm

    def _fold(self, alert: Alert, code: str, now: float) -> None:
        is_told_again = code in self._open and alert.severity is Severity.CRITICAL
        if is_told_again:
            return  # the repetition tells how often it was raised
        if not self._folded:
            self._folded_since = now
        self._folded[code, alert.severity] += 1
        self._held.append(alert.id)

    def _digest(self, now: float) -> Outgoing:
        worst = max((severity for _, severity in self._folded), key=_RANK.__getitem__)
        minutes = max(1, round((now - self._folded_since) / 60))
        lines = [
            f"{count:,} x {severity.value} {code}"
            for (code, severity), count in self._folded.most_common(10)
        ]
        more = len(self._folded) - len(lines)
        rest = f", and {more} other codes" if more > 0 else ""
        text = (
            f"Folded within {minutes} min: {'; '.join(lines)}{rest}. trader247 did what each of "
            "them says. Next: trader247 alerts list"
        )
        held = tuple(self._held)
        self._folded.clear()
        self._held.clear()
        return Outgoing(Alert(worst, DIGEST, text, held[-1]), is_for_all=False, held=held)


def base_code(alert: Alert) -> str:
    """The code of an alert, or of the one that it escalates."""
    return alert.code.removesuffix(ESCALATED)


def _again(known: _Open, now: float) -> Alert:
    minutes = int((now - known.since) // 60)
    often = f", raised {known.raised:,} times" if known.raised > 1 else ""
    text = (
        f"Again, not acknowledged for {minutes} min{often}: {known.alert.text}. "
        f"To end this: trader247 alerts ack {known.alert.id}"
    )
    return replace(known.alert, text=text)


def _in_hour(times: deque[float], now: float) -> int:
    while times and now - times[0] >= HOUR_SECONDS:
        times.popleft()
    return len(times)
