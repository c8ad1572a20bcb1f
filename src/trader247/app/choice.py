"""Which book a command is about: what the command line and app.yaml say, settled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trader247.app.modes import Mode, VenueName, effective_mode
from trader247.app.places import Places
from trader247.app.settings.load import Settings, load_settings
from trader247.domain.errors import NotAllowed

LIVE_NEEDS = (
    "this version does not trade real money; LIVE will need the evidence of a preflight, a key "
    "that may trade and may not transfer, an arming by a person, and app.mode: LIVE together "
    "with --mode live"
)
"""What stands between this program and real money, for whoever asks for it."""


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
            NotAllowed: LIVE was asked for, on the command line, in app.yaml or both.
        """
        settings = load_settings(self.config)
        try:
            mode = effective_mode(self.mode, configured=settings.app.mode)
        except NotAllowed as error:
            raise NotAllowed(f"{error}. Beyond that, {LIVE_NEEDS}", hint=error.hint) from error
        if mode is Mode.LIVE:
            raise NotAllowed(
                f"LIVE is refused: {LIVE_NEEDS}",
                hint="use --mode paper with app.mode: PAPER, or --mode dry_run",
            )
        venue = settings.app.venue if self.venue is None else self.venue
        return settings, Places(self.data, mode, venue)
