from __future__ import annotations

import subprocess
import sys

import pytest

WORKER = """
import os, signal
from trader247.adapters.offspring import end_with

parent = os.getpid()
ready, told = os.pipe()
if not os.fork():
    if {is_late}:
        while os.getppid() == parent:
            pass
    end_with(parent)
    os.write(1, b"works")
    os.write(told, b".")
    while True:
        signal.pause()
if not {is_late}:
    os.read(ready, 1)
os.kill(parent, signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a worker")
@pytest.mark.parametrize(("is_late", "said"), [(False, b"works"), (True, b"")])
def test_a_worker_ends_with_the_one_it_works_for(is_late: bool, said: bytes) -> None:
    # The worker holds the pipe's other end: there is no end of it until it is gone.
    ended = subprocess.run(
        [sys.executable, "-c", WORKER.format(is_late=is_late)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (ended.stdout, ended.returncode) == (said, -9)
