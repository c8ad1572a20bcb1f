"""Which book a command is about: what the command line and app.yaml say, settled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trader247.app.modes import Mode, VenueName, effective_mode
from trader247.app.places import Places
from trader247.app.settings.load import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says; None leaves it to app.yaml, or to where the config is found."""

    config: Path | None
    data: Path
    mode: Mode | None = None
    venue: VenueName | None = None
    key_file: Path | None = None

    def settle(self) -> tuple[Settings, Places]:
        """The settings, and the files of the book they choose. Nothing is opened or made.

        Raises:
            SettingsInvalid: the configuration cannot be used.
            NotAllowed: LIVE was asked for on the command line or in app.yaml alone.
        """
        settings = load_settings(self.config)
        return settings, self._places(
            settings, effective_mode(self.mode, configured=settings.app.mode)
        )

    def settle_to_look(self) -> tuple[Settings, Places]:
        """As `settle`, for commands that only look: those may look at a live book, however named.

        Raises:
            SettingsInvalid: the configuration cannot be used.
        """
        settings = load_settings(self.config)
        return settings, self._places(settings, self.mode or settings.app.mode)

    def _places(self, settings: Settings, mode: Mode) -> Places:
        venue = settings.app.venue if self.venue is None else self.venue
        return Places(self.data, mode, venue)
