"""`churn`: the console command."""

from __future__ import annotations

import logging
import signal
import sys
from importlib import import_module

import click
from flask.cli import FlaskGroup

from app import create_app
from app.access.commands import keys
from app.access.key_file import KeysError
from app.cli.model_approve import approve
from app.cli.model_commands import model
from app.cli.model_diff import diff
from app.cli.model_experiment import experiment
from app.cli.model_export import export
from app.cli.model_init import init
from app.cli.model_verify import verify
from app.cli.predict import predict
from app.cli.promote import promote, rollback, withdraw
from app.cli.serve import serve
from app.config import SettingError
from app.diagnostics.commands import diagnose_command, workers
from app.handbook.commands import handbook
from app.http.problems import Problem
from app.releases.commands import list_releases

LATER = {
    "cache": "app.customers.commands",
    "customers": "app.customers.commands",
    "database": "app.customers.database_commands",
    "logs": "app.cli.logs",
    "drill": "app.handbook.drill_commands",
    "score": "app.cli.score",
}
"""Commands whose imports others needn't wait for, and their modules."""


class Commands(FlaskGroup):
    """Imports the modules in `LATER` only for their own commands."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find the command `name`, or None."""
        if name in LATER:
            found: click.Command = getattr(import_module(LATER[name]), name)
            return found
        # Flask's own way would add the commands of installed packages, such as `limiter`.
        return click.Group.get_command(self, ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names of all commands for `--help`, without loading the application."""
        return sorted({*self.commands, *LATER})


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

for command in (diagnose_command, handbook, keys, model, predict, serve, workers):
    cli.add_command(command)
for command in (
    approve,
    diff,
    experiment,
    export,
    init,
    list_releases,
    promote,
    rollback,
    verify,
    withdraw,
):
    model.add_command(command)


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
