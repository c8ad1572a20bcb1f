"""What is wrong with a configuration, so that a person can mend it without a manual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trader247.domain.errors import ConfigInvalid

SHOWN_MAX = 40


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, or worth a warning: where, what was found, what is allowed.

    `line` is 0 where the problem is of the whole file.
    """

    file: str
    line: int
    key: str
    found: str
    allowed: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = self.file if self.line == 0 else f"{self.file}:{self.line}"
        # A key may hold a line end in quotes: what is said of it must stay on its own line.
        key = f" {' '.join(self.key.split())}:" if self.key else ""
        text = f"{place}:{key} {self.found}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.suggestion:
            text += f" (did you mean {self.suggestion}?)"
        return text


class SettingsInvalid(ConfigInvalid):
    """The configuration cannot be used; `problems` has each thing that is wrong with it."""

    def __init__(self, problems: Sequence[Problem], *, hint: str = "") -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        shown = [f"  {each}" for each in self.problems[:SHOWN_MAX]]
        if count > SHOWN_MAX:
            shown.append(f"  … and {count - SHOWN_MAX} more")
        noun = "problem" if count == 1 else "problems"
        super().__init__(
            "\n".join([f"the configuration has {count} {noun}", *shown]),
            hint=hint or "mend the file, then: trader247 config check",
        )
