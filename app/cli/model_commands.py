"""`churn model`: train, evaluate, release."""
# ruff: noqa: PLC0415 - these commands exist without the training libraries, too

from __future__ import annotations

import datetime
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from app.cli.exception_owners import check_owners
from app.cli.labelled_customers import read_labelled
from app.cli.model_options import (
    FILE,
    FOLDER,
    chosen,
    data_option,
    economics_option,
    features_option,
    from_option,
    output_option,
    priced,
    target_option,
)
from app.cli.model_output import (
    in_words,
    one_line_mistakes,
    print_metrics,
    print_partial,
    print_unmet,
    stated_metrics,
)
from app.cli.training_folder import OURS
from app.handbook.rules import model_card_rules
from app.observability.progress import progress
from app.releases.approval import replace_release
from app.writing.atomic_files import atomic_write, save
from app.writing.unfinished_folders import folder_made
from model.economics import economics_in
from model.scorecard_file import load_scorecard


@click.group(epilog="Example: churn model list")
def model() -> None:
    """Train, evaluate and release the model."""


@model.command(epilog="Example: churn model train --data customers.csv --target churn")
@from_option
@data_option
@features_option
@target_option
@click.option("--output", type=FOLDER, help="Folder for scorecard.json.")
def train(
    folder: Path | None, data: Path | None, features: Path, target: str, output: Path | None
) -> None:
    """Train a scorecard.

    Uses 70% of the customers; the test set stays unused.
    """
    with one_line_mistakes(), progress("reading customers") as report:
        from model.training.quality_measures import roc_auc
        from model.training.release_writer import make_candidate
        from model.training.training_data import split

        source = chosen(folder, data, target)
        features = source.features if folder else features
        contract, customers = read_labelled(features, source.data, source.target)
        parts = split(customers.churned)
        candidate = make_candidate(contract, customers, parts, "candidate", report)
        if output:
            with folder_made(output), atomic_write(output / "scorecard.json") as file:
                file.write(candidate.text)
    choice = candidate.trained.choice
    print_unmet(candidate.goals)
    click.echo(
        f"cross-validated ROC AUC {choice.figures.roc_auc:.4f}, "
        f"log loss {choice.figures.log_losses.mean():.4f}; "
        f"validation ROC AUC {roc_auc(*candidate.validation):.4f}; "
        f"{len(contract.names)} features, {choice.pairs} pairs"
    )


@model.command(epilog="Example: churn model evaluate 1.0.0")
@click.argument("version")
@from_option
@data_option
@target_option
@output_option
def evaluate(
    version: str, folder: Path | None, data: Path | None, target: str, output: Path
) -> None:
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

        source = chosen(folder, data, target)
        release = _release(source.releases if folder else output, version)
        contract, customers = read_labelled(release / "features.yaml", source.data, source.target)
        rows = np.arange(len(customers.churned)) if data else split(customers.churned).test
        scorecard = load_scorecard(release / "scorecard.json")
        report(f"scoring {len(rows)} customers")
        part = score(contract, scorecard, customers, rows)
        report("drawing intervals")
        named = measures(scorecard.policies, economics_in(release))
        found = [metric(name, m, [part]) for name, m in named.items()]
        stated = stated_metrics(release)
    print_metrics(found)
    other = [m["metric"] for m in found if in_words(m) != stated.get(m["metric"])]
    if other and not data:
        click.echo(f"{version}: the card states other figures: {', '.join(other)}", err=True)
        sys.exit(1)


@model.command(epilog="Example: churn model release --output releases")
@from_option
@data_option
@features_option
@target_option
@click.option("--card", type=FILE, default=OURS.card, help="Prose of the model card.")
@economics_option
@output_option
def release(
    *,
    folder: Path | None,
    data: Path | None,
    features: Path,
    target: str,
    card: Path,
    economics: Path | None,
    output: Path,
) -> None:
    """Train and write a release.

    With --from it is written to the folder's own releases: MODEL_DIR=FOLDER/releases serves it.
    Measures it on the test set and writes the release that card.yaml names. Exit status 1: a metric
    is worse than its threshold; nothing is written.
    """
    with one_line_mistakes(), progress("reading customers") as report:
        from model.training.card_writer import load_prose
        from model.training.release_writer import make_candidate, make_release, sample
        from model.training.training_data import split

        source = chosen(folder, data, target)
        if folder:
            features, card, output = source.features, source.card, source.releases
        contract, customers = read_labelled(features, source.data, source.target)
        prose = load_prose(card, contract)
        check_owners(prose)
        parts = split(customers.churned)
        costs = priced(source, economics)
        candidate = make_candidate(
            contract, customers, parts, prose["version"], report, economics=costs
        )
        report("measuring on the test set")
        today = datetime.datetime.now(datetime.UTC).date()
        files, evaluation = make_release(contract, customers, prose, candidate, report, today=today)
        with ExitStack() as opened:
            if output == source.releases:
                file = opened.enter_context(atomic_write(source.sample))
                file.write(sample(contract, customers))
                save(file)  # before the release appears, of which it is a part
            replace_release(output / prose["version"], files)
    for gap in model_card_rules.gaps(card):
        click.echo(f"{card}:{gap.line}: {gap.message}", err=True)
    print_unmet(candidate.goals)
    print_metrics(evaluation["metrics"])
    print_partial(evaluation["partial"])
    words = {m["metric"]: in_words(m) for m in evaluation["metrics"]}
    click.echo(
        f"release {prose['version']}: cross-validated ROC AUC {words['roc_auc_cross_validated']}, "
        f"test ROC AUC {words['roc_auc']}"
    )


def _release(releases: Path, version: str) -> Path:
    folder = releases / version
    if folder.parent != releases or not (folder / "card.yaml").is_file():
        raise ValueError(f"there is no release {version}; churn model list names them")
    for name in ("scorecard.json", "features.yaml"):
        if not (folder / name).is_file():
            raise ValueError(f"release {version} has no {name}")
    return folder
