"""`churn model diff`: compares two releases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import click
from flask.cli import with_appcontext

from app.cli.diff_words import diff_lines, flip_lines
from app.cli.labelled_customers import read_labelled
from app.cli.model_options import FILE, from_option
from app.cli.model_output import one_line_mistakes
from app.cli.release_diff import flips_found, is_same, release_diff
from app.cli.requested_release import requested_release
from app.cli.training_folder import OURS, TrainingFolder, read_folder
from app.customers.files.customer_reader import read
from app.customers.files.file_options import id_option
from app.customers.files.header_matching import HeaderRules
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from app.services import services
from model.decision_flips import Flips
from model.features import Contract, Value

Customer: TypeAlias = tuple[str, dict[str, Value] | None, str]
"""Id, features, and for a row without them what is wrong with it."""


@click.command(epilog="Example: churn model diff 1.0.0 1.1.0 --data customers.csv")
@click.argument("before")
@click.argument("after")
@from_option
@click.option("--data", type=FILE, show_default="test part", help="Customers; no outcome needed.")
@id_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="One screen of text, or JSON with every figure.",
)
@with_appcontext
def diff(
    *, before: str, after: str, folder: Path | None, data: Path | None, id_column: str, form: str
) -> None:
    """Compare two releases.

    Says what terms, thresholds, metrics and economics changed from release BEFORE to AFTER, largest
    first, and which customers are decided otherwise: those of the data set's test part, or of a
    file.
    """
    if folder and data:
        raise click.UsageError("--data: the folder of --from has its own: leave it out")
    with one_line_mistakes():
        source = read_folder(folder) if folder else OURS
        known = ReleaseRegistry(source.releases) if folder else services().releases
        one, other = requested_release(known, before), requested_release(known, after)
        found = release_diff(one, other)
        same = is_same(found)
        customers, reason = None, ""
        if not same and data:
            customers = _of_file(data, id_column, one, other)
        elif not same:
            customers, reason = _of_test_part(source, one, other, given=folder is not None)
        if form == "json":
            click.echo(json.dumps({**found, "same": same, "customers": customers}, indent=2))
            return
        if same:
            click.echo(
                f"{before} and {after} differ in nothing" + " but the version" * (one != other)
            )
            return
        for line in diff_lines(found, other.contract):
            click.echo(line)
        if customers is None:
            click.echo(f"customers: not compared: {reason}; give --data FILE")
            return
        for line in flip_lines(customers, before, after):
            click.echo(line)


def _of_file(path: Path, id_column: str, one: Release, other: Release) -> dict[str, Any]:
    """Score the customers of a file with both.

    Raises:
        FileError: it cannot be read.
    """
    with path.open("rb") as file:
        customers = read(file, path.name, HeaderRules(_of_both(one, other), id_column))
        rows = (
            (r.id, r.features, f"{path.name}:{r.line}: {r.reason}" if r.faults else "")
            for r in customers.rows
        )
        return _flips(rows, one, other)


def _of_test_part(
    source: TrainingFolder, one: Release, other: Release, *, given: bool
) -> tuple[dict[str, Any] | None, str]:
    """Score the test part with both; without it say why, unless `given` asks for it.

    Raises:
        ModuleNotFoundError, ValueError: it was given, and cannot be read.
    """
    try:
        from model.training.release_writer import customer_ids  # noqa: PLC0415 - an extra
        from model.training.training_data import record, split  # noqa: PLC0415 - an extra

        features = other.path / "features.yaml"
        contract, customers = read_labelled(features, source.data, source.target)
    except ModuleNotFoundError as error:
        if given:
            raise
        return None, f"{error.name} is not installed"
    except ValueError as error:
        if given:
            raise
        return None, " ".join(str(error).split())
    name = customer_ids(customers)
    rows = map(int, split(customers.churned).test)
    found = ((name(row), record(contract, customers.features, row), "") for row in rows)
    return _flips(found, one, other), ""


def _flips(customers: Iterator[Customer], one: Release, other: Release) -> dict[str, Any]:
    flips, left_out, first = Flips(one.scorecard, other.scorecard), 0, None
    for name, features, fault in customers:
        known = [_known(features, release.contract) for release in (one, other)]
        if known[0] is not None and known[1] is not None:
            flips.add(name, known[0], known[1])
        else:
            left_out += 1
            first = first or fault or f"{name} breaks one of the two contracts"
    return flips_found(flips, left_out, first)


def _known(features: dict[str, Value] | None, contract: Contract) -> dict[str, Value] | None:
    """Return the features that a contract has, or None if they break it."""
    found = {name: v for name, v in (features or {}).items() if name in contract.by_name}
    return found if features is not None and contract.accepts(found) else None


def _of_both(one: Release, other: Release) -> Contract:
    """Return a contract with the features of both releases, for the columns of a file."""
    contract = other.contract
    removed = [f for f in one.contract.features if f.name not in contract.by_name]
    return Contract(
        (*contract.features, *removed),
        missing=contract.missing,
        ignored=tuple(n for n in contract.ignored if n not in one.contract.by_name),
    )
