"""The licences of the packages that the server runs on, and which ones we accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from importlib.metadata import metadata

from license_expression import AND, OR, ExpressionError, get_spdx_licensing

ALLOWED = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "LGPL-3.0-only", "MIT", "MPL-2.0"}
ALLOWED |= {"PSF-2.0"}
"""SPDX names. LGPL and MPL ask nothing of who uses a package unchanged, as we do."""

OLDER = {
    "Apache 2": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",  # so do the files LICENSE of the packages that say only this
    "MIT License": "MIT",
}
"""What metadata from before PEP 639 says, and its SPDX name."""

_SPDX = get_spdx_licensing()


def licence_of(told: Message) -> str:
    """Read a package's licence from its metadata, as SPDX where we know how; else as told."""
    expression = told.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        entry.rpartition(" :: ")[2]
        for entry in told.get_all("Classifier") or []
        if entry.startswith("License ::")
    ]
    older = told.get("License") or " AND ".join(classified) or "none"
    return OLDER.get(older, older)


def licences(packages: list[str]) -> dict[str, str]:
    """Read the licences of installed packages, by name."""
    return {name: licence_of(metadata(name)) for name in packages}


def findings(found: Mapping[str, str]) -> Iterator[str]:
    """List the packages whose licence we do not accept, or can not read."""
    for name, licence in found.items():
        try:
            accepted = _accepted(_SPDX.parse(licence, validate=True, strict=True))
        except ExpressionError as error:
            yield f"{name}: {licence.splitlines()[0]}: {error}"
            continue
        if not accepted:
            yield f"{name}: {licence} is not among the accepted licences"


def _accepted(expression: object) -> bool:
    """Of alternatives one suffices, of parts all are needed."""
    if isinstance(expression, OR):
        return any(map(_accepted, expression.args))
    if isinstance(expression, AND):
        return all(map(_accepted, expression.args))
    return str(expression) in ALLOWED


def table(found: Mapping[str, str]) -> str:
    """Write the licences for people."""
    rows = "".join(f"| {name} | {licence} |\n" for name, licence in sorted(found.items()))
    return (
        "# Licences of what the server runs on\n\n"
        "`make sbom` writes this list from the locks and the installed packages; `make check` "
        "accepts only\nlicences that [scripts/licences.py](../scripts/licences.py) names.\n\n"
        f"| package | licence |\n|---|---|\n{rows}"
    )
