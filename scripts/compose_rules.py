"""Rules for compose.yaml: settings and files that exist, no rights, limits, no known password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.manifest_kinds import Manifest

RIGHTS: dict[str, object] = {
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "read_only": True,
}
"""What each service must have. None needs a right back: each image's own user owns its volume."""

LIMITS = ("mem_limit", "pids_limit", "logging")
"""What a service could use up for the others: memory, processes, and the disk by its log."""

PASSWORDS = {
    "postgres": ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"),
    "grafana/grafana": ("GF_SECURITY_ADMIN_PASSWORD", "GF_SECURITY_ADMIN_PASSWORD__FILE"),
}
"""The variables of images that would otherwise start with a password that everyone knows, or with
none."""


def compose_findings(made: Manifest, variables: set[str], root: Path) -> Iterator[str]:
    """List faults of compose.yaml.

    Args:
        made: what it says.
        variables: the settings that the code reads.
        root: the folder that its paths are relative to.
    """
    for name, service in made["services"].items():
        place = f"compose.yaml: {name}"
        for variable in service.get("environment", {}) if "build" in service else ():
            if variable not in variables:
                yield f"{place}: {variable}: there is no such setting"
        yield from _mounts(place, service, made, root)
        for other in service.get("depends_on", {}):
            if other not in made["services"]:
                yield f"{place}: there is no service {other}"
        yield from _rights(place, service)
        yield from _passwords(place, service)


def _rights(place: str, service: Manifest) -> Iterator[str]:
    for key, value in RIGHTS.items():
        if service.get(key) != value:
            yield f"{place}: {key}: give it {value}"
    for key in ("cap_add", "privileged", "network_mode", "pid"):
        if key in service:
            yield f"{place}: {key}: take it away"
    for key in LIMITS:
        if key not in service:
            yield f"{place}: {key}: there is none"
    for port in service.get("ports", []):
        if not port.startswith("127.0.0.1:"):
            yield f"{place}: ports: let only this machine call {port}"


def _mounts(place: str, service: Manifest, made: Manifest, root: Path) -> Iterator[str]:
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        made_by_guide = source.startswith("./instance/")
        if source.startswith("./") and not made_by_guide and not (root / source).exists():
            yield f"{place}: {source} is not there"
        if source.startswith("./") and not volume.endswith(":ro"):
            yield f"{place}: {source}: mount it read-only"
        if not source.startswith(".") and source not in made["volumes"]:
            yield f"{place}: there is no volume {source}"
    for secret in service.get("secrets", []):
        if secret not in made["secrets"]:
            yield f"{place}: there is no secret {secret}"
    folders = [volume.split(":")[1] for volume in service.get("volumes", [])]
    keys = service.get("environment", {}).get("API_KEYS_FILE")
    if keys and keys.rpartition("/")[0] not in folders:
        yield f"{place}: API_KEYS_FILE: mount its folder, for it is replaced whole"


def _passwords(place: str, service: Manifest) -> Iterator[str]:
    """Check that each password is asked for, and none is written here."""
    image = service["image"].partition(":")[0]
    given: dict[str, Any] = service.get("environment", {})
    wanted = PASSWORDS.get(image, ())
    if wanted and not set(wanted) & given.keys():
        yield f"{place}: {wanted[0]}: without it, everyone knows the password"
    for variable, value in given.items():
        in_url = re.search(r"://[^:/@]*:([^@]*)@", str(value))
        secret = in_url[1] if in_url else value if variable.endswith("PASSWORD") else None
        if secret is not None and not re.match(r"\$\{[A-Z_]+:\?", secret):
            yield f"{place}: {variable}: refer to a variable that must be set"
        if variable.endswith("_FILE") and "PASSWORD" in variable:
            secrets = [f"/run/secrets/{name}" for name in service.get("secrets", [])]
            if value not in secrets:
                yield f"{place}: {variable}: {value} is no secret of this service"
