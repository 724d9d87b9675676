"""`churn model experiment`: varies one thing of the training, and keeps what came out."""
# ruff: noqa: PLC0415 - the command exists without the training libraries, too

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import click
import yaml

from app.cli.experiment_request import Asked, faults_of
from app.cli.experiment_text import first_difference, in_a_line, new_text, with_figures
from app.cli.labelled_customers import read_labelled
from app.cli.model_options import (
    chosen,
    data_option,
    features_option,
    from_option,
    target_option,
)
from app.cli.model_output import one_line_mistakes
from app.cli.training_folder import TrainingFolder
from app.handbook.documents import experiment_file
from app.handbook.documents.experiment_file import Experiment
from app.observability.progress import progress
from app.writing.atomic_files import atomic_write
from app.writing.unfinished_folders import folder_made
from model.training.experiment_variants import parse


@click.command(epilog="Example: churn model experiment bins --vary bins=8,16,32,64")
@click.argument("slug", required=False)
@click.option("--vary", metavar="NAME=VALUE,...", help="What to vary, and the values to compare.")
@click.option("--question", default="", show_default="a gap", help="What you want to know.")
@click.option("--owner", default="", metavar="TEAM", show_default="the card's", help="Whose it is.")
@click.option("--again", type=click.IntRange(1, 999), metavar="NNN", help="Run this one again.")
@click.option("--check", is_flag=True, help="With --again: compare, and write nothing.")
@click.option("--list", "listed", is_flag=True, help="List the experiments with their winners.")
@from_option
@data_option
@features_option
@target_option
def experiment(
    *,
    slug: str | None,
    vary: str | None,
    question: str,
    owner: str,
    again: int | None,
    check: bool,
    listed: bool,
    folder: Path | None,
    data: Path | None,
    features: Path,
    target: str,
) -> None:
    """Vary one thing of the training and write down what came out.

    Trains on the training set by five folds, with everything else as training would choose it, and
    writes model/experiments/NNN-SLUG.yaml: the figures. Question and verdict are yours to write.
    NAME is one of bins, pairs, factors, max_iter, max_leaf_nodes, learning_rate. --again runs an
    experiment as its file states, and replaces its figures. Exit status 1: with --check, the
    figures differ.
    """
    with one_line_mistakes():
        source = chosen(folder, data, target)
        features = source.features if folder else features
        place = source.root / "experiments"
        given = {"SLUG": slug, "--vary": vary, "--question": question, "--owner": owner}
        if faults := list(faults_of(given, again=again, check=check, listed=listed)):
            raise ValueError("; ".join(faults))
        if listed:
            for found in _readable(place).values():
                click.echo(in_a_line(found))
            return
        if again:
            sys.exit(_again(place, again, features, source, write=not check))
        asked = Asked(
            str(slug), str(vary), question, owner or _owner(source.card), folder, data, target
        )
        click.echo(_new(place, asked, features, source))


def _new(place: Path, asked: Asked, features: Path, source: TrainingFolder) -> Path:
    """Run a new experiment and write its file."""
    varied, values = parse(asked.vary)
    with progress("reading customers") as report:
        from model.training.experiment import Bench, figures, usual

        contract, customers = read_labelled(features, source.data, source.target)
        bench = Bench.of(contract, customers)
        base = usual(bench, report)
        found = figures(bench, customers, varied=varied, values=values, base=base, report=report)
    title = asked.slug.replace("-", " ").capitalize()
    today = datetime.datetime.now(datetime.UTC).date()
    text = new_text(title, asked.question, today, asked.owner, {"command": asked.command} | found)
    with folder_made(place):
        numbers = [int(path.stem[:3]) for path in place.glob("[0-9][0-9][0-9]-*.yaml")]
        path = place / f"{max(numbers, default=0) + 1:03}-{asked.slug}.yaml"
        with atomic_write(path, replace=False) as file:
            file.write(text)
    return path


def _again(place: Path, number: int, features: Path, source: TrainingFolder, *, write: bool) -> int:
    """Run an experiment as its file states; return the exit status."""
    path = _path(place, number)
    old = _readable(place).get(number)
    if old is None:
        raise ValueError(f"{path}: can't be read: churn handbook check says why")
    varied, values = parse(f"{old.varied}={','.join(f'{v.value:g}' for v in old.variants)}")
    with progress("reading customers") as report:
        from model.training.experiment import SETTINGS, Bench, digest, figures

        if missing := [n for n in SETTINGS if n not in old.training and n != varied]:
            raise ValueError(f"{path}: training: no {', '.join(missing)}")
        contract, customers = read_labelled(features, source.data, source.target)
        if digest(customers) != old.data.get("sha256"):
            raise ValueError(
                f"{path}: run on other customers, {old.data.get('name')}: give the same ones"
            )
        base = {name: old.training[name] for name in SETTINGS if name != varied}
        found = figures(
            Bench.of(contract, customers),
            customers,
            varied=varied,
            values=values,
            base=base,
            report=report,
        )
    before = path.read_text("utf-8")
    after = with_figures(before, {"command": old.command} | found)
    if before == after:
        click.echo(f"{path}: the same figures")
        return 0
    if not write:
        click.echo(f"{path}: the figures differ: {first_difference(before, after)}", err=True)
        return 1
    with atomic_write(path) as file:
        file.write(after)
    click.echo(f"{path}: the figures are new: read whether the verdict still holds")
    return 0


def _path(place: Path, number: int) -> Path:
    found = sorted(place.glob(f"{number:03}-*.yaml"))
    if len(found) != 1:
        raise ValueError(f"there {'are several' if found else 'is no'} {place}/{number:03}-*.yaml")
    return found[0]


def _readable(place: Path) -> dict[int, Experiment]:
    found = (experiment_file.read_experiment(path) for path in sorted(place.glob("*.yaml")))
    return {one.number: one for one in found if one}


def _owner(card: Path) -> str:
    """Return the owner that the card's prose names, or nothing."""
    try:
        content = yaml.safe_load(card.read_bytes())
    except (OSError, yaml.YAMLError, RecursionError):
        return ""
    owner = content.get("owner") if isinstance(content, dict) else None
    return owner if isinstance(owner, str) else ""
