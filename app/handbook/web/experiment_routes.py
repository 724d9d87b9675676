"""The pages of experiments: what was varied in training, and what came out."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook.card import experiment_figures, number_format
from app.handbook.card.card_tables import words
from app.handbook.documents import experiment_list
from app.handbook.documents.experiment_file import Experiment
from app.handbook.documents.library import Library
from app.handbook.web.etag import conditional
from app.http.page_shell import printed
from app.services import services

blp = Blueprint("experiments", __name__)
blp.after_request(conditional)


@blp.get("/experiments")
@scope("handbook")
def experiments() -> str:
    """List the experiments with their winners, the newest first."""
    library = services().library()
    return library.derive(
        "experiments' page",
        lambda: render_template(
            "experiments.html",
            experiments=experiment_list.experiments(library)[::-1],
            gain=experiment_figures.gain,
        ),
        printed(),
    )


@blp.get("/experiments/<slug>")
@scope("handbook")
def experiment(slug: str) -> str:
    """Show an experiment."""
    library, found = _found(slug)
    return library.derive(("experiment", slug), lambda: _page(library, found), printed())


@blp.get("/experiments/<slug>.md")
@scope("handbook")
def markdown(slug: str) -> Response:
    """Return an experiment as markdown."""
    return Response(experiment_figures.markdown(_found(slug)[1]), mimetype="text/markdown")


def _found(slug: str) -> tuple[Library, Experiment]:
    library = services().library()
    found = experiment_list.find(library, slug)
    if found is None:
        raise NotFound
    return library, found


def _page(library: Library, found: Experiment) -> str:
    return render_template(
        "experiment.html",
        experiment=found,
        others=experiment_list.experiments(library),
        winner=found.by_name[found.simplest_not_beaten],
        gain=experiment_figures.gain(found),
        decisions=[(path, library.by_path.get(path)) for path in found.decided_in],
        plots=experiment_figures.plots(found),
        variants=experiment_figures.variants(found),
        words=words,
        number=number_format.number,
    )
