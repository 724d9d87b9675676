"""`churn`: the console command."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import FlaskGroup
from marshmallow import ValidationError

from app import create_app, diagnostics
from app.access.commands import keys
from app.access.keyfile import KeysError
from app.arguments import body_faults
from app.config import DATABASE, ROOT, SettingError, Settings
from app.customers import Customers, embedded
from app.diagnostics import workers
from app.handbook.commands import handbook
from app.predictions.routes import scorer
from app.predictions.schemas import PredictionRequest
from app.problems import Problem
from app.releases import releases, serving
from app.releases.commands import list_releases, promote, rollback
from app.strict_json import JSONError, loads
from model.commands import model

LATER = {
    "cache": "app.customers.commands",
    "customers": "app.customers.commands",
    "database": "app.customers.activity_commands",
    "score": "app.bulk",
}
"""Commands whose libraries take a third of a start, and where they are."""


class Commands(FlaskGroup):
    """Imports the modules of `LATER` for their own commands alone."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find the command `name`, or None."""
        if name in LATER:
            found: click.Command = getattr(import_module(LATER[name]), name)
            return found
        return super().get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all commands, for `--help`."""
        return sorted({*self.commands, *LATER})  # without the application, which need not start


@click.group(
    cls=Commands,
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    help="Churn predictions and the handbook that operates them.",
)
def cli() -> None:
    """The root of the commands."""


# Flask's group would list the commands of installed packages as ours: `churn limiter`.
cli._loaded_plugin_commands = True


@cli.command(with_appcontext=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--reload", is_flag=True, help="Show changed documents without a restart.")
def serve(host: str, port: int, reload: bool) -> None:
    """Serve the API and the handbook with gunicorn, in the foreground."""
    if reload:
        os.environ["FLASK_DEBUG"] = "1"  # which also reads changed templates again
    settings = Settings.from_environment()
    _can_listen(host.strip("[]"), port)
    _prepare(settings)
    os.environ["WEB_CONCURRENCY"] = str(settings.workers)  # an empty one would end gunicorn
    gunicorn = Path(sys.executable).with_name("gunicorn")
    config = str(ROOT / "gunicorn.conf.py")
    os.execv(  # noqa: S606
        gunicorn,
        [
            str(gunicorn),
            "--pythonpath",
            str(ROOT),
            "-c",
            config,
            "-b",
            f"[{host}]:{port}" if ":" in host and "[" not in host else f"{host}:{port}",
            "wsgi:app",
        ],
    )


def _can_listen(host: str, port: int) -> None:
    """Say in a line what gunicorn would try for seconds, and say in many.

    Raises:
        click.UsageError: there is no such interface, or another server has the port.
    """
    try:
        (kind, _, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None


def _prepare(settings: Settings) -> None:
    """Make the embedded database, with its sample, where there is none."""
    if settings.database_url == Settings.database_url and embedded.current(DATABASE):
        return
    file = Customers(settings).store.database.embedded
    if file is None:
        return
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - a third of a start

    try:
        if embedded.current(file):
            return
        from app.customers.migration import prepare  # noqa: PLC0415 - imports Alembic

        with create_app().app_context():
            loaded = prepare(file, releases().serving)
    except (OSError, SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
        raise SettingError(f"DATABASE_URL: {file}: {str(cause).splitlines()[0]}") from None
    if loaded is not None:
        click.echo(f"made {file} with {loaded} sample customers", err=True)


@cli.command()
@click.argument("file", type=click.File("rb"))
@click.option("--reasons", default=5, show_default=True, type=click.IntRange(0, 100))
def predict(file: BinaryIO, reasons: int) -> None:
    """Score the customer in FILE (- for standard input), the body of POST /predict."""
    try:
        body = loads(file.read())
        read = PredictionRequest().load(body)
    except JSONError as error:
        faults = [{"pointer": error.pointer or "", "detail": error.detail}]
    except ValidationError as error:
        faults = body_faults(error.messages, body)
    else:
        scored = scorer(serving()).score(read["features"], read["policy"], reasons)
        click.echo(json.dumps(scored, indent=2, ensure_ascii=False))
        return
    for fault in faults:
        place = f": {fault['pointer']}" if fault["pointer"] else ""
        sent = f" (got {json.dumps(fault['value'])})" if "value" in fault else ""
        click.echo(_line(f"{file.name}{place}: {fault['detail']}{sent}"), err=True)
    sys.exit(2)


for command in (diagnostics.command, handbook, keys, model, workers.command):
    cli.add_command(command)
for command in (list_releases, promote, rollback):
    model.add_command(command)


def main() -> None:
    """Run the command; what goes wrong is one line on standard error, and an exit status."""
    logging.disable()  # the log is the server's
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and so clean up
    try:
        status = cli.main(standalone_mode=False)  # which click's own errors would end in four lines
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        message = _line(error.format_message())
        context = error.ctx if isinstance(error, click.UsageError) else None
        see = f" (see {context.command_path} --help)" if context else ""
        click.echo(f"Error: {message}{see}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrupted", err=True)
        sys.exit(1)
    except (SettingError, KeysError, Problem) as error:
        click.echo(_line(getattr(error, "description", None) or str(error)), err=True)
        sys.exit(2)
    except OSError as error:  # of the streams, most likely: a disk that is full
        click.echo(f"Error: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
