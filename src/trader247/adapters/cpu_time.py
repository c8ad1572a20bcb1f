"""What a run costs: the processor's time, which other processes do not make longer."""

from __future__ import annotations

import time


def cpu_seconds() -> float:
    """Seconds of processor time that this process has used."""
    return time.process_time()
