"""The two choices of what is plugged in: what happens to orders, and which market."""

from __future__ import annotations

from enum import Enum

from trader247.domain.errors import NotAllowed


class Mode(Enum):
    """What happens to an approved order."""

    DRY_RUN = "DRY_RUN"
    """Declined before it is sent."""
    PAPER = "PAPER"
    """Sent to a simulated exchange."""
    LIVE = "LIVE"
    """Sent to the venue, with real money."""

    @property
    def slug(self) -> str:
        """The mode's part of a file name."""
        return self.value.lower()

    @staticmethod
    def parse(text: str) -> Mode:
        """Read a mode as people type it: `paper`, `dry-run`, `DRY_RUN`.

        Raises:
            ValueError: there is no such mode.
        """
        try:
            return Mode(text.strip().upper().replace("-", "_"))
        except ValueError:
            raise ValueError(f"{text!r} is no mode; there are dry_run, paper and live") from None


class VenueName(Enum):
    """Whose market: `sim` needs nothing, `coinbase` needs the network."""

    SIM = "sim"
    COINBASE = "coinbase"

    @property
    def slug(self) -> str:
        """The venue's part of a file name."""
        return self.value

    @staticmethod
    def parse(text: str) -> VenueName:
        """Read a venue's name as people type it.

        Raises:
            ValueError: there is no such venue.
        """
        try:
            return VenueName(text.strip().lower())
        except ValueError:
            raise ValueError(f"{text!r} is no venue; there are sim and coinbase") from None


def effective_mode(asked: Mode | None, *, configured: Mode) -> Mode:
    """The mode to run in: what was asked for, else what is configured.

    Raises:
        NotAllowed: LIVE is asked for on one side alone. Real money takes both.
    """
    if asked is not configured and Mode.LIVE in (asked, configured):
        said = "nothing" if asked is None else f"--mode {asked.slug}"
        raise NotAllowed(
            f"LIVE takes both --mode live and app.mode: LIVE; the command says {said}, "
            f"app.yaml says app.mode: {configured.value}",
            hint="give both for LIVE, neither for paper; app.mode stands in app.yaml, which "
            "`trader247 init` writes into config/ for editing",
        )
    return configured if asked is None else asked
