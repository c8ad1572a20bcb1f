"""Writing the configuration files for editing; what is there is never touched."""

from __future__ import annotations

from pathlib import Path

from trader247.app.settings.location import FILES, SHIPPED
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError


@dataclass(frozen=True, slots=True)
class InitReport:
    """Which files were written, and which were there already and kept."""

    folder: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def init_config(directory: Path) -> InitReport:
    """Write the shipped app.yaml, policy.yaml and universe.yaml into `directory`/config.

    Raises:
        StorageError: a file cannot be written.
    """
    folder = directory / "config"
    written: list[Path] = []
    kept: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            path = folder / name
            try:
                with path.open("xb") as file:
                    file.write((SHIPPED / name).read_bytes())
                written.append(path)
            except FileExistsError:
                kept.append(path)
    except OSError as error:
        raise StorageError(
            f"cannot write into {folder}: {error.strerror}", hint="name another folder"
        ) from error
    return InitReport(folder, tuple(written), tuple(kept))
