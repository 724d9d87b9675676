"""`churn model export`: a release as one SQL query."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from app.cli.model_output import one_line_mistakes
from app.cli.requested_release import requested_release
from app.config import Settings
from app.customers.files.output_file import output_file
from app.releases.registry import ReleaseRegistry
from model.sql.dialect import DIALECTS
from model.sql.query_head import query_head
from model.sql.scorecard_query import scorecard_query

STANDARD_OUTPUT = Path("-")


@click.command(epilog="Example: churn model export --to sql --dialect postgresql")
@click.argument("version", required=False)
@click.option("--to", type=click.Choice(["sql"]), required=True, help="What to write.")
@click.option("--dialect", type=click.Choice([*DIALECTS]), required=True, help="The database.")
@click.option(
    "--table",
    default="customers",
    help="The customers' table: TABLE or SCHEMA.TABLE; names with a point in double quotes.",
)
@click.option("--id-column", default="customer_id", help="Its column that names a customer.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=STANDARD_OUTPUT,
    show_default="standard output",
    help="File for the query.",
)
def export(
    *, version: str | None, to: str, dialect: str, table: str, id_column: str, output: Path
) -> None:
    """Write a release as one SQL query.

    VERSION is the release in service by default. The table has a column for each feature, named
    as the contract names it. Each row gets what POST /predict would answer; rows that break the
    contract name their faults.
    """
    del to  # there is one form
    with one_line_mistakes():
        known = ReleaseRegistry(Settings.from_environment().model_dir)
        release = requested_release(known, version)
        parts = release.scorecard, release.contract, DIALECTS[dialect]
        query = scorecard_query(*parts, table, id_column)
        text = f"{query_head(*parts, release.digests['scorecard.json'])}\n{query}\n"
        standard = nullcontext(sys.stdout)
        with output_file(output) if output != STANDARD_OUTPUT else standard as file:
            file.write(text)
