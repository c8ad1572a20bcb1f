"""Every branch on the way of an order is run by its own tests: `make coverage`.

A branch that no test runs is where a flag of years ago still sells (Knight Capital, 2012). What
decides on an order, lets it pass, sends it and books it is run under the tests of its own floors,
not under those of the whole program, whose commands come by here without asking anything of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "trader247"

MODULES = (
    "core/risk/*.py",
    "core/risk/checks/*.py",
    "core/book/*.py",
    "core/booking.py",
    "core/decide.py",
    "core/reconcile.py",
    "core/recovery.py",
    "core/sizing.py",
    "engine/execution.py",
    "adapters/coinbase/budget.py",
    "adapters/coinbase/guard.py",
    "adapters/coinbase/outcome.py",
    "adapters/coinbase/render.py",
)
SHOWN_ALONE = ("core/risk/control*.py",)
"""What `risk status` shows of the limits: no order passes there."""
TESTS = (
    "tests/core",
    "tests/adapters/coinbase/test_budget.py",
    "tests/adapters/coinbase/test_client.py",
    "tests/adapters/coinbase/test_outcome.py",
    "tests/adapters/coinbase/test_transport.py",
    "tests/engine/test_execution.py",
    "tests/engine/test_exit_watch.py",
    "tests/engine/test_irregular.py",
    "tests/engine/test_reconciler.py",
    "tests/engine/test_staging.py",
    "tests/engine/test_stops.py",
    "tests/engine/test_storage.py",
    "tests/engine/test_unknown.py",
    "tests/engine/test_venue_stops.py",
)
CLOSED = (
    "case BanCleared",
    "case BreakerClosed",
    "case ConfirmationGiven",
    "case LotsSoldByHand",
    "case ProductDoubted",
)
"""The last cases of closed unions: mypy knows that there is no other."""


def modules() -> list[Path]:
    """The files of the order's way.

    Raises:
        FileNotFoundError: a pattern means none: what is not there cannot be covered.
    """
    found: list[Path] = []
    aside = {path for pattern in SHOWN_ALONE for path in SOURCE.glob(pattern)}
    for pattern in MODULES:
        meant = sorted(set(SOURCE.glob(pattern)) - aside)
        if not meant:
            raise FileNotFoundError(f"no module is meant by {pattern}")
        found += meant
    return found


def settings() -> str:
    """What coverage is told."""
    lines = ["[run]", "branch = True", "include =", *(f"    {path}" for path in modules())]
    lines += ["[report]", "show_missing = True", "skip_covered = True", "exclude_also ="]
    lines += ["    raise NotImplementedError", "    assert_never", "    if TYPE_CHECKING:"]
    lines += ["partial_also =", *(f"    {each}" for each in CLOSED)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the tests, and fail where a branch was not."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "coveragerc"
        told.write_text(settings(), encoding="utf-8")
        kept = {"COVERAGE_FILE": str(Path(folder) / "coverage"), "COVERAGE_RCFILE": str(told)}
        line = (sys.executable, "-m", "coverage")
        steps = (
            (*line, "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS),
            (*line, "report", "--fail-under=100"),
        )
        for step in steps:
            code = subprocess.run(
                step, cwd=ROOT, env={**os.environ, **kept}, check=False
            ).returncode
            if code:
                return code
    print(f"every branch of {len(modules())} modules on the way of an order is run by their tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
