"""Runs commands of `churn model` in this process, on a folder of releases."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from app.releases.registry import ReleaseRegistry
from app.services import services_of


def run(command: click.Command, model_dir: Path, *args: str) -> Result:
    """Run a command that needs no more of the application than its releases."""
    app = Flask(__name__)
    services_of(app).releases = ReleaseRegistry(model_dir)
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(command, args, obj=info, catch_exceptions=False)
