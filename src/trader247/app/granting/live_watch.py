"""What is read again while a live trader runs: whether app.yaml still lets it send."""

from __future__ import annotations

from trader247.adapters.files import read_small
from trader247.app.settings.load import is_read_only_now
from trader247.app.settings.location import ConfigSource
from trader247.app.settings.problems import SettingsInvalid

_BYTES_MAX = 65_536


class LiveWatch:
    """Looks at one app.yaml; `is_bound` is False for whoever sends nothing anyway.

    It is read before each order, and understood anew where a byte of it has changed.
    """

    def __init__(self, source: ConfigSource, *, is_bound: bool) -> None:
        self._source = source
        self._is_bound = is_bound
        self._allowing: bytes | None = None

    def objection(self) -> str | None:
        """Why nothing may be sent any more, in a sentence; None where it may.

        A file that cannot be read objects: nobody knows what it says.
        """
        if not self._is_bound:
            return None
        file = self._source.label_of("app.yaml")
        try:
            is_read_only = self._is_read_only()
        except (SettingsInvalid, OSError) as error:
            return f"{file} cannot be read any more: {str(error).splitlines()[0]}"
        return f"{file} says exchange.read_only: true" if is_read_only else None

    def _is_read_only(self) -> bool:
        content = self._content()
        if content is not None and content == self._allowing:
            return False
        is_read_only = is_read_only_now(self._source)
        # Only what was there before it was understood and after is what was understood.
        is_same = not is_read_only and content == self._content()
        self._allowing = content if is_same else None
        return is_read_only

    def _content(self) -> bytes | None:
        """The file as it is; None where it is none that can be compared: a link, say."""
        try:
            return read_small(self._source.path("app.yaml"), bytes_max=_BYTES_MAX)
        except OSError:
            return None
