"""Which book app.yaml names, read without the rest of the configuration."""

from __future__ import annotations

from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.app.settings.location import SHIPPED, find_config

FILE = "app.yaml"
SHIPPED_BOOK = Mode.PAPER, VenueName.SIM
"""What the package's own app.yaml says: who has no other need not wait until YAML is loaded."""


def book_named(directory: Path | None) -> tuple[Mode, VenueName] | None:
    """The mode and the venue that app.yaml says plainly.

    None where it does not: then the whole configuration is to be read, which says what is wrong
    with it, and knows what stands for a missing key.

    Raises:
        SettingsInvalid: the folder that was asked for is none.
    """
    source = find_config(directory)
    if source.directory == SHIPPED:
        return SHIPPED_BOOK
    from trader247.app.settings.nodes import Scalar, Table
    from trader247.app.settings.yaml_tree import read_yaml

    table, problems = read_yaml(source.path(FILE), label=source.label_of(FILE))
    app = table.entries.get("app")
    if problems or not isinstance(app, Table):
        return None
    mode, venue = app.entries.get("mode"), app.entries.get("venue")
    if not isinstance(mode, Scalar) or not isinstance(venue, Scalar):
        return None
    try:
        return Mode.parse(mode.text), VenueName.parse(venue.text)
    except ValueError:
        return None
