"""`churn model` with all its commands."""

from __future__ import annotations

from app.cli.model_approve import approve
from app.cli.model_commands import model
from app.cli.model_diff import diff
from app.cli.model_experiment import experiment
from app.cli.model_export import export
from app.cli.model_init import init
from app.cli.model_verify import verify
from app.cli.promote import promote, rollback, withdraw
from app.releases.commands import list_releases

__all__ = ["model"]

for command in (
    approve,
    diff,
    experiment,
    export,
    init,
    list_releases,
    promote,
    rollback,
    verify,
    withdraw,
):
    model.add_command(command)
