"""A soak's verdict: what grows for ever is told from what only moves, and too little is no yes."""

from __future__ import annotations

import io
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from scripts.soak import record
from scripts.soak.bounds import TooShortError, findings
from scripts.soak.page import page
from scripts.soak.sample import Sample, Weight, weight

DAYS = 5


def soaked(**grows: float) -> list[Sample]:
    """Samples of every two hours, as a sound book leaves them, but for what `grows` so much a day.

    The first hours fill caches, and memory moves by a MB or two.
    """
    dice = random.Random(7)
    samples = []
    for index in range(DAYS * 12 + 1):
        day = index / 12
        moved = min(day, 0.5) * 30 + dice.uniform(-1.5, 1.5)
        trader = Weight(
            100 + moved + grows.get("memory", 0) * day,
            14 + dice.choice((0, 0, 2)) + int(grows.get("descriptors", 0) * day),
            2 + int(grows.get("threads", 0) * day),
        )
        samples.append(
            Sample(
                days=day,
                cycles=1 + round(day * 1440),
                orders=round(day * 970),
                trader=trader,
                exchange=Weight(120 + grows.get("exchange", 0) * day, 15, 2),
                journal_mb=1 + (2 + grows.get("record", 0)) * day,
                wal_mb=8,
                segments_mb=2.5 * day,
                backups_mb=3 * day,
                logs_mb=0.2,
            )
        )
    return samples


def unbounded(samples: list[Sample]) -> list[str]:
    return [each.name for each in findings(samples) if not each.is_bounded]


def test_a_sound_book_is_bounded_though_its_caches_fill_on_the_first_day() -> None:
    assert unbounded(soaked()) == []


@pytest.mark.parametrize(
    ("grows", "a_day", "named"),
    [
        ("memory", 5, "trader memory"),
        ("exchange", 5, "exchange memory"),
        ("descriptors", 2, "trader descriptors"),
        ("threads", 2, "trader threads"),
        ("record", 9, "record"),
    ],
)
def test_what_grows_for_ever_is_named(grows: str, a_day: float, named: str) -> None:
    assert unbounded(soaked(**{grows: a_day})) == [named]


def test_one_sample_amid_a_rush_is_no_growth() -> None:
    samples = soaked()
    rushed = replace(samples[40], trader=replace(samples[40].trader, rss_mb=400.0))

    assert unbounded([*samples[:40], rushed, *samples[41:]]) == []


def test_the_record_is_held_against_what_was_done_not_against_days() -> None:
    """Every ten minutes: a tenth of the cycles and orders may leave a tenth of the bytes."""
    done = [(1 + each.cycles // 10, each.orders // 10) for each in soaked()]
    seldom = [
        replace(each, cycles=cycles, orders=orders)
        for each, (cycles, orders) in zip(soaked(), done, strict=True)
    ]
    idle = [replace(each, orders=0) for each in soaked(record=3)]
    busy = [replace(each, orders=3 * each.orders) for each in soaked(record=9)]

    assert unbounded(seldom) == ["record"]
    assert unbounded(idle) == ["record"]
    assert unbounded(busy) == []


@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_samples_are_no_yes(count: int) -> None:
    with pytest.raises(TooShortError):
        findings(soaked()[:count])


def test_samples_are_read_as_they_were_written_and_drawn_whole(tmp_path: Path) -> None:
    samples, out = soaked(), io.StringIO()
    for each in samples:
        record.write(out, each)
    (tmp_path / "samples.jsonl").write_text(out.getvalue())

    again = record.read(tmp_path / "samples.jsonl")

    assert again == samples
    drawn = page(again, findings(again), begun=1.7, headline="5 days", library="")
    for name in ("memory", "descriptors", "threads", "record", "write-ahead", "rest"):
        assert drawn.count(f'data-chart="{name}"') == 1


def test_a_process_is_weighed_as_the_kernel_counts_it(tmp_path: Path) -> None:
    before = weight(os.getpid())
    with (tmp_path / "one").open("w"), (tmp_path / "two").open("w"):
        held = weight(os.getpid())

    assert held.descriptors == before.descriptors + 2
    assert before.threads >= 1
    assert before.rss_mb > 10
