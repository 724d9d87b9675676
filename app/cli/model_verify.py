"""`churn model verify`: is every figure of a release true?"""
# ruff: noqa: PLC0415 - this command exists without the training libraries, too

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.labelled_customers import read_labelled
from app.cli.model_options import (
    chosen,
    data_option,
    from_option,
    output_option,
    priced,
    target_option,
)
from app.cli.model_output import one_line_mistakes
from app.cli.requested_release import requested_release
from app.cli.running_service import KEY, RunningService
from app.cli.training_folder import TrainingFolder
from app.observability.progress import progress
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release

if TYPE_CHECKING:
    from model.training.pair_selection import Progress

SERVICE, REBUILD = "service", "rebuild"
MOST_LINES = 20
"""Findings that are printed of each kind; the others are counted."""


@click.command(epilog="Example: churn model verify --url http://127.0.0.1:8000")
@click.argument("version", required=False)
@click.option("--url", default="http://127.0.0.1:8000", help="Address of the running service.")
@click.option(
    "--only", type=click.Choice([SERVICE, REBUILD]), show_default="both", help="One of the checks."
)
@from_option
@data_option
@target_option
@output_option
def verify(
    *,
    version: str | None,
    url: str,
    only: str | None,
    folder: Path | None,
    data: Path | None,
    target: str,
    output: Path,
) -> None:
    """Prove the figures of a release.

    VERSION is the release in service by default. `service` sends the test part's customers to the
    running service and recomputes every figure of the test part from its answers. `rebuild` trains
    again and compares every file byte for byte. The environment variable CHURN_API_KEY has the key.
    Exit status 1: something differs, and one line each says what.
    """
    if not url.startswith(("http://", "https://")):
        raise click.UsageError(
            f"--url: {url}: give an address that begins with http:// or https://"
        )
    with one_line_mistakes(), progress("reading customers") as report:
        source = chosen(folder, data, target)
        known = ReleaseRegistry(source.releases if folder else output)
        if version in known.refused:
            findings = [f"{version}: {known.refused[version].reason}"]
            said = ["nothing was verified"]
        else:
            release = requested_release(known, version)
            version = release.version
            findings, said = _checked(release, source, url, only, report)
    for line in findings[:MOST_LINES]:
        click.echo(line, err=True)
    if more := len(findings[MOST_LINES:]):
        click.echo(f"and {more} more", err=True)
    click.echo(f"release {version}: {'; '.join(said)}; findings: {len(findings)}")
    sys.exit(1 if findings else 0)


def _checked(
    release: Release,
    source: TrainingFolder,
    url: str,
    only: str | None,
    report: Progress,
) -> tuple[list[str], list[str]]:
    """Return what differs, and what was verified."""
    from app.cli.rebuild_check import compare, rebuilt
    from app.cli.service_check import check_service
    from model.training.card_writer import load_prose

    findings: list[str] = []
    said = []
    if only != REBUILD:
        _, customers = read_labelled(release.path / "features.yaml", source.data, source.target)
        report(f"asking {url}")
        service = RunningService(url, os.environ.get(KEY, ""))
        found, figures = check_service(service, release, customers)
        findings += found
        said.append(f"{figures} figures recomputed through {url}")
    if only != SERVICE:
        contract, customers = read_labelled(source.features, source.data, source.target)
        prose = load_prose(source.card, contract)
        if prose["version"] != release.version:
            said.append(f"can't be rebuilt, for {source.card} describes {prose['version']}")
        else:
            files = rebuilt(contract, customers, prose, priced(source, None), report)
            findings += compare(release.path, files)
            said.append(f"{len(files)} files rebuilt")
    return findings, said
