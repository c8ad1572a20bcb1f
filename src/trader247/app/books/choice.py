"""Which book a command is about: what the command line and app.yaml say, settled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trader247.app.books.modes import Mode, VenueName, effective_mode
from trader247.app.books.places import Places
from trader247.domain.dataclass import dataclass

if TYPE_CHECKING:
    from trader247.app.settings.load import Settings


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
        from trader247.app.settings.load import load_settings

        settings = load_settings(self.config)
        return settings, self._places(
            settings, effective_mode(self.mode, configured=settings.app.mode)
        )

    def settle_to_look(self) -> tuple[Settings, Places]:
        """As `settle`, for commands that only look: those may look at a live book, however named.

        Raises:
            SettingsInvalid: the configuration cannot be used.
        """
        from trader247.app.settings.load import load_settings

        settings = load_settings(self.config)
        return settings, self._places(settings, self.mode or settings.app.mode)

    def places_to_look(self) -> Places:
        """As `settle_to_look`, of which book alone: what was decided needs no present limits.

        Raises:
            SettingsInvalid: the configuration does not say which.
        """
        mode, venue = self.mode, self.venue
        if mode is None or venue is None:
            from trader247.app.settings.book_named import book_named

            named = book_named(self.config)
            if named is None:
                return self.settle_to_look()[1]
            mode, venue = mode or named[0], venue or named[1]
        return Places(self.data, mode, venue)

    def _places(self, settings: Settings, mode: Mode) -> Places:
        venue = settings.app.venue if self.venue is None else self.venue
        return Places(self.data, mode, venue)
