"""What a journal keeps outside its chain: folded snapshots, and what became of alerts."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from itertools import pairwise

import apsw

from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.codec import UnreadableRecord, decode, encode, shape_of
from trader247.domain.dataclass import dataclass
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant
from trader247.ports import Alert, Delivery

PORTFOLIOS_KEPT = 2
"""Folded snapshots kept for the next start."""

PORTFOLIO_EVERY = 256
"""Of each so many events the first folded snapshot is kept for good, for who asks of the past:
about an hour and a half, whose events are folded in some ten milliseconds."""

RESENT_MAX = 50
"""Alerts sent again after a restart, at the most."""

RESENT_WITHIN_EVENTS = 2_000
"""How far back those may lie, in events: about a day of cycles."""

DETAIL_MAX = 200
"""Characters kept of why a delivery failed."""


def save(connection: apsw.Connection, portfolio: Portfolio) -> None:
    """Keep a folded snapshot with the hash of the last event in it."""
    text = zlib.compress(told(portfolio).encode("ascii"))
    connection.execute(
        "INSERT OR REPLACE INTO portfolios(seq, hash, shape, payload) "
        "SELECT seq, hash, ?, ? FROM events WHERE seq = ?",
        (shape_of(Portfolio), text, portfolio.seq),
    )
    _thin(connection)


def _thin(connection: apsw.Connection) -> None:
    """Let go of what is neither among the newest nor the first of its span.

    All before the newest few were thinned when they were saved: a year of them is not gone through.
    """
    found = connection.execute(
        "SELECT seq FROM portfolios ORDER BY seq DESC LIMIT ?", (PORTFOLIOS_KEPT + 2,)
    )
    newest = [int(str(seq)) for (seq,) in found]
    for seq, before in pairwise(newest[PORTFOLIOS_KEPT:]):
        if seq // PORTFOLIO_EVERY == before // PORTFOLIO_EVERY:
            connection.execute("DELETE FROM portfolios WHERE seq = ?", (seq,))


def load(connection: apsw.Connection, *, before: int | None = None) -> Portfolio | None:
    """The latest snapshot that this version can read and whose event still stands in the chain.

    With `before`, the latest that holds no event from that one on.
    """
    rows = connection.execute(
        "SELECT p.payload FROM portfolios p JOIN events e ON e.seq = p.seq AND e.hash = p.hash "
        "WHERE p.shape = ? AND (? IS NULL OR p.seq < ?) ORDER BY p.seq DESC",
        (shape_of(Portfolio), before, before),
    )
    for (payload,) in rows:
        try:
            return decode(Portfolio, json.loads(_text(payload)))
        except (UnreadableRecord, json.JSONDecodeError):
            continue  # folding from an older one, or from the start, is slower and as true
    return None


@dataclass(frozen=True, slots=True)
class Saved:
    """A folded snapshot as it is stored: the texts that `save` wrote."""

    seq: int
    shape: str
    payload: str

    @property
    def is_of_this_version(self) -> bool:
        """Whether this version can read it."""
        return self.shape == shape_of(Portfolio)


def saved_at(connection: apsw.Connection) -> tuple[int, ...]:
    """Up to which event each folded snapshot that is kept goes, readable or not, oldest first."""
    found = connection.execute("SELECT seq FROM portfolios ORDER BY seq")
    return tuple(int(str(seq)) for (seq,) in found)


def saved_by_others(connection: apsw.Connection) -> frozenset[int]:
    """Up to which event those go that a version with another ledger saved."""
    found = connection.execute(
        "SELECT seq FROM portfolios WHERE shape <> ?", (shape_of(Portfolio),)
    )
    return frozenset(int(str(seq)) for (seq,) in found)


def saved(connection: apsw.Connection, seq: int) -> Saved | None:
    """The folded snapshot up to that event, as it is stored; None where there is none."""
    row = connection.execute("SELECT shape, payload FROM portfolios WHERE seq = ?", (seq,))
    found = row.fetchone()
    return None if found is None else Saved(seq, str(found[0]), _readable(found[1]))


def _text(stored: object) -> str:
    """A saved ledger's text. Raises UnreadableRecord: it is none."""
    try:
        return zlib.decompress(stored if isinstance(stored, bytes) else b"").decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise UnreadableRecord(f"a saved ledger cannot be read: {error}") from error


def _readable(stored: object) -> str:
    """As `_text`, empty where it cannot be read: then it is no ledger."""
    try:
        return _text(stored)
    except UnreadableRecord:
        return ""


def told(portfolio: Portfolio) -> str:
    """A portfolio as it would be saved: equal ledgers give equal texts."""
    return canonical(encode(portfolio))


def keep(connection: apsw.Connection, deliveries: Sequence[Delivery], now: Instant) -> None:
    """Keep what became of alerts; a delivery, once made, stays made.

    The row of the outbox itself keeps the time from which an alert was to be delivered in vain.
    """
    connection.executemany(
        "INSERT INTO deliveries(alert, channel, is_delivered, attempts, time, detail) "
        "VALUES(?,?,?,?,?,?) ON CONFLICT(alert, channel) DO UPDATE SET "
        "is_delivered = max(is_delivered, excluded.is_delivered), "
        "attempts = max(attempts, excluded.attempts), "
        "time = CASE channel WHEN 'outbox' THEN time ELSE excluded.time END, "
        "detail = excluded.detail",
        [
            (
                each.alert,
                each.channel,
                int(each.is_delivered),
                each.attempts,
                str(now),
                each.detail[:DETAIL_MAX],
            )
            for each in deliveries
        ],
    )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Alerts that no channel has taken, oldest first: those to be sent, and those in a digest."""

    single: tuple[Alert, ...]
    folded: tuple[Alert, ...]


def undelivered(connection: apsw.Connection, *, is_clean: bool) -> Undelivered:
    """Alerts that no channel has taken: of the newest those tried in vain, and all that are folded.

    What waits for a digest costs one line of it, however old it is, so that none is left out.
    After an unclean end also those without an attempt: the process may have died before it. After
    a clean one they were raised while no channel was configured, and stay where they are.
    """
    rows = connection.execute(
        "SELECT a.seq, a.severity, a.code, a.text, coalesce(max(d.channel = 'folded'), 0) "
        "FROM alerts a LEFT JOIN deliveries d ON d.alert = a.seq "
        "WHERE a.seq > (SELECT max(seq) - ? FROM events) OR a.seq IN "
        "(SELECT alert FROM deliveries WHERE channel = 'folded' AND NOT is_delivered) "
        "GROUP BY a.seq "
        "HAVING coalesce(max(d.is_delivered), 0) = 0 AND (count(d.alert) > 0 OR ?) "
        "ORDER BY a.seq",
        (RESENT_WITHIN_EVENTS, not is_clean),
    ).fetchall()
    found: tuple[list[Alert], list[Alert]] = ([], [])
    for seq, severity, code, text, is_folded in rows:
        alert = Alert(Severity(str(severity)), str(code), str(text), int(str(seq)))
        found[bool(is_folded)].append(alert)
    single, folded = found
    return Undelivered(tuple(single[-RESENT_MAX:]), tuple(folded))


def delivery_times(
    connection: apsw.Connection, alerts: Sequence[int]
) -> dict[int, tuple[Instant | None, Instant | None]]:
    """By alert, when it was first tried in vain and when it was delivered last."""
    marks = ",".join("?" * len(alerts))
    rows = connection.execute(
        "SELECT alert, min(CASE WHEN is_delivered = 0 THEN time END), "  # noqa: S608 - marks alone
        f"max(CASE WHEN is_delivered = 1 THEN time END) FROM deliveries WHERE alert IN ({marks}) "
        "GROUP BY alert",
        tuple(alerts),
    )
    return {int(str(alert)): (_moment(failed), _moment(told)) for alert, failed, told in rows}


def _moment(text: object) -> Instant | None:
    return None if text is None else Instant.parse(str(text))
