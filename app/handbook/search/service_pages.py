"""The service's pages that are not documents, with the words that people look for them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.handbook.search.search_results import SearchEntry
from app.http import known_paths


@dataclass(frozen=True)
class ServicePage:
    """A page, what it shows, and other names for it."""

    path: str
    title: str
    shows: str
    names: str = ""


_PAGES = (
    ServicePage(
        "/customers",
        "Customers at risk",
        "Who is most likely to leave, by risk, with the strongest reasons. Find one by id.",
        "who will leave, which customers are about to leave, churners, leavers, call list",
    ),
    ServicePage(
        "/predict",
        "Predict for one customer",
        "Fill in what you know of a customer. The answer has the risk and its reasons.",
        "score a customer, prediction, what-if, form",
    ),
    ServicePage(
        "/upload",
        "Upload a file of customers",
        "Score a file of up to 5,000 customers. Nothing is stored.",
        "csv, excel, spreadsheet, batch, score a file",
    ),
    ServicePage(
        "/sign-in",
        "Sign in",
        "Use the pages with a key.",
        "login, log in, key, password, sign out, logout",
    ),
    ServicePage(
        "/docs",
        "API reference",
        "Every operation, to try out.",
        "swagger, openapi, try it out, endpoints",
    ),
    ServicePage("/redoc", "API reference to read", "Every operation on one page.", "redoc"),
    ServicePage(
        "/model-card",
        "Model card",
        "The uses and limits of the model, its quality by group, and every term.",
        "model, fairness, threshold, calibration, roc, metrics of the model",
    ),
    ServicePage(
        "/experiments",
        "Experiments",
        "What was varied in training, and which variant won.",
        "experiment, trials, hyperparameters, comparison of models",
    ),
    ServicePage("/runbooks", "Runbooks", "What to do when an alert fires.", "alerts"),
    ServicePage("/adrs", "Decisions", "Each decision with its reasons.", "adr, adrs"),
    ServicePage("/guides", "Guides", "How to work with the service and on it.", "how to"),
    ServicePage("/incidents", "Incidents", "What happened before.", "postmortems"),
    ServicePage(
        "/handbook",
        "Reviews and teams",
        "When each document is due for review, and who owns it.",
        "review calendar, owners, overdue, teams",
    ),
    ServicePage("/problems", "Errors explained", "Each error that the API answers.", "errors"),
)


def served() -> list[ServicePage]:
    """Return the pages that this application has."""
    return [page for page in _PAGES if known_paths.shows(page.path)]


def entries() -> Iterator[SearchEntry]:
    """Yield a search entry for each page."""
    for page in served():
        yield SearchEntry("page", page.title, page.path, names=page.names, body=page.shows)
