"""Options of the commands that read a file of customers."""

from __future__ import annotations

from pathlib import Path

import click

id_option = click.option(
    "--id",
    "id_column",
    default="",
    metavar="COLUMN",
    show_default="a usual name",
    help="Column of the id, if it has a name of its own.",
)
rejects_option = click.option(
    "--rejects", type=click.Path(path_type=Path), help="File for bad rows."
)
strict_option = click.option("--strict", is_flag=True, help="Exit with 1 if a row was rejected.")
