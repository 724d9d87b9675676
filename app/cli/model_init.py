"""`churn model init`: from a file of customers to a folder that a release can be made from."""
# ruff: noqa: PLC0415 - the command exists without the training libraries, too

from __future__ import annotations

import datetime
from pathlib import Path

import click

from app.cli.model_output import one_line_mistakes
from app.cli.training_folder import CARD, FEATURES, make_folder
from app.customers.files.text_columns import read_columns
from model.economics import NAME as ECONOMICS


@click.command(epilog="Example: churn model init customers.csv --target churn --output mine")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", default="churn", help="Column with the outcome.")
@click.option(
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the drafts.",
)
def init(file: Path, target: str, folder: Path) -> None:
    """Draft contract, card and the costs of a call.

    FILE has one row for each customer, with the outcome: CSV with any delimiter, JSON lines, a JSON
    array or Parquet. Columns that can't be features are left out, each with its reason. Correct the
    drafts before you make a release of them.
    """
    with one_line_mistakes():
        from model.training.folder_draft import draft_folder

        with file.open("rb") as content:
            columns, how = read_columns(content, file.name)
        click.echo(how, err=True)
        today = datetime.datetime.now(datetime.UTC).date()
        drafted = draft_folder(file.name, columns, target, today)
        files = {FEATURES: drafted.features, CARD: drafted.card, ECONOMICS: drafted.economics}
        make_folder(folder, file, drafted.target, files)
    for name, reason in drafted.left_out.items():
        click.echo(f"left out: {name}: {reason}")
    click.echo(f"{folder / FEATURES}: correct what the features mean ({drafted.count})")
    click.echo(f"{folder / CARD}: fill its gaps; churn handbook check {folder} lists them")
    click.echo(f"{folder / ECONOMICS}: fill it in for the policy value, or delete it")
    click.echo(f"then: churn model release --from {folder}")
