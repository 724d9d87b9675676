"""The options that the commands of `churn model` share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from app.cli.training_folder import OURS, TrainingFolder, read_folder
from model.economics import Economics, UnfilledError, economics_in, load_economics

RELEASES = OURS.releases

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
from_option = click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that churn model init made: contract, card, customers and outcome.",
)
data_option = click.option("--data", type=FILE, show_default="wa_churn", help="File of customers.")
features_option = click.option("--features", type=FILE, default=OURS.features, help="The contract.")
economics_option = click.option("--economics", type=FILE, help="What a call costs and can bring.")
target_option = click.option("--target", default="churn", help="Column with the outcome.")
output_option = click.option(
    "--output", type=FOLDER, default=RELEASES, envvar="MODEL_DIR", help="Folder of releases."
)


def priced(source: TrainingFolder, given: Path | None) -> Economics | None:
    """Read what a call costs and can bring; None if nobody has said, with a line if it is a draft.

    Args:
        source: what is trained on.
        given: another file than the folder's.

    Raises:
        EconomicsError: naming the keys at fault.
        OSError: the file cannot be read.
    """
    if given:
        return load_economics(given)
    if source.root == OURS.root and source.data:  # ours say nothing about another file's customers
        return None
    try:
        return economics_in(source.root)
    except UnfilledError as error:
        click.echo(f"{source.root / str(error)}", err=True)
        return None


def chosen(folder: Path | None, data: Path | None, target: str) -> TrainingFolder:
    """Return what to train on: a folder's customers, or those that the options name.

    Raises:
        UsageError: an option says what the folder says, too.
        ValueError: the folder cannot be used.
    """
    if folder is None:
        return replace(OURS, data=data, target=target)
    given = click.get_current_context()
    for name in ("data", "target", "features", "card", "economics", "output"):
        if name == "output" and given.command.name == "train":  # the folder says nothing of it
            continue
        if given.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name}: the folder of --from has its own: leave it out")
    return read_folder(folder)
