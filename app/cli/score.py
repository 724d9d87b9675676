"""`churn score`: scores the customers of a file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from flask.cli import with_appcontext

from app.customers.files.customer_reader import read
from app.customers.files.file_options import id_option, rejects_option, strict_option
from app.customers.files.header_matching import HeaderRules
from app.customers.files.output_file import is_stream, output_file
from app.customers.files.read_summary import most_rejected, summary
from app.customers.files.rejected_rows import file_errors, rejects_file, rejects_path
from app.customers.files.scored_file import Write, csv_writer
from app.http.json_encoding import dumps
from app.observability.progress import lines_of, progress
from app.predictions.scorer import DEFAULT_REASONS, PolicyError
from app.predictions.service import scorer
from app.releases import require_serving_release
from app.services import services
from app.writing.unfinished_folders import named_by
from model.scorecard import POLICIES

STEP = 1000
"""Rows between two progress reports."""

REASONS = click.IntRange(0, 100)


@click.command(epilog="Example: churn score customers.csv --output scored.csv")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the predictions: JSON lines if its name ends in .jsonl, else CSV; - for "
    "standard output.",
)
@click.option(
    "--policy", default="default", type=click.Choice(POLICIES), help="Its threshold decides."
)
@click.option("--reasons", default=DEFAULT_REASONS, type=REASONS, help="Most reasons to give.")
@id_option
@rejects_option
@strict_option
@with_appcontext
def score(
    *,
    file: BinaryIO,
    output: Path,
    policy: str,
    reasons: int,
    id_column: str,
    rejects: Path | None,
    strict: bool,
) -> None:
    """Score the customers of a file.

    FILE is CSV with any delimiter, JSON lines or a JSON array, in UTF-8 or UTF-16, also packed with
    gzip, or Parquet; - reads standard input. Bad rows go to FILE.rejects.csv with line and reason.
    OUTPUT appears when all customers are scored. Exit status 1: more than half of the rows were
    rejected.
    """
    bad, name = rejects_path(file, rejects), Path(file.name).name
    if output.resolve() in (Path(file.name).resolve(), bad.resolve()):
        raise click.UsageError(f"--output: {output} is the input file, or the file of rejects")
    one = scorer(require_serving_release())
    try:
        one.policy(policy)
    except PolicyError as error:
        raise click.UsageError(f"--policy: {error}") from None
    rules = HeaderRules(services().releases.contract, id_column)
    scored = 0
    with (
        progress(f"scoring {name}", lines_of(file)) as step,
        file_errors(str(output)),
        nullcontext(sys.stdout) if str(output) == "-" else output_file(output) as target,
        rejects_file(bad) as rejected,
        named_by(output),
    ):
        customers = read(file, name, rules)
        write = _json_lines(target) if output.suffix == ".jsonl" else csv_writer(target, reasons)
        for row in customers.rows:
            if row.features is None:
                rejected.write(row)
            else:
                write(row.id, one.score(row.features, policy, reasons))
                scored += 1
            if not (scored + rejected.count) % STEP:
                step(STEP)
        step((scored + rejected.count) % STEP)
        target.flush()  # before the rejects appear
    click.echo(customers.how(), err=True)
    for line in summary(scored, "scored", rejected):
        click.echo(line, err=str(output) == "-" or is_stream(output))
    if (strict and rejected.count) or most_rejected(scored, rejected):
        sys.exit(1)


def _json_lines(file: TextIO) -> Write:
    return lambda customer, found: file.write(dumps({"id": customer, **found}).decode() + "\n")
