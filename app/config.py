"""Settings: read from the environment once, converted and checked here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingError(ValueError):
    """An environment variable holds a value that the service cannot start with."""


@dataclass(frozen=True)
class Settings:
    """The service's settings. An empty variable means the default."""

    root: Path = ROOT
    """The folder that holds `runbooks/`, `adrs/` and `guides/`: the checkout, not a setting."""

    model_dir: Path = ROOT / "model" / "releases"
    """`MODEL_DIR`: the folder of releases, one sub-folder a version."""

    log_level: str = "INFO"
    """`LOG_LEVEL`: DEBUG, INFO, WARNING, ERROR or CRITICAL."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises:
            SettingError: naming the variable, its value and what would be right.
        """
        values = {name: value.strip() for name, value in environ.items() if value.strip()}
        return cls(model_dir=_folder(values, cls.model_dir), log_level=_log_level(values))


def _folder(values: Mapping[str, str], default: Path) -> Path:
    path = Path(values.get("MODEL_DIR", default))
    if not path.is_dir():
        raise SettingError(f"MODEL_DIR is {str(path)!r}: give a folder of releases that exists")
    return path.resolve()


def _log_level(values: Mapping[str, str]) -> str:
    level = values.get("LOG_LEVEL", "INFO").upper()
    names = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if level not in names:
        raise SettingError(f"LOG_LEVEL is {level!r}: give one of {', '.join(names)}")
    return level
