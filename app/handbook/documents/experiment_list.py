"""The experiments beside a library's documents, read once."""

from __future__ import annotations

from app.handbook.documents import experiment_file
from app.handbook.documents.experiment_file import Experiment
from app.handbook.documents.library import Library


def experiments(library: Library) -> list[Experiment]:
    """Return the experiments by number."""
    return library.derive("experiments", lambda: experiment_file.experiments(library.root))


def find(library: Library, slug: str) -> Experiment | None:
    """Return the experiment at `/experiments/<slug>`, or None."""
    return next((found for found in experiments(library) if found.slug == slug), None)


def behind(library: Library, path: str) -> list[Experiment]:
    """Return the experiments that a document was decided by."""
    return [found for found in experiments(library) if path in found.decided_in]
