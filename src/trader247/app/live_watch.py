"""What is read again while a live trader runs: whether app.yaml still lets it send."""

from __future__ import annotations

from dataclasses import dataclass

from trader247.app.settings.load import is_read_only_now
from trader247.app.settings.location import ConfigSource
from trader247.app.settings.problems import SettingsInvalid


@dataclass(frozen=True, slots=True)
class LiveWatch:
    """Looks at one app.yaml; `is_bound` is False for whoever sends nothing anyway."""

    source: ConfigSource
    is_bound: bool

    def objection(self) -> str | None:
        """Why nothing may be sent any more, in a sentence; None where it may.

        A file that cannot be read objects: nobody knows what it says.
        """
        if not self.is_bound:
            return None
        file = self.source.label_of("app.yaml")
        try:
            is_read_only = is_read_only_now(self.source)
        except (SettingsInvalid, OSError) as error:
            return f"{file} cannot be read any more: {str(error).splitlines()[0]}"
        return f"{file} says exchange.read_only: true" if is_read_only else None
