"""`churn`: the console command."""

from __future__ import annotations

import logging
import signal
import sys
from importlib import import_module

import click
from flask.cli import FlaskGroup

from app import create_app
from app.access.key_file import KeysError
from app.config import SettingError
from app.http.problems import Problem

COMMANDS = {
    "cache": "app.customers.commands",
    "customers": "app.customers.commands",
    "database": "app.customers.database_commands",
    "diagnose": "app.diagnostics.commands",
    "drill": "app.handbook.drill_commands",
    "handbook": "app.handbook.commands",
    "keys": "app.access.commands",
    "logs": "app.cli.logs",
    "model": "app.cli.model_group",
    "predict": "app.cli.predict",
    "score": "app.cli.score",
    "serve": "app.cli.serve",
    "workers": "app.diagnostics.commands",
}
"""The commands, and their modules, whose imports the others needn't wait for."""


class Commands(FlaskGroup):
    """Imports a command's module only for that command.

    Flask's own group would load the application, and the commands of installed packages.
    """

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Find the command `name`, or None."""
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[name]), name)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names of all commands."""
        return [*COMMANDS]


@click.group(
    cls=Commands,
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    context_settings={"show_default": True},
    help="Churn predictions and the handbook that operates them.",
    epilog="Example: churn serve",
)
def cli() -> None:
    """The root of the commands."""


cli.params.clear()  # Flask's own: which application, which file of settings


def main() -> None:
    """Run the command; report an error as one line on standard error and an exit status."""
    logging.disable()  # only the server logs
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that it cleans up
    try:
        status = cli.main(standalone_mode=False)  # click's own errors take four lines
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        message = " ".join(error.format_message().split())
        context = error.ctx if isinstance(error, click.UsageError) else None
        see = f" (see {context.command_path} --help)" if context else ""
        click.echo(f"Error: {message}{see}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrupted", err=True)
        sys.exit(1)
    except (SettingError, KeysError, Problem) as error:
        message = getattr(error, "description", None) or str(error)
        click.echo(" ".join(message.split()), err=True)
        sys.exit(2)
    except OSError as error:  # of the output, most likely: the disk is full
        click.echo(f"Error: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
