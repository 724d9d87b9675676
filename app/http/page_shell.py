"""The shell of every page: base template, styles, scripts, icon."""

from __future__ import annotations

import datetime
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint
from markupsafe import Markup

from app.config import ROOT
from app.http.url_prefix import address
from app.services import services

if TYPE_CHECKING:
    from app.handbook.mirror.stamp import Stamp

blp = Blueprint(
    "page_shell",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
blp.add_app_template_filter(address)


@blp.app_template_global()
def mirror() -> Stamp | None:
    """Return what pages say of themselves in the handbook's mirror; None in the service."""
    return services().mirror


@dataclass(frozen=True)
class Printed:
    """What a printed page says about itself."""

    version: str
    commit: str
    """Abbreviated; empty if the documents are in no git repository."""
    day: datetime.date


@blp.app_template_global()
def printed() -> Printed:
    """Return what tells a printed page from a later one."""
    commit = commit_of(ROOT)
    return Printed(_version("churn"), commit, datetime.datetime.now(datetime.UTC).date())


_version = cache(version)
"""Reads a package's metadata once; each page of the service says its version."""


@cache
def commit_of(root: Path) -> str:
    """Return the commit of the files in a folder at the first call."""
    command = ["git", "describe", "--always", "--dirty= with changes", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError:  # an image has no git
        return ""
    return done.stdout.strip()


@blp.app_template_filter("code")
def code(text: str) -> Markup:
    """Write the `words` between backticks in a sentence as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)
    )
