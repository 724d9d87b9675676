"""Checks that a team answers for each exception from a fairness limit."""

from __future__ import annotations

from typing import Any

from app.config import Settings
from app.handbook.documents import teams
from app.handbook.rules import team_names


def check_owners(prose: dict[str, Any]) -> None:
    """Check the owners of the card's exceptions against `owners.yaml`, if there is one.

    Raises:
        ValueError: naming an owner that isn't a team.
    """
    names = [team.name for team in teams.read(Settings.from_environment().root)[0]]
    for exception in prose.get("fairness_exceptions", []):
        if names and (message := team_names.unknown(exception["owner"], names)):
            raise ValueError(f"fairness_exceptions: {message}")
