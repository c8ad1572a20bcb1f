"""A soak's samples on disk, a line each: written as they are taken, read to judge them anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from scripts.soak.sample import Sample, Weight


def write(out: TextIO, sample: Sample) -> None:
    """One line, at once: an interrupted soak has what it saw."""
    out.write(json.dumps(asdict(sample)) + "\n")
    out.flush()


def read(file: Path) -> Sequence[Sample]:
    """The samples of a soak that was."""
    samples = []
    for line in file.read_text().splitlines():
        told = json.loads(line)
        trader, exchange = Weight(**told.pop("trader")), Weight(**told.pop("exchange"))
        samples.append(Sample(trader=trader, exchange=exchange, **told))
    return samples
