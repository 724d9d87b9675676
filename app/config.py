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

    database_url: str = f"sqlite:///{ROOT / 'instance' / 'churn.sqlite3'}"
    """`DATABASE_URL`: `postgresql://USER@HOST/NAME`, or `sqlite:///PATH`."""

    cache_url: str = ""
    """`CACHE_URL`: `redis://HOST:PORT/NUMBER`; empty is a cache in each process."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises:
            SettingError: naming the variable, its value and what would be right.
        """
        values = {name: value.strip() for name, value in environ.items() if value.strip()}
        return cls(
            model_dir=_folder(values, cls.model_dir),
            log_level=_log_level(values),
            database_url=_url(values, "DATABASE_URL", _DATABASES) or cls.database_url,
            cache_url=_url(values, "CACHE_URL", _CACHES),
        )


_DATABASES = ("postgresql://", "postgres://", "sqlite:///")
_CACHES = ("redis://", "rediss://", "unix://")


def _url(values: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    url = values.get(name, "")
    if url and not url.startswith(schemes):
        # Not the value: it may hold a password.
        raise SettingError(f"{name}: give an address that begins with {' or '.join(schemes)}")
    return url


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
