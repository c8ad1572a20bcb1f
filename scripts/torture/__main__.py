"""LIVE on the simulated Coinbase, killed at random instants on a wire that fails.

A served exchange and a live trader run as processes, over TLS, with faults on. The trader is ended
by SIGKILL again and again, at any moment of its life, the exchange now and then; a person says yes
to what the trader asks and clears what it latched. Then the faults end, it settles, and the two
books are compared by code that knows nothing of the program: no order twice, no fill lost or
doubled, money equal to the last digit. Exit 1 if anything differs.

    make torture                           a hundred kills, about ten minutes; Ctrl-C: compare now
    python -m scripts.torture --kills 20 --fault hostile --seed 7
    python -m scripts.torture --kills 20 --real-time   by the machine's clock, on the streams
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from scripts.torture.processes import SECONDS_MAX, Exchange, Trader
from tests.app.busy_books import RESTLESS
from tests.live.rehearsal import ACCOUNT, configured
from tests.system import outsider

from trader247.app.granting import arming, confirming
from trader247.app.people.unlocking import clear_halt
from trader247.app.serving.faults import sim_faults
from trader247.app.serving.places import served_places
from trader247.domain.errors import Trader247Error

AGAIN = (1, 4)
"""Halted, or the venue did not answer at the start: whoever supervises starts it again."""
KILLED = -9
CYCLES_MAX = 8
START_MAX = 4.0
"""Seconds until those end that are not to see a cycle."""
CYCLE_MAX = 0.5
"""Seconds after a cycle within which the others end."""
LIFE_MAX = 90.0
REST = timedelta(minutes=3)
"""Of the exchange's time between two lives, as whoever supervises leaves some: without it the
crash-loop stop would stand all the time, and nothing would be bought any more."""
RESTLESS_ONE_IN = 6
"""One start in so many comes at once all the same."""
UNDAUNTED = {
    "daily_stop_pnl_pct": "-3.0",
    "errors_running": "10",
    "errors_in_5_min": "20",
    "rate_limited_in_10_min": "10",
    "stale_share_pct": "90",
    "overruns": "10",
    "velocity_pct": "1",
    "cycle_budget_seconds": "600",
}
FAULTS = (
    "error_before=2%; error_after=3%; limited=1%; reset_before=2%; reset_after=2%; truncated=1%;"
    "reset_after=20%@create; error_after=20%@create; null_configuration=10%@create;"
    "stale_list=20%:ms=120000; stale_state=10%:ms=30000; late_fills=20%:ms=60000; doubled_fills=9%;"
    "partial_cancel=10%; cancel_race=10%; doubled_request=2%; extra_field=1%"
)
"""Hard on orders and fills, and not so bad that nothing is bought any more, as `hostile` is."""
REAL_INTERVAL = 10
REAL_CYCLES_MAX = 2
REAL_CYCLE_MAX = 12.0
"""In real time a kill falls anywhere in the wait after a cycle too, while the stream is heard."""
SETTLING = 25
"""Cycles without faults: longer than anything that the exchange tells late."""


@dataclass
class Told:
    """What came of it."""

    exits: Counter[int] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)
    cycles: int = 0
    kills: int = 0
    exchange_kills: int = 0
    confirmed: int = 0
    wrong: list[str] = field(default_factory=list)


class Torture:
    """One book, and all that is done to it."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self._folder = folder
        self._kills: int = arguments.kills
        self._dice = random.Random(arguments.seed)
        self._is_real: bool = arguments.real_time
        self._exchange = Exchange(
            folder / "data",
            fault=arguments.fault,
            seed=arguments.seed,
            speed="1" if self._is_real else "60",
        )
        self._every: int = arguments.exchange_every
        self._exchange.start()
        self._rehearsal = configured(folder / "data", folder / "config", self._exchange.port)
        self._rehearsal.allow({**RESTLESS, **UNDAUNTED})
        if self._is_real:
            self._rehearsal.say(interval_seconds=str(REAL_INTERVAL))
        self._rehearsal.show()
        arming.arm(self._rehearsal.choice, lambda _: ACCOUNT)
        sim_faults(
            self._rehearsal.config,
            self._rehearsal.data,
            None,
            faults=[arguments.fault],
            seed=arguments.seed,
        )
        self._trader: Trader | None = None
        self.told = Told()

    def run(self) -> Told:
        """Kill, settle, compare."""
        try:
            try:
                self._lives()
            except KeyboardInterrupt:
                print("interrupted: settling with what there is", flush=True)
                if self._trader is not None:
                    self._trader.process.kill()
                    self._trader.process.wait(timeout=SECONDS_MAX)
            if not self.told.wrong:
                self._settle()
                self._compare()
        finally:
            self._exchange.kill()
        return self.told

    def _lives(self) -> None:
        """One after the other, until enough of them were killed."""
        began = time.monotonic()
        while self.told.kills < self._kills and not self.told.wrong:
            self._life()
            print(
                f"{self.told.kills} kills, {self.told.cycles} cycles, "
                f"{self._rehearsal.orders_at_the_exchange} orders, "
                f"{time.monotonic() - began:.0f} s, exits {dict(self.told.exits)}",
                flush=True,
            )

    def _life(self) -> None:
        """One trader from its start to its end."""
        told = self.told
        self._trader = trader = self._begun(100_000)
        most = REAL_CYCLES_MAX if self._is_real else CYCLES_MAX
        wanted = self._dice.choice([0, *range(1, most + 1)] + [0] * (most // 3))
        after = REAL_CYCLE_MAX if self._is_real else CYCLE_MAX
        late = self._dice.uniform(0.1, after if wanted else START_MAX)
        kills_exchange = self._every and self._dice.randrange(self._every) == 0
        exchange_wanted = self._dice.randint(0, wanted) if kills_exchange else None
        give_up = time.monotonic() + LIFE_MAX
        answered = 0
        while trader.process.poll() is None and time.monotonic() < give_up:
            seen = len(trader.cycles())
            if exchange_wanted is not None and seen >= exchange_wanted:
                exchange_wanted = None
                time.sleep(self._dice.uniform(0, CYCLE_MAX))
                self._exchange.kill()
                told.exchange_kills += 1
                self._exchange.start_again()
            if seen >= wanted:
                time.sleep(late)
                break
            if seen > answered:
                answered = seen
                self._answer()
            time.sleep(0.05)
        is_alive = trader.process.poll() is None
        trader.process.kill()
        code = trader.process.wait(timeout=SECONDS_MAX)
        told.exits[code] += 1
        told.kills += is_alive
        lines = trader.cycles()
        told.cycles += len(lines)
        if code not in (KILLED, *AGAIN):
            told.wrong.append(f"exit {code}: {trader.said()}")
        if not is_alive or (lines and '"ACTIVE"' not in lines[-1]):
            self._operate(trader)
        if not self._is_real and self._dice.randrange(RESTLESS_ONE_IN):
            self._exchange.rest(REST)

    def _begun(self, cycles: int) -> Trader:
        pace = () if self._is_real else ("--speed", "max")
        return Trader(self._rehearsal, self._folder, cycles, pace)

    def _answer(self) -> None:
        """Say yes to whatever waits for a person."""
        if not self._rehearsal.places.journal.exists():
            return
        try:
            for question in confirming.waiting(self._rehearsal.choice).questions:
                confirming.confirm(self._rehearsal.choice, question.id)
                self.told.confirmed += 1
        except Trader247Error as error:
            print(f"  not confirmed: {error}", flush=True)

    def _operate(self, trader: Trader) -> None:
        """What an operator does about a halt: read it, and clear those that kills alone bring."""
        status = self._command("risk", "status", "--json")
        halts = [each["name"] for each in json.loads(status.stdout)["halts"]]
        if not halts:
            print(f"  ended by itself: {trader.said().strip().splitlines()[-2:]}", flush=True)
        for name in halts:
            if name not in ("crash_loop", "key"):
                self.told.wrong.append(f"halted by {name}: {status.stdout}")
                return
            answers = clear_halt(
                self._rehearsal.choice, name=name, reason="killed on purpose", accepted_peak=None
            )
            self.told.cleared[name] += all(each.is_done for each in answers)

    def _settle(self) -> None:
        """Without faults, until everything late was told."""
        faults = sim_faults(self._rehearsal.config, self._rehearsal.data, None, faults=["calm"])
        struck = {name: sum(where.values()) for name, where in faults.fired.items()}
        print(f"struck: {json.dumps(struck)}")
        self._operate_halts()
        trader = self._begun(SETTLING)
        while trader.process.poll() is None:
            self._answer()
            time.sleep(0.2)
        if trader.process.returncode != 0:
            self.told.wrong.append(f"settling: exit {trader.process.returncode}: {trader.said()}")

    def _operate_halts(self) -> None:
        answers = clear_halt(
            self._rehearsal.choice,
            name="crash_loop",
            reason="killed on purpose",
            accepted_peak=None,
        )
        self.told.cleared["crash_loop"] += all(each.is_done for each in answers)

    def _compare(self) -> None:
        exchange = served_places(self._rehearsal.data).exchange
        fills = len(outsider.exchange_fills(exchange))
        print(f"{self._rehearsal.orders_at_the_exchange} orders, {fills} fills at the exchange")
        if not fills:
            self.told.wrong.append("nothing was traded: this shows nothing")
        self.told.wrong += outsider.disagreements(
            self._rehearsal.data, book="live-sim", exchange=exchange
        )
        for words in (("reconcile",), ("state", "verify", "--decisions")):
            done = self._command(*words)
            if done.returncode:
                self.told.wrong.append(f"{' '.join(words)}: {done.stdout[-800:]} {done.stderr}")

    def _command(self, *words: str) -> subprocess.CompletedProcess[str]:
        book = ("--mode", "live", "--venue", "sim")
        where = ("--config", str(self._rehearsal.config), "--data", str(self._rehearsal.data))
        return subprocess.run(
            [sys.executable, "-m", "trader247", *words, *book, *where],
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )


def main(words: Sequence[str]) -> int:
    """Torture a book; 1 if it is not the exchange's in the end."""
    parser = argparse.ArgumentParser(prog="torture", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--fault", default=FAULTS, help="calm, rough, hostile, or faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real-time", action="store_true", help="a cycle every ten seconds")
    parser.add_argument("--exchange-every", type=int, default=8, help="lives; 0: never killed")
    arguments = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    told = Torture(folder, arguments).run()
    print(
        f"{told.kills} kills of the trader, {told.exchange_kills} of the exchange, "
        f"{told.cycles} cycles, {told.confirmed} trades confirmed, exits {dict(told.exits)}, "
        f"cleared {dict(told.cleared)}"
    )
    for each in told.wrong:
        print(f"WRONG: {each}")
    print("THE BOOKS ARE EQUAL" if not told.wrong else f"NOT EQUAL: see {folder}")
    if not told.wrong:
        shutil.rmtree(folder)
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
