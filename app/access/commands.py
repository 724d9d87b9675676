"""`churn keys`: make, list and revoke API keys."""

from __future__ import annotations

from pathlib import Path

import click

from app.access import key_file
from app.access.scopes import SCOPES
from app.config import SettingError, Settings


@click.group(epilog="Example: churn keys list")
def keys() -> None:
    """Make, list and revoke API keys.

    API_KEYS_FILE stores them; running servers read a change at once.
    """


@keys.command(epilog="Example: churn keys new --name dashboard --scope predict")
@click.option("--name", required=True, help="Holder of the key; shown in logs and listings.")
@click.option(
    "--scope", "scopes", required=True, multiple=True, type=click.Choice(SCOPES), help="Repeatable."
)
def new(name: str, scopes: tuple[str, ...]) -> None:
    """Print a new key.

    The key is shown once; only its digest is stored.
    """
    path = _file()
    key_file.add(path, name, scopes, _show)
    click.echo(f"Stored the digest in {path}. The key is shown only now.", err=True)


@keys.command("list", epilog="Example: churn keys list")
def list_keys() -> None:
    """List the keys with scopes and dates."""
    for key in key_file.load(_file()):
        scopes = ",".join(scope for scope in SCOPES if scope in key.scopes)
        click.echo(f"{key.name}\t{scopes}\t{key.created}")


@keys.command(epilog="Example: churn keys revoke dashboard")
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a key by its name."""
    key_file.revoke(_file(), name)
    click.echo(f"{name} is revoked.")


def _show(key: str) -> None:
    try:
        click.echo(key)
    except OSError as error:
        raise key_file.KeysError(
            f"the key can't be shown, so there is none: {error.strerror}"
        ) from None


def _file() -> Path:
    path = Settings.from_environment().api_keys_file
    if path is None:
        raise SettingError("API_KEYS_FILE is not set: set it to the key file")
    return path
