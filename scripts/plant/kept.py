"""What was found lately, so that a trial that was cut short goes on where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scripts.plant.bug import PACKAGE, Bug
from scripts.plant.catalogue import BUGS
from scripts.plant.result import Result
from scripts.plant.trial import ROOT

PATH = ROOT / "build" / "plant.json"


@dataclass
class Kept:
    """Results by the name of their bug, each with the hash of what it was found on."""

    source: str
    rows: dict[str, dict[str, Any]]

    @staticmethod
    def read() -> Kept:
        """What is there already."""
        rows = json.loads(PATH.read_text()) if PATH.exists() else {}
        digest = sha256()
        for path in sorted((ROOT / PACKAGE).rglob("*.py")):
            digest.update(path.read_bytes())
        return Kept(digest.hexdigest(), rows)

    def of(self, bug: Bug) -> Result | None:
        """What was found of a bug on this very source; None where it was not tried on it."""
        row = self.rows.get(bug.name)
        if row is None or row["on"] != self._on(bug):
            return None
        return Result.from_json(row["result"])

    def was_caught(self, bug: Bug) -> bool:
        """Whether it was, on whatever source it was last tried."""
        row = self.rows.get(bug.name)
        return row is not None and bool(row["result"]["promise"])

    def where(self, bug: Bug) -> str:
        """The seed that caught it, or the tour, on whatever source."""
        row = self.rows.get(bug.name)
        place = "" if row is None else str(row["result"]["where"])
        return place.split(",")[0].removeprefix("seed ")

    def tests(self, bug: Bug) -> str:
        """Which test noticed it, on whatever source."""
        row = self.rows.get(bug.name)
        return "" if row is None else str(row["result"].get("tests", ""))

    def keep(self, result: Result) -> None:
        """Write it down at once."""
        bug = next(each for each in BUGS if each.name == result.name)
        self.rows[bug.name] = {"on": self._on(bug), "result": result.to_json()}
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(json.dumps(self.rows, indent=1, sort_keys=True))

    def _on(self, bug: Bug) -> str:
        return sha256(f"{self.source}{bug.changes}".encode()).hexdigest()
