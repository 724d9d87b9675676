"""The pages that explain each type of problem."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from werkzeug.exceptions import NotFound

from app.access import any_key
from app.http.contract_examples import request_with_features_of
from app.http.problems import PROBLEM_TYPES
from app.services import services

pages = Blueprint("problems", __name__)


@pages.get("/problems")
@any_key
def index() -> str:
    """List every type of problem."""
    return render_template("problems.html", problems=list(PROBLEM_TYPES.values()))


@pages.get("/problems/<slug>")
@any_key
def page(slug: str) -> str:
    """Explain one type of problem."""
    if slug not in PROBLEM_TYPES:
        raise NotFound
    problem = PROBLEM_TYPES[slug]
    example = request_with_features_of(services().releases.contract, problem.example)
    return render_template("problem.html", problem=problem, example=example)


def init_app(app: Flask) -> None:
    """Register the pages that explain problems."""
    app.register_blueprint(pages)
