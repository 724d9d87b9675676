"""`churn score`: scores the customers of files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.bulk.parts.job import Job, job_of
from app.bulk.parts.part import arrays_installed, name_of, score_part
from app.bulk.storage.remote_files import is_url
from app.bulk.storage.result_files import is_stream
from app.bulk.storage.sources import REJECTS, STREAM, is_one_file, local_address
from app.cli.engine_options import engine_option, run_by, scheduler_option
from app.cli.score_folder import score_folder
from app.cli.score_totals import Totals
from app.customers.files.file_format import BULK
from app.customers.files.file_options import id_option, strict_option
from app.customers.files.rejected_rows import file_errors
from app.customers.files.scored_file import score_columns
from app.observability.progress import progress
from app.predictions.scorer import DEFAULT_REASONS, PolicyError
from app.releases import require_serving_release
from app.releases.release_loader import ReleaseError
from app.writing.unfinished_folders import named_by
from model.scorecard import POLICIES

KINDS = ("csv", "parquet", "jsonl")
REASONS = click.IntRange(0, 100)

SLOW = f"scored customer by customer; many times as fast with arrays: {BULK}"


@click.command(epilog="Example: churn score customers.csv --output scored.csv")
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option(
    "--output",
    required=True,
    metavar="OUT",
    help="File for the predictions, or - for standard output; of several files, a folder.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(KINDS),
    help="Of the result.  [default: by the name of OUT; in a folder, the input's own]",
)
@click.option(
    "--policy", default="default", type=click.Choice(POLICIES), help="Its threshold decides."
)
@click.option("--reasons", default=DEFAULT_REASONS, type=REASONS, help="Most reasons to give.")
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="Column that the result has, too; repeatable."
)
@id_option
@click.option("--rejects", metavar="FILE", help="File for bad rows, of one file.")
@click.option("--afresh", is_flag=True, help="Score a folder again, though parts are finished.")
@strict_option
@engine_option
@scheduler_option
@with_appcontext
def score(
    *,
    inputs: tuple[str, ...],
    output: str,
    kind: str | None,
    policy: str,
    reasons: int,
    keep: tuple[str, ...],
    id_column: str,
    rejects: str | None,
    afresh: bool,
    strict: bool,
    engine: str,
    scheduler: str,
) -> None:
    """Score the customers of files.

    IN is a file, a folder, a pattern in quotes, or a URL that fsspec opens: CSV with any delimiter,
    JSON lines or a JSON array, in UTF-8 or UTF-16, also packed with gzip, or Parquet; - reads
    standard input. Bad rows go to FILE.rejects.csv with line and reason.

    OUT appears when all customers are scored. Its name says how it is written: .parquet, .jsonl
    (whole answers), else CSV. Of a folder, a pattern or several files it is a folder with a result
    for each file. Run the command again after an interruption: what is finished stays, unless the
    release, an option or a file has changed, which is refused.

    Exit status 1: more than half of the rows were rejected.
    """
    inputs, output = tuple(map(local_address, inputs)), local_address(output)
    with file_errors(output):
        many = len(inputs) > 1 or _is_folder(output) or not is_one_file(inputs[0])
        run = run_by(engine, scheduler, output, many=many)
        kind = kind or _kind(output, many=many)
        job = _job(policy, reasons, keep, id_column, kind or "csv")
        if many and rejects:
            raise click.UsageError(
                "--rejects: a folder has files of bad rows in its sub-folder _rejects"
            )
        if many:
            total = score_folder(job, inputs, output, kind, run, afresh=afresh)
        else:
            total = _score_file(job, inputs[0], output, rejects)
        if kind != "jsonl" and not arrays_installed():
            click.echo(SLOW, err=True)
    total.tell(err=not many and is_stream(output))
    if (strict and total.count) or total.most_rejected:
        sys.exit(1)


def _is_folder(output: str) -> bool:
    return output.endswith("/") or (not is_url(output) and Path(output).is_dir())


def _kind(output: str, *, many: bool) -> str:
    if many:
        return ""
    return next((kind for kind in KINDS if output.endswith(f".{kind}")), "csv")


def _job(policy: str, reasons: int, keep: tuple[str, ...], id_column: str, kind: str) -> Job:
    columns = score_columns(reasons)
    if twice := [name for name in keep if name in columns or keep.count(name) > 1]:
        raise click.UsageError(f"--keep: the result would have two columns {twice[0]}")
    try:
        return job_of(
            require_serving_release(),
            policy,
            reasons,
            keep=keep,
            id_column=id_column,
            kind=kind,
        )
    except PolicyError as error:
        raise click.UsageError(f"--policy: {error}") from None
    except ReleaseError as error:
        raise click.ClickException(str(error)) from None


def _score_file(job: Job, source: str, output: str, rejects: str | None) -> Totals:
    name = name_of(source)
    if rejects is None:
        rejects = ("stdin" if source == STREAM else output if is_url(source) else source) + REJECTS
    if _same(source, rejects):
        raise click.UsageError(f"--rejects: {rejects} is the input file")
    if _same(output, source) or _same(output, rejects):
        raise click.UsageError(f"--output: {output} is the input file, or the file of rejects")
    share = 0.0

    def report(rows: int, read: float | None) -> None:
        nonlocal share
        share = read or 0.0
        step(rows)

    total = Totals(rejects)
    with progress(f"scoring {name}", 1.0, lambda: share) as step, named_by(Path(output)):
        found = score_part(job, source, output, rejects, report)
    total.add(found)
    total.tell_of(name, found)
    return total


def _same(one: str, other: str) -> bool:
    if is_url(one) or is_url(other):
        return one == other
    # Path.resolve fails for links in a circle.
    return STREAM not in (one, other) and os.path.realpath(one) == os.path.realpath(other)
