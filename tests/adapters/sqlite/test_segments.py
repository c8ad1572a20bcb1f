from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest
from tests.adapters.sqlite.journal_values import START, Market, a_cycle
from tests.adapters.sqlite.old_writing import store_old

from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.kinds import to_payload
from trader247.adapters.sqlite.market import segment_writer, segments
from trader247.adapters.sqlite.market.frames import Windows, unpack
from trader247.adapters.sqlite.market.segment_frames import GROUP, HEADER, Frame, Kind, framed
from trader247.adapters.sqlite.market.segment_writer import SegmentWriter
from trader247.adapters.sqlite.market.segments import SegmentReader
from trader247.adapters.sqlite.packed import packed
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.market import Snapshot
from trader247.domain.time import MINUTE

Stored = list[tuple[SegmentRef, Snapshot]]


@pytest.fixture
def files() -> Iterator[ExitStack]:
    """What a test opened, closed when it is over."""
    with ExitStack() as stack:
        yield stack


def writing(files: ExitStack, folder: Path, *, last: SegmentRef | None = None) -> SegmentWriter:
    return files.enter_context(closing(SegmentWriter(folder, last=last)))


def reading(files: ExitStack, folder: Path) -> SegmentReader:
    return files.enter_context(closing(SegmentReader(folder)))


def store(writer: SegmentWriter, market: Market, count: int, *, minutes: int = 1) -> Stored:
    stored = []
    for _ in range(count):
        snapshot = market.snapshot(minutes=minutes)
        stored.append((writer.append(snapshot), snapshot))
    return stored


def frames(folder: Path, stored: Stored) -> list[Frame]:
    """The frames of what was stored."""
    found = []
    for ref, _ in stored:
        data = (folder / ref.segment).read_bytes()[ref.offset : ref.offset + ref.length]
        header, body = data[: HEADER.size], data[HEADER.size :]
        found.append(framed(header, body, segment=ref.segment, start=ref.offset))
    return found


def are_keys(folder: Path, stored: Stored) -> list[bool]:
    return [each.kind is Kind.KEY for each in frames(folder, stored)]


def test_snapshots_come_back_equal_in_order_and_alone(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path / "s")
    stored = store(writer, Market(1, products=3, window=100), 20)
    writer.close()
    reader = reading(files, tmp_path / "s")

    assert list(reader.snapshots(ref for ref, _ in stored)) == [seen for _, seen in stored]
    assert reader.snapshot_of(stored[13][0]) == stored[13][1]
    assert reader.snapshot_of(stored[2][0]) == stored[2][1]
    reader.close()


def test_files_are_one_a_month_and_their_owners_alone(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path / "s")
    market = Market(1, products=1, window=30)
    stored = store(writer, market, 2) + store(writer, market, 3, minutes=20 * 1_440)
    writer.close()

    names = [ref.segment for ref, _ in stored]
    assert names == ["2026-01.seg", "2026-01.seg", "2026-01.seg", "2026-02.seg", "2026-03.seg"]
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    for name in set(names):
        assert stat.S_IMODE((tmp_path / "s" / name).stat().st_mode) == 0o600
    reader = reading(files, tmp_path / "s")
    assert [reader.snapshot_of(ref) for ref, _ in stored] == [seen for _, seen in stored]


def test_a_day_begins_with_a_keyframe(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path / "s")
    stored = store(writer, Market(1, products=1, window=30), 6, minutes=480)

    days = [seen.time.day_start for _, seen in stored]
    assert are_keys(tmp_path / "s", stored) == [
        at == 0 or days[at] != days[at - 1] for at in range(6)
    ]


def test_a_chain_of_frames_has_a_greatest_length(
    files: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_writer, "CHAIN_MAX", 3)
    writer = writing(files, tmp_path / "s")
    stored = store(writer, Market(1, products=1, window=30), 9)

    assert are_keys(tmp_path / "s", stored) == [
        *(True, False, False, False),
        *(True, False, False, False),
        True,
    ]


def test_one_frame_in_a_group_builds_on_the_base_before_it(
    files: ExitStack, tmp_path: Path
) -> None:
    writer = writing(files, tmp_path)
    stored = store(writer, Market(1, products=2, window=70), 3 * GROUP + 2)

    found = frames(tmp_path, stored)

    bases = [at for at, each in enumerate(found) if each.kind is not Kind.PLAIN]
    assert bases == [0, GROUP, 2 * GROUP, 3 * GROUP]
    assert [found[at].base for at in bases[1:]] == [found[at].start for at in bases[:-1]]
    assert all(
        each.base == found[at - at % GROUP].start for at, each in enumerate(found) if at % GROUP
    )
    assert {each.key for each in found} == {0}


def test_any_frame_is_found_alone_in_any_order(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path)
    stored = store(writer, Market(6, products=2, window=70), 3 * GROUP)
    reader = reading(files, tmp_path)

    order = [*range(0, len(stored), 7), *range(len(stored) - 1, 0, -9), 5, 6, 7, 5]
    for at in order:
        ref, snapshot = stored[at]
        assert reader.snapshot_of(ref) == snapshot


def test_what_lies_between_is_not_unpacked_but_for_its_windows(
    files: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = writing(files, tmp_path)
    stored = store(writer, Market(6, products=2, window=70), 3 * GROUP)
    unpacked: list[bytes] = []

    def noting(rest: bytes, windows: Windows, *, base: Snapshot | None) -> Snapshot:
        unpacked.append(rest)
        return unpack(rest, windows, base=base)

    monkeypatch.setattr(segments, "unpack", noting)

    assert reading(files, tmp_path).snapshot_of(stored[-1][0]) == stored[-1][1]

    assert len(unpacked) == 2


def test_frames_of_the_first_version_are_read_and_followed_by_those_of_this_one(
    files: ExitStack, tmp_path: Path
) -> None:
    market = Market(4, products=3, window=80)
    seen = [market.snapshot() for _ in range(12)]
    old = list(zip(store_old(tmp_path, seen), seen, strict=True))
    writer = writing(files, tmp_path, last=old[-1][0])
    stored = old + store(writer, market, 5)
    reader = reading(files, tmp_path)

    assert list(reader.snapshots(ref for ref, _ in stored)) == [each for _, each in stored]
    for at in (7, 0, 14, 3, 11, 12):
        assert reader.snapshot_of(stored[at][0]) == stored[at][1]
    assert are_keys(tmp_path, stored[12:]) == [True, False, False, False, False]


def test_many_processes_write_the_bytes_of_one(files: ExitStack, tmp_path: Path) -> None:
    market, again = Market(4, products=2, window=60), Market(4, products=2, window=60)
    whole = writing(files, tmp_path / "whole")
    store(whole, market, 6)
    last = None
    for _ in range(3):
        part = writing(files, tmp_path / "parts", last=last)
        last = store(part, again, 2)[-1][0]
        part.close()

    name = "2026-01.seg"
    assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("tail", [b"", b"t24f", b"\0" * 5_000])
def test_a_tail_that_the_journal_does_not_know_is_cut_off(
    files: ExitStack, tmp_path: Path, tail: bytes
) -> None:
    market = Market(4, products=1, window=60)
    writer = writing(files, tmp_path)
    known = store(writer, market, 3)
    store(writer, market, 2)
    writer.close()
    with (tmp_path / known[0][0].segment).open("ab") as file:
        file.write(tail)

    again = writing(files, tmp_path, last=known[-1][0])
    later = store(again, market, 2)

    assert later[0][0].offset == known[-1][0].offset + known[-1][0].length
    reader = reading(files, tmp_path)
    for ref, snapshot in known + later:
        assert reader.snapshot_of(ref) == snapshot


def test_a_segment_that_was_thrown_away_starts_anew_and_its_frames_are_missed(
    files: ExitStack,
    tmp_path: Path,
) -> None:
    market = Market(4, products=1, window=60)
    writer = writing(files, tmp_path)
    known = store(writer, market, 3)
    writer.close()
    (tmp_path / known[0][0].segment).unlink()

    again = writing(files, tmp_path, last=known[-1][0])
    later = store(again, market, 3)

    reader = reading(files, tmp_path)
    assert [reader.snapshot_of(ref) for ref, _ in later] == [seen for _, seen in later]
    with pytest.raises(StorageError):
        reader.snapshot_of(known[1][0])


def test_a_clock_that_went_back_a_month_does_not_touch_the_month_before(
    files: ExitStack, tmp_path: Path
) -> None:
    market = Market(4, products=1, window=60)
    writer = writing(files, tmp_path)
    january = store(writer, market, 1)
    february = store(writer, market, 1, minutes=30 * 1_440)
    back = replace(market.snapshot(), time=START + MINUTE)
    ref = writer.append(back)

    assert ref.segment == february[0][0].segment
    reader = reading(files, tmp_path)
    for each, snapshot in [*january, *february, (ref, back)]:
        assert reader.snapshot_of(each) == snapshot


def test_a_frame_that_was_changed_is_refused(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path)
    stored = store(writer, Market(4, products=1, window=60), 3)
    writer.close()
    path = tmp_path / stored[0][0].segment
    data = bytearray(path.read_bytes())
    data[stored[1][0].offset + HEADER.size] ^= 1
    path.write_bytes(data)
    reader = reading(files, tmp_path)

    assert reader.snapshot_of(stored[0][0]) == stored[0][1]
    for ref, _ in stored[1:]:
        with pytest.raises(StorageError):
            reader.snapshot_of(ref)


@pytest.mark.parametrize(
    "ref",
    [
        SegmentRef("2026-01.seg", 5, 40, "0" * 64),
        SegmentRef("2026-09.seg", 0, 40, "0" * 64),
        SegmentRef("../2026-01.seg", 0, 40, "0" * 64),
        SegmentRef("2026-01.seg", 0, 1 << 40, "0" * 64),
        SegmentRef("2026-01.seg", 0, -1, "0" * 64),
        SegmentRef("2026-01.seg", 1 << 40, 40, "0" * 64),
    ],
)
def test_a_reference_to_nothing_is_refused(
    files: ExitStack, tmp_path: Path, ref: SegmentRef
) -> None:
    writer = writing(files, tmp_path)
    store(writer, Market(4, products=1, window=60), 1)

    with pytest.raises(StorageError):
        reading(files, tmp_path).snapshot_of(ref)


def test_a_cycle_takes_less_than_four_kilobytes_with_its_event(
    files: ExitStack, tmp_path: Path
) -> None:
    writer = writing(files, tmp_path)
    market = Market(8)
    keyframe, *rest = store(writer, market, 31)
    cycle = a_cycle(rest[-1][1], rest[-1][0])
    stored = packed(cycle.kind, canonical(to_payload(cycle)))
    event = len(stored) + 64 + 64 + 60

    mean = sum(ref.length for ref, _ in rest) / len(rest)

    assert mean + keyframe[0].length / 1_440 + event < 4_000


def test_a_cycle_costs_about_a_millisecond_to_store(files: ExitStack, tmp_path: Path) -> None:
    writer = writing(files, tmp_path)
    market = Market(8)
    store(writer, market, 1)
    snapshots = [market.snapshot() for _ in range(20)]

    costs = []
    for snapshot in snapshots:
        start = process_time()
        writer.append(snapshot)
        costs.append(process_time() - start)

    # Three times what it is meant to cost: the machine may be busy.
    assert sorted(costs)[5] < 0.003


_FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.adapters.sqlite.journal_values import Market, a_journal, a_cycle, opened
from trader247.domain.errors import StorageError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = a_journal(Path(sys.argv[1]))
journal.append([opened()], Market(1, products=1, window=5).snapshot().time)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
market = Market(1, products=2, window=300)
for count in range(10_000):
    seen = market.snapshot()
    try:
        journal.append([a_cycle(seen, journal.record_market(seen))], seen.time)
    except StorageError:
        break
    print(count, flush=True)
try:
    journal.append([opened()], seen.time)
except StorageError as error:
    print("refused", flush=True)
"""


@pytest.mark.slow
def test_a_full_disk_stops_the_journal_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    from tests.adapters.sqlite.journal_values import a_journal

    path = tmp_path / "paper-sim.db"
    done = subprocess.run(
        [sys.executable, "-c", _FILL_THE_DISK, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": "src:."},
    )
    *counts, refused = done.stdout.split()

    assert refused == "refused"
    with a_journal(path) as journal:
        kept = list(journal.events())
        assert len(kept) == len(counts) + 1
        seen = Market(9, products=1, window=5).snapshot()
        journal.append([a_cycle(replace(seen, cycle=99_999), journal.record_market(seen))], START)
