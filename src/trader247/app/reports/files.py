"""A report on disk: report.json for programs and comparisons, report.html for people."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from trader247.adapters.files import folder_for, write_atomically
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.report import plain
from trader247.report.page.page import page
from trader247.report.report import Report

JSON_NAME = "report.json"
HTML_NAME = "report.html"
NO_LIBRARY = "plotly is not installed; python -m pip install 'trader247[report]' brings it"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; `html` is None, with the reason, where the page could not be drawn."""

    json: Path
    hash: str
    html: Path | None
    trouble: str = ""


def made_ready(folder: Path) -> None:
    """Make a folder, and know that a file can be written into it: before what costs an hour.

    Raises:
        StorageError: it cannot be made, is no folder, or may not be written to.
    """
    folder_for(folder)
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(
            f"nothing can be written into {folder}: {error.strerror or error}",
            hint="name another one",
        ) from error


def write_report(report: Report, folder: Path) -> Written:
    """Write both files into `folder`, which is made if need be; each is whole or the old one.

    Raises:
        StorageError: the disk did not take a file.
    """
    folder_for(folder)
    body = plain.as_json(report)
    path, html, hash = folder / JSON_NAME, folder / HTML_NAME, str(body["hash"])
    write_atomically(path, plain.written(body))
    library = plotting_library()
    if library is None:
        html.unlink(missing_ok=True)
        return Written(path, hash, None, NO_LIBRARY)
    write_atomically(html, page(report, hash=hash, library=library).encode())
    return Written(path, hash, html)


def plotting_library() -> str | None:
    """The plotting library's own script, or None where the extra is not installed."""
    try:
        from plotly.offline import get_plotlyjs
    except ModuleNotFoundError:
        return None
    return str(get_plotlyjs())
