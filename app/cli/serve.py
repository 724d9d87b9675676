"""`churn serve`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click

from app import create_app
from app.config import DATABASE, GUNICORN_CONFIGURATION, ROOT, SettingError, Settings
from app.customers import database_of
from app.customers.store import embedded_file
from app.services import services
from app.writing.unfinished_folders import sweep


@click.command(epilog="Example: churn serve --port 8080")
@click.option("--host", default="127.0.0.1", help="Interface to listen on.")
@click.option("--port", default=8000, type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option("--reload", is_flag=True, help="Show changed documents without a restart.")
def serve(host: str, port: int, reload: bool) -> None:
    """Serve the API and the handbook.

    Runs gunicorn in the foreground.
    """
    if reload:
        os.environ["FLASK_DEBUG"] = "1"  # which also reloads changed templates
    settings = Settings.from_environment()
    _can_listen(host.strip("[]"), port)
    _prepare(settings)
    # gunicorn's configuration reads these, and would end with a traceback at an invalid one.
    os.environ["WEB_CONCURRENCY"] = str(settings.workers)
    os.environ["KEEPALIVE"] = str(settings.keepalive)
    os.environ["WORKER"] = settings.worker
    gunicorn = Path(sys.executable).with_name("gunicorn")
    os.execv(  # noqa: S606
        gunicorn,
        [
            str(gunicorn),
            "--pythonpath",
            str(ROOT),
            "-c",
            str(GUNICORN_CONFIGURATION),
            "-b",
            f"[{host}]:{port}" if ":" in host and "[" not in host else f"{host}:{port}",
            "wsgi:app",
        ],
    )


def _can_listen(host: str, port: int) -> None:
    """Check interface and port; gunicorn would retry for seconds and report many lines.

    Raises:
        click.UsageError: there is no such interface, or another server uses the port.
    """
    try:
        (kind, _, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None


def _prepare(settings: Settings) -> None:
    """Make the embedded database with its sample customers if there is none."""
    ours = settings.database_url == Settings.database_url
    if ours and embedded_file.current(DATABASE):
        sweep(DATABASE.parent)
        _keep_private(DATABASE, ours)
        return
    file = database_of(settings).embedded
    if file is None:
        return
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - a third of a start

    try:
        if embedded_file.current(file):
            sweep(file.parent)
            _keep_private(file, ours)
            return
        from app.customers.sample_customers import prepare  # noqa: PLC0415 - imports Alembic

        with create_app().app_context():
            loaded = prepare(file, services().releases)
    except (OSError, SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
        raise SettingError(f"DATABASE_URL: {file}: {str(cause).splitlines()[0]}") from None
    _keep_private(file, ours)  # it may have existed before
    if loaded is not None:
        click.echo(f"made {file} with {loaded} sample customers", err=True)


def _keep_private(file: Path, ours: bool) -> None:
    """Let only the owner read the customers; a chosen path may be shared on purpose."""
    if not embedded_file.read_by_others(file):
        return
    if not (ours and embedded_file.tighten(file)):
        click.echo(f"other accounts can read the customers in {file}: chmod 600 it", err=True)
