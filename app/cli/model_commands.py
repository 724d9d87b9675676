"""`churn model`: train, evaluate, release, features."""
# ruff: noqa: PLC0415 - these commands exist without the training libraries, too

from __future__ import annotations

import sys
from pathlib import Path

import click
import yaml

from app.cli.labelled_customers import read_labelled
from app.cli.model_output import in_words, one_line_mistakes, print_metrics
from app.customers.files.text_columns import read_columns
from app.observability.progress import progress
from model.feature_file import PATH
from model.scorecard_file import load_scorecard

RELEASES = PATH.with_name("releases")
SAMPLE = PATH.with_name("sample_customers.csv")
CARD = PATH.with_name("card.yaml")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_data = click.option("--data", type=_FILE, show_default="wa_churn", help="File of customers.")
_features = click.option("--features", type=_FILE, default=PATH, help="The feature contract.")
_target = click.option("--target", default="churn", help="Column with the outcome.")
_output = click.option(
    "--output", type=_FOLDER, default=RELEASES, envvar="MODEL_DIR", help="Folder of releases."
)


@click.group(epilog="Example: churn model list")
def model() -> None:
    """Train, evaluate and release the model."""


@model.command(epilog="Example: churn model train --data customers.csv --target churn")
@_data
@_features
@_target
@click.option("--output", type=_FOLDER, help="Folder for scorecard.json.")
def train(data: Path | None, features: Path, target: str, output: Path | None) -> None:
    """Train a scorecard.

    Uses 70% of the customers; the test set stays unused.
    """
    with one_line_mistakes(), progress("reading customers") as report:
        from model.training.quality_measures import roc_auc
        from model.training.release_writer import make_candidate
        from model.training.training_data import split

        contract, customers = read_labelled(features, data, target)
        parts = split(customers.churned)
        candidate = make_candidate(contract, customers, parts, "candidate", report)
        if output:
            output.mkdir(parents=True, exist_ok=True)
            (output / "scorecard.json").write_text(candidate.text, encoding="utf-8")
    choice = candidate.trained.choice
    click.echo(
        f"cross-validated ROC AUC {choice.figures.roc_auc:.4f}, "
        f"log loss {choice.figures.log_losses.mean():.4f}; "
        f"validation ROC AUC {roc_auc(*candidate.validation):.4f}; "
        f"{len(contract.names)} features, {choice.pairs} pairs"
    )


@model.command(epilog="Example: churn model evaluate 1.0.0")
@click.argument("version")
@_data
@_target
@_output
def evaluate(version: str, data: Path | None, target: str, output: Path) -> None:
    """Measure a release again.

    Measures release VERSION on the test set, or on all customers of a file. Exit status 1: on the
    test set, the figures differ from those of the release's card.
    """
    with one_line_mistakes(), progress("reading customers") as report:
        import numpy as np

        from model.training.evaluation import metric
        from model.training.quality_measures import measures
        from model.training.release_writer import score
        from model.training.training_data import split

        folder = _release(output, version)
        contract, customers = read_labelled(folder / "features.yaml", data, target)
        rows = np.arange(len(customers.churned)) if data else split(customers.churned).test
        scorecard = load_scorecard(folder / "scorecard.json")
        report(f"scoring {len(rows)} customers")
        part = score(contract, scorecard, customers, rows)
        report("drawing intervals")
        found = [metric(name, m, [part]) for name, m in measures(scorecard.policies).items()]
        stated = _stated(folder)
    print_metrics(found)
    other = [m["metric"] for m in found if in_words(m) != stated.get(m["metric"])]
    if other and not data:
        click.echo(f"{version}: the card states other figures: {', '.join(other)}", err=True)
        sys.exit(1)


@model.command(epilog="Example: churn model release --output releases")
@_data
@_features
@_target
@click.option("--card", type=_FILE, default=CARD, help="Prose of the model card.")
@_output
def release(data: Path | None, features: Path, target: str, card: Path, output: Path) -> None:
    """Train a model and write its release.

    Measures it on the test set and writes the release that card.yaml names. Exit status 1: a metric
    is worse than its threshold; nothing is written.
    """
    with one_line_mistakes(), progress("reading customers") as report:
        from model.training.card_writer import load_prose
        from model.training.release_writer import make_candidate, make_release, sample, write
        from model.training.training_data import split

        contract, customers = read_labelled(features, data, target)
        prose = load_prose(card, contract)
        parts = split(customers.churned)
        candidate = make_candidate(contract, customers, parts, prose["version"], report)
        report("measuring on the test set")
        files, evaluation = make_release(contract, customers, prose, candidate)
        write(output / prose["version"], files)
        if output == RELEASES:
            SAMPLE.write_bytes(sample(contract, customers))
    print_metrics(evaluation["metrics"])
    words = {m["metric"]: in_words(m) for m in evaluation["metrics"]}
    click.echo(
        f"release {prose['version']}: "
        f"cross-validated ROC AUC {words['roc_auc_cross_validated']}, "
        f"test ROC AUC {words['roc_auc']}"
    )


@model.command(epilog="Example: churn model features customers.csv > features.yaml")
@click.argument("file", type=_FILE)
@_target
def features(file: Path, target: str) -> None:
    """Draft a feature contract from a CSV file.

    Correct the draft before you train with it. Its head says which columns were left out, and why.
    """
    with one_line_mistakes():
        from model.training.contract_draft import draft

        with file.open("rb") as content:
            columns, how = read_columns(content, file.name)
        click.echo(how, err=True)
        drafted = draft(file.name, columns, target)
    click.echo(drafted, nl=False)


def _release(releases: Path, version: str) -> Path:
    folder = releases / version
    if folder.parent != releases or not (folder / "card.yaml").is_file():
        raise ValueError(f"there is no release {version}; churn model list names them")
    for name in ("scorecard.json", "features.yaml"):
        if not (folder / name).is_file():
            raise ValueError(f"release {version} has no {name}")
    return folder


def _stated(folder: Path) -> dict[str, str]:
    """Return the metrics that the card states, as text by name."""
    try:
        card = yaml.safe_load((folder / "card.yaml").read_bytes())["model_card"]
        return {m["metric"]: in_words(m) for m in card["metrics"]["model_performance"]}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(f"{folder.name}/card.yaml is not a model card") from None
