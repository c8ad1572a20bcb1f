"""Which folder the configuration comes from."""

from __future__ import annotations

from pathlib import Path

from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.domain.dataclass import dataclass

FILES = ("app.yaml", "policy.yaml", "universe.yaml")
SHIPPED = Path(__file__).resolve().parents[2] / "config"
"""The defaults that the package carries."""


@dataclass(frozen=True, slots=True)
class ConfigSource:
    """A folder of configuration, and how messages call it."""

    directory: Path
    label: str

    def path(self, file: str) -> Path:
        """A file of this configuration."""
        return self.directory / file

    def label_of(self, file: str) -> str:
        """The file as messages call it."""
        return f"{self.label}/{file}"


def find_config(directory: Path | None) -> ConfigSource:
    """The folder that was asked for, else ./config if it holds ours, else the shipped one.

    A folder that holds none of the files but a `config` with them stands for that one.

    Raises:
        SettingsInvalid: the folder that was asked for is none.
    """
    if directory is None:
        local = Path("config")
        return _source(local) if _holds_config(local) else ConfigSource(SHIPPED, "shipped")
    if not directory.is_dir():
        raise SettingsInvalid(
            [Problem(str(directory), 0, "", "no such folder", f"a folder of {', '.join(FILES)}")],
            hint="trader247 init DIR writes DIR/config with all three",
        )
    inner = directory / "config"
    return _source(inner if not _holds_config(directory) and _holds_config(inner) else directory)


def _source(directory: Path) -> ConfigSource:
    return ConfigSource(directory.absolute(), str(directory))


def _holds_config(directory: Path) -> bool:
    return any((directory / name).is_file() for name in FILES)
