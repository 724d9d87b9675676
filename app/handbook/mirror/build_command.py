"""`churn handbook build`: writes the handbook as static pages."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.config import web_address
from app.handbook.documents import located_yaml
from app.handbook.mirror import static_site
from app.handbook.mirror.stamp import FILE, stamp
from app.services import services
from app.writing.atomic_files import replace_folder

ADDRESSES = Path("deploy", "addresses.yaml")
"""Where people reach the service and Grafana."""


@click.command("build", epilog="Example: churn handbook build /srv/handbook")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-incidents", is_flag=True, help="Write the incidents too.")
@click.option(
    "--address",
    metavar="URL",
    help="Where people reach the living service.  [default: service in deploy/addresses.yaml]",
)
@with_appcontext
def build(folder: Path, with_incidents: bool, address: str | None) -> None:
    """Write the handbook as static pages.

    They work from a folder and from any web server, without the service. DIR is a new or empty
    folder, or a mirror, which is replaced.
    """
    place = Path(os.path.realpath(folder))  # a link to it stays
    if place.is_dir() and any(place.iterdir()) and not (place / FILE).is_file():
        raise click.UsageError(
            f"{folder} has files that are no mirror: give a new or empty folder, or a mirror"
        )
    root = services().library().root
    known = _addresses(root)
    service = web_address("--address", address or known.get("service", ""))
    if not service:
        raise click.UsageError(f"give --address URL: {ADDRESSES} names no service")
    current_app.config["GRAFANA_URL"] = current_app.config["GRAFANA_URL"] or known.get("grafana")
    made = stamp(root, service, datetime.datetime.now(datetime.UTC))
    files = static_site.files(made, incidents=with_incidents)
    replace_folder(place, files)
    click.echo(f"{folder}: {len(files)} files, open {folder / 'index.html'}", err=True)


def _addresses(root: Path) -> dict[str, str]:
    """Return the addresses of the service and Grafana, as the alerts' links have them."""
    file = root / ADDRESSES
    if not file.is_file():
        return {}
    node, _ = located_yaml.read(file)
    return located_yaml.texts(node)
