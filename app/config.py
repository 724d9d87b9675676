"""Reads, converts and checks the settings of the environment, once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

DATABASE = ROOT / "instance" / "churn.sqlite3"
"""The embedded database, used if DATABASE_URL is not set."""

GUNICORN_CONFIGURATION = ROOT / "app" / "serving" / "gunicorn_conf.py"
"""The file that gunicorn reads before it imports the application."""


class SettingError(ValueError):
    """An environment variable is invalid; the message names it and says what to give."""


@dataclass(frozen=True)
class Settings:
    """The service's settings. An empty variable means the default."""

    root: Path = ROOT
    """The folder with `runbooks/`, `adrs/` and `guides/`: the checkout, not a setting."""

    model_dir: Path = ROOT / "model" / "releases"
    """`MODEL_DIR`: the folder of releases, with a sub-folder for each version."""

    api_keys_file: Path | None = None
    """`API_KEYS_FILE`: the keys, made by `churn keys new`. Unset: only callers on this machine."""

    secret_key: str = field(default="", repr=False)
    """`SECRET_KEY`: signs sessions, the same on all instances. Unset: another one at each start."""

    trusted_proxies: int = 0
    """`TRUSTED_PROXIES`: number of your proxies in front; 0 ignores `X-Forwarded-For`."""

    rate_limit: str = ""
    """`RATE_LIMIT`: requests of each caller, such as `100/second` or `10/second;1000/hour`."""

    cache_url: str = ""
    """`CACHE_URL`: `redis://host:port/0`, shared by all processes. Unset: each has its own."""

    log_level: str = "INFO"
    """`LOG_LEVEL`: DEBUG, INFO, WARNING, ERROR or CRITICAL."""

    database_url: str = f"sqlite:///{DATABASE}"
    """`DATABASE_URL`: `postgresql://USER@HOST/NAME`, or `sqlite:///PATH`."""

    workers: int = 2
    """`WEB_CONCURRENCY`: worker processes. gunicorn reads it, too, without a clear error."""

    worker: str = "loop"
    """`WORKER`: `loop` answers predictions on an event loop, `threads` everything in threads."""

    keepalive: int = 75
    """`KEEPALIVE`: seconds that an idle connection stays open; longer than at your proxy."""

    prometheus_url: str = ""
    """`PROMETHEUS_URL`: where runbooks ask whether their alerts fire, `http://prometheus:9090`."""

    alertmanager_url: str = ""
    """`ALERTMANAGER_URL`: where drills are sent, and runbooks ask for them."""

    grafana_url: str = ""
    """`GRAFANA_URL`: where runbooks link to the dashboard `api-overview`."""

    docs_edit_url: str = ""
    """`DOCS_EDIT_URL`: the address before a document's path in your git server's editor, such as
    `https://git.example.org/churn/edit/main`; its history is there under `commits`."""

    url_prefix: str = ""
    """`URL_PREFIX`: the path below which a proxy serves all pages and operations, `/churn`."""

    tracing_endpoint: str = ""
    """`OTEL_EXPORTER_OTLP_ENDPOINT`: where spans go, `http://collector:4318`. Unset: none."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises:
            SettingError: names the variable, its value and what to give.
        """
        values = {name: value.strip() for name, value in environ.items() if value.strip()}
        keys = values.get("API_KEYS_FILE")
        return cls(
            model_dir=_folder(values, cls.model_dir),
            log_level=_log_level(values),
            api_keys_file=Path(keys).absolute() if keys else None,
            secret_key=_secret(values),
            trusted_proxies=_number(values, "TRUSTED_PROXIES", 0, 0, 10),
            rate_limit=values.get("RATE_LIMIT", ""),  # the library that reads it checks it
            database_url=_url(values, "DATABASE_URL", _DATABASES) or cls.database_url,
            cache_url=_url(values, "CACHE_URL", _CACHES),
            prometheus_url=_url(values, "PROMETHEUS_URL", _WEB),
            alertmanager_url=_url(values, "ALERTMANAGER_URL", _WEB).rstrip("/"),
            grafana_url=_url(values, "GRAFANA_URL", _WEB).rstrip("/"),
            docs_edit_url=_url(values, "DOCS_EDIT_URL", _WEB).rstrip("/"),
            url_prefix=_path(values, "URL_PREFIX"),
            tracing_endpoint=_url(values, "OTEL_EXPORTER_OTLP_ENDPOINT", _WEB),
            workers=_number(values, "WEB_CONCURRENCY", 2, 1, 512),
            worker=_worker(values),
            keepalive=_number(values, "KEEPALIVE", cls.keepalive, 1, 3600),
        )


POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
"""Schemes of PostgreSQL's addresses: its own, and SQLAlchemy's for our driver."""

_DATABASES = (*(f"{scheme}://" for scheme in POSTGRESQL), "sqlite:///")
_WEB = ("http://", "https://")
_CACHES = ("redis://", "rediss://", "unix://")


def _url(values: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    url = values.get(name, "")
    # Without the value, which may contain a password.
    if url and not url.startswith(schemes):
        raise SettingError(f"{name}: give an address that begins with {' or '.join(schemes)}")
    if url and schemes is _WEB and not _has_host(url):
        raise SettingError(f"{name}: give an address with a host, and a port from 1 to 65535")
    return url


def web_address(name: str, url: str) -> str:
    """Return the address of a web server without a slash at its end.

    Args:
        name: of the setting or option, for the error.
        url: as written.

    Raises:
        SettingError: it is no address, or has no host.
    """
    return _url({name: url}, name, _WEB).rstrip("/")


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and re.search(r"\s", url) is None


def _path(values: Mapping[str, str], name: str) -> str:
    path = values.get(name, "")
    plain = re.fullmatch(r"(/[\w.~-]+)+", path, re.ASCII) and not {".", ".."} & {*path.split("/")}
    if path and not plain:
        raise SettingError(
            f"{name} is {path!r}: give a path such as /churn, which begins but doesn't end with /, "
            "of letters, digits, - . _ ~"
        )
    return path


def _secret(values: Mapping[str, str]) -> str:
    secret = values.get("SECRET_KEY", "")
    if secret and len(secret) < 32:
        raise SettingError("SECRET_KEY: give at least 32 characters, as openssl rand -hex 32 makes")
    return secret


def _folder(values: Mapping[str, str], default: Path) -> Path:
    path = Path(values.get("MODEL_DIR", default))
    if not os.path.isdir(path) or not os.access(path, os.R_OK | os.X_OK):  # noqa: PTH112 - no raise
        wanted = "give an existing, readable folder of releases"
        raise SettingError(f"MODEL_DIR is {str(path)!r}: {wanted}")
    return path.resolve()


def _number(values: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = values.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    if not least <= number <= most:
        raise SettingError(f"{name} is {text!r}: give a number from {least} to {most}")
    return number


def _worker(values: Mapping[str, str]) -> str:
    worker = values.get("WORKER", "loop")
    if worker not in {"loop", "threads"}:
        raise SettingError(f"WORKER is {worker!r}: give loop or threads")
    return worker


def _log_level(values: Mapping[str, str]) -> str:
    level = values.get("LOG_LEVEL", "INFO").upper()
    names = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if level not in names:
        raise SettingError(f"LOG_LEVEL is {level!r}: give one of {', '.join(names)}")
    return level
