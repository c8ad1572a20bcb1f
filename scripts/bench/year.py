"""A journal of a year of minutes, made from a real run in minutes of real time.

A real run's cycles are told again and again, each time by whole days later: with times, cycles,
decisions and orders of their own, chained, packed and projected by the journal's own functions. A
telling ends flat and with the money it began with, so that the next one begins as the first did.
Frames that build on others are the same bytes whatever the day; those that do not are packed anew
by the writer's own function. So each event and each frame is of the kind and size of a real one,
in a real one's mix, and every reader finds a year. The saved ledgers are what the events give:
`state verify` takes it for whole.

    python -m scripts.bench.year DATA TARGET [CYCLES]
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import apsw

from trader247.adapters.ids import DerivedIds
from trader247.adapters.sqlite import beside, packed
from trader247.adapters.sqlite.brief import BriefReader
from trader247.adapters.sqlite.chain import Row, canonical, link
from trader247.adapters.sqlite.codec import shape_of
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.kinds import to_payload
from trader247.adapters.sqlite.market import segment_frames
from trader247.adapters.sqlite.market.frames import pack
from trader247.adapters.sqlite.market.segment_writer import SegmentWriter
from trader247.adapters.sqlite.projections import project
from trader247.adapters.sqlite.reader import JournalReader
from trader247.adapters.sqlite.rows import recorded, rows_after, segments_of
from trader247.core.booking import fold
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import FillBooked, OrderSeen
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId
from trader247.domain.market import Bars, Snapshot
from trader247.domain.money import Money
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import DAY, Instant

YEAR = 525_600
CYCLES_SAVED = 96
"""A ledger is saved so often, as a trader's are kept."""

_TOLD_AGAIN = re.compile(
    r'(?<="cycle":)(?P<cycle>\d+)'
    r"|(?<![\w.])(?P<decision>\d+)(?=:[A-Z0-9]{2,10}-[A-Z]{3,5}\b)"
    r"|(?P<date>20\d\d-\d\d-\d\d)(?=T\d\d:)"
    r"|(?P<order>t247-[0-9a-f]{6}-\d+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?P<venue>\b[0-9a-f]{8}(?=(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))"
)

_START = re.compile(r":start=(\S+)")


@dataclass(frozen=True, slots=True)
class Scene:
    """A real run, up to a moment from which it can be begun again."""

    rows: tuple[Row, ...]
    frames: tuple[bytes, ...]
    ending: tuple[tuple[AnyEvent, Instant], ...]
    orders: dict[str, tuple[int, str, int, int]]
    cycles: int
    days: int
    beginnings: int
    """Events that happen once, before the first cycle."""
    sources: tuple[Snapshot | None, ...]
    """Of frames that build on no base: what they tell."""


class Later:
    """Texts of a run, told so many days and cycles later."""

    _pieces: ClassVar[dict[str, tuple[list[tuple[str, str, str]], str]]] = {}
    """Each text of the run, cut at what is told otherwise each time: it is looked for once."""

    def __init__(self, scene: Scene, ids: DerivedIds, *, telling: int) -> None:
        self.days = scene.days * telling
        self.cycles = scene.cycles * telling
        self._telling = telling
        self._ids = ids
        self._orders = scene.orders
        self._known: dict[tuple[str, str], str] = {}

    def text(self, text: str) -> str:
        """The text, with its times, cycles, decisions and orders."""
        if not self._telling:
            return text
        found = self._pieces.get(text)
        if found is None:
            found = self._pieces[text] = _cut(text)
        pieces, rest = found
        told: list[str] = []
        for before, kind, token in pieces:
            again = self._known.get((kind, token))
            if again is None:
                again = self._known[kind, token] = self._told(kind, token)
            told += before, again
        return "".join((*told, rest))

    def _told(self, kind: str, token: str) -> str:
        match kind:
            case "cycle" | "decision":
                return str(int(token) + self.cycles)
            case "date":
                return (date.fromisoformat(token) + timedelta(days=self.days)).isoformat()
            case "order":
                return self._order(token)
            case _:
                return f"{(int(token, 16) + self._telling * 0x9E3779B1) % (1 << 32):08x}"

    def _order(self, name: str) -> str:
        cycle, product, leg, epoch = self._orders[name]
        decision = f"{cycle + self.cycles}:{product}"
        return self._ids.client_order(epoch=epoch, decision=DecisionId(decision), leg=leg)


def _cut(text: str) -> tuple[list[tuple[str, str, str]], str]:
    """What stands before each token, its kind and itself; and what stands behind the last."""
    pieces, at = [], 0
    for found in _TOLD_AGAIN.finditer(text):
        kind = found.lastgroup or ""
        start, end = found.span(kind)
        pieces.append((text[at:start], kind, found[kind]))
        at = end
    return pieces, text[at:]


def make(data: Path, target: Path, *, cycles: int = YEAR, book: str = "paper-sim") -> int:
    """Make, in the folder `target`, a journal of so many cycles from the run in `data`.

    Answers how many cycles it has: the first whole number of tellings that is enough.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    source, journal = target / f"{book}.source.db", target / f"{book}.db"
    _copy(data / f"{book}.db", source)
    shutil.copytree(data / f"{book}.segments", segments_of(source), dirs_exist_ok=True)
    SqliteJournal.open(source, clock_wall=_wall, genesis="", install_id="").close()
    with JournalReader.open(source) as reader:
        scene = _scene(reader, segments_of(source))
        install = reader.meta("install_id")
        genesis = reader.meta("genesis")
    tellings = -(-cycles // scene.cycles)
    scene = _opened_at(scene, tellings * scene.days)
    SqliteJournal.open(journal, clock_wall=_wall, genesis=genesis, install_id=install).close()
    connection = apsw.Connection(str(journal))
    connection.execute("PRAGMA synchronous=off; PRAGMA journal_mode=off; PRAGMA cache_size=-200000")
    writer = _Telling(connection, segments_of(journal), scene, DerivedIds(install), genesis)
    for telling in range(tellings):
        connection.execute("BEGIN")
        writer.tell(telling)
        connection.execute("COMMIT")
        print(f"{(telling + 1) * scene.cycles:,} cycles", file=sys.stderr, flush=True)
    connection.execute("PRAGMA journal_mode=wal")
    connection.close()
    source.unlink()
    shutil.rmtree(segments_of(source))
    return tellings * scene.cycles


class _Telling:
    """Writes one telling after another."""

    def __init__(
        self,
        connection: apsw.Connection,
        segments: Path,
        scene: Scene,
        ids: DerivedIds,
        genesis: str,
    ) -> None:
        self._connection = connection
        self._segments = segments
        self._scene = scene
        self._ids = ids
        self._seq, self._hash = 0, genesis
        self._shape = shape_of(Portfolio)
        self._brief, self._folded = BriefReader(), Portfolio()
        self._days: dict[str, Counter[str]] = {}
        self._endings: dict[int, Counter[str]] = {}
        segments.mkdir(mode=0o700, exist_ok=True)

    def tell(self, telling: int) -> None:
        scene, later = self._scene, Later(self._scene, self._ids, telling=telling)
        refs = self._frames(later)
        numbers = count(later.cycles + 1)
        for row in scene.rows[scene.beginnings if telling else 0 :]:
            payload = row.payload if row.kind == "journal_opened" else later.text(row.payload)
            told = None
            if row.kind == CycleDecided.kind:
                ref = next(refs)
                payload, told = _seen(payload, ref), (next(numbers), ref)
            elif row.kind == "intent_recorded" and telling:
                payload = _signed(payload)
            at = later.text(f'"{row.time}"')[1:-1]
            self._append(row, at, later.text(row.ref), payload, told)
            if told is not None and told[0] % CYCLES_SAVED == 0:
                self._save()
        self._count()
        for event, time in scene.ending:
            payload = later.text(canonical(to_payload(event)))
            moment = later.text(f'"{time}"')[1:-1]
            row = Row(0, event.v, moment, event.kind, later.text(event.ref), payload, "", "")
            self._append(row, moment, row.ref, payload)

    def _append(
        self,
        row: Row,
        time: str,
        ref: str,
        payload: str,
        cycle: tuple[int, SegmentRef] | None = None,
    ) -> None:
        seq, before = self._seq + 1, self._hash
        named = {"seq": seq, "v": row.v, "time": time, "kind": row.kind, "ref": ref}
        hash = link(before, payload=payload, **named)  # type: ignore[arg-type] # texts and numbers
        self._connection.execute(
            "INSERT INTO events(seq, v, time, kind, ref, payload, prev_hash, hash) "
            "VALUES(?,?,?,?,?,?,?,?)",
            (*named.values(), packed.packed(row.kind, payload), before, hash),
        )
        told = self._brief.recorded(Row(seq, row.v, time, row.kind, ref, payload, before, hash))
        self._folded = fold(self._folded, told)
        if row.kind == CycleDecided.kind:
            assert cycle is not None, "a cycle is told with what it saw"
            self._project(seq, time, *cycle, self._reasons(row))
        else:
            project(self._connection, told, json.loads(payload))
        self._seq, self._hash = seq, hash

    def _reasons(self, row: Row) -> Counter[str]:
        known = self._endings.get(row.seq)
        if known is None:
            endings = json.loads(row.payload)["endings"].values()
            known = self._endings[row.seq] = Counter(each["reason"] for each in endings)
        return known

    def _project(
        self, seq: int, time: str, cycle: int, seen: SegmentRef, reasons: Counter[str]
    ) -> None:
        """What `project` does of a cycle, whose endings are not read; its day is counted."""
        self._connection.execute(
            "INSERT INTO cycles(cycle, seq, segment, offset, length) VALUES(?,?,?,?,?)",
            (cycle, seq, seen.segment, seen.offset, seen.length),
        )
        counts = self._days.setdefault(time[:10], Counter())
        counts[""] += 1
        counts.update(reasons)

    def _count(self) -> None:
        for day, counts in self._days.items():
            cycles = counts.pop("")
            self._connection.execute(
                "INSERT INTO days(day, cycles, endings) VALUES(?,?,?)",
                (day, cycles, canonical(counts)),
            )
        self._days.clear()

    def _save(self) -> None:
        """The ledger as it is after the event just written."""
        payload = zlib.compress(beside.told(self._folded).encode("ascii"))
        self._connection.execute(
            "INSERT INTO portfolios(seq, hash, shape, payload) VALUES(?,?,?,?)",
            (self._seq, self._hash, self._shape, payload),
        )

    def _frames(self, later: Later) -> Iterator[SegmentRef]:
        """Write the frames of a telling, a file a month; answers where each one is."""
        refs: list[SegmentRef] = []
        data, name, start = bytearray(), "", 0
        key = base = 0
        for frame, told in zip(self._scene.frames, self._scene.sources, strict=True):
            header = frame[: segment_frames.HEADER.size]
            kind = segment_frames.Kind(header[:4])
            bars = int(segment_frames.HEADER.unpack(header)[6])
            body = segment_frames.framed(
                header, frame[segment_frames.HEADER.size :], segment="", start=1 << 31
            ).body
            if told is not None:
                is_key = kind is segment_frames.Kind.KEY
                moved = _moved(told, later, with_bars=is_key)
                packed_anew = pack(moved, base=None, before=None)
                # What a base tells of its windows is told from the base before: the same bytes.
                body = packed_anew if is_key else replace(body, rest=packed_anew.rest)
                month = f"{str(moved.time)[:7]}.seg"
                if kind is segment_frames.Kind.KEY and month != name:
                    self._write(name, data)
                    name, data = month, bytearray()
                    path = self._segments / name
                    start = path.stat().st_size if path.exists() else 0
            at = start + len(data)
            if kind is segment_frames.Kind.KEY:
                key = base = at
            bytes_ = segment_frames.told(body, kind, start=at, key=key, base=base, count=bars)
            if kind is segment_frames.Kind.BASE:
                base = at
            data += bytes_
            refs.append(SegmentRef(name, at, len(bytes_), sha256(bytes_).hexdigest()))
        self._write(name, data)
        return iter(refs)

    def _write(self, name: str, data: bytearray) -> None:
        if name:
            with (self._segments / name).open("ab") as file:
                file.write(data)


def _scene(reader: JournalReader, segments: Path) -> Scene:
    """The run up to its last cycle at which each position has its stop, and nothing else works."""
    portfolio, cut, found = Portfolio(), 0, None
    beginnings = cycles = 0
    rows: list[Row] = []
    orders: dict[str, tuple[int, str, int, int]] = {}
    pending: list[Row] = []
    for row in rows_after(reader._connection, 0):
        told = recorded(row)
        if isinstance(told.event, CycleDecided) and _can_end(portfolio):
            rows += pending
            pending, cut, found = [], row.seq - 1, portfolio
        if not cut and isinstance(told.event, CycleDecided) and not cycles:
            beginnings = row.seq - 1
        cycles += isinstance(told.event, CycleDecided)
        portfolio = fold(portfolio, told)
        pending.append(row)
        if row.kind == "intent_recorded":
            intent = json.loads(row.payload)["intent"]
            decision, _, product = intent["decision_id"].partition(":")
            order = (int(decision), product, int(intent["leg"]), int(intent["epoch"]))
            orders[intent["client_order_id"]] = order
    assert found is not None, "no cycle of the run can be its end"
    assert found.time is not None, "a cycle was decided"
    decided = [each for row in rows if isinstance((each := recorded(row)).event, CycleDecided)]
    begun = decided[0].time
    seen = [each.event for each in decided if isinstance(each.event, CycleDecided)]
    frames, sources = _frames_of(seen, reader, segments)
    days = (found.time.day_start - begun.day_start) // DAY + 1
    return Scene(
        tuple(rows),
        frames,
        tuple(_ending(found)),
        orders,
        len(decided),
        days,
        beginnings,
        sources,
    )


def _opened_at(scene: Scene, days: int) -> Scene:
    """The journal of a market that begins where the last telling ends: there a trader goes on."""
    body = json.loads(scene.rows[0].payload)
    found = _START.search(body["feed"])
    assert found is not None, f"a synthetic market, not {body['feed']}"
    end = Instant.parse(found[1]) + days * DAY
    body["feed"] = body["feed"].replace(found[0], f":start={end}")
    first = scene.rows[0]._replace(payload=canonical(body))
    return replace(scene, rows=(first, *scene.rows[1:]))


def _can_end(portfolio: Portfolio) -> bool:
    """Whether each position rests whole at the venue, and nothing else works."""
    working = list(portfolio.working.values())
    sells = {each.intent.product: each for each in working if each.intent.side is Side.SELL}
    return (
        portfolio.cycle > 0
        and len(sells) == len(working) == len(portfolio.positions)
        and all(
            product in sells
            and sells[product].order_id is not None
            and sells[product].intent.quantity == position.quantity
            for product, position in portfolio.positions.items()
        )
    )


def _ending(portfolio: Portfolio) -> Iterator[tuple[AnyEvent, Instant]]:
    """Each position sold by its stop, and the money as it was."""
    time = portfolio.time
    assert time is not None, "a cycle was decided"
    before = portfolio
    for name, working in portfolio.working.items():
        intent, order_id = working.intent, working.order_id
        assert order_id is not None, "it rests at the venue"
        price = before.marks.get(intent.product, intent.price)
        fill = Fill(
            EntryId(f"{order_id[:24]}{order_id[24:][::-1]}"),
            f"{order_id[:24]}{order_id[24:][::-1]}",
            order_id,
            intent.product,
            Side.SELL,
            price,
            intent.quantity,
            Money.of("0.25"),
            Liquidity.TAKER,
            time,
            time,
        )
        over = Order(
            order_id,
            ClientOrderId(name),
            intent.product,
            Side.SELL,
            OrderState.FILLED,
            intent.price,
            intent.quantity,
            intent.quantity,
            fill.fee,
            1,
            intent.created,
            intent.end_time,
        )
        for event in (FillBooked(fill, ClientOrderId(name)), OrderSeen(over)):
            portfolio = fold(portfolio, Recorded(portfolio.seq + 1, time, event, ""))
            yield event, time
    assert not portfolio.positions, "all was sold"
    assert portfolio.cash is not None, "the account was read"
    yield CashFlowed(Money(before.flows.value - portfolio.cash.value), "told again"), time


def _frames_of(
    cycles: list[CycleDecided], reader: JournalReader, segments: Path
) -> tuple[tuple[bytes, ...], tuple[Snapshot | None, ...]]:
    """The frames as this version writes them, and what those tell that build on no base."""
    again = segments.with_name("again")
    writer = SegmentWriter(again, last=None)
    frames: list[bytes] = []
    sources: list[Snapshot | None] = []
    for cycle in cycles:
        snapshot = reader.snapshot_of(cycle.seen)
        ref = writer.append(snapshot)
        with (again / ref.segment).open("rb") as file:
            file.seek(ref.offset)
            frames.append(file.read(ref.length))
        kind = segment_frames.Kind(frames[-1][:4])
        sources.append(None if kind is segment_frames.Kind.PLAIN else snapshot)
    writer.close()
    shutil.rmtree(again)
    return tuple(frames), tuple(sources)


def _moved(snapshot: Snapshot, later: Later, *, with_bars: bool) -> Snapshot:
    span = DAY * later.days
    views = {}
    for product, view in snapshot.views.items():
        rules, quote = view.product, view.quote
        views[product] = replace(
            view,
            product=rules and replace(rules, read_at=rules.read_at + span),
            quote=quote and replace(quote, time=quote.time + span),
            bars=_moved_bars(view.bars, later) if with_bars else None,
        )
    return replace(
        snapshot, cycle=snapshot.cycle + later.cycles, time=snapshot.time + span, views=views
    )


def _moved_bars(bars: Bars | None, later: Later) -> Bars | None:
    return bars and replace(bars, end=bars.end + later.days * 1_440)


def _seen(payload: str, ref: SegmentRef) -> str:
    told = canonical({"length": ref.length, "offset": ref.offset, "segment": ref.segment})
    seen = f'"seen":{told[:-1]},"sha256":"{ref.sha256}"}}'
    return re.sub(r'"seen":\{[^}]*\}', seen, payload, count=1)


def _signed(payload: str) -> str:
    body: dict[str, Any] = json.loads(payload)
    body["intent"]["body_sha256"] = sha256(body["intent"]["body"].encode()).hexdigest()
    return canonical(body)


def _copy(source: Path, target: Path) -> None:
    reading, writing = apsw.Connection(str(source)), apsw.Connection(str(target))
    with writing.backup("main", reading, "main") as copy:
        copy.step(-1)
    reading.close()
    writing.close()


def _wall() -> Instant:
    from trader247.adapters.clock import SystemClock

    return SystemClock().now()


if __name__ == "__main__":
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else YEAR
    print(make(Path(sys.argv[1]), Path(sys.argv[2]), cycles=wanted))
